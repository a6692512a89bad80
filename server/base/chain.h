/* chain.h - a list whose links are part of what hangs in it: it takes no memory of its own, and
 * each operation is O(1) at any length. No I/O.
 */
#ifndef PARLEY_CHAIN_H
#define PARLEY_CHAIN_H

#include <stddef.h>

/* Embedded in what hangs in a chain; it must stay where it is meanwhile. All zero: in none. */
struct chain_link {
    struct chain_link *next, *prev;
};

/* Zero-initialise it. */
struct chain {
    struct chain_link *first, *last;
};

/* The |type| of which |pointer| points to the |member|. */
#define CHAIN_OWNER(pointer, type, member)                                                         \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* |link|, which is in no chain, is the last of |chain| from now on. */
void chain_append(struct chain *chain, struct chain_link *link);

/* |link| must be in |chain|. It is all zero afterwards. */
void chain_remove(struct chain *chain, struct chain_link *link);

#endif
