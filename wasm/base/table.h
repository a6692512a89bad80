/* table.h - a growing array; its owner counts the items in use. */
#ifndef PARLEY_TABLE_H
#define PARLEY_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_CAPACITY_FIRST 16

/* Returns the table |items|, of |*capacity| places of |item_bytes| each, with a place for item
 * |len|, which is at most |*capacity|: the same table, or a larger copy that replaces it. NULL: no
 * memory; the table is as it was. */
void *table_reserve(void *items, uint32_t len, uint32_t *capacity, size_t item_bytes);

#endif
