#include "lru.h"

void lru_remove(struct lru_entry *entry) {
    if (entry->chain != NULL)
        chain_remove(entry->chain, &entry->link);
    entry->chain = NULL;
}

void lru_put(struct lru *lru, struct lru_entry *entry, enum lru_use use) {
    lru_remove(entry);
    entry->chain = &lru->chains[use];
    chain_append(entry->chain, &entry->link);
}

struct lru_entry *lru_oldest(const struct lru *lru) {
    struct chain_link *idle = lru->chains[LRU_IDLE].first;
    struct chain_link *oldest = idle != NULL ? idle : lru->chains[LRU_BUSY].first;
    return oldest == NULL ? NULL : CHAIN_OWNER(oldest, struct lru_entry, link);
}
