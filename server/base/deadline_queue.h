/* deadline_queue.h - deadlines that are due in the order in which they were added: all waits in one
 * queue are equally long. Each operation is O(1). No I/O. */
#ifndef PARLEY_DEADLINE_QUEUE_H
#define PARLEY_DEADLINE_QUEUE_H

#include "chain.h"
#include "deadline.h"

#include <stdint.h>

/* Embedded in an entry. All fields are the module's. */
struct deadline_entry {
    struct chain_link link;
    uint64_t due_ms;
};

/* Zero-initialise it. */
struct deadline_queue {
    struct chain waiting; /* links of entries, the first due first */
};

/* Adds |entry|, which is in no queue and must stay where it is. It is due at |due_ms|, not before
 * the entries in the queue. */
void deadline_queue_add(struct deadline_queue *queue, struct deadline_entry *entry,
                        uint64_t due_ms);

/* Removes |entry|, which is in |queue|. */
void deadline_queue_remove(struct deadline_queue *queue, struct deadline_entry *entry);

/* Takes the first out if it is due at |now_ms|; else NULL. */
struct deadline_entry *deadline_queue_next(struct deadline_queue *queue, uint64_t now_ms);

/* When the first is due; NO_DEADLINE if the queue is empty. */
uint64_t deadline_queue_deadline_ms(const struct deadline_queue *queue);

#endif
