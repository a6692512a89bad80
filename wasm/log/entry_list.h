/* entry_list.h - entries in some order: a sorted array of pointers, which it does not own. */
#ifndef PARLEY_ENTRY_LIST_H
#define PARLEY_ENTRY_LIST_H

#include <stdint.h>

struct kept_entry;

/* Zero-initialise; entry_list_deinit frees. */
struct entry_list {
    struct kept_entry **items;
    uint32_t count, capacity;
};

/* Below 0, 0 or above 0: |kept| comes before |sought|, has its place, or comes after it. */
typedef int entry_list_compare(const struct kept_entry *kept, const void *sought);

void entry_list_deinit(struct entry_list *list);

/* The first place, from |first| on, whose entry does not come before |sought|. */
uint32_t entry_list_place(const struct entry_list *list, uint32_t first, const void *sought,
                          entry_list_compare *compare);

/* Makes room for one more entry. PARLEY_ERR_NO_MEMORY. */
int entry_list_reserve(struct entry_list *list);

/* Inserts |kept| at |place|; there is room. Removes what is there. */
void entry_list_insert(struct entry_list *list, uint32_t place, struct kept_entry *kept);
void entry_list_remove(struct entry_list *list, uint32_t place);

#endif
