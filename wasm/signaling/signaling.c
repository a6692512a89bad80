#include "signaling.h"

#include "error.h"
#include "peer_message.h"
#include "text.h"

#define HTTP_NOT_FOUND 404 /* RFC 9110, 15.5 */
#define HTTP_GONE 410
#define REFUSAL_CHARACTERS_MAX 300

void signaling_init(struct signaling *signaling) {
    *signaling = (struct signaling){0};
    dialing_init(&signaling->dialing, false, 0);
    heartbeat_stop(&signaling->heartbeat);
    buffer_init(&signaling->refusal, PEER_MESSAGE_BYTES_MAX);
    buffer_init(&signaling->hurdle, PEER_MESSAGE_BYTES_MAX);
    buffer_init(&signaling->scratch, 4 * PEER_MESSAGE_BYTES_MAX);
}

void signaling_deinit(struct signaling *signaling) {
    signaling_forget_heard(signaling);
    dialing_deinit(&signaling->dialing);
    buffer_deinit(&signaling->refusal);
    buffer_deinit(&signaling->hurdle);
    buffer_deinit(&signaling->scratch);
}

static void send_by(const struct env *env, enum event_transport way,
                    const struct wire_message *message) {
    enum event_transport before = env->actions->transport;
    actions_send_by(env->actions, way);
    PARLEY_CHECK(actions_push_message(env->actions, 0, message) == PARLEY_OK);
    actions_send_by(env->actions, before);
}

static void ping_by(const struct env *env, enum event_transport way) {
    send_by(env, way, &(struct wire_message){.type = WIRE_PING});
}

static void store_token(const struct signaling *signaling, const struct env *env) {
    char kept[TOKEN_KEPT_BYTES];
    token_write(&signaling->token, kept);
    actions_push_text(env->actions, ACTION_TOKEN_STORE, 0, 0, (struct slice){kept, sizeof kept});
}

void signaling_begin(struct signaling *signaling, const struct env *env, bool polling,
                     struct slice kept, const uint8_t random[TOKEN_RANDOM_BYTES]) {
    uint32_t last_request = signaling->dialing.poll.last_request;
    signaling_deinit(signaling);
    signaling_init(signaling);
    dialing_init(&signaling->dialing, polling, last_request);
    token_init(&signaling->token, kept, random);
    store_token(signaling, env);
}

static void rest(struct signaling *signaling, const struct env *env, enum join_state state) {
    heartbeat_stop(&signaling->heartbeat);
    dialing_rest(&signaling->dialing, env, state);
}

static void refuse(struct signaling *signaling, const struct env *env, struct slice sentence) {
    PARLEY_CHECK(buffer_set(&signaling->refusal, sentence) == PARLEY_OK);
    rest(signaling, env, JOIN_STATE_REFUSED);
}

void signaling_connect(struct signaling *signaling, const struct env *env,
                       struct keyring *keyring) {
    signaling->impossible = false;
    signaling->wanted_room = keyring->room;
    signaling->keyring = keyring;
    dialing_connect(&signaling->dialing, env);
}

void signaling_refuse_room(struct signaling *signaling, const struct env *env,
                           const char *sentence) {
    signaling->impossible = true;
    refuse(signaling, env, slice_of(sentence));
}

/* It does not help if the room's name is not valid. */
bool signaling_can_retry(const struct signaling *signaling) {
    return signaling->dialing.state == JOIN_STATE_REFUSED && !signaling->entered &&
           !signaling->impossible;
}

/* A join by one way may arrive after the goodbye by the other. */
void signaling_leave(struct signaling *signaling, const struct env *env, bool back) {
    signaling->entered = false;
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (signaling->dialing.ways[i].state >= WAY_JOINING)
            send_by(env, (enum event_transport)i,
                    &(struct wire_message){.type = WIRE_LEAVE, .back = back});
    rest(signaling, env, JOIN_STATE_IDLE);
}

void signaling_keep_colour(struct signaling *signaling, const struct env *env, uint32_t wished,
                           uint32_t colour) {
    signaling->token.wished = wished;
    signaling->token.colour = colour;
    store_token(signaling, env);
}

/* Joining */

static void join_by(struct signaling *signaling, const struct env *env, enum event_transport way) {
    token_count_join(&signaling->token, env->wall_ms);
    store_token(signaling, env);
    dialing_joining(&signaling->dialing, env, way, signaling->token.joins);
    send_by(
        env, way,
        &(struct wire_message){.type = WIRE_JOIN,
                               .version = WIRE_VERSION,
                               .room = signaling->wanted_room,
                               .token = signaling->token.secret,
                               .hello = keyring_hello(signaling->keyring, signaling->token.joins),
                               .back = signaling->entered,
                               .number = signaling->token.joins});
}

static void carry_on(struct signaling *signaling, const struct env *env, enum event_transport way,
                     enum dialing_next next) {
    switch (next) {
    case DIALING_JOIN:
        buffer_clear(&signaling->hurdle);
        join_by(signaling, env, way);
        break;
    case DIALING_PROBE:
        ping_by(env, way);
        break;
    case DIALING_LOSE:
        heartbeat_stop(&signaling->heartbeat);
        dialing_lost(&signaling->dialing, env, way);
        break;
    case DIALING_NOTHING:
        break;
    }
}

static void hear_opened(struct signaling *signaling, const struct env *env,
                        enum event_transport way) {
    carry_on(signaling, env, way, dialing_opened(&signaling->dialing, env, way));
}

/* Silence that is cut */

static uint32_t quiet_ms(const struct signaling *signaling, const struct env *env) {
    uint32_t safe_ms = idle_cut_safe_ms(&signaling->cut, env->now_ms);
    return safe_ms < SIGNALING_QUIET_MS ? safe_ms : SIGNALING_QUIET_MS;
}

static void learn_from_cut(struct signaling *signaling, const struct env *env) {
    bool counts = signaling->dialing.told == WIRE_ERROR_COUNT && !signaling->heartbeat.asked &&
                  !signaling->offline;
    uint64_t silent_ms = env->now_ms - signaling->heartbeat.heard_ms;
    idle_cut_note(&signaling->cut, env->now_ms, counts ? silent_ms : 0);
}

/* The end of a connection */

/* True if |status| says more than that the server or our session is gone. */
static bool is_refusal(uint32_t status) {
    return status != 0 && status != HTTP_GONE && poll_answer_judge(status) == POLL_VERDICT_FINAL;
}

static void append(struct buffer *out, const char *words) {
    PARLEY_CHECK(buffer_append(out, slice_of(words)) == PARLEY_OK);
}

/* Says in words what keeps us from the server. */
static void describe_hurdle(struct signaling *signaling, const struct poll_end *end) {
    struct buffer *out = &signaling->hurdle;
    if (end->status == POLL_ANSWER_REDIRECTED) {
        append(out, "A proxy before the server sends this page elsewhere, perhaps to sign in. "
                    "Reload the page.");
        return;
    }
    append(out, end->status == HTTP_NOT_FOUND
                    ? "There is no Parley server at this address, or a proxy hides it ("
                    : "The server, or a proxy before it, refused this page (");
    PARLEY_CHECK(buffer_append_number(out, end->status) == PARLEY_OK);
    append(out, ").");
    buffer_clear(&signaling->scratch);
    if (text_clean_name(end->text, REFUSAL_CHARACTERS_MAX, &signaling->scratch) != PARLEY_OK)
        return;
    append(out, " It says: ");
    PARLEY_CHECK(buffer_append(out, buffer_slice(&signaling->scratch)) == PARLEY_OK);
}

static void hear_closed(struct signaling *signaling, const struct env *env,
                        enum event_transport way) {
    enum dialing_next next = dialing_ended(&signaling->dialing, env, way);
    if (next == DIALING_LOSE)
        learn_from_cut(signaling, env);
    carry_on(signaling, env, way, next);
}

void signaling_doubt(struct signaling *signaling, uint64_t now_ms) {
    if (signaling_is_joined(signaling))
        heartbeat_doubt(&signaling->heartbeat, now_ms);
}

void signaling_wake(struct signaling *signaling, const struct env *env, bool offline) {
    signaling->offline = signaling->dialing.poll.offline = offline;
    actions_show(env->actions, ACTION_SHOW_STATUS);
    if (offline)
        return;
    signaling_doubt(signaling, env->now_ms);
    dialing_wake(&signaling->dialing, env);
}

static void check_heartbeat(struct signaling *signaling, const struct env *env) {
    enum event_transport way = signaling->dialing.transport;
    signaling->heartbeat.quiet_ms = quiet_ms(signaling, env);
    switch (heartbeat_tick(&signaling->heartbeat, env->now_ms)) {
    case HEARTBEAT_ASK:
        ping_by(env, way);
        break;
    case HEARTBEAT_DEAD:
        dialing_hang_up(&signaling->dialing, env, way);
        dialing_lost(&signaling->dialing, env, way);
        break;
    case HEARTBEAT_FINE:
        break;
    }
}

void signaling_tick(struct signaling *signaling, const struct env *env) {
    check_heartbeat(signaling, env);
    dialing_tick(&signaling->dialing, env);
}

uint64_t signaling_deadline_ms(const struct signaling *signaling) {
    return deadline_earlier(signaling->heartbeat.due_ms, dialing_deadline_ms(&signaling->dialing));
}

/* The welcome */

static void become_joined(struct signaling *signaling, const struct env *env,
                          enum event_transport way) {
    dialing_joined(&signaling->dialing, env, way);
    heartbeat_start(&signaling->heartbeat, env->now_ms, quiet_ms(signaling, env),
                    SIGNALING_ANSWER_MS);
}

/* Refuses a welcome to a room that the page did not ask for, and one from a server of another
 * version. */
static bool is_as_asked(const struct signaling *signaling, const struct wire_message *message) {
    const struct room_id *wanted = &signaling->wanted_room;
    return message->version == WIRE_VERSION &&
           (wanted->len == 0 || room_id_compare(wanted, &message->room) == 0);
}

/* Hands |signaling->heard| on. */
static void push(const struct signaling *signaling, const struct env *env, enum outcome_kind kind) {
    outcomes_push(env->outcomes, kind)->message = &signaling->heard;
}

static void receive_welcome(struct signaling *signaling, const struct env *env,
                            enum event_transport way) {
    const struct wire_message *message = &signaling->heard;
    if (signaling->dialing.ways[way].state != WAY_JOINING)
        return;
    if (!is_as_asked(signaling, message)) {
        refuse(signaling, env, slice_of("The server did not open the room that was asked for."));
        return;
    }
    become_joined(signaling, env, way);
    signaling->wanted_room = message->room;
    signaling->entered = true;
    push(signaling, env, OUTCOME_ICE_SERVERS);
    push(signaling, env, OUTCOME_WELCOME);
}

/* Errors */

/* A code from a newer server comes with its own sentence. */
static struct slice sentence_for(struct signaling *signaling, const struct wire_message *message) {
    if (message->error != WIRE_ERROR_COUNT)
        return slice_of(wire_error_sentence(message->error));
    buffer_clear(&signaling->scratch);
    if (text_clean_name(message->sentence, PEER_TEXT_CHARACTERS_MAX, &signaling->scratch) !=
        PARLEY_OK)
        return slice_of("The server refused this page.");
    return buffer_slice(&signaling->scratch);
}

/* True for errors that will pass by the next attempt, or may pass while somebody is in a
 * conversation. */
static bool is_passing(const struct signaling *signaling, enum wire_error error) {
    switch (error) {
    case WIRE_ERROR_SHUTTING_DOWN:
    case WIRE_ERROR_RESTARTING:
    case WIRE_ERROR_JOIN_TIMEOUT:
    case WIRE_ERROR_TOO_SLOW:
    case WIRE_ERROR_TOO_FAST:
    case WIRE_ERROR_ROOM_BUSY:
    case WIRE_ERROR_TOO_MANY_JOINS:
    case WIRE_ERROR_OLD_JOIN:
        return true;
    case WIRE_ERROR_SERVER_FULL:
    case WIRE_ERROR_ADDRESS_FULL:
    case WIRE_ERROR_TOO_MANY_ROOMS:
    case WIRE_ERROR_ROOM_FULL:
        return signaling->entered;
    case WIRE_ERROR_BAD_MESSAGE:
    case WIRE_ERROR_TOO_MANY_BAD:
    case WIRE_ERROR_BAD_VERSION:
    case WIRE_ERROR_BAD_ROOM:
    case WIRE_ERROR_JOIN_FIRST:
    case WIRE_ERROR_JOINED_ALREADY:
    case WIRE_ERROR_NO_SUCH_MEMBER:
    case WIRE_ERROR_RELAY_BUSY:
    case WIRE_ERROR_RELAY_OFF:
    case WIRE_ERROR_NOT_TEXT:
    case WIRE_ERROR_NOT_UTF8:
    case WIRE_ERROR_TOO_BIG:
    case WIRE_ERROR_REPLACED:
    case WIRE_ERROR_COUNT:
        break;
    }
    return false;
}

/* A later join by the other way has replaced us: closes the joined way, and joins again. */
static bool is_replaced_by_own(const struct signaling *signaling, enum event_transport way,
                               enum wire_error error) {
    return error == WIRE_ERROR_REPLACED &&
           signaling->dialing.ways[way].join != signaling->token.joins;
}

static void receive_error(struct signaling *signaling, const struct env *env,
                          enum event_transport way) {
    const struct wire_message *message = &signaling->heard;
    bool passes =
        is_passing(signaling, message->error) || is_replaced_by_own(signaling, way, message->error);
    token_overtake(&signaling->token, message->number);
    if (passes) {
        dialing_hear(&signaling->dialing, env, message->error); /* the close follows */
        if (way == EVENT_TRANSPORT_WEBSOCKET)
            signaling->dialing.websocket_works = true; /* it brought the refusal */
        return;
    }
    bool fatal = message->error != WIRE_ERROR_COUNT && wire_error_close_code(message->error) != 0;
    if (!fatal && signaling->dialing.ways[way].state == WAY_JOINED)
        return; /* they left while we wrote to them */
    if (message->error == WIRE_ERROR_REPLACED) {
        signaling->entered = false;
        push(signaling, env, OUTCOME_REPLACED);
    }
    refuse(signaling, env, sentence_for(signaling, message));
}

static void hear(struct signaling *signaling, const struct env *env, enum event_transport way) {
    if (way == EVENT_TRANSPORT_WEBSOCKET)
        idle_cut_held(&signaling->cut, heartbeat_silent_ms(&signaling->heartbeat, env->now_ms));
    heartbeat_heard(&signaling->heartbeat, env->now_ms);
}

static void receive(struct signaling *signaling, const struct env *env, enum event_transport way) {
    enum way_state state = signaling->dialing.ways[way].state;
    bool in_room = state == WAY_JOINED; /* by this way */
    if (state == WAY_PROBED)
        join_by(signaling, env, way); /* it passes messages */
    if (in_room)
        hear(signaling, env, way);
    switch (signaling->heard.type) {
    case WIRE_WELCOME:
        receive_welcome(signaling, env, way);
        break;
    case WIRE_ERROR:
        receive_error(signaling, env, way);
        break;
    case WIRE_CREDENTIALS:
        if (in_room)
            push(signaling, env, OUTCOME_ICE_SERVERS);
        break;
    case WIRE_JOINED:
    case WIRE_LEFT:
    case WIRE_OFFER:
    case WIRE_ANSWER:
    case WIRE_CANDIDATE:
    case WIRE_ASK:
    case WIRE_SEALED:
    case WIRE_RELAY:
        if (in_room)
            push(signaling, env, OUTCOME_SERVER_MESSAGE);
        break;
    case WIRE_PONG:
    case WIRE_JOIN: /* this and the others never come to a page */
    case WIRE_LEAVE:
    case WIRE_PING:
    case WIRE_RELAY_FAILED:
    case WIRE_TYPE_COUNT:
        break;
    }
}

static void hear_message(struct signaling *signaling, const struct env *env,
                         enum event_transport way, struct slice bytes) {
    enum way_state state = signaling->dialing.ways[way].state;
    if (state == WAY_CLOSED || state == WAY_OPENING)
        return;
    signaling_forget_heard(signaling);
    if (wire_read(bytes, WIRE_TO_PAGE, &signaling->heard) == PARLEY_OK)
        receive(signaling, env, way); /* else: a newer server may say more than we know */
}

void signaling_forget_heard(struct signaling *signaling) {
    wire_message_deinit(&signaling->heard);
}

/* Events */

/* Browsers do not say why a WebSocket did not open. */
static void polling_closed(struct signaling *signaling, const struct env *env,
                           const struct poll_end *end) {
    hear_closed(signaling, env, EVENT_TRANSPORT_POLLING);
    buffer_clear(&signaling->hurdle);
    if (is_refusal(end->status))
        describe_hurdle(signaling, end);
    actions_show(env->actions, ACTION_SHOW_STATUS); /* the other way may go on in silence */
}

bool signaling_hear_polled(struct signaling *signaling, const struct env *env) {
    struct poll_news news;
    if (!poll_client_next(&signaling->dialing.poll, env, &news))
        return false;
    switch (news.kind) {
    case POLL_NEWS_OPENED:
        hear_opened(signaling, env, EVENT_TRANSPORT_POLLING);
        break;
    case POLL_NEWS_MESSAGE:
        hear_message(signaling, env, EVENT_TRANSPORT_POLLING, news.message);
        break;
    case POLL_NEWS_CLOSED:
        polling_closed(signaling, env, &news.end);
        break;
    }
    return true;
}

void signaling_handle(struct signaling *signaling, const struct env *env,
                      const struct event *event) {
    const enum event_transport websocket = EVENT_TRANSPORT_WEBSOCKET;
    struct poll_client *poll = &signaling->dialing.poll;
    const struct poll_answer answer = {event->code, event->c, event->a, event->b};
    switch (event->kind) {
    case EVENT_SERVER_OPENED:
        hear_opened(signaling, env, websocket);
        break;
    case EVENT_SERVER_MESSAGE:
        hear_message(signaling, env, websocket, event->a);
        break;
    case EVENT_SERVER_CLOSED:
        hear_closed(signaling, env, websocket);
        break;
    case EVENT_HTTP_ANSWERED:
        poll_client_answered(poll, env, event->peer, &answer);
        break;
    case EVENT_HTTP_FAILED:
        poll_client_failed(poll, env, event->peer);
        break;
    case EVENT_TAB_HEARD:
        poll_client_hear_tab(poll, env, event->peer, event->code != 0);
        break;
    case EVENT_COUNT:
        EVENTS_OF_PAGE(EVENT_CASE)
        EVENTS_OF_LINK(EVENT_CASE)
        EVENTS_OF_MEMBER(EVENT_CASE)
        break;
    }
}

bool signaling_is_joined(const struct signaling *signaling) {
    return signaling->dialing.state == JOIN_STATE_JOINED;
}
