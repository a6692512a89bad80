/* Strict reading and bounded writing, of inputs that cJSON alone would accept, or that would cost
 * it too much. */
#include "json.h"

#include "error.h"
#include "slices.h"

static int read_error(struct slice bytes) {
    cJSON *object = NULL;
    int error = json_read(bytes, &object);
    assert_true(error ? object == NULL : object != NULL);
    cJSON_Delete(object);
    return error;
}

static void check_errors(const char *const *cases, size_t count, int expected) {
    for (size_t i = 0; i < count; i++) {
        int error = read_error(slice_of(cases[i]));
        if (error != expected)
            fail_msg("%s gave %d", cases[i], error);
    }
}

/* Reading */

static void test_one_object_is_read(void **state) {
    (void)state;
    static const char *const cases[] = {
        "{}",
        " \t\r\n{ \"a\" :\t1\r\n, \"b\" : [ true , false , null ] } \n",
        "{\"a\":{\"b\":[{}]}}",
        "{\"a\":\"\xC3\xA4\\u00e4\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
        "{\"a\":-1,\"b\":0}",
        "{\"e\":true,\"E\":\"1.5e3 [{,:\"}",
    };
    check_errors(cases, COUNT(cases), PARLEY_OK);
}

static void test_nothing_else_is_an_object(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",
        " ",
        "null",
        "true",
        "1",
        "\"{}\"",
        "[]",
        "[{}]",
        "{",
        "}",
        "{]",
        "}{",
        "{}}",
        "{{}}",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":[1,]}",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":nan}",
        "{\"a\":+1}",
        "{\"a\":0x1}",
        "{\"a\":--1}",
        "{\"a\":-}",
        "/**/{}",
        "{}//",
    };
    check_errors(cases, COUNT(cases), PARLEY_ERR_JSON);
    assert_int_equal(read_error((struct slice){0}), PARLEY_ERR_JSON);
}

static void test_nothing_follows_the_object(void **state) {
    (void)state;
    static const char *const cases[] = {"{}x", "{}{}", "{} []", "{}\"", "{},", "{}\x01", "{}\v"};
    check_errors(cases, COUNT(cases), PARLEY_ERR_JSON);
    assert_int_equal(read_error(BYTES("{}\0")), PARLEY_ERR_JSON);
}

static void test_white_space_is_what_json_calls_so(void **state) {
    (void)state;
    static const char *const cases[] = {"\x01{}",         "{\v}",   "{\"a\"\f:1}",
                                        "{\"a\":\x1F[]}", "{\x7F}", "{\xC2\xA0}"};
    check_errors(cases, COUNT(cases), PARLEY_ERR_JSON);
}

static void test_numbers_are_integers(void **state) {
    (void)state;
    static const char *const cases[] = {
        "{\"a\":1.0}", "{\"a\":1e3}", "{\"a\":1E3}", "{\"a\":.5}", "{\"a\":-1.5}", "{\"a\":0e0}",
    };
    check_errors(cases, COUNT(cases), PARLEY_ERR_JSON);
}

static void test_no_nul_in_any_form(void **state) {
    (void)state;
    static const char *const cases[] = {"{\"a\":\"x\\u0000y\"}", "{\"a\":\"\\u0000\"}",
                                        "{\"\\u0000\":1}", "{\"a\\u0000\":1}"};
    check_errors(cases, COUNT(cases), PARLEY_ERR_JSON);
    assert_int_equal(read_error(BYTES("{\"a\":\"x\0y\"}")), PARLEY_ERR_JSON);
    assert_int_equal(read_error(BYTES("\0{}")), PARLEY_ERR_JSON);
    assert_int_equal(read_error(slice_of("{\"a\":\"\\\\u0000\"}")), PARLEY_OK);
}

/* cJSON treats an escape without a number as \u0000, and cuts the string there. */
static void test_escapes_are_whole(void **state) {
    (void)state;
    static const char *const cases[] = {
        "{\"a\":\"x\\uZZZZy\"}", "{\"a\":\"x\\u00g0y\"}", "{\"a\":\"x\\u 041y\"}",
        "{\"a\":\"\\u12\"}",     "{\"a\":\"\\u\"}",       "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\U0041\"}",   "{\"a\":\"\\'\"}",       "{\"a\":\"\\\"}",
        "{\"a\":\"\\u0\"}xxxx",  "{\"\\uZZZZ\":1}",       "{\"a\":\"\\",
        "{\"a\":\"\\u00",
    };
    check_errors(cases, COUNT(cases), PARLEY_ERR_JSON);
}

static void test_escaped_surrogates_come_in_pairs(void **state) {
    (void)state;
    static const char *const cases[] = {"{\"a\":\"\\ud800\"}",        "{\"a\":\"\\udc00\"}",
                                        "{\"a\":\"\\ud800\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}",
                                        "{\"a\":\"\\ud800xxxxxx\"}",  "{\"a\":\"\\udc00\\ud800\"}"};
    check_errors(cases, COUNT(cases), PARLEY_ERR_JSON);
}

static void test_raw_controls_are_refused_in_strings(void **state) {
    (void)state;
    static const char *const cases[] = {"{\"a\":\"\n\"}", "{\"a\":\"\t\"}", "{\"a\":\"\x01\"}",
                                        "{\"a\":\"\\\n\"}", "{\"\x1F\":1}"};
    check_errors(cases, COUNT(cases), PARLEY_ERR_JSON);
    assert_int_equal(read_error(slice_of("{\"a\":\"\x7F\"}")), PARLEY_OK);
}

/* The scanner reads strings eight bytes at a time. Each byte counts the same at each place. */
static void test_a_byte_is_judged_alike_at_every_place(void **state) {
    (void)state;
    for (unsigned byte = 1; byte < 0x80; byte++) {
        bool plain = byte >= 0x20 && byte != '"' && byte != '\\';
        for (size_t at = 0; at < 20; at++) {
            char text[] = "{\"a\":\"01234567890123456789\"}";
            text[6 + at] = (char)byte;
            int error = read_error(slice_of(text));
            if (error != (plain ? PARLEY_OK : PARLEY_ERR_JSON))
                fail_msg("%u at %zu gave %d", byte, at, error);
        }
    }
}

static void test_invalid_utf8_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "{\"a\":\"\xFF\"}",
        "{\"a\":\"\xC0\x80\"}",
        "{\"a\":\"\xED\xA0\x80\"}",
        "{\"a\":\"\xF4\x90\x80\x80\"}",
        "{\"\xC3\":1}",
        "{}\xE2\x82",
    };
    check_errors(cases, COUNT(cases), PARLEY_ERR_UTF8);
}

static void test_depth_is_bounded(void **state) {
    (void)state;
    static const char *const fits[] = {"{\"a\":[[[]]]}", "{\"a\":{\"a\":{\"a\":{}}}}",
                                       "{\"a\":[[[]],[[]]],\"b\":[[[]]]}",
                                       "{\"a\":\"[[[[[[[[[[\"}"};
    static const char *const deep[] = {"{\"a\":[[[[]]]]}", "{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}"};
    check_errors(fits, COUNT(fits), PARLEY_OK);
    check_errors(deep, COUNT(deep), PARLEY_ERR_JSON);
    assert_int_equal(read_error(filled("{\"a\":", "[", 8000, "")), PARLEY_ERR_JSON);
    assert_int_equal(read_error(filled("", "{\"a\":", 3000, "")), PARLEY_ERR_JSON);
}

static void test_values_are_bounded(void **state) {
    (void)state;
    const size_t brackets_and_colon = 3; /* {, : and [ */
    size_t fits = JSON_VALUES_MAX - brackets_and_colon;
    assert_int_equal(read_error(filled("{\"a\":[1", ",1", fits, "]}")), PARLEY_OK);
    assert_int_equal(read_error(filled("{\"a\":[1", ",1", fits + 1, "]}")), PARLEY_ERR_JSON);
    assert_int_equal(read_error(filled("{\"a\":[1", ",1", 8000, "]}")), PARLEY_ERR_JSON);
    assert_int_equal(read_error(filled("{\"a\":[[]", ",[]", 4000, "]}")), PARLEY_ERR_JSON);
    assert_int_equal(read_error(filled("{\"a\":1", ",\"a\":1", 2000, "}")), PARLEY_ERR_JSON);
    assert_int_equal(read_error(filled("{\"a\":\"", ",[:", 5000, "\"}")), PARLEY_OK);
}

static void check_cut(struct slice beginning) {
    bool whole = beginning.len && beginning.bytes[beginning.len - 1] == '}';
    assert_int_equal(read_error(beginning), whole ? PARLEY_OK : PARLEY_ERR_JSON);
}

static void test_nothing_behind_the_end_is_read(void **state) {
    (void)state;
    for_each_beginning("{\"key\":\"\\\"\\u00e4\\ud83d\\ude00\",\"n\":12}", check_cut);
}

/* Writing */

static struct buffer out;
static struct json_writer writer;

#define KEY(key) ((struct json_key)JSON_KEY(key))

static void begin(size_t bytes_max) {
    json_begin(&writer, &out, bytes_max);
    json_open(&writer, JSON_NO_KEY, '{');
}

static void check_end(int error, const char *text) {
    json_close(&writer, '}');
    assert_int_equal(json_end(&writer), error);
    assert_slice(buffer_slice(&out), text);
    buffer_deinit(&out);
}

static void test_only_true_flags_are_written(void **state) {
    (void)state;
    buffer_init(&out, 1000);
    begin(100);
    json_put_flag(&writer, KEY("a"), false);
    json_put_flag(&writer, KEY("b"), true);
    check_end(PARLEY_OK, "{\"b\":true}");
}

static void test_strings_are_escaped(void **state) {
    (void)state;
    buffer_init(&out, 1000);
    begin(100);
    json_put_string(&writer, KEY("a"), slice_of("\"\\/\b\f\n\r\t\x01\x1F\x7F\xC3\xA4</script>"));
    json_put_string(&writer, KEY("b"), (struct slice){0});
    check_end(PARLEY_OK, "{\"a\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\xC3\xA4</script>\","
                         "\"b\":\"\"}");
}

static void test_numbers_are_written_as_they_are(void **state) {
    (void)state;
    buffer_init(&out, 1000);
    begin(100);
    json_put_number(&writer, KEY("a"), 0);
    json_put_number(&writer, KEY("b"), 10);
    json_put_number(&writer, KEY("c"), UINT32_MAX);
    check_end(PARLEY_OK, "{\"a\":0,\"b\":10,\"c\":4294967295}");
}

static void test_arrays_and_objects_stand_in_each_other(void **state) {
    (void)state;
    buffer_init(&out, 1000);
    append_times(&out, ">", 1);
    begin(100);
    json_open(&writer, KEY("a"), '[');
    json_put_string(&writer, JSON_NO_KEY, slice_of("["));
    json_open(&writer, JSON_NO_KEY, '{');
    json_put_number(&writer, KEY("b"), 1);
    json_close(&writer, '}');
    json_open(&writer, JSON_NO_KEY, '{');
    json_close(&writer, '}');
    json_close(&writer, ']');
    json_put_number(&writer, KEY("c"), 2);
    check_end(PARLEY_OK, ">{\"a\":[\"[\",{\"b\":1},{}],\"c\":2}");
}

static void test_a_string_with_a_nul_cannot_be_written(void **state) {
    (void)state;
    buffer_init(&out, 1000);
    begin(100);
    json_put_string(&writer, KEY("a"), BYTES("a\0b"));
    json_put_number(&writer, KEY("b"), 1);
    check_end(PARLEY_ERR_FIELD, "");
}

static void test_the_first_error_stays(void **state) {
    (void)state;
    buffer_init(&out, 1000);
    begin(10);
    json_fail(&writer, PARLEY_ERR_TYPE);
    json_put_string(&writer, KEY("a"), slice_of("0123456789"));
    json_fail(&writer, PARLEY_ERR_FIELD);
    check_end(PARLEY_ERR_TYPE, "");
}

static void write_ten(size_t bytes_max, int error, const char *text) {
    buffer_init(&out, 20);
    append_times(&out, ">", 1);
    begin(bytes_max);
    json_put_string(&writer, KEY("a"), slice_of("0123456789"));
    check_end(error, text);
}

static void test_writing_stops_at_the_limit(void **state) {
    (void)state;
    write_ten(18, PARLEY_OK, ">{\"a\":\"0123456789\"}");
    for (size_t bytes_max = 0; bytes_max < 18; bytes_max++)
        write_ten(bytes_max, PARLEY_ERR_TOO_BIG, ">");
    write_ten(20, PARLEY_ERR_FULL, ">");
}

#define TEST(name) cmocka_unit_test(test_##name)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(one_object_is_read),
        TEST(nothing_else_is_an_object),
        TEST(nothing_follows_the_object),
        TEST(white_space_is_what_json_calls_so),
        TEST(numbers_are_integers),
        TEST(no_nul_in_any_form),
        TEST(escapes_are_whole),
        TEST(escaped_surrogates_come_in_pairs),
        TEST(raw_controls_are_refused_in_strings),
        TEST(a_byte_is_judged_alike_at_every_place),
        TEST(invalid_utf8_is_refused),
        TEST(depth_is_bounded),
        TEST(values_are_bounded),
        TEST(nothing_behind_the_end_is_read),
        TEST(only_true_flags_are_written),
        TEST(strings_are_escaped),
        TEST(numbers_are_written_as_they_are),
        TEST(arrays_and_objects_stand_in_each_other),
        TEST(a_string_with_a_nul_cannot_be_written),
        TEST(the_first_error_stays),
        TEST(writing_stops_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
