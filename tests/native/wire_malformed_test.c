/* Signaling messages that break the rules, field by field: each is refused with its error. */
#include "wire.h"

#include "error.h"
#include "slices.h"

#include <stdio.h>

#define ID "0123456789ABCDEFabcd_-"
#define NOT_SENT NULL

enum kind { STRING, NUMBER, CONNECTION, FLAG, LIST };

struct field {
    const char *key;
    enum kind kind;
    const char *value; /* a valid one, as JSON */
    bool optional;
    int error; /* for a value of its kind that is out of bounds, or for a missing one */
};

#define FIELDS_MAX 7

struct sample {
    const char *type;
    enum wire_direction direction;
    struct field fields[FIELDS_MAX];
};

#define MEMBER(key)                                                                                \
    { key, STRING, "\"" ID "\"", false, PARLEY_ERR_FIELD }
#define TOKEN                                                                                      \
    { "token", STRING, "\"" ID "\"", false, PARLEY_ERR_FIELD }
#define NUMBERED                                                                                   \
    { "connection", CONNECTION, "1", false, PARLEY_ERR_FIELD }
#define ASKED                                                                                      \
    { "connection", CONNECTION, "1", true, PARLEY_ERR_FIELD }
#define FOR(optional)                                                                              \
    { "for", CONNECTION, "4294967295", optional, PARLEY_ERR_FIELD }
#define SDP                                                                                        \
    { "sdp", STRING, "\"v=0\"", false, PARLEY_ERR_FIELD }
#define CANDIDATE                                                                                  \
    {"candidate", STRING, "\"candidate:1\"", false, PARLEY_ERR_FIELD},                             \
        {"mid", STRING, "\"0\"", true, PARLEY_ERR_FIELD}, {                                        \
        "ufrag", STRING, "\"u\"", true, PARLEY_ERR_FIELD                                           \
    }

static const struct sample samples[] = {
    {"join",
     WIRE_TO_SERVER,
     {{"version", NUMBER, "2", false, PARLEY_ERR_FIELD},
      {"room", STRING, "\"tea-room\"", true, PARLEY_ERR_ROOM},
      TOKEN,
      {"back", FLAG, "true", true, PARLEY_ERR_FIELD},
      {"number", NUMBER, "1700000000", true, PARLEY_ERR_FIELD}}},
    {"leave", WIRE_TO_SERVER, {{0}}},
    {"ping", WIRE_TO_SERVER, {{0}}},
    {"pong", WIRE_TO_PAGE, {{0}}},
    {"offer", WIRE_TO_SERVER, {MEMBER("to"), SDP, NUMBERED, FOR(true)}},
    {"answer", WIRE_TO_SERVER, {MEMBER("to"), SDP, NUMBERED, FOR(false)}},
    {"candidate", WIRE_TO_SERVER, {MEMBER("to"), CANDIDATE, NUMBERED, FOR(true)}},
    {"ask", WIRE_TO_SERVER, {MEMBER("to"), ASKED, FOR(true)}},
    {"offer", WIRE_TO_PAGE, {MEMBER("from"), SDP, NUMBERED, FOR(true)}},
    {"answer", WIRE_TO_PAGE, {MEMBER("from"), SDP, NUMBERED, FOR(false)}},
    {"candidate", WIRE_TO_PAGE, {MEMBER("from"), CANDIDATE, NUMBERED, FOR(true)}},
    {"ask", WIRE_TO_PAGE, {MEMBER("from"), ASKED, FOR(true)}},
    {"welcome",
     WIRE_TO_PAGE,
     {{"version", NUMBER, "2", false, PARLEY_ERR_FIELD},
      {"room", STRING, "\"tea-room\"", false, PARLEY_ERR_ROOM},
      MEMBER("you"),
      {"members", LIST, "[\"" ID "\"]", false, PARLEY_ERR_FIELD},
      {"iceServers", LIST, "[{\"urls\":\"stun:a\"}]", false, PARLEY_ERR_FIELD},
      {"iceSeconds", NUMBER, "60", true, PARLEY_ERR_FIELD},
      {"roomMembersMax", NUMBER, "8", false, PARLEY_ERR_FIELD}}},
    {"credentials", WIRE_TO_SERVER, {{0}}},
    {"credentials",
     WIRE_TO_PAGE,
     {{"iceServers", LIST, "[{\"urls\":\"stun:a\"}]", false, PARLEY_ERR_FIELD},
      {"iceSeconds", NUMBER, "60", true, PARLEY_ERR_FIELD}}},
    {"joined", WIRE_TO_PAGE, {MEMBER("member"), {"back", FLAG, "true", true, PARLEY_ERR_FIELD}}},
    {"left", WIRE_TO_PAGE, {MEMBER("member"), {"goodbye", FLAG, "true", true, PARLEY_ERR_FIELD}}},
    {"error",
     WIRE_TO_PAGE,
     {{"code", STRING, "\"room_full\"", false, PARLEY_ERR_FIELD},
      {"message", STRING, "\"No.\"", true, PARLEY_ERR_FIELD},
      {"number", NUMBER, "1700000000", true, PARLEY_ERR_FIELD}}},
};

static struct buffer text;

static int setup(void **state) {
    (void)state;
    buffer_init(&text, 1 << 17);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&text);
    return 0;
}

static int read_error(struct slice bytes, enum wire_direction direction) {
    struct wire_message message;
    int error = wire_read(bytes, direction, &message);
    assert_true(error == PARLEY_OK || message.json == NULL);
    wire_message_deinit(&message);
    return error;
}

/* The message of |sample|, with |key| and |value| for field |changed| (NOT_SENT: without it). */
static struct slice changed_message(const struct sample *sample, size_t changed, const char *key,
                                    const char *value) {
    buffer_clear(&text);
    append_times(&text, "{\"type\":\"", 1);
    append_times(&text, sample->type, 1);
    append_times(&text, "\"", 1);
    for (size_t i = 0; i < FIELDS_MAX && sample->fields[i].key; i++) {
        bool is_changed = i == changed;
        if (is_changed && value == NOT_SENT)
            continue;
        append_times(&text, ",\"", 1);
        append_times(&text, is_changed ? key : sample->fields[i].key, 1);
        append_times(&text, "\":", 1);
        append_times(&text, is_changed ? value : sample->fields[i].value, 1);
    }
    append_times(&text, "}", 1);
    return buffer_slice(&text);
}

/* Calls |check| for each field of each message. */
static void for_each_field(void (*check)(const struct sample *sample, size_t field)) {
    for (size_t i = 0; i < COUNT(samples); i++)
        for (size_t j = 0; j < FIELDS_MAX && samples[i].fields[j].key; j++)
            check(&samples[i], j);
}

static void expect(const struct sample *sample, size_t field, const char *key, const char *value,
                   int expected) {
    struct slice bytes = changed_message(sample, field, key, value);
    int error = read_error(bytes, sample->direction);
    if (error != expected)
        fail_msg("%.*s gave %d", (int)bytes.len, bytes.bytes, error);
}

/* Every field of every message */

static void test_the_samples_are_valid(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++)
        expect(&samples[i], FIELDS_MAX, "", "", PARLEY_OK);
}

static void check_missing(const struct sample *sample, size_t field) {
    const struct field *missing = &sample->fields[field];
    int expected = missing->optional ? PARLEY_OK : PARLEY_ERR_FIELD;
    expect(sample, field, missing->key, NOT_SENT, expected);
}

static void test_missing_fields(void **state) {
    (void)state;
    for_each_field(check_missing);
}

static bool is_number(enum kind kind) {
    return kind == NUMBER || kind == CONNECTION;
}

static void check_kinds(const struct sample *sample, size_t field) {
    static const struct {
        enum kind kind;
        const char *value;
    } others[] = {{STRING, "\"\\u0031\""}, {NUMBER, "1"}, {LIST, "[]"}};
    const struct field *wrong = &sample->fields[field];
    for (size_t i = 0; i < COUNT(others); i++)
        if (others[i].kind != (is_number(wrong->kind) ? NUMBER : wrong->kind))
            expect(sample, field, wrong->key, others[i].value, PARLEY_ERR_FIELD);
    int of_flag = wrong->kind == FLAG ? PARLEY_OK : PARLEY_ERR_FIELD;
    expect(sample, field, wrong->key, "true", of_flag);
    expect(sample, field, wrong->key, "false", of_flag);
    expect(sample, field, wrong->key, "null", PARLEY_ERR_FIELD);
    expect(sample, field, wrong->key, "{}", PARLEY_ERR_FIELD);
}

static void test_fields_of_another_kind(void **state) {
    (void)state;
    for_each_field(check_kinds);
}

static void check_numbers(const struct sample *sample, size_t field) {
    const struct field *number = &sample->fields[field];
    if (!is_number(number->kind))
        return;
    expect(sample, field, number->key, "0",
           number->kind == CONNECTION ? PARLEY_ERR_FIELD : PARLEY_OK);
    expect(sample, field, number->key, "4294967295", PARLEY_OK);
    expect(sample, field, number->key, "4294967296", PARLEY_ERR_FIELD);
    expect(sample, field, number->key, "-1", PARLEY_ERR_FIELD);
    expect(sample, field, number->key, "1.5", PARLEY_ERR_JSON);
    expect(sample, field, number->key, "1e0", PARLEY_ERR_JSON);
    expect(sample, field, number->key, "NaN", PARLEY_ERR_JSON);
    expect(sample, field, number->key, "01", PARLEY_ERR_JSON); /* RFC 8259, 6 */
    expect(sample, field, number->key, "00", PARLEY_ERR_JSON);
    expect(sample, field, number->key, "-01", PARLEY_ERR_JSON);
}

static void test_numbers_out_of_range(void **state) {
    (void)state;
    for_each_field(check_numbers);
}

static void check_bytes(const struct sample *sample, size_t field) {
    const struct field *string = &sample->fields[field];
    if (string->kind != STRING)
        return;
    expect(sample, field, string->key, "\"\\u0000\"", PARLEY_ERR_JSON);
    expect(sample, field, string->key, "\"" ID "\\u0000\"", PARLEY_ERR_JSON);
    expect(sample, field, string->key, "\"\\uZZZZ\"", PARLEY_ERR_JSON);
    expect(sample, field, string->key, "\"\\ud800\"", PARLEY_ERR_JSON);
    expect(sample, field, string->key, "\"\n\"", PARLEY_ERR_JSON);
    expect(sample, field, string->key, "\"\xFF\"", PARLEY_ERR_UTF8);
    expect(sample, field, string->key, "\"\xC0\x80\"", PARLEY_ERR_UTF8);
    expect(sample, field, string->key, "\"\xED\xA0\x80\"", PARLEY_ERR_UTF8);
    expect(sample, field, string->key, "\"\xE2\x82\"", PARLEY_ERR_UTF8);
}

static void test_strings_of_bad_bytes(void **state) {
    (void)state;
    for_each_field(check_bytes);
}

static void check_characters(const struct sample *sample, size_t field) {
    static const char *const ids[] = {"\"0123456789ABCDEF abcd_\"", "\"0123456789ABCDEFabcd_/\"",
                                      "\"0123456789ABCDEFab\\u00e4__\"",
                                      "\"=0123456789ABCDEFabcd\""};
    const struct field *id = &sample->fields[field];
    bool is_room = strcmp(id->key, "room") == 0;
    if (!is_room && strcmp(id->value, "\"" ID "\"") != 0)
        return;
    for (size_t i = 0; i < COUNT(ids); i++)
        expect(sample, field, id->key, ids[i], id->error);
}

static void test_ids_of_bad_characters(void **state) {
    (void)state;
    for_each_field(check_characters);
}

static void check_case_of_key(const struct sample *sample, size_t field) {
    const struct field *other = &sample->fields[field];
    char key[32] = "";
    memcpy(key, other->key, strlen(other->key));
    key[0] = (char)(key[0] - 'a' + 'A');
    expect(sample, field, key, other->value, other->optional ? PARLEY_OK : PARLEY_ERR_FIELD);
}

static void test_keys_in_another_case_are_other_keys(void **state) {
    (void)state;
    for_each_field(check_case_of_key);
}

static void check_duplicate(const struct sample *sample, size_t field) {
    const struct field *twice = &sample->fields[field];
    char value[256];
    snprintf(value, sizeof value, "%s,\"%s\":null", twice->value, twice->key);
    expect(sample, field, twice->key, value, PARLEY_OK);
}

static void test_the_first_of_duplicate_keys_counts(void **state) {
    (void)state;
    for_each_field(check_duplicate);
}

static void test_unknown_fields_are_ignored(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        changed_message(&samples[i], FIELDS_MAX, "", "");
        text.len--;
        append_times(&text, ",\"newer\":{\"a\":[1,{}]},\"type\":\"nonsense\"}", 1);
        assert_int_equal(read_error(buffer_slice(&text), samples[i].direction), PARLEY_OK);
    }
}

/* Lengths */

struct bounded {
    const char *before, *after;
    size_t min, max;
    enum wire_direction direction;
    int error;
};

#define OFFER "{\"type\":\"offer\",\"connection\":1,\"to\":\"" ID "\",\"sdp\":\""
#define ANSWER "{\"type\":\"answer\",\"sdp\":\"v\",\"connection\":1,\"for\":1,"
#define CANDIDATE_TO "{\"type\":\"candidate\",\"connection\":1,\"to\":\"" ID "\",\"candidate\":\""
#define JOIN "{\"type\":\"join\",\"version\":2,\"token\":\""
#define JOIN_ROOM JOIN ID "\",\"room\":\""
#define WELCOME_TO_ROOM "{\"type\":\"welcome\",\"version\":2,\"room\":\""
#define WELCOME_MEMBERS "tea-room\",\"you\":\"" ID "\",\"members\":["
#define WELCOME_ICE "],\"iceServers\":["
#define WELCOME_END "],\"roomMembersMax\":8}"

static const struct bounded bounded_fields[] = {
    {JOIN_ROOM, "\"}", 4, 64, WIRE_TO_SERVER, PARLEY_ERR_ROOM},
    {JOIN, "\"}", 22, 22, WIRE_TO_SERVER, PARLEY_ERR_FIELD},
    {WELCOME_TO_ROOM, "\",\"you\":\"" ID "\",\"members\":[" WELCOME_ICE WELCOME_END, 4, 64,
     WIRE_TO_PAGE, PARLEY_ERR_ROOM},
    {ANSWER "\"to\":\"", "\"}", 22, 22, WIRE_TO_SERVER, PARLEY_ERR_FIELD},
    {ANSWER "\"from\":\"", "\"}", 22, 22, WIRE_TO_PAGE, PARLEY_ERR_FIELD},
    {"{\"type\":\"ask\",\"to\":\"", "\"}", 22, 22, WIRE_TO_SERVER, PARLEY_ERR_FIELD},
    {"{\"type\":\"left\",\"member\":\"", "\"}", 22, 22, WIRE_TO_PAGE, PARLEY_ERR_FIELD},
    {WELCOME_TO_ROOM WELCOME_MEMBERS "\"", "\"" WELCOME_ICE WELCOME_END, 22, 22, WIRE_TO_PAGE,
     PARLEY_ERR_FIELD},
    {OFFER, "\"}", 1, WIRE_SDP_BYTES_MAX, WIRE_TO_SERVER, PARLEY_ERR_FIELD},
    {CANDIDATE_TO, "\"}", 0, WIRE_CANDIDATE_BYTES_MAX, WIRE_TO_SERVER, PARLEY_ERR_FIELD},
    {CANDIDATE_TO "c\",\"mid\":\"", "\"}", 0, WIRE_MID_BYTES_MAX, WIRE_TO_SERVER, PARLEY_ERR_FIELD},
    {CANDIDATE_TO "c\",\"ufrag\":\"", "\"}", 0, WIRE_UFRAG_BYTES_MAX, WIRE_TO_SERVER,
     PARLEY_ERR_FIELD},
    {WELCOME_TO_ROOM WELCOME_MEMBERS WELCOME_ICE "{\"urls\":\"stun:a\",\"username\":\"",
     "\"}" WELCOME_END, 0, WIRE_ICE_FIELD_BYTES_MAX, WIRE_TO_PAGE, PARLEY_ERR_FIELD},
    {WELCOME_TO_ROOM WELCOME_MEMBERS WELCOME_ICE "{\"urls\":\"stun:a\",\"credential\":\"",
     "\"}" WELCOME_END, 0, WIRE_ICE_FIELD_BYTES_MAX, WIRE_TO_PAGE, PARLEY_ERR_FIELD},
    {WELCOME_TO_ROOM WELCOME_MEMBERS WELCOME_ICE "{\"urls\":\"stun:", "\"}" WELCOME_END, 1,
     WIRE_ICE_FIELD_BYTES_MAX - 5, WIRE_TO_PAGE, PARLEY_ERR_FIELD},
    {"{\"type\":\"error\",\"code\":\"", "\"}", 1, 12000, WIRE_TO_PAGE, PARLEY_OK},
};

static void check_length(const struct bounded *field, size_t len, int expected) {
    int error = read_error(filled(field->before, "x", len, field->after), field->direction);
    if (error != expected)
        fail_msg("%s%zu bytes%s gave %d", field->before, len, field->after, error);
}

static void test_lengths_at_and_beyond_the_limits(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(bounded_fields); i++) {
        const struct bounded *field = &bounded_fields[i];
        check_length(field, field->min, PARLEY_OK);
        check_length(field, field->max, PARLEY_OK);
        check_length(field, field->max + 1, field->error);
        if (field->min > 1)
            check_length(field, field->min - 1, field->error);
    }
}

static void test_values_that_must_not_be_empty(void **state) {
    (void)state;
    assert_int_equal(read_error(slice_of(OFFER "\"}"), WIRE_TO_SERVER), PARLEY_ERR_FIELD);
    assert_int_equal(read_error(slice_of("{\"type\":\"error\",\"code\":\"\"}"), WIRE_TO_PAGE),
                     PARLEY_ERR_FIELD);
    assert_int_equal(read_error(slice_of("{\"type\":\"left\",\"member\":\"\"}"), WIRE_TO_PAGE),
                     PARLEY_ERR_FIELD);
    assert_int_equal(read_error(slice_of(JOIN "\"}"), WIRE_TO_SERVER), PARLEY_ERR_FIELD);
    assert_int_equal(read_error(slice_of(JOIN_ROOM "\"}"), WIRE_TO_SERVER),
                     PARLEY_OK); /* as if it were not there */
    assert_int_equal(
        read_error(
            slice_of(WELCOME_TO_ROOM "\",\"you\":\"" ID "\",\"members\":[" WELCOME_ICE WELCOME_END),
            WIRE_TO_PAGE),
        PARLEY_ERR_ROOM);
}

static void test_lists_at_and_beyond_their_limits(void **state) {
    (void)state;
#define EXPECT(expected, ...)                                                                      \
    assert_int_equal(read_error(filled(__VA_ARGS__), WIRE_TO_PAGE), expected)
    const char *before = WELCOME_TO_ROOM WELCOME_MEMBERS "\"" ID "\"";
    const char *after = WELCOME_ICE WELCOME_END;
    EXPECT(PARLEY_OK, before, ",\"" ID "\"", WIRE_ROOM_MEMBERS_MAX - 1, after);
    EXPECT(PARLEY_ERR_FIELD, before, ",\"" ID "\"", WIRE_ROOM_MEMBERS_MAX, after);
    EXPECT(PARLEY_ERR_FIELD, before, ",1", 1, after);
    EXPECT(PARLEY_ERR_FIELD, before, ",[\"" ID "\"]", 1, after);
    EXPECT(PARLEY_ERR_FIELD, before, ",null", 1, after);
    before = WELCOME_TO_ROOM WELCOME_MEMBERS WELCOME_ICE "{\"urls\":\"stun:a\"}";
    EXPECT(PARLEY_OK, before, ",{\"urls\":\"turn:b\"}", WIRE_ICE_SERVERS_MAX - 1, WELCOME_END);
    EXPECT(PARLEY_ERR_FIELD, before, ",{\"urls\":\"turn:b\"}", WIRE_ICE_SERVERS_MAX, WELCOME_END);
    EXPECT(PARLEY_ERR_FIELD, before, ",{}", 1, WELCOME_END);
    EXPECT(PARLEY_ERR_FIELD, before, ",\"stun:a\"", 1, WELCOME_END);
    EXPECT(PARLEY_ERR_FIELD, before, ",[\"stun:a\"]", 1, WELCOME_END);
    EXPECT(PARLEY_ERR_FIELD, before, ",{\"urls\":[\"stun:a\"]}", 1, WELCOME_END);
    EXPECT(PARLEY_ERR_FIELD, before, ",{\"urls\":\"http://a\"}", 1, WELCOME_END);
    EXPECT(PARLEY_ERR_FIELD, before, ",{\"urls\":\"stun:a\",\"username\":1}", 1, WELCOME_END);
    EXPECT(PARLEY_ERR_FIELD, before, ",{\"urls\":\"stun:a\",\"credential\":{}}", 1, WELCOME_END);
#undef EXPECT
}

static void test_messages_at_and_beyond_their_limit(void **state) {
    (void)state;
    const size_t fits = WIRE_MESSAGE_BYTES_MAX - strlen("{\"type\":\"leave\"}");
    struct slice bytes = filled("{\"type\":\"leave\"", " ", fits, "}");
    assert_int_equal(bytes.len, WIRE_MESSAGE_BYTES_MAX);
    assert_int_equal(read_error(bytes, WIRE_TO_SERVER), PARLEY_OK);
    assert_int_equal(read_error(filled("{\"type\":\"leave\"", " ", fits + 1, "}"), WIRE_TO_SERVER),
                     PARLEY_ERR_TOO_BIG);
    assert_int_equal(read_error(filled("", "\xFF", 100000, ""), WIRE_TO_PAGE), PARLEY_ERR_TOO_BIG);
    const size_t pong_fits = WIRE_WELCOME_BYTES_MAX - strlen("{\"type\":\"pong\"}");
    assert_int_equal(read_error(filled("{\"type\":\"pong\"", " ", pong_fits, "}"), WIRE_TO_PAGE),
                     PARLEY_OK);
    assert_int_equal(
        read_error(filled("{\"type\":\"pong\"", " ", pong_fits + 1, "}"), WIRE_TO_PAGE),
        PARLEY_ERR_TOO_BIG);
}

/* The message as a whole */

struct whole {
    const char *text;
    int error;
};

static void check_wholes(const struct whole *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int to_server = read_error(slice_of(cases[i].text), WIRE_TO_SERVER);
        int to_page = read_error(slice_of(cases[i].text), WIRE_TO_PAGE);
        if (to_server != cases[i].error || to_page != cases[i].error)
            fail_msg("%s gave %d and %d", cases[i].text, to_server, to_page);
    }
}

static void test_types_that_are_none(void **state) {
    (void)state;
    static const struct whole cases[] = {
        {"{}", PARLEY_ERR_FIELD},
        {"{\"type\":null}", PARLEY_ERR_FIELD},
        {"{\"type\":0}", PARLEY_ERR_FIELD},
        {"{\"type\":[\"leave\"]}", PARLEY_ERR_FIELD},
        {"{\"type\":\"\"}", PARLEY_ERR_FIELD},
        {"{\"Type\":\"leave\"}", PARLEY_ERR_FIELD},
        {"{\"type\":\"Leave\"}", PARLEY_ERR_TYPE},
        {"{\"type\":\"leave \"}", PARLEY_ERR_TYPE},
        {"{\"type\":\"leav\"}", PARLEY_ERR_TYPE},
        {"{\"type\":\"leaves\"}", PARLEY_ERR_TYPE},
        {"{\"type\":\"nonsense\",\"type\":\"leave\"}", PARLEY_ERR_TYPE},
    };
    check_wholes(cases, COUNT(cases));
}

static void test_values_that_are_no_object(void **state) {
    (void)state;
    static const struct whole cases[] = {
        {"", PARLEY_ERR_JSON},
        {"leave", PARLEY_ERR_JSON},
        {"\"leave\"", PARLEY_ERR_JSON},
        {"[\"leave\"]", PARLEY_ERR_JSON},
        {"{\"type\":\"leave\"", PARLEY_ERR_JSON},
        {"{\"type\":\"leave\"}x", PARLEY_ERR_JSON},
        {"{\"type\":\"leave\"}{\"type\":\"leave\"}", PARLEY_ERR_JSON},
        {"{\"type\":\"leave\"}\x01", PARLEY_ERR_JSON},
        {"\xef\xbb\xbf{\"type\":\"leave\"}", PARLEY_ERR_JSON}, /* a byte order mark */
        {"{\"type\":\"leave\"}\xc2\xa0", PARLEY_ERR_JSON},
        {"{\"type\":\"leave\",\"a\":[[[[1]]]]}", PARLEY_ERR_JSON},
        {"{\"type\":\"leave\",\"a\":\"\xFF\"}", PARLEY_ERR_UTF8},
    };
    check_wholes(cases, COUNT(cases));
    assert_int_equal(read_error(BYTES("{\"type\":\"leave\"}\0"), WIRE_TO_SERVER), PARLEY_ERR_JSON);
}

static void test_the_wrong_direction(void **state) {
    (void)state;
    static const char *const both_ways[] = {"offer", "answer", "candidate", "ask"};
    for (size_t i = 0; i < COUNT(samples); i++) {
        if (strcmp(samples[i].type, "credentials") == 0)
            continue; /* a request without fields, like its answer */
        bool both = false;
        for (size_t j = 0; j < COUNT(both_ways); j++)
            both = both || strcmp(samples[i].type, both_ways[j]) == 0;
        struct slice bytes = changed_message(&samples[i], FIELDS_MAX, "", "");
        enum wire_direction other =
            samples[i].direction == WIRE_TO_PAGE ? WIRE_TO_SERVER : WIRE_TO_PAGE;
        /* an offer has "to" in one direction and "from" in the other */
        assert_int_equal(read_error(bytes, other), both ? PARLEY_ERR_FIELD : PARLEY_ERR_TYPE);
    }
}

static void test_bombs_are_refused(void **state) {
    (void)state;
    const char *before = "{\"type\":\"leave\",\"a\":[1";
    assert_int_equal(read_error(filled(before, ",1", 8000, "]}"), WIRE_TO_SERVER), PARLEY_ERR_JSON);
    assert_int_equal(read_error(filled("", "[", 16000, ""), WIRE_TO_SERVER), PARLEY_ERR_JSON);
    assert_int_equal(read_error(filled("", "{\"a\":", 3000, ""), WIRE_TO_PAGE), PARLEY_ERR_JSON);
}

static void test_deinit_after_an_error_is_harmless(void **state) {
    (void)state;
    struct wire_message message;
    assert_int_equal(wire_read(slice_of("{\"type\":\"offer\"}"), WIRE_TO_SERVER, &message),
                     PARLEY_ERR_FIELD);
    wire_message_deinit(&message);
    wire_message_deinit(&message);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_samples_are_valid),
        TEST(missing_fields),
        TEST(fields_of_another_kind),
        TEST(numbers_out_of_range),
        TEST(strings_of_bad_bytes),
        TEST(ids_of_bad_characters),
        TEST(keys_in_another_case_are_other_keys),
        TEST(the_first_of_duplicate_keys_counts),
        TEST(unknown_fields_are_ignored),
        TEST(lengths_at_and_beyond_the_limits),
        TEST(values_that_must_not_be_empty),
        TEST(lists_at_and_beyond_their_limits),
        TEST(messages_at_and_beyond_their_limit),
        TEST(types_that_are_none),
        TEST(values_that_are_no_object),
        TEST(the_wrong_direction),
        TEST(bombs_are_refused),
        TEST(deinit_after_an_error_is_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
