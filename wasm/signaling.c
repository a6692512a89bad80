#include "signaling.h"

#include "error.h"
#include "wire.h"

#define CLOSE_NORMAL 1000 /* RFC 6455, 7.4.1 */

static void set_server(struct chat *chat, enum chat_server_state state) {
    chat->server = state;
    chat->server_due_ms =
        state == CHAT_SERVER_CONNECTING ? chat->now_ms + SIGNALING_TIMEOUT_MS : CHAT_NO_DEADLINE;
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

static void send(struct chat *chat, const struct wire_message *message) {
    struct buffer *bytes = actions_bytes(&chat->actions);
    size_t at = bytes->len;
    PARLEY_CHECK(wire_write(message, WIRE_TO_SERVER, bytes) == PARLEY_OK);
    actions_push_stored(&chat->actions, ACTION_SERVER_SEND, 0, 0,
                        actions_stored(&chat->actions, at));
}

static void refuse(struct chat *chat, struct slice sentence) {
    PARLEY_CHECK(buffer_set(&chat->refusal, sentence) == PARLEY_OK);
    set_server(chat, CHAT_SERVER_REFUSED);
}

void signaling_connect(struct chat *chat) {
    struct slice wanted = buffer_slice(&chat->wanted_room);
    if (wanted.len && !wire_room_id_valid(wanted)) {
        refuse(chat, slice_of(wire_error_sentence(WIRE_ERROR_BAD_ROOM)));
        return;
    }
    set_server(chat, CHAT_SERVER_CONNECTING);
    actions_push(&chat->actions, ACTION_SERVER_CONNECT, 0, 0);
}

void signaling_leave(struct chat *chat) {
    if (chat->server == CHAT_SERVER_JOINED)
        send(chat, &(struct wire_message){.type = WIRE_LEAVE});
    if (chat->server != CHAT_SERVER_IDLE)
        actions_push(&chat->actions, ACTION_SERVER_CLOSE, 0, CLOSE_NORMAL);
    set_server(chat, CHAT_SERVER_IDLE);
}

void signaling_opened(struct chat *chat) {
    if (chat->server == CHAT_SERVER_CONNECTING)
        send(chat, &(struct wire_message){.type = WIRE_JOIN,
                                          .version = WIRE_VERSION,
                                          .room = buffer_slice(&chat->wanted_room)});
}

void signaling_closed(struct chat *chat) {
    if (chat->server == CHAT_SERVER_CONNECTING || chat->server == CHAT_SERVER_JOINED)
        set_server(chat, CHAT_SERVER_LOST);
}

void signaling_tick(struct chat *chat) {
    if (chat->now_ms < chat->server_due_ms)
        return;
    actions_push(&chat->actions, ACTION_SERVER_CLOSE, 0, CLOSE_NORMAL);
    set_server(chat, CHAT_SERVER_LOST);
}

/* The server's word about people */

/* Somebody is here; NULL when that makes no sense and is ignored. */
static struct member *meet(struct chat *chat, struct slice id) {
    struct member *member;
    if (room_add(&chat->room, id, chat->now_ms, &member) != PARLEY_OK)
        return NULL;
    member->next_out = chat->outbox.end;
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    return member;
}

static void keep_ice_servers(struct chat *chat, const struct wire_message *message) {
    buffer_clear(&chat->ice_servers);
    PARLEY_CHECK(wire_write_ice_servers(message->ice_servers, message->ice_server_count,
                                        &chat->ice_servers) == PARLEY_OK);
    chat->has_relay = false;
    for (size_t i = 0; i < message->ice_server_count; i++)
        chat->has_relay = chat->has_relay || wire_ice_url_is_turn(message->ice_servers[i].url);
}

/* Nobody is put into a room that they did not ask for, nor talks to a server they cannot
 * understand. */
static bool is_as_asked(const struct chat *chat, const struct wire_message *message) {
    struct slice wanted = buffer_slice(&chat->wanted_room);
    return message->version == WIRE_VERSION &&
           (wanted.len == 0 || slice_equal(wanted, message->room));
}

static void receive_welcome(struct chat *chat, const struct wire_message *message) {
    if (chat->server != CHAT_SERVER_CONNECTING)
        return;
    if (!is_as_asked(chat, message)) {
        refuse(chat, slice_of("The server did not open the room that was asked for."));
        actions_push(&chat->actions, ACTION_SERVER_CLOSE, 0, CLOSE_NORMAL);
        return;
    }
    set_server(chat, CHAT_SERVER_JOINED);
    PARLEY_CHECK(buffer_set(&chat->wanted_room, message->room) == PARLEY_OK);
    room_enter(&chat->room, message->room, message->member);
    keep_ice_servers(chat, message);
    chat->room_members_max = message->room_members_max;
    actions_push_text(&chat->actions, ACTION_ROOM_NAMED, 0, 0, message->room);
    for (size_t i = 0; i < message->member_count; i++) {
        struct member *member = meet(chat, message->members[i]);
        if (member)
            member->was_here = true; /* they offer: those already in the room do */
    }
    room_choose_own_colour(&chat->room);
    chat_note(chat, LINE_ENTERED, NULL, "You are in the room", "");
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
}

static void receive_joined(struct chat *chat, const struct wire_message *message) {
    struct member *member = meet(chat, message->member);
    if (!member)
        return;
    struct link_env env = chat_link_env(chat);
    link_offer(&member->link, &env);
}

static void receive_signal(struct chat *chat, struct member *member,
                           const struct wire_message *message) {
    struct link_env env = chat_link_env(chat);
    enum link_phase before = member->link.phase;
    if (message->type == WIRE_CANDIDATE)
        link_receive_candidate(&member->link, &env, message->candidate, message->mid,
                               message->ufrag);
    else
        link_receive_description(&member->link, &env,
                                 message->type == WIRE_OFFER ? EVENT_SDP_OFFER : EVENT_SDP_ANSWER,
                                 message->sdp);
    chat_follow_link(chat, member, before);
}

static void receive_from_member(struct chat *chat, const struct wire_message *message) {
    struct member *member = room_find_id(&chat->room, message->member);
    if (!member)
        return;
    if (message->type == WIRE_LEFT)
        chat_depart(chat, member);
    else
        receive_signal(chat, member, message);
}

/* A code from a newer server comes with its own sentence. */
static struct slice sentence_for(struct chat *chat, const struct wire_message *message) {
    if (message->error != WIRE_ERROR_COUNT)
        return slice_of(wire_error_sentence(message->error));
    buffer_clear(&chat->scratch);
    if (text_clean_name(message->sentence, PEER_TEXT_CHARACTERS_MAX, &chat->scratch) != PARLEY_OK)
        return slice_of("The server refused this page.");
    return buffer_slice(&chat->scratch);
}

static void receive_error(struct chat *chat, const struct wire_message *message) {
    bool known = message->error != WIRE_ERROR_COUNT;
    if (message->error == WIRE_ERROR_SHUTTING_DOWN || chat->server == CHAT_SERVER_LOST)
        return; /* the close that follows says enough */
    bool fatal = known && wire_error_close_code(message->error) != 0;
    if (fatal ||
        chat->server == CHAT_SERVER_CONNECTING) /* else: they left while we wrote to them */
        refuse(chat, sentence_for(chat, message));
}

static void receive(struct chat *chat, const struct wire_message *message) {
    if (message->type == WIRE_ERROR)
        receive_error(chat, message);
    else if (message->type == WIRE_WELCOME)
        receive_welcome(chat, message);
    else if (chat->server != CHAT_SERVER_JOINED)
        return;
    else if (message->type == WIRE_JOINED)
        receive_joined(chat, message);
    else
        receive_from_member(chat, message);
}

void signaling_receive(struct chat *chat, struct slice bytes) {
    if (chat->server != CHAT_SERVER_CONNECTING && chat->server != CHAT_SERVER_JOINED)
        return;
    struct wire_message message;
    if (wire_read(bytes, WIRE_TO_PAGE, &message) != PARLEY_OK)
        return; /* a newer server may say more than we know */
    receive(chat, &message);
    wire_message_deinit(&message);
}
