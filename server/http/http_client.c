#define _GNU_SOURCE /* libwebsockets.h */
#include "http_client.h"

#include "error.h"
#include "forwarded.h"
#include "log.h"
#include "stun_offer.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FORWARDED_HEADER "forwarded:" /* as libwebsockets looks for it */
#define WARNINGS_WINDOW_MS 60000

struct http_client *http_client_create(struct rate_limits *limits, uint64_t now_ms,
                                       const struct ip *peer) {
    struct http_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return NULL;
    client->peer = client->address = *peer;
    client->limits = limits;
    if (limits != NULL &&
        rate_limits_open_socket(limits, now_ms, peer, &client->account) != PARLEY_OK) {
        free(client);
        return NULL;
    }
    http_client_use(client, LRU_IDLE);
    return client;
}

void http_client_use(struct http_client *client, enum lru_use use) {
    if (client->limits != NULL)
        rate_limits_use_socket(client->limits, client->account, &client->socket, use);
}

void http_client_keep(struct http_client *client) {
    rate_limits_keep_socket(&client->socket);
}

struct http_client *http_client_oldest(const struct rate_limits *limits, const struct ip *peer) {
    struct rate_limits_socket *socket = rate_limits_oldest_socket(limits, peer);
    if (socket == NULL)
        return NULL;
    return CHAIN_OWNER(socket, struct http_client, socket);
}

void http_client_uncount(uint64_t now_ms, struct http_client *client) {
    rate_limits_keep_socket(&client->socket);
    if (client->limits != NULL)
        rate_limits_close_socket(client->limits, now_ms, client->account);
    client->account = NULL;
    client->limits = NULL;
}

void http_client_destroy(uint64_t now_ms, struct http_client *client) {
    http_client_uncount(now_ms, client);
    http_input_end(&client->pipeline.input);
    free(client);
}

/* A settled client keeps this alone: its account, or nobody's, marked by the lowest bit. */
static void *settled(struct rate_limits_account *account) {
    return (void *)((uintptr_t)account | 1);
}

static bool is_settled(const void *data) {
    return ((uintptr_t)data & 1) != 0;
}

struct http_client *http_client_of(struct lws *wsi) {
    void *data = lws_get_opaque_user_data(wsi);
    return is_settled(data) ? NULL : data;
}

void http_client_settle(struct lws *wsi) {
    struct http_client *client = http_client_of(wsi);
    lws_set_opaque_user_data(wsi, settled(client->account));
    http_client_keep(client);
    http_input_settle(&client->pipeline.input);
    free(client);
}

bool http_client_end(struct rate_limits *limits, uint64_t now_ms, struct lws *wsi) {
    void *data = lws_get_opaque_user_data(wsi);
    if (data == NULL)
        return false;
    if (is_settled(data))
        rate_limits_close_socket(limits, now_ms, (void *)((uintptr_t)data & ~(uintptr_t)1));
    else
        http_client_destroy(now_ms, data);
    return true;
}

/* Nobody else would notice: limits by address take all who come through it for one, or for none. */
static void warn_of_proxy(const struct config *config, const struct http_client *client,
                          uint64_t now_ms) {
    static struct log_limiter limiter = {.lines_max = 1, .window_ms = WARNINGS_WINDOW_MS};
    if (config->trusted_proxy_count > 0 || config->no_trusted_proxies ||
        !ip_is_private(&client->peer))
        return;
    const struct log_field why = log_text(
        "why", slice_of("requests come through a proxy: name it with --trusted-proxy, or limits by "
                        "address cannot tell people apart"));
    log_limited(&limiter, now_ms, LOG_LEVEL_WARN, "unknown_proxy", &why, 1);
}

static bool is_trusted(const struct config *config, const struct ip *peer) {
    return ip_ranges_have(config->trusted_proxies, config->trusted_proxy_count, peer);
}

/* Once: it may well be in order. */
static void warn_of_stun(const struct config *config, const struct http_client *client) {
    static bool warned;
    if (warned || !is_trusted(config, &client->peer) || !stun_offer_may_miss(config, &client->peer))
        return;
    warned = true;
    LOG(LOG_LEVEL_WARN, "stun_behind_proxy",
        log_text("why", slice_of("pages come through a proxy on another machine, under whose name "
                                 "they are offered STUN: pass UDP on from there and name the port "
                                 "with --stun-port, or say --stun-port 0")));
}

/* All lines of X-Forwarded-For, which libwebsockets joins. */
static struct forwarded_field read_x_forwarded_for(struct lws *wsi,
                                                   char buffer[REQUEST_KEPT_BYTES]) {
    int len = lws_hdr_copy(wsi, buffer, REQUEST_KEPT_BYTES, WSI_TOKEN_X_FORWARDED_FOR);
    return (struct forwarded_field){.value = {buffer, len > 0 ? (size_t)len : 0},
                                    .present =
                                        lws_hdr_total_length(wsi, WSI_TOKEN_X_FORWARDED_FOR) > 0};
}

static struct forwarded_field read_forwarded(struct lws *wsi, char buffer[REQUEST_KEPT_BYTES]) {
    const int name_len = sizeof FORWARDED_HEADER - 1;
    int len = lws_hdr_custom_copy(wsi, buffer, REQUEST_KEPT_BYTES, FORWARDED_HEADER, name_len);
    return (struct forwarded_field){.value = {buffer, len > 0 ? (size_t)len : 0},
                                    .present =
                                        lws_hdr_custom_length(wsi, FORWARDED_HEADER, name_len) > 0};
}

void http_client_identify(struct lws *wsi, const struct config *config, uint64_t now_ms) {
    char x_forwarded_for_bytes[REQUEST_KEPT_BYTES], forwarded_bytes[REQUEST_KEPT_BYTES];
    struct http_client *client = http_client_of(wsi);
    struct forwarded_field x_forwarded_for = read_x_forwarded_for(wsi, x_forwarded_for_bytes);
    struct forwarded_field forwarded = read_forwarded(wsi, forwarded_bytes);
    if (x_forwarded_for.present || forwarded.present) {
        warn_of_proxy(config, client, now_ms);
        warn_of_stun(config, client);
    }
    client->address = forwarded_client(client->peer, x_forwarded_for, forwarded,
                                       config->trusted_proxies, config->trusted_proxy_count);
}
