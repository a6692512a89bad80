#define _GNU_SOURCE /* libwebsockets.h */
#include "caller.h"

#include "error.h"
#include "forwarded.h"
#include "log.h"
#include "stun_offer.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define FORWARDED_HEADER "forwarded:" /* as libwebsockets looks for it */
#define FORWARDED_BYTES 8192          /* what libwebsockets keeps of all headers together */
#define WARNINGS_WINDOW_MS 60000

struct caller *caller_create(struct rate_limits *limits, uint64_t now_ms, const struct ip *peer) {
    struct caller *caller = calloc(1, sizeof *caller);
    if (caller == NULL)
        return NULL;
    caller->peer = caller->client = *peer;
    caller->limits = limits;
    if (limits != NULL &&
        rate_limits_open_socket(limits, now_ms, peer, &caller->account) != PARLEY_OK) {
        free(caller);
        return NULL;
    }
    caller_use(caller, LRU_IDLE);
    return caller;
}

void caller_use(struct caller *caller, enum lru_use use) {
    if (caller->limits != NULL)
        rate_limits_use_socket(caller->limits, caller->account, &caller->socket, use);
}

void caller_keep(struct caller *caller) {
    rate_limits_keep_socket(&caller->socket);
}

struct caller *caller_oldest(const struct rate_limits *limits, const struct ip *peer) {
    struct rate_limits_socket *socket = rate_limits_oldest_socket(limits, peer);
    if (socket == NULL)
        return NULL;
    return CHAIN_OWNER(socket, struct caller, socket);
}

void caller_uncount(uint64_t now_ms, struct caller *caller) {
    rate_limits_keep_socket(&caller->socket);
    if (caller->limits != NULL)
        rate_limits_close_socket(caller->limits, now_ms, caller->account);
    caller->account = NULL;
    caller->limits = NULL;
}

void caller_destroy(uint64_t now_ms, struct caller *caller) {
    caller_uncount(now_ms, caller);
    http_input_end(&caller->input);
    free(caller);
}

/* What stays of a caller that is settled: its account, or nobody's, marked by the lowest bit. */
static void *settled(struct rate_limits_account *account) {
    return (void *)((uintptr_t)account | 1);
}

static bool is_settled(const void *data) {
    return ((uintptr_t)data & 1) != 0;
}

struct caller *caller_of(struct lws *wsi) {
    void *data = lws_get_opaque_user_data(wsi);
    return is_settled(data) ? NULL : data;
}

void caller_settle(struct lws *wsi) {
    struct caller *caller = caller_of(wsi);
    lws_set_opaque_user_data(wsi, settled(caller->account));
    caller_keep(caller);
    http_input_settle(&caller->input);
    free(caller);
}

bool caller_end(struct rate_limits *limits, uint64_t now_ms, struct lws *wsi) {
    void *data = lws_get_opaque_user_data(wsi);
    if (data == NULL)
        return false;
    if (is_settled(data))
        rate_limits_close_socket(limits, now_ms, (void *)((uintptr_t)data & ~(uintptr_t)1));
    else
        caller_destroy(now_ms, data);
    return true;
}

/* Nobody else would notice: limits by address take all who come through it for one, or for none. */
static void warn_of_proxy(const struct config *config, const struct caller *caller,
                          uint64_t now_ms) {
    static struct log_limiter limiter = {.lines_max = 1, .window_ms = WARNINGS_WINDOW_MS};
    if (config->trusted_proxy_count > 0 || config->no_trusted_proxies ||
        !ip_is_private(&caller->peer))
        return;
    const struct log_field why = log_text(
        "why", slice_of("requests come through a proxy: name it with --trusted-proxy, or limits by "
                        "address cannot tell people apart"));
    log_limited(&limiter, now_ms, LOG_LEVEL_WARN, "unknown_proxy", &why, 1);
}

static bool is_trusted(const struct config *config, const struct ip *peer) {
    for (size_t i = 0; i < config->trusted_proxy_count; i++) {
        if (ip_range_has(&config->trusted_proxies[i], peer))
            return true;
    }
    return false;
}

/* Once: it may well be in order. */
static void warn_of_stun(const struct config *config, const struct caller *caller) {
    static bool warned;
    if (warned || !is_trusted(config, &caller->peer) || !stun_offer_may_miss(config, &caller->peer))
        return;
    warned = true;
    LOG(LOG_LEVEL_WARN, "stun_behind_proxy",
        log_text("why", slice_of("pages come through a proxy on another machine, under whose name "
                                 "they are offered STUN: pass UDP on from there and name the port "
                                 "with --stun-port, or say --stun-port 0")));
}

/* All lines of X-Forwarded-For, which libwebsockets joins. */
static struct forwarded_field read_x_forwarded_for(struct lws *wsi, char buffer[FORWARDED_BYTES]) {
    int len = lws_hdr_copy(wsi, buffer, FORWARDED_BYTES, WSI_TOKEN_X_FORWARDED_FOR);
    return (struct forwarded_field){.value = {buffer, len > 0 ? (size_t)len : 0},
                                    .present =
                                        lws_hdr_total_length(wsi, WSI_TOKEN_X_FORWARDED_FOR) > 0};
}

static struct forwarded_field read_forwarded(struct lws *wsi, char buffer[FORWARDED_BYTES]) {
    const int name_len = sizeof FORWARDED_HEADER - 1;
    int len = lws_hdr_custom_copy(wsi, buffer, FORWARDED_BYTES, FORWARDED_HEADER, name_len);
    return (struct forwarded_field){.value = {buffer, len > 0 ? (size_t)len : 0},
                                    .present =
                                        lws_hdr_custom_length(wsi, FORWARDED_HEADER, name_len) > 0};
}

void caller_identify(struct lws *wsi, const struct config *config, uint64_t now_ms) {
    char x_forwarded_for_bytes[FORWARDED_BYTES], forwarded_bytes[FORWARDED_BYTES];
    struct caller *caller = caller_of(wsi);
    struct forwarded_field x_forwarded_for = read_x_forwarded_for(wsi, x_forwarded_for_bytes);
    struct forwarded_field forwarded = read_forwarded(wsi, forwarded_bytes);
    if (x_forwarded_for.present || forwarded.present) {
        warn_of_proxy(config, caller, now_ms);
        warn_of_stun(config, caller);
    }
    caller->client = forwarded_client(caller->peer, x_forwarded_for, forwarded,
                                      config->trusted_proxies, config->trusted_proxy_count);
}
