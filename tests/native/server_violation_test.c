/* A client that breaks a rule of signaling is told which, and closed with the right code. Nobody
 * else notices. */
#define _POSIX_C_SOURCE 200809L
#include "client.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define FRAGMENTS (WIRE_MESSAGE_BYTES_MAX / 100 + 1)
#define FLOOD 1500 /* offers of 12 KB: more than sockets buffer */

static struct process process;
static struct pair honest; /* continues to talk in every test */

static int setup(void **state) {
    (void)state;
    /* server_limits_test.c tests clients that send too much */
    process_serve(&process, (const char *const[]){"--member-messages-per-second=0", NULL});
    pair_join(&honest, process.port, "honest");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    pair_talk(&honest);
    pair_leave(&honest);
    process_stop(&process);
    return 0;
}

static void test_binary(void **state) {
    (void)state;
    struct person person;
    person_join(&person, process.port, "binary", 0);
    ws_send_frame(&person.client, 0x80, WS_BINARY, true, "{}", 2);
    ws_expect_refusal(&person.client, WIRE_ERROR_NOT_TEXT);
    client_close(&person.client);
    pair_talk(&honest);
}

static void test_not_utf8(void **state) {
    (void)state;
    static const char *const bad[] = {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\xe2\x82"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct person person;
        char text[64];
        person_join(&person, process.port, "utf-8", 0);
        snprintf(text, sizeof text, "{\"type\":\"leave\",\"x\":\"%s\"}", bad[i]);
        ws_send_text(&person.client, text);
        ws_expect_refusal(&person.client, WIRE_ERROR_NOT_UTF8);
        client_close(&person.client);
    }
    pair_talk(&honest);
}

/* A character may be split between fragments. */
static void test_utf8_across_fragments(void **state) {
    (void)state;
    struct person person;
    const char *text = "{\"type\":\"leave\",\"x\":\"\xe2\x82\xac\"}";
    size_t cut = strlen(text) - 3;
    person_join(&person, process.port, "cut-in-two", 0);
    ws_send_frame(&person.client, 0, WS_TEXT, true, text, cut);
    ws_send_frame(&person.client, 0x80, WS_CONTINUATION, true, text + cut, strlen(text) - cut);
    ws_expect_close(&person.client, 1000);
    client_close(&person.client);
}

static void test_too_big_in_one_frame(void **state) {
    (void)state;
    static const size_t lengths[] = {WIRE_MESSAGE_BYTES_MAX + 1, 65536, 300000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct person person;
        char *text = malloc(lengths[i]);
        assert_non_null(text);
        memset(text, ' ', lengths[i]);
        person_join(&person, process.port, "too-big", 0);
        ws_send_frame(&person.client, 0x80, WS_TEXT, true, text, lengths[i]);
        ws_expect_refusal(&person.client, WIRE_ERROR_TOO_BIG);
        client_close(&person.client);
        free(text);
    }
    pair_talk(&honest);
}

static void test_too_big_in_fragments(void **state) {
    (void)state;
    struct person person;
    char piece[100];
    memset(piece, ' ', sizeof piece);
    person_join(&person, process.port, "pieces", 0);
    for (int i = 0; i < FRAGMENTS; i++) {
        if (!ws_send_frame(&person.client, 0, i == 0 ? WS_TEXT : WS_CONTINUATION, true, piece,
                           sizeof piece))
            break;
    }
    ws_expect_refusal(&person.client, WIRE_ERROR_TOO_BIG);
    client_close(&person.client);
    pair_talk(&honest);
}

/* A frame that announces 2^62 bytes, of which few come. */
static void test_enormous_length(void **state) {
    (void)state;
    struct person person;
    person_join(&person, process.port, "enormous", 0);
    client_send(&person.client, "\x81\xff\x40\0\0\0\0\0\0\0\0\0\0\0abc", 17);
    ws_expect_refusal(&person.client, WIRE_ERROR_TOO_BIG);
    client_close(&person.client);
    person_join(&person, process.port, "enormous", 0);
    client_send(&person.client, "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0abc", 17);
    client_await_end(&person.client); /* RFC 6455, 5.2: the first bit must be 0 */
    client_close(&person.client);
    pair_talk(&honest);
}

/* Frames that RFC 6455 forbids: each fails the connection, with 1002 or without a close frame. */
static void test_broken_frames(void **state) {
    (void)state;
    static const struct {
        unsigned bits, opcode;
        size_t len;
    } frames[] = {
        {0x80, 3, 1},
        {0x80, 7, 0},
        {0x80, 11, 1},
        {0x80, 15, 0},
        {0xc0, WS_TEXT, 1},
        {0xa0, WS_TEXT, 1},
        {0x90, WS_TEXT, 1},
        {0, WS_PING, 1},
        {0, WS_CLOSE, 0},
        {0x80, WS_PING, 126},
        {0x80, WS_CONTINUATION, 1},
        {0x80, WS_CLOSE, 130},
    };
    char payload[256] = "";
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct pair pair;
        struct ws_frame frame;
        pair_join(&pair, process.port, "broken");
        ws_send_frame(&pair.ann.client, frames[i].bits, frames[i].opcode, true, payload,
                      frames[i].len);
        if (ws_read_frame(&pair.ann.client, &frame)) {
            assert_int_equal(frame.opcode, WS_CLOSE);
            assert_memory_equal(frame.payload, "\x03\xea", 2);
        }
        ws_skip(&pair.bob.client, WIRE_LEFT); /* at once, without waiting for the offender */
        pair_leave(&pair);
    }
    pair_talk(&honest);
}

static void test_a_message_within_a_message(void **state) {
    (void)state;
    struct person person;
    person_join(&person, process.port, "within", 0);
    ws_send_frame(&person.client, 0, WS_TEXT, true, "{", 1);
    ws_send_frame(&person.client, 0x80, WS_TEXT, true, "{}", 2);
    ws_expect_close(&person.client, 1002);
    client_close(&person.client);
    pair_talk(&honest);
}

/* RFC 6455, 5.1. This holds for control frames, and after valid frames, too. */
static void test_unmasked_frames_end_the_connection(void **state) {
    (void)state;
    static const unsigned opcodes[] = {WS_TEXT, WS_PING, WS_CLOSE};
    for (size_t i = 0; i < 3; i++) {
        struct person person;
        person_join(&person, process.port, "unmasked", 0);
        ws_send_text(&person.client, "{\"type\":\"ping\"}");
        ws_send_frame(&person.client, 0x80, opcodes[i], false, "{}", 2);
        ws_expect_close(&person.client, 1002);
        client_close(&person.client);
    }
    pair_talk(&honest);
}

static void test_pings_without_end(void **state) {
    (void)state;
    struct person person;
    person_join(&person, process.port, "pings", 0);
    for (int i = 0; i < 1300; i++)
        ws_send_frame(&person.client, 0x80, WS_PING, true, "", 0);
    ws_expect_close(&person.client, 1008);
    client_close(&person.client);
    pair_talk(&honest);
}

static void test_bad_messages(void **state) {
    (void)state;
    struct person person;
    person_join(&person, process.port, "nonsense", 0);
    for (int i = 0; i < 8; i++) {
        ws_send_text(&person.client, i % 2 == 0 ? "{}" : "nonsense");
        ws_expect_error(&person.client, WIRE_ERROR_BAD_MESSAGE);
    }
    ws_send_text(&person.client, "");
    ws_expect_refusal(&person.client, WIRE_ERROR_TOO_MANY_BAD);
    client_close(&person.client);
    pair_talk(&honest);
}

static void test_join_first(void **state) {
    (void)state;
    struct client client;
    ws_open(&client, process.port);
    ws_send_text(
        &client,
        "{\"type\":\"offer\",\"to\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"sdp\":\"x\",\"connection\":1}");
    ws_expect_refusal(&client, WIRE_ERROR_JOIN_FIRST);
    client_close(&client);
    ws_open(&client, process.port);
    ws_send_text(&client, "{\"type\":\"join\",\"version\":99}");
    ws_expect_refusal(&client, WIRE_ERROR_BAD_VERSION);
    client_close(&client);
}

static void test_after_a_refusal_nothing_is_heard(void **state) {
    (void)state;
    struct person person;
    person_join(&person, process.port, "after", 0);
    ws_send_frame(&person.client, 0x80, WS_BINARY, true, "x", 1);
    for (int i = 0; i < 100; i++)
        ws_send_text(&person.client, "nonsense");
    ws_expect_refusal(&person.client, WIRE_ERROR_NOT_TEXT);
    client_close(&person.client);
}

/* Two people, of whom Bob does not read for a while, as if his network were down. Messages to him
 * pile up, first in the kernel, until the server drops him and tells the room that he left. */
static void pair_join_slow(struct pair *pair, const char *room) {
    int small = 4096;
    pair_join(pair, process.port, room);
    setsockopt(pair->bob.client.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
}

/* Ann reads all that the server has sent her by now. True: she was told that Bob left. */
static bool ann_hears_bob_leave(struct pair *pair) {
    struct ws_frame frame;
    bool left = false;
    ws_send_text(&pair->ann.client, "{\"type\":\"ping\"}");
    do {
        assert_true(ws_read_frame(&pair->ann.client, &frame));
        left = left || (frame.opcode == WS_TEXT && strstr(frame.payload, "\"left\"") != NULL &&
                        strstr(frame.payload, pair->bob.id) != NULL);
    } while (strstr(frame.payload, "\"pong\"") == NULL);
    return left;
}

static void read_up_to_error(struct client *client) {
    struct ws_frame frame;
    do
        assert_true(ws_read_frame(client, &frame));
    while (strstr(frame.payload, "\"error\"") == NULL);
}

static void offer_much(struct person *person, const char *to) {
    char sdp[WIRE_SDP_BYTES_MAX];
    memset(sdp, 'x', sizeof sdp - 1);
    sdp[sizeof sdp - 1] = '\0';
    person_offer(person, to, sdp);
}

/* Sends more than all buffers on the way to Bob take. */
static void flood(struct pair *pair) {
    for (int i = 0; i < FLOOD; i++) {
        offer_much(&pair->ann, pair->bob.id);
        assert_false(ann_hears_bob_leave(pair));
    }
}

static void test_a_flood_costs_nobody_their_place(void **state) {
    (void)state;
    struct pair pair;
    pair_join(&pair, process.port, "flood");
    flood(&pair);
    /* there is still room for the hub's own messages, the last that Bob has to read */
    ws_send_text(&pair.bob.client, join_text(NULL));
    read_up_to_error(&pair.bob.client);
    pair_talk(&pair);
    pair_talk(&honest);
    pair_leave(&pair);
}

/* Reads up to an offer from |from|. */
static void read_up_to_offer_from(struct client *client, const char *from) {
    char key[64];
    struct ws_frame frame;
    snprintf(key, sizeof key, "\"from\":\"%s\"", from);
    do
        assert_true(ws_read_frame(client, &frame));
    while (strstr(frame.payload, key) == NULL);
}

/* Even if one member floods a slow reader, there is still room for a newcomer's messages. */
static void test_a_flood_leaves_room_for_others(void **state) {
    (void)state;
    struct pair pair;
    struct person cyd;
    pair_join(&pair, process.port, "flooded");
    flood(&pair);
    person_join(&cyd, process.port, "flooded", 2);
    offer_much(&cyd, pair.bob.id);
    ws_send_text(&cyd.client, "{\"type\":\"ping\"}");
    ws_skip(&cyd.client, WIRE_PONG); /* the offer was passed on, or dropped */
    read_up_to_offer_from(&pair.bob.client, cyd.id);
    client_close(&cyd.client);
    pair_leave(&pair);
}

/* The server's own messages cannot be dropped, so it drops a client that does not read them. */
static void test_a_slow_reader_is_dropped(void **state) {
    (void)state;
    struct pair pair;
    pair_join_slow(&pair, "slow");
    flood(&pair);
    bool gone = false;
    for (int i = 0; !gone; i++) { /* the kernel's buffers have no known size */
        ws_send_text(&pair.bob.client, "{\"type\":\"ping\"}");
        gone = i % 500 == 0 && ann_hears_bob_leave(&pair);
    }
    process_await_error(&process, "refused error=too_slow");
    for (int i = 0; i < 10; i++)
        pair_talk(&honest);
    client_close(&pair.ann.client);
    client_close(&pair.bob.client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_not_utf8),
        cmocka_unit_test(test_utf8_across_fragments),
        cmocka_unit_test(test_too_big_in_one_frame),
        cmocka_unit_test(test_too_big_in_fragments),
        cmocka_unit_test(test_enormous_length),
        cmocka_unit_test(test_broken_frames),
        cmocka_unit_test(test_a_message_within_a_message),
        cmocka_unit_test(test_unmasked_frames_end_the_connection),
        cmocka_unit_test(test_pings_without_end),
        cmocka_unit_test(test_bad_messages),
        cmocka_unit_test(test_join_first),
        cmocka_unit_test(test_after_a_refusal_nothing_is_heard),
        cmocka_unit_test(test_a_flood_costs_nobody_their_place),
        cmocka_unit_test(test_a_flood_leaves_room_for_others),
        cmocka_unit_test(test_a_slow_reader_is_dropped),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
