/* weight.h - estimates how long a browser takes to lay out a text, in units of plain letters.
 *
 * A browser looks up a character that it has not drawn yet in one font after the other, and reads
 * its outline; it knows the plain letters. Measured, that takes 70 to 100 us for a character of a
 * rare script or plane, and 35 to 100 us for an ideograph. So the first occurrence of a character
 * in a text counts as more than one.
 *
 * A known letter takes 2 to 4 us, and up to 30 if the script, direction or font changes at it, or
 * if lines break by a dictionary: Chromium takes 20 if Latin and Hebrew alternate and 25 for N'Ko
 * or Adlam, Firefox 25 for Thai, Burmese, Khmer and emoji. Every letter that is not plain counts as
 * such a one. So a unit is at most 8 us.
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

/* The characters seen so far. Most texts use few blocks of 256; the bits of the others are never
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
