/* entry_set.h - the entries of a room that this page holds, each once, in the order in which
 * everybody shows them (wire/entry.h). They are also found by id.
 *
 * It does not check entries: the caller must have verified them. Nor does it limit them:
 * entry_store.h does.
 */
#ifndef PARLEY_ENTRY_SET_H
#define PARLEY_ENTRY_SET_H

#include "entry.h"
#include "entry_list.h"
#include "sync.h"

#include <stdbool.h>
#include <stdint.h>

/* An entry in the set. The sets of members have the bit 1 << N for the member in place N of
 * replication.h. */
struct kept_entry {
    struct entry entry;
    struct entry_id id;
    struct entry_key key;
    uint8_t marks;    /* as they were last told (entry_store.h) */
    uint64_t holders; /* the members known to hold it, */
    uint64_t told;    /* and of one's own, those of whom that was told (ledger.h), */
    uint64_t wanted;  /* those to whom it is to be sent, */
    uint64_t given;   /* to whom it was sent, */
    uint64_t owed;    /* and who are owed a receipt */
    char body[];
};

/* Zero-initialise; entry_set_deinit frees. */
struct entry_set {
    struct entry_list order;
    struct entry_list by_id;
    struct entry_list by_previous; /* by the id of the entry before in their run */
    struct entry_list by_seen;     /* by the id of what their author had seen */
    bool refuses_older;            /* entries that would come before the first are not wanted */
};

void entry_set_deinit(struct entry_set *set);

/* Adds a copy of |entry|, whose id is |id|, and sets |place| to its place in the order.
 * PARLEY_ERR_STATE: the set has it already. PARLEY_ERR_NO_MEMORY. */
int entry_set_add(struct entry_set *set, const struct entry *entry, const struct entry_id *id,
                  uint32_t *place);

/* Removes and frees the entry at |place|. */
void entry_set_remove(struct entry_set *set, uint32_t place);

/* The entry whose id begins with these ENTRY_SHORT_ID_BYTES, or NULL. */
struct kept_entry *entry_set_find(const struct entry_set *set, const uint8_t *short_id);

/* The place of |kept|, which is in the set, in the order. */
uint32_t entry_set_place_of(const struct entry_set *set, const struct kept_entry *kept);

/* The first place in by_previous, or in by_seen, of an entry that names |id|. */
uint32_t entry_set_previous_place(const struct entry_set *set, const struct entry_id *id);
uint32_t entry_set_seen_place(const struct entry_set *set, const struct entry_id *id);

/* The first place, from |first| on, whose entry is not before |end|. */
uint32_t entry_set_place(const struct entry_set *set, uint32_t first, const struct sync_end *end);

/* The fingerprint of the entries from |first| up to |end| (wire/sync.h). */
struct sync_fingerprint entry_set_fingerprint(const struct entry_set *set, uint32_t first,
                                              uint32_t end);

#endif
