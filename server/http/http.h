/* http.h - the page, /healthz, and every other HTTP answer (RFC 9110, RFC 9112), over
 * libwebsockets.
 *
 * Answers are composed here, head and body, and written by http_output.h; libwebsockets parses
 * requests (http_input.h) and keeps connections and their deadlines. A request with a body, except
 * polling's, is answered and its connection closed.
 */
#ifndef PARLEY_HTTP_H
#define PARLEY_HTTP_H

#include "buffer.h"
#include "config.h"
#include "http_output.h"
#include "hub.h"
#include "metrics.h"
#include "request_head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libwebsockets.h>

#define HTTP_HEAD_BYTES_MAX 2048
#define HTTP_HOST_BYTES_MAX 270 /* a name of 253 characters and a port */

struct http_answer {
    unsigned status;
    const char *content_type;
    const char *cache_control;
    const char *etag;   /* NULL: none */
    const char *coding; /* NULL: identity */
    const char *extra;  /* one more header with its "\r\n", or NULL */
    struct slice body;  /* what Content-Length says; for HEAD too */
    bool varies;        /* by Accept-Encoding */
    bool without_body;  /* HEAD, 304 */
    bool for_script;    /* not a page: without headers that only pages need */
};

struct http {
    const struct config *config;
    const struct hub *hub;
    struct metrics *metrics; /* counts answers */
    int web_root_fd;         /* -1: the page that is built in */
    uint64_t started_ms;
    struct http_output output;
};

/* Opens --web-root, if any. |config|, |hub| and |metrics| must outlive it. |now_ms| is a monotonic
 * clock. PARLEY_ERR_ARGUMENT: no such folder. PARLEY_ERR_STATE: no descriptor is left. */
int http_init(struct http *http, const struct config *config, const struct hub *hub,
              struct metrics *metrics, uv_loop_t *loop, uint64_t now_ms);
void http_deinit(struct http *http);

/* Answers a request for |path| (LWS_CALLBACK_HTTP). Returns the value for libwebsockets. */
int http_event(struct http *http, struct lws *wsi, struct http_session *session, struct slice path,
               uint64_t now_ms);

/* The same on the redirect port, where every answer leads to HTTPS on |https_port|; |in| and |len|
 * are the path. */
int http_redirect(struct http *http, struct lws *wsi, struct http_session *session, const void *in,
                  size_t len, uint16_t https_port);

/* The request is over, or its connection. */
void http_drop(struct http *http, struct lws *wsi, struct http_session *session);

/* Answers a request that request_head.h refuses. Returns the value for libwebsockets. */
int http_refuse(struct http *http, struct lws *wsi, struct http_session *session,
                const struct request_head *head);

/* Tells a client that waits for it (RFC 9110, 10.1.1) to send the request's body. -1: close the
 * connection. */
int http_continue(struct lws *wsi);

/* True when the request's Host is one of this server's names (host_name.h); with |any| also where
 * the operator has named none. */
bool http_host_known(struct lws *wsi, const struct config *config, bool any);

/* True when the browser sent Sec-Fetch-Site: it does so only if the page came over TLS, which may
 * end at a proxy, or from the device itself (W3C Fetch Metadata, 2). */
bool http_has_fetch_metadata(struct lws *wsi);

#define HTTP_HOST_SENTENCE                                                                         \
    "This server does not answer under that name. To allow the name, start Parley with "           \
    "--allow-host and the name.\n"

/* Reads from a request's head whether the connection ends after its answer. Call it first. */
void http_begin(struct lws *wsi, struct http_session *session);

/* Begins to write |answer|. Its body must stay where it is until it is written, unless it fits into
 * HTTP_OUTPUT_CHUNK_BYTES with the head. Returns -1 if libwebsockets must close the connection; see
 * http_answer_later. */
int http_answer(struct http *http, struct lws *wsi, struct http_session *session,
                const struct http_answer *answer);

/* The same outside libwebsockets' callbacks, where no value can be returned. */
void http_answer_later(struct http *http, struct lws *wsi, struct http_session *session,
                       const struct http_answer *answer);

/* Answers a request whose body was read, from libwebsockets' callback about its end: soon, with
 * http_text. |body| is copied into |owned|. -1: close the connection. */
int http_hold(struct http *http, struct lws *wsi, struct http_session *session, unsigned status,
              struct slice body);

/* Answers with a sentence: http_text for a script, http_plain for a person. */
struct http_answer http_text(unsigned status, struct slice body);
struct http_answer http_plain(unsigned status, const char *sentence);

/* Answers a WebSocket handshake that is refused with |status| and a sentence, at once; then the
 * connection must be closed. */
void http_refuse_handshake(struct http *http, struct lws *wsi, unsigned status,
                           const char *sentence);

/* A request header's value in |buffer|; empty when it is missing or does not fit. */
struct slice http_header(struct lws *wsi, enum lws_token_indexes token, char *buffer, size_t size);

/* Headers for the answers that libwebsockets makes itself. */
extern const struct lws_protocol_vhost_options http_library_headers;

#endif
