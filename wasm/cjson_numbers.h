/* cjson_numbers.h - put before cJSON.c in the WASM build: our messages hold integers only, and
 * cJSON's own number code drags in floating-point printf and strtod: 20 KB of a 60 KB page.
 */
#ifndef PARLEY_CJSON_NUMBERS_H
#define PARLEY_CJSON_NUMBERS_H

#include <stdio.h>
#include <stdlib.h>

/* Reads digits only; json.c refused fractions and exponents before. */
static inline double cjson_strtod(const char *text, char **end) {
    const char *at = text;
    int negative = *at == '-';
    double value = 0;
    for (at += negative; *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (*at - '0');
    *end = (char *)(at - text > negative ? at : text);
    return negative ? -value : value;
}

/* musl's printf without floating point; the formats with %g are never reached by integers. */
int siprintf(char *out, const char *format, ...);

#define strtod cjson_strtod
#define sprintf siprintf
#define sscanf(text, format, target) ((void)(target), 0)

#endif
