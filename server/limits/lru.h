/* lru.h - the order in which entries are evicted: idle ones before busy ones, and among these the
 * one that has been so for longest (least recently used). No I/O, no memory of its own.
 */
#ifndef PARLEY_LRU_H
#define PARLEY_LRU_H

#include "chain.h"

enum lru_use { LRU_IDLE, LRU_BUSY, LRU_USES };

/* A place in the order, embedded in what it stands for. Zero-initialised it is in no order. */
struct lru_entry {
    struct chain *chain; /* of its use */
    struct chain_link link;
};

/* Zero-initialise it. */
struct lru {
    struct chain chains[LRU_USES];
};

/* |entry| is in |use| from now on, wherever it was before. */
void lru_put(struct lru *lru, struct lru_entry *entry, enum lru_use use);

/* Removes |entry| from its order. Harmless when repeated. */
void lru_remove(struct lru_entry *entry);

/* The entry to evict first; NULL: there is none. */
struct lru_entry *lru_oldest(const struct lru *lru);

#endif
