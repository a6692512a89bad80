#define _GNU_SOURCE /* libwebsockets.h, getrandom */
#include "websocket.h"

#include "error.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PING_BYTES 1               /* libwebsockets tells us only of pongs that carry something */
#define CLOSE_REASON_BYTES_MAX 123 /* RFC 6455, 5.5: control frames carry at most 125 */

static uint64_t now_ms(const struct websockets *websockets) {
    return uv_now(websockets->loop);
}

/* --- the log ---------------------------------------------------------------------------------- */

static void log_note(struct websockets *websockets, const struct hub_action *action) {
    switch (action->note) {
    case HUB_NOTE_JOINED:
    case HUB_NOTE_LEFT:
        LOG(LOG_LEVEL_INFO, action->note == HUB_NOTE_JOINED ? "joined" : "left",
            log_text("room", log_short_id(action->room)),
            log_text("member", log_short_id(action->member)),
            log_number("members", action->members));
        break;
    case HUB_NOTE_REFUSED:
        log_refusal(now_ms(websockets), wire_error_code(action->error),
                    log_short_id(action->member));
        break;
    case HUB_NOTE_MESSAGE:
        LOG(LOG_LEVEL_DEBUG, "message", log_text("type", slice_of(wire_type_name(action->type))),
            log_text("from", action->member), log_text("to", action->target),
            log_number("bytes", action->bytes_len));
        break;
    case HUB_NOTE_SENT:
        LOG(LOG_LEVEL_DEBUG, "message", log_text("type", slice_of(wire_type_name(action->type))),
            log_text("from", slice_of("server")), log_text("to", action->member),
            log_number("bytes", action->bytes_len));
        break;
    }
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Ends the connection without another word. */
static void kill_session(struct websocket_session *session) {
    lws_set_timeout(session->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

static void write_now(struct websockets *websockets, struct websocket_session *session,
                      struct slice bytes) {
    unsigned char *payload = websockets->frame + LWS_PRE;
    PARLEY_CHECK(bytes.len <= WIRE_MESSAGE_BYTES_MAX);
    memcpy(payload, bytes.bytes, bytes.len);
    if (lws_write(session->wsi, payload, bytes.len, LWS_WRITE_TEXT) < 0)
        kill_session(session);
}

static void mark_slow(struct websockets *websockets, struct websocket_session *session) {
    if (session->slow)
        return;
    session->slow = true;
    session->next_slow = websockets->slow;
    websockets->slow = session;
}

/* What others say to a member who does not read is dropped before it costs the member's place. */
static void enqueue(struct websockets *websockets, struct websocket_session *session,
                    struct slice bytes, bool relayed) {
    size_t bytes_max = relayed ? WEBSOCKET_RELAYED_BYTES_MAX : WEBSOCKET_QUEUE_BYTES_MAX;
    if (frame_queue_add(&session->queue, bytes, bytes_max) == PARLEY_OK)
        lws_callback_on_writable(session->wsi);
    else if (!relayed)
        mark_slow(websockets, session);
}

/* What libwebsockets could not write at once it keeps, one frame at most, since while it keeps one
 * ours queue. It asks for the writable callback itself then. */
static void send_text(struct websockets *websockets, struct websocket_session *session,
                      struct slice bytes, bool relayed) {
    if (session->queue.first == NULL && !lws_partial_buffered(session->wsi))
        write_now(websockets, session, bytes);
    else
        enqueue(websockets, session, bytes, relayed);
}

static void write_queue(struct websockets *websockets, struct websocket_session *session) {
    while (session->queue.first != NULL && !lws_partial_buffered(session->wsi)) {
        struct frame *frame = frame_queue_take(&session->queue);
        write_now(websockets, session, (struct slice){frame->bytes, frame->len});
        free(frame);
    }
    if (session->queue.first != NULL)
        lws_callback_on_writable(session->wsi);
}

/* --- closing ---------------------------------------------------------------------------------- */

static void unwatch(struct websockets *websockets, struct websocket_session *session) {
    if (session->watched)
        liveness_remove(&websockets->liveness, &session->liveness);
    session->watched = false;
}

/* Our own close frame (RFC 6455, 5.5.1): Debian's libwebsockets is a debug build, in which
 * whoever returns -1 from the writable callback is closed a second time at once, before the
 * frame that lws_close_reason prepares can go out. The rest of the closing handshake is then
 * ours too; see on_peer_close. */
static void write_close(struct websockets *websockets, struct websocket_session *session) {
    unsigned char *frame = websockets->frame + LWS_PRE;
    const char *reason = "";
    if (session->error < WIRE_ERROR_COUNT)
        reason = wire_error_code((enum wire_error)session->error);
    size_t len = strlen(reason);
    PARLEY_CHECK(len <= CLOSE_REASON_BYTES_MAX);
    frame[0] = 0x88; /* final, opcode 8 */
    frame[1] = (unsigned char)(2 + len);
    frame[2] = (unsigned char)(session->close_code >> 8);
    frame[3] = (unsigned char)(session->close_code & 0xff);
    memcpy(frame + 4, reason, len);
    session->state = WEBSOCKET_CLOSED;
    if (lws_write(session->wsi, frame, 4 + len, LWS_WRITE_HTTP) < 0) /* these: as they are */
        kill_session(session);
}

static void close_if_written(struct websockets *websockets, struct websocket_session *session) {
    if (session->state == WEBSOCKET_CLOSING && session->queue.first == NULL &&
        !lws_partial_buffered(session->wsi))
        write_close(websockets, session);
}

static void begin_close(struct websockets *websockets, struct websocket_session *session,
                        uint16_t code, enum wire_error error) {
    if (session->state != WEBSOCKET_OPEN)
        return;
    session->state = WEBSOCKET_CLOSING;
    session->close_code = code;
    session->error = (uint8_t)error;
    unwatch(websockets, session);
    buffer_deinit(&session->message);
    if (!websockets
             ->shutting_down) /* timeouts stand in one sorted list: not for everybody at once */
        lws_set_timeout(session->wsi, PENDING_TIMEOUT_USER_REASON_BASE, WEBSOCKET_CLOSE_SECONDS);
    close_if_written(websockets, session);
}

/* --- the hub ---------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *timer);

/* The timer may be early, never late: moving it for every message would cost more than a turn. */
static void set_timer(struct websockets *websockets) {
    uint64_t deadline_ms = hub_deadline_ms(websockets->hub);
    uint64_t liveness_ms = liveness_deadline_ms(&websockets->liveness);
    if (liveness_ms < deadline_ms)
        deadline_ms = liveness_ms;
    if (deadline_ms >= websockets->timer_ms || websockets->shutting_down)
        return;
    uint64_t now = now_ms(websockets);
    websockets->timer_ms = deadline_ms;
    uv_timer_start(&websockets->timer, on_timer, deadline_ms > now ? deadline_ms - now : 0, 0);
}

static void carry_out(struct websockets *websockets, const struct hub_action *action) {
    struct websocket_session *session = action->transport;
    switch (action->kind) {
    case HUB_SEND:
        if (session->state == WEBSOCKET_OPEN)
            send_text(websockets, session, action->bytes, action->relayed);
        break;
    case HUB_CLOSE:
        begin_close(websockets, session, action->close_code, action->error);
        break;
    case HUB_NOTE:
        log_note(websockets, action);
        break;
    }
}

static void carry_out_all(struct websockets *websockets) {
    struct hub_action action;
    while (hub_next_action(websockets->hub, &action))
        carry_out(websockets, &action);
}

/* After every input. Dropping a slow member is an input itself and tells its room, in which
 * others may turn out to be slow. */
static void finish_input(struct websockets *websockets) {
    carry_out_all(websockets);
    while (websockets->slow != NULL) {
        struct websocket_session *session = websockets->slow;
        websockets->slow = session->next_slow;
        if (session->state != WEBSOCKET_OPEN)
            continue;
        frame_queue_clear(&session->queue);
        hub_violation(websockets->hub, now_ms(websockets), session->handle, WIRE_ERROR_TOO_SLOW);
        carry_out_all(websockets);
    }
    set_timer(websockets);
}

static void violate(struct websockets *websockets, struct websocket_session *session,
                    enum wire_error error) {
    hub_violation(websockets->hub, now_ms(websockets), session->handle, error);
    finish_input(websockets);
}

static void leave_hub(struct websockets *websockets, struct websocket_session *session) {
    unwatch(websockets, session);
    if (!session->in_hub)
        return;
    session->in_hub = false;
    hub_disconnect(websockets->hub, now_ms(websockets), session->handle);
    finish_input(websockets);
}

static void ping(struct websockets *websockets, struct websocket_session *session) {
    unsigned char *payload = websockets->frame + LWS_PRE;
    payload[0] = 0;
    if (lws_partial_buffered(session->wsi))
        return; /* it has enough to answer; if it does not, that says as much */
    if (lws_write(session->wsi, payload, PING_BYTES, LWS_WRITE_PING) < 0)
        kill_session(session);
}

static struct websocket_session *session_of(struct liveness_entry *entry) {
    char *bytes = (char *)entry - offsetof(struct websocket_session, liveness);
    return (struct websocket_session *)(void *)bytes;
}

static void on_timer(uv_timer_t *timer) {
    struct websockets *websockets = timer->data;
    struct liveness_entry *entry;
    enum liveness_verdict verdict;
    websockets->timer_ms = UINT64_MAX;
    hub_tick(websockets->hub, now_ms(websockets));
    finish_input(websockets);
    while ((entry = liveness_next_due(&websockets->liveness, now_ms(websockets), &verdict))) {
        struct websocket_session *session = session_of(entry);
        if (verdict == LIVENESS_PING) {
            ping(websockets, session);
            continue;
        }
        session->watched = false;
        session->state = WEBSOCKET_CLOSED; /* whatever may still come before it is killed */
        LOG(LOG_LEVEL_INFO, "no_answer",
            log_number("after_seconds", 2 * websockets->config->ping_seconds));
        leave_hub(websockets, session);
        kill_session(session);
    }
    set_timer(websockets);
    lws_cancel_service(websockets->context); /* or it would not see the timeouts set here */
}

/* --- events ----------------------------------------------------------------------------------- */

/* Says why and closes, where the hub has no place to do so. */
static int refuse_full(struct websockets *websockets, struct websocket_session *session) {
    struct wire_message message = {.type = WIRE_ERROR, .error = WIRE_ERROR_SERVER_FULL};
    struct buffer out;
    if (websockets->refused >= WEBSOCKET_REFUSED_MAX)
        return -1;
    websockets->refused++;
    session->state = WEBSOCKET_OPEN;               /* begin_close ends it below */
    buffer_init(&out, 2 * WIRE_MESSAGE_BYTES_MAX); /* it wants room before it knows the length */
    if (wire_write(&message, WIRE_TO_PAGE, &out) == PARLEY_OK)
        send_text(websockets, session, buffer_slice(&out), false);
    buffer_deinit(&out);
    log_refusal(now_ms(websockets), wire_error_code(WIRE_ERROR_SERVER_FULL), slice_of(""));
    begin_close(websockets, session, wire_error_close_code(WIRE_ERROR_SERVER_FULL),
                WIRE_ERROR_SERVER_FULL);
    finish_input(websockets); /* it may be in the list of the slow */
    return 0;
}

static int on_established(struct websockets *websockets, struct lws *wsi,
                          struct websocket_session *session) {
    uint8_t random[HUB_RANDOM_BYTES];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return -1;
    *session = (struct websocket_session){.wsi = wsi, .state = WEBSOCKET_CLOSED};
    buffer_init(&session->message, WIRE_MESSAGE_BYTES_MAX);
    websockets->sessions++;
    if (hub_connect(websockets->hub, now_ms(websockets), session, random, &session->handle) != 0)
        return refuse_full(websockets, session);
    session->state = WEBSOCKET_OPEN;
    session->in_hub = true;
    session->watched = true;
    liveness_add(&websockets->liveness, &session->liveness, now_ms(websockets));
    finish_input(websockets);
    return 0;
}

static void receive_whole(struct websockets *websockets, struct websocket_session *session,
                          struct slice message) {
    hub_receive(websockets->hub, now_ms(websockets), session->handle, message);
    finish_input(websockets);
}

/* |piece| is a part of a frame, which may be a part of a message. */
static void on_receive(struct websockets *websockets, struct lws *wsi,
                       struct websocket_session *session, struct slice piece) {
    bool last = lws_is_final_fragment(wsi) != 0;
    if (session->state != WEBSOCKET_OPEN)
        return;
    liveness_heard(&websockets->liveness, &session->liveness, now_ms(websockets));
    if (lws_is_first_fragment(wsi))
        buffer_clear(&session->message);
    if (lws_frame_is_binary(wsi)) {
        violate(websockets, session, WIRE_ERROR_NOT_TEXT);
        return;
    }
    size_t left = lws_remaining_packet_payload(wsi);
    if (left > WIRE_MESSAGE_BYTES_MAX ||
        session->message.len + piece.len + left > WIRE_MESSAGE_BYTES_MAX) {
        violate(websockets, session, WIRE_ERROR_TOO_BIG);
        return;
    }
    if (last && session->message.len == 0) {
        receive_whole(websockets, session, piece);
        return;
    }
    if (buffer_append(&session->message, piece) != PARLEY_OK) {
        kill_session(session);
        return;
    }
    if (!last)
        return;
    struct buffer whole = session->message; /* the input may close the session */
    buffer_init(&session->message, WIRE_MESSAGE_BYTES_MAX);
    receive_whole(websockets, session, buffer_slice(&whole));
    buffer_deinit(&whole);
}

static void on_writable(struct websockets *websockets, struct websocket_session *session) {
    if (session->state != WEBSOCKET_OPEN && session->state != WEBSOCKET_CLOSING)
        return;
    write_queue(websockets, session);
    close_if_written(websockets, session);
}

/* The connection is over, or libwebsockets has begun to close it: the others should know at
 * once. */
static void on_leaving(struct websockets *websockets, struct websocket_session *session) {
    if (session->state == WEBSOCKET_NONE)
        return;
    session->state = WEBSOCKET_CLOSED;
    leave_hub(websockets, session);
}

/* The answer to our close frame ends the connection; a close frame of theirs, libwebsockets
 * answers. */
static int on_peer_close(struct websockets *websockets, struct websocket_session *session) {
    if (session->state == WEBSOCKET_CLOSED)
        return -1;
    on_leaving(websockets, session);
    return 0;
}

static void on_closed(struct websockets *websockets, struct websocket_session *session) {
    if (session->state == WEBSOCKET_NONE)
        return; /* never established */
    bool refused = session->error == WIRE_ERROR_SERVER_FULL && session->close_code != 0;
    on_leaving(websockets, session);
    frame_queue_clear(&session->queue);
    buffer_deinit(&session->message);
    session->state = WEBSOCKET_NONE;
    websockets->sessions--;
    if (refused)
        websockets->refused--;
    if (websockets->shutting_down && websockets->sessions == 0)
        websockets->on_empty(websockets->user);
}

int websockets_event(struct websockets *websockets, struct lws *wsi,
                     enum lws_callback_reasons reason, struct websocket_session *session,
                     const void *in, size_t len) {
    switch ((int)reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return on_established(websockets, wsi, session);
    case LWS_CALLBACK_RECEIVE:
        on_receive(websockets, wsi, session, (struct slice){in, len});
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        if (session->watched)
            liveness_heard(&websockets->liveness, &session->liveness, now_ms(websockets));
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        on_writable(websockets, session);
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return on_peer_close(websockets, session);
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
        if (session->state == WEBSOCKET_OPEN)
            on_leaving(websockets, session);
        return 0;
    case LWS_CALLBACK_CLOSED:
        on_closed(websockets, session);
        return 0;
    default:
        return 0;
    }
}

/* --- life ------------------------------------------------------------------------------------- */

int websockets_init(struct websockets *websockets, const struct config *config, uv_loop_t *loop) {
    *websockets = (struct websockets){.config = config, .loop = loop, .timer_ms = UINT64_MAX};
    const struct hub_config hub_config = {.connections_max = config->connections_max,
                                          .rooms_max = config->rooms_max,
                                          .room_members_max = config->room_members_max,
                                          .join_timeout_ms = WEBSOCKET_JOIN_TIMEOUT_MS,
                                          .trace = log_enabled(LOG_LEVEL_DEBUG),
                                          .ice_servers = config->ice_servers,
                                          .ice_server_count = config->ice_server_count};
    int err = hub_create(&websockets->hub, &hub_config);
    if (err != PARLEY_OK)
        return err;
    liveness_init(&websockets->liveness, (uint64_t)config->ping_seconds * 1000);
    uv_timer_init(loop, &websockets->timer);
    websockets->timer.data = websockets;
    return PARLEY_OK;
}

void websockets_deinit(struct websockets *websockets) {
    uv_close((uv_handle_t *)&websockets->timer, NULL);
    hub_destroy(websockets->hub);
}

void websockets_shut_down(struct websockets *websockets, void (*on_empty)(void *user), void *user) {
    websockets->shutting_down = true;
    websockets->on_empty = on_empty;
    websockets->user = user;
    uv_timer_stop(&websockets->timer); /* the server has a deadline of its own now */
    hub_shut_down(websockets->hub, now_ms(websockets));
    finish_input(websockets);
    lws_cancel_service(websockets->context);
    if (websockets->sessions == 0)
        on_empty(user);
}
