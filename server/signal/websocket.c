#define _GNU_SOURCE /* libwebsockets.h, getrandom */
#include "websocket.h"

#include "error.h"
#include "http.h"
#include "http_client.h"
#include "workarounds.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(WORKAROUND_CLOSE_BYTES <= WIRE_WELCOME_BYTES_MAX, "a close frame has its place too");

/* |connection| is its first member. */
static struct websocket_session *session_of(struct connection *connection) {
    return (struct websocket_session *)connection;
}

/* --- what waits ------------------------------------------------------------------------------- */

/* NULL: no memory. */
static struct websocket_backlog *need_backlog(struct websockets *websockets,
                                              struct websocket_session *session) {
    if (session->backlog == NULL)
        session->backlog = calloc(1, sizeof *session->backlog);
    if (session->backlog == NULL)
        return NULL;
    session->backlog->queue.total = &websockets->dispatcher->queued;
    session->backlog->message.bytes_max = WIRE_MESSAGE_BYTES_MAX;
    return session->backlog;
}

static bool is_queued(const struct websocket_session *session) {
    return session->backlog != NULL && session->backlog->queue.first != NULL;
}

static size_t bytes_so_far(const struct websocket_session *session) {
    return session->backlog == NULL ? 0 : session->backlog->message.len;
}

static void forget_message(struct websocket_session *session) {
    if (session->backlog != NULL)
        buffer_deinit(&session->backlog->message);
}

/* Nothing of it is needed any more, or nothing is in it. */
static void free_backlog(struct websocket_session *session) {
    forget_message(session);
    if (session->backlog != NULL)
        frame_queue_clear(&session->backlog->queue);
    free(session->backlog);
    session->backlog = NULL;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Ends the connection without another message. */
static void kill_session(struct websocket_session *session) {
    workaround_close_soon(session->wsi);
}

static void write_now(struct websockets *websockets, struct websocket_session *session,
                      struct slice bytes) {
    unsigned char *payload = websockets->frame + LWS_PRE;
    PARLEY_CHECK(bytes.len <= WIRE_WELCOME_BYTES_MAX);
    memcpy(payload, bytes.bytes, bytes.len);
    if (lws_write(session->wsi, payload, bytes.len, LWS_WRITE_TEXT) < 0)
        kill_session(session);
}

/* Messages from others to a slow reader are dropped before the member loses its place. */
static void enqueue(struct websockets *websockets, struct websocket_session *session,
                    struct slice bytes, uint32_t from) {
    struct websocket_backlog *backlog = need_backlog(websockets, session);
    size_t bytes_max = dispatcher_queue_bytes_max(websockets->dispatcher, from);
    if (backlog != NULL && frame_queue_add(&backlog->queue, bytes, bytes_max, from) == PARLEY_OK)
        lws_callback_on_writable(session->wsi);
    else
        dispatcher_no_room(websockets->dispatcher, &session->connection, from);
}

/* libwebsockets keeps what it could not write at once: one frame at most, since ours queue while it
 * keeps one. It asks for the writable callback itself then. */
static void send_text(struct websockets *websockets, struct websocket_session *session,
                      struct slice bytes, uint32_t from) {
    if (!is_queued(session) && !lws_partial_buffered(session->wsi))
        write_now(websockets, session, bytes);
    else
        enqueue(websockets, session, bytes, from);
}

static void write_queue(struct websockets *websockets, struct websocket_session *session) {
    while (is_queued(session) && !lws_partial_buffered(session->wsi)) {
        struct frame *frame = frame_queue_take(&session->backlog->queue);
        write_now(websockets, session, (struct slice){frame->bytes, frame->len});
        free(frame);
    }
    if (is_queued(session))
        lws_callback_on_writable(session->wsi);
    else if (bytes_so_far(session) == 0)
        free_backlog(session);
}

/* --- closing ---------------------------------------------------------------------------------- */

/* The rest of the closing handshake is ours too: see on_peer_close. */
static void write_close(struct websockets *websockets, struct websocket_session *session) {
    const char *reason = "";
    if (session->error < WIRE_ERROR_COUNT)
        reason = wire_error_code((enum wire_error)session->error);
    session->state = WEBSOCKET_CLOSED;
    if (!workaround_write_close(session->wsi, websockets->frame + LWS_PRE, session->close_code,
                                reason))
        kill_session(session);
}

static void close_if_written(struct websockets *websockets, struct websocket_session *session) {
    if (session->state == WEBSOCKET_CLOSING && !is_queued(session) &&
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
    dispatcher_unwatch(websockets->dispatcher, &session->connection);
    forget_message(session);
    /* timeouts stand in one sorted list: not for everybody at once */
    if (!websockets->dispatcher->shutting_down)
        lws_set_timeout(session->wsi, PENDING_TIMEOUT_USER_REASON_BASE, WEBSOCKET_CLOSE_SECONDS);
    close_if_written(websockets, session);
}

/* --- what the dispatcher asks for ------------------------------------------------------------- */

static void on_send(void *user, struct connection *connection, struct slice bytes, uint32_t from) {
    send_text(user, session_of(connection), bytes, from);
}

static void on_close(void *user, struct connection *connection, uint16_t code,
                     enum wire_error error) {
    begin_close(user, session_of(connection), code, error);
}

static void on_clear(void *user, struct connection *connection) {
    (void)user;
    if (session_of(connection)->backlog != NULL)
        frame_queue_clear(&session_of(connection)->backlog->queue);
}

static void on_ping(void *user, struct connection *connection) {
    struct websockets *websockets = user;
    struct websocket_session *session = session_of(connection);
    if (lws_partial_buffered(session->wsi))
        return; /* it has enough to answer; if it does not, that says as much */
    if (!workaround_write_ping(session->wsi, websockets->frame + LWS_PRE))
        kill_session(session);
}

static void on_give_up(void *user, struct connection *connection) {
    (void)user;
    session_of(connection)->state = WEBSOCKET_CLOSED; /* whatever may still come is not heard */
    kill_session(session_of(connection));
}

/* --- events ----------------------------------------------------------------------------------- */

static void add_refused(struct websockets *websockets, struct websocket_session *session) {
    session->refused = true;
    chain_append(&websockets->refused, &session->link);
    websockets->refused_count++;
}

static void remove_refused(struct websockets *websockets, struct websocket_session *session) {
    if (!session->refused)
        return;
    chain_remove(&websockets->refused, &session->link);
    session->refused = false;
    websockets->refused_count--;
}

/* Says why and closes, where the hub has no place to do so. Of too many who were told and stay, the
 * first goes. */
static void refuse(struct websockets *websockets, struct websocket_session *session,
                   enum wire_error error) {
    struct buffer out;
    if (websockets->refused_count >= WEBSOCKET_REFUSED_MAX) {
        struct websocket_session *first =
            CHAIN_OWNER(websockets->refused.first, struct websocket_session, link);
        remove_refused(websockets, first);
        kill_session(first);
    }
    add_refused(websockets, session);
    session->state = WEBSOCKET_OPEN; /* begin_close ends it below */
    buffer_init(&out, 2 * WIRE_MESSAGE_BYTES_MAX);
    if (dispatcher_refuse(websockets->dispatcher, error, &out) == PARLEY_OK)
        send_text(websockets, session, buffer_slice(&out), FRAME_FROM_NOBODY);
    buffer_deinit(&out);
    begin_close(websockets, session, wire_error_close_code(error), error);
}

static void on_established(struct websockets *websockets, struct lws *wsi,
                           struct websocket_session *session) {
    struct dispatcher *dispatcher = websockets->dispatcher;
    char buffer[HTTP_HOST_BYTES_MAX];
    *session = (struct websocket_session){.wsi = wsi, .state = WEBSOCKET_OPEN};
    dispatcher_count(dispatcher);
    struct slice host = http_header(wsi, WSI_TOKEN_HOST, buffer, sizeof buffer);
    enum wire_error error = dispatcher_connect(
        dispatcher, &session->connection, TRANSPORT_WEBSOCKET, &http_client_of(wsi)->address, host);
    http_client_settle(wsi);
    if (error == WIRE_ERROR_COUNT)
        return;
    session->state = WEBSOCKET_CLOSED;
    refuse(websockets, session, error);
}

/* |piece| is not a whole message. */
static void on_piece(struct websockets *websockets, struct websocket_session *session,
                     struct slice piece, bool last) {
    struct websocket_backlog *backlog = need_backlog(websockets, session);
    if (backlog == NULL || buffer_append(&backlog->message, piece) != PARLEY_OK) {
        kill_session(session);
        return;
    }
    if (!last)
        return;
    struct buffer whole = backlog->message; /* the input may close the session */
    buffer_init(&backlog->message, WIRE_MESSAGE_BYTES_MAX);
    if (!is_queued(session))
        free_backlog(session);
    dispatcher_receive(websockets->dispatcher, &session->connection, buffer_slice(&whole));
    buffer_deinit(&whole);
}

/* |piece| is a part of a frame, which may be a part of a message. */
static void on_receive(struct websockets *websockets, struct lws *wsi,
                       struct websocket_session *session, struct slice piece) {
    bool last = lws_is_final_fragment(wsi) != 0;
    if (session->state != WEBSOCKET_OPEN)
        return;
    dispatcher_heard(websockets->dispatcher, &session->connection);
    if (lws_is_first_fragment(wsi))
        forget_message(session);
    if (lws_frame_is_binary(wsi)) {
        dispatcher_violate(websockets->dispatcher, &session->connection, WIRE_ERROR_NOT_TEXT);
        return;
    }
    size_t left = lws_remaining_packet_payload(wsi);
    if (left > WIRE_MESSAGE_BYTES_MAX ||
        bytes_so_far(session) + piece.len + left > WIRE_MESSAGE_BYTES_MAX) {
        dispatcher_violate(websockets->dispatcher, &session->connection, WIRE_ERROR_TOO_BIG);
        return;
    }
    if (last && bytes_so_far(session) == 0)
        dispatcher_receive(websockets->dispatcher, &session->connection, piece);
    else
        on_piece(websockets, session, piece, last);
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
    dispatcher_leave(websockets->dispatcher, &session->connection);
}

/* The answer to our close frame ends the connection; a close frame of theirs, libwebsockets
 * answers. */
static int on_peer_close(struct websockets *websockets, struct websocket_session *session) {
    if (session->state == WEBSOCKET_CLOSED)
        return -1;
    on_leaving(websockets, session);
    return 0;
}

static void on_closed(struct websockets *websockets, struct lws *wsi,
                      struct websocket_session *session) {
    if (session->state == WEBSOCKET_NONE)
        return; /* never established */
    http_input_forget(lws_get_socket_fd(wsi));
    on_leaving(websockets, session);
    free_backlog(session);
    session->state = WEBSOCKET_NONE;
    remove_refused(websockets, session);
    dispatcher_uncount(websockets->dispatcher);
}

int websockets_event(struct websockets *websockets, struct lws *wsi,
                     enum lws_callback_reasons reason, struct websocket_session *session,
                     const void *in, size_t len) {
    switch ((int)reason) {
    case LWS_CALLBACK_ESTABLISHED:
        on_established(websockets, wsi, session);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        on_receive(websockets, wsi, session, (struct slice){in, len});
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        dispatcher_heard(websockets->dispatcher, &session->connection);
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
        on_closed(websockets, wsi, session);
        return 0;
    default:
        return 0;
    }
}

/* --- life ------------------------------------------------------------------------------------- */

void websockets_init(struct websockets *websockets, struct dispatcher *dispatcher) {
    *websockets = (struct websockets){.dispatcher = dispatcher};
    dispatcher->transports[TRANSPORT_WEBSOCKET] = (struct transport){.user = websockets,
                                                                     .send = on_send,
                                                                     .close = on_close,
                                                                     .clear = on_clear,
                                                                     .ping = on_ping,
                                                                     .give_up = on_give_up};
}
