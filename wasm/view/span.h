/* span.h - a range of a text, such as a person's name in a sentence, which the page highlights. */
#ifndef PARLEY_SPAN_H
#define PARLEY_SPAN_H

#include "buffer.h"

#include <stdint.h>

#define SPAN_NAMES_MAX 2 /* in one sentence */

struct span {
    uint32_t start, end; /* in bytes of the text */
};

/* Removes the isolates around names (name.h) from |text|, sets the names' ranges, and returns their
 * number. */
uint32_t span_take_names(struct buffer *text, struct span names[SPAN_NAMES_MAX]);

#endif
