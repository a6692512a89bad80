/* Fields of every kind, read and written with the rows of their table. */
#include "fields.h"

#include "error.h"
#include "slices.h"

struct point {
    uint32_t x, y;
};

struct message {
    struct slice text;
    uint32_t number, name;
    bool flag;
    const struct slice *words;
    size_t word_count;
    const struct point *points;
    size_t point_count;
    char id[3];
    char longer_id[4 + 1]; /* and its length */
};

enum { TEXT, NUMBER, FLAG, NAME, WORDS, POINTS, ID, LONGER_ID };

static const struct slice names[] = {FIELD_NAMED("red"), FIELD_NAMED("green")};

static bool is_lower(struct slice text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.bytes[i] == 'X')
            return false;
    return true;
}

static bool is_id(struct slice text) {
    return text.len == 3 && is_lower(text);
}

static bool is_longer_id(struct slice text) {
    return text.len >= 2 && text.len <= 4 && is_lower(text);
}

static const struct field word_rows[] = {{FIELD_IS_TEXT(1, 3), .valid = is_lower}};
static const struct field_items words = {
    .rows = word_rows, .bytes = sizeof(struct slice), .bare = true};
static const struct field point_rows[] = {
    FIELD_ROW("x", .at = offsetof(struct point, x), FIELD_IS_NUMBER(1, 9)),
    FIELD_ROW("y", .at = offsetof(struct point, y), FIELD_IS_NUMBER(0, 9))};
static const struct field_items points = {
    .rows = point_rows, .set = {.required = 1, .optional = 2}, .bytes = sizeof(struct point)};

#define AT(name) .at = offsetof(struct message, name)
#define COUNT_AT(name) offsetof(struct message, name)
static struct field rows[] = {
    [TEXT] = FIELD_ROW("a", AT(text), FIELD_IS_TEXT(0, 9)),
    [NUMBER] = FIELD_ROW("a", AT(number), FIELD_IS_NUMBER(0, UINT32_MAX)),
    [FLAG] = FIELD_ROW("a", AT(flag), FIELD_IS_FLAG),
    [NAME] = FIELD_ROW("a", AT(name), FIELD_IS_NAME(1, names)),
    [WORDS] = FIELD_ROW("a", AT(words), FIELD_IS_LIST(words, COUNT_AT(word_count), 3)),
    [POINTS] = FIELD_ROW("a", AT(points), FIELD_IS_LIST(points, COUNT_AT(point_count), 3)),
    [ID] = FIELD_ROW("a", AT(id), FIELD_IS_ID(3, 3, is_id)),
    [LONGER_ID] =
        FIELD_ROW("a", AT(longer_id), FIELD_IS_ID(2, 4, is_longer_id), .error = PARLEY_ERR_ROOM),
};

static cJSON *object;
static struct message message;
static struct field_set read_set;

static void forget(void) {
    fields_free(rows, read_set, &message);
    cJSON_Delete(object);
    object = NULL;
    message = (struct message){0};
}

static int teardown(void **state) {
    (void)state;
    forget();
    rows[TEXT] = (struct field)FIELD_ROW("a", AT(text), FIELD_IS_TEXT(0, 9));
    return 0;
}

/* Reads the field |row| of |text| into |message|. */
static int read_field(int row, bool required, const char *text) {
    forget();
    read_set = (struct field_set){.required = required ? 1u << row : 0,
                                  .optional = required ? 0 : 1u << row};
    assert_int_equal(json_read(slice_of(text), &object), PARLEY_OK);
    return fields_read(rows, read_set, object, &message);
}

/* Reading */

static int read_bounded(size_t min, size_t max, bool required, const char *text) {
    rows[TEXT].min = (uint32_t)min;
    rows[TEXT].max = (uint32_t)max;
    return read_field(TEXT, required, text);
}

static void test_a_string_within_its_bounds(void **state) {
    (void)state;
    const char *text = "{\"a\":\"\\u00e4x\"}";
    assert_int_equal(read_bounded(3, 3, true, text), PARLEY_OK);
    assert_slice(message.text, "\xC3\xA4x");
    assert_int_equal(read_bounded(4, 9, true, text), PARLEY_ERR_FIELD);
    assert_int_equal(read_bounded(0, 2, true, text), PARLEY_ERR_FIELD);
    assert_int_equal(message.text.len, 0);
}

static void test_a_string_that_is_missing(void **state) {
    (void)state;
    const char *text = "{\"A\":\"x\",\"ab\":\"x\",\"\":\"x\"}";
    assert_int_equal(read_bounded(0, 9, true, text), PARLEY_ERR_FIELD);
    assert_int_equal(read_bounded(1, 9, false, text), PARLEY_OK);
    assert_slice(message.text, "");
}

static void test_other_kinds_are_no_string(void **state) {
    (void)state;
    static const char *const others[] = {"{\"a\":1}",  "{\"a\":null}", "{\"a\":true}",
                                         "{\"a\":[]}", "{\"a\":{}}",   "{\"a\":[\"x\"]}"};
    for (size_t i = 0; i < COUNT(others); i++)
        assert_int_equal(read_bounded(0, 9, false, others[i]), PARLEY_ERR_FIELD);
}

static void test_the_first_of_equal_keys_counts(void **state) {
    (void)state;
    const char *text = "{\"A\":\"no\",\"a\":\"first\",\"a\":\"second\"}";
    assert_int_equal(read_bounded(0, 9, true, text), PARLEY_OK);
    assert_slice(message.text, "first");
}

static void test_a_text_that_is_not_valid_has_its_own_error(void **state) {
    (void)state;
    rows[TEXT].valid = is_lower;
    assert_int_equal(read_field(TEXT, true, "{\"a\":\"x\"}"), PARLEY_OK);
    assert_int_equal(read_field(TEXT, true, "{\"a\":\"X\"}"), PARLEY_ERR_FIELD);
    rows[TEXT].error = PARLEY_ERR_ROOM;
    assert_int_equal(read_field(TEXT, false, "{\"a\":\"X\"}"), PARLEY_ERR_ROOM);
    assert_int_equal(read_field(TEXT, false, "{\"a\":1}"), PARLEY_ERR_FIELD);
}

static void test_an_id_is_copied(void **state) {
    (void)state;
    assert_int_equal(read_field(ID, true, "{\"a\":\"abc\"}"), PARLEY_OK);
    assert_memory_equal(message.id, "abc", 3);
    assert_int_equal(read_field(LONGER_ID, false, "{\"a\":\"ab\"}"), PARLEY_OK);
    assert_memory_equal(message.longer_id, "ab\0\0\2", 5);
    assert_int_equal(read_field(LONGER_ID, false, "{\"a\":\"abcd\"}"), PARLEY_OK);
    assert_memory_equal(message.longer_id, "abcd\4", 5);
}

static void test_an_id_that_is_missing(void **state) {
    (void)state;
    for (int row = ID; row <= LONGER_ID; row++) {
        assert_int_equal(read_field(row, true, "{}"), PARLEY_ERR_FIELD);
        assert_int_equal(read_field(row, false, "{}"), PARLEY_OK);
        assert_int_equal(read_field(row, false, "{\"a\":\"\"}"), PARLEY_OK);
        assert_int_equal(message.id[0] | message.longer_id[0] | message.longer_id[4], 0);
    }
    assert_int_equal(read_field(ID, true, "{\"a\":\"\"}"), PARLEY_ERR_FIELD);
}

static void test_an_id_that_is_not_valid_has_its_own_error(void **state) {
    (void)state;
    static const char *const others[] = {"{\"a\":\"x\"}", "{\"a\":\"xxxxx\"}", "{\"a\":\"xxX\"}"};
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(read_field(ID, false, others[i]), PARLEY_ERR_FIELD);
        assert_int_equal(read_field(LONGER_ID, false, others[i]), PARLEY_ERR_ROOM);
    }
    assert_int_equal(read_field(LONGER_ID, false, "{\"a\":12}"), PARLEY_ERR_FIELD);
    assert_int_equal(message.longer_id[0], 0);
}

static void test_numbers_of_32_bits(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int error;
        uint32_t number;
    } cases[] = {
        {"{\"a\":0}", PARLEY_OK, 0},
        {"{\"a\":-0}", PARLEY_OK, 0},
        {"{\"a\":4294967295}", PARLEY_OK, UINT32_MAX},
        {"{\"a\":4294967296}", PARLEY_ERR_FIELD, 0},
        {"{\"a\":-1}", PARLEY_ERR_FIELD, 0},
        {"{\"a\":99999999999999999999999999999999}", PARLEY_ERR_FIELD, 0},
        {"{\"a\":\"1\"}", PARLEY_ERR_FIELD, 0},
        {"{\"a\":true}", PARLEY_ERR_FIELD, 0},
        {"{\"a\":null}", PARLEY_ERR_FIELD, 0},
        {"{\"a\":[1]}", PARLEY_ERR_FIELD, 0},
        {"{\"A\":1}", PARLEY_ERR_FIELD, 0},
        {"{}", PARLEY_ERR_FIELD, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (read_field(NUMBER, true, cases[i].text) != cases[i].error ||
            message.number != cases[i].number)
            fail_msg("%s gave %u", cases[i].text, message.number);
}

static void test_flags_are_true_or_false_or_missing(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int error;
        bool flag;
    } cases[] = {
        {"{\"a\":true}", PARLEY_OK, true},
        {"{\"a\":false}", PARLEY_OK, false},
        {"{}", PARLEY_OK, false},
        {"{\"A\":true}", PARLEY_OK, false},
        {"{\"a\":false,\"a\":true}", PARLEY_OK, false},
        {"{\"a\":null}", PARLEY_ERR_FIELD, false},
        {"{\"a\":1}", PARLEY_ERR_FIELD, false},
        {"{\"a\":\"true\"}", PARLEY_ERR_FIELD, false},
        {"{\"a\":[true]}", PARLEY_ERR_FIELD, false},
        {"{\"a\":{}}", PARLEY_ERR_FIELD, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (read_field(FLAG, false, cases[i].text) != cases[i].error ||
            message.flag != cases[i].flag)
            fail_msg("%s gave %d", cases[i].text, message.flag);
}

static void test_a_name_is_its_place_or_none(void **state) {
    (void)state;
    assert_int_equal(read_field(NAME, true, "{\"a\":\"green\"}"), PARLEY_OK);
    assert_int_equal(message.name, 1);
    assert_int_equal(read_field(NAME, true, "{\"a\":\"gree\"}"), PARLEY_OK);
    assert_int_equal(message.name, 2);
    assert_int_equal(read_field(NAME, false, "{}"), PARLEY_OK);
    assert_int_equal(message.name, 2);
    assert_int_equal(read_field(NAME, true, "{}"), PARLEY_ERR_FIELD);
    assert_int_equal(read_field(NAME, true, "{\"a\":\"\"}"), PARLEY_ERR_FIELD);
    assert_int_equal(read_field(NAME, true, "{\"a\":1}"), PARLEY_ERR_FIELD);
}

static void test_a_list_of_texts(void **state) {
    (void)state;
    assert_int_equal(read_field(WORDS, true, "{\"a\":[\"one\",\"two\"]}"), PARLEY_OK);
    assert_int_equal(message.word_count, 2);
    assert_slice(message.words[0], "one");
    assert_slice(message.words[1], "two");
    assert_int_equal(read_field(WORDS, true, "{\"a\":[]}"), PARLEY_OK);
    assert_int_equal(message.word_count, 0);
    assert_int_equal(read_field(WORDS, false, "{}"), PARLEY_OK);
}

static void test_a_list_of_objects(void **state) {
    (void)state;
    assert_int_equal(read_field(POINTS, true, "{\"a\":[{\"y\":2,\"x\":1},{\"x\":3}]}"), PARLEY_OK);
    assert_int_equal(message.point_count, 2);
    assert_int_equal(message.points[0].x + 10 * message.points[0].y, 21);
    assert_int_equal(message.points[1].x + 10 * message.points[1].y, 3);
}

static void test_lists_that_are_none(void **state) {
    (void)state;
    static const char *const cases[] = {"{}",
                                        "{\"a\":null}",
                                        "{\"a\":\"one\"}",
                                        "{\"a\":{\"b\":\"one\"}}",
                                        "{\"a\":[\"one\",1]}",
                                        "{\"a\":[\"four\"]}",
                                        "{\"a\":[\"X\"]}",
                                        "{\"a\":[\"\"]}",
                                        "{\"a\":[\"1\",\"2\",\"3\",\"4\"]}"};
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(read_field(WORDS, true, cases[i]), PARLEY_ERR_FIELD);
    assert_int_equal(read_field(POINTS, true, "{\"a\":[{\"x\":1},{\"y\":1}]}"), PARLEY_ERR_FIELD);
    assert_int_equal(read_field(POINTS, true, "{\"a\":[[1]]}"), PARLEY_ERR_FIELD);
}

/* Writing */

/* Writes the field |row| of |message|. */
static void check_written(int row, bool required, const struct message *written, int error,
                          const char *text) {
    struct buffer out;
    struct json_writer writer;
    struct field_set set = {.required = required ? 1u << row : 0,
                            .optional = required ? 0 : 1u << row};
    buffer_init(&out, 1000);
    json_begin(&writer, &out, 100);
    fields_write(rows, set, written, &writer);
    assert_int_equal(json_end(&writer), error);
    assert_slice(buffer_slice(&out), text);
    buffer_deinit(&out);
}

#define WRITTEN(...) (&(const struct message){__VA_ARGS__})

static void test_an_absent_value_is_written_if_required(void **state) {
    (void)state;
    check_written(TEXT, true, WRITTEN(.number = 1), PARLEY_OK, "{\"a\":\"\"}");
    check_written(TEXT, false, WRITTEN(.number = 1), PARLEY_OK, "{}");
    check_written(NUMBER, true, WRITTEN(.flag = true), PARLEY_OK, "{\"a\":0}");
    check_written(NUMBER, false, WRITTEN(.flag = true), PARLEY_OK, "{}");
    check_written(FLAG, true, WRITTEN(.number = 1), PARLEY_OK, "{}");
    check_written(NAME, true, WRITTEN(.name = 2), PARLEY_ERR_FIELD, "");
    check_written(NAME, false, WRITTEN(.name = 2), PARLEY_OK, "{}");
    check_written(ID, true, WRITTEN(.number = 1), PARLEY_ERR_FIELD, "");
    check_written(ID, false, WRITTEN(.number = 1), PARLEY_OK, "{}");
    check_written(LONGER_ID, false, WRITTEN(.number = 1), PARLEY_OK, "{}");
    check_written(WORDS, true, WRITTEN(.number = 1), PARLEY_OK, "{\"a\":[]}");
    check_written(WORDS, false, WRITTEN(.number = 1), PARLEY_OK, "{}");
}

static void test_every_kind_is_written(void **state) {
    (void)state;
    const struct slice two[] = {slice_of("b"), slice_of("c")};
    const struct point three[] = {{1, 2}, {3, 0}, {4, 5}};
    check_written(TEXT, false, WRITTEN(.text = slice_of("b\n")), PARLEY_OK, "{\"a\":\"b\\n\"}");
    check_written(NUMBER, false, WRITTEN(.number = 7), PARLEY_OK, "{\"a\":7}");
    check_written(FLAG, false, WRITTEN(.flag = true), PARLEY_OK, "{\"a\":true}");
    check_written(NAME, false, WRITTEN(.name = 1), PARLEY_OK, "{\"a\":\"green\"}");
    check_written(ID, true, WRITTEN(.id = "abc"), PARLEY_OK, "{\"a\":\"abc\"}");
    check_written(LONGER_ID, false, WRITTEN(.longer_id = "ab\0\0\2"), PARLEY_OK, "{\"a\":\"ab\"}");
    check_written(WORDS, true, WRITTEN(.words = two, .word_count = 2), PARLEY_OK,
                  "{\"a\":[\"b\",\"c\"]}");
    check_written(POINTS, true, WRITTEN(.points = three, .point_count = 3), PARLEY_OK,
                  "{\"a\":[{\"x\":1,\"y\":2},{\"x\":3},{\"x\":4,\"y\":5}]}");
}

static void test_values_out_of_bounds_are_not_written(void **state) {
    (void)state;
    const struct slice four[] = {slice_of("a"), slice_of("b"), slice_of("c"), slice_of("d")};
    const struct slice not_valid = slice_of("X"), long_one = slice_of("four");
    const struct point low = {0, 1}, high = {1, 10};
    check_written(TEXT, true, WRITTEN(.text = slice_of("0123456789")), PARLEY_ERR_FIELD, "");
    check_written(ID, true, WRITTEN(.id = "abX"), PARLEY_ERR_FIELD, "");
    check_written(LONGER_ID, true, WRITTEN(.longer_id = "a\0\0\0\1"), PARLEY_ERR_FIELD, "");
    check_written(WORDS, true, WRITTEN(.words = four, .word_count = 4), PARLEY_ERR_FIELD, "");
    check_written(WORDS, true, WRITTEN(.words = &not_valid, .word_count = 1), PARLEY_ERR_FIELD, "");
    check_written(WORDS, true, WRITTEN(.words = &long_one, .word_count = 1), PARLEY_ERR_FIELD, "");
    check_written(POINTS, true, WRITTEN(.points = &low, .point_count = 1), PARLEY_ERR_FIELD, "");
    check_written(POINTS, true, WRITTEN(.points = &high, .point_count = 1), PARLEY_ERR_FIELD, "");
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_string_within_its_bounds),
        TEST(a_string_that_is_missing),
        TEST(other_kinds_are_no_string),
        TEST(the_first_of_equal_keys_counts),
        TEST(a_text_that_is_not_valid_has_its_own_error),
        TEST(an_id_is_copied),
        TEST(an_id_that_is_missing),
        TEST(an_id_that_is_not_valid_has_its_own_error),
        TEST(numbers_of_32_bits),
        TEST(flags_are_true_or_false_or_missing),
        TEST(a_name_is_its_place_or_none),
        TEST(a_list_of_texts),
        TEST(a_list_of_objects),
        TEST(lists_that_are_none),
        TEST(an_absent_value_is_written_if_required),
        TEST(every_kind_is_written),
        TEST(values_out_of_bounds_are_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
