/* cjson_numbers.h - included before cJSON.c in the WASM build. Our messages hold only integers
 * (json.c refuses others), and libc's strtod with floating point is large. We never print with
 * cJSON, and only its printing needs realloc (see memory.h).
 */
#ifndef PARLEY_CJSON_NUMBERS_H
#define PARLEY_CJSON_NUMBERS_H

#include <stdlib.h>

/* strtod for digits. */
static inline double cjson_strtod(const char *text, char **end) {
    const char *at = text;
    int negative = *at == '-';
    double value = 0;
    for (at += negative; *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (*at - '0');
    *end = (char *)(at - text > negative ? at : text);
    return negative ? -value : value;
}

#define strtod cjson_strtod
#define realloc NULL

#endif
