/* Which texts are folded, and where. */
#include "fold.h"

#include "error.h"
#include "slices.h"
#include "text.h"
#include "unicode.h"
#include "weight.h"

#include <stdlib.h>

/* The place where the fold of |count| times |piece| ends. */
static size_t end_of_many(const char *piece, size_t count) {
    size_t len = strlen(piece);
    char *text = malloc(len * count + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + len * i, piece, len);
    size_t end = fold_end((struct slice){text, len * count});
    free(text);
    return end;
}

static void ordinary_texts_are_whole(void **state) {
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

static void a_fold_is_between_characters_as_people_see_them(void **state) {
    (void)state;
    static const struct {
        const char *piece; /* the limit falls after its second character */
        size_t characters;
    } rows[] = {
        {"xe\xCC\x81", 3},                               /* a mark */
        {"x\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA9" /* a family */
         "\xE2\x80\x8D\xF0\x9F\x91\xA7",
         6},
        {"x\xF0\x9F\x87\xA6\xF0\x9F\x87\xA7\xF0\x9F\x87\xA6\xF0\x9F\x87\xA7" /* flags: */
         "\xF0\x9F\x87\xA6\xF0\x9F\x87\xA7",
         7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t whole = FOLD_CHARACTERS / rows[i].characters;
        assert_int_equal(FOLD_CHARACTERS % rows[i].characters, 2);
        size_t end = end_of_many(rows[i].piece, 4000 / rows[i].characters);
        assert_int_equal(end, whole * strlen(rows[i].piece) + 1);
    }
}

/* |count| distinct characters from |first| on, |step| apart. */
static struct slice make_distinct(struct buffer *out, uint32_t first, uint32_t step,
                                  uint32_t count) {
    buffer_init(out, 4 * (size_t)count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(unicode_append(out, first + i * step), PARLEY_OK);
    return buffer_slice(out);
}

static void many_rare_characters_are_folded(void **state) {
    (void)state;
    static const struct {
        uint32_t first, step, weight;
    } rows[] = {{0x4E00, 1, WEIGHT_SHARED}, {0xAC00, 1, WEIGHT_SHARED}, {0x1200, 1, WEIGHT_RARE},
                {0x3400, 1, WEIGHT_RARE},   {0x20000, 9, WEIGHT_RARE},  {0x40000, 1, WEIGHT_RARE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer text;
        struct slice all = make_distinct(&text, rows[i].first, rows[i].step, FOLD_CHARACTERS_MIN);
        assert_int_equal(weight_of(all), FOLD_CHARACTERS_MIN * rows[i].weight);
        struct slice shown = {all.bytes, fold_end(all)};
        assert_true(shown.len < all.len);
        assert_int_equal(text_characters(shown), FOLD_WEIGHT / rows[i].weight);
        buffer_deinit(&text);
    }
}

static void characters_that_come_again_weigh_as_letters_do(void **state) {
    (void)state;
    assert_int_equal(weight_of(slice_of("plain")), 5);
    assert_int_equal(weight_of(slice_of("Größe, ꙮꙮ")), 7 + WEIGHT_RARE + WEIGHT_FOREIGN);
    assert_int_equal(weight_of(slice_of("中中")), WEIGHT_SHARED + 1);
    assert_int_equal(end_of_many("\xE4\xB8\xAD\xE6\x96\x87", FOLD_CHARACTERS_MIN / 2),
                     3 * FOLD_CHARACTERS_MIN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_texts_are_whole),
        cmocka_unit_test(long_texts_are_folded),
        cmocka_unit_test(texts_of_many_lines_are_folded),
        cmocka_unit_test(a_fold_is_between_words),
        cmocka_unit_test(a_fold_is_between_characters_as_people_see_them),
        cmocka_unit_test(many_rare_characters_are_folded),
        cmocka_unit_test(characters_that_come_again_weigh_as_letters_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
