#include "candidate_queue.h"

#include <stdlib.h>
#include <string.h>

/* Has |text| be a copy at |at|, and returns the end of that. */
static char *move(struct slice *text, char *at) {
    if (text->len)
        memcpy(at, text->bytes, text->len);
    text->bytes = at;
    return at + text->len;
}

bool ice_candidate_own(struct ice_candidate *candidate) {
    char *bytes = malloc(candidate->text.len + candidate->mid.len + candidate->ufrag.len + 1);
    if (bytes)
        move(&candidate->ufrag, move(&candidate->mid, move(&candidate->text, bytes)));
    return bytes;
}

void ice_candidate_deinit(struct ice_candidate *candidate) {
    free((char *)(uintptr_t)candidate->text.bytes); /* the first of all its bytes */
    *candidate = (struct ice_candidate){0};
}

bool candidate_queue_add(struct candidate_queue *queue, const struct ice_candidate *candidate) {
    if (!queue->items)
        queue->items = calloc(CANDIDATE_QUEUE_MAX, sizeof *queue->items);
    if (!queue->items || queue->count == CANDIDATE_QUEUE_MAX)
        return false;
    struct ice_candidate *item = &queue->items[queue->count];
    *item = *candidate;
    if (!ice_candidate_own(item))
        return false;
    queue->count++;
    return true;
}

void candidate_queue_drop(struct candidate_queue *queue, uint32_t from, uint32_t count) {
    if (count == 0)
        return;
    struct ice_candidate *items = &queue->items[from];
    for (uint32_t i = 0; i < count; i++)
        ice_candidate_deinit(&items[i]);
    queue->count -= count;
    memmove(items, items + count, (queue->count - from) * sizeof *items);
}

void candidate_queue_deinit(struct candidate_queue *queue) {
    candidate_queue_drop(queue, 0, queue->count);
    free(queue->items);
    *queue = (struct candidate_queue){0};
}
