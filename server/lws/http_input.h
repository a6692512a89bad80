/* http_input.h - what libwebsockets reads: one well-formed request after another.
 *
 * libwebsockets 4.1.6 has no hook between the socket, or TLS, and its parser, and no way to stop it
 * from polling for input that it does not read. So http_input.c defines the two functions that it
 * reads with, recv() and SSL_read(); the linker prefers a program's own to a library's. For a
 * socket that is watched here they
 * - hand over heads as request_head.h writes them anew. One that is refused becomes a GET of "/",
 *   which is to be answered as |head| says;
 * - hand over one request at a time: the next one when the last is answered. libwebsockets would
 * spin on input that it may not use yet, and would read heads as bodies;
 * - hand over everything behind a head that asks for a WebSocket, up to a frame that frames.h
 * rejects. For every other socket they behave as always.
 */
#ifndef PARLEY_HTTP_INPUT_H
#define PARLEY_HTTP_INPUT_H

#include "request_head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libwebsockets reads at most this much at once: a head, and the bytes that came with it. */
#define HTTP_INPUT_BYTES (REQUEST_PLAIN_BYTES_MAX + 2 * REQUEST_HEAD_BYTES_MAX)

enum http_input_state {
    HTTP_INPUT_HEAD,      /* of the next request */
    HTTP_INPUT_BODY,      /* |body_left| bytes of it are to come */
    HTTP_INPUT_ANSWERING, /* the next request waits for the answer to this one */
    HTTP_INPUT_OPEN,      /* all that comes is handed over */
    HTTP_INPUT_ENDED      /* nothing more is */
};

/* Zero-initialise it. */
struct http_input {
    int fd; /* while |is_watched| */
    bool is_watched;
    enum http_input_state state;
    struct request_head head; /* the last that was handed over */
    uint64_t body_left;
    char *kept; /* bytes that were read and not handed over yet, or NULL */
    size_t kept_len;
    bool is_detached; /* libwebsockets holds no headers of the request that is being answered */
    bool is_last;     /* bytes came meanwhile, so it lost its headers: no request follows */
};

/* Watches |fd| from now on. PARLEY_ERR_NO_MEMORY: it does not. */
int http_input_begin(struct http_input *input, int fd);

/* Watches it no more, and forgets what was kept. Harmless when repeated. */
void http_input_end(struct http_input *input);

/* The same, but the frames of its WebSocket are checked until http_input_forget. */
void http_input_settle(struct http_input *input);

/* The WebSocket of |fd| is gone, and the descriptor about to be closed. */
void http_input_forget(int fd);

/* lws_http_headers_detach was called for the request that is being answered. If bytes arrive before
 * the answer, libwebsockets (4.1.6) attaches new headers and forgets that this request's were
 * complete; it would read the next request as a body. So the answer must end the connection:
 * |is_last|. */
void http_input_detach(struct http_input *input);

/* The request is answered: the next one may come. */
void http_input_next(struct http_input *input);

/* Discards the bytes that have arrived so far, before the connection is closed: otherwise the
 * client would get a reset, and might never read the answer (RFC 9112, 9.6). */
void http_input_discard(struct http_input *input);

/* True when bytes were read already, for which poll() will not report the socket. */
bool http_input_is_kept(const struct http_input *input);

#endif
