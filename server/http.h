/* http.h - the page, /healthz, and every other HTTP answer (RFC 9110, RFC 9112), over
 * libwebsockets.
 *
 * Answers are composed here, head and body, and written as they are: libwebsockets parses
 * requests, keeps connections and their deadlines. A request with a body is answered and its
 * connection closed, since nothing here takes one.
 */
#ifndef PARLEY_HTTP_H
#define PARLEY_HTTP_H

#include "buffer.h"
#include "config.h"
#include "hub.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libwebsockets.h>

#define HTTP_HEAD_BYTES_MAX 2048
#define HTTP_CHUNK_BYTES                                                                           \
    32768                    /* written at once; libwebsockets keeps a copy of what was not taken */
#define HTTP_BODY_SECONDS 10 /* for each chunk of an answer to be taken */

/* One request's answer; libwebsockets' user data, zeroed by it. All fields are the module's. */
struct http_session {
    struct slice rest;   /* of the body: not written yet */
    struct buffer owned; /* the body, where it is not built in */
    bool close;          /* after the answer */
};

struct http {
    const struct config *config;
    const struct hub *hub;
    int web_root_fd; /* -1: the page that is built in */
    uint64_t started_ms;
    unsigned char chunk[LWS_PRE + HTTP_CHUNK_BYTES];
};

/* Opens --web-root, if any. |config| and |hub| must outlive it. |now_ms| is a monotonic clock.
 * PARLEY_ERR_ARGUMENT: no such folder. */
int http_init(struct http *http, const struct config *config, const struct hub *hub,
              uint64_t now_ms);
void http_deinit(struct http *http);

/* Carries on with an event of an HTTP connection. What it returns is for libwebsockets. */
int http_event(struct http *http, struct lws *wsi, enum lws_callback_reasons reason,
               struct http_session *session, const void *in, size_t len, uint64_t now_ms);

/* Answers a WebSocket handshake that is refused with |status| and a sentence, at once; then the
 * connection must be closed. */
void http_refuse_handshake(struct http *http, struct lws *wsi, unsigned status,
                           const char *sentence);

/* A request header's value in |buffer|; empty when it is missing or does not fit. */
struct slice http_header(struct lws *wsi, enum lws_token_indexes token, char *buffer, size_t size);

/* Headers for the answers that libwebsockets makes itself. */
extern const struct lws_protocol_vhost_options http_library_headers;

#endif
