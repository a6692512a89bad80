/* due_queue.h - things that fall due in the order in which they were added: every wait in one queue
 * takes equally long. Each operation is O(1) at any number. No I/O. */
#ifndef PARLEY_DUE_QUEUE_H
#define PARLEY_DUE_QUEUE_H

#include "chain.h"
#include "deadline.h"

#include <stdint.h>

/* Embedded in what waits. All fields are the module's. */
struct due_entry {
    struct chain_link link;
    uint64_t due_ms;
};

/* Zero-initialise it. */
struct due_queue {
    struct chain waiting; /* links of entries, the first due first */
};

/* |entry|, which is in no queue and must stay where it is, is due at |due_ms|, and not before what
 * is in the queue. */
void due_queue_add(struct due_queue *queue, struct due_entry *entry, uint64_t due_ms);

/* |entry| must be in |queue|. */
void due_queue_remove(struct due_queue *queue, struct due_entry *entry);

/* Takes the first out if it is due at |now_ms|; else NULL. */
struct due_entry *due_queue_next(struct due_queue *queue, uint64_t now_ms);

/* When the first is due; NO_DEADLINE where nothing waits. */
uint64_t due_queue_deadline_ms(const struct due_queue *queue);

#endif
