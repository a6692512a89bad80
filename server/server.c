#define _GNU_SOURCE /* libwebsockets.h */
#include "server.h"

#include "addresses.h"
#include "error.h"
#include "fd_limit.h"
#include "log.h"
#include "server_state.h"
#include "workarounds.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SHUT_DOWN_MS 1000 /* for goodbyes; then the remaining connections are cut */

/* --- the end ---------------------------------------------------------------------------------- */

static void stop_loop(void *user) {
    struct server *server = user;
    if (server->serving)
        uv_stop(&server->loop);
}

static void stop_listening(struct server *server) {
    server_stop_endpoints(server);
    stun_offer_stop(&server->stun);
}

static void on_end_timer(uv_timer_t *timer);

/* Accepts nobody any more, and tells everybody to go. */
static void shut_down(struct server *server) {
    server->shutting_down = true;
    stop_listening(server);
    uv_timer_start(&server->end_timer, on_end_timer, SHUT_DOWN_MS, 0);
    dispatcher_shut_down(&server->dispatcher, stop_loop, server);
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

/* Still serves pages and refuses joins with a sentence, while people are sent elsewhere one by
 * one. */
static void drain(struct server *server) {
    const uint64_t drain_ms = (uint64_t)server->config.drain_seconds * 1000;
    uv_timer_start(&server->end_timer, on_end_timer, drain_ms, 0);
    dispatcher_drain(&server->dispatcher, drain_ms, on_drained, server);
}

/* SIGINT comes from somebody at a terminal, so it never drains. */
static void on_signal(uv_signal_t *signal, int number) {
    struct server *server = signal->data;
    if (server->shutting_down)
        _exit(SERVER_EXIT_RUNTIME);
    bool drains = number == SIGTERM && server->config.drain_seconds > 0 &&
                  !hub_is_draining(server->dispatcher.hub);
    LOG(LOG_LEVEL_INFO, drains ? "drain" : "stop", log_number("signal", (uint64_t)number),
        log_number("connections", server->dispatcher.connections));
    if (drains)
        drain(server);
    else
        shut_down(server);
}

/* SIGHUP: files have changed, if there are any. */
static void on_hang_up(uv_signal_t *signal, int number) {
    struct server *server = signal->data;
    LOG(LOG_LEVEL_INFO, "reload", log_number("signal", (uint64_t)number));
    secrets_reload(&server->secrets);
    dispatcher_set_turn_secret(&server->dispatcher, turn_secret_slice(&server->secrets.turn));
}

/* --- signals before and after the loop -------------------------------------------------------- */

/* SIGHUP, and with |all| those that end the program too. */
static void mask_signals(int how, bool all) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    if (all) {
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
    }
    sigprocmask(how, &set, NULL);
}

static void on_early_end(int number) {
    (void)number;
    _exit(SERVER_EXIT_OK);
}

void server_begin_signals(void) {
    mask_signals(SIG_BLOCK, false);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, on_early_end);
    signal(SIGINT, on_early_end);
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

static void start_loop_parts(struct server *server) {
    start_signal(server, SIGTERM, on_signal);
    start_signal(server, SIGINT, on_signal);
    start_signal(server, SIGHUP, on_hang_up);
    mask_signals(SIG_UNBLOCK, false);
    uv_timer_init(&server->loop, &server->end_timer);
    server->end_timer.data = server;
    server_start_endpoints(server);
}

static void stop_loop_parts(struct server *server) {
    stop_listening(server);
    mask_signals(SIG_BLOCK, true); /* it is ending already, and must end properly */
    for (size_t i = 0; i < server->signal_count; i++)
        uv_close((uv_handle_t *)&server->signals[i], NULL);
    uv_close((uv_handle_t *)&server->end_timer, NULL);
}

static int start_stun(struct server *server) {
    char error[SOCKETS_ERROR_BYTES];
    server->dispatcher.stun = &server->stun;
    int err = stun_offer_start(&server->stun, &server->config, &server->loop, error);
    if (err != PARLEY_OK)
        complain(error);
    return err;
}

static void log_start(const struct server *server) {
    const struct config *config = &server->config;
    LOG(LOG_LEVEL_INFO, "start", log_text("version", slice_of(PARLEY_VERSION)),
        log_number("port", server->chat.listener.sockets.port),
        log_number("stun_port", server->stun.server.sockets.port),
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
    if (server_create_context(server) != PARLEY_OK)
        return complain("libwebsockets could not start; is libwebsockets-evlib-uv installed?");
    if (start_stun(server) != PARLEY_OK)
        return SERVER_EXIT_RUNTIME;
    start_loop_parts(server);
    log_start(server);
    if (server->metrics.vhost != NULL)
        metrics_endpoint_log(server->config.metrics_host, server->metrics.listener.sockets.port);
    secrets_log(&server->secrets);
    addresses_print(stdout, server->config.tls_cert == NULL ? "http" : "https", server->config.host,
                    server->chat.listener.sockets.port);
    server->serving = true;
    uv_run(&server->loop, UV_RUN_DEFAULT);
    server->serving = false;
    stop_loop_parts(server);
    return SERVER_EXIT_OK;
}

static enum server_exit run_with_hub(struct server *server) {
    int err = http_init(&server->http, &server->config, server->dispatcher.hub,
                        &server->dispatcher.metrics, &server->loop, uv_now(&server->loop));
    if (err == PARLEY_ERR_STATE)
        return complain("the limit on open files (ulimit -n) is too low");
    if (err != PARLEY_OK) {
        fprintf(stderr, "parley: --web-root: %s: %s\n", server->config.web_root, strerror(errno));
        return SERVER_EXIT_USAGE;
    }
    if (polling_init(&server->polling, &server->dispatcher, &server->http) != PARLEY_OK)
        return complain("no memory for that many connections");
    server->metrics_endpoint = (struct metrics_endpoint){.dispatcher = &server->dispatcher,
                                                         .stun = &server->stun.server,
                                                         .http = &server->http,
                                                         .start_unix_s = (uint64_t)time(NULL)};
    enum server_exit result = SERVER_EXIT_RUNTIME;
    if (server_open_endpoints(server) == PARLEY_OK) {
        result = serve(server);
        if (server->context != NULL)
            workaround_destroy_context(&server->context, &server->loop);
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
    char error[TLS_ERROR_BYTES];
    if (secrets_init(&server->secrets, &server->config, error) != PARLEY_OK) {
        complain(error);
        free(server);
        return SERVER_EXIT_USAGE;
    }
    uv_loop_init(&server->loop);
    server->sockets_max = fd_limit_fit(&server->config);
    server->limits =
        rate_limits_create(&server->config, server->sockets_max + server->config.connections_max);
    int err = server->limits == NULL ? PARLEY_ERR_NO_MEMORY
                                     : dispatcher_init(&server->dispatcher, &server->config,
                                                       turn_secret_slice(&server->secrets.turn),
                                                       server->limits, &server->loop);
    if (err == PARLEY_OK) {
        websockets_init(&server->websockets, &server->dispatcher);
        result = run_with_hub(server);
        dispatcher_deinit(&server->dispatcher);
    } else {
        result = complain_of_hub(err);
    }
    uv_run(&server->loop, UV_RUN_DEFAULT); /* handles that are closing */
    uv_loop_close(&server->loop);
    secrets_deinit(&server->secrets);
    rate_limits_destroy(server->limits);
    free(server);
    return result;
}
