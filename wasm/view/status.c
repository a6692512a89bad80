#include "status.h"

#include "error.h"
#include "ice_config.h"
#include "room.h"
#include "signaling.h"
#include "transcript.h"

#define TEXT_BYTES_MAX 65536 /* with what the server said */
#define ROOM_NAME_CHARACTERS 4

void status_init(struct status *status) {
    *status = (struct status){0};
    buffer_init(&status->text, TEXT_BYTES_MAX);
    buffer_init(&status->hide_address, TEXT_BYTES_MAX);
    buffer_init(&status->gap, TEXT_BYTES_MAX);
}

void status_deinit(struct status *status) {
    buffer_deinit(&status->text);
    buffer_deinit(&status->hide_address);
    buffer_deinit(&status->gap);
}

static void append_slice(struct buffer *out, struct slice words) {
    PARLEY_CHECK(buffer_append(out, words) == PARLEY_OK);
}

static void append(struct buffer *out, const char *words) {
    append_slice(out, slice_of(words));
}

void status_say_gap(struct status *status, const struct member *one, const struct member *other) {
    struct buffer *out = &status->gap;
    buffer_clear(out);
    if (!one)
        return;
    name_append(out, member_name(one));
    if (other) {
        append(out, " and ");
        name_append(out, member_name(other));
        append(out, " cannot read each other's messages.");
    } else {
        append(out, " is connected to somebody who is not connected to you.");
    }
    append(out, " Parley keeps trying.");
}

/* The server answers, but has no place left for us. */
static const char *trouble_text(const struct status_sources *of) {
    switch (of->signaling->dialing.told) {
    case WIRE_ERROR_ROOM_FULL:
        return "The room filled up while you were away.";
    case WIRE_ERROR_ROOM_BUSY:
    case WIRE_ERROR_TOO_MANY_JOINS:
    case WIRE_ERROR_TOO_FAST:
    case WIRE_ERROR_RESTARTING:
        return wire_error_sentence(of->signaling->dialing.told);
    case WIRE_ERROR_ADDRESS_FULL:
        return "Too many people are connected from this network.";
    case WIRE_ERROR_SERVER_FULL:
    case WIRE_ERROR_TOO_MANY_ROOMS:
        return "The server is full.";
    case WIRE_ERROR_BAD_MESSAGE:
    case WIRE_ERROR_TOO_MANY_BAD:
    case WIRE_ERROR_BAD_VERSION:
    case WIRE_ERROR_BAD_ROOM:
    case WIRE_ERROR_JOIN_FIRST:
    case WIRE_ERROR_JOIN_TIMEOUT:
    case WIRE_ERROR_JOINED_ALREADY:
    case WIRE_ERROR_NO_SUCH_MEMBER:
    case WIRE_ERROR_RELAY_BUSY:
    case WIRE_ERROR_RELAY_OFF:
    case WIRE_ERROR_NOT_TEXT:
    case WIRE_ERROR_NOT_UTF8:
    case WIRE_ERROR_TOO_BIG:
    case WIRE_ERROR_TOO_SLOW:
    case WIRE_ERROR_REPLACED:
    case WIRE_ERROR_OLD_JOIN:
    case WIRE_ERROR_SHUTTING_DOWN:
    case WIRE_ERROR_COUNT:
        break;
    }
    return NULL;
}

/* A short outage is not mentioned. */
static bool seems_joined(const struct status_sources *of) {
    return signaling_is_joined(of->signaling) ||
           (of->signaling->dialing.state == JOIN_STATE_LOST &&
            dialing_is_unsaid(&of->signaling->dialing) && !trouble_text(of));
}

static bool is_full(const struct status_sources *of) {
    return seems_joined(of) && of->room->member_count + 1 >= of->room->members_max;
}

static const char *joined_text(const struct status_sources *of) {
    if (of->room->member_count == 0)
        return of->room->gone_count ? "Nobody else is here now. Share the link to invite people."
                                    : "Nobody else is here yet. Share the link to invite people.";
    return is_full(of) ? "The room is full: nobody else can join." : "";
}

static void add_words(struct status *status, const char *words) {
    append(&status->text, words);
}

static void say_lost(struct status *status, const struct status_sources *of) {
    const char *trouble = trouble_text(of);
    if (!trouble && of->signaling->hurdle.len)
        append_slice(&status->text, buffer_slice(&of->signaling->hurdle));
    else
        add_words(status, trouble ? trouble : "The server is out of reach.");
    if (of->room->id.len && of->room->member_count)
        add_words(status, " People you are connected to stay connected;");
    add_words(status, " Parley keeps trying");
    if (of->room->id.len && !of->room->member_count)
        add_words(status, "; until then nobody can find you here");
    add_words(status, ".");
}

/* Counts members in |state|, or a pause in it, with enough failures; |first| is set where there is
 * one. */
static uint32_t count_members(const struct status_sources *of, enum link_state state,
                              enum link_state paused, uint32_t failures_min,
                              const struct member **first) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < of->room->member_count; i++) {
        const struct member *member = of->room->members[i];
        const struct link *link = &member->link;
        if ((link->state == state || link->state == paused) && link->failures >= failures_min &&
            !member_connected(member) && ++count == 1)
            *first = member;
    }
    return count;
}

static uint32_t count_reconnecting(const struct status_sources *of, const struct member **first) {
    return count_members(of, LINK_RECONNECTING, LINK_RECONNECTING_PAUSED, 0, first);
}

/* The list shows people who are still connecting for the first time. */
static uint32_t count_unreached(const struct status_sources *of, const struct member **first) {
    return count_members(of, LINK_CONNECTING, LINK_CONNECTING_PAUSED, 1, first);
}

/* Being offline counts only if something is wrong: on its own the device's report is often
 * mistaken. */
static bool is_offline(const struct status_sources *of) {
    const struct member *first;
    bool trouble = of->signaling->dialing.state == JOIN_STATE_CONNECTING ||
                   of->signaling->dialing.state == JOIN_STATE_LOST ||
                   count_reconnecting(of, &first) > 0;
    return of->signaling->offline && trouble;
}

/* Names the |first| of |count| members between |before| and |after|. False: there is none. */
static bool say_whom(struct status *status, uint32_t count, const struct member *first,
                     const char *before, const char *after) {
    if (count == 0)
        return false;
    add_words(status, before);
    name_append(&status->text, member_name(first));
    if (count > 1)
        add_words(status, count == 2 ? " and one other" : " and others");
    add_words(status, after);
    return true;
}

static bool say_reconnecting(struct status *status, const struct status_sources *of) {
    const struct member *first = NULL;
    uint32_t count = count_reconnecting(of, &first);
    return say_whom(status, count, first, "Reconnecting to ",
                    "… What you write will arrive if they come back.");
}

static bool say_unreached(struct status *status, const struct status_sources *of) {
    const struct member *first = NULL;
    uint32_t count = count_unreached(of, &first);
    return say_whom(status, count, first, "No connection to ",
                    " yet: what you write waits for it. Parley keeps trying.");
}

static void say_joined(struct status *status, const struct status_sources *of) {
    if (say_reconnecting(status, of) || say_unreached(status, of))
        return;
    if (status->gap.len)
        append_slice(&status->text, buffer_slice(&status->gap));
    else
        add_words(status, joined_text(of));
}

static struct slice words(struct status *status, const struct status_sources *of) {
    buffer_clear(&status->text);
    if (of->signaling->dialing.state == JOIN_STATE_REFUSED)
        return buffer_slice(&of->signaling->refusal);
    if (of->no_webrtc)
        return slice_of("This browser cannot connect to people: WebRTC is missing or switched off. "
                        "Try another browser.");
    if (is_offline(of))
        return slice_of("This device is offline. Parley goes on when it is back.");
    if (of->signaling->dialing.state == JOIN_STATE_CONNECTING)
        add_words(status, "Connecting to the server…");
    else if (seems_joined(of))
        say_joined(status, of);
    else if (of->signaling->dialing.state == JOIN_STATE_LOST)
        say_lost(status, of);
    return buffer_slice(&status->text);
}

static enum status_tone tone(const struct status *status, const struct status_sources *of) {
    const struct member *first;
    bool lost = of->signaling->dialing.state == JOIN_STATE_LOST && !seems_joined(of);
    if (lost || of->signaling->dialing.state == JOIN_STATE_REFUSED || of->no_webrtc ||
        is_offline(of))
        return STATUS_TONE_WARNING;
    if (of->signaling->dialing.state == JOIN_STATE_CONNECTING || count_reconnecting(of, &first))
        return STATUS_TONE_BUSY;
    return status->gap.len || count_unreached(of, &first) ? STATUS_TONE_WARNING : STATUS_TONE_QUIET;
}

/* Somebody here has learned our address. */
static bool is_told(const struct status_sources *of) {
    for (uint32_t i = 0; i < of->room->member_count; i++)
        if (of->room->members[i]->link.exposure != LINK_HIDDEN)
            return true;
    return false;
}

static const char *describe_hide_address(const struct status_sources *of) {
    bool joined = of->room->id.len > 0;
    if (!of->ice->hide_address)
        return of->ice->offered ? "The people you connect to learn your network address."
               : joined ? "The people you connect to learn your network address; this server "
                          "offers no relay that could hide it."
                        : "";
    if (joined && !of->ice->offered && of->room->relays)
        return "All goes through the server, which is slow, and people do not learn your network "
               "address.";
    if (joined && !of->ice->offered)
        return "This server offers no relay, so nobody can be reached while you hide your address.";
    return is_told(of)
               ? "All goes through the server's relay. People here whom you were connected to "
                 "before know your network address already."
               : "All goes through the server's relay, and people do not learn your network "
                 "address.";
}

/* Says what hiding the address means now, and which servers the browser left out. */
static struct slice hide_address_text(struct status *status, const struct status_sources *of) {
    struct buffer *out = &status->hide_address;
    buffer_clear(out);
    append(out, describe_hide_address(of));
    if (of->ice->left_out.len) {
        append(out, " Your browser rejects these addresses of the server's, and goes without:");
        append_slice(out, buffer_slice(&of->ice->left_out));
        append(out, ".");
    }
    return buffer_slice(out);
}

/* The sentence that names people, where there is one. */
static void set_names_off(struct status *status, struct status_view *view) {
    view->names = status->names;
    if (view->text.len == 0 || view->text.bytes != status->text.bytes)
        return;
    view->name_count = span_take_names(&status->text, status->names);
    view->text = buffer_slice(&status->text);
}

/* A sealed room's id says nothing to people, but its beginning tells two of their rooms apart. */
static struct slice room_name(const struct status_sources *of) {
    struct slice id = room_id_text(&of->room->id);
    if (of->keyring->is_sealed && id.len > ROOM_NAME_CHARACTERS)
        id.len = ROOM_NAME_CHARACTERS;
    return id;
}

void status_read(struct status *status, const struct status_sources *of, struct status_view *view) {
    bool in_room = of->room->id.len > 0;
    *view = (struct status_view){
        .server = of->signaling->dialing.state,
        .tone = tone(status, of),
        .text = words(status, of),
        .room = in_room ? keyring_address(of->keyring) : (struct slice){0},
        .room_name = room_name(of),
        .room_kind = slice_of(of->keyring->is_sealed ? "Sealed room" : "Open room"),
        .name = name_chosen(&of->room->self_name),
        .name_generated = of->name_generated,
        .member_count = of->room->member_count + 1,
        .line_first = transcript_first(of->transcript),
        .line_end = of->transcript->end,
        .draft_left = of->draft_left,
        .full = is_full(of),
        .alone = in_room && seems_joined(of) && of->room->member_count == 0,
        .hide_address = of->ice->hide_address,
        .can_hide_address = ice_config_can_hide_address(of->ice),
        .hide_address_text = hide_address_text(status, of),
        .arriving = of->arriving,
        .can_retry = signaling_can_retry(of->signaling)};
    set_names_off(status, view);
}
