#include "fold.h"

#define WORD_BYTES_MAX 80 /* a fold goes back so far to the end of a word */

/* Where the character after |characters| characters or |lines| lines begins. */
static size_t end_of(struct slice text, size_t characters, size_t lines) {
    for (size_t at = 0; at < text.len; at++) {
        bool begins = ((unsigned char)text.bytes[at] & 0xC0) != 0x80;
        if (begins && characters-- == 0)
            return at;
        if (text.bytes[at] == '\n' && --lines == 0)
            return at;
    }
    return text.len;
}

static size_t end_of_word(struct slice text, size_t end) {
    for (size_t at = end; at > 0 && end - at < WORD_BYTES_MAX; at--)
        if (text.bytes[at] == ' ' || text.bytes[at] == '\n')
            return at;
    return end;
}

size_t fold_end(struct slice text) {
    if (end_of(text, FOLD_CHARACTERS_MIN, FOLD_LINES_MIN) == text.len)
        return text.len;
    return end_of_word(text, end_of(text, FOLD_CHARACTERS, FOLD_LINES));
}
