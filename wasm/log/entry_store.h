/* entry_store.h - the entries of a room within its limits, and what they say about their authors.
 *
 * The limits: ENTRY_STORE_ENTRIES_MAX entries or ENTRY_STORE_BYTES_MAX in a room,
 * ENTRY_AUTHOR_ENTRIES_MAX or 2 MiB of an author. The oldest go first. Two pages that have got the
 * same entries, in whatever order, hold the same ones:
 *
 *   - An author's entry is kept while their newer entries weigh at most ENTRY_AUTHOR_WEIGHT.
 *   - An entry is kept while all newer entries that are kept weigh at most ENTRY_STORE_WEIGHT. An
 *     author who is full among them counts as if they had exactly ENTRY_AUTHOR_ENTRIES_MAX of
 *     ENTRY_WEIGHT_MIN, however much the last one that fit takes.
 *
 * Both sums grow only when entries come. They depend neither on the size of the entry in question
 * nor on anything that was dropped: where an author's entry was dropped, the newer ones weigh more
 * than the limit, and are enough to refuse it when it comes again. So pages need not tell each
 * other from where on they keep entries, and a liar has nothing to say about it. A member can only
 * write so much that the oldest go; ledger.h limits how fast.
 *
 * A page that joins gets what the others hold. If the store is full, there may have been more.
 */
#ifndef PARLEY_ENTRY_STORE_H
#define PARLEY_ENTRY_STORE_H

#include "entry_authors.h"
#include "entry_set.h"

#define ENTRY_STORE_ENTRIES_MAX 10000
#define ENTRY_STORE_BYTES_MAX (8u << 20)
#define ENTRY_STORE_WEIGHT ((ENTRY_STORE_ENTRIES_MAX - 1) * ENTRY_WEIGHT_MIN)

/* The last entry that fits, and the last one of each author who is full, may go beyond. */
_Static_assert(ENTRY_STORE_WEIGHT +
                       (1 + ENTRY_STORE_ENTRIES_MAX / ENTRY_AUTHOR_ENTRIES_MAX) * ENTRY_BYTES_MAX <=
                   ENTRY_STORE_BYTES_MAX,
               "the bytes of a room");

/* What an entry and others together prove. It depends only on the entries that are held, so all
 * pages that hold the same say the same. */
enum entry_mark {
    /* its author said something else under the same number */
    ENTRY_MARK_CONTRADICTED = 1,
    /* it is not the next of its run, or not later than what it names */
    ENTRY_MARK_UNCHAINED = 2
};

/* Zero-initialise; entry_store_deinit frees. */
struct entry_store {
    struct entry_set set;
    struct entry_authors authors;
};

void entry_store_deinit(struct entry_store *store);

/* True if an entry with |key| of |author| would be dropped at once. */
bool entry_store_refuses(const struct entry_store *store, const struct sign_public_key *author,
                         const struct entry_key *key);

/* True if one more entry of |author| makes another one go. */
bool entry_store_is_crowded(const struct entry_store *store, const struct sign_public_key *author);

/* Adds a copy of |entry|, which must not be refused, and sets |place|. Afterwards the limits may be
 * exceeded: remove entry_store_excess until there is none. Errors as entry_set_add. */
int entry_store_add(struct entry_store *store, const struct entry *entry, const struct entry_id *id,
                    uint32_t *place);

/* An entry that has to go, now that there is one more of |author|; or NULL. */
const struct kept_entry *entry_store_excess(const struct entry_store *store,
                                            const struct sign_public_key *author);

/* Removes the entry at |place|. */
void entry_store_remove(struct entry_store *store, uint32_t place);

/* The marks of |kept|: enum entry_mark. */
uint8_t entry_store_marks(const struct entry_store *store, const struct kept_entry *kept);

/* Calls |visit| for the entries whose marks may have changed since |entry|, whose id is |id|, came
 * or went. It adds and removes nothing. */
typedef void entry_store_visitor(void *context, struct kept_entry *related);
void entry_store_visit_related(const struct entry_store *store, const struct entry *entry,
                               const struct entry_id *id, entry_store_visitor *visit,
                               void *context);

#endif
