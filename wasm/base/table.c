#include "table.h"

#include "error.h"
#include "memory.h"

void *table_reserve(void *items, uint32_t len, uint32_t *capacity, size_t item_bytes) {
    if (len < *capacity)
        return items;
    uint32_t greater = *capacity ? 2 * *capacity : TABLE_CAPACITY_FIRST;
    PARLEY_CHECK(greater > *capacity);
    void *copy = memory_enlarge(items, len * item_bytes, greater * item_bytes);
    if (copy)
        *capacity = greater;
    return copy;
}
