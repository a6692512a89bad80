#define _GNU_SOURCE /* libwebsockets.h */
#include "handshake.h"

#include "http.h"
#include "log.h"
#include "origin.h"

#define HEADER_BYTES_MAX 512 /* longer is not honest */

static bool header_is(struct lws *wsi, enum lws_token_indexes token, const char *expected) {
    char buffer[HEADER_BYTES_MAX];
    return slice_equal(http_header(wsi, token, buffer, sizeof buffer), slice_of(expected));
}

bool handshake_origin_allowed(struct lws *wsi, const struct config *config, uint64_t now_ms) {
    char origin_buffer[HEADER_BYTES_MAX];
    char host_buffer[HEADER_BYTES_MAX];
    if (config->any_origin)
        return true;
    struct slice origin = http_header(wsi, WSI_TOKEN_ORIGIN, origin_buffer, sizeof origin_buffer);
    struct slice host = http_header(wsi, WSI_TOKEN_HOST, host_buffer, sizeof host_buffer);
    if (origin_allowed(origin, host, config->tls_cert != NULL, config->allowed_origins,
                       config->allowed_origin_count))
        return true;
    log_refusal(now_ms, "origin", origin, 0);
    return false;
}

bool handshake_allowed(struct lws *wsi, const struct config *config, uint64_t now_ms,
                       struct handshake_refusal *refusal) {
    if (!header_is(wsi, WSI_TOKEN_GET_URI, HANDSHAKE_PATH))
        *refusal =
            (struct handshake_refusal){404, "WebSocket connections are made to " HANDSHAKE_PATH};
    else if (!header_is(wsi, WSI_TOKEN_VERSION, "13"))
        *refusal =
            (struct handshake_refusal){426, "This server speaks version 13 of WebSocket only."};
    else if (!handshake_origin_allowed(wsi, config, now_ms))
        *refusal = (struct handshake_refusal){403, ORIGIN_FOREIGN_SENTENCE};
    else
        return true;
    return false;
}
