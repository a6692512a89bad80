#include "due_queue.h"

static struct due_entry *first_of(const struct due_queue *queue) {
    struct chain_link *link = queue->waiting.first;
    return link == NULL ? NULL : CHAIN_OWNER(link, struct due_entry, link);
}

void due_queue_add(struct due_queue *queue, struct due_entry *entry, uint64_t due_ms) {
    entry->due_ms = due_ms;
    chain_append(&queue->waiting, &entry->link);
}

void due_queue_remove(struct due_queue *queue, struct due_entry *entry) {
    chain_remove(&queue->waiting, &entry->link);
}

struct due_entry *due_queue_next(struct due_queue *queue, uint64_t now_ms) {
    struct due_entry *first = first_of(queue);
    if (first == NULL || first->due_ms > now_ms)
        return NULL;
    due_queue_remove(queue, first);
    return first;
}

uint64_t due_queue_deadline_ms(const struct due_queue *queue) {
    const struct due_entry *first = first_of(queue);
    return first == NULL ? NO_DEADLINE : first->due_ms;
}
