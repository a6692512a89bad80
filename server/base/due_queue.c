#include "due_queue.h"

#include <stddef.h>

void due_queue_add(struct due_queue *queue, struct due_entry *entry, uint64_t due_ms) {
    *entry = (struct due_entry){.prev = queue->last, .due_ms = due_ms};
    if (queue->last == NULL)
        queue->first = entry;
    else
        queue->last->next = entry;
    queue->last = entry;
}

void due_queue_remove(struct due_queue *queue, struct due_entry *entry) {
    if (entry->prev == NULL)
        queue->first = entry->next;
    else
        entry->prev->next = entry->next;
    if (entry->next == NULL)
        queue->last = entry->prev;
    else
        entry->next->prev = entry->prev;
    entry->next = entry->prev = NULL;
}

struct due_entry *due_queue_next(struct due_queue *queue, uint64_t now_ms) {
    struct due_entry *first = queue->first;
    if (first == NULL || first->due_ms > now_ms)
        return NULL;
    due_queue_remove(queue, first);
    return first;
}

uint64_t due_queue_deadline_ms(const struct due_queue *queue) {
    return queue->first == NULL ? NO_DEADLINE : queue->first->due_ms;
}
