#include "liveness.h"

#include <stddef.h>

/* The queue that it is in. If it is at no end of one, either will do: only neighbours change. */
static struct deadline_queue *queue_of(struct liveness *liveness,
                                       const struct liveness_entry *entry) {
    const struct chain *pinged = &liveness->pinged.waiting;
    bool at_end = pinged->first == &entry->due.link || pinged->last == &entry->due.link;
    return at_end ? &liveness->pinged : &liveness->heard;
}

/* |due| is its first member. */
static struct liveness_entry *entry_of(struct deadline_entry *due) {
    return (struct liveness_entry *)due;
}

void liveness_init(struct liveness *liveness, uint64_t interval_ms) {
    *liveness = (struct liveness){.interval_ms = interval_ms};
}

void liveness_add(struct liveness *liveness, struct liveness_entry *entry, uint64_t now_ms) {
    deadline_queue_add(&liveness->heard, &entry->due, now_ms + liveness->interval_ms);
}

void liveness_remove(struct liveness *liveness, struct liveness_entry *entry) {
    deadline_queue_remove(queue_of(liveness, entry), &entry->due);
}

void liveness_heard(struct liveness *liveness, struct liveness_entry *entry, uint64_t now_ms) {
    liveness_remove(liveness, entry);
    liveness_add(liveness, entry, now_ms);
}

struct liveness_entry *liveness_next_due(struct liveness *liveness, uint64_t now_ms,
                                         enum liveness_verdict *verdict) {
    struct liveness_entry *entry = entry_of(deadline_queue_next(&liveness->pinged, now_ms));
    *verdict = LIVENESS_DEAD;
    if (entry != NULL)
        return entry;
    entry = entry_of(deadline_queue_next(&liveness->heard, now_ms));
    *verdict = LIVENESS_PING;
    if (entry != NULL)
        deadline_queue_add(&liveness->pinged, &entry->due, now_ms + liveness->interval_ms);
    return entry;
}

uint64_t liveness_deadline_ms(const struct liveness *liveness) {
    uint64_t ping_ms = deadline_queue_deadline_ms(&liveness->heard);
    uint64_t death_ms = deadline_queue_deadline_ms(&liveness->pinged);
    return deadline_earlier(ping_ms, death_ms);
}
