#include "weight.h"

#include "unicode.h"

#define PLAIN_END 0x0250u /* Latin letters are in the font of the page */

static bool comes_first(struct weight *weight, uint32_t character) {
    if (character >= WEIGHT_PLANES << 16)
        return true;
    uint8_t *byte = &weight->seen[character / 8], bit = (uint8_t)(1u << character % 8);
    bool first = !(*byte & bit);
    *byte |= bit;
    return first;
}

uint32_t weight_of_next(struct weight *weight, uint32_t character) {
    static const struct unicode_range in_one_font[] = {
        {0x3040, 0x30FF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}};
    if (character < PLAIN_END || !comes_first(weight, character))
        return 1;
    return UNICODE_IN(in_one_font, character) ? WEIGHT_SHARED : WEIGHT_RARE;
}

uint32_t weight_of(struct slice text) {
    struct weight weight = {0};
    uint32_t sum = 0;
    for (size_t at = 0; at < text.len;)
        sum += weight_of_next(&weight, unicode_next(text, &at));
    return sum;
}
