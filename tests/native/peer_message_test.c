/* Messages between browsers: written and read, cleaned, and refused if they break the rules. */
#include "peer_message.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"

#define REPLACEMENT "\xEF\xBF\xBD"
#define SMILE "\xF0\x9F\x98\x80"

static struct buffer out;

static int setup(void **state) {
    (void)state;
    buffer_init(&out, 2 * PEER_MESSAGE_BYTES_MAX);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&out);
    return 0;
}

static int read_error(struct slice bytes) {
    struct peer_message message;
    int error = peer_message_read(bytes, &message);
    assert_true(error == PARLEY_OK || message.memory.bytes == NULL);
    peer_message_deinit(&message);
    return error;
}

/* Writes a message, and checks that the result is |written| and is read as |text|. */
static void round_trip(enum peer_message_type type, const char *text, const char *written) {
    struct peer_message message;
    buffer_clear(&out);
    struct peer_message sent = {.type = type,
                                .session = 5,
                                .first = 8,
                                .number = 6,
                                .next = 7,
                                .route = CANDIDATE_UNKNOWN,
                                .text = slice_of(text)};
    assert_int_equal(peer_message_write(&sent, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), written);
    assert_int_equal(peer_message_read(buffer_slice(&out), &message), PARLEY_OK);
    memset(out.bytes, '#', out.len); /* the result must not point into it */
    assert_int_equal(message.type, type);
    assert_slice(message.text, text);
    assert_int_equal(message.version, type == PEER_MESSAGE_HELLO ? PEER_MESSAGE_VERSION : 0);
    peer_message_deinit(&message);
}

static void test_each_message_both_ways(void **state) {
    (void)state;
    round_trip(PEER_MESSAGE_HELLO, "Ada",
               "{\"type\":\"hello\",\"version\":2,\"session\":5,\"first\":8,\"name\":\"Ada\"}");
    round_trip(PEER_MESSAGE_TEXT, "a \"b\"\n\\" SMILE,
               "{\"type\":\"text\",\"number\":6,\"text\":\"a \\\"b\\\"\\n\\\\" SMILE "\"}");
    round_trip(PEER_MESSAGE_NAME, "Bob", "{\"type\":\"name\",\"name\":\"Bob\"}");
    round_trip(PEER_MESSAGE_PING, "", "{\"type\":\"ping\",\"next\":7}");
    round_trip(PEER_MESSAGE_PONG, "", "{\"type\":\"pong\",\"next\":7}");
    round_trip(PEER_MESSAGE_BYE, "", "{\"type\":\"bye\"}");
}

static void test_a_hello_after_a_broken_connection(void **state) {
    (void)state;
    struct peer_message message = {.type = PEER_MESSAGE_HELLO,
                                   .session = 4294967295u,
                                   .heard = 3,
                                   .next = 4,
                                   .text = slice_of("Ada")};
    assert_int_equal(peer_message_write(&message, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), "{\"type\":\"hello\",\"version\":2,\"session\":4294967295,"
                                     "\"first\":0,\"heard\":3,\"next\":4,"
                                     "\"name\":\"Ada\"}");
    assert_int_equal(peer_message_read(buffer_slice(&out), &message), PARLEY_OK);
    assert_int_equal(message.session, 4294967295u);
    assert_int_equal(message.heard, 3);
    assert_int_equal(message.next, 4);
    peer_message_deinit(&message);
}

static void test_a_route_and_a_page_that_may_be_back(void **state) {
    (void)state;
    struct peer_message message = {.type = PEER_MESSAGE_PONG, .next = 7, .route = CANDIDATE_RELAY};
    assert_int_equal(peer_message_write(&message, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), "{\"type\":\"pong\",\"next\":7,\"route\":\"relay\"}");
    assert_int_equal(peer_message_read(buffer_slice(&out), &message), PARLEY_OK);
    assert_true(message.route == CANDIDATE_RELAY);
    peer_message_deinit(&message);
    assert_int_equal(
        peer_message_read(slice_of("{\"type\":\"ping\",\"next\":7,\"route\":\"x\"}"), &message),
        PARLEY_OK);
    assert_true(message.route == CANDIDATE_UNKNOWN);
    peer_message_deinit(&message);
    assert_int_equal(
        peer_message_read(slice_of("{\"type\":\"ping\",\"next\":7,\"route\":1}"), &message),
        PARLEY_ERR_FIELD);
    message = (struct peer_message){.type = PEER_MESSAGE_BYE, .back = true};
    buffer_clear(&out);
    assert_int_equal(peer_message_write(&message, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), "{\"type\":\"bye\",\"back\":true}");
    assert_int_equal(peer_message_read(buffer_slice(&out), &message), PARLEY_OK);
    assert_true(message.back);
    peer_message_deinit(&message);
}

#define BEA "BBBBBBBBBBBBBBBBBBBBBB"

static void test_reach_names_members(void **state) {
    (void)state;
    const struct member_id bea = member_id_from(BEA);
    struct peer_message message = {.type = PEER_MESSAGE_REACH, .members = &bea, .member_count = 1};
    assert_int_equal(peer_message_write(&message, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), "{\"type\":\"reach\",\"members\":[\"" BEA "\"]}");
    assert_int_equal(peer_message_read(buffer_slice(&out), &message), PARLEY_OK);
    memset(out.bytes, '#', out.len);
    assert_int_equal(message.member_count, 1);
    assert_slice(member_id_text(&message.members[0]), BEA);
    peer_message_deinit(&message);
}

static void test_reach_of_everybody_fits_and_of_more_is_refused(void **state) {
    (void)state;
    struct member_id members[WIRE_ROOM_MEMBERS_MAX];
    struct peer_message message = {
        .type = PEER_MESSAGE_REACH, .members = members, .member_count = WIRE_ROOM_MEMBERS_MAX};
    for (int i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++)
        members[i] = member_id_from(BEA);
    assert_int_equal(peer_message_write(&message, &out), PARLEY_OK);
    struct peer_message read;
    assert_int_equal(peer_message_read(buffer_slice(&out), &read), PARLEY_OK);
    assert_int_equal(read.member_count, WIRE_ROOM_MEMBERS_MAX);
    peer_message_deinit(&read);
    out.len -= 2; /* "]}" */
    assert_int_equal(buffer_append(&out, slice_of(",\"" BEA "\"]}")), PARLEY_OK);
    assert_int_equal(read_error(buffer_slice(&out)), PARLEY_ERR_FIELD);
}

static void test_a_bye_has_no_text(void **state) {
    (void)state;
    struct peer_message bye = {.type = PEER_MESSAGE_BYE, .text = slice_of("ignored")};
    assert_int_equal(peer_message_write(&bye, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), "{\"type\":\"bye\"}");
    struct peer_message message;
    assert_int_equal(peer_message_read(slice_of("{\"type\":\"bye\",\"text\":\"x\"}"), &message),
                     PARLEY_OK);
    assert_int_equal(message.text.len, 0);
    peer_message_deinit(&message);
}

/* Malformed forms */

struct malformed {
    const char *bytes;
    int error;
};

static void check_errors(const struct malformed *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int error = read_error(slice_of(cases[i].bytes));
        if (error != cases[i].error)
            fail_msg("%s gave %d", cases[i].bytes, error);
    }
}

static void test_no_message_at_all(void **state) {
    (void)state;
    static const struct malformed cases[] = {
        {"", PARLEY_ERR_JSON},
        {"hello", PARLEY_ERR_JSON},
        {"[]", PARLEY_ERR_JSON},
        {"\"bye\"", PARLEY_ERR_JSON},
        {"{\"type\":\"bye\"", PARLEY_ERR_JSON},
        {"{\"type\":\"bye\"}x", PARLEY_ERR_JSON},
        {"{\"type\":\"bye\"}{\"type\":\"bye\"}", PARLEY_ERR_JSON},
        {"{\"type\":\"bye\",\"a\":[[[[]]]]}", PARLEY_ERR_JSON},
        {"{\"type\":\"bye\",\"a\":1.5}", PARLEY_ERR_JSON},
        {"{\"type\":\"bye\",\"a\":\"\xFF\"}", PARLEY_ERR_UTF8},
    };
    check_errors(cases, COUNT(cases));
    assert_int_equal(read_error(BYTES("{\"type\":\"bye\"}\0")), PARLEY_ERR_JSON);
    assert_int_equal(read_error(filled("{\"a\":[1", ",1", 5000, "],\"type\":\"bye\"}")),
                     PARLEY_ERR_JSON);
}

static void test_types_that_are_none(void **state) {
    (void)state;
    static const struct malformed cases[] = {
        {"{}", PARLEY_ERR_FIELD},
        {"{\"type\":null}", PARLEY_ERR_FIELD},
        {"{\"type\":3}", PARLEY_ERR_FIELD},
        {"{\"type\":\"\"}", PARLEY_ERR_FIELD},
        {"{\"Type\":\"bye\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"Bye\"}", PARLEY_ERR_TYPE},
        {"{\"type\":\"offer\",\"text\":\"x\"}", PARLEY_ERR_TYPE},
        {"{\"type\":\"texts\",\"text\":\"x\"}", PARLEY_ERR_TYPE},
    };
    check_errors(cases, COUNT(cases));
}

static void test_fields_that_are_missing_or_of_another_kind(void **state) {
    (void)state;
    static const struct malformed cases[] = {
        {"{\"type\":\"text\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"text\",\"number\":0,\"Text\":\"x\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"text\",\"number\":0,\"name\":\"x\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"text\",\"number\":0,\"text\":null}", PARLEY_ERR_FIELD},
        {"{\"type\":\"text\",\"number\":0,\"text\":1}", PARLEY_ERR_FIELD},
        {"{\"type\":\"text\",\"number\":0,\"text\":[\"x\"]}", PARLEY_ERR_FIELD},
        {"{\"type\":\"text\",\"number\":0,\"text\":{}}", PARLEY_ERR_FIELD},
        {"{\"type\":\"name\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"name\",\"name\":true}", PARLEY_ERR_FIELD},
        {"{\"type\":\"hello\",\"name\":\"x\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"hello\",\"version\":2,\"session\":1,\"first\":0}", PARLEY_ERR_FIELD},
        {"{\"type\":\"hello\",\"version\":\"1\",\"name\":\"x\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"hello\",\"version\":-1,\"name\":\"x\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"hello\",\"version\":4294967296,\"name\":\"x\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"hello\",\"version\":1,\"session\":1,\"first\":0,\"name\":7}",
         PARLEY_ERR_FIELD},
        {"{\"type\":\"hello\",\"version\":1,\"name\":\"x\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"hello\",\"version\":1,\"session\":0,\"name\":\"x\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"hello\",\"version\":1,\"session\":1,\"heard\":2,\"name\":\"x\"}",
         PARLEY_ERR_FIELD},
        {"{\"type\":\"text\",\"text\":\"x\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"text\",\"text\":\"x\",\"number\":-1}", PARLEY_ERR_FIELD},
        {"{\"type\":\"ping\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"pong\",\"next\":\"1\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"reach\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"reach\",\"members\":{}}", PARLEY_ERR_FIELD},
        {"{\"type\":\"reach\",\"members\":[1]}", PARLEY_ERR_FIELD},
        {"{\"type\":\"reach\",\"members\":[\"short\"]}", PARLEY_ERR_FIELD},
    };
    check_errors(cases, COUNT(cases));
}

static void test_texts_without_anything_visible(void **state) {
    (void)state;
    static const struct malformed cases[] = {
        {"{\"type\":\"text\",\"number\":0,\"text\":\"\"}", PARLEY_ERR_EMPTY},
        {"{\"type\":\"text\",\"number\":0,\"text\":\" \\n\\t\"}", PARLEY_ERR_EMPTY},
        {"{\"type\":\"text\",\"number\":0,\"text\":\"\\u200b\\u00a0\"}", PARLEY_ERR_EMPTY},
        {"{\"type\":\"name\",\"name\":\"\\u3164\"}", PARLEY_ERR_EMPTY},
        {"{\"type\":\"hello\",\"version\":1,\"session\":1,\"first\":0,\"name\":\" \"}",
         PARLEY_ERR_EMPTY},
    };
    check_errors(cases, COUNT(cases));
}

static void test_strings_cannot_be_cut(void **state) {
    (void)state;
    static const struct malformed cases[] = {
        {"{\"type\":\"text\",\"number\":0,\"text\":\"x\\u0000y\"}", PARLEY_ERR_JSON},
        {"{\"type\":\"text\",\"number\":0,\"text\":\"x\\uZZZZy\"}", PARLEY_ERR_JSON},
        {"{\"type\":\"text\",\"number\":0,\"text\":\"\\ud83d\"}", PARLEY_ERR_JSON},
        {"{\"type\":\"text\",\"number\":0,\"text\":\"\xED\xA0\xBD\"}", PARLEY_ERR_UTF8},
        {"{\"type\":\"text\",\"number\":0,\"text\":\"\xC0\x80\"}", PARLEY_ERR_UTF8},
    };
    check_errors(cases, COUNT(cases));
}

static void test_unknown_fields_are_ignored_and_first_keys_count(void **state) {
    (void)state;
    struct peer_message message;
    const char *bytes =
        "{\"newer\":[{}],\"type\":\"text\",\"number\":0,\"text\":\"one\",\"text\":\"two\"}";
    assert_int_equal(peer_message_read(slice_of(bytes), &message), PARLEY_OK);
    assert_slice(message.text, "one");
    peer_message_deinit(&message);
}

/* No text is trusted */

static void check_cleaned(const char *bytes, const char *text) {
    struct peer_message message;
    assert_int_equal(peer_message_read(slice_of(bytes), &message), PARLEY_OK);
    assert_slice(message.text, text);
    peer_message_deinit(&message);
}

static void test_texts_and_names_are_cleaned(void **state) {
    (void)state;
    check_cleaned("{\"type\":\"text\",\"number\":0,\"text\":\" a\\u202eb\\r\\nc\\u0007 \"}",
                  " a" REPLACEMENT "b\nc" REPLACEMENT);
    check_cleaned("{\"type\":\"name\",\"name\":\" a\\n\\u2067b \"}", "a b");
    check_cleaned(
        "{\"type\":\"hello\",\"version\":9,\"session\":1,\"first\":0,\"name\":\"\\u001bA  B\"}",
        "A B");
}

/* Limits */

static void test_texts_at_and_beyond_their_limit(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", "\\n.", "\\u00e4", SMILE, "\x7F"};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        size_t fits = i == 1 ? PEER_TEXT_CHARACTERS_MAX / 2 : PEER_TEXT_CHARACTERS_MAX;
        if (i == 2)
            fits = 2700; /* a message has room for so many escapes */
        assert_int_equal(read_error(filled("{\"type\":\"text\",\"number\":0,\"text\":\"", pieces[i],
                                           fits, "\"}")),
                         PARLEY_OK);
    }
    assert_int_equal(
        read_error(filled("{\"type\":\"text\",\"number\":0,\"text\":\"", "x", 4001, "\"}")),
        PARLEY_ERR_TOO_LONG);
    assert_int_equal(
        read_error(filled("{\"type\":\"text\",\"number\":0,\"text\":\"", "x", 16000, "\"}")),
        PARLEY_ERR_TOO_LONG);
}

static void test_names_at_and_beyond_their_limit(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", "\\u00e4", SMILE, "\xEE\x80\x80"};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct peer_message message;
        assert_int_equal(
            peer_message_read(filled("{\"type\":\"name\",\"name\":\"", pieces[i], 32, "\"}"),
                              &message),
            PARLEY_OK);
        assert_true(message.text.len <= PEER_NAME_BYTES_MAX);
        peer_message_deinit(&message);
        assert_int_equal(read_error(filled("{\"type\":\"name\",\"name\":\"", pieces[i], 33, "\"}")),
                         PARLEY_ERR_TOO_LONG);
    }
}

/* Cleaning can turn one byte into three. The limits apply to such a text too. */
static void test_texts_that_grow_when_cleaned(void **state) {
    (void)state;
    const char *end = "\\u202e\"}";
    assert_int_equal(
        read_error(filled("{\"type\":\"text\",\"number\":0,\"text\":\"", "\x7F", 16000, end)),
        PARLEY_ERR_TOO_LONG);
}

static void test_a_name_of_nothing_to_see_is_none(void **state) {
    (void)state;
    static const char *const pieces[] = {"\x7F", "\\u0301", "\\u200d", "\\ufe0f"};
    for (size_t i = 0; i < COUNT(pieces); i++)
        assert_int_equal(
            read_error(filled("{\"type\":\"name\",\"name\":\" ", pieces[i], 40, "\"}")),
            PARLEY_ERR_EMPTY);
}

static void test_messages_at_and_beyond_their_limit(void **state) {
    (void)state;
    size_t fits = PEER_MESSAGE_BYTES_MAX - strlen("{\"type\":\"bye\"}");
    assert_int_equal(read_error(filled("{\"type\":\"bye\"", " ", fits, "}")), PARLEY_OK);
    assert_int_equal(read_error(filled("{\"type\":\"bye\"", " ", fits + 1, "}")),
                     PARLEY_ERR_TOO_BIG);
    assert_int_equal(read_error(filled("", "\xFF", 100000, "")), PARLEY_ERR_TOO_BIG);
}

/* The longest text that people may send fits into a message, whatever its characters. */
static void test_every_allowed_text_can_be_written(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", "\"", "\\", "\n", REPLACEMENT, SMILE};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        buffer_clear(&out);
        struct slice text = filled("", pieces[i], PEER_TEXT_CHARACTERS_MAX, "");
        assert_int_equal(peer_message_write(
                             &(struct peer_message){.type = PEER_MESSAGE_TEXT, .text = text}, &out),
                         PARLEY_OK);
        assert_true(out.len <= PEER_MESSAGE_BYTES_MAX);
    }
}

static void test_too_big_messages_are_not_written(void **state) {
    (void)state;
    append_times(&out, "kept", 1);
    struct slice text = filled("", "x", PEER_MESSAGE_BYTES_MAX, "");
    assert_int_equal(
        peer_message_write(&(struct peer_message){.type = PEER_MESSAGE_TEXT, .text = text}, &out),
        PARLEY_ERR_TOO_BIG);
    assert_slice(buffer_slice(&out), "kept");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_message_both_ways),
        TEST(a_hello_after_a_broken_connection),
        TEST(a_route_and_a_page_that_may_be_back),
        TEST(reach_names_members),
        TEST(reach_of_everybody_fits_and_of_more_is_refused),
        TEST(a_bye_has_no_text),
        TEST(no_message_at_all),
        TEST(types_that_are_none),
        TEST(fields_that_are_missing_or_of_another_kind),
        TEST(texts_without_anything_visible),
        TEST(strings_cannot_be_cut),
        TEST(unknown_fields_are_ignored_and_first_keys_count),
        TEST(texts_and_names_are_cleaned),
        TEST(texts_at_and_beyond_their_limit),
        TEST(names_at_and_beyond_their_limit),
        TEST(texts_that_grow_when_cleaned),
        TEST(a_name_of_nothing_to_see_is_none),
        TEST(messages_at_and_beyond_their_limit),
        TEST(every_allowed_text_can_be_written),
        TEST(too_big_messages_are_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
