/* slice.h - views of bytes, and the one scanner: all parsing of text uses these functions.
 *
 * Functions that cut a piece off |rest| leave the remainder in it, so a text is read from the left,
 * piece by piece. Nothing here reads past a view, and nothing allocates.
 */
#ifndef PARLEY_SLICE_H
#define PARLEY_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view of bytes that something else owns; not NUL-terminated. */
struct slice {
    const char *bytes; /* may be NULL when len is 0 */
    size_t len;        /* in bytes */
};

/* A view of a C string, without its NUL. The string stays the caller's. */
struct slice slice_of(const char *string);

/* True when both views hold the same bytes. */
bool slice_equal(struct slice left, struct slice right);

/* The first |count| bytes of |text|, and |text| without them; |text| must have that many. */
struct slice slice_first(struct slice text, size_t count);
struct slice slice_drop(struct slice text, size_t count);

/* The index of the first |byte| in |text|; text.len: none. */
size_t slice_find(struct slice text, char byte);
bool slice_has(struct slice text, char byte);

/* True when |text| ends with |end|. */
bool slice_ends_with(struct slice text, const char *end);

/* Cuts the piece before |end|, or all, off |rest|, and |end| with it. False: nothing is left. */
bool slice_cut(struct slice *rest, char end, struct slice *piece);

/* Cuts the next item of a list off |rest|, without the blanks around it (RFC 9110, 5.6.1). Empty
 * items are skipped. False: there is none. */
bool slice_cut_item(struct slice *rest, char separator, struct slice *item);

/* Cuts |prefix| off |rest|. False: |rest| does not begin with it, and is unchanged. */
bool slice_skip(struct slice *rest, const char *prefix);

/* |text| without the blanks and tabs around it (OWS of RFC 9110, 5.6.3). */
struct slice slice_trim(struct slice text);

/* True when |text| is digits, at least one. */
bool slice_is_number(struct slice text);

/* Reads |text|, a decimal number of at most |max|, with or without leading zeros. False: it is not
 * such a number, and |number| is 0. */
bool slice_read_number(struct slice text, uint64_t max, uint64_t *number);

/* The class of an ASCII byte. slice_hex_value: -1 if it is not a hexadecimal digit of either
 * case. */
bool slice_is_digit(char byte);
bool slice_is_letter(char byte);
int slice_hex_value(char byte);

#endif
