#include "chat_state.h"

#include "error.h"
#include "fold.h"
#include "lines.h"
#include "url.h"
#include "weight.h"

/* Names in sentences */

/* Takes the isolates around names out of |text|, and notes where the names stand. */
static uint32_t take_names(struct buffer *text, struct chat_span names[CHAT_NAMES_IN_LINE_MAX]) {
    const struct slice start = slice_of(ISOLATE_START), end = slice_of(ISOLATE_END);
    uint32_t count = 0, kept = 0;
    for (size_t at = 0; at < text->len;) {
        struct slice mark = {text->bytes + at, text->len - at < start.len ? 0 : start.len};
        bool begins = slice_equal(mark, start), ends = slice_equal(mark, end);
        bool fits = count < CHAT_NAMES_IN_LINE_MAX;
        if (begins && fits)
            names[count].start = kept;
        if (ends && fits)
            names[count++].end = kept;
        if (!begins && !ends)
            text->bytes[kept++] = text->bytes[at];
        at += begins || ends ? start.len : 1;
    }
    text->len = kept;
    return count;
}

/* Status */

/* The server answers, but has no place for one who was away. */
static const char *trouble_text(const struct chat *chat) {
    switch (chat->signaling.dialing.told) {
    case WIRE_ERROR_ROOM_FULL:
        return "The room filled up while you were away.";
    case WIRE_ERROR_ROOM_BUSY:
    case WIRE_ERROR_TOO_MANY_JOINS:
    case WIRE_ERROR_TOO_FAST:
    case WIRE_ERROR_RESTARTING:
        return wire_error_sentence(chat->signaling.dialing.told);
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

/* A short outage is none to speak of. */
static bool seems_joined(const struct chat *chat) {
    return signaling_is_joined(&chat->signaling) ||
           (chat->signaling.dialing.state == JOIN_STATE_LOST &&
            dialing_is_unsaid(&chat->signaling.dialing) && !trouble_text(chat));
}

static bool is_full(const struct chat *chat) {
    return seems_joined(chat) && chat->room.member_count + 1 >= chat->room_members_max;
}

static const char *joined_text(const struct chat *chat) {
    if (chat->room.member_count == 0)
        return chat->room.gone_count ? "Nobody else is here now. Share the link to invite people."
                                     : "Nobody else is here yet. Share the link to invite people.";
    return is_full(chat) ? "The room is full: nobody else can join." : "";
}

static void say(struct chat *chat, const char *words) {
    PARLEY_CHECK(buffer_append(&chat->view.status, slice_of(words)) == PARLEY_OK);
}

static void say_lost(struct chat *chat) {
    const char *trouble = trouble_text(chat);
    if (!trouble && chat->signaling.hurdle.len)
        PARLEY_CHECK(buffer_append(&chat->view.status, buffer_slice(&chat->signaling.hurdle)) ==
                     PARLEY_OK);
    else
        say(chat, trouble ? trouble : "The server is out of reach.");
    if (chat->room.id_len && chat->room.member_count)
        say(chat, " People you are connected to stay connected;");
    say(chat, " Parley keeps trying");
    if (chat->room.id_len && !chat->room.member_count)
        say(chat, "; until then nobody can find you here");
    say(chat, ".");
}

/* Counts those in |phase| after so many failures; |first| is set where there is one. */
static uint32_t count_members(const struct chat *chat, enum link_phase phase, uint32_t failures_min,
                              const struct member **first) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        const struct member *member = chat->room.members[i];
        if (member->link.phase == phase && member->link.failures >= failures_min && ++count == 1)
            *first = member;
    }
    return count;
}

static uint32_t count_reconnecting(const struct chat *chat, const struct member **first) {
    return count_members(chat, LINK_RECONNECTING, 0, first);
}

/* Who is only on the way in is said in the list. */
static uint32_t count_unreached(const struct chat *chat, const struct member **first) {
    return count_members(chat, LINK_CONNECTING, 1, first);
}

/* The device's word counts where something is wrong: on its own it is often mistaken. */
static bool is_offline(const struct chat *chat) {
    const struct member *first;
    bool trouble = chat->signaling.dialing.state == JOIN_STATE_CONNECTING ||
                   chat->signaling.dialing.state == JOIN_STATE_LOST ||
                   count_reconnecting(chat, &first) > 0;
    return chat->signaling.offline && trouble;
}

/* Names the |first| of |count| members between |before| and |after|. False: there is none. */
static bool say_whom(struct chat *chat, uint32_t count, const struct member *first,
                     const char *before, const char *after) {
    if (count == 0)
        return false;
    say(chat, before);
    chat_append_name(&chat->view.status, member_name(first));
    if (count > 1)
        say(chat, count == 2 ? " and one other" : " and others");
    say(chat, after);
    return true;
}

static bool say_reconnecting(struct chat *chat) {
    const struct member *first = NULL;
    uint32_t count = count_reconnecting(chat, &first);
    return say_whom(chat, count, first, "Reconnecting to ",
                    "… What you write will arrive if they come back.");
}

static bool say_unreached(struct chat *chat) {
    const struct member *first = NULL;
    uint32_t count = count_unreached(chat, &first);
    return say_whom(chat, count, first, "No connection to ",
                    " yet: what you write waits for it. Parley keeps trying.");
}

static void say_joined(struct chat *chat) {
    if (say_reconnecting(chat) || say_unreached(chat))
        return;
    if (chat->gap.len)
        PARLEY_CHECK(buffer_append(&chat->view.status, buffer_slice(&chat->gap)) == PARLEY_OK);
    else
        say(chat, joined_text(chat));
}

static struct slice status_text(struct chat *chat) {
    buffer_clear(&chat->view.status);
    if (chat->signaling.dialing.state == JOIN_STATE_REFUSED)
        return buffer_slice(&chat->signaling.refusal);
    if (chat->no_webrtc)
        return slice_of("This browser cannot connect to people: WebRTC is missing or switched off. "
                        "Try another browser.");
    if (is_offline(chat))
        return slice_of("This device is offline. Parley goes on when it is back.");
    if (chat->signaling.dialing.state == JOIN_STATE_CONNECTING)
        say(chat, "Connecting to the server…");
    else if (seems_joined(chat))
        say_joined(chat);
    else if (chat->signaling.dialing.state == JOIN_STATE_LOST)
        say_lost(chat);
    return buffer_slice(&chat->view.status);
}

static enum chat_tone status_tone(const struct chat *chat) {
    const struct member *first;
    bool lost = chat->signaling.dialing.state == JOIN_STATE_LOST && !seems_joined(chat);
    if (lost || chat->signaling.dialing.state == JOIN_STATE_REFUSED || chat->no_webrtc ||
        is_offline(chat))
        return CHAT_TONE_WARNING;
    if (chat->signaling.dialing.state == JOIN_STATE_CONNECTING || count_reconnecting(chat, &first))
        return CHAT_TONE_BUSY;
    return chat->gap.len || count_unreached(chat, &first) ? CHAT_TONE_WARNING : CHAT_TONE_QUIET;
}

/* Somebody here has learned our address. */
static bool is_told(const struct chat *chat) {
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        if (chat->room.members[i]->link.told)
            return true;
    return false;
}

static const char *describe_hiding(const struct chat *chat) {
    bool joined = chat->room.id_len > 0;
    if (!chat->ice.hiding)
        return chat->ice.offered ? "The people you connect to learn your network address."
               : joined ? "The people you connect to learn your network address; this server "
                          "offers no relay that could hide it."
                        : "";
    if (joined && !chat->ice.offered)
        return "This server offers no relay, so nobody can be reached while you hide your address.";
    return is_told(chat)
               ? "All goes through the server's relay. People here whom you were connected to "
                 "before know your network address already."
               : "All goes through the server's relay, and people do not learn your network "
                 "address.";
}

/* What hiding means now, and what the browser left out. */
static struct slice hiding_text(struct chat *chat) {
    struct buffer *out = &chat->view.hiding;
    PARLEY_CHECK(buffer_set(out, slice_of(describe_hiding(chat))) == PARLEY_OK);
    if (chat->ice.left_out.len)
        PARLEY_CHECK(
            buffer_append(out, slice_of(" Your browser does not take these addresses of the "
                                        "server's, and goes without:")) == PARLEY_OK &&
            buffer_append(out, buffer_slice(&chat->ice.left_out)) == PARLEY_OK &&
            buffer_append(out, slice_of(".")) == PARLEY_OK);
    return buffer_slice(out);
}

/* The sentence that names people, where there is one. */
static void set_names_off(struct chat_view_memory *memory, struct chat_status_view *view) {
    view->names = memory->status_names;
    if (view->text.len == 0 || view->text.bytes != memory->status.bytes)
        return;
    view->name_count = take_names(&memory->status, memory->status_names);
    view->text = buffer_slice(&memory->status);
}

void chat_status_view(struct chat *chat, struct chat_status_view *view) {
    bool in_room = chat->room.id_len > 0;
    *view = (struct chat_status_view){.server = chat->signaling.dialing.state,
                                      .tone = status_tone(chat),
                                      .text = status_text(chat),
                                      .room = room_id(&chat->room),
                                      .name = buffer_slice(&chat->name),
                                      .name_generated = chat->name_generated,
                                      .member_count = chat->room.member_count + 1,
                                      .line_first = transcript_first(&chat->transcript),
                                      .line_end = chat->transcript.end,
                                      .draft_left = chat->draft_left,
                                      .full = is_full(chat),
                                      .alone = in_room && seems_joined(chat) &&
                                               chat->room.member_count == 0,
                                      .hiding = chat->ice.hiding,
                                      .can_hide = ice_config_can_hide(&chat->ice),
                                      .hiding_text = hiding_text(chat),
                                      .can_retry = signaling_can_retry(&chat->signaling)};
    set_names_off(&chat->view, view);
}

/* Members */

static void view_self(const struct chat *chat, struct chat_member_view *view) {
    *view = (struct chat_member_view){.state = CHAT_MEMBER_SELF,
                                      .colour = chat->room.self_colour,
                                      .name = name_shown(&chat->room.self_name),
                                      .state_text = slice_of("you"),
                                      .reason = slice_of("")};
}

static enum chat_member_state state_of(const struct link *link) {
    switch (link->phase) {
    case LINK_CONNECTING:
        return CHAT_MEMBER_CONNECTING;
    case LINK_CONNECTED:
        return CHAT_MEMBER_CONNECTED;
    case LINK_RECONNECTING:
        return CHAT_MEMBER_RECONNECTING;
    case LINK_CLOSED:
        break;
    }
    return CHAT_MEMBER_LOST;
}

static const char *state_text(const struct link *link) {
    switch (link->phase) {
    case LINK_CONNECTING:
        return link->failures ? "no connection yet, trying…" : "connecting…";
    case LINK_RECONNECTING:
        return "reconnecting…";
    case LINK_CONNECTED:
        return !link->route.known    ? "connected"
               : link->route.relayed ? "connected through a relay"
                                     : "connected directly";
    case LINK_CLOSED:
        break;
    }
    return "connection closed";
}

int chat_member_view(struct chat *chat, uint32_t index, struct chat_member_view *view) {
    if (index > chat->room.member_count)
        return PARLEY_ERR_ARGUMENT;
    if (index == 0) {
        view_self(chat, view);
        return PARLEY_OK;
    }
    const struct member *member = chat->room.members[index - 1];
    *view = (struct chat_member_view){.peer = member->number,
                                      .connection = link_peer(&member->link),
                                      .state = state_of(&member->link),
                                      .colour = member->colour,
                                      .name = member_name(member),
                                      .state_text = slice_of(state_text(&member->link)),
                                      .reason = slice_of(link_reason_text(member->link.reason)),
                                      .step_count = member->link.steps.count};
    return PARLEY_OK;
}

int chat_step_view(struct chat *chat, uint32_t index, uint32_t step, struct chat_step_view *view) {
    if (index == 0 || index > chat->room.member_count)
        return PARLEY_ERR_ARGUMENT;
    const struct steps *steps = &chat->room.members[index - 1]->link.steps;
    if (step >= steps->count)
        return PARLEY_ERR_ARGUMENT;
    buffer_clear(&chat->view.text);
    PARLEY_CHECK(step_text(&steps->list[step], &chat->view.text) == PARLEY_OK);
    *view = (struct chat_step_view){steps->list[step].at_ms, buffer_slice(&chat->view.text)};
    return PARLEY_OK;
}

/* Lines */

static uint32_t find_links(struct slice text, struct chat_span links[CHAT_LINKS_IN_LINE_MAX]) {
    uint32_t count = 0;
    size_t start, end;
    for (size_t from = 0; count < CHAT_LINKS_IN_LINE_MAX; from = end) {
        if (!url_find(text, from, &start, &end))
            break;
        links[count++] = (struct chat_span){(uint32_t)start, (uint32_t)end};
    }
    return count;
}

static void say_count(struct buffer *out, uint32_t count, const char *one, const char *many) {
    if (count == 0)
        return;
    PARLEY_CHECK(buffer_append(out, slice_of(out->len ? ", " : "")) == PARLEY_OK &&
                 buffer_append_number(out, count) == PARLEY_OK &&
                 buffer_append(out, slice_of(count == 1 ? one : many)) == PARLEY_OK);
}

/* What the notes in a row come to, where they are many. */
static struct slice run_text(struct chat *chat, const struct line *line) {
    const uint32_t *counts = transcript_count_run(&chat->transcript, line);
    uint32_t total = 0;
    struct buffer *out = &chat->view.run;
    buffer_clear(out);
    for (int kind = 0; kind < LINE_KIND_COUNT; kind++)
        total += counts[kind];
    if (total < CHAT_RUN_MIN)
        return buffer_slice(out);
    say_count(out, counts[LINE_HERE], " connected", " connected");
    say_count(out, counts[LINE_JOINED], " joined", " joined");
    say_count(out, counts[LINE_LEFT], " left", " left");
    say_count(out, counts[LINE_RENAMED], " new name", " new names");
    say_count(out, counts[LINE_LOST], " problem", " problems");
    say_count(out, counts[LINE_WARNING], " warning", " warnings");
    return buffer_slice(out);
}

static void view_text(struct chat *chat, const struct line *line, struct chat_line_view *view) {
    size_t end = fold_end(line->text);
    view->own = line->peer == 0;
    view->continues = transcript_continues(&chat->transcript, line);
    view->link_count = find_links(line->text, chat->view.links);
    view->foldable = end < line->text.len;
    view->folded = view->foldable && !lines_is_open(chat, line->sequence);
    if (view->folded)
        view->shown = (uint32_t)end;
    view->weight = weight_of((struct slice){line->text.bytes, view->shown});
    if (!view->continues)
        view->weight += weight_of(line->author);
    if (line->unread)
        view->mark = slice_of("Nobody was here to read this.");
}

static void view_note(struct chat *chat, const struct line *line, struct chat_line_view *view) {
    struct buffer *text = &chat->view.text;
    buffer_clear(text);
    PARLEY_CHECK(buffer_append(text, line->text) == PARLEY_OK);
    view->name_count = take_names(text, chat->view.names);
    view->text = buffer_slice(text);
    view->shown = (uint32_t)view->text.len;
    view->weight = weight_of(view->text);
    view->run = line->run;
    view->run_text = run_text(chat, line);
}

int chat_line_view(struct chat *chat, uint32_t sequence, struct chat_line_view *view) {
    const struct line *line = transcript_find(&chat->transcript, sequence);
    if (!line)
        return PARLEY_ERR_ARGUMENT;
    struct chat_view_memory *memory = &chat->view;
    text_format_iso(line->wall_ms, line->utc_offset_min, memory->iso);
    *view = (struct chat_line_view){.sequence = sequence,
                                    .kind = line->kind,
                                    .new_day = transcript_begins_day(&chat->transcript, line),
                                    .colour = line->colour,
                                    .author = line->author,
                                    .text = line->text,
                                    .shown = (uint32_t)line->text.len,
                                    .mark = slice_of(""),
                                    .run_text = slice_of(""),
                                    .iso = slice_of(memory->iso),
                                    .links = memory->links,
                                    .names = memory->names};
    if (line->kind == LINE_TEXT)
        view_text(chat, line, view);
    else
        view_note(chat, line, view);
    return PARLEY_OK;
}

/* Errors */

#define TEXT_OF(number) #number
#define DECIMAL(number) TEXT_OF(number)

const char *chat_error_text(enum event_kind kind, int error) {
    bool name = kind == EVENT_RENAME;
    switch ((enum parley_error)error) {
    case PARLEY_OK:
        return "";
    case PARLEY_ERR_EMPTY:
        return name ? "A name needs at least one visible character." : "Write a message first.";
    case PARLEY_ERR_TOO_LONG:
        return name ? "A name has at most " DECIMAL(PEER_NAME_CHARACTERS_MAX) " characters."
                    : "A message has at most " DECIMAL(PEER_TEXT_CHARACTERS_MAX) " characters.";
    case PARLEY_ERR_STATE:
        return "There is no room to say it in yet.";
    case PARLEY_ERR_NO_MEMORY:
    case PARLEY_ERR_ARGUMENT:
    case PARLEY_ERR_FULL:
    case PARLEY_ERR_UTF8:
    case PARLEY_ERR_JSON:
    case PARLEY_ERR_TYPE:
    case PARLEY_ERR_FIELD:
    case PARLEY_ERR_TOO_BIG:
    case PARLEY_ERR_ROOM:
        break;
    }
    return "That cannot be sent.";
}
