/* weight.h - how long a browser takes to lay out a text, in plain letters.
 *
 * A browser looks for a character that it has not drawn yet in one font after the other, and reads
 * its outline there; the plain letters it knows. Measured, a character of a rare script or plane
 * takes 70 to 100 us then, an ideograph 35 to 100. So a character that comes for the first time in
 * its text counts as more than one.
 *
 * A known letter takes 2 to 4 us, and up to 30 where script, direction or font change at it, or
 * where lines break by a dictionary: Chromium takes 20 where Latin and Hebrew alternate and 25 for
 * N'Ko or Adlam, Firefox 25 for Thai, Burmese, Khmer and emoji. A letter that is not plain is taken
 * for such a one. So a unit comes to 8 us at most.
 */
#ifndef PARLEY_WEIGHT_H
#define PARLEY_WEIGHT_H

#include "buffer.h"

#include <stdint.h>

#define WEIGHT_RARE 16   /* of the first of each other character, */
#define WEIGHT_SHARED 10 /* and of each ideograph, kana or syllable that one font has for all; */
#define WEIGHT_FOREIGN 4 /* of one that came before and is neither among these nor Latin */

#define WEIGHT_PLANES                                                                              \
    4u /* those above hold nothing that a font has: each of theirs is another one */

/* The characters that came. Most texts have those of few blocks of 256: of the others nothing is
 * read or written. */
struct weight {
    uint8_t blocks[(WEIGHT_PLANES << 8) / 8]; /* bits: one of its characters came */
    uint8_t seen[(WEIGHT_PLANES << 16) / 8];  /* bits, valid in |blocks| */
};

/* Begins a text. */
void weight_begin(struct weight *weight);

/* The weight of the next character of a text. */
uint32_t weight_of_next(struct weight *weight, uint32_t character);

/* The weight of |text|, valid UTF-8. */
uint32_t weight_of(struct slice text);

#endif
