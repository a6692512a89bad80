#include "buffer.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES_MIN 64

struct slice slice_of(const char *string) {
    return (struct slice){string, strlen(string)};
}

bool slice_equal(struct slice left, struct slice right) {
    return left.len == right.len &&
           (left.len == 0 || memcmp(left.bytes, right.bytes, left.len) == 0);
}

bool slice_cut(struct slice *rest, char end, struct slice *piece) {
    if (rest->len == 0)
        return false;
    const char *found = memchr(rest->bytes, end, rest->len);
    *piece = (struct slice){rest->bytes, found ? (size_t)(found - rest->bytes) : rest->len};
    size_t used = piece->len + (found != NULL);
    *rest = (struct slice){rest->bytes + used, rest->len - used};
    return true;
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

bool slice_is_number(struct slice text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
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

void buffer_init(struct buffer *buffer, size_t bytes_max) {
    *buffer = (struct buffer){.bytes_max = bytes_max};
}

void buffer_deinit(struct buffer *buffer) {
    free(buffer->bytes);
    buffer_init(buffer, buffer->bytes_max);
}

void buffer_clear(struct buffer *buffer) {
    buffer->len = 0;
}

static size_t grown_capacity(const struct buffer *buffer, size_t needed) {
    size_t capacity = buffer->capacity > BUFFER_BYTES_MIN ? buffer->capacity : BUFFER_BYTES_MIN;
    while (capacity < needed)
        capacity *= 2;
    return capacity < buffer->bytes_max ? capacity : buffer->bytes_max;
}

int buffer_reserve(struct buffer *buffer, size_t len) {
    if (len > buffer->bytes_max - buffer->len)
        return PARLEY_ERR_FULL;
    size_t needed = buffer->len + len;
    if (needed <= buffer->capacity)
        return PARLEY_OK;
    size_t capacity = grown_capacity(buffer, needed);
    char *bytes = realloc(buffer->bytes, capacity);
    if (!bytes)
        return PARLEY_ERR_NO_MEMORY;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return PARLEY_OK;
}

int buffer_append(struct buffer *buffer, struct slice piece) {
    int error = buffer_reserve(buffer, piece.len);
    if (error)
        return error;
    if (piece.len)
        memcpy(buffer->bytes + buffer->len, piece.bytes, piece.len);
    buffer->len += piece.len;
    return PARLEY_OK;
}

int buffer_set(struct buffer *buffer, struct slice text) {
    buffer_clear(buffer);
    return buffer_append(buffer, text);
}

int buffer_append_number(struct buffer *buffer, long long number) {
    char digits[24];
    size_t at = sizeof digits;
    unsigned long long rest =
        number < 0 ? 0 - (unsigned long long)number : (unsigned long long)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (number < 0)
        digits[--at] = '-';
    return buffer_append(buffer, (struct slice){digits + at, sizeof digits - at});
}

struct slice buffer_slice(const struct buffer *buffer) {
    return (struct slice){buffer->bytes, buffer->len};
}
