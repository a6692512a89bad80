/* fold.h - shows only the beginning of a long text until the user opens it, so that no text pushes
 * others' texts off the screen; browsers also limit the height of a list. */
#ifndef PARLEY_FOLD_H
#define PARLEY_FOLD_H

#include "buffer.h"

/* Limits of a folded text, */
#define FOLD_CHARACTERS 800
#define FOLD_LINES 12
/* and of a text that is shown whole: folding away a few more words would be a nuisance. */
#define FOLD_CHARACTERS_MIN 1200
#define FOLD_LINES_MIN 18
/* The same by weight (weight.h). Only texts with very many different characters reach it; a text in
 * a script of 150 syllables does not. */
#define FOLD_WEIGHT 5200
#define FOLD_WEIGHT_MIN 6600

/* How many bytes of |text|, valid UTF-8, are shown: all, or those before the fold. */
size_t fold_end(struct slice text);

#endif
