/* slices.h - slices in tests: makes them from literals and repeated pieces, and compares them. */
#ifndef PARLEY_SLICES_H
#define PARLEY_SLICES_H

#include "buffer.h"
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

/* All bytes of a literal, including NULs. */
#define BYTES(literal) ((struct slice){literal, sizeof(literal) - 1})

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Fails at the caller's line unless |found| is exactly the C string |expected|. */
#define assert_slice(found, expected) assert_slice_at(found, slice_of(expected), __FILE__, __LINE__)

static inline void assert_slice_at(struct slice found, struct slice expected, const char *file,
                                   int line) {
    if (slice_equal(found, expected))
        return;
    print_error("\"%.*s\" != \"%.*s\"\n", (int)found.len, found.bytes ? found.bytes : "",
                (int)expected.len, expected.bytes);
    _fail(file, line);
}

/* Appends |piece| |count| times. */
static inline void append_times(struct buffer *out, const char *piece, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_int_equal(buffer_append(out, slice_of(piece)), 0);
}

/* |before|, |count| times |piece|, and |after|, in memory that the next call reuses. */
static inline struct slice filled(const char *before, const char *piece, size_t count,
                                  const char *after) {
    static char memory[1 << 17];
    struct buffer out = {.bytes = memory, .capacity = sizeof memory, .bytes_max = sizeof memory};
    append_times(&out, before, 1);
    append_times(&out, piece, count);
    append_times(&out, after, 1);
    return buffer_slice(&out);
}

/* Calls |check| with every beginning of |text|, in memory of exactly its length, so that
 * AddressSanitizer detects reads beyond it. */
static inline void for_each_beginning(const char *text, void (*check)(struct slice beginning)) {
    for (size_t len = 0; len <= strlen(text); len++) {
        char *exact = malloc(len ? len : 1);
        assert_non_null(exact);
        memcpy(exact, text, len);
        check((struct slice){exact, len});
        free(exact);
    }
}

#endif
