/* liveness.h - finds out which connections are still alive: which to ping, and which to give up. No
 * I/O.
 *
 * A connection that sent something within one interval is left alone. After one interval of silence
 * it is due for a ping; after another it is dead. Since the interval is the same for all, two
 * queues in order of time are enough: every operation is O(1) at any number of connections, and
 * pings are spread over time like the connections' beginnings. (libwebsockets' own idle policy
 * keeps its timers in one sorted list and searches it from the front: 10,000 steps a pong with
 * 10,000 idle.)
 */
#ifndef PARLEY_LIVENESS_H
#define PARLEY_LIVENESS_H

#include "deadline.h"
#include "deadline_queue.h"

#include <stdbool.h>
#include <stdint.h>

/* Embedded in a connection. All fields are the module's. */
struct liveness_entry {
    struct deadline_entry due;
};

struct liveness {
    uint64_t interval_ms;
    struct deadline_queue heard;  /* due for a ping; the longest silent first */
    struct deadline_queue pinged; /* the longest unanswered first */
};

enum liveness_verdict { LIVENESS_PING, LIVENESS_DEAD };

/* |interval_ms| of silence, twice, end a connection. */
void liveness_init(struct liveness *liveness, uint64_t interval_ms);

/* A new connection, heard at |now_ms|. |entry| must stay where it is until liveness_remove. */
void liveness_add(struct liveness *liveness, struct liveness_entry *entry, uint64_t now_ms);

/* The connection is gone, or no longer to be watched. */
void liveness_remove(struct liveness *liveness, struct liveness_entry *entry);

/* Something came from the connection. Times must not run backwards. */
void liveness_heard(struct liveness *liveness, struct liveness_entry *entry, uint64_t now_ms);

/* Takes the next connection for which something is due at |now_ms|; NULL for none.
 * LIVENESS_PING: ping it now; its second interval runs. LIVENESS_DEAD: end it; it is watched no
 * longer. */
struct liveness_entry *liveness_next_due(struct liveness *liveness, uint64_t now_ms,
                                         enum liveness_verdict *verdict);

/* When liveness_next_due will next have something; NO_DEADLINE without connections. */
uint64_t liveness_deadline_ms(const struct liveness *liveness);

#endif
