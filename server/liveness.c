#include "liveness.h"

#include <stddef.h>

static void append(struct liveness_queue *queue, struct liveness_entry *entry) {
    entry->next = NULL;
    entry->prev = queue->last;
    if (queue->last == NULL)
        queue->first = entry;
    else
        queue->last->next = entry;
    queue->last = entry;
}

static void take(struct liveness_queue *queue, struct liveness_entry *entry) {
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

static struct liveness_queue *queue_of(struct liveness *liveness,
                                       const struct liveness_entry *entry) {
    return entry->pinged ? &liveness->pinged : &liveness->heard;
}

static bool is_due(const struct liveness *liveness, const struct liveness_queue *queue,
                   uint64_t now_ms) {
    return queue->first != NULL && queue->first->since_ms + liveness->interval_ms <= now_ms;
}

void liveness_init(struct liveness *liveness, uint64_t interval_ms) {
    *liveness = (struct liveness){.interval_ms = interval_ms};
}

void liveness_add(struct liveness *liveness, struct liveness_entry *entry, uint64_t now_ms) {
    entry->since_ms = now_ms;
    entry->pinged = false;
    append(&liveness->heard, entry);
}

void liveness_remove(struct liveness *liveness, struct liveness_entry *entry) {
    take(queue_of(liveness, entry), entry);
}

void liveness_heard(struct liveness *liveness, struct liveness_entry *entry, uint64_t now_ms) {
    liveness_remove(liveness, entry);
    liveness_add(liveness, entry, now_ms);
}

struct liveness_entry *liveness_next_due(struct liveness *liveness, uint64_t now_ms,
                                         enum liveness_verdict *verdict) {
    struct liveness_entry *entry;
    if (is_due(liveness, &liveness->pinged, now_ms)) {
        entry = liveness->pinged.first;
        take(&liveness->pinged, entry);
        *verdict = LIVENESS_DEAD;
        return entry;
    }
    if (!is_due(liveness, &liveness->heard, now_ms))
        return NULL;
    entry = liveness->heard.first;
    take(&liveness->heard, entry);
    entry->since_ms = now_ms;
    entry->pinged = true;
    append(&liveness->pinged, entry);
    *verdict = LIVENESS_PING;
    return entry;
}

uint64_t liveness_deadline_ms(const struct liveness *liveness) {
    const struct liveness_entry *ping = liveness->heard.first;
    const struct liveness_entry *death = liveness->pinged.first;
    if (ping == NULL && death == NULL)
        return LIVENESS_NO_DEADLINE;
    if (ping == NULL || (death != NULL && death->since_ms < ping->since_ms))
        ping = death;
    return ping->since_ms + liveness->interval_ms;
}
