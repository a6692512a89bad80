/* Names with suffixes that only the page may add. */
#include "name.h"

#include "cmocka_all.h"
#include "slices.h"
#include "text.h"

struct row {
    const char *wish, *name;
};

static const struct row cut[] = {
    {"Grace (2)", "Grace"},
    {"Grace(2)", "Grace"},
    {"Grace (64)", "Grace"},
    {"Grace (1O)", "Grace"},
    {"Grace ( 2 ) ", "Grace"},
    {"Grace [2]", "Grace"},
    {"Grace {2}", "Grace"},
    {"Grace \uff08\uff12\uff09", "Grace"}, /* wide */
    {"Grace \u207d\u00b2\u207e", "Grace"}, /* raised */
    {"Grace \u2768\U0001D7D0\u2769", "Grace"},
    {"Grace \u2475", "Grace"}, /* a single character */
    {"Grace (2\u0301)", "Grace"},
    {"Grace (2)\u0301", "Grace"},
    {"Ada (you)", "Ada"},
    {"Ada (You)", "Ada"},
    {"Ada (y0u)", "Ada"},
    {"Ada (\u0443\u043eu)", "Ada"}, /* Cyrillic */
    {"Ada (you) (2)", "Ada"},
    {"Ada (2)(you)", "Ada"},
    {"Zoe\u0308 (2)", "Zoe\u0308"},
    {"Ada (Berlin) (2)", "Ada (Berlin)"},
};

static const char *const kept[] = {
    "Ada",        "Ada 2",     "Ada you",        "Ada (Lo)",   "Ada (Lilo)", "Ada (Berlin)",
    "Ada (your)", "Ada (yo)",  "Ada (2nd)",      "Ada (2",     "Ada 2)",     "Ada ()",
    "(2) Ada",    "(you) Ada", "Ada (she/they)", "Ada :(",     "Ada :)",     "Ada (2) Bo",
    "Zoe\u0308",  "(Ada)",     "Ada (2) (her)",  "Ada \u2461", /* in a circle */
};

static void assert_left(const char *wish, const char *name) {
    struct buffer clean;
    buffer_init(&clean, 2 * PEER_NAME_BYTES_MAX);
    int error = text_clean_name(slice_of(wish), PEER_NAME_CHARACTERS_MAX, &clean);
    struct slice left = name_without_ours(buffer_slice(&clean));
    if (error || !slice_equal(left, slice_of(name)))
        fail_msg("\"%s\" is \"%.*s\"", wish, (int)left.len, left.bytes);
    buffer_deinit(&clean);
}

static void ends_that_only_the_page_adds_are_cut_off(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(cut); i++) {
        assert_left(cut[i].wish, cut[i].name);
        assert_left(cut[i].name, cut[i].name);
    }
}

static void other_names_stay(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(kept); i++)
        assert_left(kept[i], kept[i]);
}

static void a_name_of_nothing_else_stays(void **state) {
    (void)state;
    static const char *const names[] = {"(2)", "(you)", "(you) (2)", "\u2475"};
    for (size_t i = 0; i < COUNT(names); i++)
        assert_left(names[i], names[i]);
}

static void a_name_as_long_as_they_may_be_is_read(void **state) {
    (void)state;
    assert_left("12345678901234567890123456789012", "12345678901234567890123456789012");
    assert_left("12345678901234567890123456789(2)", "12345678901234567890123456789");
}

static void check_cut(struct slice beginning) {
    if (text_utf8_valid(beginning))
        name_without_ours(beginning);
}

static void nothing_behind_the_end_is_read(void **state) {
    (void)state;
    for_each_beginning("\u00e4 (\u6f22) \uff08\uff12\uff09", check_cut);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_that_only_the_page_adds_are_cut_off),
        cmocka_unit_test(other_names_stay),
        cmocka_unit_test(a_name_of_nothing_else_stays),
        cmocka_unit_test(a_name_as_long_as_they_may_be_is_read),
        cmocka_unit_test(nothing_behind_the_end_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
