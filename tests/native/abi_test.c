/* The module's exports, compiled natively: the layout that JavaScript reads is the compiler's, and
 * events that do not fit are refused. */
#include "abi.h"

#include "error.h"
#include "mesh.h"
#include "room.h"
#include "slices.h"

#include <cjson/cJSON.h>
#include <math.h>

static cJSON *layout;

static int setup_group(void **state) {
    (void)state;
    layout = cJSON_Parse(parley_layout());
    assert_int_equal(parley_create(), PARLEY_OK);
    return layout ? 0 : -1;
}

static int teardown_group(void **state) {
    (void)state;
    cJSON_Delete(layout);
    return 0;
}

static const cJSON *table(const char *group, const char *name) {
    const cJSON *found =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(layout, group), name);
    assert_non_null(found);
    return found;
}

/* Enums and limits */

static void check_number(const cJSON *numbers, const char *name, double value) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(numbers, name);
    if (!cJSON_IsNumber(item) || item->valuedouble < value || item->valuedouble > value)
        fail_msg("%s is not %.0f", name, value);
}

#define CHECK_NAME(prefix, name)                                                                   \
    check_number(names, #name, prefix##_##name);                                                   \
    named++;

static void test_every_event_and_action_is_named(void **state) {
    (void)state;
#define CHECK(name) CHECK_NAME(EVENT, name)
    int named = 0;
    const cJSON *names = table("enums", "event");
    EVENTS(CHECK)
    assert_int_equal(named, EVENT_COUNT);
    assert_int_equal(cJSON_GetArraySize(names), EVENT_COUNT);
#undef CHECK
#define CHECK(name) CHECK_NAME(ACTION, name)
    named = 0;
    names = table("enums", "action");
    ACTIONS(CHECK)
    assert_int_equal(named, ACTION_COUNT);
    assert_int_equal(cJSON_GetArraySize(names), ACTION_COUNT);
#undef CHECK
}

static void test_every_code_is_named(void **state) {
    (void)state;
    static const struct {
        const char *key;
        int count;
    } tables[] = {{"sdp", EVENT_SDP_COUNT},          {"peerState", EVENT_PEER_STATE_COUNT},
                  {"wake", EVENT_WAKE_COUNT},        {"transport", EVENT_TRANSPORT_COUNT},
                  {"line", LINE_KIND_COUNT},         {"server", JOIN_STATE_REFUSED + 1},
                  {"tone", STATUS_TONE_WARNING + 1}, {"member", CONTACT_LOST + 1}};
    for (size_t i = 0; i < COUNT(tables); i++) {
        const cJSON *names = table("enums", tables[i].key);
        assert_int_equal(cJSON_GetArraySize(names), tables[i].count);
        for (int value = 0; value < tables[i].count; value++)
            assert_int_equal(cJSON_GetArrayItem(names, value)->valueint, value);
    }
    const cJSON *bits = table("enums", "start");
    assert_int_equal(cJSON_GetArraySize(bits), 5);
    check_number(bits, "NAME_GENERATED", EVENT_START_NAME_GENERATED);
    check_number(bits, "NO_WEBRTC", EVENT_START_NO_WEBRTC);
    check_number(bits, "POLLING", EVENT_START_POLLING);
    check_number(bits, "HIDE_ADDRESS", EVENT_START_HIDE_ADDRESS);
    check_number(bits, "NAME_SHARED", EVENT_START_NAME_SHARED);
}

static void test_limits(void **state) {
    (void)state;
    const cJSON *limits = cJSON_GetObjectItemCaseSensitive(layout, "limits");
    check_number(limits, "eventBytes", EVENT_BYTES_MAX);
    check_number(limits, "randomBytes", EVENT_RANDOM_BYTES);
    check_number(limits, "textCharacters", PEER_TEXT_CHARACTERS_MAX);
    check_number(limits, "nameCharacters", PEER_NAME_CHARACTERS_MAX);
    check_number(limits, "channelMessageBytes", PEER_MESSAGE_BYTES_MAX);
    check_number(limits, "channelBufferLowBytes", SESSION_BUFFER_LOW_BYTES);
    check_number(limits, "lines", TRANSCRIPT_LINES_MAX);
    check_number(limits, "linksInLine", TIMELINE_LINKS_MAX);
    check_number(limits, "colours", ROOM_COLOURS);
    check_number(limits, "members", WIRE_ROOM_MEMBERS_MAX);
}

/* Structs */

struct place {
    const char *structure, *field;
    size_t offset;
    const char *type;
};

#define PLACE(structure, type, field, kind)                                                        \
    { structure, #field, offsetof(type, field), kind }
#define STATUS(field, kind) PLACE("status", struct status_view, field, kind)
#define MEMBER(field, kind) PLACE("member", struct member_view, field, kind)
#define LINE(field, kind) PLACE("line", struct line_view, field, kind)

static const struct place places[] = {
    PLACE("action", struct action, kind, "action"),
    PLACE("action", struct action, peer, "u32"),
    PLACE("action", struct action, code, "u32"),
    PLACE("action", struct action, a, "slice"),
    PLACE("action", struct action, b, "slice"),
    PLACE("action", struct action, c, "slice"),
    STATUS(server, "server"),
    STATUS(tone, "tone"),
    STATUS(text, "slice"),
    STATUS(names, "ptr"),
    STATUS(name_count, "u32"),
    STATUS(room, "slice"),
    STATUS(room_name, "slice"),
    STATUS(room_kind, "slice"),
    STATUS(name, "slice"),
    STATUS(name_generated, "u32"),
    STATUS(member_count, "u32"),
    STATUS(line_first, "u32"),
    STATUS(line_end, "u32"),
    STATUS(draft_left, "i32"),
    STATUS(full, "u32"),
    STATUS(alone, "u32"),
    STATUS(hide_address, "u32"),
    STATUS(can_hide_address, "u32"),
    STATUS(hide_address_text, "slice"),
    STATUS(arriving, "u32"),
    STATUS(can_retry, "u32"),
    MEMBER(peer, "u32"),
    MEMBER(connection, "u32"),
    MEMBER(state, "member"),
    MEMBER(colour, "u32"),
    MEMBER(name, "slice"),
    MEMBER(state_text, "slice"),
    MEMBER(reason, "slice"),
    MEMBER(connection_log_count, "u32"),
    PLACE("connection_log", struct connection_log_view, at_ms, "u32"),
    PLACE("connection_log", struct connection_log_view, text, "slice"),
    LINE(sequence, "u32"),
    LINE(kind, "line"),
    LINE(own, "u32"),
    LINE(continues, "u32"),
    LINE(new_day, "u32"),
    LINE(foldable, "u32"),
    LINE(folded, "u32"),
    LINE(shown, "u32"),
    LINE(weight, "u32"),
    LINE(run, "u32"),
    LINE(colour, "u32"),
    LINE(author, "slice"),
    LINE(text, "slice"),
    LINE(mark, "slice"),
    LINE(run_text, "slice"),
    LINE(iso, "slice"),
    LINE(links, "ptr"),
    LINE(link_count, "u32"),
    LINE(names, "ptr"),
    LINE(name_count, "u32"),
    PLACE("span", struct span, start, "u32"),
    PLACE("span", struct span, end, "u32"),
};

static void test_fields_are_where_c_has_them(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(places); i++) {
        const cJSON *field = cJSON_GetObjectItemCaseSensitive(table("structs", places[i].structure),
                                                              places[i].field);
        if (!cJSON_IsArray(field))
            fail_msg("%s.%s is missing", places[i].structure, places[i].field);
        assert_int_equal(cJSON_GetArrayItem(field, 0)->valueint, places[i].offset);
        assert_string_equal(cJSON_GetArrayItem(field, 1)->valuestring, places[i].type);
    }
}

static void test_no_field_is_left_out(void **state) {
    (void)state;
    size_t described = 0;
    const cJSON *structure;
    cJSON_ArrayForEach(structure, cJSON_GetObjectItemCaseSensitive(layout, "structs")) {
        described += (size_t)cJSON_GetArraySize(structure);
    }
    assert_int_equal(described, COUNT(places));
    check_number(cJSON_GetObjectItemCaseSensitive(layout, "sizes"), "span", sizeof(struct span));
}

/* JavaScript reads numbers and enums as 32 bits. */
static void test_enums_have_32_bits(void **state) {
    (void)state;
    assert_int_equal(sizeof(enum event_kind), 4);
    assert_int_equal(sizeof(enum action_kind), 4);
    assert_int_equal(sizeof(enum join_state), 4);
    assert_int_equal(sizeof(enum status_tone), 4);
    assert_int_equal(sizeof(enum contact), 4);
    assert_int_equal(sizeof(enum line_kind), 4);
}

static void test_the_layout_is_made_once(void **state) {
    (void)state;
    assert_ptr_equal(parley_layout(), parley_layout());
}

/* The exports */

/* Puts |texts|, one after the other, into the input area. */
static void put_input(const char *texts) {
    memcpy(parley_input(), texts, strlen(texts));
}

static void drain(void) {
    while (parley_next_action())
        continue;
}

static void test_events_that_do_not_fit_are_refused(void **state) {
    (void)state;
    assert_int_equal(parley_create(), PARLEY_ERR_STATE);
    assert_int_equal(parley_handle(EVENT_COUNT, 0, 0, 0, 0, 0, 0, 0, 0), PARLEY_ERR_ARGUMENT);
    assert_int_equal(parley_handle(UINT32_MAX, 0, 0, 0, 0, 0, 0, 0, 0), PARLEY_ERR_ARGUMENT);
    static const uint32_t lengths[][3] = {{EVENT_BYTES_MAX, 1, 0},
                                          {EVENT_BYTES_MAX, 0, 1},
                                          {0, 0, EVENT_BYTES_MAX + 1},
                                          {UINT32_MAX, 1, 0},
                                          {UINT32_MAX, UINT32_MAX, UINT32_MAX},
                                          {1u << 31, 1u << 31, 0}};
    for (size_t i = 0; i < COUNT(lengths); i++)
        assert_int_equal(
            parley_handle(EVENT_TICK, 0, 0, lengths[i][0], lengths[i][1], lengths[i][2], 0, 0, 0),
            PARLEY_ERR_ARGUMENT);
}

static void test_texts_follow_each_other_in_the_input(void **state) {
    (void)state;
    put_input("tea-roomAda0123456789012345678901234567890123456789012345678901234567890123");
    assert_int_equal(parley_handle(EVENT_START, 0, 0, 8, 3, EVENT_RANDOM_BYTES, 5, 5, 0),
                     PARLEY_OK);
    const struct action *action = parley_next_action();
    assert_int_equal(action->kind, ACTION_TOKEN_STORE);
    assert_slice(action->a, "MDEyMzQ1Njc4OTAxMjM0NQ00000000ff"); /* of the first 16 random bytes */
    action = parley_next_action();
    assert_int_equal(action->kind, ACTION_DEVICE_STORE);
    assert_int_equal(action->a.len, KEYRING_DEVICE_CHARACTERS);
    assert_int_equal(parley_next_action()->kind, ACTION_SERVER_CONNECT);
    drain();
    assert_slice(parley_status()->name, "Ada");
    assert_int_equal(parley_handle(EVENT_SERVER_OPENED, 0, 0, 0, 0, 0, 6, 6, 0), PARLEY_OK);
    assert_slice(parley_next_action()->a, "MDEyMzQ1Njc4OTAxMjM0NQ00000001ff");
    struct slice join = parley_next_action()->a;
    assert_true(slice_skip(&join, "{\"type\":\"join\",\"version\":2,\"room\":\"tea-room\","
                                  "\"token\":\"MDEyMzQ1Njc4OTAxMjM0NQ\",\"hello\":\""));
    drain();
    assert_int_equal(parley_handle(EVENT_UNLOAD, 0, 0, 0, 0, 0, 7, 7, 0), PARLEY_OK);
    drain();
}

static void test_no_number_is_too_strange_for_a_clock(void **state) {
    (void)state;
    static const double times[] = {0, -1, 0.5, 1e300, -1e300, 0x1p53, 0x1p64};
    for (size_t i = 0; i < COUNT(times); i++)
        assert_int_equal(parley_handle(EVENT_TICK, 0, 0, 0, 0, 0, times[i], times[i], INT32_MIN),
                         PARLEY_ERR_STATE); /* nothing is started */
    assert_int_equal(parley_handle(EVENT_TICK, 0, 0, 0, 0, 0, (double)NAN, (double)NAN, 0),
                     PARLEY_ERR_STATE);
    assert_int_equal(
        parley_handle(EVENT_TICK, 0, 0, 0, 0, 0, (double)INFINITY, -(double)INFINITY, 0),
        PARLEY_ERR_STATE);
    assert_true(isinf(parley_deadline_ms()));
}

static void test_views_that_are_not_there(void **state) {
    (void)state;
    assert_non_null(parley_status());
    assert_non_null(parley_member(0));
    assert_null(parley_member(1));
    assert_null(parley_member(UINT32_MAX));
    assert_null(parley_connection_log(0, 0));
    assert_null(parley_connection_log(UINT32_MAX, UINT32_MAX));
    assert_null(parley_line(UINT32_MAX));
}

static void test_every_refusal_has_its_sentence(void **state) {
    (void)state;
    for (uint32_t kind = EVENT_SAY; kind <= EVENT_RENAME; kind++) {
        assert_string_equal(parley_error_text(kind, PARLEY_OK), "");
        for (int error = -1; error > -30; error--)
            assert_true(strlen(parley_error_text(kind, error)) > 0);
    }
    assert_non_null(strstr(parley_error_text(EVENT_RENAME, PARLEY_ERR_TOO_LONG), " 32 "));
    assert_non_null(strstr(parley_error_text(EVENT_SAY, PARLEY_ERR_TOO_LONG), " 4000 "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_event_and_action_is_named),
        cmocka_unit_test(test_every_code_is_named),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_fields_are_where_c_has_them),
        cmocka_unit_test(test_no_field_is_left_out),
        cmocka_unit_test(test_enums_have_32_bits),
        cmocka_unit_test(test_the_layout_is_made_once),
        cmocka_unit_test(test_events_that_do_not_fit_are_refused),
        cmocka_unit_test(test_texts_follow_each_other_in_the_input),
        cmocka_unit_test(test_no_number_is_too_strange_for_a_clock),
        cmocka_unit_test(test_views_that_are_not_there),
        cmocka_unit_test(test_every_refusal_has_its_sentence),
    };
    return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
