/* early_entries.h - entries from the future, until the room's time reaches them. They are neither
 * shown nor passed on. They were verified.
 *
 * Little is kept: EARLY_ENTRIES_MAX, EARLY_AUTHOR_MAX of an author. Of too many, the furthest in
 * the future go; they come again when members reconcile.
 */
#ifndef PARLEY_EARLY_ENTRIES_H
#define PARLEY_EARLY_ENTRIES_H

#include "entry.h"

#define EARLY_ENTRIES_MAX 64
#define EARLY_AUTHOR_MAX 8

struct early_entry {
    struct entry entry;
    struct entry_id id;
    char body[];
};

/* Zero-initialise; early_entries_deinit frees. */
struct early_entries {
    struct early_entry *items[EARLY_ENTRIES_MAX]; /* by time */
    uint32_t count;
};

void early_entries_deinit(struct early_entries *early);

bool early_entries_has(const struct early_entries *early, const struct entry_id *id);

/* Keeps a copy of |entry|, which is not kept yet. PARLEY_ERR_FULL: there are too many with earlier
 * times. PARLEY_ERR_NO_MEMORY. */
int early_entries_add(struct early_entries *early, const struct entry *entry,
                      const struct entry_id *id);

/* The entry with the earliest time, or NULL; and forgets it. */
const struct early_entry *early_entries_first(const struct early_entries *early);
void early_entries_drop_first(struct early_entries *early);

#endif
