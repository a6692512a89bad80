/* fair_queue.h - a queue in which lines take turns (round robin): an address with many entries
 * waits behind those with few. No I/O, no memory of its own.
 */
#ifndef PARLEY_FAIR_QUEUE_H
#define PARLEY_FAIR_QUEUE_H

#include "chain.h"

#include <stdbool.h>

/* A place in a line, part of what waits. Zero-initialise it: it is in none then. */
struct fair_entry {
    struct fair_line *line;
    struct chain_link link;
};

/* The waiting entries of one address, first come, first served. Zero-initialise it; it must stay
 * where it is while entries wait in it. */
struct fair_line {
    struct chain entries;
    struct chain_link link;
};

/* Zero-initialise it. */
struct fair_queue {
    struct chain lines; /* those in which something waits, the next turn first */
};

/* True when nothing waits. */
bool fair_queue_is_empty(const struct fair_queue *queue);

/* Appends |entry|, which is in no line, to |line|. */
void fair_queue_add(struct fair_queue *queue, struct fair_line *line, struct fair_entry *entry);

/* Removes |entry| from its line. Harmless if it is in none. */
void fair_queue_remove(struct fair_queue *queue, struct fair_entry *entry);

/* Takes out the next entry; its line's next turn comes after those of all others. NULL: nothing
 * waits. */
struct fair_entry *fair_queue_take(struct fair_queue *queue);

#endif
