#include "lru.h"

#include <stddef.h>

void lru_remove(struct lru_entry *entry) {
    struct lru_list *list = entry->list;
    if (list == NULL)
        return;
    *(entry->prev == NULL ? &list->first : &entry->prev->next) = entry->next;
    *(entry->next == NULL ? &list->last : &entry->next->prev) = entry->prev;
    *entry = (struct lru_entry){0};
}

void lru_put(struct lru *lru, struct lru_entry *entry, enum lru_use use) {
    struct lru_list *list = &lru->lists[use];
    lru_remove(entry);
    *entry = (struct lru_entry){.list = list, .prev = list->last};
    *(list->last == NULL ? &list->first : &list->last->next) = entry;
    list->last = entry;
}

struct lru_entry *lru_oldest(const struct lru *lru) {
    struct lru_entry *idle = lru->lists[LRU_IDLE].first;
    return idle != NULL ? idle : lru->lists[LRU_BUSY].first;
}
