#include "frame_queue.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

static size_t bytes_from(const struct frame_queue *queue, uint32_t from) {
    size_t bytes = 0;
    for (const struct frame *frame = queue->first; frame != NULL; frame = frame->next)
        bytes += frame->from == from ? frame->len : 0;
    return bytes;
}

/* The queue is only walked where it is half full. */
static bool has_room(const struct frame_queue *queue, size_t len, size_t bytes_max, uint32_t from) {
    if (len > bytes_max || queue->bytes > bytes_max - len)
        return false;
    size_t left = bytes_max - len - queue->bytes;
    return from == FRAME_FROM_NOBODY || queue->bytes + len <= left ||
           bytes_from(queue, from) + len <= left;
}

int frame_queue_add(struct frame_queue *queue, struct slice bytes, size_t bytes_max,
                    uint32_t from) {
    if (!has_room(queue, bytes.len, bytes_max, from))
        return PARLEY_ERR_FULL;
    struct frame *frame = malloc(sizeof *frame + bytes.len);
    if (frame == NULL)
        return PARLEY_ERR_NO_MEMORY;
    frame->next = NULL;
    frame->len = bytes.len;
    frame->from = from;
    memcpy(frame->bytes, bytes.bytes, bytes.len);
    if (queue->total != NULL) {
        queue->total->queues += queue->first == NULL;
        queue->total->bytes += bytes.len;
    }
    if (queue->last == NULL)
        queue->first = frame;
    else
        queue->last->next = frame;
    queue->last = frame;
    queue->bytes += bytes.len;
    return PARLEY_OK;
}

struct frame *frame_queue_take(struct frame_queue *queue) {
    struct frame *frame = queue->first;
    if (frame == NULL)
        return NULL;
    queue->first = frame->next;
    if (queue->first == NULL)
        queue->last = NULL;
    queue->bytes -= frame->len;
    if (queue->total != NULL) {
        queue->total->queues -= queue->first == NULL;
        queue->total->bytes -= frame->len;
    }
    return frame;
}

void frame_queue_clear(struct frame_queue *queue) {
    struct frame *frame;
    while ((frame = frame_queue_take(queue)) != NULL)
        free(frame);
}
