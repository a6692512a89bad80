/* buffer.h - a byte buffer that grows up to a named limit. */
#ifndef PARLEY_BUFFER_H
#define PARLEY_BUFFER_H

#include "slice.h"

/* Growing bytes. Zero-initialise or use buffer_init; buffer_deinit frees. */
struct buffer {
    char *bytes;
    size_t len;       /* bytes in use */
    size_t capacity;  /* bytes allocated */
    size_t bytes_max; /* it never holds more than this */
};

/* Makes an empty buffer that holds at most |bytes_max| bytes. Allocates nothing yet. */
void buffer_init(struct buffer *buffer, size_t bytes_max);

/* Frees the bytes. The buffer is empty and usable afterwards. */
void buffer_deinit(struct buffer *buffer);

/* Forgets the content, keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* Makes room for |len| more bytes without changing the content.
 * PARLEY_ERR_FULL: they would pass bytes_max. PARLEY_ERR_NO_MEMORY. */
int buffer_reserve(struct buffer *buffer, size_t len);

/* Appends |piece|. Errors as buffer_reserve; then nothing is appended. */
int buffer_append(struct buffer *buffer, struct slice piece);

/* Replaces the content by |text|. Errors as buffer_append; then the buffer is empty. */
int buffer_set(struct buffer *buffer, struct slice text);

/* Appends a decimal number. Errors as buffer_append. */
int buffer_append_number(struct buffer *buffer, long long number);

/* The content as a view; valid until the next append or deinit. */
struct slice buffer_slice(const struct buffer *buffer);

#endif
