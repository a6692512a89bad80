#include "queue.h"

#include "error.h"

#include <stdlib.h>

static bool is_before(const struct happening *left, const struct happening *right) {
    return left->at_ms < right->at_ms ||
           (left->at_ms == right->at_ms && left->order < right->order);
}

void queue_push(struct queue *queue, uint64_t at_ms, happening_fn *run, void *object,
                uint32_t serial) {
    if (queue->len == queue->capacity) {
        queue->capacity = queue->capacity ? 2 * queue->capacity : 256;
        queue->items = realloc(queue->items, queue->capacity * sizeof *queue->items);
        PARLEY_CHECK(queue->items);
    }
    struct happening item = {at_ms, queue->order++, run, object, serial};
    size_t at = queue->len++;
    for (size_t parent; at > 0; at = parent) {
        parent = (at - 1) / 2;
        if (!is_before(&item, &queue->items[parent]))
            break;
        queue->items[at] = queue->items[parent];
    }
    queue->items[at] = item;
}

bool queue_pop(struct queue *queue, struct happening *out) {
    if (queue->len == 0)
        return false;
    *out = queue->items[0];
    struct happening item = queue->items[--queue->len];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < queue->len; at = child) {
        if (child + 1 < queue->len && is_before(&queue->items[child + 1], &queue->items[child]))
            child++;
        if (!is_before(&queue->items[child], &item))
            break;
        queue->items[at] = queue->items[child];
    }
    queue->items[at] = item;
    return true;
}

void queue_deinit(struct queue *queue) {
    free(queue->items);
    *queue = (struct queue){0};
}
