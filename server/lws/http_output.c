#define _GNU_SOURCE /* libwebsockets.h */
#include "http_output.h"

#include "error.h"
#include "workarounds.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define WRITABLE_BATCH 64 /* connections in one turn of the loop, so that others get theirs */

struct http_wait {
    struct http_output *output;
    struct http_session *session; /* which ends the wait when it is over */
    struct lws *wsi;
    int fd;
    size_t len, at;
    char unsent[]; /* |len| bytes that go before the rest; those before |at| are written */
};

/* --- the next request, or the end ------------------------------------------------------------- */

static struct http_pipeline *pipeline_of(const struct http_output *output, struct lws *wsi) {
    return output->handlers.pipeline_of(wsi);
}

static bool has_more(const struct http_pipeline *pipeline, struct lws *wsi) {
    SSL *tls = lws_get_ssl(wsi);
    return http_input_is_kept(&pipeline->input) || (tls != NULL && SSL_pending(tls) > 0);
}

bool http_output_complete(struct http_output *output, struct lws *wsi) {
    struct http_pipeline *pipeline = pipeline_of(output, wsi);
    pipeline->is_completed = true;
    output->handlers.on_completed(wsi);
    http_input_next(&pipeline->input);
    return !pipeline->input.is_last && lws_http_transaction_completed(wsi) == 0;
}

/* libwebsockets would wait until it can write again, which may take long; it also has to be told of
 * bytes that were already read. */
static void begin_next(struct http_output *output, struct lws *wsi) {
    struct lws_context *context = lws_get_context(wsi);
    struct http_pipeline *pipeline = pipeline_of(output, wsi);
    if (!pipeline->is_completed && !http_output_complete(output, wsi)) {
        workaround_close_now(wsi);
        return;
    }
    pipeline->is_completed = false;
    if (pipeline->is_paused)
        lws_rx_flow_control(wsi, 1);
    pipeline->is_paused = false;
    if (workaround_pretend(wsi, LWS_POLLOUT) && has_more(pipeline, wsi))
        workaround_pretend(wsi, LWS_POLLIN);
    workaround_see_timeouts(context);
}

static void carry_on(struct http_output *output, struct lws *wsi, struct http_session *session) {
    if (session->held_status != 0) {
        if (output->handlers.write_held(output->handlers.user, wsi, session) != 0)
            workaround_close_now(wsi);
    } else if (session->close) {
        http_input_discard(&pipeline_of(output, wsi)->input);
        workaround_close_now(wsi);
    } else {
        begin_next(output, wsi);
    }
}

/* --- who is due ------------------------------------------------------------------------------- */

static bool unlink_due(struct http_pipeline **at, const struct http_pipeline *pipeline) {
    while (*at != NULL && *at != pipeline)
        at = &(*at)->next_due;
    if (*at == NULL)
        return false;
    *at = pipeline->next_due;
    return true;
}

/* Connections that become due meanwhile wait for the next turn of the loop, so that others get
 * theirs. */
static void on_idle(uv_idle_t *idle) {
    struct http_output *output = idle->data;
    output->due_now = output->due;
    output->due = NULL;
    while (output->due_now != NULL) {
        struct http_pipeline *pipeline = output->due_now;
        struct lws *wsi = pipeline->due_wsi;
        output->due_now = pipeline->next_due;
        pipeline->due_wsi = NULL;
        carry_on(output, wsi, lws_wsi_user(wsi));
    }
    if (output->due == NULL)
        uv_idle_stop(idle);
}

void http_output_due(struct http_output *output, struct lws *wsi) {
    struct http_pipeline *pipeline = pipeline_of(output, wsi);
    if (pipeline->due_wsi != NULL)
        return;
    pipeline->due_wsi = wsi;
    pipeline->next_due = output->due;
    output->due = pipeline;
    uv_idle_start(&output->idle, on_idle);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void stop_waiting(struct http_session *session) {
    struct http_wait *wait = session->wait;
    session->wait = NULL;
    epoll_ctl(wait->output->waiting_fd, EPOLL_CTL_DEL, wait->fd, NULL);
    free(wait);
}

static void set_deadline(struct lws *wsi) {
    lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, HTTP_OUTPUT_SECONDS);
    workaround_see_timeouts(lws_get_context(wsi));
}

static void end_of_wait(struct http_wait *wait) {
    struct lws *wsi = wait->wsi;
    struct http_output *output = wait->output;
    stop_waiting(wait->session);
    http_output_due(output, wsi);
}

static void advance(struct slice *slice, size_t len) {
    if (len > 0)
        *slice = (struct slice){slice->bytes + len, slice->len - len};
}

static void write_more(struct http_wait *wait) {
    struct slice unsent = {wait->unsent + wait->at, wait->len - wait->at};
    struct slice *rest = &wait->session->rest;
    struct slice next = unsent.len > 0 ? unsent : *rest;
    if (next.len > HTTP_OUTPUT_CHUNK_BYTES)
        next.len = HTTP_OUTPUT_CHUNK_BYTES;
    ssize_t sent = http_output_send(wait->wsi, next.bytes, next.len);
    if (sent < 0) {
        workaround_close_now(wait->wsi);
        return;
    }
    if (sent > 0)
        set_deadline(wait->wsi);
    if (unsent.len > 0)
        wait->at += (size_t)sent;
    else
        advance(rest, (size_t)sent);
    if (wait->at == wait->len && rest->len == 0)
        end_of_wait(wait);
}

/* One at a time: handling one may end another. */
static void on_writable(uv_poll_t *poll, int status, int events) {
    const struct http_output *output = poll->data;
    struct epoll_event event;
    (void)status;
    (void)events;
    for (int i = 0; i < WRITABLE_BATCH; i++) {
        if (epoll_wait(output->waiting_fd, &event, 1, 0) != 1)
            return;
        write_more(event.data.ptr);
    }
}

/* Until |unsent|, and then the rest, are written. */
static int wait_for_room(struct http_output *output, struct lws *wsi, struct http_session *session,
                         struct slice unsent) {
    struct http_wait *wait = malloc(sizeof *wait + unsent.len);
    if (wait == NULL)
        return -1;
    *wait = (struct http_wait){.output = output,
                               .session = session,
                               .wsi = wsi,
                               .fd = lws_get_socket_fd(wsi),
                               .len = unsent.len};
    if (unsent.len > 0)
        memcpy(wait->unsent, unsent.bytes, unsent.len);
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = wait};
    if (epoll_ctl(output->waiting_fd, EPOLL_CTL_ADD, wait->fd, &event) != 0) {
        free(wait);
        return -1;
    }
    session->wait = wait;
    lws_rx_flow_control(wsi, 0);
    pipeline_of(output, wsi)->is_paused = true;
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

/* TLS that could not write wants the same bytes again (SSL_write(3)): then all are copied. */
int http_output_write(struct http_output *output, struct lws *wsi, struct http_session *session,
                      size_t len) {
    struct slice *rest = &session->rest;
    size_t more =
        HTTP_OUTPUT_CHUNK_BYTES - len < rest->len ? HTTP_OUTPUT_CHUNK_BYTES - len : rest->len;
    if (more > 0)
        memcpy(output->chunk + len, rest->bytes, more);
    ssize_t result = http_output_send(wsi, output->chunk, len + more);
    if (result < 0)
        return -1;
    size_t sent = (size_t)result;
    advance(rest, sent < len ? more : sent - len);
    if (sent < len)
        return wait_for_room(output, wsi, session,
                             (struct slice){(char *)output->chunk + sent, len + more - sent});
    if (rest->len > 0)
        return wait_for_room(output, wsi, session, (struct slice){NULL, 0});
    http_output_due(output, wsi);
    return 0;
}

/* --- life ------------------------------------------------------------------------------------- */

int http_output_init(struct http_output *output, uv_loop_t *loop,
                     const struct http_output_handlers *handlers) {
    *output = (struct http_output){.handlers = *handlers};
    output->waiting_fd = epoll_create1(EPOLL_CLOEXEC);
    if (output->waiting_fd < 0)
        return PARLEY_ERR_STATE;
    if (uv_poll_init(loop, &output->writable, output->waiting_fd) != 0) {
        close(output->waiting_fd);
        return PARLEY_ERR_STATE;
    }
    output->writable.data = output;
    uv_poll_start(&output->writable, UV_READABLE, on_writable);
    uv_unref((uv_handle_t *)&output->writable); /* the loop may end: nobody may be waiting */
    uv_idle_init(loop, &output->idle);
    output->idle.data = output;
    return PARLEY_OK;
}

void http_output_deinit(struct http_output *output) {
    uv_close((uv_handle_t *)&output->idle, NULL);
    uv_close((uv_handle_t *)&output->writable, NULL);
    close(output->waiting_fd);
}

void http_output_drop(struct http_output *output, struct lws *wsi, struct http_session *session) {
    struct http_pipeline *pipeline = pipeline_of(output, wsi);
    if (session->wait != NULL)
        stop_waiting(session);
    buffer_deinit(&session->owned);
    if (pipeline == NULL || pipeline->due_wsi == NULL)
        return;
    if (!unlink_due(&output->due, pipeline))
        unlink_due(&output->due_now, pipeline);
    pipeline->due_wsi = NULL;
}
