/* dispatcher.h - connects transports with the hub: owns the hub, calls it when its deadlines are
 * due, and carries out its actions.
 *
 * A connection is a WebSocket (websocket.h) or a polling session (polling.h); both embed a struct
 * connection. Each event of one becomes one input of the hub, and all actions that follow are
 * carried out before the next, by the operations of the connection's transport. An operation gives
 * the hub no input of its own: a connection that turns out to be too slow is marked, and dropped
 * afterwards.
 */
#ifndef PARLEY_DISPATCHER_H
#define PARLEY_DISPATCHER_H

#include "address_key.h"
#include "buffer.h"
#include "config.h"
#include "frame_queue.h"
#include "hub.h"
#include "liveness.h"
#include "metrics.h"
#include "rate_limits.h"
#include "stun_offer.h"

#include <stdbool.h>
#include <stdint.h>

#include <libwebsockets.h>
#include <uv.h>

#define DISPATCHER_QUEUED_IN_ALL_MAX (64 * 1024 * 1024) /* for all slow readers; then each has */
#define DISPATCHER_SCARCE_BYTES_MAX (CONFIG_QUEUE_KILOBYTES_MIN * 1024) /* this much */
#define DISPATCHER_HELD_BYTES_MAX (2 * WIRE_MESSAGE_BYTES_MAX) /* of one that waits for its turn */
#define DISPATCHER_JOIN_TIMEOUT_MS 30000 /* the page connects before its core has loaded */

enum transport_kind { TRANSPORT_WEBSOCKET, TRANSPORT_POLLING, TRANSPORT_KINDS };

/* Embedded in a transport's session. All fields are the module's. */
struct connection {
    struct connection *next_slow;
    struct liveness_entry liveness;
    struct rate_limits_quota quota; /* while in_hub */
    struct frame_queue *held;       /* its messages while it waits for its turn; NULL: none */
    hub_handle handle;              /* the same */
    uint32_t id;                    /* its number in the log */
    uint32_t connected_us;          /* if metrics.timed, modulo 2^32 */
    uint8_t kind;                   /* enum transport_kind */
    bool in_hub : 1;
    bool open : 1;    /* the hub speaks to it: neither closed by the hub nor gone */
    bool watched : 1; /* by liveness */
    bool slow : 1;    /* in the list of connections to be dropped for it */
};

/* A transport's operations. |user| is its own; a function may be NULL if there is nothing to do. */
struct transport {
    void *user;
    /* Write one message, or queue it, within dispatcher_queue_bytes_max; if there is no room,
     * dispatcher_no_room drops messages of other members (|from|). */
    void (*send)(void *user, struct connection *connection, struct slice bytes, uint32_t from);
    /* Close it after what was sent; |error| (WIRE_ERROR_COUNT: none) is the reason. */
    void (*close)(void *user, struct connection *connection, uint16_t code, enum wire_error error);
    /* Discard its queue. */
    void (*clear)(void *user, struct connection *connection);
    /* It was silent for --ping-seconds: make it show that it is alive. */
    void (*ping)(void *user, struct connection *connection);
    /* It was silent for the same time again, and has left the hub: end it without another
     * message. */
    void (*give_up)(void *user, struct connection *connection);
    /* All actions of an input are carried out. */
    void (*flush)(void *user);
};

struct dispatcher {
    const struct config *config;
    struct lws_context *context; /* set by the server once it exists */
    uv_loop_t *loop;
    uv_timer_t timer; /* the next deadline of the hub, liveness and the rate limits */
    uint64_t timer_ms;
    struct hub *hub;
    struct rate_limits *limits;
    struct turn turn; /* the hub's; its secret and its time are kept up to date here */
    struct address_key_secret address_key_secret;
    struct stun_offer *stun; /* of our own STUN server; set by the server */
    struct liveness liveness;
    struct transport transports[TRANSPORT_KINDS]; /* each set by its module's init */
    struct connection *slow;
    const struct connection *leaving; /* in dispatcher_leave */
    struct frame_total queued;        /* for all slow readers; the transports' queues count here */
    uint32_t in_hub[TRANSPORT_KINDS]; /* connections */
    struct metrics metrics;
    uint64_t received_ns; /* when dispatcher_receive began; 0: outside it, or not timed */
    uint32_t connections; /* between dispatcher_count and dispatcher_uncount */
    uint32_t last_id;     /* that a connection got */
    bool shutting_down;
    void (*on_empty)(void *user); /* once the server ends: the last one is gone */
    void *user;
};

/* Makes the hub and its timer in |loop|. |config|, |limits| and |turn_secret|, which may be empty
 * where no relay is offered, must outlive it.
 * PARLEY_ERR_NO_MEMORY, PARLEY_ERR_ARGUMENT; PARLEY_ERR_STATE: no random bytes. */
int dispatcher_init(struct dispatcher *dispatcher, const struct config *config,
                    struct slice turn_secret, struct rate_limits *limits, uv_loop_t *loop);

/* From now on credentials are made with |secret|, which must outlive the dispatcher. */
void dispatcher_set_turn_secret(struct dispatcher *dispatcher, struct slice secret);

/* After libwebsockets' context is gone: destroys the hub. The timer's handle closes in the loop. */
void dispatcher_deinit(struct dispatcher *dispatcher);

/* The loop's time. */
uint64_t dispatcher_now_ms(const struct dispatcher *dispatcher);

/* Adds a new connection of |client| to the hub and watches it. |connection| must stay where it is
 * until dispatcher_leave. |host|: the page's Host header, for the offer of our own STUN server; may
 * be empty. Returns WIRE_ERROR_COUNT, or the error to refuse it with: then the connection is set up
 * but neither open nor in the hub. */
enum wire_error dispatcher_connect(struct dispatcher *dispatcher, struct connection *connection,
                                   enum transport_kind kind, const struct ip *client,
                                   struct slice host);

/* A complete message arrived on an open connection. Too many messages end the connection. If its
 * address joined too often lately, its messages wait until it is their turn (rate_limits.h). */
void dispatcher_receive(struct dispatcher *dispatcher, struct connection *connection,
                        struct slice message);

/* True while its messages wait. */
bool dispatcher_is_waiting(const struct connection *connection);

/* It broke a rule below the messages. The connection must be open. */
void dispatcher_violate(struct dispatcher *dispatcher, struct connection *connection,
                        enum wire_error error);

/* Something arrived from it. Harmless if it is not watched. */
void dispatcher_heard(struct dispatcher *dispatcher, struct connection *connection);

/* Stops watching its silence. Harmless when repeated. */
void dispatcher_unwatch(struct dispatcher *dispatcher, struct connection *connection);

/* For transport.send: there was no room for a message of |from|. A member's message is counted as
 * dropped; if it was the hub's own, the connection is dropped. */
void dispatcher_no_room(struct dispatcher *dispatcher, struct connection *connection,
                        uint32_t from);

/* How much may be queued for a slow reader, including this message of |from|. Less if there are
 * many slow readers. */
size_t dispatcher_queue_bytes_max(const struct dispatcher *dispatcher, uint32_t from);

/* For a connection that dispatcher_connect refused with |error|: counts it, logs it and appends the
 * error message to |out|, which needs room for twice the longest message. Errors of wire_write. */
int dispatcher_refuse(struct dispatcher *dispatcher, enum wire_error error, struct buffer *out);

/* It is gone, or about to be closed: the hub forgets it. Harmless when repeated. */
void dispatcher_leave(struct dispatcher *dispatcher, struct connection *connection);

/* Counts the connections, in the hub or not, that the server waits for when it ends. */
void dispatcher_count(struct dispatcher *dispatcher);
void dispatcher_uncount(struct dispatcher *dispatcher);

/* Sends everybody to the server that takes over, see hub_drain, and calls on_empty(user) when the
 * last connection is gone: at once where nobody is connected. */
void dispatcher_drain(struct dispatcher *dispatcher, uint64_t duration_ms,
                      void (*on_empty)(void *user), void *user);

/* Tells everybody, closes everything, and calls on_empty(user), at once where nobody is
 * connected. */
void dispatcher_shut_down(struct dispatcher *dispatcher, void (*on_empty)(void *user), void *user);

#endif
