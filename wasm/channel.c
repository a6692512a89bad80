#include "channel.h"

#include "error.h"
#include "peer_message.h"

static bool is_connected(const struct member *member) {
    return member->link.phase == LINK_CONNECTED;
}

/* Sending */

static void send_direct(struct chat *chat, struct member *member, enum peer_message_type type,
                        struct slice text) {
    struct buffer *bytes = actions_bytes(&chat->actions);
    size_t at = bytes->len;
    PARLEY_CHECK(peer_message_write(type, text, bytes) == PARLEY_OK);
    actions_push_stored(&chat->actions, ACTION_CHANNEL_SEND, member->link.peer, 0,
                        actions_stored(&chat->actions, at));
    member->may_send = false;
}

/* Tells the person which texts a slow or late member will never get. */
static void skip_lost(struct chat *chat, struct member *member) {
    if ((int32_t)(chat->outbox.first - member->next_out) <= 0)
        return;
    member->next_out = chat->outbox.first;
    chat_note(chat, LINE_LOST, member, "Some messages will not reach ",
              ": there were too many to keep.");
}

static void send_waiting(struct chat *chat, struct member *member) {
    skip_lost(chat, member);
    for (size_t sent = 0; member->next_out != chat->outbox.end && sent < CHANNEL_TURN_BYTES;) {
        struct slice message = outbox_get(&chat->outbox, member->next_out++);
        actions_push_kept(&chat->actions, ACTION_CHANNEL_SEND, member->link.peer, message);
        member->may_send = false;
        sent += message.len;
    }
}

/* Gives one channel what it lacks, if it has room. */
static void pump(struct chat *chat, struct member *member) {
    if (!is_connected(member) || !member->may_send)
        return;
    if (member->name_due && pace_take(&member->renames_told, chat->now_ms, CHANNEL_RENAME_MS,
                                      CHANNEL_RENAMES_TOLD_AT_ONCE)) {
        member->name_due = false;
        send_direct(chat, member, PEER_MESSAGE_NAME, buffer_slice(&chat->name));
    }
    send_waiting(chat, member);
}

void channel_tick(struct chat *chat, struct member *member) {
    pump(chat, member);
}

uint64_t channel_deadline_ms(const struct member *member) {
    if (!is_connected(member) || !member->name_due || !member->may_send)
        return LINK_NO_DEADLINE;
    return pace_due_ms(&member->renames_told, CHANNEL_RENAME_MS, CHANNEL_RENAMES_TOLD_AT_ONCE);
}

void channel_forget_sent(struct chat *chat) {
    uint32_t needed = chat->outbox.end;
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        const struct member *member = chat->room.members[i];
        if (member->link.phase != LINK_CLOSED && (int32_t)(member->next_out - needed) < 0)
            needed = member->next_out;
    }
    outbox_drop_before(&chat->outbox, needed);
}

static void pump_all(struct chat *chat) {
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        pump(chat, chat->room.members[i]);
}

void channel_opened(struct chat *chat, struct member *member) {
    member->name_due = false;
    send_direct(chat, member, PEER_MESSAGE_HELLO, buffer_slice(&chat->name));
    send_waiting(chat, member);
}

void channel_buffered(struct chat *chat, struct member *member, uint32_t buffered_bytes) {
    member->may_send = buffered_bytes <= CHANNEL_BUFFER_LOW_BYTES;
    pump(chat, member);
}

int channel_say(struct chat *chat, struct slice text) {
    struct buffer *bytes = &chat->scratch;
    buffer_clear(bytes);
    int error = peer_message_write(PEER_MESSAGE_TEXT, text, bytes);
    if (!error)
        error = outbox_add(&chat->outbox, buffer_slice(bytes));
    if (!error)
        pump_all(chat);
    return error;
}

void channel_rename(struct chat *chat) {
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        chat->room.members[i]->name_due = true;
    pump_all(chat);
}

void channel_say_bye(struct chat *chat, struct member *member) {
    if (is_connected(member))
        send_direct(chat, member, PEER_MESSAGE_BYE, (struct slice){0});
}

/* Receiving */

static void receive_garbage(struct chat *chat, struct member *member) {
    struct link_env env = chat_link_env(chat);
    link_step_seen(&member->link, &env, LINK_STEP_GARBAGE);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    if (++member->garbage == 1)
        chat_note(chat, LINE_WARNING, member, "",
                  " sent something that makes no sense; it is ignored.");
    if (member->garbage <= CHANNEL_GARBAGE_MAX)
        return;
    link_close(&member->link, &env, LINK_REASON_MISBEHAVED);
    chat_report_lost(chat, member);
}

static void receive_hello(struct chat *chat, struct member *member, struct slice name) {
    member_set_name(member, name);
    member->announced = true;
    if (member->was_here)
        chat_note(chat, LINE_HERE, member, "", " is here");
    else
        chat_note(chat, LINE_JOINED, member, "", " joined");
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
}

/* False: too often. */
static bool receive_name(struct chat *chat, struct member *member, struct slice name) {
    if (slice_equal(member_name(member), name))
        return true;
    if (!pace_take(&member->renames_heard, chat->now_ms, CHANNEL_RENAME_MS,
                   CHANNEL_RENAMES_AT_ONCE))
        return false; /* renames are lines on the screen: nobody may fill it with them */
    chat_note_renamed(chat, member, name);
    member_set_name(member, name);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    return true;
}

/* False: the message makes no sense now. */
static bool receive(struct chat *chat, struct member *member, const struct peer_message *message) {
    bool greeted = member->name_len > 0;
    if (greeted == (message->type == PEER_MESSAGE_HELLO))
        return false;
    if (message->type == PEER_MESSAGE_HELLO)
        receive_hello(chat, member, message->text);
    else if (message->type == PEER_MESSAGE_TEXT)
        chat_add_text(chat, member, message->text);
    else if (message->type == PEER_MESSAGE_NAME)
        return receive_name(chat, member, message->text);
    else
        chat_depart(chat, member);
    return true;
}

void channel_receive(struct chat *chat, struct member *member, struct slice bytes, bool binary) {
    if (member->link.phase == LINK_CLOSED)
        return;
    struct peer_message message;
    if (binary || peer_message_read(bytes, &message) != PARLEY_OK) {
        receive_garbage(chat, member);
        return;
    }
    if (!receive(chat, member, &message))
        receive_garbage(chat, member);
    peer_message_deinit(&message);
}
