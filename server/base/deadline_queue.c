#include "deadline_queue.h"

static struct deadline_entry *first_of(const struct deadline_queue *queue) {
    struct chain_link *link = queue->waiting.first;
    return link == NULL ? NULL : CHAIN_OWNER(link, struct deadline_entry, link);
}

void deadline_queue_add(struct deadline_queue *queue, struct deadline_entry *entry,
                        uint64_t due_ms) {
    entry->due_ms = due_ms;
    chain_append(&queue->waiting, &entry->link);
}

void deadline_queue_remove(struct deadline_queue *queue, struct deadline_entry *entry) {
    chain_remove(&queue->waiting, &entry->link);
}

struct deadline_entry *deadline_queue_next(struct deadline_queue *queue, uint64_t now_ms) {
    struct deadline_entry *first = first_of(queue);
    if (first == NULL || first->due_ms > now_ms)
        return NULL;
    deadline_queue_remove(queue, first);
    return first;
}

uint64_t deadline_queue_deadline_ms(const struct deadline_queue *queue) {
    const struct deadline_entry *first = first_of(queue);
    return first == NULL ? NO_DEADLINE : first->due_ms;
}
