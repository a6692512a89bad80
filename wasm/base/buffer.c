#include "buffer.h"

#include "error.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES_MIN 64

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
    char *bytes = memory_enlarge(buffer->bytes, buffer->len, capacity);
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
