/* websocket.h - signaling over WebSocket (RFC 6455): between libwebsockets and the dispatcher.
 *
 * A frame is written at once, or queued while its socket is not writable. The queue is bounded: a
 * connection that stops reading is dropped. A connection closes after its queue is written, or
 * after WEBSOCKET_CLOSE_SECONDS.
 */
#ifndef PARLEY_WEBSOCKET_H
#define PARLEY_WEBSOCKET_H

#include "buffer.h"
#include "chain.h"
#include "dispatcher.h"
#include "frame_queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libwebsockets.h>

#define WEBSOCKET_RX_BYTES 1500 /* of a message, in one read; each idle connection keeps as much */
#define WEBSOCKET_CLOSE_SECONDS 5 /* for the client to read the rest, before the socket is closed */
#define WEBSOCKET_REFUSED_MAX 128 /* connections that were told why, and are still closing */

enum websocket_state {
    WEBSOCKET_NONE,    /* not established, or gone */
    WEBSOCKET_OPEN,    /* the hub knows it */
    WEBSOCKET_CLOSING, /* writes its queue, then a close frame */
    WEBSOCKET_CLOSED   /* the close frame is written, or libwebsockets is closing by itself */
};

/* Memory that a connection has only while it needs it. */
struct websocket_backlog {
    struct buffer message;    /* fragments of a message that is not whole yet */
    struct frame_queue queue; /* what its socket did not take */
};

/* One connection; libwebsockets' user data, zeroed by it. All fields are the module's. */
struct websocket_session {
    struct connection connection;
    struct lws *wsi;
    struct websocket_backlog *backlog; /* or NULL */
    uint16_t close_code;
    uint8_t state;          /* enum websocket_state */
    uint8_t error;          /* enum wire_error: the reason of the close frame */
    bool refused;           /* the hub does not know it; in the list of websockets */
    struct chain_link link; /* of them */
};

struct websockets {
    struct dispatcher *dispatcher;
    struct chain refused; /* sessions that the hub has no place for, the oldest first */
    uint32_t refused_count;
    unsigned char frame[LWS_PRE + WIRE_WELCOME_BYTES_MAX];
};

/* Gives |dispatcher|, which must outlive it, its transport for WebSockets. */
void websockets_init(struct websockets *websockets, struct dispatcher *dispatcher);

/* Handles an event of a WebSocket. Returns the value for libwebsockets. */
int websockets_event(struct websockets *websockets, struct lws *wsi,
                     enum lws_callback_reasons reason, struct websocket_session *session,
                     const void *in, size_t len);

#endif
