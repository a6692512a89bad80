/* chain.h - a list whose links are embedded in its entries: it allocates no memory, and each
 * operation is O(1). No I/O.
 */
#ifndef PARLEY_CHAIN_H
#define PARLEY_CHAIN_H

#include <stddef.h>

/* Embedded in an entry, which must stay where it is while it is in a chain. All zero: in none. */
struct chain_link {
    struct chain_link *next, *prev;
};

/* Zero-initialise it. */
struct chain {
    struct chain_link *first, *last;
};

/* The |type| whose |member| |pointer| points to. */
#define CHAIN_OWNER(pointer, type, member)                                                         \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Appends |link|, which is in no chain, to |chain|. */
void chain_append(struct chain *chain, struct chain_link *link);

/* Removes |link|, which is in |chain|. It is all zero afterwards. */
void chain_remove(struct chain *chain, struct chain_link *link);

#endif
