/* table.h - a table that grows: items in a row, of which the owner counts those in use. */
#ifndef PARLEY_TABLE_H
#define PARLEY_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_CAPACITY_FIRST 16

/* The table |items|, of |*capacity| places of |item_bytes| each, with place for item |len|, which
 * is at most |*capacity|: the same one, or a greater copy in its place. NULL without memory: then
 * it is as it was. */
void *table_reserve(void *items, uint32_t len, uint32_t *capacity, size_t item_bytes);

#endif
