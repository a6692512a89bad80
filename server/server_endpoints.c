#define _GNU_SOURCE /* libwebsockets.h */
#include "server_state.h"

#include "error.h"
#include "http_client.h"
#include "log.h"
#include "workarounds.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- who counts ------------------------------------------------------------------------------- */

/* The counter for a socket. A metrics socket always has a client, since none becomes a
 * WebSocket. */
static uint32_t *socket_count_of(struct server *server, const struct http_client *client) {
    bool watches =
        client != NULL && client->vhost != NULL && client->vhost == server->metrics.vhost;
    return watches ? &server->metrics_sockets : &server->sockets;
}

static void forget_socket(struct server *server, struct http_client *client) {
    --*socket_count_of(server, client);
    http_client_destroy(uv_now(&server->loop), client);
}

void server_forget(struct server *server, struct lws *wsi) {
    uint32_t *count = socket_count_of(server, http_client_of(wsi));
    if (http_client_end(server->limits, uv_now(&server->loop), wsi)) /* else: libwebsockets' own */
        --*count;
}

/* --- new sockets ------------------------------------------------------------------------------ */

static void warn_of_exhaustion(struct server *server, const char *why) {
    static struct log_limiter limiter = {.lines_max = 1, .window_ms = SERVER_LIMITER_WINDOW_MS};
    const struct log_field fields[] = {log_text("why", slice_of(why)),
                                       log_number("sockets", server->sockets)};
    log_limited(&limiter, uv_now(&server->loop), LOG_LEVEL_WARN, "no_more_sockets", fields, 2);
}

/* Closes a socket of |peer|, or of anybody (NULL), to make room for another one. libwebsockets
 * closes its own soon; until then there are as many more. False: there is none to close. */
static bool evict_oldest(struct server *server, const struct ip *peer) {
    struct http_client *client = http_client_oldest(server->limits, peer);
    if (client == NULL)
        return false;
    server->dispatcher.metrics.refused_sockets++;
    log_refusal(uv_now(&server->loop), "sockets", slice_of(""), 0);
    if (client->pending != NULL) {
        pending_close(client->pending);
        return true;
    }
    PARLEY_CHECK(client->wsi != NULL);
    http_client_uncount(uv_now(&server->loop), client);
    workaround_close_now(client->wsi);
    return true;
}

static void on_exhausted(void *user, int error) {
    struct server *server = ((const struct endpoint *)user)->server;
    warn_of_exhaustion(server, strerror(error));
    evict_oldest(server, NULL);
}

static bool has_place(struct server *server) {
    if (server->sockets < server->sockets_max)
        return true;
    warn_of_exhaustion(server, "--connections-max, or the limit on open files, is reached");
    return evict_oldest(server, NULL);
}

/* NULL: there is no place for it. */
static struct http_client *admit_socket(struct server *server, const struct ip *peer) {
    uint64_t now_ms = uv_now(&server->loop);
    if (server->shutting_down || !has_place(server))
        return NULL;
    struct http_client *client = http_client_create(server->limits, now_ms, peer);
    if (client == NULL && evict_oldest(server, peer))
        client = http_client_create(server->limits, now_ms, peer);
    return client;
}

static void on_accept(void *user, int fd, const struct ip *peer) {
    const struct endpoint *endpoint = user;
    struct server *server = endpoint->server;
    struct http_client *client = admit_socket(server, peer);
    if (client == NULL) {
        close(fd);
        server->dispatcher.metrics.refused_sockets++;
        log_refusal(uv_now(&server->loop), "sockets", slice_of(""), 0);
        return;
    }
    client->vhost = endpoint->vhost;
    server->sockets++;
    struct fair_line *tls_line =
        endpoint->encrypted ? rate_limits_handshake_line(server->limits, client->account) : NULL;
    pending_add(&server->pending, fd, tls_line, client, &client->pending);
}

/* A full server can still be monitored, and monitoring takes nobody's place. */
static void on_watcher(void *user, int fd, const struct ip *peer) {
    const struct endpoint *endpoint = user;
    struct server *server = endpoint->server;
    bool fits = !server->shutting_down && (server->metrics_sockets < METRICS_ENDPOINT_SOCKETS_MAX ||
                                           pending_evict_oldest(&server->metrics_pending));
    struct http_client *client =
        fits ? http_client_create(NULL, uv_now(&server->loop), peer) : NULL;
    if (client == NULL) {
        close(fd);
        return;
    }
    client->vhost = endpoint->vhost;
    server->metrics_sockets++;
    pending_add(&server->metrics_pending, fd, NULL, client, &client->pending);
}

/* False: too many TLS handshakes from its address. Its first record has come. */
static bool may_begin(struct server *server, struct http_client *client) {
    uint64_t now_ms = uv_now(&server->loop);
    bool is_encrypted = server->chat.encrypted && client->vhost == server->chat.vhost;
    if (!is_encrypted || rate_limits_allows_handshake(server->limits, now_ms, client->account))
        return true;
    server->dispatcher.metrics.refused_sockets++;
    log_refusal(now_ms, "handshakes", slice_of(""), 0);
    return false;
}

/* Once libwebsockets has a connection for a socket (WSI_CREATE), it reports its end (WSI_DESTROY),
 * even long after a failure here; before that, it just closes the socket. */
static void on_ready(void *user, int fd, void *owner) {
    struct server *server = user;
    struct http_client *client = owner;
    const lws_adopt_desc_t socket = {.vh = client->vhost,
                                     .type =
                                         LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
                                     .fd = {.sockfd = fd},
                                     .opaque = client};
    server->adopted = client;
    if (!may_begin(server, client) || http_input_begin(&client->pipeline.input, fd) != PARLEY_OK) {
        close(fd);
        forget_socket(server, client);
    } else if (lws_adopt_descriptor_vhost_via_info(&socket) == NULL && server->adopted != NULL) {
        forget_socket(server, client);
    }
    server->adopted = NULL;
}

static void on_gone(void *user, void *owner) {
    forget_socket(user, owner);
}

/* --- the endpoints ---------------------------------------------------------------------------- */

static int open_endpoint(struct endpoint *endpoint, struct sockets_request request) {
    char error[SOCKETS_ERROR_BYTES];
    request.type = SOCK_STREAM;
    int err = sockets_open(&endpoint->listener.sockets, &request, error);
    if (err != PARLEY_OK)
        fprintf(stderr, "parley: %s\n", error);
    return err;
}

int server_open_endpoints(struct server *server) {
    const struct config *config = &server->config;
    int err = open_endpoint(&server->chat, (struct sockets_request){.host = config->host,
                                                                    .option = "--port",
                                                                    .host_option = "--host",
                                                                    .port = config->port});
    if (err == PARLEY_OK && config->http_redirect_port != 0)
        err = open_endpoint(&server->redirect,
                            (struct sockets_request){.host = config->host,
                                                     .option = "--http-redirect-port",
                                                     .host_option = "--host",
                                                     .port = config->http_redirect_port,
                                                     .zero_is_none = true});
    if (err == PARLEY_OK && config->metrics_host[0] != '\0')
        err =
            open_endpoint(&server->metrics, (struct sockets_request){.host = config->metrics_host,
                                                                     .option = "--metrics-listen",
                                                                     .port = config->metrics_port});
    if (err != PARLEY_OK) {
        sockets_close(&server->chat.listener.sockets);
        sockets_close(&server->redirect.listener.sockets);
    }
    return err;
}

static void start_endpoint(struct server *server, struct endpoint *endpoint,
                           void (*on_one)(void *user, int fd, const struct ip *peer)) {
    endpoint->server = server;
    endpoint->listener.on_accept = on_one;
    endpoint->listener.on_exhausted = on_exhausted;
    endpoint->listener.user = endpoint;
    listener_start(&endpoint->listener, &server->loop);
}

void server_start_endpoints(struct server *server) {
    const struct pending_handlers handlers = {server, on_ready, on_gone};
    const uint64_t wait_ms = (uint64_t)server->config.request_seconds * 1000;
    pending_init(&server->pending, &server->loop, wait_ms, &handlers);
    pending_init(&server->metrics_pending, &server->loop, wait_ms, &handlers);
    server->chat.encrypted = server->config.tls_cert != NULL;
    start_endpoint(server, &server->chat, on_accept);
    start_endpoint(server, &server->redirect, on_accept);
    start_endpoint(server, &server->metrics, on_watcher);
}

void server_stop_endpoints(struct server *server) {
    listener_stop(&server->chat.listener);
    listener_stop(&server->redirect.listener);
    listener_stop(&server->metrics.listener);
    pending_deinit(&server->pending);
    pending_deinit(&server->metrics_pending);
}
