/* Marks on one letter: no script and no emoji loses any, but their number has a limit, in messages
 * and in names. */
#include "cluster.h"

#include "error.h"
#include "slices.h"
#include "text.h"
#include "unicode.h"

#include <stdio.h>

#define TEXT_CHARACTERS_MAX 4000
#define NAME_CHARACTERS_MAX 32

static struct buffer out, again;

static int setup(void **state) {
    (void)state;
    buffer_init(&out, 1 << 17);
    buffer_init(&again, 1 << 17);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&out);
    buffer_deinit(&again);
    return 0;
}

/* Ordinary texts */

static const char *const written[] = {
    "Ada Lovelace",
    "Zo\u00eb, Zoe\u0308, Bj\u00f6rn, \u0130stanbul",
    "Nguye\u0302\u0303n Thi\u0323 Minh Khai", /* Vietnamese, decomposed */
    "\u1ea4n \u0110\u1eb7ng",
    "\u05d1\u05bc\u05b0\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u05d9\u05ea", /* Hebrew with points */
    "\u0645\u0650\u062d\u064e\u0645\u0651\u064e\u062f\u064c",             /* Arabic with vowels */
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",                   /* Persian */
    "\u0928\u092e\u0938\u094d\u0924\u0947",                               /* Devanagari, */
    "\u0915\u093e\u0930\u094d\u0924\u094d\u0938\u094d\u0928\u094d\u092f", /* five in a row, */
    "\u0915\u094d\u200d\u0937 \u0915\u094d\u200c\u0937",                  /* and kept apart */
    "\u09b0\u200d\u09cd\u09af\u09be\u09ac",                               /* Bengali ra, yaphalaa */
    "\u0dc1\u0dca\u200d\u0dbb\u0dd3 \u0dbd\u0d82\u0d9a\u0dcf",            /* Sinhala */
    "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd",                                     /* Tamil */
    "\u0d2e\u0d32\u0d2f\u0d3e\u0d33\u0d02",                               /* Malayalam */
    "\u0e19\u0e49\u0e33\u0e17\u0e35\u0e48",                               /* Thai */
    "\u1797\u17b6\u179f\u17b6\u1781\u17d2\u1798\u17c2\u179a",             /* Khmer */
    "\u1019\u103c\u1014\u103a\u1019\u102c",                               /* Burmese */
    "\u0f67\u0f90\u0fb5\u0fa8\u0fb3\u0fba\u0fbc\u0fbb\u0f82", /* the tallest of Tibetan */
    "\u1112\u1161\u11ab\u1100\u1173\u11af",                   /* Hangul, decomposed */
    "\ud55c\uad6d\uc5b4",
    "\u304b\u3099\u30cf\u309a",                                   /* kana, decomposed */
    "\u8fbb\U000e0100",                                           /* a form of an ideograph */
    "\u182e\u1823\u180b\u1829",                                   /* Mongolian */
    "\U0001F469\u200d\U0001F680",                                 /* emoji: joined, */
    "\U0001F468\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466", /* a family, */
    "\U0001F469\U0001F3FD\u200d\u2764\ufe0f\u200d\U0001F48B\u200d\U0001F468\U0001F3FF",
    "\U0001F3F3\ufe0f\u200d\U0001F308 \U0001F3F4\u200d\u2620\ufe0f", /* flags */
    "\U0001F1FA\U0001F1E6 \U0001F1EF\U0001F1F5",
    "\U0001F3F4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "1\ufe0f\u20e3 #\ufe0f\u20e3 *\ufe0f\u20e3 7\u20e3",            /* keycaps */
    "\u2764\ufe0f \u2602\ufe0e \u26f9\U0001F3FD\u200d\u2640\ufe0f", /* either form */
    "\U0001F44D\U0001F3FD",
};

static void check_unharmed(int (*clean)(struct slice, size_t, struct buffer *), struct slice text) {
    buffer_clear(&out);
    assert_int_equal(clean(text, TEXT_CHARACTERS_MAX, &out), PARLEY_OK);
    assert_true(slice_equal(buffer_slice(&out), text));
}

static void test_every_script_is_unharmed(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(written); i++) {
        check_unharmed(text_clean_message, slice_of(written[i]));
        check_unharmed(text_clean_name, slice_of(written[i]));
    }
}

static void test_repeated_letters_are_unharmed(void **state) {
    (void)state;
    static const char *const drawn_out[] = {
        "\u3150",       "\u0bae\u0bcd", /* mmmm in Tamil */
        "\U0001F602",   "\u0e01\u0e34",        "\u0647", "\U0001F1E9\U0001F1EA", "\u00e9",
        "\u1100\u1161", "\u0915\u094d\u0937 ",
    };
    for (size_t i = 0; i < COUNT(drawn_out); i++)
        check_unharmed(text_clean_message, filled("a", drawn_out[i], 900, "z"));
}

/* Too many marks */

/* The highest number of marks on one letter. */
static size_t longest_run(struct slice text) {
    size_t longest = 0, run = 0;
    for (size_t at = 0; at < text.len;) {
        run = unicode_extends(unicode_next(text, &at)) ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

struct endless {
    const char *base, *piece;
    size_t kept; /* of the pieces */
};

static const struct endless endless[] = {
    {"a", "\u0301", 30},
    {"", "\u0301", 30},
    {"a ", "\u0301", 30},
    {"a", "\u0344", 15},      /* two marks in one */
    {"\u00e9", "\u0301", 27}, /* it holds marks itself */
    {"\u1f82", "\u0301", 27},
    {"\u0e01", "\u0e34", 27}, /* Thai: of combining class 0 */
    {"\u0915", "\u093c", 27},
    {"\u05d0", "\u05b4", 27},
    {"\u0f40", "\u0fb1", 27},
    {"\uff76", "\uff9e", 27}, /* of halfwidth kana */
    {"a", "\u20dd", 30},      /* circles */
    {"a", "\u034f", 30},      /* grapheme joiner */
    {"a", "\u180b", 30},
    {"a", "\ufe0f", 30},
    {"a", "\U000e0101", 30},
    {"a", "\u200c", 30},
    {"a", "\u2063", 30}, /* an operator */
    {"a", "\u3164", 30}, /* a filler */
    {"a", "\u00ad", 30},
    {"\U0001F3F4", "\U000e0061", 27},
    {"\U0001F44D", "\U0001F3FD", 27}, /* 1.6 s of a browser's time for 4,000 */
};

static void test_marks_end(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(endless); i++) {
        const struct endless *row = &endless[i];
        buffer_clear(&out);
        struct slice text = filled(row->base, row->piece, 3980, "z");
        assert_int_equal(text_clean_message(text, TEXT_CHARACTERS_MAX, &out), PARLEY_OK);
        struct slice expected = filled(row->base, row->piece, row->kept, "z");
        if (!slice_equal(buffer_slice(&out), expected))
            fail_msg("row %zu: %zu bytes, not %zu", i, out.len, expected.len);
    }
}

/* Joining letters become single letters; 3,980 of them stay that many. */
static void test_joined_letters_end(void **state) {
    (void)state;
    static const struct {
        const char *letter, *joint;
    } cases[] = {{"\U0001F469", "\u200d"}, {"\u0915", "\u094d"}, {"\u1780", "\u17d2"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char piece[16];
        (void)snprintf(piece, sizeof piece, "%s%s", cases[i].letter, cases[i].joint);
        buffer_clear(&out);
        assert_int_equal(text_clean_message(filled("", piece, 1000, ""), TEXT_CHARACTERS_MAX, &out),
                         PARLEY_OK);
        buffer_clear(&again);
        append_times(&again, piece, CLUSTER_JOINTS_MAX);
        append_times(&again, cases[i].letter, 1);
        assert_memory_equal(out.bytes, again.bytes, again.len);
        assert_memory_equal(out.bytes + again.len, piece, strlen(piece));
    }
}

static void test_parts_of_hangul_end(void **state) {
    (void)state;
    static const struct endless cases[] = {
        {"", "\u1100", 31}, {"\u1100", "\u1161", 30}, {"\uac00", "\u11a8", 30}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        buffer_clear(&out);
        assert_int_equal(text_clean_message(filled(cases[i].base, cases[i].piece, 1000, ""),
                                            TEXT_CHARACTERS_MAX, &out),
                         PARLEY_OK);
        assert_true(slice_equal(buffer_slice(&out),
                                filled(cases[i].base, cases[i].piece, cases[i].kept, "")));
    }
}

/* Any mixture becomes clean and has a limited length. */
static void check_mixture(int (*clean)(struct slice, size_t, struct buffer *), struct slice text) {
    buffer_clear(&out);
    buffer_clear(&again);
    if (clean(text, TEXT_CHARACTERS_MAX, &out) != PARLEY_OK)
        return;
    assert_true(longest_run(buffer_slice(&out)) <= CLUSTER_MARKS_MAX);
    assert_int_equal(clean(buffer_slice(&out), TEXT_CHARACTERS_MAX, &again), PARLEY_OK);
    assert_true(slice_equal(buffer_slice(&out), buffer_slice(&again)));
}

static void test_a_clean_text_stays_as_it_is(void **state) {
    (void)state;
    static const uint32_t some[] = {'a',    '1',     ' ',    '\n',    0x01,    0x301,   0x344,
                                    0x200C, 0x200D,  0x200B, 0xFE0F,  0x20E3,  0x915,   0x94D,
                                    0x645,  0x1F469, 0x2764, 0x1F3FD, 0x1F3F4, 0xE0061, 0x1100,
                                    0x1161, 0xAC00,  0x11A8, 0x182E,  0x180B,  0x8FBB,  0xE0100,
                                    0x3164, 0x2800,  0xFFFD, 0xBCD,   0x202E};
    uint32_t random = 1;
    struct buffer text;
    buffer_init(&text, 1 << 10);
    for (uint32_t round = 0; round < 3000; round++) {
        buffer_clear(&text);
        /* few kinds in one text, so that runs are long */
        uint32_t kinds = 2 + round % 6, first = round / 6;
        for (int i = 0; i < 90; i++) {
            random = random * 1664525u + 1013904223u;
            assert_int_equal(
                unicode_append(&text, some[(first + (random >> 16) % kinds) % COUNT(some)]), 0);
        }
        check_mixture(text_clean_message, buffer_slice(&text));
        check_mixture(text_clean_name, buffer_slice(&text));
    }
    buffer_deinit(&text);
}

/* Names */

struct naming {
    const char *raw, *clean; /* NULL: no name */
};

static const struct naming namings[] = {
    {"Al\u200dice", "Alice"},
    {"Al\u200cice", "Alice"},
    {"Alice\u200d", "Alice"},
    {"\u200dAlice", "Alice"},
    {"Alice\ufe0f", "Alice"},
    {"Al\u034fice", "Alice"},
    {"Al\U000e0061ice", "Alice"},
    {"Al\u2060i\u00adce\u3164", "Alice"},
    {"A1\ufe0f", "A1"},                                                         /* not a keycap */
    {"\u0410\u200d\u043b\u0438\u0441\u0430", "\u0410\u043b\u0438\u0441\u0430"}, /* Cyrillic */
    {"\u05e9\u200d\u05dc", "\u05e9\u05dc"}, /* Hebrew joins nothing */
    {"\u0645\u06cc\u200c", "\u0645\u06cc"}, /* at the end it parts nothing */
    {"\u0645\u200c\u200c\u062e", "\u0645\u200c\u062e"},
    {"\u0915\u094d\u200d", "\u0915\u094d"},
    {"\U0001F469\u200d", "\U0001F469"},
    {"\U0001F469\u200d\u200d\U0001F680", "\U0001F469\u200d\U0001F680"},
    {"\U0001F469\u200dx", "\U0001F469x"},
    {"\u8fbb\ufe0f", "\u8fbb"},
    {"\U000e0067Ada", "Ada"},
    {"\u0301\u0301", NULL}, /* marks need a letter */
    {"\u0301Ada", "Ada"},
    {"Ada \u0301", "Ada"},
    {"Ada \u0301\u0302 Byron", "Ada Byron"},
    {"\u0301 \u0489 \u20dd", NULL},
    {"\u093e\u0940", NULL},
    {"\u0e34\u0e35", NULL},
    {"\U0001F3FD", NULL},
    {"\u2800\u3164\u115f", NULL},
    {"\U0001D159", NULL},
    {"\ufffd\ufffd", NULL}, /* replaced controls */
    {"A\x01\x7f\xC2\x85"
     "b\u202e",
     "A b"},
};

static void test_a_name_has_what_can_be_seen_and_what_that_needs(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(namings); i++) {
        const struct naming *row = &namings[i];
        buffer_clear(&out);
        int error = text_clean_name(slice_of(row->raw), NAME_CHARACTERS_MAX, &out);
        bool right =
            row->clean ? error == PARLEY_OK && slice_equal(buffer_slice(&out), slice_of(row->clean))
                       : error == PARLEY_ERR_EMPTY;
        if (!right)
            fail_msg("row %zu: %d \"%.*s\"", i, error, (int)out.len, out.bytes);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_script_is_unharmed),
        TEST(repeated_letters_are_unharmed),
        TEST(marks_end),
        TEST(joined_letters_end),
        TEST(parts_of_hangul_end),
        TEST(a_clean_text_stays_as_it_is),
        TEST(a_name_has_what_can_be_seen_and_what_that_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
