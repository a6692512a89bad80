#include "fold.h"

#include "unicode.h"
#include "weight.h"

#define WORD_BYTES_MAX 80 /* a fold goes back so far to the end of a word */

/* Where the character begins that is too many for |characters|, |lines| or |weight_max|. */
static size_t end_of(struct slice text, size_t characters, size_t lines, uint32_t weight_max) {
    struct weight weight;
    uint32_t sum = 0;
    weight_begin(&weight);
    for (size_t at = 0, next = 0; at < text.len; at = next) {
        uint32_t character = unicode_next(text, &next);
        sum += weight_of_next(&weight, character);
        if (characters-- == 0 || sum > weight_max || (character == '\n' && --lines == 0))
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
    if (end_of(text, FOLD_CHARACTERS_MIN, FOLD_LINES_MIN, FOLD_WEIGHT_MIN) == text.len)
        return text.len;
    return end_of_word(text, end_of(text, FOLD_CHARACTERS, FOLD_LINES, FOLD_WEIGHT));
}
