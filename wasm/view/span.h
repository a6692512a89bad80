/* span.h - a piece of a text, and people's names in a sentence: the page sets them off from it. */
#ifndef PARLEY_SPAN_H
#define PARLEY_SPAN_H

#include "buffer.h"

#include <stdint.h>

#define SPAN_NAMES_MAX 2 /* in one sentence */

struct span {
    uint32_t start, end; /* in bytes of the text */
};

/* Takes the isolates around names (name.h) out of |text|, notes where the names stand, and says how
 * many there are. */
uint32_t span_take_names(struct buffer *text, struct span names[SPAN_NAMES_MAX]);

#endif
