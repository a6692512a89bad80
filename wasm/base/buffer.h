/* buffer.h - bytes that grow up to a named limit, and views of bytes. */
#ifndef PARLEY_BUFFER_H
#define PARLEY_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view of bytes owned by somebody else; not NUL-terminated. */
struct slice {
    const char *bytes; /* may be NULL when len is 0 */
    size_t len;        /* in bytes */
};

/* A view of a C string, without its NUL. The string stays the caller's. */
struct slice slice_of(const char *string);

/* True when both views hold the same bytes. */
bool slice_equal(struct slice left, struct slice right);

/* Cuts the piece before |end|, or all, off |rest|, and |end| with it. False: nothing is left. */
bool slice_cut(struct slice *rest, char end, struct slice *piece);

/* Cuts |prefix| off |rest|. False: it does not begin with it, and stays as it is. */
bool slice_skip(struct slice *rest, const char *prefix);

/* |text| without the blanks and tabs around it (OWS of RFC 9110, 5.6.3). */
struct slice slice_trim(struct slice text);

/* True when |text| is digits, at least one. */
bool slice_is_number(struct slice text);

/* Reads |text|, a decimal number of at most |max|, leading zeros or not. False: it is none, or
 * more, and |number| is 0. */
bool slice_read_number(struct slice text, uint64_t max, uint64_t *number);

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
