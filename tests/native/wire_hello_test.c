/* What pages say of themselves, and what they seal, on the wire. */
#include "wire.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"

#define ALICE "alice-alice-alice-alic"
#define BOB "bob_bob_bob_bob_bob_BO"
#define CAROL "0123456789ABCDEFabcdef"
#define TOKEN "token-token-token-TOKE"

static struct buffer out;

static int setup(void **state) {
    (void)state;
    buffer_init(&out, 1 << 16);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&out);
    return 0;
}

/* Writes |message|, checks that the result is |text|, and reads it again. */
static struct wire_message round_trip(const struct wire_message *message,
                                      enum wire_direction direction, const char *text) {
    struct wire_message again;
    buffer_clear(&out);
    assert_int_equal(wire_write(message, direction, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), text);
    assert_int_equal(wire_read(buffer_slice(&out), direction, &again), PARLEY_OK);
    memset(out.bytes, '#', out.len); /* the result must not point into it */
    return again;
}

static void check_not_written(const struct wire_message *message) {
    buffer_clear(&out);
    assert_int_equal(wire_write(message, WIRE_TO_PAGE, &out), PARLEY_ERR_FIELD);
    assert_int_equal(out.len, 0);
}

static void test_hello(void **state) {
    (void)state;
    struct wire_message message = {.type = WIRE_JOIN,
                                   .version = WIRE_VERSION,
                                   .token = token_secret_of(TOKEN),
                                   .hello = slice_of("AZaz09-_")};
    struct wire_message again = round_trip(&message, WIRE_TO_SERVER,
                                           "{\"type\":\"join\",\"version\":2,\"token\":\"" TOKEN
                                           "\",\"hello\":\"AZaz09-_\"}");
    assert_slice(again.hello, "AZaz09-_");
    wire_message_deinit(&again);
    message = (struct wire_message){
        .type = WIRE_JOINED, .member = member_id_from(BOB), .hello = message.hello, .back = true};
    again = round_trip(&message, WIRE_TO_PAGE,
                       "{\"type\":\"joined\",\"member\":\"" BOB
                       "\",\"hello\":\"AZaz09-_\",\"back\":true}");
    assert_slice(again.hello, "AZaz09-_");
    wire_message_deinit(&again);
}

static void test_welcome_with_hellos(void **state) {
    (void)state;
    const struct member_id others[] = {member_id_from(BOB), member_id_from(CAROL)};
    const struct slice hellos[] = {slice_of(""), slice_of("carol")};
    struct wire_message message = {.type = WIRE_WELCOME,
                                   .version = WIRE_VERSION,
                                   .room = room_id_of("tea-room"),
                                   .member = member_id_from(ALICE),
                                   .members = others,
                                   .member_count = 2,
                                   .hellos = hellos,
                                   .hello_count = 2,
                                   .room_members_max = 16};
    struct wire_message again = round_trip(
        &message, WIRE_TO_PAGE,
        "{\"type\":\"welcome\",\"version\":2,\"room\":\"tea-room\",\"you\":\"" ALICE "\","
        "\"members\":[\"" BOB "\",\"" CAROL "\"],\"hellos\":[\"\",\"carol\"],\"iceServers\":[],"
        "\"roomMembersMax\":16}");
    assert_int_equal(again.hello_count, 2);
    assert_slice(again.hellos[0], "");
    assert_slice(again.hellos[1], "carol");
    wire_message_deinit(&again);
}

static void test_sealed(void **state) {
    (void)state;
    struct wire_message message = {
        .type = WIRE_SEALED, .member = member_id_from(BOB), .sealed = slice_of("AZaz09-_")};
    struct wire_message again =
        round_trip(&message, WIRE_TO_SERVER,
                   "{\"type\":\"sealed\",\"to\":\"" BOB "\",\"sealed\":\"AZaz09-_\"}");
    assert_slice(member_id_text(&again.member), BOB);
    assert_slice(again.sealed, "AZaz09-_");
    wire_message_deinit(&again);
}

/* Only a welcome with hellos may be longer than other messages. */
static void test_the_longest_welcome(void **state) {
    (void)state;
    struct wire_message message = {.type = WIRE_WELCOME,
                                   .version = WIRE_VERSION,
                                   .room = room_id_of("tea-room"),
                                   .member = member_id_from(BOB)},
                        again;
    struct member_id others[WIRE_ROOM_MEMBERS_MAX];
    struct slice hellos[WIRE_ROOM_MEMBERS_MAX], secret;
    struct wire_ice_server servers[WIRE_ICE_SERVERS_MAX];
    char hello[WIRE_HELLO_BYTES_MAX + 1], words[WIRE_ICE_FIELD_BYTES_MAX];
    memset(hello, 'x', sizeof hello);
    memset(words, 'x', sizeof words);
    secret = (struct slice){words, sizeof words};
    for (size_t i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++) {
        others[i] = member_id_from(CAROL);
        hellos[i] = (struct slice){hello, WIRE_HELLO_BYTES_MAX};
    }
    for (size_t i = 0; i < WIRE_ICE_SERVERS_MAX; i++)
        servers[i] = (struct wire_ice_server){slice_of("turn:t.example"), secret, secret};
    message.members = others;
    message.member_count = message.hello_count = WIRE_ROOM_MEMBERS_MAX - 1;
    message.hellos = hellos;
    message.ice_servers = servers;
    message.ice_server_count = WIRE_ICE_SERVERS_MAX;
    assert_int_equal(wire_write(&message, WIRE_TO_PAGE, &out), PARLEY_OK);
    assert_true(out.len > WIRE_MESSAGE_BYTES_MAX && out.len <= WIRE_WELCOME_BYTES_MAX);
    assert_int_equal(wire_read(buffer_slice(&out), WIRE_TO_PAGE, &again), PARLEY_OK);
    assert_int_equal(again.hello_count, WIRE_ROOM_MEMBERS_MAX - 1);
    wire_message_deinit(&again);
    assert_int_equal(wire_read(buffer_slice(&out), WIRE_TO_SERVER, &again), PARLEY_ERR_TOO_BIG);
    hellos[3].len++;
    check_not_written(&message);
    hellos[3] = slice_of("not base64url");
    check_not_written(&message);
}

/* The same field, but no longer than the server passes on. */
static void test_relay(void **state) {
    (void)state;
    struct wire_message message = {
        .type = WIRE_RELAY, .member = member_id_from(BOB), .sealed = slice_of("AZaz09-_")};
    struct wire_message again =
        round_trip(&message, WIRE_TO_PAGE,
                   "{\"type\":\"relay\",\"from\":\"" BOB "\",\"sealed\":\"AZaz09-_\"}");
    assert_slice(again.sealed, "AZaz09-_");
    wire_message_deinit(&again);
    message.sealed = filled("", "x", WIRE_RELAYED_BYTES_MAX, "");
    buffer_clear(&out);
    assert_int_equal(wire_write(&message, WIRE_TO_PAGE, &out), PARLEY_OK);
    message.sealed = filled("", "x", WIRE_RELAYED_BYTES_MAX + 1, "");
    check_not_written(&message);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(hello), TEST(welcome_with_hellos), TEST(sealed),
        TEST(relay), TEST(the_longest_welcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
