#include "memory.h"

#include <stdlib.h>
#include <string.h>

#ifdef __EMSCRIPTEN__
/* Emscripten would import this to tell JavaScript; it looks at the memory anew instead. */
void emscripten_notify_memory_growth(size_t memory_index);
void emscripten_notify_memory_growth(size_t memory_index) {
    (void)memory_index;
}
#endif

void *memory_enlarge(void *old, size_t used, size_t bytes) {
    void *greater = malloc(bytes);
    if (!greater)
        return NULL;
    if (used)
        memcpy(greater, old, used);
    free(old);
    return greater;
}
