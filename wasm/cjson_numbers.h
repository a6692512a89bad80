/* cjson_numbers.h - put before cJSON.c in the WASM build: our messages hold integers only (json.c
 * refuses others), and libc's number code, floating point and all, is 20 KB of a 60 KB page.
 */
#ifndef PARLEY_CJSON_NUMBERS_H
#define PARLEY_CJSON_NUMBERS_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Writes |number| in |base|, padded with zeros to |digits_min|; returns the length. */
static inline int cjson_put_integer(char *out, unsigned long long number, unsigned base,
                                    int digits_min) {
    char reversed[24];
    int len = 0;
    for (; number || len < digits_min; number /= base)
        reversed[len++] = "0123456789abcdef"[number % base];
    for (int i = 0; i < len; i++)
        out[i] = reversed[len - 1 - i];
    out[len] = '\0';
    return len;
}

/* The three formats that cJSON prints values with: "%1.15g" and "%1.17g", "u%04x", and plain. */
static inline int cjson_sprintf(char *out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = (int)strlen(format);
    if (format[0] == '%' && format[len - 1] == 'g') {
        double number = va_arg(arguments, double);
        int sign = number < 0;
        out[0] = '-';
        len = sign +
              cjson_put_integer(out + sign, (unsigned long long)(sign ? -number : number), 10, 1);
    } else if (format[0] == 'u') {
        out[0] = 'u';
        len = 1 + cjson_put_integer(out + 1, va_arg(arguments, unsigned), 16, 4);
    } else {
        memcpy(out, format, (size_t)len + 1);
    }
    va_end(arguments);
    return len;
}

#define strtod cjson_strtod
#define sprintf cjson_sprintf
#define sscanf(text, format, target) ((void)(target), 0)

#endif
