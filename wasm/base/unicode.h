/* unicode.h - characters: reads and writes them as UTF-8, and classifies them.
 *
 * A character here is a Unicode code point. tools/unicode-table.mjs takes the classes from the
 * Unicode character database; ASCII has none.
 */
#ifndef PARLEY_UNICODE_H
#define PARLEY_UNICODE_H

#include "buffer.h"

#include <stdint.h>

#define UNICODE_INVALID UINT32_MAX /* no character */

/* If a character belongs to several classes, the first counts. */
enum unicode_class {
    UNICODE_OTHER,
    UNICODE_IGNORABLE, /* Default_Ignorable_Code_Point: draws nothing, joiners and selectors too */
    UNICODE_VIRAMA,    /* a mark of combining class 9, which joins consonants */
    UNICODE_MARK, /* any other that attaches to the one before: M, Grapheme_Extend, skin tones */
    UNICODE_TERMINAL, /* Terminal_Punctuation, Sentence_Terminal, and quotes (Pi, Pf) */
    UNICODE_OPENING,  /* a bracket that opens (Ps), */
    UNICODE_CLOSING,  /* or closes (Pe) */
};

struct unicode_range {
    uint32_t first, last;
};

/* True when one of |count| |ranges| contains |character|. */
bool unicode_in_ranges(const struct unicode_range *ranges, size_t count, uint32_t character);
#define UNICODE_IN(ranges, character)                                                              \
    unicode_in_ranges(ranges, sizeof(ranges) / sizeof *(ranges), character)

/* Takes the character at |*at|, which is below |text|'s length, and moves on.
 * UNICODE_INVALID, and |*at| stays, where the bytes are not UTF-8 (RFC 3629): an overlong form, a
 * surrogate, above U+10FFFF, or cut short. */
uint32_t unicode_next(struct slice text, size_t *at);

/* Appends |character| to |out|. PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s. */
int unicode_append(struct buffer *out, uint32_t character);

enum unicode_class unicode_class_of(uint32_t character);

/* White_Space of the Unicode character database. */
bool unicode_is_space(uint32_t character);

/* True when |character| draws nothing on its own. */
bool unicode_is_invisible(uint32_t character);

/* True when |character| attaches to the previous one: a mark, or one that draws nothing. */
bool unicode_extends(uint32_t character);

/* Extended_Pictographic, as far as emoji go, and some arrows and stars beside them. */
bool unicode_is_pictograph(uint32_t character);

#endif
