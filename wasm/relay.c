#include "relay.h"

#include "error.h"
#include "wire.h"

void relay_init(struct relay *relay) {
    *relay = (struct relay){
        .due_ms = CHAT_NO_DEADLINE, .tell_due_ms = CHAT_NO_DEADLINE, .worked_ms = CHAT_NO_DEADLINE};
    buffer_init(&relay->left_out, RELAY_LEFT_OUT_BYTES_MAX);
    buffer_init(&relay->words, 2 * RELAY_LEFT_OUT_BYTES_MAX);
    buffer_init(&relay->others, 2 * WIRE_MESSAGE_BYTES_MAX);
    buffer_init(&relay->relays, 2 * WIRE_MESSAGE_BYTES_MAX);
    buffer_init(&relay->configuration, 4 * WIRE_MESSAGE_BYTES_MAX);
}

void relay_deinit(struct relay *relay) {
    buffer_deinit(&relay->others);
    buffer_deinit(&relay->relays);
    buffer_deinit(&relay->configuration);
    buffer_deinit(&relay->left_out);
    buffer_deinit(&relay->words);
}

static void append(struct buffer *out, struct slice piece) {
    PARLEY_CHECK(buffer_append(out, piece) == PARLEY_OK);
}

/* The items of an array as wire_write_ice_servers makes it, or of none. */
static struct slice items_of(const struct buffer *array) {
    return array->len > 2 ? (struct slice){array->bytes + 1, array->len - 2} : slice_of("");
}

/* As RTCConfiguration (W3C WebRTC, 4.2.1). */
static void write_configuration(const struct relay *relay, struct buffer *out) {
    buffer_clear(out);
    struct slice others = items_of(&relay->others), relays = items_of(&relay->relays);
    append(out, slice_of("{\"iceServers\":["));
    append(out, others);
    append(out, slice_of(others.len && relays.len ? "," : ""));
    append(out, relays);
    append(out, slice_of(relay->hiding ? "],\"iceTransportPolicy\":\"relay\"}" : "]}"));
}

/* Tells all connections where it has changed. */
static void configure(struct chat *chat) {
    struct relay *relay = &chat->relay;
    write_configuration(relay, &chat->scratch);
    if (slice_equal(buffer_slice(&chat->scratch), buffer_slice(&relay->configuration)))
        return;
    PARLEY_CHECK(buffer_set(&relay->configuration, buffer_slice(&chat->scratch)) == PARLEY_OK);
    struct link_env env = chat_link_env(chat);
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        link_configure(&chat->room.members[i]->link, &env);
}

/* Who knows our address from before needs not see what comes, and others nothing at all. */
static void renew_exposed(struct chat *chat) {
    if (!chat->relay.hiding || chat->server != JOIN_STATE_JOINED)
        return;
    struct link_env env = chat_link_env(chat);
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        struct member *member = chat->room.members[i];
        enum link_phase before = member->link.phase;
        link_hide(&member->link, &env);
        chat_follow_link(chat, member, before);
    }
}

void relay_begin(struct chat *chat, bool hiding) {
    buffer_clear(&chat->relay.others);
    buffer_clear(&chat->relay.relays);
    chat->relay.offered = false;
    chat->relay.hiding = hiding;
    chat->relay.due_ms = CHAT_NO_DEADLINE;
    chat->relay.trouble = chat->relay.told = 0;
    chat->relay.tell_due_ms = chat->relay.worked_ms = CHAT_NO_DEADLINE;
    buffer_clear(&chat->relay.left_out);
    configure(chat);
}

/* Writes those of |message| that are relays, or those that are not. Returns how many. */
static size_t keep(const struct wire_message *message, bool relays, struct buffer *out) {
    struct wire_ice_server kept[WIRE_ICE_SERVERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < message->ice_server_count; i++)
        if (wire_ice_url_is_turn(message->ice_servers[i].url) == relays)
            kept[count++] = message->ice_servers[i];
    buffer_clear(out);
    PARLEY_CHECK(wire_write_ice_servers(kept, count, out) == PARLEY_OK);
    return count;
}

static void tell_soon(struct chat *chat) {
    struct relay *relay = &chat->relay;
    if (relay->trouble && relay->told != relay->trouble && relay->tell_due_ms == CHAT_NO_DEADLINE)
        relay->tell_due_ms = chat->now_ms + RELAY_TELL_MS;
}

void relay_keep(struct chat *chat, const struct wire_message *message) {
    struct relay *relay = &chat->relay;
    if (message->type == WIRE_WELCOME)
        keep(message, false, &relay->others);
    bool has_relays = keep(message, true, &relay->relays) > 0;
    relay->offered = has_relays || message->ice_seconds > 0;
    uint64_t renew_ms = (uint64_t)message->ice_seconds * RELAY_RENEW_MS;
    if (renew_ms < RELAY_RENEW_MS_MIN)
        renew_ms = RELAY_RENEW_MS_MIN;
    relay->due_ms = has_relays && message->ice_seconds ? chat->now_ms + renew_ms : CHAT_NO_DEADLINE;
    configure(chat);
    tell_soon(chat); /* what happened while the server was away */
    renew_exposed(chat);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

void relay_rest(struct chat *chat) {
    chat->relay.due_ms = chat->relay.tell_due_ms = CHAT_NO_DEADLINE;
}

void relay_hide(struct chat *chat, bool hiding) {
    if (chat->relay.hiding == hiding)
        return;
    chat->relay.hiding = hiding;
    actions_push(&chat->actions, ACTION_HIDING_STORE, 0, hiding);
    configure(chat);
    renew_exposed(chat);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

static void send(struct chat *chat, const struct wire_message *message) {
    PARLEY_CHECK(actions_push_message(&chat->actions, 0, message) == PARLEY_OK);
}

static void tell(struct chat *chat) {
    struct relay *relay = &chat->relay;
    relay->tell_due_ms = CHAT_NO_DEADLINE;
    relay->told = relay->trouble;
    send(chat, &(struct wire_message){.type = WIRE_RELAY_FAILED, .status = relay->trouble});
}

void relay_tick(struct chat *chat) {
    if (chat->now_ms >= chat->relay.tell_due_ms)
        tell(chat);
    if (chat->now_ms < chat->relay.due_ms)
        return;
    chat->relay.due_ms = chat->now_ms + RELAY_AGAIN_MS;
    send(chat, &(struct wire_message){.type = WIRE_CREDENTIALS});
}

uint64_t relay_deadline_ms(const struct chat *chat) {
    const struct relay *relay = &chat->relay;
    return relay->tell_due_ms < relay->due_ms ? relay->tell_due_ms : relay->due_ms;
}

/* Trouble */

static bool is_relay(struct slice url) {
    return slice_skip(&url, "turn:") || slice_skip(&url, "turns:");
}

/* A relay that refuses us is there: that tells more than one that does not answer. */
static bool tells_more(uint32_t status, uint32_t before) {
    return before == 0 || (before == WIRE_STATUS_NO_ANSWER && status != before);
}

static bool works(const struct chat *chat) {
    uint64_t worked_ms = chat->relay.worked_ms;
    return worked_ms != CHAT_NO_DEADLINE && chat->now_ms < worked_ms + RELAY_WORKED_MS;
}

static void note_trouble(struct chat *chat, uint32_t status) {
    struct relay *relay = &chat->relay;
    if (works(chat) || !tells_more(status, relay->trouble))
        return;
    relay->trouble = status;
    if (chat->server == JOIN_STATE_JOINED)
        tell_soon(chat);
}

void relay_failed(struct chat *chat, struct member *member, uint32_t status, struct slice url) {
    if (!is_relay(url) || status < WIRE_STATUS_MIN || status > WIRE_STATUS_MAX)
        return;
    bool silent = status == WIRE_STATUS_NO_ANSWER;
    steps_add(&member->link.steps, chat->now_ms, silent ? STEP_RELAY_SILENT : STEP_RELAY_REFUSED);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    note_trouble(chat, status);
}

void relay_follow_link(struct chat *chat, const struct link *link) {
    if (link->reason == LINK_REASON_RELAY_SILENT)
        note_trouble(chat, WIRE_STATUS_NO_ANSWER);
}

void relay_found(struct chat *chat, struct slice candidate) {
    if (candidate_type_of(candidate) != CANDIDATE_RELAY)
        return;
    chat->relay.worked_ms = chat->now_ms;
    chat->relay.trouble = 0;
    chat->relay.tell_due_ms = CHAT_NO_DEADLINE;
}

enum link_reason relay_no_path(const struct chat *chat) {
    if (!chat->relay.offered)
        return LINK_REASON_NO_PATH;
    if (works(chat))
        return LINK_REASON_NO_PATH_RELAYED;
    return chat->relay.trouble == 0 || chat->relay.trouble == WIRE_STATUS_NO_ANSWER
               ? LINK_REASON_RELAY_SILENT
               : LINK_REASON_RELAY_REFUSED;
}

static bool is_left_out(const struct relay *relay, struct slice url) {
    struct slice rest = buffer_slice(&relay->left_out), known;
    while (slice_cut(&rest, ' ', &known))
        if (slice_equal(known, url))
            return true;
    return false;
}

void relay_left_out(struct chat *chat, struct member *member, struct slice url) {
    struct buffer *left_out = &chat->relay.left_out;
    steps_add(&member->link.steps, chat->now_ms, STEP_SERVER_LEFT_OUT);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    if (!wire_ice_url_valid(url) || is_left_out(&chat->relay, url) ||
        buffer_reserve(left_out, url.len + 1) != PARLEY_OK)
        return;
    append(left_out, slice_of(" "));
    append(left_out, url);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

/* Words */

bool relay_can_hide(const struct chat *chat) {
    return chat->relay.offered || chat->relay.hiding;
}

static bool is_told(const struct chat *chat) {
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        if (chat->room.members[i]->link.told)
            return true;
    return false;
}

static const char *hiding_text(const struct chat *chat) {
    bool joined = chat->room.id_len > 0;
    if (!chat->relay.hiding)
        return chat->relay.offered ? "The people you connect to learn your network address."
               : joined ? "The people you connect to learn your network address; this server "
                          "offers no relay that could hide it."
                        : "";
    if (joined && !chat->relay.offered)
        return "This server offers no relay, so nobody can be reached while you hide your address.";
    return is_told(chat)
               ? "All goes through the server's relay. People here whom you were connected to "
                 "before know your network address already."
               : "All goes through the server's relay, and people do not learn your network "
                 "address.";
}

struct slice relay_text(struct chat *chat) {
    struct relay *relay = &chat->relay;
    PARLEY_CHECK(buffer_set(&relay->words, slice_of(hiding_text(chat))) == PARLEY_OK);
    if (relay->left_out.len) {
        append(&relay->words, slice_of(" Your browser does not take these addresses of the "
                                       "server's, and goes without:"));
        append(&relay->words, buffer_slice(&relay->left_out));
        append(&relay->words, slice_of("."));
    }
    return buffer_slice(&relay->words);
}
