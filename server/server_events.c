#define _GNU_SOURCE /* libwebsockets.h */
#include "server_state.h"

#include "error.h"
#include "handshake.h"
#include "http_client.h"
#include "log.h"

#include <string.h>

#define KEEPALIVE_SECONDS 15
#define LIBRARY_LINES_MAX 10

/* --- libwebsockets ---------------------------------------------------------------------------- */

/* libwebsockets' lines are few, but would be many under attack. */
static void on_library_line(int level, const char *line) {
    static struct log_limiter limiter = {.lines_max = LIBRARY_LINES_MAX,
                                         .window_ms = SERVER_LIMITER_WINDOW_MS};
    enum log_level as = level == LLL_ERR ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG;
    const struct log_field text = log_text("text", (struct slice){line, strcspn(line, "\n")});
    log_limited(&limiter, uv_hrtime() / 1000000, as, "libwebsockets", &text, 1);
}

static bool came_by(const struct endpoint *endpoint, struct lws *wsi) {
    return endpoint->vhost != NULL && lws_get_vhost(wsi) == endpoint->vhost;
}

/* To a WebSocket: see request_head.h. */
static int confirm_upgrade(struct server *server, struct lws *wsi) {
    if (came_by(&server->chat, wsi))
        return 0;
    http_refuse_handshake(&server->http, wsi, 400,
                          "No WebSocket connection is made to this port.\n");
    return -1;
}

static void note_foreign_host(struct server *server, struct lws *wsi) {
    char buffer[HTTP_HOST_BYTES_MAX];
    server->dispatcher.metrics.refused_hosts++;
    log_refusal(uv_now(&server->loop), "host",
                http_header(wsi, WSI_TOKEN_HOST, buffer, sizeof buffer), 0);
}

static void look_for_proxy(struct server *server, struct lws *wsi) {
    char buffer[HTTP_HOST_BYTES_MAX];
    if (server->stun.waits)
        stun_offer_see(&server->stun, http_header(wsi, WSI_TOKEN_HOST, buffer, sizeof buffer),
                       http_has_fetch_metadata(wsi));
}

static int filter_handshake(struct server *server, struct lws *wsi) {
    struct handshake_refusal refusal = {503, wire_error_sentence(WIRE_ERROR_SHUTTING_DOWN)};
    if (!http_host_known(wsi, &server->config, true)) {
        note_foreign_host(server, wsi);
        http_refuse_handshake(&server->http, wsi, 421, HTTP_HOST_SENTENCE);
        return -1;
    }
    look_for_proxy(server, wsi);
    http_client_identify(wsi, &server->config, uv_now(&server->loop));
    if (!server->shutting_down &&
        handshake_allowed(wsi, &server->config, uv_now(&server->loop), &refusal))
        return 0;
    if (refusal.status == 403)
        server->dispatcher.metrics.refused_origins++;
    http_refuse_handshake(&server->http, wsi, refusal.status, refusal.sentence);
    return -1;
}

/* True when libwebsockets reads requests through http_input.h, as it must. */
static bool is_input_read(const struct http_client *client) {
    if (client != NULL && client->pipeline.input.state != HTTP_INPUT_HEAD)
        return true;
    LOG(LOG_LEVEL_ERROR, "input",
        log_text("why", slice_of("libwebsockets reads past this program's recv() and SSL_read()")));
    return false;
}

static int on_request(struct server *server, struct lws *wsi, union wsi_session *session,
                      struct slice path) {
    static const struct request_head foreign_host = {.status = 421, .sentence = HTTP_HOST_SENTENCE};
    struct http_client *client = http_client_of(wsi);
    if (!is_input_read(client))
        return -1;
    http_client_use(client, LRU_BUSY);
    if (client->pipeline.input.head.status != 0)
        return http_refuse(&server->http, wsi, &session->http, &client->pipeline.input.head);
    if (!http_host_known(wsi, &server->config, !came_by(&server->metrics, wsi))) {
        note_foreign_host(server, wsi);
        return http_refuse(&server->http, wsi, &session->http, &foreign_host);
    }
    if (came_by(&server->metrics, wsi))
        return metrics_endpoint_answer(&server->metrics_endpoint, wsi, &session->http, path);
    if (came_by(&server->redirect, wsi))
        return http_redirect(&server->http, wsi, &session->http, path.bytes, path.len,
                             server->chat.listener.sockets.port);
    look_for_proxy(server, wsi);
    if (slice_equal(path, slice_of(POLL_PATH)))
        return polling_event(&server->polling, wsi, LWS_CALLBACK_HTTP, &session->polling, NULL, 0);
    return http_event(&server->http, wsi, &session->http, path, uv_now(&server->loop));
}

/* A polling request begins with the fields of every HTTP session. */
static int on_http(struct server *server, struct lws *wsi, enum lws_callback_reasons reason,
                   union wsi_session *session, const void *in, size_t len) {
    if (reason == LWS_CALLBACK_HTTP)
        return on_request(server, wsi, session, (struct slice){in, len});
    int result = polling_event(&server->polling, wsi, reason,
                               session == NULL ? NULL : &session->polling, in, len);
    if (reason == LWS_CALLBACK_HTTP_DROP_PROTOCOL && session != NULL)
        http_drop(&server->http, wsi, &session->http);
    return result;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len) {
    struct server *server = lws_context_user(lws_get_context(wsi));
    union wsi_session *session = user;
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_BODY:
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        return on_http(server, wsi, reason, session, in, len);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return confirm_upgrade(server, wsi);
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return filter_handshake(server, wsi);
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_RECEIVE_PONG:
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED:
        return websockets_event(&server->websockets, wsi, reason, &session->websocket, in, len);
    case LWS_CALLBACK_WSI_CREATE: /* also for those whose adoption then fails */
        lws_set_opaque_user_data(wsi, server->adopted);
        if (server->adopted != NULL)
            server->adopted->wsi = wsi;
        server->adopted = NULL;
        return 0;
    case LWS_CALLBACK_WSI_DESTROY: /* perhaps long after that */
        server_forget(server, wsi);
        return 0;
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS: /* the context for connections */
        return tls_prepare(&server->secrets.tls, user) == PARLEY_OK ? 0 : -1;
    case LWS_CALLBACK_RAW_ADOPT: /* what CONNECT becomes */
    case LWS_CALLBACK_RAW_RX:
        return -1;
    default:
        return 0;
    }
}

static bool create_vhost(struct server *server, struct endpoint *endpoint,
                         struct lws_context_creation_info *info, const char *name) {
    info->vhost_name = name;
    endpoint->vhost = lws_create_vhost(server->context, info);
    return endpoint->vhost != NULL;
}

int server_create_context(struct server *server) {
    static const struct lws_protocols protocols[] = {
        {.name = "parley",
         .callback = on_event,
         .per_session_data_size = sizeof(union wsi_session),
         .rx_buffer_size = WEBSOCKET_RX_BYTES,
         .tx_packet_size = HTTP_OUTPUT_CHUNK_BYTES},
        {.name = NULL}};
    static const lws_retry_bo_t no_pings = {0}; /* liveness does it */
    void *loops[] = {&server->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME |
                   LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
        .foreign_loops = loops,
        .pcontext = &server->context,
        .user = server,
        .alpn = "http/1.1",
        .server_string = "parley",
        .headers = &http_library_headers,
        .retry_and_idle_policy = &no_pings,
        .max_http_header_data = REQUEST_KEPT_BYTES,
        .pt_serv_buf_size = LWS_PRE + HTTP_INPUT_BYTES,
        .max_http_header_pool = 0, /* one for each connection, so that nobody waits for a slow
                                      one */
        .timeout_secs = server->config.request_seconds,
        .timeout_secs_ah_idle = server->config.request_seconds,
        .keepalive_timeout = KEEPALIVE_SECONDS,
    };
    if (server->config.tls_cert != NULL)
        info.options |=
            LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
    lws_set_log_level(LLL_ERR | LLL_WARN, on_library_line);
    server->context = lws_create_context(&info);
    if (server->context == NULL)
        return PARLEY_ERR_STATE;
    server->chat.vhost = lws_get_vhost_by_name(server->context, "default");
    server->dispatcher.context = server->context;
    info.options &= ~(uint64_t)LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX;
    info.port = CONTEXT_PORT_NO_LISTEN; /* by this, not by name, requests are told apart */
    if (server->config.http_redirect_port != 0 &&
        !create_vhost(server, &server->redirect, &info, "redirect"))
        return PARLEY_ERR_STATE;
    if (server->config.metrics_host[0] != '\0' &&
        !create_vhost(server, &server->metrics, &info, "metrics"))
        return PARLEY_ERR_STATE;
    return server->chat.vhost == NULL ? PARLEY_ERR_STATE : PARLEY_OK;
}
