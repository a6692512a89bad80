/* server_state.h - the parts of the running server, for server.c, which starts and stops them,
 * server_events.c, which libwebsockets calls, and server_endpoints.c, which accepts sockets. */
#ifndef PARLEY_SERVER_STATE_H
#define PARLEY_SERVER_STATE_H

#include "dispatcher.h"
#include "http.h"
#include "listener.h"
#include "metrics_endpoint.h"
#include "pending.h"
#include "polling.h"
#include "secrets.h"
#include "stun_offer.h"
#include "websocket.h"

#include <stdbool.h>
#include <stdint.h>

#include <libwebsockets.h>
#include <uv.h>

#define SERVER_LIMITER_WINDOW_MS 60000

union wsi_session {
    struct http_session http;
    struct polling_request polling;
    struct websocket_session websocket;
};

/* The chat, the redirect from HTTP to HTTPS, or the metrics. */
struct endpoint {
    struct server *server;
    struct lws_vhost *vhost;
    struct listener listener;
    bool encrypted;
};

struct server {
    struct config config; /* with limits that fit this machine */
    uv_loop_t loop;
    uv_signal_t signals[3];
    size_t signal_count;
    uv_timer_t end_timer; /* of a drain, then of goodbyes */
    struct lws_context *context;
    struct endpoint chat, redirect, metrics; /* the latter two: without a vhost if not asked for */
    struct pending pending, metrics_pending;
    struct rate_limits *limits;
    struct http_client *adopted; /* libwebsockets has its socket, but has no connection for it
                                    yet */
    struct secrets secrets;
    struct stun_offer stun;
    struct dispatcher dispatcher;
    struct websockets websockets;
    struct http http;
    struct polling polling;
    struct metrics_endpoint metrics_endpoint;
    uint32_t sockets, metrics_sockets; /* the former do not include the latter */
    uint32_t sockets_max;
    bool shutting_down;
    bool serving; /* the loop runs for connections, not just for closing handles */
};

/* --- server_events.c -------------------------------------------------------------------------- */

/* Makes libwebsockets' context and its vhosts, one for each endpoint. PARLEY_ERR_STATE: it
 * fails. */
int server_create_context(struct server *server);

/* --- server_endpoints.c ----------------------------------------------------------------------- */

/* Opens the sockets of all endpoints. On failure prints the reason and leaves none open. */
int server_open_endpoints(struct server *server);

/* Starts and stops accepting connections. */
void server_start_endpoints(struct server *server);
void server_stop_endpoints(struct server *server);

/* The socket of a connection is gone. */
void server_forget(struct server *server, struct lws *wsi);

#endif
