/* websocket.h - signaling over WebSocket (RFC 6455): between libwebsockets and the hub.
 *
 * The hub decides; this carries. Each event of a socket becomes one input of the hub, and all
 * actions that follow are carried out before the next: a frame is written at once, or queued when
 * its socket is choked. What is queued is bounded: who stops reading is dropped. A connection
 * closes after what was queued for it, or after WEBSOCKET_CLOSE_SECONDS.
 */
#ifndef PARLEY_WEBSOCKET_H
#define PARLEY_WEBSOCKET_H

#include "buffer.h"
#include "config.h"
#include "frame_queue.h"
#include "hub.h"
#include "liveness.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libwebsockets.h>
#include <uv.h>

#define WEBSOCKET_RX_BYTES 1520          /* one read; each idle connection keeps as much */
#define WEBSOCKET_QUEUE_BYTES_MAX 262144 /* a choked member's; more and it is too slow */
#define WEBSOCKET_RELAYED_BYTES_MAX (WEBSOCKET_QUEUE_BYTES_MAX / 2) /* others' words stop here */
#define WEBSOCKET_JOIN_TIMEOUT_MS 30000 /* the page connects before its core has loaded */
#define WEBSOCKET_CLOSE_SECONDS 5       /* to read what is left, before the socket is cut */
#define WEBSOCKET_REFUSED_MAX 128       /* connections being told that the server is full */

enum websocket_state {
    WEBSOCKET_NONE,    /* not established, or gone */
    WEBSOCKET_OPEN,    /* the hub knows it */
    WEBSOCKET_CLOSING, /* what is queued, then a close frame */
    WEBSOCKET_CLOSED   /* the close frame is written, or libwebsockets is closing by itself */
};

/* One connection; libwebsockets' user data, zeroed by it. All fields are the module's. */
struct websocket_session {
    struct lws *wsi;
    struct liveness_entry liveness;
    struct buffer message; /* fragments of a message that is not whole yet */
    struct frame_queue queue;
    struct websocket_session *next_slow;
    hub_handle handle; /* while in_hub */
    uint8_t state;     /* enum websocket_state */
    uint8_t error;     /* enum wire_error: the reason of the close frame */
    uint16_t close_code;
    bool in_hub;
    bool watched; /* by liveness */
    bool slow;    /* in the list of those who will be dropped for it */
};

struct websockets {
    const struct config *config;
    struct lws_context *context; /* set by the server once it exists */
    uv_loop_t *loop;
    uv_timer_t timer; /* the hub's and the pings' next deadline */
    uint64_t timer_ms;
    struct hub *hub;
    struct liveness liveness;
    struct websocket_session *slow;
    uint32_t sessions; /* established and not yet gone */
    uint32_t refused;  /* of these, those the hub does not know */
    bool shutting_down;
    void (*on_empty)(void *user); /* after websockets_shut_down: the last one is gone */
    void *user;
    unsigned char frame[LWS_PRE + WIRE_MESSAGE_BYTES_MAX];
};

/* Makes the hub and its timer in |loop|. |config| must outlive it.
 * PARLEY_ERR_NO_MEMORY, PARLEY_ERR_ARGUMENT. */
int websockets_init(struct websockets *websockets, const struct config *config, uv_loop_t *loop);

/* After libwebsockets' context is gone: destroys the hub. The timer's handle closes in the loop. */
void websockets_deinit(struct websockets *websockets);

/* Carries on with an event of a WebSocket. What it returns is for libwebsockets. */
int websockets_event(struct websockets *websockets, struct lws *wsi,
                     enum lws_callback_reasons reason, struct websocket_session *session,
                     const void *in, size_t len);

/* Tells everybody, closes everything, and calls on_empty(user), at once where nobody is
 * connected. */
void websockets_shut_down(struct websockets *websockets, void (*on_empty)(void *user), void *user);

#endif
