/* handshake.h - may this page connect? (RFC 6455, 4.2 and 10.2) */
#ifndef PARLEY_HANDSHAKE_H
#define PARLEY_HANDSHAKE_H

#include "config.h"

#include <stdbool.h>
#include <stdint.h>

#include <libwebsockets.h>

#define HANDSHAKE_PATH "/signal"

/* The answer before the connection is closed. */
struct handshake_refusal {
    unsigned status;
    const char *sentence;
};

/* Decides by path, version and origin (LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION). False: |refusal|
 * says why. */
bool handshake_allowed(struct lws *wsi, const struct config *config, uint64_t now_ms,
                       struct handshake_refusal *refusal);

/* True when the page that sends this request may connect at all: its Origin is this server's host,
 * or allowed by the operator. */
bool handshake_origin_allowed(struct lws *wsi, const struct config *config, uint64_t now_ms);

#endif
