/* frame_queue.h - a bounded queue of frames for a socket that is not writable. */
#ifndef PARLEY_FRAME_QUEUE_H
#define PARLEY_FRAME_QUEUE_H

#include "buffer.h"

#include <stddef.h>
#include <stdint.h>

#define FRAME_FROM_NOBODY UINT32_MAX /* the server's own words */

struct frame {
    struct frame *next;
    size_t len;
    uint32_t from;
    char bytes[];
};

/* Sums over many queues. */
struct frame_total {
    size_t bytes;
    size_t queues; /* that are not empty */
};

/* Zero-initialise it; |total|, if set before the first frame, is where its frames count. */
struct frame_queue {
    struct frame *first, *last;
    size_t bytes;
    struct frame_total *total;
};

/* Appends a copy of |bytes|, a message of |from|.
 * PARLEY_ERR_FULL: the queue would hold more than |bytes_max|, or more from |from| than the room
 * that is left for others: so one sender alone fills half of it, two a third each, and the next
 * sender still finds room.
 * PARLEY_ERR_NO_MEMORY. */
int frame_queue_add(struct frame_queue *queue, struct slice bytes, size_t bytes_max, uint32_t from);

/* Takes the oldest out; the caller frees it. NULL when the queue is empty. */
struct frame *frame_queue_take(struct frame_queue *queue);

/* Frees what waits. */
void frame_queue_clear(struct frame_queue *queue);

#endif
