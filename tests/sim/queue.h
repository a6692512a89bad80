/* queue.h - future happenings in order of time: a binary heap. Happenings of the same millisecond
 * happen in the order in which they were put in. */
#ifndef PARLEY_SIM_QUEUE_H
#define PARLEY_SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

/* |serial| is the caller's: it shows whether something newer has replaced this happening. */
typedef void happening_fn(struct sim *sim, void *object, uint32_t serial);

struct happening {
    uint64_t at_ms;
    uint64_t order;
    happening_fn *run;
    void *object;
    uint32_t serial;
};

struct queue {
    struct happening *items;
    size_t len, capacity;
    uint64_t order;
};

void queue_push(struct queue *queue, uint64_t at_ms, happening_fn *run, void *object,
                uint32_t serial);

/* Takes the earliest out. False: there is none. */
bool queue_pop(struct queue *queue, struct happening *out);

void queue_deinit(struct queue *queue);

#endif
