#include "memory.h"

#include <stdlib.h>
#include <string.h>

void *memory_enlarge(void *old, size_t used, size_t bytes) {
    void *greater = malloc(bytes);
    if (!greater)
        return NULL;
    if (used)
        memcpy(greater, old, used);
    free(old);
    return greater;
}
