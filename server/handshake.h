/* handshake.h - may this WebSocket be opened? (RFC 6455, 4.2) */
#ifndef PARLEY_HANDSHAKE_H
#define PARLEY_HANDSHAKE_H

#include "config.h"

#include <stdbool.h>
#include <stdint.h>

#include <libwebsockets.h>

#define HANDSHAKE_PATH "/signal"

/* What to answer before hanging up. */
struct handshake_refusal {
    unsigned status;
    const char *sentence;
};

/* Decides by path, version and origin (LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION). False: |refusal|
 * says why. */
bool handshake_allowed(struct lws *wsi, const struct config *config, uint64_t now_ms,
                       struct handshake_refusal *refusal);

#endif
