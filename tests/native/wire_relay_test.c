/* Signals that are relayed without parsing: which ones, that the result is the same as with
 * parsing, and that none is relayed which the parser refuses. */
#include "wire_relay.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"

#include <stdio.h>

#define ALICE "alice-alice-alice-alic"
#define BOB "bob_bob_bob_bob_bob_BO"
#define OUT_BYTES_MAX (2 * WIRE_MESSAGE_BYTES_MAX)

static struct buffer relayed, written;

static int setup(void **state) {
    (void)state;
    buffer_init(&relayed, OUT_BYTES_MAX);
    buffer_init(&written, OUT_BYTES_MAX);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&relayed);
    buffer_deinit(&written);
    return 0;
}

/* The specification: parses the message, and writes it with the sender. False: refused. */
static bool go_the_long_way(struct slice bytes) {
    struct wire_message message;
    buffer_clear(&written);
    if (wire_read(bytes, WIRE_TO_SERVER, &message))
        return false;
    message.member = member_id_from(ALICE);
    int error = wire_write(&message, WIRE_TO_PAGE, &written);
    wire_message_deinit(&message);
    return error == PARLEY_OK;
}

/* The fast path gives the same message as parsing. */
static bool is_taken(struct slice bytes) {
    struct wire_relay relay;
    if (!wire_relay_read(bytes, &relay))
        return false;
    buffer_clear(&relayed);
    struct member_id alice = member_id_from(ALICE);
    assert_int_equal(wire_relay_write(&relay, &alice, &relayed), PARLEY_OK);
    assert_true(go_the_long_way(bytes));
    assert_true(slice_equal(buffer_slice(&relayed), buffer_slice(&written)));
    return true;
}

static void assert_taken(struct slice bytes, enum wire_type type) {
    struct wire_relay relay;
    assert_true(is_taken(bytes));
    assert_true(wire_relay_read(bytes, &relay));
    assert_int_equal(relay.type, type);
    assert_slice(member_id_text(&relay.member), BOB);
}

/* A page's messages: with all possible fields, and with only the required ones. */
static const struct wire_message signals[] = {
    {.type = WIRE_OFFER, .sdp = {"v=0\r\n", 5}, .connection = 1},
    {.type = WIRE_OFFER, .sdp = {"v=0\r\ns=-\r\n", 10}, .connection = UINT32_MAX, .target = 10},
    {.type = WIRE_ANSWER, .sdp = {"x", 1}, .connection = 7, .target = UINT32_MAX},
    {.type = WIRE_CANDIDATE, .candidate = {"candidate:1 1 udp 2", 19}, .connection = 2},
    {.type = WIRE_CANDIDATE, .connection = 3, .mid = {"0", 1}},
    {.type = WIRE_CANDIDATE, .connection = 3, .ufrag = {"+/ab", 4}},
    {.type = WIRE_CANDIDATE,
     .candidate = {"c", 1},
     .mid = {"data", 4},
     .ufrag = {"u", 1},
     .connection = 4,
     .target = 5},
    {.type = WIRE_ASK},
    {.type = WIRE_ASK, .target = 3},
    {.type = WIRE_ASK, .connection = 9, .target = 1},
    {.type = WIRE_RELAY, .sealed = {"x", 1}},
    {.type = WIRE_SEALED, .sealed = {"AZaz09-_", 8}},
};

/* The |nth| of |signals| as a page writes it. */
static struct slice signal_text(size_t nth, struct buffer *out) {
    struct wire_message message = signals[nth];
    message.member = member_id_from(BOB);
    buffer_clear(out);
    assert_int_equal(wire_write(&message, WIRE_TO_SERVER, out), PARLEY_OK);
    return buffer_slice(out);
}

static void for_each_signal(void (*check)(struct slice text, enum wire_type type)) {
    struct buffer out;
    buffer_init(&out, OUT_BYTES_MAX);
    for (size_t i = 0; i < COUNT(signals); i++)
        check(signal_text(i, &out), signals[i].type);
    buffer_deinit(&out);
}

static void test_messages_of_pages_are_taken(void **state) {
    (void)state;
    for_each_signal(assert_taken);
    assert_slice(buffer_slice(&relayed),
                 "{\"type\":\"sealed\",\"from\":\"" ALICE "\",\"sealed\":\"AZaz09-_\"}");
}

static void not_taken(struct slice beginning) {
    assert_false(is_taken(beginning));
}

static void check_beginnings(struct slice text, enum wire_type type) {
    (void)type;
    char whole[512] = "";
    assert_true(text.len < sizeof whole);
    memcpy(whole, text.bytes, text.len - 1);
    for_each_beginning(whole, not_taken);
}

static void test_no_beginning_is_taken(void **state) {
    (void)state;
    for_each_signal(check_beginnings);
}

/* Replaces every byte by every other, removes it, and doubles it. */
static void check_damaged(struct slice text, enum wire_type type) {
    char damaged[512];
    (void)type;
    assert_true(text.len < sizeof damaged);
    for (size_t at = 0; at < text.len; at++) {
        memcpy(damaged, text.bytes, text.len);
        for (int byte = 0; byte < 256; byte++) {
            damaged[at] = (char)byte;
            is_taken((struct slice){damaged, text.len});
        }
        memcpy(damaged + at, text.bytes + at + 1, text.len - at - 1);
        is_taken((struct slice){damaged, text.len - 1});
        memcpy(damaged, text.bytes, at + 1);
        memcpy(damaged + at + 1, text.bytes + at, text.len - at);
        is_taken((struct slice){damaged, text.len + 1});
    }
}

static void test_the_fast_path_takes_no_damage_that_the_reader_refuses(void **state) {
    (void)state;
    for_each_signal(check_damaged);
}

#define OFFER(sdp) "{\"type\":\"offer\",\"to\":\"" BOB "\",\"sdp\":\"" sdp "\",\"connection\":1}"
#define ASK(rest) "{\"type\":\"ask\",\"to\":\"" BOB "\"" rest "}"

/* Valid messages that are not written as wire_write does, or not plain enough. */
static void test_other_messages_are_parsed(void **state) {
    (void)state;
    static const char *const texts[] = {
        " " OFFER("v=0"),
        OFFER("v=0") "\n",
        OFFER("say \\\"v=0\\\""),
        OFFER("\\\\"),
        OFFER("\\\\r"),
        OFFER("\\u000d"),
        OFFER("\\/"),
        OFFER("\xc3\xa9"),
        ASK(",\"for\":1,\"connection\":2"),
        ASK(",\"connection\":01.0e0"),
        ASK(",\"colour\":\"red\""),
        "{\"to\":\"" BOB "\",\"type\":\"ask\"}",
        "{\"type\":\"ask\", \"to\":\"" BOB "\"}",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_false(is_taken(slice_of(texts[i])));
        if (strchr(texts[i], '.') == NULL)
            assert_true(go_the_long_way(slice_of(texts[i])));
    }
}

static void test_wrong_messages_are_not_taken(void **state) {
    (void)state;
    static const struct slice texts[] = {
        BYTES(""),
        {NULL, 0},
        BYTES(OFFER("")),
        BYTES(OFFER("\0")),
        BYTES(OFFER("\n")),
        BYTES(OFFER("\xc3")),
        BYTES(OFFER("\\")),
        BYTES(OFFER("\\x")),
        BYTES(OFFER("0123456789012345678901234567890\\")), /* across blocks */
        BYTES(OFFER("0123456789012345678901234567890\x1f 123456789")),
        BYTES(ASK(",\"for\":0")),
        BYTES(ASK(",\"for\":")),
        BYTES(ASK(",\"for\":4294967296")),
        BYTES(ASK(",\"for\":18446744073709551617")),
        BYTES(ASK(",\"for\":-1")),
        BYTES(ASK(",\"for\":1") "}"),
        BYTES("{\"type\":\"ask\",\"to\":\"" BOB "x\"}"),
        BYTES("{\"type\":\"ask\",\"to\":\"bob bob_bob_bob_bob_BO\"}"),
        BYTES("{\"type\":\"ask\",\"from\":\"" BOB "\"}"),
        BYTES("{\"type\":\"ping\",\"to\":\"" BOB "\"}"),
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_false(is_taken(texts[i]));
}

/* Checks messages with a text between |before| and |after|, up to the limit |bytes_max|. */
static void check_length(const char *before, const char *after, size_t bytes_max) {
    assert_true(is_taken(filled(before, "x", bytes_max, after)));
    assert_false(is_taken(filled(before, "x", bytes_max + 1, after)));
}

static void test_the_limits_of_lengths(void **state) {
    (void)state;
    static const char candidate[] = "{\"type\":\"candidate\",\"to\":\"" BOB "\",\"candidate\":\"";
    char before[128];
    check_length("{\"type\":\"offer\",\"to\":\"" BOB "\",\"sdp\":\"", "\",\"connection\":1}",
                 WIRE_SDP_BYTES_MAX);
    check_length(candidate, "\",\"connection\":1}", WIRE_CANDIDATE_BYTES_MAX);
    snprintf(before, sizeof before, "%s\",\"mid\":\"", candidate);
    check_length(before, "\",\"connection\":1}", WIRE_MID_BYTES_MAX);
    snprintf(before, sizeof before, "%s\",\"ufrag\":\"", candidate);
    check_length(before, "\",\"connection\":1}", WIRE_UFRAG_BYTES_MAX);
}

static void test_without_memory_nothing_is_written(void **state) {
    (void)state;
    struct wire_relay relay;
    struct member_id alice = member_id_from(ALICE);
    struct buffer small;
    buffer_init(&small, 8);
    assert_true(wire_relay_read(slice_of(ASK("")), &relay));
    assert_int_equal(wire_relay_write(&relay, &alice, &small), PARLEY_ERR_FULL);
    assert_int_equal(small.len, 0);
    buffer_deinit(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_messages_of_pages_are_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_beginning_is_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_fast_path_takes_no_damage_that_the_reader_refuses,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_other_messages_are_parsed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_messages_are_not_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_limits_of_lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(test_without_memory_nothing_is_written, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
