#include "unicode.h"

#include "unicode_table.h"

/* UTF-8 */

/* How many bytes a sequence has that starts with |lead|, and the smallest character it may mean. */
static size_t sequence_bytes(unsigned char lead, uint32_t *smallest) {
    if (lead < 0x80)
        return *smallest = 0, 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return *smallest = 0x80, 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return *smallest = 0x800, 3;
    if (lead >= 0xF0 && lead <= 0xF4)
        return *smallest = 0x10000, 4;
    return 0;
}

uint32_t unicode_next(struct slice text, size_t *at) {
    unsigned char lead = (unsigned char)text.bytes[*at];
    uint32_t smallest = 0;
    size_t len = sequence_bytes(lead, &smallest);
    if (len == 0 || len > text.len - *at)
        return UNICODE_INVALID;
    uint32_t character = len == 1 ? lead : lead & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        unsigned char next = (unsigned char)text.bytes[*at + i];
        if ((next & 0xC0) != 0x80)
            return UNICODE_INVALID;
        character = character << 6 | (next & 0x3F);
    }
    bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < smallest || surrogate || character > 0x10FFFF)
        return UNICODE_INVALID;
    *at += len;
    return character;
}

int unicode_append(struct buffer *out, uint32_t character) {
    char bytes[4];
    size_t len = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; character >>= 6)
        bytes[i] = (char)(0x80 | (character & 0x3F));
    static const unsigned char leads[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    bytes[0] = (char)(leads[len] | character);
    return buffer_append(out, (struct slice){bytes, len});
}

/* Classes */

bool unicode_in_ranges(const struct unicode_range *ranges, size_t count, uint32_t character) {
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

static uint32_t read_number(const unsigned char **at) {
    uint32_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        unsigned char byte = *(*at)++;
        number |= (uint32_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            return number;
    }
}

struct class_run {
    uint32_t first, last;
    enum unicode_class kind;
};

/* All runs in order; unpacked once, since they are looked at for every character. */
static const struct class_run *all_runs(void) {
    static struct class_run runs[UNICODE_RUNS];
    if (runs[0].last)
        return runs;
    uint32_t end = 0;
    const unsigned char *at = unicode_runs;
    for (size_t i = 0; i < UNICODE_RUNS; i++) {
        uint32_t first = end + read_number(&at), rest = read_number(&at);
        end = first + (rest >> UNICODE_CLASS_BITS) + 1;
        runs[i] = (struct class_run){first, end - 1,
                                     (enum unicode_class)(rest & ~(~0u << UNICODE_CLASS_BITS))};
    }
    return runs;
}

enum unicode_class unicode_class_of(uint32_t character) {
    if (character < 0x80)
        return UNICODE_OTHER;
    const struct class_run *runs = all_runs();
    size_t low = 0, high = UNICODE_RUNS;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (runs[middle].last < character)
            low = middle + 1;
        else
            high = middle;
    }
    return low < UNICODE_RUNS && runs[low].first <= character ? runs[low].kind : UNICODE_OTHER;
}

bool unicode_is_space(uint32_t character) {
    static const struct unicode_range spaces[] = {
        {0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
        {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
    return UNICODE_IN(spaces, character);
}

bool unicode_is_invisible(uint32_t character) {
    /* A braille cell without dots, blanks of hieroglyphs, a note without a head. */
    static const struct unicode_range blank[] = {
        {0x2800, 0x2800}, {0x13441, 0x13442}, {0x1D159, 0x1D159}};
    return unicode_class_of(character) == UNICODE_IGNORABLE || unicode_is_space(character) ||
           UNICODE_IN(blank, character);
}

bool unicode_extends(uint32_t character) {
    enum unicode_class kind = unicode_class_of(character);
    return kind >= UNICODE_IGNORABLE && kind <= UNICODE_MARK;
}

bool unicode_is_pictograph(uint32_t character) {
    static const struct unicode_range pictographs[] = {
        {0xA9, 0xA9},     {0xAE, 0xAE},     {0x203C, 0x203C}, {0x2049, 0x2049}, {0x2122, 0x2122},
        {0x2139, 0x2139}, {0x2190, 0x21FF}, {0x2300, 0x23FF}, {0x24C2, 0x24C2}, {0x25A0, 0x27BF},
        {0x2934, 0x2935}, {0x2B00, 0x2BFF}, {0x3030, 0x303D}, {0x3297, 0x3299}, {0x1F000, 0x1FBFF}};
    return UNICODE_IN(pictographs, character);
}
