/* Texts prepared for display: links, and times. */
#include "text.h"

#include "slices.h"
#include "url.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

/* Addresses */

/* Checks that |text| has exactly the addresses |links|, a list that ends with NULL. */
static void check_links(const char *text, const char *const *links) {
    struct slice whole = slice_of(text);
    size_t from = 0, start, end;
    for (; *links; links++) {
        if (!url_find(whole, from, &start, &end))
            fail_msg("\"%s\" lacks %s", text, *links);
        if (!slice_equal((struct slice){text + start, end - start}, slice_of(*links)))
            fail_msg("\"%s\": %.*s is not %s", text, (int)(end - start), text + start, *links);
        from = end;
    }
    if (url_find(whole, from, &start, &end))
        fail_msg("\"%s\" has %.*s too", text, (int)(end - start), text + start);
}

struct linked {
    const char *text;
    const char *link; /* NULL: none */
};

static void check_each_link(const struct linked *cases, size_t count) {
    for (size_t i = 0; i < count; i++)
        check_links(cases[i].text, (const char *const[]){cases[i].link, NULL});
}

static void test_addresses_are_found(void **state) {
    (void)state;
    static const struct linked cases[] = {
        {"http://a.example", "http://a.example"},
        {"see https://a.example/b?c=d&e#f now", "https://a.example/b?c=d&e#f"},
        {"HTTPS://A.EXAMPLE", "HTTPS://A.EXAMPLE"},
        {"http://[::1]:3000/x", "http://[::1]:3000/x"},
        {"http://\xC3\xA4.example/\xE6\xBC\xA2", "http://\xC3\xA4.example/\xE6\xBC\xA2"},
        {"(http://a.example/b_(c))", "http://a.example/b_(c)"},
        {"x=http://a.example", "http://a.example"},
        {"http://user:pw@a.example/", "http://user:pw@a.example/"},
        {"line\nhttp://a.example\nline", "http://a.example"},
    };
    check_each_link(cases, COUNT(cases));
}

static void test_other_schemes_are_no_links(void **state) {
    (void)state;
    static const struct linked cases[] = {
        {"javascript:alert(1)", NULL}, {"javascript://a.example/%0aalert(1)", NULL},
        {"data:text/html,x", NULL},    {"ftp://a.example", NULL},
        {"file:///etc/passwd", NULL},  {"xhttp://a.example", NULL},
        {"1https://a.example", NULL},  {"http:/a.example", NULL},
        {"http:a.example", NULL},      {"www.a.example", NULL},
    };
    check_each_link(cases, COUNT(cases));
}

static void test_a_scheme_alone_is_no_link(void **state) {
    (void)state;
    static const struct linked cases[] = {
        {"http://", NULL},
        {"https://", NULL},
        {"http:// a", NULL},
        {"http://.", NULL},
        {"http://)", NULL},
        {"http:///a", NULL},
        {"http://?a", NULL},
        {"http://\"a", NULL},
        {"http://-a", NULL},
        {"http://\xE3\x80\x82", NULL},
        {"http://http", "http://http"},
    };
    check_each_link(cases, COUNT(cases));
}

static void test_the_sentence_around_is_left_out(void **state) {
    (void)state;
    static const struct linked cases[] = {
        {"Is it http://a.example?", "http://a.example"},
        {"http://a.example...", "http://a.example"},
        {"http://a.example, then", "http://a.example"},
        {"(see http://a.example)", "http://a.example"},
        {"[http://a.example]: {http", "http://a.example"},
        {"{http://a.example}", "http://a.example"},
        {"<http://a.example>", "http://a.example"},
        {"\"http://a.example\"", "http://a.example"},
        {"'http://a.example'", "http://a.example"},
        {"*http://a.example*", "http://a.example"},
        {"_http://a.example_", "http://a.example"},
        {"\xE2\x80\x9Chttp://a.example\xE2\x80\x9D", "http://a.example"},
        {"\xE3\x80\x8Chttp://a.example\xE3\x80\x8D\xE3\x80\x82", "http://a.example"},
        {"http://a.example/x.html.", "http://a.example/x.html"},
        {"http://a.example/?q=(a)[b]", "http://a.example/?q=(a)[b]"},
    };
    check_each_link(cases, COUNT(cases));
}

/* Unicode's classes give the terminal punctuation and the quotes of any script. */
static void test_the_sentence_around_is_left_out_in_every_script(void **state) {
    (void)state;
    static const char *const after[] = {
        "\u3002",       "\uff0c",     "\uff01",     "\uff1f",
        "\u3001",       "\uff1a",     "\uff1b",     "\uff0e", /* CJK */
        "\u060c",       "\u061b",     "\u061f",     "\u06d4", /* Arabic */
        "\u05c3",       "\u0589",     "\u0387",     "\u037e", /* Hebrew, Armenian, Greek */
        "\u0964",       "\u0965",                             /* Indian scripts */
        "\u0e5a",       "\u17d4",     "\u17d5",     "\u104a",
        "\u104b",       "\u0f0d",                             /* Thai to Tibetan */
        "\u1362",       "\u1367",     "\u166e",     "\u1803", /* Ethiopic and others */
        "\u203c",       "\u203d",     "\u2049",     "\u2026",
        "\u2014",       "\u2013",     "\u00bb",     "\u00ab",
        "\u201c",       "\u201d",     "\u2019",     "\u203a", /* quotes */
        "\u300d",       "\u300f",     "\uff09",     "\u3011",
        "\u300b",       "\uff3d",     "\uff63", /* brackets */
        "\u27e9",       "\u2046",     "\u0f3b",     ".",
        "...",          "?!",         "),",         ")\u3002",
        "\u300d\u3002", "\U00011047", "\U0001DA88",
    };
    for (size_t i = 0; i < COUNT(after); i++) {
        struct slice text = filled("http://a.example/x", after[i], 1, "");
        char terminated[64] = "";
        memcpy(terminated, text.bytes, text.len);
        check_links(terminated, (const char *const[]){"http://a.example/x", NULL});
    }
}

static void test_a_sentence_goes_on_without_a_space(void **state) {
    (void)state;
    static const struct linked cases[] = {
        {"\u89c1https://a.example/x\u3002\u8c22\u8c22", "https://a.example/x"},
        {"\u201chttps://a.example/x\u201d\u662f", "https://a.example/x"},
        {"\u300chttps://a.example/x\u300d\u3067\u3059", "https://a.example/x"},
        {"https://a.example/x\u060c\u062b\u0645", "https://a.example/x"},
        {"\u00abhttps://a.example/x\u00bb\u2014", "https://a.example/x"},
        {"https://a.example/x\u104b\u1000", "https://a.example/x"},
        {"https://a.example/x)y", "https://a.example/x"},
    };
    check_each_link(cases, COUNT(cases));
}

static void test_an_address_keeps_what_is_its_own(void **state) {
    (void)state;
    static const struct linked cases[] = {
        {"http://a.example/b_", "http://a.example/b_"},
        {"http://a.example/b-", "http://a.example/b-"},
        {"http://a.example/a.b,c;d:e!f?g'h", "http://a.example/a.b,c;d:e!f?g'h"},
        {"http://a.example/(b)", "http://a.example/(b)"},
        {"http://a.example/(b(c)d)e", "http://a.example/(b(c)d)e"},
        {"http://a.example/(b]", "http://a.example/(b"},
        {"http://a.example/(", "http://a.example/"},
        {"http://a.example/\u6c34\uff08\u661f\uff09", "http://a.example/\u6c34\uff08\u661f\uff09"},
        {"(http://a.example/\u300ab\u300b)", "http://a.example/\u300ab\u300b"},
        {"http://a.example/\u30b8\u30e7\u30f3\u30fb\u30ec", /* a middle dot */
         "http://a.example/\u30b8\u30e7\u30f3\u30fb\u30ec"},
        {"http://a.example/\u0939\u093f\u0928\u094d\u0926\u0940",
         "http://a.example/\u0939\u093f\u0928\u094d\u0926\u0940"},
        {"http://a.example/a\u2013b", "http://a.example/a\u2013b"},
        {"*http://a.example/b_*", "http://a.example/b_"},
        {"`http://a.example/`", "http://a.example/"},
        {"~~http://a.example/~~", "http://a.example/"},
        {"http://a.example/~ada", "http://a.example/~ada"},
        {"http://a.example/?a=[b]&c={d}", "http://a.example/?a=[b]&c={d}"},
    };
    check_each_link(cases, COUNT(cases));
}

static void test_invite_links_are_whole(void **state) {
    (void)state;
    static const char *const ids[] = {"tea-room", "tea_", "tea--", "____", "_-_-", "-tea-_"};
    static const char *const around[][2] = {
        {"", ""},
        {"see ", "."},
        {"(", ")"},
        {"<", ">"},
        {"\u300c", "\u300d\u3002"},
        {"", ", then"},
        {"", "\u306f\u3053\u3061\u3089"},
        {"*", "*"},
        {"\u201e", "\u201c"},
        {"", "?"},
        {"", "!"},
        {"", "\u3002\u6b22\u8fce"},
        {"", "\u043f\u0440\u0438"},
        {"[x](", ")"},
    };
    char link[128], text[256];
    for (size_t i = 0; i < COUNT(ids) * COUNT(around); i++) {
        const char *const *pair = around[i / COUNT(ids)];
        (void)snprintf(link, sizeof link, "http://localhost:3000/?roomId=%s", ids[i % COUNT(ids)]);
        (void)snprintf(text, sizeof text, "%s%s%s", pair[0], link, pair[1]);
        check_links(text, (const char *const[]){link, NULL});
    }
    static const struct linked sealed[] = {
        {"https://a.example/#1abc-_", "https://a.example/#1abc-_"},
        {"https://a.example/chat/?roomId=tea_&x=y#z.", "https://a.example/chat/?roomId=tea_&x=y#z"},
    };
    check_each_link(sealed, COUNT(sealed));
}

static void test_invisible_characters_end_an_address(void **state) {
    (void)state;
    static const struct linked cases[] = {
        {"http://a.example\xE2\x80\x8Bx", "http://a.example"},
        {"http://a.example\xC2\xA0x", "http://a.example"},
        {"http://a.example\xE3\x80\x80x", "http://a.example"},
        {"http://a.example\xE2\x80\xAEx", "http://a.example"},
        {"http://a.example\xEF\xBF\xBDx", "http://a.example"},
    };
    check_each_link(cases, COUNT(cases));
}

static void test_several_addresses_in_order(void **state) {
    (void)state;
    check_links("http://a https://b, (http://c) http://", (const char *const[]){
                                                              "http://a",
                                                              "https://b",
                                                              "http://c",
                                                              NULL,
                                                          });
}

static void test_the_search_starts_where_it_is_told(void **state) {
    (void)state;
    size_t start = 0, end = 0;
    assert_true(url_find(slice_of("http://a http://b"), 1, &start, &end));
    assert_int_equal(start, 9);
    assert_int_equal(end, 17);
    assert_false(url_find(slice_of("http://a"), 8, &start, &end));
    assert_false(url_find((struct slice){0}, 0, &start, &end));
}

static void check_cut(struct slice beginning) {
    size_t start = 0, end = 0;
    if (text_utf8_valid(beginning) && url_find(beginning, 0, &start, &end))
        assert_int_equal(end, beginning.len);
}

static void test_nothing_behind_the_end_is_read(void **state) {
    (void)state;
    for_each_beginning("https://a\xC3\xA4", check_cut);
}

/* Each of many schemes in a line was once followed to the end of the line, which took 70 ms. */
static void test_looking_for_addresses_takes_little_time(void **state) {
    (void)state;
    static const char *const pieces[] = {"http://)", "http://\u201c", "http://\u2026(",
                                         "http://\uff08"};
    size_t start, end;
    clock_t began = clock();
    for (size_t i = 0; i < 20 * COUNT(pieces); i++) {
        struct slice text = filled("", pieces[i % COUNT(pieces)], 500,
                                   "))))))))))))))))))))))))))))))))))))))))))");
        for (size_t from = 0; url_find(text, from, &start, &end); from = end)
            continue;
    }
    assert_true(clock() - began < CLOCKS_PER_SEC);
}

/* Times */

struct clock_case {
    int64_t wall_ms;
    int32_t utc_offset_min;
    const char *iso;
};

static void check_times(const struct clock_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char iso[TEXT_ISO_BYTES];
        text_format_iso(cases[i].wall_ms, cases[i].utc_offset_min, iso);
        assert_string_equal(iso, cases[i].iso);
    }
}

static void test_times_of_day_and_dates(void **state) {
    (void)state;
    static const struct clock_case cases[] = {
        {0, 0, "1970-01-01T00:00:00+00:00"},
        {86399999, 0, "1970-01-01T23:59:59+00:00"},
        {86400000, 0, "1970-01-02T00:00:00+00:00"},
        {-1, 0, "1969-12-31T23:59:59+00:00"},
        {1709164800000, 0, "2024-02-29T00:00:00+00:00"},
        {951782400000, 0, "2000-02-29T00:00:00+00:00"},
        {-2203891200000, 0, "1900-03-01T00:00:00+00:00"},
        {1767225599000, 0, "2025-12-31T23:59:59+00:00"},
    };
    check_times(cases, COUNT(cases));
}

static void test_offsets_from_utc(void **state) {
    (void)state;
    static const struct clock_case cases[] = {
        {0, 60, "1970-01-01T01:00:00+01:00"},  {0, -1, "1969-12-31T23:59:00-00:01"},
        {0, 345, "1970-01-01T05:45:00+05:45"}, {0, -210, "1969-12-31T20:30:00-03:30"},
        {0, 840, "1970-01-01T14:00:00+14:00"},
    };
    check_times(cases, COUNT(cases));
}

static void test_no_moment_is_beyond_it(void **state) {
    (void)state;
    static const struct clock_case cases[] = {
        {INT64_MAX, 0, "9999-12-31T23:59:59+00:00"},
        {INT64_MIN, 0, "0000-01-01T00:00:00+00:00"},
        {INT64_MAX, 60, "9999-12-31T23:59:59+01:00"},
        {INT64_MIN, -60, "0000-01-01T00:00:00-01:00"},
    };
    check_times(cases, COUNT(cases));
    char iso[TEXT_ISO_BYTES];
    for (int i = 0; i < 4; i++) {
        int32_t offset_min = i & 1 ? INT32_MIN : INT32_MAX;
        int64_t wall_ms = i & 2 ? INT64_MIN : INT64_MAX;
        text_format_iso(wall_ms, offset_min, iso);
        assert_int_equal(strlen(iso), strlen("2026-11-22T14:05:09+01:00"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_are_found),
        cmocka_unit_test(test_other_schemes_are_no_links),
        cmocka_unit_test(test_a_scheme_alone_is_no_link),
        cmocka_unit_test(test_the_sentence_around_is_left_out),
        cmocka_unit_test(test_the_sentence_around_is_left_out_in_every_script),
        cmocka_unit_test(test_a_sentence_goes_on_without_a_space),
        cmocka_unit_test(test_an_address_keeps_what_is_its_own),
        cmocka_unit_test(test_invite_links_are_whole),
        cmocka_unit_test(test_invisible_characters_end_an_address),
        cmocka_unit_test(test_several_addresses_in_order),
        cmocka_unit_test(test_the_search_starts_where_it_is_told),
        cmocka_unit_test(test_nothing_behind_the_end_is_read),
        cmocka_unit_test(test_looking_for_addresses_takes_little_time),
        cmocka_unit_test(test_times_of_day_and_dates),
        cmocka_unit_test(test_offsets_from_utc),
        cmocka_unit_test(test_no_moment_is_beyond_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
