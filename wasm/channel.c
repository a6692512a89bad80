#include "channel.h"

#include "error.h"
#include "peer_message.h"
#include "roster.h"

/* Sending */

static void send_direct(struct chat *chat, struct member *member,
                        const struct peer_message *message) {
    struct buffer *bytes = actions_bytes(&chat->actions);
    size_t at = bytes->len;
    PARLEY_CHECK(peer_message_write(message, bytes) == PARLEY_OK);
    actions_push_stored(&chat->actions, ACTION_CHANNEL_SEND, link_peer(&member->link), 0,
                        actions_stored(&chat->actions, at));
    member->may_send = false;
}

/* Both ping and pong confirm. */
static void send_sign(struct chat *chat, struct member *member, enum peer_message_type type) {
    member->unconfirmed = 0;
    member->unconfirmed_bytes = 0;
    member->told_route = member->link.route.own;
    send_direct(chat, member,
                &(struct peer_message){
                    .type = type, .next = member->next_shown, .route = member->told_route});
}

static void send_reach(struct chat *chat, struct member *member) {
    struct slice members[WIRE_ROOM_MEMBERS_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        if (member_connected(chat->room.members[i]))
            members[count++] = member_id(chat->room.members[i]);
    member->reach_due = false;
    send_direct(chat, member,
                &(struct peer_message){
                    .type = PEER_MESSAGE_REACH, .members = members, .member_count = count});
}

/* Tells the person which texts a slow or late member will never get. */
static void skip_lost(struct chat *chat, struct member *member) {
    if ((int32_t)(chat->outbox.first - member->next_out) <= 0)
        return;
    member->next_out = chat->outbox.first;
    chat_note(chat, LINE_LOST, member, "Some messages will not reach ",
              ": there were too many to keep.");
}

/* How much |member| was given and has not confirmed. */
static size_t given_bytes(const struct chat *chat, const struct member *member) {
    size_t bytes = 0;
    uint32_t from = member->confirmed;
    if ((int32_t)(chat->outbox.first - from) > 0)
        from = chat->outbox.first;
    for (; from != member->next_out; from++)
        bytes += outbox_get(&chat->outbox, from).len;
    return bytes;
}

/* As much as their inbox takes; more waits for them to confirm some. */
static void send_waiting(struct chat *chat, struct member *member) {
    skip_lost(chat, member);
    size_t given = given_bytes(chat, member);
    for (size_t sent = 0; member->next_out != chat->outbox.end && sent < CHANNEL_TURN_BYTES;) {
        struct slice message = outbox_get(&chat->outbox, member->next_out);
        if (member->next_out - member->confirmed >= INBOX_TEXTS_MAX ||
            (given && given + message.len > INBOX_BYTES_MAX))
            return;
        member->next_out++;
        actions_push_kept(&chat->actions, ACTION_CHANNEL_SEND, link_peer(&member->link), message);
        member->may_send = false;
        sent += message.len;
        given += message.len;
    }
}

/* Gives one channel what it lacks, if it has room. */
static void pump(struct chat *chat, struct member *member) {
    if (!member_connected(member) || !member->may_send || !member->greeted)
        return;
    if (member->pong_due || member->told_route != member->link.route.own) {
        member->pong_due = false;
        send_sign(chat, member, PEER_MESSAGE_PONG);
    }
    if (member->reach_due)
        send_reach(chat, member);
    if (member->name_due && pace_take(&member->renames_told, chat->now_ms, CHANNEL_RENAME_MS,
                                      CHANNEL_RENAMES_TOLD_AT_ONCE)) {
        member->name_due = false;
        send_direct(
            chat, member,
            &(struct peer_message){.type = PEER_MESSAGE_NAME, .text = buffer_slice(&chat->name)});
    }
    send_waiting(chat, member);
}

static void pump_all(struct chat *chat) {
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        pump(chat, chat->room.members[i]);
}

void channel_forget_sent(struct chat *chat) {
    uint32_t needed = chat->outbox.end;
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        const struct member *member = chat->room.members[i];
        if (member->link.phase != LINK_CLOSED && (int32_t)(member->confirmed - needed) < 0)
            needed = member->confirmed;
    }
    outbox_drop_before(&chat->outbox, needed);
}

void channel_opened(struct chat *chat, struct member *member) {
    member->greeted = member->name_due = false;
    member->heard_bytes = 0;
    member->heard_since_ms = member->load_asked_ms = chat->now_ms;
    member->told_route = CANDIDATE_UNKNOWN;
    heartbeat_start(&member->heartbeat, chat->now_ms, CHANNEL_QUIET_MS, CHANNEL_ANSWER_MS);
    send_direct(chat, member,
                &(struct peer_message){.type = PEER_MESSAGE_HELLO,
                                       .session = chat->session,
                                       .first = member->confirmed,
                                       .heard = member->session,
                                       .next = member->next_shown,
                                       .text = buffer_slice(&chat->name)});
}

void channel_lost(struct member *member) {
    heartbeat_stop(&member->heartbeat);
}

void channel_regained(struct chat *chat, struct member *member) {
    heartbeat_start(&member->heartbeat, chat->now_ms, CHANNEL_QUIET_MS, CHANNEL_ANSWER_MS);
    if (!member->greeted)
        return; /* it has only just opened, or their hello was on its way when it was lost */
    heartbeat_doubt(&member->heartbeat, chat->now_ms);
    pump(chat, member);
}

void channel_buffered(struct chat *chat, struct member *member, uint32_t buffered_bytes) {
    member->may_send = buffered_bytes <= CHANNEL_BUFFER_LOW_BYTES;
    pump(chat, member);
}

int channel_say(struct chat *chat, struct slice text) {
    struct buffer *bytes = &chat->scratch;
    buffer_clear(bytes);
    int error = peer_message_write(
        &(struct peer_message){.type = PEER_MESSAGE_TEXT, .number = chat->outbox.end, .text = text},
        bytes);
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

void channel_reach_changed(struct chat *chat) {
    if (chat->reach_due_ms > chat->now_ms + CHANNEL_REACH_MS)
        chat->reach_due_ms = chat->now_ms + CHANNEL_REACH_MS;
}

void channel_tell_reach(struct chat *chat) {
    chat->reach_due_ms = NO_DEADLINE;
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        chat->room.members[i]->reach_due = true;
    pump_all(chat);
}

void channel_say_bye(struct chat *chat, struct member *member, bool back) {
    if (member->link.channel_open)
        send_direct(chat, member, &(struct peer_message){.type = PEER_MESSAGE_BYE, .back = back});
}

/* Showing what came */

/* Their numbers say that some texts will not come. */
static void miss(struct chat *chat, struct member *member, const char *reason) {
    if (pace_take(&member->misses, chat->now_ms, CHANNEL_MISS_MS, CHANNEL_MISSES_AT_ONCE))
        chat_note(chat, LINE_LOST, member, "Some messages from ", reason);
}

/* Shows a text, and confirms it now and then without being asked. */
static void show(struct chat *chat, struct member *member, uint32_t number, struct slice text) {
    if (number != member->next_shown)
        miss(chat, member, " are missing here: there were too many to keep.");
    member->next_shown = number + 1;
    chat_add_text(chat, member, 0, text);
    member->unconfirmed_bytes += text.len;
    if (++member->unconfirmed >= CHANNEL_CONFIRM_TEXTS ||
        member->unconfirmed_bytes >= CHANNEL_CONFIRM_BYTES)
        member->pong_due = true;
}

static void show_first(struct chat *chat, struct member *member) {
    uint32_t number;
    struct slice text;
    PARLEY_CHECK(inbox_first(&member->inbox, &number, &text));
    show(chat, member, number, text);
    inbox_drop_first(&member->inbox);
}

static void show_waiting(struct chat *chat, struct member *member) {
    while (inbox_take(&member->inbox, chat->now_ms))
        show_first(chat, member);
}

void channel_show_all(struct chat *chat, struct member *member) {
    while (member->inbox.count)
        show_first(chat, member);
}

/* Time */

static void check_heartbeat(struct chat *chat, struct member *member) {
    struct link_env env = chat_link_env(chat);
    enum link_phase before = member->link.phase;
    switch (heartbeat_tick(&member->heartbeat, chat->now_ms)) {
    case HEARTBEAT_ASK:
        send_sign(chat, member, PEER_MESSAGE_PING);
        break;
    case HEARTBEAT_DEAD:
        link_silent(&member->link, &env);
        chat_follow_link(chat, member, before);
        break;
    case HEARTBEAT_FINE:
        break;
    }
}

void channel_tick(struct chat *chat, struct member *member) {
    if (member_connected(member))
        check_heartbeat(chat, member);
    show_waiting(chat, member);
    pump(chat, member);
}

static uint64_t rename_deadline_ms(const struct member *member) {
    if (!member->name_due || !member->may_send || !member->greeted)
        return NO_DEADLINE;
    return pace_due(&member->renames_told, CHANNEL_RENAME_MS, CHANNEL_RENAMES_TOLD_AT_ONCE);
}

uint64_t channel_deadline_ms(const struct member *member) {
    uint64_t deadline_ms = inbox_due_ms(&member->inbox);
    if (!member_connected(member))
        return deadline_ms;
    uint64_t rename_ms = rename_deadline_ms(member);
    if (rename_ms < deadline_ms)
        deadline_ms = rename_ms;
    return deadline_earlier(member->heartbeat.due_ms, deadline_ms);
}

/* Receiving */

static void receive_garbage(struct chat *chat, struct member *member) {
    steps_add(&member->link.steps, chat->now_ms, STEP_GARBAGE);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    if (++member->garbage == 1)
        chat_note(chat, LINE_WARNING, member, "",
                  " sent something that makes no sense; it is ignored.");
    if (member->garbage > CHANNEL_GARBAGE_MAX)
        chat_hang_up(chat, member);
}

/* Texts before |next| have come to somebody. */
static void read_until(struct chat *chat, uint32_t next) {
    if ((int32_t)(next - chat->given_end) > 0)
        chat->given_end = next;
}

/* They have all texts before |next|. A number that we never gave counts for nothing. */
static void confirm(struct chat *chat, struct member *member, uint32_t next) {
    if ((int32_t)(next - member->confirmed) <= 0 || (int32_t)(member->next_out - next) < 0)
        return;
    member->confirmed = next;
    read_until(chat, next);
}

void channel_given(struct chat *chat, const struct member *member) {
    read_until(chat, member->next_out);
}

/* Goes on where the last connection broke off. */
static void resume(struct chat *chat, struct member *member, const struct peer_message *message) {
    bool same_page = message->session == member->session;
    bool missed = same_page && message->first > member->next_in;
    member->session = message->session;
    if (!same_page || missed) {
        channel_show_all(chat, member);
        member->next_in = member->next_shown = message->first;
    }
    if (missed)
        miss(chat, member, " are missing here: you were out of reach for too long.");
    if (message->heard == chat->session)
        confirm(chat, member, message->next);
    member->next_out = member->confirmed;
}

static void announce(struct chat *chat, struct member *member) {
    member->announced = true;
    if (member->was_here)
        chat_note(chat, LINE_HERE, member, "", " is here");
    else
        chat_note(chat, LINE_JOINED, member, "", " joined");
}

static void receive_hello(struct chat *chat, struct member *member,
                          const struct peer_message *message) {
    member->greeted = member->reach_due = true;
    resume(chat, member, message);
    struct slice name = name_without_ours(message->text);
    if (!slice_equal(name_chosen(&member->name), name))
        chat_rename(chat, member, name);
    if (!member->announced)
        announce(chat, member);
    else if (member->reported)
        chat_note(chat, LINE_HERE, member, "Connected to ", " again");
    member->reported = false;
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    pump(chat, member);
}

/* A text that came before, on a connection that broke before we could say so, is not new. */
static void receive_text(struct chat *chat, struct member *member,
                         const struct peer_message *message) {
    if (message->number < member->next_in || message->number == UINT32_MAX)
        return;
    if (inbox_add(&member->inbox, message->number, message->text) != PARLEY_OK) {
        chat_hang_up(chat, member);
        return;
    }
    member->next_in = message->number + 1;
    show_waiting(chat, member);
    pump(chat, member);
}

/* False: too often. */
static bool receive_name(struct chat *chat, struct member *member, struct slice name) {
    if (slice_equal(name_chosen(&member->name), name))
        return true;
    if (!pace_take(&member->renames_heard, chat->now_ms, CHANNEL_RENAME_MS,
                   CHANNEL_RENAMES_AT_ONCE))
        return false; /* renames are lines on the screen: nobody may fill it with them */
    chat_rename(chat, member, name);
    chat_audit_soon(chat); /* its sentence names them */
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    return true;
}

static void receive_sign(struct chat *chat, struct member *member,
                         const struct peer_message *message) {
    struct link_env env = chat_link_env(chat);
    confirm(chat, member, message->next);
    if (message->route != CANDIDATE_UNKNOWN && message->route != member->link.route.word) {
        link_hear_route(&member->link, &env, message->route);
        actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    }
    member->pong_due |= message->type == PEER_MESSAGE_PING;
    pump(chat, member);
}

static void receive_reach(struct chat *chat, struct member *member,
                          const struct peer_message *message) {
    buffer_clear(&member->reach);
    for (size_t i = 0; i < message->member_count; i++)
        PARLEY_CHECK(buffer_append(&member->reach, message->members[i]) == PARLEY_OK);
    member->reach_known = true;
    chat_audit_soon(chat);
}

static void receive_bye(struct chat *chat, struct member *member,
                        const struct peer_message *message) {
    if (message->back)
        roster_expect_back(chat, member);
    else
        chat_depart(chat, member);
}

/* False: the message makes no sense now. */
static bool receive(struct chat *chat, struct member *member, const struct peer_message *message) {
    if (member->greeted == (message->type == PEER_MESSAGE_HELLO))
        return false;
    switch (message->type) {
    case PEER_MESSAGE_HELLO:
        receive_hello(chat, member, message);
        break;
    case PEER_MESSAGE_TEXT:
        receive_text(chat, member, message);
        break;
    case PEER_MESSAGE_NAME:
        return receive_name(chat, member, name_without_ours(message->text));
    case PEER_MESSAGE_PING:
    case PEER_MESSAGE_PONG:
        receive_sign(chat, member, message);
        break;
    case PEER_MESSAGE_REACH:
        receive_reach(chat, member, message);
        break;
    case PEER_MESSAGE_BYE:
        receive_bye(chat, member, message);
        break;
    case PEER_MESSAGE_TYPE_COUNT:
        return false;
    }
    return true;
}

static void ask_for_load(struct chat *chat, struct member *member) {
    if (!member_connected(member) || chat->now_ms < member->load_asked_ms + CHANNEL_LOAD_MS)
        return;
    member->load_asked_ms = chat->now_ms;
    actions_push(&chat->actions, ACTION_PEER_ASK_ROUTE, link_peer(&member->link), 0);
}

void channel_judge_load(struct chat *chat, struct member *member, uint32_t kilobytes) {
    uint64_t seconds = (chat->now_ms - member->heard_since_ms) / 1000;
    uint64_t most = CHANNEL_LOAD_KILOBYTES + seconds * CHANNEL_LOAD_KILOBYTES_PER_SECOND +
                    member->heard_bytes * CHANNEL_LOAD_FACTOR / 1024;
    if (member->link.channel_open && kilobytes > most)
        chat_hang_up(chat, member);
}

/* Whatever it is, somebody is there. */
static void hear(struct chat *chat, struct member *member, size_t bytes) {
    struct link_env env = chat_link_env(chat);
    member->heard_bytes += bytes;
    enum link_phase before = member->link.phase;
    heartbeat_heard(&member->heartbeat, chat->now_ms);
    link_heard(&member->link, &env);
    if (member->link.phase != before)
        chat_follow_link(chat, member, before);
    ask_for_load(chat, member);
}

void channel_receive(struct chat *chat, struct member *member, struct slice bytes, bool binary) {
    if (member->link.phase == LINK_CLOSED)
        return;
    if (!pace_take(&member->messages_heard, chat->now_ms, CHANNEL_MESSAGE_MS,
                   CHANNEL_MESSAGES_AT_ONCE)) {
        chat_hang_up(chat, member);
        return;
    }
    struct peer_message message;
    hear(chat, member, bytes.len);
    if (binary || peer_message_read(bytes, &message) != PARLEY_OK) {
        receive_garbage(chat, member);
        return;
    }
    if (!receive(chat, member, &message))
        receive_garbage(chat, member);
    peer_message_deinit(&message);
}
