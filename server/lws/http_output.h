/* http_output.h - writes answers, and then goes on with the next request, or closes the connection.
 *
 * libwebsockets 4.1.6 polls a socket for input and output together, or for neither, and spins on
 * input that it does not use while an answer waits. So answers are written here, to the socket or
 * to TLS. While one does not fit, its socket is in an epoll set (epoll(7)) of this module, which
 * the loop watches as one descriptor, and libwebsockets polls for nothing (lws_rx_flow_control). So
 * an answer that nobody reads costs no extra descriptor, and no memory except what TLS has to write
 * again.
 */
#ifndef PARLEY_HTTP_OUTPUT_H
#define PARLEY_HTTP_OUTPUT_H

#include "buffer.h"
#include "http_input.h"

#include <stdbool.h>
#include <stddef.h>

#include <libwebsockets.h>
#include <uv.h>

#define HTTP_OUTPUT_CHUNK_BYTES 53248 /* written at once */
#define HTTP_OUTPUT_SECONDS 10        /* for each chunk to be taken */

struct http_wait;

/* The requests of one connection, one after another. Zero-initialise it. */
struct http_pipeline {
    struct http_input input;
    struct lws *due_wsi; /* while the connection is due, else NULL */
    struct http_pipeline *next_due;
    bool is_completed; /* libwebsockets knows that the last request is over */
    bool is_paused;    /* it reads nothing, since an answer waits */
};

/* One request's answer; libwebsockets' user data, zeroed by it. */
struct http_session {
    struct slice rest;      /* of the body: not written yet */
    struct buffer owned;    /* the body, where it is not built in; of a request, until then */
    struct http_wait *wait; /* while the socket takes no more, else NULL */
    unsigned held_status;   /* of the answer that is written when it is due, or 0 */
    bool body_taken;        /* the request's; set by the code that has read it to its end */
    bool close;             /* after the answer */
};

/* Callbacks to the module above. */
struct http_output_handlers {
    void *user;
    /* Writes an answer that was held, with http_output_write; returns that function's result. */
    int (*write_held)(void *user, struct lws *wsi, struct http_session *session);
    /* A connection's pipeline; NULL: it has none any more. */
    struct http_pipeline *(*pipeline_of)(struct lws *wsi);
    /* A request of the connection is over. */
    void (*on_completed)(struct lws *wsi);
};

struct http_output {
    struct http_output_handlers handlers;
    uv_poll_t writable;                  /* of |waiting_fd| */
    int waiting_fd;                      /* the epoll set: sockets that take no more, for now */
    uv_idle_t idle;                      /* runs while anything is due */
    struct http_pipeline *due, *due_now; /* through next_due; the latter while they are served */
    unsigned char chunk[HTTP_OUTPUT_CHUNK_BYTES];
};

/* |loop| must outlive it. PARLEY_ERR_STATE: no descriptor is left. */
int http_output_init(struct http_output *output, uv_loop_t *loop,
                     const struct http_output_handlers *handlers);

/* When no connection is left. Its handles close in the loop. */
void http_output_deinit(struct http_output *output);

/* Writes the first |len| bytes of |chunk|, then session->rest, which must stay where it is; then
 * the session is due. -1: close the connection now. */
int http_output_write(struct http_output *output, struct lws *wsi, struct http_session *session,
                      size_t len);

/* The answer is written; tells libwebsockets that the request is over. Call it at once if a poll
 * waited without its headers: libwebsockets attaches headers again with the next byte, and then can
 * end no request any more. The session stays due. False: close the connection.
 */
bool http_output_complete(struct http_output *output, struct lws *wsi);

/* Soon, outside libwebsockets' callbacks: writes the answer that is held, or closes the connection,
 * or goes on with its next request. */
void http_output_due(struct http_output *output, struct lws *wsi);

/* The request is over, or its connection. */
void http_output_drop(struct http_output *output, struct lws *wsi, struct http_session *session);

/* Writes as many of |len| bytes as the connection takes at once; returns their number. -1: it is
 * broken. */
ssize_t http_output_send(struct lws *wsi, const void *bytes, size_t len);

#endif
