/* TURN credentials: how they are made, to whom the hub gives them, and the secret's file. */
#define _POSIX_C_SOURCE 200809L /* mkdtemp, chmod */
#include "hub_driver.h"
#include "turn.h"
#include "turn_secret.h"

#include "error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADDRESS_KEY 0xbeef
#define ADDRESS_KEY_TEXT "0000beef"
#define SECRET "a secret of two servers"
#define NOW_S 1700000000
#define LIFE_S 3600
#define STEP_S (LIFE_S / TURN_STEPS)
#define END_S 1700003700 /* the first end of a step after a full life */

static const struct slice urls[] = {{"turn:t.example:1", 16},
                                    {"turns:t.example:2?transport=tcp", 31}};
static struct turn turn;

static void begin(size_t url_count) {
    turn = (struct turn){.urls = urls,
                         .url_count = url_count,
                         .secret = slice_of(SECRET),
                         .seconds = LIFE_S,
                         .unix_s = NOW_S};
}

static void assert_text(const char *bytes, size_t len, const char *expected) {
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(bytes, expected, len);
}

/* printf USERNAME | openssl dgst -sha1 -hmac SECRET -binary | base64 */
static void test_a_known_credential(void **state) {
    (void)state;
    struct turn_credential credential;
    begin(1);
    turn_make_credential(&turn, ADDRESS_KEY, &credential);
    assert_text(credential.username, credential.username_len, "1700003700:" ADDRESS_KEY_TEXT);
    assert_text(credential.credential, TURN_CREDENTIAL_BYTES, "C+O89Gpv5uGQ15FP9uVesczoAVo=");
    assert_int_equal(credential.seconds, END_S - NOW_S);
    turn.unix_s = UINT64_MAX - LIFE_S; /* a wrong clock must do no harm */
    turn_make_credential(&turn, ADDRESS_KEY, &credential);
}

/* Even if it asks often, an address gets TURN_STEPS credentials per life, each for a full life. */
static void test_an_address_has_one_credential_at_a_time(void **state) {
    (void)state;
    struct turn_credential before = {.username_len = 0}, credential;
    begin(1);
    int names = 0;
    for (uint64_t s = 0; s < 2 * LIFE_S; s++, turn.unix_s++) {
        turn_make_credential(&turn, ADDRESS_KEY, &credential);
        assert_in_range(credential.seconds, LIFE_S, LIFE_S + STEP_S - 1);
        names += credential.username_len != before.username_len ||
                 memcmp(credential.username, before.username, before.username_len) != 0;
        before = credential;
    }
    assert_in_range(names, 2 * TURN_STEPS, 2 * TURN_STEPS + 1);
    for (turn.seconds = 1; turn.seconds < 10; turn.seconds++) {
        turn_make_credential(&turn, ADDRESS_KEY, &credential);
        assert_in_range(credential.seconds, turn.seconds, 2 * turn.seconds);
    }
}

static int with_relay(void **state) {
    (void)state;
    begin(2);
    return start_hub_with(4, 4, 4, 0, &turn);
}

static int with_grace(void **state) {
    (void)state;
    begin(2);
    return start_hub_with(4, 4, 4, 30000, &turn);
}

static int without_relay(void **state) {
    (void)state;
    begin(0);
    return start_hub_with(4, 4, 4, 0, &turn);
}

/* Asserts that |message| has both URLs, with |address_key|'s credential that ends at |end_s|. */
static void assert_offers(const struct wire_message *message, uint32_t address_key, uint64_t end_s,
                          const struct wire_ice_server **last) {
    char username[64];
    snprintf(username, sizeof username, "%llu:%08x", (unsigned long long)end_s, address_key);
    size_t others = message->type == WIRE_WELCOME ? 1 : 0; /* a STUN server */
    assert_int_equal(message->ice_server_count, others + 2);
    for (size_t i = 0; i < 2; i++) {
        const struct wire_ice_server *server = &message->ice_servers[others + i];
        assert_true(slice_equal(server->url, urls[i]));
        assert_true(slice_equal(server->username, slice_of(username)));
        assert_int_equal(server->credential.len, TURN_CREDENTIAL_BYTES);
        *last = server;
    }
    assert_int_equal(message->ice_seconds, end_s - turn.unix_s);
}

/* Asserts that |to| is promised a relay, but does not get it yet. */
static void assert_promise(int index, hub_handle to, enum wire_type type) {
    struct wire_message message = message_at(index, to);
    assert_int_equal(message.type, type);
    assert_int_equal(message.ice_server_count, type == WIRE_WELCOME ? 1 : 0);
    assert_int_equal(message.ice_seconds, LIFE_S);
    wire_message_deinit(&message);
}

#define ASK "{\"type\":\"credentials\"}"

static hub_handle member_from(uint32_t address_key, const char *room) {
    hub_handle handle = must_connect();
    hub_set_address_key(hub, handle, address_key);
    join(handle, room);
    return handle;
}

static void test_two_get_one_each_and_another_when_asked(void **state) {
    (void)state;
    char first[64];
    const struct wire_ice_server *server;
    hub_handle one = member_from(1, "lobby");
    assert_promise(0, one, WIRE_WELCOME);
    hub_handle two = member_from(2, "lobby");
    struct wire_message message = message_at(0, one); /* before it is told of the other */
    assert_int_equal(message.type, WIRE_CREDENTIALS);
    assert_offers(&message, 1, END_S, &server);
    memcpy(first, server->credential.bytes, TURN_CREDENTIAL_BYTES);
    wire_message_deinit(&message);
    message = message_at(1, two);
    assert_int_equal(message.type, WIRE_WELCOME);
    assert_offers(&message, 2, END_S, &server);
    assert_memory_not_equal(first, server->credential.bytes, TURN_CREDENTIAL_BYTES);
    wire_message_deinit(&message);
    assert_int_equal(sent_count, 3);

    hub_handle three = member_from(3, "lobby");
    message = message_at(0, three);
    assert_offers(&message, 3, END_S, &server);
    wire_message_deinit(&message);
    assert_int_equal(sent_count, 3); /* the others have theirs */

    turn.unix_s += STEP_S;
    turn.secret = slice_of("another");
    say(one, ASK);
    assert_int_equal(sent_count, 1);
    message = message_at(0, one);
    assert_int_equal(message.type, WIRE_CREDENTIALS);
    assert_offers(&message, 1, END_S + STEP_S, &server);
    wire_message_deinit(&message);
}

#define FAILED "{\"type\":\"relay_failed\",\"status\":401}"

/* Nobody can make the log report a relay that they never got. */
static void test_a_failing_relay_is_reported(void **state) {
    (void)state;
    hub_handle one = member_from(1, "lobby");
    say(one, FAILED);
    assert_int_equal(notes[HUB_NOTE_RELAY_FAILED], 0);
    member_from(2, "lobby");
    say(one, FAILED);
    assert_int_equal(notes[HUB_NOTE_RELAY_FAILED], 1);
}

static void test_without_one_nobody_says_that_it_fails(void **state) {
    (void)state;
    hub_handle one = member_from(1, "lobby");
    member_from(2, "lobby");
    say(one, FAILED);
    assert_int_equal(notes[HUB_NOTE_RELAY_FAILED], 0);
    assert_int_equal(sent_count, 0);
}

static void test_a_person_alone_gets_none(void **state) {
    (void)state;
    hub_handle one = member_from(1, "lobby");
    assert_promise(0, one, WIRE_WELCOME);
    say(one, ASK);
    assert_promise(0, one, WIRE_CREDENTIALS);
    hub_handle two = member_from(2, "lobby");
    say(two, LEAVE);
    say(one, ASK);
    assert_promise(0, one, WIRE_CREDENTIALS);
}

/* The server has lost the other one, but the two may still be talking. */
static void test_an_absent_one_is_company(void **state) {
    (void)state;
    const struct wire_ice_server *server;
    char ids[2][WIRE_MEMBER_ID_BYTES + 1], answer[128];
    hub_handle one = member_of("lobby", ids[0]), two = member_of("lobby", ids[1]);
    snprintf(answer, sizeof answer,
             "{\"type\":\"answer\",\"to\":\"%s\",\"sdp\":\"v\",\"connection\":1,\"for\":1}",
             ids[0]);
    say(two, answer);
    disconnect_at(two, 0);
    say(one, ASK);
    struct wire_message message = message_at(0, one);
    assert_offers(&message, 0, END_S, &server);
    wire_message_deinit(&message);
}

/* All tokens, rooms and connections of an address are one user of the relay. */
static void test_an_address_is_one_user_however_many_members_it_has(void **state) {
    (void)state;
    const struct wire_ice_server *server;
    for (int i = 0; i < 2; i++) {
        member_from(7, i ? "attic" : "cellar");
        hub_handle second = member_from(7, i ? "attic" : "cellar");
        struct wire_message message = message_at(1, second);
        assert_offers(&message, 7, END_S, &server);
        wire_message_deinit(&message);
    }
}

static void test_a_person_in_no_room_gets_none(void **state) {
    (void)state;
    hub_handle one = must_connect();
    say(one, ASK);
    assert_refused(one, WIRE_ERROR_JOIN_FIRST);
}

static void test_without_a_relay_there_is_nothing_to_renew(void **state) {
    (void)state;
    char ada[WIRE_MEMBER_ID_BYTES + 1];
    hub_handle one = member_of("lobby", ada);
    say(one, ASK);
    struct wire_message message = message_at(0, one);
    assert_int_equal(message.type, WIRE_CREDENTIALS);
    assert_int_equal(message.ice_server_count, 0);
    assert_int_equal(message.ice_seconds, 0);
    wire_message_deinit(&message);
}

static void test_urls_that_no_welcome_could_carry_are_an_argument_error(void **state) {
    (void)state;
    struct slice many[HUB_ICE_SERVERS_MAX + 1];
    struct wire_ice_server stun = {.url = slice_of("stun:a")};
    struct hub_config config = {
        .connections_max = 1, .rooms_max = 1, .room_members_max = 2, .turn = &turn};
    struct hub *other;
    for (size_t i = 0; i < sizeof many / sizeof *many; i++)
        many[i] = slice_of("turn:a");
    begin(HUB_ICE_SERVERS_MAX);
    turn.urls = many;
    assert_int_equal(hub_create(&other, &config), PARLEY_OK);
    hub_destroy(other);
    turn.url_count++;
    assert_int_equal(hub_create(&other, &config), PARLEY_ERR_ARGUMENT);
    turn.url_count--;
    config.ice_servers = &stun;
    config.ice_server_count = 1;
    assert_int_equal(hub_create(&other, &config), PARLEY_ERR_ARGUMENT);
    config.ice_server_count = 0;
    many[3] = slice_of("http:a");
    assert_int_equal(hub_create(&other, &config), PARLEY_ERR_ARGUMENT);
}

/* The file */

static char directory[] = "/tmp/parley-turn-XXXXXX", path[64];
static struct turn_secret secret;
static char error[TURN_SECRET_ERROR_BYTES];

static int make_directory(void **state) {
    (void)state;
    secret = (struct turn_secret){0};
    memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/secret", directory);
    return 0;
}

static int remove_directory(void **state) {
    (void)state;
    unlink(path);
    return rmdir(directory);
}

static int load(const char *bytes, size_t len, mode_t mode) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return turn_secret_load(&secret, path, error);
}

static void test_the_secret_is_the_file_without_its_line_end(void **state) {
    (void)state;
    char longest[TURN_SECRET_BYTES_MAX + 2];
    static const char *const texts[] = {"top secret", "top secret\n", "top secret \r\n\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(load(texts[i], strlen(texts[i]), 0600), PARLEY_OK);
        assert_true(slice_equal(turn_secret_slice(&secret), slice_of("top secret")));
        assert_false(secret.exposed);
    }
    assert_int_equal(load("x", 1, 0644), PARLEY_OK);
    assert_true(secret.exposed);
    memset(longest, 'x', sizeof longest);
    memcpy(longest + TURN_SECRET_BYTES_MAX, "\r\n", 2);
    assert_int_equal(load(longest, sizeof longest, 0600), PARLEY_OK);
    assert_int_equal(secret.len, TURN_SECRET_BYTES_MAX);
}

static void assert_refused_file(int result, const char *why) {
    char expected[TURN_SECRET_ERROR_BYTES];
    snprintf(expected, sizeof expected, "--turn-secret-file: %s: %s", path, why);
    assert_int_equal(result, PARLEY_ERR_ARGUMENT);
    assert_string_equal(error, expected);
    assert_true(slice_equal(turn_secret_slice(&secret), slice_of("old")));
}

static void test_a_wrong_file_changes_nothing(void **state) {
    (void)state;
    char big[4096];
    memset(big, 'x', sizeof big);
    assert_int_equal(load("old", 3, 0600), PARLEY_OK);
    assert_refused_file(load("", 0, 0600), "is empty");
    assert_refused_file(load(" \n", 2, 0600), "is empty");
    assert_refused_file(load("a\nb", 3, 0600), "is not one line");
    assert_refused_file(load("a\0b", 3, 0600), "is not one line");
    assert_refused_file(load(big, TURN_SECRET_BYTES_MAX + 1, 0600),
                        "is too long for a secret of one line");
    assert_refused_file(load(big, sizeof big, 0600), "is too long for a secret of one line");
    assert_int_equal(unlink(path), 0);
    assert_refused_file(turn_secret_load(&secret, path, error), "No such file or directory");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_refused_file(turn_secret_load(&secret, path, error), "is a folder, not a file");
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused_file(turn_secret_load(&secret, path, error), "is a pipe, not a file");
}

#define HUB_TEST(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop_hub)
#define FILE_TEST(name)                                                                            \
    cmocka_unit_test_setup_teardown(test_##name, make_directory, remove_directory)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_known_credential),
        cmocka_unit_test(test_an_address_has_one_credential_at_a_time),
        HUB_TEST(two_get_one_each_and_another_when_asked, with_relay),
        HUB_TEST(a_failing_relay_is_reported, with_relay),
        HUB_TEST(without_one_nobody_says_that_it_fails, without_relay),
        HUB_TEST(a_person_alone_gets_none, with_relay),
        HUB_TEST(an_absent_one_is_company, with_grace),
        HUB_TEST(an_address_is_one_user_however_many_members_it_has, with_relay),
        HUB_TEST(a_person_in_no_room_gets_none, with_relay),
        HUB_TEST(without_a_relay_there_is_nothing_to_renew, without_relay),
        cmocka_unit_test(test_urls_that_no_welcome_could_carry_are_an_argument_error),
        FILE_TEST(the_secret_is_the_file_without_its_line_end),
        FILE_TEST(a_wrong_file_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
