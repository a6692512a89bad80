#include "liveness.h"

#include <stddef.h>

static void add(struct liveness *liveness, struct liveness_entry *entry, bool pinged,
                uint64_t now_ms) {
    entry->pinged = pinged;
    due_queue_add(pinged ? &liveness->pinged : &liveness->heard, &entry->due,
                  now_ms + liveness->interval_ms);
}

/* |due| is its first member. */
static struct liveness_entry *entry_of(struct due_entry *due) {
    return (struct liveness_entry *)due;
}

void liveness_init(struct liveness *liveness, uint64_t interval_ms) {
    *liveness = (struct liveness){.interval_ms = interval_ms};
}

void liveness_add(struct liveness *liveness, struct liveness_entry *entry, uint64_t now_ms) {
    add(liveness, entry, false, now_ms);
}

void liveness_remove(struct liveness *liveness, struct liveness_entry *entry) {
    due_queue_remove(entry->pinged ? &liveness->pinged : &liveness->heard, &entry->due);
}

void liveness_heard(struct liveness *liveness, struct liveness_entry *entry, uint64_t now_ms) {
    liveness_remove(liveness, entry);
    liveness_add(liveness, entry, now_ms);
}

struct liveness_entry *liveness_next_due(struct liveness *liveness, uint64_t now_ms,
                                         enum liveness_verdict *verdict) {
    struct liveness_entry *entry = entry_of(due_queue_next(&liveness->pinged, now_ms));
    *verdict = LIVENESS_DEAD;
    if (entry != NULL)
        return entry;
    entry = entry_of(due_queue_next(&liveness->heard, now_ms));
    *verdict = LIVENESS_PING;
    if (entry != NULL)
        add(liveness, entry, true, now_ms);
    return entry;
}

uint64_t liveness_deadline_ms(const struct liveness *liveness) {
    uint64_t ping_ms = due_queue_deadline_ms(&liveness->heard);
    uint64_t death_ms = due_queue_deadline_ms(&liveness->pinged);
    return ping_ms < death_ms ? ping_ms : death_ms;
}
