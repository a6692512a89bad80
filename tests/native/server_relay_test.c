/* What two people say through the server: over WebSockets and polling, within a budget, and not at
 * all where the operator wants none of it. */
#include "cmocka_all.h"
#include "error.h"
#include "poller.h"
#include "slices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES_MAX 100 /* more than a budget allows at once */

static struct process process;

static int setup(void **state) {
    (void)state;
    process_serve(&process, (const char *const[]){NULL});
    poller_use(process.port);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    process_stop(&process);
    return 0;
}

static const char *relay_text(const char *to, char digit, size_t characters) {
    static char text[WIRE_MESSAGE_BYTES_MAX];
    int len = snprintf(text, sizeof text, "{\"type\":\"relay\",\"to\":\"%s\",\"sealed\":\"", to);
    memset(text + len, digit, characters);
    snprintf(text + (size_t)len + characters, sizeof text - (size_t)len - characters, "\"}");
    return text;
}

static void expect_relay(struct person *person, const char *from, char digit, size_t characters) {
    struct wire_message message;
    ws_expect(&person->client, WIRE_RELAY, &message);
    assert_memory_equal(message.member.bytes, from, WIRE_MEMBER_ID_BYTES);
    assert_int_equal(message.sealed.len, characters);
    assert_int_equal(message.sealed.bytes[0], digit);
    wire_message_deinit(&message);
}

static void test_over_websockets(void **state) {
    (void)state;
    struct pair pair;
    pair_join(&pair, process.port, "by-socket");
    ws_send_text(&pair.ann.client, relay_text(pair.bob.id, 'a', WIRE_RELAYED_BYTES_MAX));
    expect_relay(&pair.bob, pair.ann.id, 'a', WIRE_RELAYED_BYTES_MAX);
    ws_send_text(&pair.bob.client, relay_text(pair.ann.id, 'b', 1));
    expect_relay(&pair.ann, pair.bob.id, 'b', 1);
    pair_leave(&pair);
}

static void test_over_polling(void **state) {
    (void)state;
    struct poller poller;
    struct person ann;
    char expected[64];
    person_join(&ann, process.port, "by-poll", 0);
    poller_join(&poller, "by-poll");
    ws_skip(&ann.client, WIRE_JOINED);
    poller_send(&poller, relay_text(ann.id, 'p', WIRE_RELAYED_BYTES_MAX));
    expect_relay(&ann, poller.id, 'p', WIRE_RELAYED_BYTES_MAX);
    ws_send_text(&ann.client, relay_text(poller.id, 'a', 20));
    snprintf(expected, sizeof expected, "\"from\":\"%s\",\"sealed\":\"aaaa", ann.id);
    assert_has(poller_poll(&poller), expected);
    poller_close(&poller);
    client_close(&ann.client);
}

/* The one over it is dropped; everything else goes on. */
static void test_a_budget(void **state) {
    (void)state;
    struct pair pair;
    struct wire_message message;
    struct ws_frame frame;
    bool is_refused = false;
    pair_join(&pair, process.port, "budget");
    for (int i = 0; i < MESSAGES_MAX && !is_refused; i++) {
        ws_send_text(&pair.ann.client, relay_text(pair.bob.id, 'a', 4000));
        ws_send_text(&pair.ann.client, "{\"type\":\"ping\"}");
        assert_true(ws_read_frame(&pair.ann.client, &frame));
        is_refused = strstr(frame.payload, "relay_busy") != NULL;
        if (!is_refused)
            expect_relay(&pair.bob, pair.ann.id, 'a', 4000);
    }
    assert_true(is_refused);
    assert_int_equal(wire_read((struct slice){frame.payload, frame.len}, WIRE_TO_PAGE, &message),
                     PARLEY_OK);
    assert_true(message.number > 0);
    wire_message_deinit(&message);
    ws_skip(&pair.ann.client, WIRE_PONG);
    pair_talk(&pair);
    pair_leave(&pair);
}

static void test_an_operator_who_wants_none(void **state) {
    (void)state;
    struct process strict;
    struct pair pair;
    process_serve(&strict, (const char *const[]){"--relay=off", NULL});
    pair_join(&pair, strict.port, "strict");
    ws_send_text(&pair.ann.client, relay_text(pair.bob.id, 'a', 1));
    ws_expect_error(&pair.ann.client, WIRE_ERROR_RELAY_OFF);
    pair_talk(&pair);
    pair_leave(&pair);
    process_stop(&strict);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_over_websockets),
        cmocka_unit_test(test_over_polling),
        cmocka_unit_test(test_a_budget),
        cmocka_unit_test(test_an_operator_who_wants_none),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
