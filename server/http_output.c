#define _GNU_SOURCE /* libwebsockets.h, F_DUPFD_CLOEXEC */
#include "http_output.h"

#include "caller.h"
#include "error.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct http_wait {
    uv_poll_t poll;
    struct http_output *output;
    struct http_session *session; /* which ends the wait when it is over */
    struct lws *wsi;
    int fd; /* a duplicate: libuv polls each descriptor once */
    size_t len, at;
    char unsent[]; /* |len| bytes, of which those before |at| are written */
};

/* --- the next request, or the end ------------------------------------------------------------- */

static void close_connection(struct lws *wsi) {
    lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

static bool has_more(struct lws *wsi) {
    SSL *tls = lws_get_ssl(wsi);
    return http_input_is_kept(&caller_of(wsi)->input) || (tls != NULL && SSL_pending(tls) > 0);
}

/* As if the socket were ready for |events|. False: the connection is gone. */
static bool pretend(struct lws *wsi, short events) {
    struct lws_pollfd event = {lws_get_socket_fd(wsi), events, events};
    return lws_service_fd(lws_get_context(wsi), &event) == 0;
}

bool http_output_complete(struct lws *wsi) {
    struct caller *caller = caller_of(wsi);
    caller->is_completed = true;
    http_input_next(&caller->input);
    return lws_http_transaction_completed(wsi) == 0;
}

/* libwebsockets waits until it could write once more, which may take long; and is told of bytes
 * that were read before. */
static void begin_next(struct lws *wsi) {
    struct lws_context *context = lws_get_context(wsi);
    struct caller *caller = caller_of(wsi);
    if (!caller->is_completed && !http_output_complete(wsi)) {
        close_connection(wsi);
        return;
    }
    caller->is_completed = false;
    if (caller->is_paused)
        lws_rx_flow_control(wsi, 1);
    caller->is_paused = false;
    if (pretend(wsi, LWS_POLLOUT) && has_more(wsi))
        pretend(wsi, LWS_POLLIN);
    lws_cancel_service(context); /* or it would not see the timeouts set here */
}

static void carry_on(struct http_output *output, struct lws *wsi, struct http_session *session) {
    if (session->held_status != 0) {
        if (output->write_held(output->user, wsi, session) != 0)
            close_connection(wsi);
    } else if (session->close) {
        http_input_discard(&caller_of(wsi)->input);
        close_connection(wsi);
    } else {
        begin_next(wsi);
    }
}

/* --- who is due ------------------------------------------------------------------------------- */

static bool unlink_due(struct caller **at, const struct caller *caller) {
    while (*at != NULL && *at != caller)
        at = &(*at)->next_due;
    if (*at == NULL)
        return false;
    *at = caller->next_due;
    return true;
}

/* Those who become due meanwhile wait for the next turn, so that others get theirs. */
static void on_idle(uv_idle_t *idle) {
    struct http_output *output = idle->data;
    output->due_now = output->due;
    output->due = NULL;
    while (output->due_now != NULL) {
        struct caller *caller = output->due_now;
        struct lws *wsi = caller->due_wsi;
        output->due_now = caller->next_due;
        caller->due_wsi = NULL;
        carry_on(output, wsi, lws_wsi_user(wsi));
    }
    if (output->due == NULL)
        uv_idle_stop(idle);
}

void http_output_due(struct http_output *output, struct lws *wsi) {
    struct caller *caller = caller_of(wsi);
    if (caller->due_wsi != NULL)
        return;
    caller->due_wsi = wsi;
    caller->next_due = output->due;
    output->due = caller;
    uv_idle_start(&output->idle, on_idle);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle) {
    struct http_wait *wait = handle->data;
    close(wait->fd);
    free(wait);
}

static void end_wait(struct http_session *session) {
    struct http_wait *wait = session->wait;
    session->wait = NULL;
    uv_close((uv_handle_t *)&wait->poll, on_closed);
}

static void set_deadline(struct lws *wsi) {
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_OUTPUT_SECONDS);
    lws_cancel_service(lws_get_context(wsi));
}

static void end_of_wait(struct http_wait *wait) {
    struct lws *wsi = wait->wsi;
    struct http_output *output = wait->output;
    end_wait(wait->session);
    http_output_due(output, wsi);
}

static void on_writable(uv_poll_t *poll, int status, int events) {
    struct http_wait *wait = poll->data;
    ssize_t sent = -1;
    (void)events;
    if (status == 0)
        sent = http_output_send(wait->wsi, wait->unsent + wait->at, wait->len - wait->at);
    if (sent < 0) {
        close_connection(wait->wsi);
        return;
    }
    if (sent > 0)
        set_deadline(wait->wsi);
    wait->at += (size_t)sent;
    if (wait->at < wait->len)
        return;
    wait->at = 0;
    wait->len = wait->session->rest.len < HTTP_OUTPUT_CHUNK_BYTES ? wait->session->rest.len
                                                                  : HTTP_OUTPUT_CHUNK_BYTES;
    if (wait->len == 0) {
        end_of_wait(wait);
        return;
    }
    memcpy(wait->unsent, wait->session->rest.bytes, wait->len);
    wait->session->rest.bytes += wait->len;
    wait->session->rest.len -= wait->len;
}

/* Until |len| bytes of the chunk, and the rest, are written. */
static int begin_wait(struct http_output *output, struct lws *wsi, struct http_session *session,
                      const unsigned char *unsent, size_t len) {
    struct http_wait *wait = malloc(sizeof *wait + HTTP_OUTPUT_CHUNK_BYTES);
    if (wait == NULL)
        return -1;
    *wait = (struct http_wait){.output = output,
                               .session = session,
                               .wsi = wsi,
                               .fd = fcntl(lws_get_socket_fd(wsi), F_DUPFD_CLOEXEC, 0),
                               .len = len};
    memcpy(wait->unsent, unsent, len);
    if (wait->fd < 0 || uv_poll_init(output->loop, &wait->poll, wait->fd) != 0) {
        if (wait->fd >= 0)
            close(wait->fd);
        free(wait);
        return -1;
    }
    wait->poll.data = wait;
    session->wait = wait;
    uv_poll_start(&wait->poll, UV_WRITABLE, on_writable);
    lws_rx_flow_control(wsi, 0);
    caller_of(wsi)->is_paused = true;
    set_deadline(wsi);
    return 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

static ssize_t send_tls(SSL *tls, const void *bytes, size_t len) {
    size_t sent = 0;
    ERR_clear_error();
    if (SSL_write_ex(tls, bytes, len, &sent) == 1)
        return (ssize_t)sent;
    return SSL_get_error(tls, 0) == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

ssize_t http_output_send(struct lws *wsi, const void *bytes, size_t len) {
    SSL *tls = lws_get_ssl(wsi);
    if (tls != NULL)
        return send_tls(tls, bytes, len);
    ssize_t sent = send(lws_get_socket_fd(wsi), bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : sent;
}

int http_output_write(struct http_output *output, struct lws *wsi, struct http_session *session,
                      size_t len) {
    size_t more = HTTP_OUTPUT_CHUNK_BYTES - len;
    if (more > session->rest.len)
        more = session->rest.len;
    if (more > 0)
        memcpy(output->chunk + len, session->rest.bytes, more);
    session->rest.bytes += more;
    session->rest.len -= more;
    len += more;
    ssize_t sent = http_output_send(wsi, output->chunk, len);
    if (sent < 0)
        return -1;
    if ((size_t)sent < len || session->rest.len > 0)
        return begin_wait(output, wsi, session, output->chunk + sent, len - (size_t)sent);
    http_output_due(output, wsi);
    return 0;
}

/* --- life ------------------------------------------------------------------------------------- */

void http_output_init(struct http_output *output, uv_loop_t *loop,
                      int (*write_held)(void *, struct lws *, struct http_session *), void *user) {
    *output = (struct http_output){.loop = loop, .write_held = write_held, .user = user};
    uv_idle_init(loop, &output->idle);
    output->idle.data = output;
}

void http_output_deinit(struct http_output *output) {
    uv_close((uv_handle_t *)&output->idle, NULL);
}

void http_output_drop(struct http_output *output, struct lws *wsi, struct http_session *session) {
    struct caller *caller = caller_of(wsi);
    if (session->wait != NULL)
        end_wait(session);
    buffer_deinit(&session->owned);
    if (caller == NULL || caller->due_wsi == NULL)
        return;
    if (!unlink_due(&output->due, caller))
        unlink_due(&output->due_now, caller);
    caller->due_wsi = NULL;
}
