#include "weight.h"

#include "unicode.h"

#include <string.h>

#define PLAIN_END 0x0250u /* Latin letters are in the font of the page */

#define BLOCK_BYTES (256 / 8)

void weight_begin(struct weight *weight) {
    memset(weight->blocks, 0, sizeof weight->blocks);
}

/* True: it was not set. */
static bool set(uint8_t *bits, uint32_t at) {
    uint8_t bit = (uint8_t)(1u << at % 8);
    bool first = !(bits[at / 8] & bit);
    bits[at / 8] |= bit;
    return first;
}

static bool comes_first(struct weight *weight, uint32_t character) {
    uint32_t block = character / 256;
    if (character >= WEIGHT_PLANES << 16)
        return true;
    if (set(weight->blocks, block))
        memset(&weight->seen[(size_t)block * BLOCK_BYTES], 0, BLOCK_BYTES);
    return set(weight->seen, character);
}

uint32_t weight_of_next(struct weight *weight, uint32_t character) {
    static const struct unicode_range in_one_font[] = {
        {0x3040, 0x30FF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}};
    if (character < PLAIN_END)
        return 1;
    bool shared = UNICODE_IN(in_one_font, character);
    if (comes_first(weight, character))
        return shared ? WEIGHT_SHARED : WEIGHT_RARE;
    return shared ? 1 : WEIGHT_FOREIGN;
}

uint32_t weight_of(struct slice text) {
    struct weight weight;
    uint32_t sum = 0;
    weight_begin(&weight);
    for (size_t at = 0; at < text.len;)
        sum += weight_of_next(&weight, unicode_next(text, &at));
    return sum;
}
