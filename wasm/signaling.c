#include "signaling.h"

#include "dialing.h"
#include "error.h"
#include "relay.h"
#include "roster.h"
#include "wire.h"

#include <string.h>

#define HTTP_STATUS_DIGITS 3
#define REFUSAL_CHARACTERS_MAX 300
#define SIGNALING_TABS_MORE_MAX 40 /* the server waits for longer than the pause is then */

static void send_by(struct chat *chat, enum event_transport way,
                    const struct wire_message *message) {
    uint32_t before = chat->actions.transport;
    actions_send_by(&chat->actions, way);
    PARLEY_CHECK(actions_push_message(&chat->actions, 0, message) == PARLEY_OK);
    actions_send_by(&chat->actions, before);
}

static void ping_by(struct chat *chat, enum event_transport way) {
    send_by(chat, way, &(struct wire_message){.type = WIRE_PING});
}

/* Nothing more is tried, nor awaited. */
static void rest(struct chat *chat, enum join_state state) {
    struct signaling *signaling = &chat->signaling;
    dialing_hang_up_all(chat);
    signaling->due_ms = signaling->unsaid_until_ms = CHAT_NO_DEADLINE;
    heartbeat_stop(&signaling->heartbeat);
    dialing_set_server(chat, state);
}

static void refuse(struct chat *chat, struct slice sentence) {
    PARLEY_CHECK(buffer_set(&chat->refusal, sentence) == PARLEY_OK);
    rest(chat, JOIN_STATE_REFUSED);
}

void signaling_connect(struct chat *chat) {
    struct slice wanted = buffer_slice(&chat->wanted_room);
    if (wanted.len && !wire_room_id_valid(wanted)) {
        refuse(chat, slice_of(wire_error_sentence(WIRE_ERROR_BAD_ROOM)));
        return;
    }
    dialing_set_server(chat, JOIN_STATE_CONNECTING);
    dialing_begin(chat);
}

/* A join by one way may come later than the goodbye by the other. */
void signaling_leave(struct chat *chat, bool back) {
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (chat->signaling.ways[i].state >= WAY_JOINING)
            send_by(chat, (enum event_transport)i,
                    &(struct wire_message){.type = WIRE_LEAVE, .back = back});
    rest(chat, JOIN_STATE_IDLE);
}

/* Joining */

static void join_by(struct chat *chat, enum event_transport way) {
    token_count_join(&chat->token, chat->wall_ms);
    chat_store_token(chat);
    dialing_joining(chat, way);
    send_by(chat, way,
            &(struct wire_message){.type = WIRE_JOIN,
                                   .version = WIRE_VERSION,
                                   .room = buffer_slice(&chat->wanted_room),
                                   .token = {chat->token.secret, WIRE_TOKEN_BYTES},
                                   .back = chat->room.id_len > 0,
                                   .number = chat->token.joins});
}

static void carry_on(struct chat *chat, enum event_transport way, enum dialing_next next) {
    switch (next) {
    case DIALING_JOIN:
        buffer_clear(&chat->hurdle);
        join_by(chat, way);
        break;
    case DIALING_PROBE:
        ping_by(chat, way);
        break;
    case DIALING_LOSE:
        heartbeat_stop(&chat->signaling.heartbeat);
        dialing_lost(chat, way);
        break;
    case DIALING_NOTHING:
        break;
    }
}

void signaling_opened(struct chat *chat, enum event_transport way) {
    carry_on(chat, way, dialing_opened(chat, way));
}

/* Silence that is cut */

static uint32_t quiet_ms(const struct chat *chat) {
    uint32_t safe_ms = idle_cut_safe_ms(&chat->signaling.cut, chat->now_ms);
    return safe_ms < SIGNALING_QUIET_MS ? safe_ms : SIGNALING_QUIET_MS;
}

static void learn_from_cut(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    bool counts =
        signaling->told == WIRE_ERROR_COUNT && !signaling->heartbeat.asked && !chat->offline;
    uint64_t silent_ms = chat->now_ms - signaling->heartbeat.heard_ms;
    idle_cut_note(&signaling->cut, chat->now_ms, counts ? silent_ms : 0);
}

static void tell_wait(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    bool crowded = signaling->polls.tabs > SIGNALING_POLLS_MAX;
    uint32_t safe_ms = idle_cut_safe_ms(&signaling->polls.cut, chat->now_ms);
    uint32_t uncrowded_ms = safe_ms == IDLE_CUT_NO_LIMIT ? 0 : safe_ms;
    uint32_t wait_ms = crowded ? SIGNALING_SHORT_POLL_MS : uncrowded_ms;
    uint32_t more = crowded ? signaling->polls.tabs - SIGNALING_POLLS_MAX : 0;
    uint32_t pause_ms =
        (more < SIGNALING_TABS_MORE_MAX ? more : SIGNALING_TABS_MORE_MAX) * SIGNALING_POLL_PAUSE_MS;
    if (wait_ms == signaling->polls.wait_ms && pause_ms == signaling->polls.pause_ms)
        return;
    signaling->polls.wait_ms = wait_ms;
    signaling->polls.pause_ms = pause_ms;
    actions_push(&chat->actions, ACTION_POLL_WAIT, pause_ms, wait_ms);
}

void signaling_count_tabs(struct chat *chat, uint32_t tabs) {
    chat->signaling.polls.tabs = tabs;
    tell_wait(chat);
}

void signaling_note_cut(struct chat *chat, uint32_t ms) {
    idle_cut_note(&chat->signaling.polls.cut, chat->now_ms, chat->offline ? 0 : ms);
    tell_wait(chat);
}

/* The end of a connection */

/* "403 This page may not ..." as |said|: what stands in the way, in words. A status that passes by
 * itself says no more than that the server is away. */
static bool is_final_status(struct slice said) {
    return said.len >= HTTP_STATUS_DIGITS && (said.bytes[0] == '3' || said.bytes[0] == '4') &&
           memcmp(said.bytes, "408", HTTP_STATUS_DIGITS) != 0 &&
           memcmp(said.bytes, "410", HTTP_STATUS_DIGITS) != 0 &&
           memcmp(said.bytes, "425", HTTP_STATUS_DIGITS) != 0 &&
           memcmp(said.bytes, "429", HTTP_STATUS_DIGITS) != 0;
}

static void append(struct buffer *out, const char *words) {
    PARLEY_CHECK(buffer_append(out, slice_of(words)) == PARLEY_OK);
}

static void describe_hurdle(struct chat *chat, struct slice said) {
    struct slice status = {said.bytes, HTTP_STATUS_DIGITS};
    struct slice text = {said.bytes + HTTP_STATUS_DIGITS, said.len - HTTP_STATUS_DIGITS};
    struct buffer *out = &chat->hurdle;
    bool missing = slice_equal(status, slice_of("404"));
    if (said.bytes[0] == '3') {
        append(out, "A proxy before the server sends this page elsewhere, perhaps to sign in. "
                    "Reload the page.");
        return;
    }
    buffer_clear(&chat->scratch);
    append(out, missing ? "There is no Parley server at this address, or a proxy hides it ("
                        : "The server, or a proxy before it, refused this page (");
    PARLEY_CHECK(buffer_append(out, status) == PARLEY_OK);
    append(out, ").");
    if (text_clean_name(text, REFUSAL_CHARACTERS_MAX, &chat->scratch) != PARLEY_OK)
        return;
    append(out, " It says: ");
    PARLEY_CHECK(buffer_append(out, buffer_slice(&chat->scratch)) == PARLEY_OK);
}

static void note_hurdle(struct chat *chat, enum event_transport way, struct slice said) {
    if (way != EVENT_TRANSPORT_POLLING)
        return; /* of a WebSocket nobody can say why it did not open */
    buffer_clear(&chat->hurdle);
    if (is_final_status(said))
        describe_hurdle(chat, said);
    actions_show(&chat->actions, ACTION_SHOW_STATUS); /* the other way may go on in silence */
}

void signaling_closed(struct chat *chat, enum event_transport way, struct slice said) {
    enum dialing_next next = dialing_ended(chat, way);
    note_hurdle(chat, way, said);
    if (next == DIALING_LOSE)
        learn_from_cut(chat);
    carry_on(chat, way, next);
}

void signaling_wake(struct chat *chat) {
    if (chat->server == JOIN_STATE_JOINED)
        heartbeat_doubt(&chat->signaling.heartbeat, chat->now_ms);
    dialing_wake(chat);
}

static void check_heartbeat(struct chat *chat) {
    enum event_transport way = chat->signaling.transport;
    chat->signaling.heartbeat.quiet_ms = quiet_ms(chat);
    switch (heartbeat_tick(&chat->signaling.heartbeat, chat->now_ms)) {
    case HEARTBEAT_ASK:
        ping_by(chat, way);
        break;
    case HEARTBEAT_DEAD:
        dialing_hang_up(chat, way);
        dialing_lost(chat, way);
        break;
    case HEARTBEAT_FINE:
        break;
    }
}

void signaling_tick(struct chat *chat) {
    check_heartbeat(chat);
    tell_wait(chat); /* what was learned is forgotten in time */
    dialing_tick(chat);
}

uint64_t signaling_deadline_ms(const struct chat *chat) {
    uint64_t heartbeat_ms = chat->signaling.heartbeat.due_ms;
    uint64_t dialing_ms = dialing_deadline_ms(chat);
    return heartbeat_ms < dialing_ms ? heartbeat_ms : dialing_ms;
}

/* The welcome */

static void become_joined(struct chat *chat, enum event_transport way) {
    struct signaling *signaling = &chat->signaling;
    dialing_joined(chat, way);
    heartbeat_start(&signaling->heartbeat, chat->now_ms, quiet_ms(chat), SIGNALING_ANSWER_MS);
}

/* Nobody is put into a room that they did not ask for, nor talks to a server they cannot
 * understand. */
static bool is_as_asked(const struct chat *chat, const struct wire_message *message) {
    struct slice wanted = buffer_slice(&chat->wanted_room);
    return message->version == WIRE_VERSION &&
           (wanted.len == 0 || wire_room_ids_compare(wanted, message->room) == 0);
}

static void receive_welcome(struct chat *chat, enum event_transport way,
                            const struct wire_message *message) {
    if (chat->signaling.ways[way].state != WAY_JOINING)
        return;
    if (!is_as_asked(chat, message)) {
        refuse(chat, slice_of("The server did not open the room that was asked for."));
        return;
    }
    become_joined(chat, way);
    relay_keep(chat, message);
    chat->room_members_max = message->room_members_max;
    PARLEY_CHECK(buffer_set(&chat->wanted_room, message->room) == PARLEY_OK);
    roster_welcome(chat, message);
}

/* Errors */

/* A code from a newer server comes with its own sentence. */
static struct slice sentence_for(struct chat *chat, const struct wire_message *message) {
    if (message->error != WIRE_ERROR_COUNT)
        return slice_of(wire_error_sentence(message->error));
    buffer_clear(&chat->scratch);
    if (text_clean_name(message->sentence, PEER_TEXT_CHARACTERS_MAX, &chat->scratch) != PARLEY_OK)
        return slice_of("The server refused this page.");
    return buffer_slice(&chat->scratch);
}

/* True for what will be otherwise at the next attempt, or may be for somebody who is in the middle
 * of a conversation. */
static bool is_passing(const struct chat *chat, enum wire_error error) {
    if (error == WIRE_ERROR_SHUTTING_DOWN || error == WIRE_ERROR_RESTARTING ||
        error == WIRE_ERROR_JOIN_TIMEOUT || error == WIRE_ERROR_TOO_SLOW ||
        error == WIRE_ERROR_TOO_FAST || error == WIRE_ERROR_ROOM_BUSY ||
        error == WIRE_ERROR_TOO_MANY_JOINS || error == WIRE_ERROR_OLD_JOIN)
        return true;
    bool crowded = error == WIRE_ERROR_SERVER_FULL || error == WIRE_ERROR_ADDRESS_FULL ||
                   error == WIRE_ERROR_TOO_MANY_ROOMS || error == WIRE_ERROR_ROOM_FULL;
    return crowded && chat->room.id_len > 0;
}

/* By a join that was sent later by the other way: what is in is closed, and another follows. */
static bool is_replaced_by_own(const struct chat *chat, enum event_transport way,
                               enum wire_error error) {
    return error == WIRE_ERROR_REPLACED && chat->signaling.ways[way].join != chat->token.joins;
}

static void receive_error(struct chat *chat, enum event_transport way,
                          const struct wire_message *message) {
    bool passes = is_passing(chat, message->error) || is_replaced_by_own(chat, way, message->error);
    token_overtake(&chat->token, message->number);
    if (passes) {
        dialing_hear(chat, message->error); /* the close follows */
        if (way == EVENT_TRANSPORT_WEBSOCKET)
            chat->signaling.websocket_works = true; /* it brought the refusal */
        return;
    }
    bool fatal = message->error != WIRE_ERROR_COUNT && wire_error_close_code(message->error) != 0;
    if (!fatal && chat->signaling.ways[way].state == WAY_JOINED)
        return; /* they left while we wrote to them */
    if (message->error == WIRE_ERROR_REPLACED)
        chat_forget_members(chat); /* they are the other window's now */
    refuse(chat, sentence_for(chat, message));
}

/* Through the way by which we are in. */
static void receive_in_room(struct chat *chat, const struct wire_message *message) {
    heartbeat_heard(&chat->signaling.heartbeat, chat->now_ms);
    if (message->type == WIRE_CREDENTIALS)
        relay_keep(chat, message);
    else if (message->type != WIRE_WELCOME && message->type != WIRE_ERROR)
        roster_receive(chat, message);
}

static void receive(struct chat *chat, enum event_transport way,
                    const struct wire_message *message) {
    enum way_state state = chat->signaling.ways[way].state;
    if (state == WAY_PROBED)
        join_by(chat, way); /* it passes messages */
    if (state == WAY_JOINED)
        receive_in_room(chat, message);
    if (message->type == WIRE_ERROR)
        receive_error(chat, way, message);
    else if (message->type == WIRE_WELCOME)
        receive_welcome(chat, way, message);
}

void signaling_receive(struct chat *chat, enum event_transport way, struct slice bytes) {
    enum way_state state = chat->signaling.ways[way].state;
    if (state == WAY_CLOSED || state == WAY_OPENING)
        return;
    struct wire_message message;
    if (wire_read(bytes, WIRE_TO_PAGE, &message) != PARLEY_OK)
        return; /* a newer server may say more than we know */
    receive(chat, way, &message);
    wire_message_deinit(&message);
}
