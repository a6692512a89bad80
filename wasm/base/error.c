#include "error.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned failed_at;

#ifdef __EMSCRIPTEN__
_Noreturn void error_trap(unsigned place) {
    failed_at = place;
    __builtin_trap();
}
#else
_Noreturn void error_trap(const char *file, unsigned line, const char *condition) {
    fprintf(stderr, "%s:%u: %s\n", file, line, condition);
    abort();
}
#endif

unsigned error_place(void) {
    return failed_at;
}
