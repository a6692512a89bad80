/* Names that the protocol checks byte by byte: rooms, members, ICE servers. */
#include "wire.h"

#include "slices.h"

/* Room and member ids */

static bool is_id_byte(unsigned char byte) {
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return byte && strchr(allowed, byte);
}

static void test_room_ids_have_4_to_64_characters(void **state) {
    (void)state;
    assert_false(room_id_valid((struct slice){0}));
    assert_false(room_id_valid(slice_of("abc")));
    assert_true(room_id_valid(slice_of("abcd")));
    assert_true(room_id_valid(filled("", "x", 64, "")));
    assert_false(room_id_valid(filled("", "x", 65, "")));
}

static void test_member_ids_have_22_characters(void **state) {
    (void)state;
    assert_false(member_id_valid((struct slice){0}));
    assert_false(member_id_valid(filled("", "x", 21, "")));
    assert_true(member_id_valid(filled("", "x", 22, "")));
    assert_false(member_id_valid(filled("", "x", 23, "")));
}

static void test_tokens_have_22_characters(void **state) {
    (void)state;
    assert_false(token_secret_valid((struct slice){0}));
    assert_false(token_secret_valid(filled("", "x", 21, "")));
    assert_true(token_secret_valid(filled("", "x", 22, "")));
    assert_false(token_secret_valid(filled("", "x", 23, "")));
}

static void test_each_byte_of_an_id_is_looked_at(void **state) {
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < WIRE_MEMBER_ID_BYTES; at++) {
            char id[WIRE_MEMBER_ID_BYTES];
            memset(id, 'x', sizeof id);
            id[at] = (char)byte;
            struct slice slice = {id, sizeof id};
            assert_int_equal(member_id_valid(slice), is_id_byte((unsigned char)byte));
            assert_int_equal(token_secret_valid(slice), is_id_byte((unsigned char)byte));
            assert_int_equal(room_id_valid(slice), is_id_byte((unsigned char)byte));
        }
    }
}

static void test_an_id_is_read_or_none(void **state) {
    (void)state;
    struct member_id member;
    struct room_id room;
    struct token_secret token;
    struct slice digits = slice_of("0123456789012345678901"),
                 blank = slice_of("0123 56789012345678901");
    assert_true(member_id_read(digits, &member) && token_secret_read(digits, &token));
    assert_slice(member_id_text(&member), "0123456789012345678901");
    assert_memory_equal(token.bytes, digits.bytes, sizeof token.bytes);
    assert_false(member_id_read(blank, &member));
    assert_int_equal(member_id_text(&member).len, 0);
    assert_false(token_secret_read(blank, &token));
    assert_int_equal(token.bytes[0], 0);
    assert_true(room_id_read(filled("", "x", 64, ""), &room));
    assert_true(room_id_read(slice_of("lobby"), &room));
    assert_slice(room_id_text(&room), "lobby");
    assert_memory_equal(&room, &((struct room_id){"lobby", 5}), sizeof room);
    assert_false(room_id_read(blank, &room) || room_id_read(slice_of(""), &room));
    assert_int_equal(room_id_text(&room).len, 0);
}

static void test_ids_of_members_are_in_order(void **state) {
    (void)state;
    const struct member_id one = {"aaaaaaaaaaaaaaaaaaaaaa"}, other = {"aaaaaaaaaaaaaaaaaaaaab"};
    assert_true(member_id_equal(&one, &one) && member_id_compare(&one, &one) == 0);
    assert_false(member_id_equal(&one, &other));
    assert_true(member_id_compare(&one, &other) < 0 && member_id_compare(&other, &one) > 0);
}

static void test_ids_of_rooms_are_the_same_in_any_case(void **state) {
    (void)state;
    const struct room_id lobby = {"Lobby", 5}, same = {"lObbY", 5}, longer = {"lobby-", 6},
                         other = {"locus", 5};
    assert_int_equal(room_id_compare(&lobby, &same), 0);
    assert_true(room_id_compare(&lobby, &longer) < 0 && room_id_compare(&longer, &lobby) > 0);
    assert_true(room_id_compare(&longer, &other) < 0);
}

/* ICE servers */

static void check_urls(const char *const *urls, size_t count, bool valid) {
    for (size_t i = 0; i < count; i++)
        if (wire_ice_url_valid(slice_of(urls[i])) != valid)
            fail_msg("%s", urls[i]);
}

static void test_ice_urls(void **state) {
    (void)state;
    static const char *const valid[] = {
        "stun:a",
        "stuns:stun.example",
        "stun:stun.example:3478",
        "turn:turn.example",
        "turns:turn.example:5349",
        "turn:turn.example?transport=udp",
        "turns:turn.example:443?transport=tcp",
        "stun:192.0.2.1:1",
        "stun:192.0.2.1:65535",
        "stun:[::1]",
        "stun:[2001:db8::1]:3478",
        "turn:[::ffff:192.0.2.1]:3478?transport=udp",
        "stun:my-host_1.example",
    };
    check_urls(valid, COUNT(valid), true);
}

static void test_other_schemes_are_no_ice_urls(void **state) {
    (void)state;
    static const char *const invalid[] = {"",         "a.example", "http://a", "javascript:a",
                                          "STUN:a",   "stun",      "stunt:a",  " stun:a",
                                          "turnss:a", "stun//a",   ":a"};
    check_urls(invalid, COUNT(invalid), false);
}

static void test_hosts_of_ice_urls(void **state) {
    (void)state;
    static const char *const invalid[] = {
        "stun:",        "stun::3478",    "stun:?a",  "stun://a",  "stun:a/",       "stun:a b",
        "stun:a\n",     "stun:a@b",      "stun:a#b", "stun:a%20", "stun:\xC3\xA4", "stun:::1",
        "stun:[::1",    "stun:::1]",     "stun:[]",  "stun:[]:1", "stun:[::1]a",   "stun:[a b]",
        "stun:[[::1]]", "stun:a,stun:b", "stun:\"",  "stun:a\\b"};
    check_urls(invalid, COUNT(invalid), false);
    assert_false(wire_ice_url_valid(BYTES("stun:a\0")));
    assert_false(wire_ice_url_valid(BYTES("stun:a\0b")));
    assert_false(wire_ice_url_valid((struct slice){0}));
}

static void test_ports_of_ice_urls(void **state) {
    (void)state;
    static const char *const invalid[] = {
        "stun:a:",           "stun:a:0",    "stun:a:65536",   "stun:a:99999", "stun:a:100000",
        "stun:a:4294967297", "stun:a:-1",   "stun:a:+1",      "stun:a:1a",    "stun:a: 1",
        "stun:a:1:2",        "stun:[::1]:", "stun:a:00000001"};
    check_urls(invalid, COUNT(invalid), false);
}

static void test_transports_of_ice_urls(void **state) {
    (void)state;
    static const char *const invalid[] = {"stun:a?transport=udp",
                                          "stuns:a?transport=tcp",
                                          "turn:a?",
                                          "turn:a?transport=",
                                          "turn:a?transport=tls",
                                          "turn:a?transport=udp&x",
                                          "turn:a?transport=udpx",
                                          "turn:a?Transport=udp",
                                          "turn:a?transport=udp?transport=udp",
                                          "turn:a?x=y",
                                          "turn:?transport=udp"};
    check_urls(invalid, COUNT(invalid), false);
}

static void test_an_ice_url_has_at_most_512_bytes(void **state) {
    (void)state;
    size_t fits = WIRE_ICE_FIELD_BYTES_MAX - strlen("stun:");
    assert_true(wire_ice_url_valid(filled("stun:", "x", fits, "")));
    assert_false(wire_ice_url_valid(filled("stun:", "x", fits + 1, "")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_id_is_read_or_none),
        cmocka_unit_test(test_ids_of_members_are_in_order),
        cmocka_unit_test(test_ids_of_rooms_are_the_same_in_any_case),
        cmocka_unit_test(test_room_ids_have_4_to_64_characters),
        cmocka_unit_test(test_member_ids_have_22_characters),
        cmocka_unit_test(test_tokens_have_22_characters),
        cmocka_unit_test(test_each_byte_of_an_id_is_looked_at),
        cmocka_unit_test(test_ice_urls),
        cmocka_unit_test(test_other_schemes_are_no_ice_urls),
        cmocka_unit_test(test_hosts_of_ice_urls),
        cmocka_unit_test(test_ports_of_ice_urls),
        cmocka_unit_test(test_transports_of_ice_urls),
        cmocka_unit_test(test_an_ice_url_has_at_most_512_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
