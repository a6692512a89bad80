#include "signaling.h"

#include "backoff.h"
#include "error.h"
#include "relay.h"
#include "roster.h"
#include "wire.h"

#define CLOSE_NORMAL 1000 /* RFC 6455, 7.4.1 */
#define POLLING_EVERY 4   /* attempts, where a WebSocket once worked */
#define SUDDEN_ENDS_MAX 2

static void set_server(struct chat *chat, enum chat_server_state state) {
    chat->server = state;
    if (state != CHAT_SERVER_JOINED)
        relay_rest(chat);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

static void send(struct chat *chat, const struct wire_message *message) {
    PARLEY_CHECK(actions_push_message(&chat->actions, 0, message) == PARLEY_OK);
}

static void hang_up(struct chat *chat) {
    actions_push(&chat->actions, ACTION_SERVER_CLOSE, 0, CLOSE_NORMAL);
}

/* What the server said last about why we are not in. */
static void hear(struct chat *chat, enum wire_error told) {
    chat->signaling.told = told;
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

/* Nothing more is tried, nor awaited. */
static void rest(struct chat *chat, enum chat_server_state state) {
    chat->signaling.dialing = false;
    chat->signaling.due_ms = CHAT_NO_DEADLINE;
    heartbeat_stop(&chat->signaling.heartbeat);
    set_server(chat, state);
}

static void refuse(struct chat *chat, struct slice sentence) {
    PARLEY_CHECK(buffer_set(&chat->refusal, sentence) == PARLEY_OK);
    rest(chat, CHAT_SERVER_REFUSED);
}

/* Dialing */

static void dial(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    bool first = signaling->transport == EVENT_TRANSPORT_WEBSOCKET && !signaling->websocket_works;
    signaling->dialing = true;
    signaling->opened = false;
    signaling->dialed_ms = chat->now_ms;
    signaling->due_ms = chat->now_ms + (first ? SIGNALING_OPEN_FIRST_MS : SIGNALING_OPEN_MS);
    actions_push(&chat->actions, ACTION_SERVER_CONNECT, 0, signaling->transport);
}

static void wait(struct chat *chat) {
    chat->signaling.due_ms =
        chat->now_ms + backoff_pause_ms(chat->signaling.failures, SIGNALING_PAUSE_FIRST_MS,
                                        SIGNALING_PAUSE_MAX_MS, &chat->random);
    set_server(chat, CHAT_SERVER_LOST);
}

/* What to try next, after |signaling|'s transport did not lead to a welcome. */
static enum event_transport next_transport(const struct signaling *signaling) {
    bool polling = signaling->transport == EVENT_TRANSPORT_POLLING;
    if (signaling->websocket_works)
        return signaling->failures % POLLING_EVERY == POLLING_EVERY - 1 ? EVENT_TRANSPORT_POLLING
                                                                        : EVENT_TRANSPORT_WEBSOCKET;
    if (polling)
        return signaling->polling_works && signaling->failures < POLLING_EVERY
                   ? EVENT_TRANSPORT_POLLING
                   : EVENT_TRANSPORT_WEBSOCKET;
    return signaling->sudden_ends == 1 ? EVENT_TRANSPORT_WEBSOCKET : EVENT_TRANSPORT_POLLING;
}

/* One that ends again and again as soon as it is open is none: something in between cuts it. */
static void count_end(struct signaling *signaling, bool sudden) {
    bool counts = sudden && signaling->transport == EVENT_TRANSPORT_WEBSOCKET &&
                  signaling->told == WIRE_ERROR_COUNT;
    signaling->sudden_ends = counts ? signaling->sudden_ends + 1 : 0;
    if (signaling->sudden_ends >= SUDDEN_ENDS_MAX)
        signaling->websocket_works = false;
}

static void dial_failed(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    signaling->dialing = false;
    count_end(signaling, signaling->opened);
    if (!signaling->opened)
        hear(chat, WIRE_ERROR_COUNT);
    bool first_half =
        signaling->transport == EVENT_TRANSPORT_WEBSOCKET && !signaling->websocket_works;
    if (!first_half)
        signaling->failures++;
    signaling->transport = next_transport(signaling);
    if (first_half)
        dial(chat); /* the other half of the same attempt */
    else
        wait(chat);
}

static bool is_steady(const struct chat *chat) {
    return chat->now_ms >= chat->signaling.joined_ms + SIGNALING_STEADY_MS;
}

static void lose(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    heartbeat_stop(&signaling->heartbeat);
    if (is_steady(chat))
        signaling->failures = 0;
    signaling->failures++;
    count_end(signaling, !is_steady(chat));
    if (signaling->sudden_ends >= SUDDEN_ENDS_MAX)
        signaling->transport = EVENT_TRANSPORT_POLLING;
    wait(chat);
}

void signaling_connect(struct chat *chat) {
    struct slice wanted = buffer_slice(&chat->wanted_room);
    if (wanted.len && !wire_room_id_valid(wanted)) {
        refuse(chat, slice_of(wire_error_sentence(WIRE_ERROR_BAD_ROOM)));
        return;
    }
    set_server(chat, CHAT_SERVER_CONNECTING);
    dial(chat);
}

void signaling_leave(struct chat *chat, bool back) {
    if (chat->server == CHAT_SERVER_JOINED)
        send(chat, &(struct wire_message){.type = WIRE_LEAVE, .back = back});
    if (chat->server != CHAT_SERVER_IDLE)
        hang_up(chat);
    rest(chat, CHAT_SERVER_IDLE);
}

void signaling_opened(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    if (!signaling->dialing || signaling->opened)
        return;
    signaling->opened = true;
    hear(chat, WIRE_ERROR_COUNT);
    signaling->due_ms = chat->now_ms + SIGNALING_WELCOME_MS;
    token_count_join(&chat->token, chat->wall_ms);
    chat_store_token(chat);
    send(chat, &(struct wire_message){.type = WIRE_JOIN,
                                      .version = WIRE_VERSION,
                                      .room = buffer_slice(&chat->wanted_room),
                                      .token = {chat->token.secret, WIRE_TOKEN_BYTES},
                                      .back = chat->room.id_len > 0,
                                      .number = chat->token.joins});
}

void signaling_closed(struct chat *chat) {
    if (chat->signaling.dialing)
        dial_failed(chat);
    else if (chat->server == CHAT_SERVER_JOINED)
        lose(chat);
}

/* What was dialed before the network changed may wait for an answer that cannot come. */
static void dial_afresh(struct chat *chat) {
    if (chat->now_ms < chat->signaling.dialed_ms + SIGNALING_STALE_MS)
        return;
    hang_up(chat);
    dial(chat);
}

void signaling_wake(struct chat *chat) {
    if (chat->server == CHAT_SERVER_JOINED)
        heartbeat_doubt(&chat->signaling.heartbeat, chat->now_ms);
    else if (chat->signaling.dialing)
        dial_afresh(chat);
    else if (chat->server == CHAT_SERVER_LOST)
        chat->signaling.due_ms = chat->now_ms;
}

static void check_heartbeat(struct chat *chat) {
    switch (heartbeat_tick(&chat->signaling.heartbeat, chat->now_ms)) {
    case HEARTBEAT_ASK:
        send(chat, &(struct wire_message){.type = WIRE_PING});
        break;
    case HEARTBEAT_DEAD:
        hang_up(chat);
        lose(chat);
        break;
    case HEARTBEAT_FINE:
        break;
    }
}

void signaling_tick(struct chat *chat) {
    check_heartbeat(chat);
    if (chat->now_ms < chat->signaling.due_ms)
        return;
    if (!chat->signaling.dialing) {
        dial(chat);
        return;
    }
    hang_up(chat);
    dial_failed(chat);
}

uint64_t signaling_deadline_ms(const struct chat *chat) {
    uint64_t heartbeat_ms = chat->signaling.heartbeat.due_ms;
    return heartbeat_ms < chat->signaling.due_ms ? heartbeat_ms : chat->signaling.due_ms;
}

/* The welcome */

static void note_working_transport(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    bool polling = signaling->transport == EVENT_TRANSPORT_POLLING;
    if (polling && !signaling->polling_works && !signaling->websocket_works)
        actions_push(&chat->actions, ACTION_TRANSPORT_STORE, 0, EVENT_TRANSPORT_POLLING);
    if (polling)
        signaling->polling_works = true;
    else
        signaling->websocket_works = true;
    hear(chat, WIRE_ERROR_COUNT);
}

static void become_joined(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    note_working_transport(chat);
    signaling->dialing = false;
    signaling->due_ms = CHAT_NO_DEADLINE;
    signaling->joined_ms = chat->now_ms;
    heartbeat_start(&signaling->heartbeat, chat->now_ms, SIGNALING_QUIET_MS, SIGNALING_ANSWER_MS);
    set_server(chat, CHAT_SERVER_JOINED);
}

/* Nobody is put into a room that they did not ask for, nor talks to a server they cannot
 * understand. */
static bool is_as_asked(const struct chat *chat, const struct wire_message *message) {
    struct slice wanted = buffer_slice(&chat->wanted_room);
    return message->version == WIRE_VERSION &&
           (wanted.len == 0 || slice_equal(wanted, message->room));
}

static void receive_welcome(struct chat *chat, const struct wire_message *message) {
    if (!chat->signaling.dialing)
        return;
    if (!is_as_asked(chat, message)) {
        refuse(chat, slice_of("The server did not open the room that was asked for."));
        hang_up(chat);
        return;
    }
    become_joined(chat);
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

static void receive_error(struct chat *chat, const struct wire_message *message) {
    token_overtake(&chat->token, message->number);
    if (is_passing(chat, message->error)) {
        hear(chat, message->error); /* the close follows */
        if (chat->signaling.transport == EVENT_TRANSPORT_WEBSOCKET)
            chat->signaling.websocket_works = true; /* it brought the refusal */
        return;
    }
    bool fatal = message->error != WIRE_ERROR_COUNT && wire_error_close_code(message->error) != 0;
    if (!fatal && !chat->signaling.dialing)
        return; /* they left while we wrote to them */
    if (message->error == WIRE_ERROR_REPLACED)
        chat_forget_members(chat); /* they are the other window's now */
    refuse(chat, sentence_for(chat, message));
    hang_up(chat);
}

static void receive(struct chat *chat, const struct wire_message *message) {
    heartbeat_heard(&chat->signaling.heartbeat, chat->now_ms);
    if (message->type == WIRE_ERROR)
        receive_error(chat, message);
    else if (message->type == WIRE_WELCOME)
        receive_welcome(chat, message);
    else if (message->type == WIRE_CREDENTIALS && chat->server == CHAT_SERVER_JOINED)
        relay_keep(chat, message);
    else if (chat->server == CHAT_SERVER_JOINED)
        roster_receive(chat, message);
}

void signaling_receive(struct chat *chat, struct slice bytes) {
    if (!chat->signaling.dialing && chat->server != CHAT_SERVER_JOINED)
        return;
    struct wire_message message;
    if (wire_read(bytes, WIRE_TO_PAGE, &message) != PARLEY_OK)
        return; /* a newer server may say more than we know */
    receive(chat, &message);
    wire_message_deinit(&message);
}
