/* Which texts are folded, and where. */
#include "fold.h"

#include "error.h"
#include "slices.h"

#include <stdlib.h>

/* |count| times |piece|, whose fold is asked for. */
static size_t end_of_many(const char *piece, size_t count) {
    size_t len = strlen(piece);
    char *text = malloc(len * count + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + len * i, piece, len);
    size_t end = fold_end((struct slice){text, len * count});
    free(text);
    return end;
}

static void what_people_write_is_whole(void **state) {
    (void)state;
    assert_int_equal(fold_end(slice_of("")), 0);
    assert_int_equal(fold_end(slice_of("hello")), 5);
    assert_int_equal(end_of_many("x", FOLD_CHARACTERS_MIN), FOLD_CHARACTERS_MIN);
    assert_int_equal(end_of_many("\n", FOLD_LINES_MIN - 1), FOLD_LINES_MIN - 1);
}

static void long_texts_are_folded(void **state) {
    (void)state;
    assert_int_equal(end_of_many("x", FOLD_CHARACTERS_MIN + 1), FOLD_CHARACTERS);
    assert_int_equal(end_of_many("\xF0\x9F\x8E\x89", 4000), 4 * FOLD_CHARACTERS);
    assert_int_equal(end_of_many("\xD7\x90", 4000), 2 * FOLD_CHARACTERS);
}

static void texts_of_many_lines_are_folded(void **state) {
    (void)state;
    assert_int_equal(end_of_many("x\n", 1990), 2 * FOLD_LINES - 1);
}

static void a_fold_is_between_words(void **state) {
    (void)state;
    assert_int_equal(end_of_many("seven7 ", 571), 797);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_write_is_whole),
        cmocka_unit_test(long_texts_are_folded),
        cmocka_unit_test(texts_of_many_lines_are_folded),
        cmocka_unit_test(a_fold_is_between_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
