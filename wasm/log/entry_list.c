#include "entry_list.h"

#include "error.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

void entry_list_deinit(struct entry_list *list) {
    free(list->items);
    *list = (struct entry_list){0};
}

uint32_t entry_list_place(const struct entry_list *list, uint32_t first, const void *sought,
                          entry_list_compare *compare) {
    uint32_t low = first, high = list->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(list->items[middle], sought) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int entry_list_reserve(struct entry_list *list) {
    struct kept_entry **items =
        table_reserve(list->items, list->count, &list->capacity, sizeof(struct kept_entry *));
    if (items == NULL)
        return PARLEY_ERR_NO_MEMORY;
    list->items = items;
    return PARLEY_OK;
}

void entry_list_insert(struct entry_list *list, uint32_t place, struct kept_entry *kept) {
    PARLEY_CHECK(list->count < list->capacity && place <= list->count);
    struct kept_entry **at = list->items + place;
    memmove(at + 1, at, (list->count - place) * sizeof(struct kept_entry *));
    *at = kept;
    list->count++;
}

void entry_list_remove(struct entry_list *list, uint32_t place) {
    PARLEY_CHECK(place < list->count);
    struct kept_entry **at = list->items + place;
    list->count--;
    memmove(at, at + 1, (list->count - place) * sizeof(struct kept_entry *));
}
