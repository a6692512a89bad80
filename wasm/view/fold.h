/* fold.h - long texts show their beginning until somebody asks for all of them: no text may take
 * the screen away from what others said, and a browser's lists end at some height. */
#ifndef PARLEY_FOLD_H
#define PARLEY_FOLD_H

#include "buffer.h"

/* What a folded text shows, */
#define FOLD_CHARACTERS 800
#define FOLD_LINES 12
/* and what one may have that is shown whole: a fold for a few more words would be a nuisance. */
#define FOLD_CHARACTERS_MIN 1200
#define FOLD_LINES_MIN 18
/* The same by weight (weight.h), which only texts of very many different characters reach: one in a
 * script of 150 syllables does not. */
#define FOLD_WEIGHT 5200
#define FOLD_WEIGHT_MIN 6600

/* The bytes of |text|, valid UTF-8, that are shown of it: all, or those where it is folded. */
size_t fold_end(struct slice text);

#endif
