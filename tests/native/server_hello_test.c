/* A full room in which every page says hello: the welcome is longer than any other message, and
 * arrives over a WebSocket and over polling. */
#include "cmocka_all.h"
#include "error.h"
#include "poller.h"
#include "slices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELLO_CHARACTERS 235 /* a page's (hello.h) */
#define OTHERS (WIRE_ROOM_MEMBERS_MAX - 1)

static struct process process;
static struct client others[OTHERS];

/* A join of somebody new, whose hello is |digit| again and again. */
static const char *join_with_hello(char digit) {
    static char text[1024];
    char hello[HELLO_CHARACTERS + 1] = "";
    memset(hello, digit, HELLO_CHARACTERS);
    const char *join = join_text("full-house");
    snprintf(text, sizeof text, "%.*s,\"hello\":\"%s\"}", (int)strlen(join) - 1, join, hello);
    return text;
}

static char digit_of(size_t nth) {
    return (char)('a' + nth % 26);
}

static int setup(void **state) {
    (void)state;
    process_serve(&process, (const char *const[]){"--room-members-max=64", NULL});
    poller_use(process.port);
    for (size_t i = 0; i < OTHERS; i++) {
        ws_open(&others[i], process.port);
        ws_send_text(&others[i], join_with_hello(digit_of(i)));
        ws_skip(&others[i], WIRE_WELCOME);
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    for (size_t i = 0; i < OTHERS; i++)
        client_close(&others[i]);
    process_stop(&process);
    return 0;
}

static void check_welcome(const struct wire_message *welcome) {
    assert_int_equal(welcome->member_count, OTHERS);
    assert_int_equal(welcome->hello_count, OTHERS);
    for (size_t i = 0; i < OTHERS; i++) {
        assert_int_equal(welcome->hellos[i].len, HELLO_CHARACTERS);
        assert_int_equal(welcome->hellos[i].bytes[0], digit_of(i));
    }
}

static void test_over_a_websocket(void **state) {
    (void)state;
    struct client client;
    struct wire_message message;
    ws_open(&client, process.port);
    ws_send_text(&client, join_with_hello('W'));
    ws_expect(&client, WIRE_WELCOME, &message);
    check_welcome(&message);
    wire_message_deinit(&message);
    ws_expect(&others[0], WIRE_JOINED, &message);
    while (message.hello.bytes[0] != 'W') { /* the others came first */
        wire_message_deinit(&message);
        ws_expect(&others[0], WIRE_JOINED, &message);
    }
    assert_int_equal(message.hello.len, HELLO_CHARACTERS);
    wire_message_deinit(&message);
    ws_send_text(&client, "{\"type\":\"leave\"}");
    ws_expect_close(&client, 1000);
    client_close(&client);
    ws_skip(&others[0], WIRE_LEFT);
}

static void test_over_polling(void **state) {
    (void)state;
    struct poller poller;
    struct wire_message message;
    poller_open(&poller);
    poller_send(&poller, join_with_hello('P'));
    char *lines = poller_poll(&poller);
    assert_true(strlen(lines) > WIRE_MESSAGE_BYTES_MAX);
    assert_int_equal(wire_read(slice_of(lines), WIRE_TO_PAGE, &message), PARLEY_OK);
    assert_int_equal(message.type, WIRE_WELCOME);
    check_welcome(&message);
    wire_message_deinit(&message);
    free(lines);
    poller_send(&poller, "{\"type\":\"leave\"}");
    assert_has(poller_poll(&poller), "close 1000");
    poller_close(&poller);
    ws_expect(&others[0], WIRE_JOINED, &message);
    wire_message_deinit(&message);
    ws_skip(&others[0], WIRE_LEFT);
}

/* An older page, which reads no longer messages. */
static void test_without_a_hello(void **state) {
    (void)state;
    struct client client;
    struct ws_frame frame;
    ws_open(&client, process.port);
    ws_send_text(&client, join_text("full-house"));
    assert_true(ws_read_frame(&client, &frame));
    assert_non_null(strstr(frame.payload, "welcome"));
    assert_null(strstr(frame.payload, "hello"));
    assert_true(frame.len <= WIRE_MESSAGE_BYTES_MAX);
    client_close(&client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_over_a_websocket),
        cmocka_unit_test(test_over_polling),
        cmocka_unit_test(test_without_a_hello),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
