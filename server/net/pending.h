/* pending.h - pending connections: new sockets that wait for the head of their first request, or
 * for the first record of TLS. So a client that sends nothing, or sends slowly, costs a file
 * descriptor and little more: libwebsockets gives each connection 8 KiB for headers before a byte
 * has arrived.
 *
 * Bytes are only peeked at and stay in the socket (MSG_PEEK); a waiting socket wakes up only for
 * new bytes (SO_RCVLOWAT). A connection that waits too long is closed, and so is the oldest one
 * when its place is needed.
 *
 * A TLS handshake is the most expensive thing that a stranger can ask for (0.7 ms with RSA of 2,048
 * bits). So sockets that are ready for one wait for their turn here (fair_queue.h), and only a few
 * begin in one turn of the loop, with the loop's other work in between.
 */
#ifndef PARLEY_PENDING_H
#define PARLEY_PENDING_H

#include "chain.h"
#include "fair_queue.h"

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#define PENDING_HEAD_BYTES_MAX 4096 /* with this many it does not wait any longer */
#define PENDING_HANDSHAKES_A_TURN 2 /* of the loop */

struct pending_connection;

/* The ends of a pending socket; |owner| is pending_add's. */
struct pending_handlers {
    void *user;
    void (*on_ready)(void *user, int fd, void *owner); /* owns |fd| from now on */
    void (*on_gone)(void *user, void *owner);          /* the socket is closed */
};

/* All fields are the module's. */
struct pending {
    struct pending_handlers handlers;
    uv_loop_t *loop;
    uv_timer_t timer; /* for the one that has waited longest */
    uint64_t wait_ms;
    struct chain connections; /* the oldest first */
    struct fair_queue ready;  /* for TLS */
    uv_idle_t turns;          /* while some are ready */
};

/* Each may wait for |wait_ms|. |loop| must outlive it. */
void pending_init(struct pending *pending, uv_loop_t *loop, uint64_t wait_ms,
                  const struct pending_handlers *handlers);

/* Closes all connections; the handles close in the loop. Harmless when repeated. */
void pending_deinit(struct pending *pending);

/* Adds a non-blocking socket for HTTP; on_ready may be called at once, as it is for a client that
 * speaks TLS. With |tls_line| the socket is for TLS: once it is ready it waits for its turn, and
 * on_ready is called later. |*place| is the connection for as long as it waits, then NULL. */
void pending_add(struct pending *pending, int fd, struct fair_line *tls_line, void *owner,
                 struct pending_connection **place);

/* Closes one that waits. */
void pending_close(struct pending_connection *connection);

/* Closes the one that has waited longest; false when none waits. */
bool pending_evict_oldest(struct pending *pending);

#endif
