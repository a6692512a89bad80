#include "joiner.h"

#include "unicode.h"

#define NON_JOINER 0x200Cu
#define JOINER 0x200Du
#define KEYCAP 0x20E3u
#define BLACK_FLAG 0x1F3F4u

static bool is_in(uint32_t character, uint32_t first, uint32_t last) {
    return character >= first && character <= last;
}

static bool is_virama(uint32_t character) {
    return unicode_class_of(character) == UNICODE_VIRAMA;
}

static bool is_letter(uint32_t character) {
    return character >= 0x80 && character != UNICODE_INVALID && !unicode_is_space(character) &&
           unicode_class_of(character) == UNICODE_OTHER;
}

/* Of a script whose letters join in writing. */
static bool is_cursive(uint32_t character) {
    static const struct unicode_range cursive[] = {
        {0x0620, 0x077F},   {0x07C0, 0x07FF},   {0x0840, 0x08FF},   {0x1807, 0x18AA},
        {0xA840, 0xA873},   {0xFB50, 0xFDFF},   {0xFE70, 0xFEFC},   {0x10AC0, 0x10AEF},
        {0x10B80, 0x10BAF}, {0x10D00, 0x10D23}, {0x10F30, 0x10FCB}, {0x1E900, 0x1E943}};
    return is_letter(character) && UNICODE_IN(cursive, character);
}

static bool is_ideograph(uint32_t character) {
    static const struct unicode_range ideographs[] = {
        {0x3400, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}};
    return UNICODE_IN(ideographs, character);
}

/* Of the digits and signs of ASCII only those in a keycap are emoji. */
static bool chooses_emoji_form(uint32_t base, uint32_t next) {
    bool key = is_in(base, '0', '9') || base == '#' || base == '*';
    return key ? next == KEYCAP : unicode_is_pictograph(base);
}

static bool joins(uint32_t base, uint32_t previous, uint32_t next) {
    return (is_virama(previous) && is_letter(next)) || (is_virama(next) && is_letter(base)) ||
           (unicode_is_pictograph(base) && unicode_is_pictograph(next));
}

static bool parts(uint32_t base, uint32_t previous, uint32_t next) {
    return is_virama(previous) ? is_letter(next) : is_cursive(base) && is_cursive(next);
}

bool joiner_is_needed(uint32_t base, uint32_t previous, uint32_t character, uint32_t next) {
    if (character == JOINER)
        return joins(base, previous, next);
    if (character == NON_JOINER)
        return parts(base, previous, next);
    if (is_in(character, 0xE0020, 0xE007F)) /* a tag */
        return previous == BLACK_FLAG || is_in(previous, 0xE0020, 0xE007E);
    if (previous != base) /* a selector stands directly behind */
        return false;
    if (is_in(character, 0xFE0E, 0xFE0F))
        return chooses_emoji_form(base, next);
    if (is_in(character, 0xFE00, 0xFE0D) || is_in(character, 0xE0100, 0xE01EF))
        return is_ideograph(base);
    return is_in(character, 0x180B, 0x180F) && is_in(base, 0x1820, 0x18AA);
}
