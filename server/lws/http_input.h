/* http_input.h - what libwebsockets reads: one well-formed request after another.
 *
 * libwebsockets 4.1.6 offers no place between the socket, or TLS, and its parser, nor a way not to
 * be told of input that it does not read. So the two functions by which it reads, recv() and
 * SSL_read(), are defined in http_input.c, and the linker prefers a program's own to a library's.
 * For a socket that is watched here they
 * - hand over heads as request_head.h writes them anew. One that is refused becomes a GET of "/",
 *   which is to be answered as |head| says;
 * - hand over one request at a time: the next one when the last is answered. libwebsockets would
 *   turn round and round for what it may not use yet, and takes heads for bodies;
 * - hand over everything behind a head that asks for a WebSocket, up to a frame that frames.h does
 *   not let pass.
 * For every other socket they are what they always were.
 */
#ifndef PARLEY_HTTP_INPUT_H
#define PARLEY_HTTP_INPUT_H

#include "request_head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* libwebsockets reads at most this much at once: a head, and what came with it. */
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
    bool is_last;     /* it wanted to read meanwhile, and so lost its place: no request follows */
};

/* Watches |fd| from now on. PARLEY_ERR_NO_MEMORY: it does not. */
int http_input_begin(struct http_input *input, int fd);

/* Watches it no more, and forgets what was kept. Harmless when repeated. */
void http_input_end(struct http_input *input);

/* The same, but the frames of its WebSocket are looked at until http_input_forget. */
void http_input_settle(struct http_input *input);

/* The WebSocket of |fd| is gone, and the descriptor about to be closed. */
void http_input_forget(int fd);

/* lws_http_headers_detach was called for the request that is being answered. If bytes come before
 * the answer, libwebsockets (4.1.6) attaches headers anew and forgets that those of this request
 * were complete; it would take the next request for a body. So the answer must end the connection:
 * |is_last|. */
void http_input_detach(struct http_input *input);

/* The request is answered: the next one may come. */
void http_input_next(struct http_input *input);

/* Throws away what has come so far, before the connection is closed: otherwise the other side would
 * be told of a reset, and might never read the answer (RFC 9112, 9.6). */
void http_input_discard(struct http_input *input);

/* True when something was read already, for which no poll of the socket will wake anybody. */
bool http_input_is_kept(const struct http_input *input);

#endif
