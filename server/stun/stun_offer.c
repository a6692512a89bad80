#define _GNU_SOURCE /* uv.h */
#include "stun_offer.h"

#include "addresses.h"
#include "error.h"
#include "log.h"
#include "origin.h"

#include <stdio.h>
#include <sys/socket.h>

/* NULL: all addresses. */
static const char *host_of(const struct config *config) {
    if (config->stun_host != NULL)
        return config->stun_host;
    return addresses_is_loopback(config->host) ? NULL : config->host;
}

static int listen_now(struct stun_offer *offer, char error[SOCKETS_ERROR_BYTES]) {
    const struct config *config = offer->config;
    const struct sockets_request request = {
        .host = host_of(config),
        .option = "--stun-port",
        .host_option = config->stun_host == NULL ? "--host" : "--stun-host",
        .port = config->stun_port,
        .type = SOCK_DGRAM,
        .zero_is_none = true};
    offer->waits = false;
    return stun_server_start(&offer->server, offer->loop, &request, error);
}

static void log_failure(const char *error) {
    LOG(LOG_LEVEL_WARN, "no_stun", log_text("why", slice_of(error)));
}

/* The server would not be reachable for the pages that it is offered to. */
static void warn_of_loopback(const struct config *config) {
    if (config->stun_host != NULL && addresses_is_loopback(config->stun_host))
        LOG(LOG_LEVEL_WARN, "stun_unreachable",
            log_text("why", slice_of("--stun-host is this machine alone: pages elsewhere are "
                                     "offered a STUN server that they cannot reach")));
}

int stun_offer_start(struct stun_offer *offer, const struct config *config, uv_loop_t *loop,
                     char error[SOCKETS_ERROR_BYTES]) {
    offer->config = config;
    offer->loop = loop;
    if (config->stun_port == 0)
        return PARLEY_OK;
    warn_of_loopback(config);
    bool asked_for = config->stun_port_set || config->stun_host != NULL;
    offer->waits = !asked_for && addresses_is_loopback(config->host);
    offer->has_proxy = config->trusted_proxy_count > 0 || config->allowed_host_count > 0;
    if (offer->waits)
        return PARLEY_OK;
    int err = listen_now(offer, error);
    if (err == PARLEY_OK || config->stun_port_set)
        return err;
    log_failure(error);
    return PARLEY_OK;
}

void stun_offer_stop(struct stun_offer *offer) {
    offer->waits = false;
    stun_server_stop(&offer->server);
}

static void begin(struct stun_offer *offer) {
    char error[SOCKETS_ERROR_BYTES];
    if (listen_now(offer, error) == PARLEY_OK)
        LOG(LOG_LEVEL_INFO, "stun", log_number("port", offer->server.sockets.port));
    else
        log_failure(error);
}

void stun_offer_see(struct stun_offer *offer, struct slice host, bool came_by_tls) {
    if (offer->waits && came_by_tls && origin_remote_host(host).len > 0)
        offer->has_proxy = true;
}

/* Anybody can send any Host header, for example a foreign page whose name resolves to this
 * machine. */
static void warn_of_withholding(void) {
    static bool warned;
    if (!warned)
        LOG(LOG_LEVEL_WARN, "stun_withheld",
            log_text("why", slice_of("a page came by a name of another machine, and nothing shows "
                                     "a proxy in front: if there is one, name it with "
                                     "--trusted-proxy, or say --stun-host")));
    warned = true;
}

bool stun_offer_may_miss(const struct config *config, const struct ip *peer) {
    bool is_named = config->stun_port_set || config->stun_host != NULL;
    return config->stun_port != 0 && !is_named && !ip_is_loopback(peer);
}

bool stun_offer_write(struct stun_offer *offer, struct slice host, char url[STUN_OFFER_BYTES_MAX]) {
    host = origin_remote_host(host);
    if (host.len == 0)
        return false;
    if (offer->waits && offer->has_proxy)
        begin(offer);
    else if (offer->waits)
        warn_of_withholding();
    uint16_t port = offer->server.sockets.port;
    int len = snprintf(url, STUN_OFFER_BYTES_MAX, "stun:%.*s:%u", (int)host.len, host.bytes, port);
    return port != 0 && len > 0 && len < STUN_OFFER_BYTES_MAX;
}
