/* People's texts: UTF-8, cleaning and counting. */
#include "text.h"

#include "error.h"
#include "slices.h"

#define REPLACEMENT "\xEF\xBF\xBD"
#define CHARACTERS_MAX 10

static struct buffer out;

static int setup(void **state) {
    (void)state;
    buffer_init(&out, 1000);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&out);
    return 0;
}

/* UTF-8 */

static void test_utf8_is_valid(void **state) {
    (void)state;
    static const char *const valid[] = {
        "",
        "\x01",
        "\x7F",
        "\xC2\x80",         /* U+0080, the first of two bytes */
        "\xDF\xBF",         /* U+07FF, the last */
        "\xE0\xA0\x80",     /* U+0800, the first of three */
        "\xED\x9F\xBF",     /* U+D7FF, before the surrogates */
        "\xEE\x80\x80",     /* U+E000, after them */
        "\xEF\xBF\xBF",     /* U+FFFF */
        "\xF0\x90\x80\x80", /* U+10000, the first of four */
        "\xF4\x8F\xBF\xBF", /* U+10FFFF, the last of all */
        "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z",
    };
    for (size_t i = 0; i < COUNT(valid); i++)
        if (!text_utf8_valid(slice_of(valid[i])))
            fail_msg("case %zu", i);
    assert_true(text_utf8_valid(BYTES("a\0b")));
    assert_true(text_utf8_valid((struct slice){0}));
}

static const char *const not_utf8[] = {
    "\x80",                     /* a continuation without a lead */
    "\xBF",                     /* */
    "\xC0\x80",                 /* overlong NUL */
    "\xC1\xBF",                 /* overlong U+007F */
    "\xE0\x80\x80",             /* overlong NUL */
    "\xE0\x9F\xBF",             /* overlong U+07FF */
    "\xF0\x80\x80\x80",         /* overlong NUL */
    "\xF0\x8F\xBF\xBF",         /* overlong U+FFFF */
    "\xED\xA0\x80",             /* surrogate U+D800 */
    "\xED\xBF\xBF",             /* surrogate U+DFFF */
    "\xED\xA0\xBD\xED\xB8\x80", /* a pair of surrogates */
    "\xF4\x90\x80\x80",         /* U+110000 */
    "\xF5\x80\x80\x80",         /* leads of nothing */
    "\xF8\x88\x80\x80\x80",
    "\xFC\x84\x80\x80\x80\x80",
    "\xFE",
    "\xFF",
    "\xC3", /* cut short */
    "\xE2\x82",
    "\xF0\x9F\x98",
    "\xC3(", /* a lead without its continuation */
    "\xE2(\xAC",
    "\xE2\x82(",
    "\xF0\x9F\x98(",
};

static void test_invalid_utf8_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(not_utf8); i++) {
        if (text_utf8_valid(slice_of(not_utf8[i])))
            fail_msg("case %zu", i);
        if (text_utf8_valid(filled("ok ", not_utf8[i], 1, " ok")))
            fail_msg("case %zu inside a text", i);
    }
}

/* The check skips ASCII eight bytes at a time. */
static void test_bad_bytes_are_found_at_every_place(void **state) {
    (void)state;
    for (unsigned byte = 0x80; byte <= 0xFF; byte++) {
        for (size_t at = 0; at < 20; at++) {
            char text[] = "01234567890123456789";
            text[at] = (char)byte;
            if (text_utf8_valid(slice_of(text)))
                fail_msg("%#x at %zu is valid", byte, at);
        }
    }
}

static void test_cleaning_refuses_what_is_not_utf8(void **state) {
    (void)state;
    append_times(&out, "kept", 1);
    for (size_t i = 0; i < COUNT(not_utf8); i++) {
        struct slice text = filled("ok ", not_utf8[i], 1, "");
        assert_int_equal(text_clean_message(text, 100, &out), PARLEY_ERR_UTF8);
        assert_int_equal(text_clean_name(text, 100, &out), PARLEY_ERR_UTF8);
        assert_slice(buffer_slice(&out), "kept");
    }
}

static void test_characters_are_code_points(void **state) {
    (void)state;
    assert_int_equal(text_characters((struct slice){0}), 0);
    assert_int_equal(text_characters(slice_of("abc")), 3);
    assert_int_equal(text_characters(slice_of("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80")), 3);
    assert_int_equal(text_characters(slice_of("e\xCC\x81")), 2);
}

/* Cleaning */

struct cleaning {
    const char *raw;
    const char *clean; /* NULL: nothing visible */
};

typedef int (*clean_fn)(struct slice text, size_t characters_max, struct buffer *out);

static void check_cleaning(clean_fn clean, const struct cleaning *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&out);
        append_times(&out, ">", 1);
        int error = clean(slice_of(cases[i].raw), 100, &out);
        struct slice shown = {out.bytes + 1, out.len - 1};
        bool right = cases[i].clean
                         ? error == PARLEY_OK && slice_equal(shown, slice_of(cases[i].clean))
                         : error == PARLEY_ERR_EMPTY && shown.len == 0;
        if (!right)
            fail_msg("case %zu: \"%s\" gave %d \"%.*s\"", i, cases[i].raw, error, (int)shown.len,
                     shown.bytes);
    }
}

static void test_a_message_keeps_what_people_mean(void **state) {
    (void)state;
    static const struct cleaning cases[] = {
        {"hello", "hello"},
        {"<script> & \"quotes\" \\ '", "<script> & \"quotes\" \\ '"},
        {"two  spaces\tand\ttabs", "two  spaces\tand\ttabs"},
        {"line\nline\n\nline", "line\nline\n\nline"},
        {" \t\n trimmed \n\t ", " trimmed"},
        {"  first\n  second", "  first\n  second"}, /* indented, as code and poems are */
        {"\n \xE3\x80\x80\n\t x\n\n", "\t x"},
        {"x \xC2\xA0\xE3\x80\x80", "x"}, /* any space at the end */
        {"\xE6\xBC\xA2\xE5\xAD\x97 \xD7\x90 \xF0\x9F\x98\x80",
         "\xE6\xBC\xA2\xE5\xAD\x97 \xD7\x90 \xF0\x9F\x98\x80"},
        {"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80", /* an emoji joined of two */
         "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80"},
        {"\xE2\x9D\xA4\xEF\xB8\x8F", "\xE2\x9D\xA4\xEF\xB8\x8F"}, /* a variation selector */
        {"a\xE2\x80\x8F!", "a\xE2\x80\x8F!"},                     /* marks only hint */
    };
    check_cleaning(text_clean_message, cases, COUNT(cases));
}

static void test_all_line_ends_become_line_feeds(void **state) {
    (void)state;
    static const struct cleaning cases[] = {
        {"a\r\nb\rc\nd", "a\nb\nc\nd"},
        {"a\r\r\n\nb", "a\n\n\nb"},
        {"a\xC2\x85"
         "b\xE2\x80\xA8"
         "c\xE2\x80\xA9"
         "d",
         "a\nb\nc\nd"},
    };
    check_cleaning(text_clean_message, cases, COUNT(cases));
}

/* All harmful characters: a message shows each as U+FFFD, and a name omits it. */
static const char *const harmful[] = {
    "\x01",         "\x08",         "\x0E",         "\x1B",         "\x1F",
    "\x7F",         "\xC2\x80",     "\xC2\x84",     "\xC2\x86",     "\xC2\x9F", /* C1 controls */
    "\xE2\x80\xAA", "\xE2\x80\xAB", "\xE2\x80\xAC", "\xE2\x80\xAD",             /* U+202A to 202D */
    "\xE2\x80\xAE",                                                 /* right-to-left override */
    "\xE2\x81\xA6", "\xE2\x81\xA7", "\xE2\x81\xA8", "\xE2\x81\xA9", /* isolates */
    "\xE2\x81\xAA", "\xE2\x81\xAF",                                 /* deprecated formats */
    "\xEF\xBF\xB9", "\xEF\xBF\xBA", "\xEF\xBF\xBB",                 /* interlinear marks */
};

static void test_harmful_characters_are_replaced(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(harmful); i++) {
        buffer_clear(&out);
        assert_int_equal(text_clean_message(filled("a", harmful[i], 2, "b"), 100, &out), 0);
        assert_slice(buffer_slice(&out), "a" REPLACEMENT REPLACEMENT "b");
        buffer_clear(&out);
        assert_int_equal(text_clean_name(filled("a", harmful[i], 2, "b"), 100, &out), 0);
        assert_slice(buffer_slice(&out), "ab");
        assert_int_equal(text_clean_name(filled("", harmful[i], 2, ""), 100, &out),
                         PARLEY_ERR_EMPTY);
    }
}

static void test_a_nul_is_replaced(void **state) {
    (void)state;
    assert_int_equal(text_clean_message(BYTES("a\0b"), 100, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), "a" REPLACEMENT "b");
}

static void test_page_controls_stand_for_nothing_in_a_message(void **state) {
    (void)state;
    static const struct cleaning cases[] = {{"a\vb\fc", "a" REPLACEMENT "b" REPLACEMENT "c"}};
    check_cleaning(text_clean_message, cases, COUNT(cases));
}

static void test_a_name_stands_on_one_line(void **state) {
    (void)state;
    static const struct cleaning cases[] = {
        {"Ada", "Ada"},
        {"  Ada   Lovelace  ", "Ada Lovelace"},
        {"Ada\nLovelace", "Ada Lovelace"},
        {"Ada\r\n\t\v\f Lovelace", "Ada Lovelace"},
        {"Ada\xC2\xA0\xE3\x80\x80\xE2\x80\x83Lovelace", "Ada Lovelace"}, /* wide and other spaces */
        {"\xE2\x80\xA8"
         "Ada\xE2\x80\xA9",
         "Ada"},
        {"\xC2\x85"
         "Ada\xC2\x85",
         "Ada"},
        {"\uf9f4\u6797", "\u6797"}, /* for compatibility, */
        {"\u2f4a", NULL},
        {"\ufee3\u0645", "\u0645"},
        {"\u5c71\ufa11", "\u5c71\ufa11"}, /* which this is not */
    };
    check_cleaning(text_clean_name, cases, COUNT(cases));
}

/* Characters that draw nothing, or only white space. */
static const struct cleaning invisible[] = {
    {"", NULL},
    {" ", NULL},
    {"\n\t\r\n ", NULL},
    {"\xC2\xA0", NULL},     /* no-break space */
    {"\xE3\x80\x80", NULL}, /* ideographic space */
    {"\xE2\x80\x8B", NULL}, /* zero width space */
    {"\xE2\x80\x8C", NULL}, /* joiners and marks */
    {"\xE2\x80\x8D", NULL},
    {"\xE2\x80\x8E", NULL},
    {"\xE2\x80\x8F", NULL},
    {"\xE2\x81\xA0", NULL}, /* word joiner */
    {"\xE2\x81\xA4", NULL}, /* invisible plus */
    {"\xE2\x81\xA5", NULL}, /* not assigned, but ignorable */
    {"\xC2\xAD", NULL},     /* soft hyphen */
    {"\xCD\x8F", NULL},     /* combining grapheme joiner */
    {"\xD8\x9C", NULL},     /* Arabic letter mark */
    {"\xE1\x85\x9F", NULL}, /* Hangul fillers */
    {"\xE3\x85\xA4", NULL},
    {"\xEF\xBE\xA0", NULL},
    {"\xE1\xA0\x8E", NULL}, /* Mongolian vowel separator */
    {"\xE2\xA0\x80", NULL}, /* a braille cell without dots */
    {"\xEF\xB8\x8F", NULL}, /* variation selectors */
    {"\xF3\xA0\x84\x80", NULL},
    {"\xEF\xBB\xBF", NULL},     /* byte order mark */
    {"\xF3\xA0\x81\x81", NULL}, /* a tag */
    {" \xE2\x80\x8B \xC2\xAD\n\xE2\x81\xA0", NULL},
};

static void test_invisible_characters_make_no_second_name(void **state) {
    static const struct cleaning cases[] = {
        {"Al\xE2\x80\x8Bice", "Alice"}, /* zero width space */
        {"\xEF\xBB\xBF"
         "Alice\xC2\xAD",
         "Alice"},                                       /* byte order mark, soft hyphen */
        {"Al \xE2\x80\x8B \xC2\xAD Ice", "Al Ice"},      /* one space all the same */
        {"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80", /* an emoji keeps its joiner */
         "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80"},
    };
    (void)state;
    check_cleaning(text_clean_name, cases, COUNT(cases));
}

static void test_nothing_visible_is_no_message_and_no_name(void **state) {
    (void)state;
    check_cleaning(text_clean_message, invisible, COUNT(invisible));
    check_cleaning(text_clean_name, invisible, COUNT(invisible));
}

static void test_length_is_that_of_what_stays(void **state) {
    (void)state;
    static const clean_fn both[] = {text_clean_message, text_clean_name};
    static const char *const pieces[] = {"x", "\xC3\xA4", "\xE6\xBC\xA2", "\xF0\x9F\x98\x80"};
    for (size_t i = 0; i < COUNT(both) * COUNT(pieces); i++) {
        clean_fn clean = both[i % COUNT(both)];
        const char *piece = pieces[i / COUNT(both)];
        buffer_clear(&out);
        assert_int_equal(
            clean(filled(" \n", piece, CHARACTERS_MAX + 1, "  "), CHARACTERS_MAX, &out),
            PARLEY_ERR_TOO_LONG);
        assert_int_equal(out.len, 0);
        assert_int_equal(clean(filled(" \n", piece, CHARACTERS_MAX, "  "), CHARACTERS_MAX, &out),
                         PARLEY_OK);
        assert_int_equal(text_characters(buffer_slice(&out)), CHARACTERS_MAX);
    }
}

static void test_without_room_nothing_is_appended(void **state) {
    (void)state;
    struct buffer small;
    buffer_init(&small, 5);
    append_times(&small, "x", 1);
    assert_int_equal(text_clean_message(slice_of("12345"), 100, &small), PARLEY_ERR_FULL);
    assert_slice(buffer_slice(&small), "x");
    assert_int_equal(text_clean_message(slice_of("1234"), 100, &small), PARLEY_OK);
    assert_slice(buffer_slice(&small), "x1234");
    buffer_deinit(&small);
}

static void test_cleaning_twice_changes_nothing(void **state) {
    (void)state;
    struct buffer twice;
    buffer_init(&twice, 1000);
    for (size_t i = 0; i < COUNT(harmful); i++) {
        buffer_clear(&out);
        buffer_clear(&twice);
        assert_int_equal(text_clean_message(filled("\r\n a", harmful[i], 3, "b\r\n"), 100, &out),
                         0);
        assert_int_equal(text_clean_message(buffer_slice(&out), 100, &twice), 0);
        assert_true(slice_equal(buffer_slice(&out), buffer_slice(&twice)));
    }
    buffer_deinit(&twice);
}

static void check_cut(struct slice beginning) {
    text_utf8_valid(beginning);
    text_characters(beginning);
    int error = text_clean_message(beginning, 100, &out);
    assert_true(error == PARLEY_OK || error == PARLEY_ERR_UTF8 || error == PARLEY_ERR_EMPTY);
}

static void test_nothing_behind_the_end_is_read(void **state) {
    (void)state;
    for_each_beginning(" \r\n\xC3\xA4\xE6\xBC\xA2\xF0\x9F\x98\x80", check_cut);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(utf8_is_valid),
        TEST(invalid_utf8_is_refused),
        TEST(bad_bytes_are_found_at_every_place),
        TEST(cleaning_refuses_what_is_not_utf8),
        TEST(characters_are_code_points),
        TEST(a_message_keeps_what_people_mean),
        TEST(all_line_ends_become_line_feeds),
        TEST(harmful_characters_are_replaced),
        TEST(a_nul_is_replaced),
        TEST(page_controls_stand_for_nothing_in_a_message),
        TEST(a_name_stands_on_one_line),
        TEST(invisible_characters_make_no_second_name),
        TEST(nothing_visible_is_no_message_and_no_name),
        TEST(length_is_that_of_what_stays),
        TEST(without_room_nothing_is_appended),
        TEST(cleaning_twice_changes_nothing),
        TEST(nothing_behind_the_end_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
