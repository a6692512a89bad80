#define _GNU_SOURCE /* libwebsockets.h */
#include "server.h"

#include "addresses.h"
#include "caller.h"
#include "descriptors.h"
#include "error.h"
#include "exchange.h"
#include "handshake.h"
#include "http.h"
#include "keys.h"
#include "listener.h"
#include "lobby.h"
#include "log.h"
#include "polling.h"
#include "scrape.h"
#include "stun_socket.h"
#include "websocket.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REQUEST_HEAD_BYTES_MAX 8192 /* cookies of other programs on localhost count */
#define KEEPALIVE_SECONDS 15
#define SHUT_DOWN_MS 1000 /* for goodbyes; then whoever is left is cut off */
#define LIBRARY_LINES_MAX 10
#define LIMITER_WINDOW_MS 60000

union session {
    struct http_session http;
    struct polling_request polling;
    struct websocket_session websocket;
};

/* Where people come in: to the chat, by HTTP to be led to HTTPS, or to see the metrics. */
struct door {
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
    struct door chat, redirect, metrics; /* the latter two: without a vhost if not asked for */
    struct lobby lobby, metrics_lobby;
    struct guard *guard;
    struct caller *adopted; /* its socket is handed over, and nothing was made of it yet */
    struct keys keys;
    struct stun_server stun;
    struct exchange exchange;
    struct websockets websockets;
    struct http http;
    struct polling polling;
    struct scrape scrape;
    uint32_t sockets, metrics_sockets; /* the latter are none of the former */
    uint32_t sockets_max;
    bool shutting_down;
    bool serving; /* the loop runs for connections, not just for closing handles */
};

/* --- libwebsockets ---------------------------------------------------------------------------- */

/* Its own lines are few and for us; under attack they would be many. */
static void on_library_line(int level, const char *line) {
    static struct log_limiter limiter = {.lines_max = LIBRARY_LINES_MAX,
                                         .window_ms = LIMITER_WINDOW_MS};
    enum log_level as = level == LLL_ERR ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG;
    const struct log_field text = log_text("text", (struct slice){line, strcspn(line, "\n")});
    log_limited(&limiter, uv_hrtime() / 1000000, as, "libwebsockets", &text, 1);
}

/* libwebsockets 4.1.6 answers an Upgrade it does not know, lets go of the headers on a
 * connection that is kept, and then goes on to read them, |in| being the first: so look only at
 * what is still there. And it would upgrade anybody to HTTP/2, which nothing here is made for. */
static int confirm_upgrade(struct lws *wsi) {
    char upgrade[32];
    int len = lws_hdr_copy(wsi, upgrade, sizeof upgrade, WSI_TOKEN_UPGRADE);
    return len > 0 && strcasecmp(upgrade, "websocket") == 0 ? 0 : -1;
}

static bool came_by(const struct door *door, struct lws *wsi) {
    return door->vhost != NULL && lws_get_vhost(wsi) == door->vhost;
}

static int filter_handshake(struct server *server, struct lws *wsi) {
    struct handshake_refusal refusal = {503, wire_error_sentence(WIRE_ERROR_SHUTTING_DOWN)};
    caller_identify(wsi, &server->config, uv_now(&server->loop));
    if (!server->shutting_down &&
        handshake_allowed(wsi, &server->config, uv_now(&server->loop), &refusal))
        return 0;
    if (refusal.status == 403)
        server->exchange.metrics.refused_origins++;
    http_refuse_handshake(&server->http, wsi, refusal.status, refusal.sentence);
    return -1;
}

/* A polling request begins with what every HTTP session has. */
static int on_http(struct server *server, struct lws *wsi, enum lws_callback_reasons reason,
                   union session *session, const void *in, size_t len) {
    const struct slice path = {in, len};
    int result = 0;
    if (reason == LWS_CALLBACK_HTTP && came_by(&server->metrics, wsi))
        return scrape_answer(&server->scrape, wsi, &session->http, path);
    if (reason == LWS_CALLBACK_HTTP && came_by(&server->redirect, wsi))
        return http_redirect(&server->http, wsi, &session->http, in, len,
                             server->chat.listener.sockets.port);
    if (reason == LWS_CALLBACK_HTTP ? slice_equal(path, slice_of(POLL_PATH))
                                    : reason != LWS_CALLBACK_HTTP_WRITEABLE)
        result = polling_event(&server->polling, wsi, reason,
                               session == NULL ? NULL : &session->polling, in, len);
    else
        result =
            http_event(&server->http, wsi, reason, &session->http, in, len, uv_now(&server->loop));
    if (reason == LWS_CALLBACK_HTTP_DROP_PROTOCOL && session != NULL)
        http_drop(&session->http);
    return result;
}

/* Where a socket counts. None of the metrics' is ever settled, and without its caller. */
static uint32_t *count_of(struct server *server, const struct caller *caller) {
    bool watches =
        caller != NULL && caller->vhost != NULL && caller->vhost == server->metrics.vhost;
    return watches ? &server->metrics_sockets : &server->sockets;
}

static void forget_socket(struct server *server, struct caller *caller) {
    --*count_of(server, caller);
    caller_destroy(server->guard, uv_now(&server->loop), caller);
}

static void on_destroyed(struct server *server, struct lws *wsi) {
    uint32_t *count = count_of(server, caller_of(wsi));
    if (caller_end(server->guard, uv_now(&server->loop), wsi)) /* else: libwebsockets' own */
        --*count;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len) {
    struct server *server = lws_context_user(lws_get_context(wsi));
    union session *session = user;
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_HTTP_BODY:
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
    case LWS_CALLBACK_HTTP_WRITEABLE:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        return on_http(server, wsi, reason, session, in, len);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return came_by(&server->chat, wsi) ? confirm_upgrade(wsi) : -1;
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
        server->adopted = NULL;
        return 0;
    case LWS_CALLBACK_WSI_DESTROY: /* perhaps long after that */
        on_destroyed(server, wsi);
        return 0;
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS: /* the context for connections */
        return tls_prepare(&server->keys.tls, user) == PARLEY_OK ? 0 : -1;
    case LWS_CALLBACK_RAW_ADOPT: /* what CONNECT becomes */
    case LWS_CALLBACK_RAW_RX:
        return -1;
    default:
        return 0;
    }
}

static bool create_vhost(struct server *server, struct door *door,
                         struct lws_context_creation_info *info, const char *name) {
    info->vhost_name = name;
    door->vhost = lws_create_vhost(server->context, info);
    return door->vhost != NULL;
}

static int create_context(struct server *server) {
    static const struct lws_protocols protocols[] = {
        {.name = "parley",
         .callback = on_event,
         .per_session_data_size = sizeof(union session),
         .rx_buffer_size = WEBSOCKET_RX_BYTES,
         .tx_packet_size = HTTP_CHUNK_BYTES},
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
        .max_http_header_data = REQUEST_HEAD_BYTES_MAX,
        .max_http_header_pool = 0, /* one each: who is slow has nobody wait */
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
    server->exchange.context = server->context;
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

/* --- new sockets ------------------------------------------------------------------------------ */

static void warn_of_exhaustion(struct server *server, const char *why) {
    static struct log_limiter limiter = {.lines_max = 1, .window_ms = LIMITER_WINDOW_MS};
    const struct log_field fields[] = {log_text("why", slice_of(why)),
                                       log_number("sockets", server->sockets)};
    log_limited(&limiter, uv_now(&server->loop), LOG_LEVEL_WARN, "no_more_sockets", fields, 2);
}

/* Who says nothing makes way. */
static void on_exhausted(void *user, int error) {
    struct server *server = ((const struct door *)user)->server;
    warn_of_exhaustion(server, strerror(error));
    lobby_turn_out(&server->lobby);
}

static bool has_place(struct server *server) {
    if (server->sockets < server->sockets_max)
        return true;
    warn_of_exhaustion(server, "--connections-max, or the limit on open files, is reached");
    return lobby_turn_out(&server->lobby);
}

static void on_accept(void *user, int fd, const struct ip *peer) {
    const struct door *door = user;
    struct server *server = door->server;
    uint64_t now_ms = uv_now(&server->loop);
    struct caller *caller = server->shutting_down || !has_place(server)
                                ? NULL
                                : caller_create(server->guard, now_ms, peer);
    if (caller == NULL) {
        close(fd);
        server->exchange.metrics.refused_sockets++;
        log_refusal(now_ms, "sockets", slice_of(""), 0);
        return;
    }
    caller->vhost = door->vhost;
    server->sockets++;
    lobby_enter(&server->lobby, fd, door->encrypted, caller);
}

/* A full server can still be watched, and who watches takes nobody's place. */
static void on_watcher(void *user, int fd, const struct ip *peer) {
    const struct door *door = user;
    struct server *server = door->server;
    bool fits = !server->shutting_down && (server->metrics_sockets < SCRAPE_SOCKETS_MAX ||
                                           lobby_turn_out(&server->metrics_lobby));
    struct caller *caller = fits ? caller_create(NULL, uv_now(&server->loop), peer) : NULL;
    if (caller == NULL) {
        close(fd);
        return;
    }
    caller->vhost = door->vhost;
    server->metrics_sockets++;
    lobby_enter(&server->metrics_lobby, fd, false, caller);
}

/* Once libwebsockets has made something of a socket (WSI_CREATE), it says when that ends
 * (WSI_DESTROY), be it long after it failed here; before, it just closes the socket. */
static void on_ready(void *user, int fd, void *visitor) {
    struct server *server = user;
    struct caller *caller = visitor;
    const lws_adopt_desc_t socket = {.vh = caller->vhost,
                                     .type =
                                         LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
                                     .fd = {.sockfd = fd},
                                     .opaque = caller};
    server->adopted = caller;
    if (lws_adopt_descriptor_vhost_via_info(&socket) == NULL && server->adopted != NULL)
        forget_socket(server, caller);
    server->adopted = NULL;
}

static void on_gone(void *user, void *visitor) {
    forget_socket(user, visitor);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void stop_loop(void *user) {
    struct server *server = user;
    if (server->serving)
        uv_stop(&server->loop);
}

static void stop_listening(struct server *server) {
    listener_stop(&server->chat.listener);
    listener_stop(&server->redirect.listener);
    listener_stop(&server->metrics.listener);
    lobby_deinit(&server->lobby);
    lobby_deinit(&server->metrics_lobby);
    stun_server_stop(&server->stun);
}

static void on_end_timer(uv_timer_t *timer);

/* Nobody comes in any more, and everybody is told to go. */
static void shut_down(struct server *server) {
    server->shutting_down = true;
    stop_listening(server);
    uv_timer_start(&server->end_timer, on_end_timer, SHUT_DOWN_MS, 0);
    exchange_shut_down(&server->exchange, stop_loop, server);
}

static void on_drained(void *user) {
    struct server *server = user;
    if (!server->shutting_down)
        shut_down(server);
}

static void on_end_timer(uv_timer_t *timer) {
    struct server *server = timer->data;
    if (server->shutting_down)
        stop_loop(server);
    else
        shut_down(server);
}

/* Pages are served and whoever joins is refused in words, while people go elsewhere one by one. */
static void drain(struct server *server) {
    const uint64_t drain_ms = (uint64_t)server->config.drain_seconds * 1000;
    uv_timer_start(&server->end_timer, on_end_timer, drain_ms, 0);
    exchange_drain(&server->exchange, drain_ms, on_drained, server);
}

/* SIGINT is somebody at a terminal. */
static void on_signal(uv_signal_t *signal, int number) {
    struct server *server = signal->data;
    if (server->shutting_down)
        _exit(SERVER_EXIT_RUNTIME);
    bool drains = number == SIGTERM && server->config.drain_seconds > 0 &&
                  !hub_is_draining(server->exchange.hub);
    LOG(LOG_LEVEL_INFO, drains ? "drain" : "stop", log_number("signal", (uint64_t)number),
        log_number("connections", server->exchange.connections));
    if (drains)
        drain(server);
    else
        shut_down(server);
}

/* The context closes what is left over several turns of the loop. */
static void destroy_context(struct server *server) {
    lws_context_destroy(server->context);
    uv_run(&server->loop, UV_RUN_DEFAULT);
    if (server->context != NULL)
        lws_context_destroy(server->context);
}

/* SIGHUP: files have changed. */
static void on_hang_up(uv_signal_t *signal, int number) {
    struct server *server = signal->data;
    (void)number;
    keys_reload(&server->keys);
    exchange_set_turn_secret(&server->exchange, turn_secret_slice(&server->keys.turn));
}

/* --- the beginning ---------------------------------------------------------------------------- */

static enum server_exit complain(const char *why) {
    fprintf(stderr, "parley: %s\n", why);
    return SERVER_EXIT_RUNTIME;
}

static void start_signal(struct server *server, int number, uv_signal_cb on_it) {
    uv_signal_t *handle = &server->signals[server->signal_count++];
    uv_signal_init(&server->loop, handle);
    handle->data = server;
    uv_signal_start(handle, on_it, number);
}

static void start_door(struct server *server, struct door *door,
                       void (*on_one)(void *user, int fd, const struct ip *peer)) {
    door->server = server;
    door->listener.on_accept = on_one;
    door->listener.on_exhausted = on_exhausted;
    door->listener.user = door;
    listener_start(&door->listener, &server->loop);
}

static void start_loop_parts(struct server *server) {
    start_signal(server, SIGTERM, on_signal);
    start_signal(server, SIGINT, on_signal);
    if (keys_can_change(&server->keys))
        start_signal(server, SIGHUP, on_hang_up);
    uv_timer_init(&server->loop, &server->end_timer);
    server->end_timer.data = server;
    const struct lobby_door door = {server, on_ready, on_gone};
    const uint64_t wait_ms = (uint64_t)server->config.request_seconds * 1000;
    lobby_init(&server->lobby, &server->loop, wait_ms, &door);
    lobby_init(&server->metrics_lobby, &server->loop, wait_ms, &door);
    server->chat.encrypted = server->config.tls_cert != NULL;
    start_door(server, &server->chat, on_accept);
    start_door(server, &server->redirect, on_accept);
    start_door(server, &server->metrics, on_watcher);
}

static void stop_loop_parts(struct server *server) {
    stop_listening(server);
    for (size_t i = 0; i < server->signal_count; i++)
        uv_close((uv_handle_t *)&server->signals[i], NULL);
    signal(SIGTERM, SIG_IGN); /* it ends already, and shall end well */
    signal(SIGINT, SIG_IGN);
    uv_close((uv_handle_t *)&server->end_timer, NULL);
}

/* Whoever did not ask for it does without where it cannot be, and where it would be of no use:
 * listening for this machine alone, the server has something in front that forwards no UDP. */
static int start_stun(struct server *server) {
    const struct config *config = &server->config;
    char error[SOCKETS_ERROR_BYTES];
    if (config->stun_port == 0 || (!config->stun_port_set && addresses_is_loopback(config->host)))
        return PARLEY_OK;
    int err =
        stun_server_start(&server->stun, &server->loop, config->host, config->stun_port, error);
    if (err != PARLEY_OK && config->stun_port_set) {
        complain(error);
        return err;
    }
    if (err != PARLEY_OK)
        LOG(LOG_LEVEL_WARN, "no_stun", log_text("why", slice_of(error)));
    server->exchange.stun_port = server->stun.sockets.port;
    return PARLEY_OK;
}

static void log_start(const struct server *server) {
    const struct config *config = &server->config;
    LOG(LOG_LEVEL_INFO, "start", log_text("version", slice_of(PARLEY_VERSION)),
        log_number("port", server->chat.listener.sockets.port),
        log_number("stun_port", server->stun.sockets.port),
        log_number("connections_max", config->connections_max),
        log_number("rooms_max", config->rooms_max),
        log_number("room_members_max", config->room_members_max));
    if (config->unknown_variable != NULL)
        LOG(LOG_LEVEL_WARN, "unknown_variable",
            log_text("name", (struct slice){config->unknown_variable,
                                            strcspn(config->unknown_variable, "=")}));
    if (config->any_origin)
        LOG(LOG_LEVEL_WARN, "any_origin",
            log_text("why", slice_of("--allow-origin *: pages of any site may connect")));
}

static enum server_exit serve(struct server *server) {
    if (create_context(server) != PARLEY_OK)
        return complain("libwebsockets could not start; is libwebsockets-evlib-uv installed?");
    if (start_stun(server) != PARLEY_OK)
        return SERVER_EXIT_RUNTIME;
    start_loop_parts(server);
    log_start(server);
    if (server->metrics.vhost != NULL)
        scrape_log(server->config.metrics_host, server->metrics.listener.sockets.port);
    keys_log(&server->keys);
    addresses_print(stdout, server->config.tls_cert == NULL ? "http" : "https", server->config.host,
                    server->chat.listener.sockets.port);
    server->serving = true;
    uv_run(&server->loop, UV_RUN_DEFAULT);
    server->serving = false;
    stop_loop_parts(server);
    return SERVER_EXIT_OK;
}

static int open_door(struct door *door, const char *option, const char *host, uint16_t port) {
    const struct sockets_request request = {
        .host = host, .option = option, .port = port, .type = SOCK_STREAM};
    char error[SOCKETS_ERROR_BYTES];
    int err = sockets_open(&door->listener.sockets, &request, error);
    if (err != PARLEY_OK)
        complain(error);
    return err;
}

static int open_doors(struct server *server) {
    const struct config *config = &server->config;
    int err = open_door(&server->chat, "--port", config->host, config->port);
    if (err == PARLEY_OK && config->http_redirect_port != 0)
        err = open_door(&server->redirect, "--http-redirect-port", config->host,
                        config->http_redirect_port);
    if (err == PARLEY_OK && config->metrics_host[0] != '\0')
        err = open_door(&server->metrics, "--metrics-listen", config->metrics_host,
                        config->metrics_port);
    if (err != PARLEY_OK) {
        sockets_close(&server->chat.listener.sockets);
        sockets_close(&server->redirect.listener.sockets);
    }
    return err;
}

static enum server_exit run_with_hub(struct server *server) {
    int err = http_init(&server->http, &server->config, server->exchange.hub,
                        &server->exchange.metrics, uv_now(&server->loop));
    if (err != PARLEY_OK) {
        fprintf(stderr, "parley: --web-root: %s: %s\n", server->config.web_root, strerror(errno));
        return SERVER_EXIT_USAGE;
    }
    if (polling_init(&server->polling, &server->exchange, &server->http) != PARLEY_OK)
        return complain("no memory for that many connections");
    server->scrape = (struct scrape){.exchange = &server->exchange,
                                     .stun = &server->stun,
                                     .http = &server->http,
                                     .start_unix_s = (uint64_t)time(NULL)};
    enum server_exit result = SERVER_EXIT_RUNTIME;
    if (open_doors(server) == PARLEY_OK) {
        result = serve(server);
        if (server->context != NULL)
            destroy_context(server);
    }
    polling_deinit(&server->polling);
    http_deinit(&server->http);
    return result;
}

static enum server_exit complain_of_hub(int err) {
    if (err != PARLEY_ERR_ARGUMENT)
        return complain("no memory for that many rooms and connections");
    complain("--ice-server, --turn-url: together too long for one message, or not UTF-8");
    return SERVER_EXIT_USAGE;
}

enum server_exit server_run(const struct config *config) {
    struct server *server = calloc(1, sizeof *server);
    enum server_exit result = SERVER_EXIT_RUNTIME;
    if (server == NULL)
        return complain("no memory");
    server->config = *config;
    log_init(config->log_level, config->log_format, STDERR_FILENO);
    signal(SIGPIPE, SIG_IGN);
    char error[TLS_ERROR_BYTES];
    if (keys_init(&server->keys, &server->config, error) != PARLEY_OK) {
        complain(error);
        free(server);
        return SERVER_EXIT_USAGE;
    }
    uv_loop_init(&server->loop);
    server->sockets_max = descriptors_fit(&server->config);
    server->guard =
        guard_create(&server->config, server->sockets_max + server->config.connections_max);
    int err = server->guard == NULL ? PARLEY_ERR_NO_MEMORY
                                    : exchange_init(&server->exchange, &server->config,
                                                    turn_secret_slice(&server->keys.turn),
                                                    server->guard, &server->loop);
    if (err == PARLEY_OK) {
        websockets_init(&server->websockets, &server->exchange);
        result = run_with_hub(server);
        exchange_deinit(&server->exchange);
    } else {
        result = complain_of_hub(err);
    }
    uv_run(&server->loop, UV_RUN_DEFAULT); /* handles that are closing */
    uv_loop_close(&server->loop);
    keys_deinit(&server->keys);
    guard_destroy(server->guard);
    free(server);
    return result;
}
