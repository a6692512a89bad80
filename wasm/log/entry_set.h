/* entry_set.h - the entries of a room that this page holds, each once, in the order in which
 * everybody shows them (wire/entry.h).
 *
 * It does not check entries: the caller must have verified them.
 */
#ifndef PARLEY_ENTRY_SET_H
#define PARLEY_ENTRY_SET_H

#include "entry.h"
#include "sync.h"

#include <stdint.h>

#define ENTRY_SET_ENTRIES_MAX 10000
#define ENTRY_SET_BYTES_MAX (8u << 20) /* all entries as they are written */

/* An entry in the set. */
struct kept_entry {
    struct entry entry;
    struct entry_id id;
    struct entry_key key;
    char body[];
};

/* Zero-initialise; entry_set_deinit frees. */
struct entry_set {
    struct kept_entry **entries; /* in order */
    uint32_t count, capacity;
    size_t bytes; /* of all, as they are written */
};

void entry_set_deinit(struct entry_set *set);

/* Adds a copy of |entry|, and sets |at| to its place in the order.
 * PARLEY_ERR_STATE: the set has it already. PARLEY_ERR_FULL: it would exceed a limit above.
 * PARLEY_ERR_NO_MEMORY. */
int entry_set_add(struct entry_set *set, const struct entry *entry, uint32_t *at);

/* The first place, from |first| on, whose entry is not before |end|. */
uint32_t entry_set_place(const struct entry_set *set, uint32_t first, const struct sync_end *end);

/* The fingerprint of the entries from |first| up to |end| (wire/sync.h). */
struct sync_fingerprint entry_set_fingerprint(const struct entry_set *set, uint32_t first,
                                              uint32_t end);

#endif
