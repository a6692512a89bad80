/* entry_authors.h - the authors of the entries that a set holds: each with the chain of each of
 * their pages, and with the room that they take.
 *
 * An entry counts with its weight: its size in bytes, at least ENTRY_WEIGHT_MIN. So one number
 * limits both entries and bytes.
 */
#ifndef PARLEY_ENTRY_AUTHORS_H
#define PARLEY_ENTRY_AUTHORS_H

#include "entry_set.h"

#define ENTRY_WEIGHT_MIN 820
#define ENTRY_AUTHOR_ENTRIES_MAX 2000

/* An author whose entries weigh more than this is full: older ones are refused. */
#define ENTRY_AUTHOR_WEIGHT ((ENTRY_AUTHOR_ENTRIES_MAX - 1) * ENTRY_WEIGHT_MIN)

_Static_assert(ENTRY_AUTHOR_WEIGHT + ENTRY_BYTES_MAX <= 2u << 20, "an author's share in bytes");

struct entry_author {
    struct sign_public_key key;
    struct entry_list by_number;     /* by run, then by sequence, then by place in the order */
    const struct kept_entry *oldest; /* by place in the order */
    uint32_t weight;                 /* of all */
};

/* Zero-initialise; entry_authors_deinit frees. */
struct entry_authors {
    struct entry_author **items; /* by key */
    uint32_t count, capacity;
    uint32_t weight; /* of all authors, a full one counted as ENTRY_AUTHOR_ENTRIES_MAX entries */
};

void entry_authors_deinit(struct entry_authors *authors);

/* The author of that key, or NULL: the set has none of their entries. */
struct entry_author *entry_authors_find(const struct entry_authors *authors,
                                        const struct sign_public_key *key);

uint32_t entry_weight(const struct entry *entry);

/* True if older entries of |author|, who may be NULL, are refused; and if the oldest one has to
 * go. */
bool entry_author_is_full(const struct entry_author *author);
bool entry_author_has_excess(const struct entry_author *author);

/* |kept| was added to the set, or is about to be removed. PARLEY_ERR_NO_MEMORY: not noted. */
int entry_authors_add(struct entry_authors *authors, struct kept_entry *kept);
void entry_authors_remove(struct entry_authors *authors, const struct kept_entry *kept);

/* The weight of all if |author|'s were |weight| instead of what it is. */
uint32_t entry_authors_weight_with(const struct entry_authors *authors,
                                   const struct entry_author *author, uint32_t weight);

/* The entries of |author| with the number |sequence| in the run of |kept|: the first of them, and
 * how many there are. More than one: the author contradicts themself. */
struct kept_entry *const *entry_author_numbered(const struct entry_author *author,
                                                const struct entry_run *run, uint32_t sequence,
                                                uint32_t *count);

#endif
