/* lru.h - in which order things go where one has to make way: the idle before the busy, and of
 * these the one that has been so for longest (least recently used). No I/O, no memory of its own.
 */
#ifndef PARLEY_LRU_H
#define PARLEY_LRU_H

#include "chain.h"

enum lru_use { LRU_IDLE, LRU_BUSY, LRU_USES };

/* A place in the order, part of what it stands for. Zero-initialise it: it is in none then. */
struct lru_entry {
    struct chain *chain; /* of its use */
    struct chain_link link;
};

/* Zero-initialise it. */
struct lru {
    struct chain chains[LRU_USES];
};

/* |entry| begins to be |use|, wherever it was before. */
void lru_put(struct lru *lru, struct lru_entry *entry, enum lru_use use);

/* |entry| is in no order any more. Harmless when repeated. */
void lru_remove(struct lru_entry *entry);

/* Which goes first; NULL: none is there. */
struct lru_entry *lru_oldest(const struct lru *lru);

#endif
