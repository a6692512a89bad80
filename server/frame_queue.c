#include "frame_queue.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

int frame_queue_add(struct frame_queue *queue, struct slice bytes, size_t bytes_max) {
    if (bytes.len > bytes_max || queue->bytes > bytes_max - bytes.len)
        return PARLEY_ERR_FULL;
    struct frame *frame = malloc(sizeof *frame + bytes.len);
    if (frame == NULL)
        return PARLEY_ERR_NO_MEMORY;
    frame->next = NULL;
    frame->len = bytes.len;
    memcpy(frame->bytes, bytes.bytes, bytes.len);
    if (queue->last == NULL)
        queue->first = frame;
    else
        queue->last->next = frame;
    queue->last = frame;
    queue->bytes += bytes.len;
    if (queue->total != NULL)
        *queue->total += bytes.len;
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
    if (queue->total != NULL)
        *queue->total -= frame->len;
    return frame;
}

void frame_queue_clear(struct frame_queue *queue) {
    struct frame *frame;
    while ((frame = frame_queue_take(queue)) != NULL)
        free(frame);
}
