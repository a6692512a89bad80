#include "slice.h"

#include "error.h"

#include <string.h>

struct slice slice_of(const char *string) {
    return (struct slice){string, strlen(string)};
}

bool slice_equal(struct slice left, struct slice right) {
    return left.len == right.len &&
           (left.len == 0 || memcmp(left.bytes, right.bytes, left.len) == 0);
}

struct slice slice_first(struct slice text, size_t count) {
    PARLEY_CHECK(count <= text.len);
    return (struct slice){text.bytes, count};
}

struct slice slice_drop(struct slice text, size_t count) {
    PARLEY_CHECK(count <= text.len);
    return count == 0 ? text : (struct slice){text.bytes + count, text.len - count};
}

size_t slice_find(struct slice text, char byte) {
    const char *found = text.len == 0 ? NULL : memchr(text.bytes, byte, text.len);
    return found == NULL ? text.len : (size_t)(found - text.bytes);
}

bool slice_has(struct slice text, char byte) {
    return slice_find(text, byte) < text.len;
}

bool slice_ends_with(struct slice text, const char *end) {
    size_t len = strlen(end);
    return text.len >= len && slice_equal(slice_drop(text, text.len - len), slice_of(end));
}

/* --- pieces ----------------------------------------------------------------------------------- */

bool slice_cut(struct slice *rest, char end, struct slice *piece) {
    if (rest->len == 0)
        return false;
    *piece = (struct slice){rest->bytes, slice_find(*rest, end)};
    size_t used = piece->len + (piece->len < rest->len);
    *rest = (struct slice){rest->bytes + used, rest->len - used};
    return true;
}

bool slice_cut_item(struct slice *rest, char separator, struct slice *item) {
    while (slice_cut(rest, separator, item)) {
        *item = slice_trim(*item);
        if (item->len > 0)
            return true;
    }
    return false;
}

bool slice_skip(struct slice *rest, const char *prefix) {
    size_t len = strlen(prefix);
    if (rest->len < len || memcmp(rest->bytes, prefix, len) != 0)
        return false;
    *rest = (struct slice){rest->bytes + len, rest->len - len};
    return true;
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t';
}

struct slice slice_trim(struct slice text) {
    while (text.len > 0 && is_blank(text.bytes[0]))
        text = (struct slice){text.bytes + 1, text.len - 1};
    while (text.len > 0 && is_blank(text.bytes[text.len - 1]))
        text.len--;
    return text;
}

/* --- numbers ---------------------------------------------------------------------------------- */

bool slice_is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

bool slice_is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

int slice_hex_value(char byte) {
    if (slice_is_digit(byte))
        return byte - '0';
    char small = (char)(byte | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

bool slice_is_number(struct slice text) {
    for (size_t i = 0; i < text.len; i++)
        if (!slice_is_digit(text.bytes[i]))
            return false;
    return text.len > 0;
}

bool slice_read_number(struct slice text, uint64_t max, uint64_t *number) {
    uint64_t value = 0;
    *number = 0;
    if (!slice_is_number(text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint64_t digit = (uint64_t)(text.bytes[i] - '0');
        if (digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}
