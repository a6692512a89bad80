/* memory.h - a greater piece of memory in place of one that is full. realloc would do it, but its
 * code is a hundredth of the page's. */
#ifndef PARLEY_MEMORY_H
#define PARLEY_MEMORY_H

#include <stddef.h>

/* A piece of |bytes|, with the first |used| bytes of |old|, which is freed and may be NULL. NULL
 * without memory: then |old| is as it was. */
void *memory_enlarge(void *old, size_t used, size_t bytes);

#endif
