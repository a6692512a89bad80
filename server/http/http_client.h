/* http_client.h - the client of a socket and of the requests that come over it; libwebsockets'
 * opaque user data of a connection.
 */
#ifndef PARLEY_HTTP_CLIENT_H
#define PARLEY_HTTP_CLIENT_H

#include "http_output.h"
#include "ip.h"
#include "pending.h"
#include "rate_limits.h"

#include <stdbool.h>
#include <stdint.h>

#include <libwebsockets.h>

struct http_client {
    struct ip peer;             /* of the socket: a client's, or a proxy's */
    struct ip address;          /* of the last request that http_client_identify was told of */
    struct rate_limits *limits; /* NULL: the socket is not counted */
    struct rate_limits_account *account; /* of the socket */
    struct rate_limits_socket socket;    /* while it may make way for another one */
    struct pending_connection *pending;  /* while its first bytes have not come */
    struct lws *wsi;                     /* what libwebsockets made of it then */
    struct lws_vhost *vhost;             /* that the socket is for */
    struct http_pipeline pipeline;       /* of its requests */
};

/* Counts a socket of |peer|, unless |limits| is NULL, and makes its client, which is idle. NULL:
 * |peer| has too many, or no memory. */
struct http_client *http_client_create(struct rate_limits *limits, uint64_t now_ms,
                                       const struct ip *peer);
void http_client_destroy(uint64_t now_ms, struct http_client *client);

/* Its socket is in |use| from now on: it may be closed for another one, in the order of lru.h. */
void http_client_use(struct http_client *client, enum lru_use use);

/* Its socket is a member's. */
void http_client_keep(struct http_client *client);

/* The client whose socket is closed for a new one of |peer| or, if |peer| is NULL, of anybody.
 * NULL: no socket may be closed. */
struct http_client *http_client_oldest(const struct rate_limits *limits, const struct ip *peer);

/* Its socket is about to be closed: it no longer counts for its address. */
void http_client_uncount(uint64_t now_ms, struct http_client *client);

/* A connection's client; NULL: it has none (any more). */
struct http_client *http_client_of(struct lws *wsi);

/* It has become a WebSocket and makes no more requests: from now on it has no client, and costs
 * only what http_client_end needs. */
void http_client_settle(struct lws *wsi);

/* The connection is gone, settled or not. False: it never had a client. */
bool http_client_end(struct rate_limits *limits, uint64_t now_ms, struct lws *wsi);

/* Reads the client's address from a request's head, while libwebsockets has it; see forwarded.h.
 * Warns, once a minute, of a proxy that the operator seems to have forgotten. */
void http_client_identify(struct lws *wsi, const struct config *config, uint64_t now_ms);

#endif
