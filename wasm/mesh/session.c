#include "session.h"

#include "error.h"
#include "name.h"

void session_init(struct session *session, uint32_t member, const struct name *name,
                  struct path path, uint32_t next_out) {
    *session = (struct session){
        .member = member, .name = name, .path = path, .next_out = next_out, .confirmed = next_out};
    heartbeat_stop(&session->heartbeat);
}

void session_deinit(struct session *session) {
    inbox_clear(&session->inbox);
}

/* Is about them. */
static struct outcome *push(const struct session *session, const struct session_env *env,
                            enum outcome_kind kind) {
    struct outcome *outcome = outcomes_push(env->outcomes, kind);
    outcome->member = session->member;
    return outcome;
}

/* Sending */

static void send_direct(struct session *session, const struct session_env *env,
                        const struct peer_message *message) {
    struct buffer bytes;
    buffer_init(&bytes, PEER_MESSAGE_BYTES_MAX);
    PARLEY_CHECK(peer_message_write(message, &bytes) == PARLEY_OK);
    path_send(session->path, env->actions, buffer_slice(&bytes), env->now_ms);
    session->may_send = false;
    buffer_deinit(&bytes);
}

/* Both ping and pong confirm. */
static void send_sign(struct session *session, const struct session_env *env,
                      enum peer_message_type type) {
    session->unconfirmed = 0;
    session->unconfirmed_bytes = 0;
    session->told_route = path_own_end(session->path);
    if (type == PEER_MESSAGE_PING)
        session->asked_out = session->next_out;
    send_direct(
        session, env,
        &(struct peer_message){.type = type,
                               .next = session->next_shown,
                               .got = session->path.server->is_open ? session->next_in + 1 : 0,
                               .route = session->told_route});
}

static void send_reachability(struct session *session, const struct session_env *env) {
    session->reachability_due = false;
    send_direct(session, env,
                &(struct peer_message){.type = PEER_MESSAGE_REACH,
                                       .members = env->reached->ids,
                                       .member_count = env->reached->count});
}

static void send_name(struct session *session, const struct session_env *env) {
    session->name_due = false;
    send_direct(
        session, env,
        &(struct peer_message){.type = PEER_MESSAGE_NAME, .text = name_chosen(env->own_name)});
}

/* Reports texts that a slow or late member will never get. */
static void skip_dropped(struct session *session, const struct session_env *env) {
    if ((int32_t)(env->outbox->first - session->next_out) <= 0)
        return;
    session->next_out = env->outbox->first;
    push(session, env, OUTCOME_TEXTS_DROPPED);
}

/* How many bytes they were sent and have not confirmed. */
static size_t given_bytes(const struct session *session, const struct outbox *outbox) {
    size_t bytes = 0;
    uint32_t from = session->confirmed;
    if ((int32_t)(outbox->first - from) > 0)
        from = outbox->first;
    for (; from != session->next_out; from++)
        bytes += outbox_get(outbox, from).len;
    return bytes;
}

/* Sends as much as their inbox takes. The rest waits until they confirm some. */
static void send_waiting(struct session *session, const struct session_env *env) {
    skip_dropped(session, env);
    size_t given = given_bytes(session, env->outbox);
    size_t turn = session->path.server->is_open ? SERVER_PATH_TURN_BYTES : SESSION_TURN_BYTES;
    for (size_t sent = 0; session->next_out != env->outbox->end && sent < turn;) {
        struct slice message = outbox_get(env->outbox, session->next_out);
        if (session->next_out - session->confirmed >= INBOX_TEXTS_MAX ||
            (given && given + message.len > INBOX_BYTES_MAX))
            return;
        session->next_out++;
        path_send_kept(session->path, env->actions, message, env->now_ms);
        session->may_send = false;
        sent += message.len;
        given += message.len;
    }
}

void session_pump(struct session *session, const struct session_env *env) {
    if (!path_has_room(session->path, env->now_ms))
        session->may_send = false; /* all members share it */
    if (!path_is_up(session->path) || !session->may_send || !session->greeted)
        return;
    if (session->pong_due || session->told_route != path_own_end(session->path)) {
        session->pong_due = false;
        send_sign(session, env, PEER_MESSAGE_PONG);
    }
    if (session->reachability_due)
        send_reachability(session, env);
    if (session->name_due && rate_take(&session->renames_told, env->now_ms, SESSION_RENAME_MS,
                                       SESSION_RENAMES_TOLD_AT_ONCE))
        send_name(session, env);
    send_waiting(session, env);
}

void session_say_bye(struct session *session, const struct session_env *env, bool back) {
    if (path_is_open(session->path))
        send_direct(session, env, &(struct peer_message){.type = PEER_MESSAGE_BYE, .back = back});
}

/* The path */

static void watch(struct session *session, const struct session_env *env) {
    heartbeat_start(&session->heartbeat, env->now_ms, SESSION_QUIET_MS, SESSION_ANSWER_MS);
}

void session_connected(struct session *session, uint64_t now_ms) {
    session->greeted = session->moved = false;
    session->heard_bytes = 0;
    session->heard_since_ms = session->load_asked_ms = now_ms;
}

bool session_count_hello(struct session *session, uint64_t now_ms) {
    return rate_take(&session->hellos, now_ms, SESSION_HELLO_MS, SESSION_HELLOS_AT_ONCE);
}

/* The first text that they may still get. */
static uint32_t first_kept(const struct session *session, const struct outbox *outbox) {
    bool dropped = (int32_t)(outbox->first - session->confirmed) > 0;
    return dropped ? outbox->first : session->confirmed;
}

void session_opened(struct session *session, const struct session_env *env,
                    const struct proof *proof, bool answer) {
    session->moved |= session->greeted;
    session->by_server = session->path.server->is_open;
    session->asked_out = session->confirmed;
    session->greeted = session->name_due = false;
    session->told_route = CANDIDATE_UNKNOWN;
    watch(session, env);
    send_direct(session, env,
                &(struct peer_message){.type = PEER_MESSAGE_HELLO,
                                       .session = env->own,
                                       .first = first_kept(session, env->outbox),
                                       .proof = *proof,
                                       .answer = answer,
                                       .heard = session->theirs,
                                       .next = session->next_shown,
                                       .text = name_chosen(env->own_name)});
}

void session_lost(struct session *session) {
    heartbeat_stop(&session->heartbeat);
}

void session_regained(struct session *session, const struct session_env *env) {
    watch(session, env);
    if (!session->greeted)
        return; /* it has only just opened, or their hello was on its way when it was lost */
    heartbeat_doubt(&session->heartbeat, env->now_ms);
    session_pump(session, env);
}

void session_buffered(struct session *session, const struct session_env *env, uint32_t bytes) {
    session->may_send = bytes <= SESSION_BUFFER_LOW_BYTES;
    session_pump(session, env);
}

/* Showing what came */

/* Their numbers show that some texts will not come. */
static void miss(struct session *session, const struct session_env *env, enum outcome_lost lost) {
    if (rate_take(&session->misses, env->now_ms, SESSION_MISS_MS, SESSION_MISSES_AT_ONCE))
        push(session, env, OUTCOME_TEXTS_LOST)->lost = lost;
}

/* Shows a text, and confirms it now and then without being asked. */
static void show_first(struct session *session, const struct session_env *env) {
    uint32_t number;
    struct slice text;
    PARLEY_CHECK(inbox_first(&session->inbox, &number, &text));
    if (number != session->next_shown)
        miss(session, env, OUTCOME_LOST_TOO_MANY);
    session->next_shown = number + 1;
    push(session, env, OUTCOME_TEXT_HEARD)->text = text;
    session->unconfirmed_bytes += text.len;
    if (++session->unconfirmed >= SESSION_CONFIRM_TEXTS ||
        session->unconfirmed_bytes >= SESSION_CONFIRM_BYTES)
        session->pong_due = true;
    inbox_drop_first(&session->inbox);
}

static void show_waiting(struct session *session, const struct session_env *env) {
    while (inbox_take(&session->inbox, env->now_ms))
        show_first(session, env);
}

void session_show_all(struct session *session, const struct session_env *env) {
    while (session->inbox.count)
        show_first(session, env);
}

/* Time */

bool session_check(struct session *session, const struct session_env *env) {
    if (!path_is_up(session->path))
        return true;
    switch (heartbeat_tick(&session->heartbeat, env->now_ms)) {
    case HEARTBEAT_ASK:
        send_sign(session, env, PEER_MESSAGE_PING);
        break;
    case HEARTBEAT_DEAD:
        return false;
    case HEARTBEAT_FINE:
        break;
    }
    return true;
}

void session_tick(struct session *session, const struct session_env *env) {
    show_waiting(session, env);
    session_pump(session, env);
}

static uint64_t rename_deadline_ms(const struct session *session) {
    if (!session->name_due || !session->may_send || !session->greeted)
        return NO_DEADLINE;
    return rate_due(&session->renames_told, SESSION_RENAME_MS, SESSION_RENAMES_TOLD_AT_ONCE);
}

uint64_t session_deadline_ms(const struct session *session) {
    uint64_t deadline_ms = inbox_due_ms(&session->inbox);
    if (!path_is_up(session->path))
        return deadline_ms;
    deadline_ms = deadline_earlier(rename_deadline_ms(session), deadline_ms);
    return deadline_earlier(session->heartbeat.due_ms, deadline_ms);
}

/* Receiving */

/* They have all texts before |next|. A number that we never gave is ignored. */
static void confirm(struct session *session, const struct session_env *env, uint32_t next) {
    if ((int32_t)(next - session->confirmed) <= 0 || (int32_t)(session->next_out - next) < 0)
        return;
    session->confirmed = next;
    outbox_give(env->outbox, next);
}

void session_give_all(const struct session *session, struct outbox *outbox) {
    outbox_give(outbox, session->next_out);
}

/* Continues where the last connection broke off. */
static void resume(struct session *session, const struct session_env *env,
                   const struct peer_message *message) {
    bool same_page = message->session == session->theirs;
    bool missed = same_page && message->first > session->next_in;
    session->theirs = message->session;
    if (!same_page || missed) {
        session_show_all(session, env);
        session->next_in = session->next_shown = message->first;
    }
    if (missed)
        miss(session, env, OUTCOME_LOST_AWAY);
    if (message->heard == env->own)
        confirm(session, env, message->next);
    session->next_out = session->confirmed;
}

static void receive_hello(struct session *session, const struct session_env *env,
                          const struct peer_message *message) {
    session->greeted = session->reachability_due = true;
    resume(session, env, message);
    struct slice name = name_without_ours(message->text);
    if (!slice_equal(name_chosen(session->name), name))
        push(session, env, OUTCOME_NAME_HEARD)->text = name;
    push(session, env, OUTCOME_GREETED);
    session_pump(session, env);
}

/* A text may come again if the connection broke before we could confirm it. */
static enum session_verdict receive_text(struct session *session, const struct session_env *env,
                                         const struct peer_message *message) {
    if (message->number < session->next_in || message->number == UINT32_MAX)
        return SESSION_SENSE;
    if (message->number > session->next_in && session->path.server->is_open)
        return SESSION_GAP;
    if (inbox_add(&session->inbox, message->number, message->text) != PARLEY_OK)
        return SESSION_FLOOD;
    session->next_in = message->number + 1;
    show_waiting(session, env);
    session_pump(session, env);
    return SESSION_SENSE;
}

/* Renames are lines on the screen, so their rate is limited. */
static enum session_verdict receive_name(struct session *session, const struct session_env *env,
                                         struct slice name) {
    if (slice_equal(name_chosen(session->name), name))
        return SESSION_SENSE;
    if (!rate_take(&session->renames_heard, env->now_ms, SESSION_RENAME_MS,
                   SESSION_RENAMES_AT_ONCE))
        return SESSION_NONSENSE;
    push(session, env, OUTCOME_NAME_HEARD)->text = name;
    return SESSION_SENSE;
}

/* The server lost something that they should have had when they answered. */
static bool shows_loss(const struct session *session, const struct peer_message *message) {
    return message->type == PEER_MESSAGE_PONG && message->got &&
           (int32_t)(session->asked_out - (message->got - 1)) > 0;
}

static enum session_verdict receive_sign(struct session *session, const struct session_env *env,
                                         const struct peer_message *message) {
    confirm(session, env, message->next);
    if (shows_loss(session, message))
        return SESSION_GAP;
    session->pong_due |= message->type == PEER_MESSAGE_PING;
    session_pump(session, env);
    return SESSION_SENSE;
}

enum session_verdict session_take(struct session *session, const struct session_env *env,
                                  const struct peer_message *message) {
    switch (message->type) {
    case PEER_MESSAGE_HELLO:
        receive_hello(session, env, message);
        break;
    case PEER_MESSAGE_TEXT:
        return receive_text(session, env, message);
    case PEER_MESSAGE_NAME:
        return receive_name(session, env, name_without_ours(message->text));
    case PEER_MESSAGE_PING:
    case PEER_MESSAGE_PONG:
        return receive_sign(session, env, message);
    case PEER_MESSAGE_REACH: /* these two are for others than us */
    case PEER_MESSAGE_BYE:
        break;
    case PEER_MESSAGE_TYPE_COUNT:
        return SESSION_NONSENSE;
    }
    return SESSION_SENSE;
}

enum session_verdict session_read(const struct session *session, struct slice bytes, bool binary,
                                  struct peer_message *message) {
    if (binary || peer_message_read(bytes, message) != PARLEY_OK)
        return SESSION_NONSENSE;
    if (session->greeted != (message->type == PEER_MESSAGE_HELLO))
        return SESSION_SENSE;
    return session->greeted ? SESSION_AGAIN : session->moved ? SESSION_LATE : SESSION_NONSENSE;
}

bool session_count_garbage(struct session *session, const struct session_env *env) {
    if (++session->garbage == 1)
        push(session, env, OUTCOME_GARBAGE_HEARD);
    return session->garbage <= SESSION_GARBAGE_MAX;
}

/* How much comes */

void session_ask_load(struct session *session, const struct session_env *env) {
    if (!path_is_up(session->path) || env->now_ms < session->load_asked_ms + SESSION_LOAD_MS)
        return;
    session->load_asked_ms = env->now_ms;
    path_ask_route(session->path, env->actions);
}

bool session_hear(struct session *session, uint64_t now_ms, size_t bytes) {
    if (!rate_take(&session->messages_heard, now_ms, SESSION_MESSAGE_MS, SESSION_MESSAGES_AT_ONCE))
        return false;
    session->heard_bytes += bytes;
    heartbeat_heard(&session->heartbeat, now_ms);
    return true;
}

bool session_is_overloaded(const struct session *session, uint64_t now_ms, uint32_t kilobytes) {
    uint64_t seconds = (now_ms - session->heard_since_ms) / 1000;
    uint64_t most = SESSION_LOAD_KILOBYTES + seconds * SESSION_LOAD_KILOBYTES_PER_SECOND +
                    session->heard_bytes * SESSION_LOAD_FACTOR / 1024;
    return path_is_open(session->path) && kilobytes > most;
}
