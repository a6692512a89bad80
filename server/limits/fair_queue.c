#include "fair_queue.h"

bool fair_queue_is_empty(const struct fair_queue *queue) {
    return queue->lines.first == NULL;
}

static bool is_empty(const struct fair_line *line) {
    return line->entries.first == NULL;
}

void fair_queue_add(struct fair_queue *queue, struct fair_line *line, struct fair_entry *entry) {
    if (is_empty(line))
        chain_append(&queue->lines, &line->link);
    entry->line = line;
    chain_append(&line->entries, &entry->link);
}

void fair_queue_remove(struct fair_queue *queue, struct fair_entry *entry) {
    struct fair_line *line = entry->line;
    if (line == NULL)
        return;
    chain_remove(&line->entries, &entry->link);
    entry->line = NULL;
    if (is_empty(line))
        chain_remove(&queue->lines, &line->link);
}

struct fair_entry *fair_queue_take(struct fair_queue *queue) {
    if (fair_queue_is_empty(queue))
        return NULL;
    struct fair_line *line = CHAIN_OWNER(queue->lines.first, struct fair_line, link);
    struct fair_entry *entry = CHAIN_OWNER(line->entries.first, struct fair_entry, link);
    fair_queue_remove(queue, entry);
    if (!is_empty(line)) {
        chain_remove(&queue->lines, &line->link);
        chain_append(&queue->lines, &line->link);
    }
    return entry;
}
