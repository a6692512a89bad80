#include "fold.h"

#include "peer_message.h"
#include "unicode.h"
#include "weight.h"

#define WORD_BYTES_MAX 80 /* a fold goes back so far to the end of a word, or of a grapheme */
#define JOINER 0x200Du

_Static_assert(FOLD_CHARACTERS < FOLD_CHARACTERS_MIN && FOLD_LINES < FOLD_LINES_MIN &&
                   FOLD_WEIGHT < FOLD_WEIGHT_MIN,
               "a fold hides something");
_Static_assert(FOLD_CHARACTERS_MIN < PEER_TEXT_CHARACTERS_MAX, "some texts are folded");

/* A character as people see it, as far as marks, joined emoji and flags go (UAX 29, 3.1). */
struct grapheme {
    size_t start;
    uint32_t last;
    bool half_flag;
};

static void grapheme_add(struct grapheme *grapheme, size_t at, uint32_t character) {
    bool is_flag_letter = character >= 0x1F1E6 && character <= 0x1F1FF;
    bool completes = is_flag_letter && grapheme->half_flag;
    if (!completes && !unicode_extends(character) && grapheme->last != JOINER)
        grapheme->start = at;
    grapheme->half_flag = is_flag_letter && !completes;
    grapheme->last = character;
}

/* The start of the first grapheme that exceeds |characters|, |lines| or |weight_max|. */
static size_t end_of(struct slice text, size_t characters, size_t lines, uint32_t weight_max) {
    struct weight weight;
    struct grapheme grapheme = {0};
    uint32_t sum = 0;
    weight_begin(&weight);
    for (size_t at = 0, next = 0; at < text.len; at = next) {
        uint32_t character = unicode_next(text, &next);
        sum += weight_of_next(&weight, character);
        grapheme_add(&grapheme, at, character);
        if (characters-- == 0 || sum > weight_max || (character == '\n' && --lines == 0))
            return at - grapheme.start < WORD_BYTES_MAX ? grapheme.start : at;
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
