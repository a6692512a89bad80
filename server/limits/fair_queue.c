#include "fair_queue.h"

#include <stddef.h>

static void append_line(struct fair_queue *queue, struct fair_line *line) {
    line->next = NULL;
    line->prev = queue->last;
    *(queue->last == NULL ? &queue->first : &queue->last->next) = line;
    queue->last = line;
}

static void remove_line(struct fair_queue *queue, struct fair_line *line) {
    *(line->prev == NULL ? &queue->first : &line->prev->next) = line->next;
    *(line->next == NULL ? &queue->last : &line->next->prev) = line->prev;
}

void fair_queue_add(struct fair_queue *queue, struct fair_line *line, struct fair_entry *entry) {
    if (line->first == NULL)
        append_line(queue, line);
    *entry = (struct fair_entry){.line = line, .prev = line->last};
    *(line->last == NULL ? &line->first : &line->last->next) = entry;
    line->last = entry;
}

void fair_queue_remove(struct fair_queue *queue, struct fair_entry *entry) {
    struct fair_line *line = entry->line;
    if (line == NULL)
        return;
    *(entry->prev == NULL ? &line->first : &entry->prev->next) = entry->next;
    *(entry->next == NULL ? &line->last : &entry->next->prev) = entry->prev;
    *entry = (struct fair_entry){0};
    if (line->first == NULL)
        remove_line(queue, line);
}

struct fair_entry *fair_queue_take(struct fair_queue *queue) {
    struct fair_line *line = queue->first;
    if (line == NULL)
        return NULL;
    struct fair_entry *entry = line->first;
    fair_queue_remove(queue, entry);
    if (line->first != NULL) {
        remove_line(queue, line);
        append_line(queue, line);
    }
    return entry;
}
