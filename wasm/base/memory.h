/* memory.h - a larger block of memory in place of a full one. realloc could do it, but would be a
 * hundredth of the page's code. */
#ifndef PARLEY_MEMORY_H
#define PARLEY_MEMORY_H

#include <stddef.h>

/* Returns a block of |bytes| with the first |used| bytes of |old|, which is freed and may be NULL.
 * NULL: no memory; |old| is as it was. */
void *memory_enlarge(void *old, size_t used, size_t bytes);

#endif
