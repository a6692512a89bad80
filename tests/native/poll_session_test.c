/* Polling without a server: requests that are lost, repeated, late or invalid. */
#include "error.h"
#include "poll_session.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define QUEUE_BYTES 100000

static struct poll_session session;
static struct buffer out;

static int setup(void **state) {
    (void)state;
    session = (struct poll_session){0};
    buffer_init(&out, POLL_ANSWER_BYTES_MAX);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    poll_session_clear(&session);
    buffer_deinit(&out);
    return 0;
}

/* The new messages in a request, with "|" after each. */
static const char *heard(const char *body) {
    static char text[1024];
    struct poll_request request;
    struct slice message;
    size_t len = 0;
    assert_int_equal(poll_request_read(slice_of(body), &request), PARLEY_OK);
    text[0] = '\0';
    if (poll_session_check(&session, &request) != PARLEY_OK)
        return "a gap";
    while (poll_session_next(&session, &request, &message))
        len += (size_t)snprintf(text + len, sizeof text - len, "%.*s|", (int)message.len,
                                message.bytes);
    return text;
}

static void say(const char *message) {
    assert_int_equal(poll_session_send(&session, slice_of(message), QUEUE_BYTES, FRAME_FROM_NOBODY),
                     PARLEY_OK);
}

static void assert_answer(const char *expected) {
    bool closed;
    assert_int_equal(poll_session_write(&session, &out, &closed), PARLEY_OK);
    if (!slice_equal(buffer_slice(&out), slice_of(expected)))
        fail_msg("expected \"%s\", got \"%.*s\"", expected, (int)out.len, out.bytes);
    assert_int_equal(closed, strstr(expected, "close ") != NULL);
}

static void assert_expects(const char *expected) {
    assert_int_equal(poll_session_write_expected(&session, &out), PARLEY_OK);
    assert_true(slice_equal(buffer_slice(&out), slice_of(expected)));
}

static void test_requests(void **state) {
    (void)state;
    struct poll_request request;
    assert_int_equal(poll_request_read(slice_of("open\n"), &request), PARLEY_OK);
    assert_int_equal(request.command, POLL_OPEN);
    assert_int_equal(poll_request_read(slice_of("open"), &request), PARLEY_OK);
    assert_int_equal(poll_request_read(slice_of("poll 17\n"), &request), PARLEY_OK);
    assert_int_equal(request.command, POLL_POLL);
    assert_int_equal(request.number, 17);
    assert_int_equal(poll_request_read(slice_of("close 3\n{}\n"), &request), PARLEY_OK);
    assert_int_equal(request.command, POLL_CLOSE);
    assert_true(slice_equal(request.messages, slice_of("{}\n")));
    assert_int_equal(poll_request_read(slice_of("send 9007199254740991\n"), &request), PARLEY_OK);
    assert_int_equal(request.command, POLL_SEND);
    assert_true(request.number == POLL_NUMBER_MAX);
}

static void test_how_long_a_poll_waits(void **state) {
    (void)state;
    static const struct {
        const char *body;
        unsigned wait;
    } polls[] = {{"poll 17\n", POLL_WAITS},
                 {"poll 17 0\n", 0},
                 {"poll 17 500\n", 0},
                 {"poll 17 2999\n", 0},
                 {"poll 17 3000\n", 1},
                 {"poll 17 8000\n", 2},
                 {"poll 17 9007199254740991\n", 2}};
    for (size_t i = 0; i < sizeof polls / sizeof *polls; i++) {
        struct poll_request request;
        assert_int_equal(poll_request_read(slice_of(polls[i].body), &request), PARLEY_OK);
        assert_int_equal(request.command, POLL_POLL);
        assert_int_equal(request.number, 17);
        assert_int_equal(request.wait, polls[i].wait);
    }
}

static void test_nonsense(void **state) {
    (void)state;
    static const char *const bodies[] = {"",
                                         "\n",
                                         "open \n",
                                         "open 0\n",
                                         "open\n{}\n",
                                         "poll\n",
                                         "poll \n",
                                         "poll -1\n",
                                         "poll +1\n",
                                         "poll 1 \n",
                                         "poll  1\n",
                                         "poll 0x1\n",
                                         "poll 1\n{}\n",
                                         "poll 1 2 3\n",
                                         "poll 1 -2\n",
                                         "poll  2\n",
                                         "poll 1 9007199254740992\n",
                                         "poll 9007199254740992\n",
                                         "poll 99999999999999999999999999999999\n",
                                         "send\n{}\n",
                                         "send {}\n",
                                         "POLL 1\n",
                                         "poll 1\r\n",
                                         "listen 1\n"};
    struct poll_request request;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        if (poll_request_read(slice_of(bodies[i]), &request) != PARLEY_ERR_ARGUMENT)
            fail_msg("\"%s\" was understood", bodies[i]);
    }
    struct slice with_nul = {"poll 1\0\n", 8};
    assert_int_equal(poll_request_read(with_nul, &request), PARLEY_ERR_ARGUMENT);
    assert_int_equal(poll_request_read((struct slice){NULL, 0}, &request), PARLEY_ERR_ARGUMENT);
}

static void test_every_message_once_and_in_order(void **state) {
    (void)state;
    assert_string_equal(heard("send 0\na\nb\n"), "a|b|");
    assert_string_equal(heard("send 0\na\nb\n"), ""); /* repeated: its answer was lost */
    assert_expects("expect 2\n");
    assert_string_equal(heard("send 3\nd\n"), "a gap"); /* it overtook another */
    assert_expects("expect 2\n");
    assert_string_equal(heard("send 1\nb\nc\nd\n"), "c|d|");
    assert_string_equal(heard("send 2\nc\n"), "");         /* the late one */
    assert_string_equal(heard("close 4\ne"), "e|");        /* the last line end may be missing */
    assert_string_equal(heard("close 7\nh\ni\n"), "h|i|"); /* as many as there was room for */
    assert_string_equal(heard("close 5\nf\ng\nh\ni\nj\n"), "j|");
    assert_expects("expect 10\n");
}

static void test_messages_are_whatever_stands_between_line_ends(void **state) {
    (void)state;
    assert_string_equal(heard("send 0\n\n\nx y\n"), "||x y|");
    assert_string_equal(heard("send 3\n"), "");
    assert_string_equal(heard("send 3\nsend 4\n"), "send 4|");
    assert_expects("expect 4\n");
}

/* If the server stops reading in the middle of a request, the page sends the rest again. */
static void test_a_request_may_be_left_in_the_middle(void **state) {
    (void)state;
    struct poll_request request;
    struct slice message;
    assert_int_equal(poll_request_read(slice_of("send 0\na\nb\n"), &request), PARLEY_OK);
    assert_true(poll_session_next(&session, &request, &message));
    assert_expects("expect 1\n");
}

static void test_answers_are_repeated_until_confirmed(void **state) {
    (void)state;
    assert_false(poll_session_has_answer(&session));
    assert_answer("messages 0\n");
    say("a");
    say("b");
    assert_true(poll_session_has_answer(&session));
    assert_answer("messages 0\na\nb\n");
    assert_answer("messages 0\na\nb\n"); /* the first was lost */
    assert_int_equal(poll_session_confirm(&session, 1), PARLEY_OK);
    say("c");
    assert_answer("messages 1\nb\nc\n");
    assert_int_equal(poll_session_confirm(&session, 0), PARLEY_OK); /* a late request */
    assert_answer("messages 1\nb\nc\n");
    assert_int_equal(poll_session_confirm(&session, 3), PARLEY_OK);
    assert_false(poll_session_has_answer(&session));
    assert_answer("messages 3\n");
}

static void test_nobody_confirms_what_was_not_said(void **state) {
    (void)state;
    say("a");
    assert_int_equal(poll_session_confirm(&session, 2), PARLEY_ERR_ARGUMENT);
    assert_int_equal(poll_session_confirm(&session, POLL_NUMBER_MAX), PARLEY_ERR_ARGUMENT);
    assert_answer("messages 0\na\n");
}

static void test_the_end(void **state) {
    (void)state;
    say("a");
    poll_session_close(&session, 1008, WIRE_ERROR_ROOM_FULL);
    poll_session_close(&session, 1000, WIRE_ERROR_COUNT); /* too late */
    assert_answer("messages 0\na\nclose 1008 room_full\n");
    assert_int_equal(poll_session_confirm(&session, 1), PARLEY_OK);
    assert_true(poll_session_has_answer(&session));
    assert_answer("messages 1\nclose 1008 room_full\n");
}

static void test_the_end_without_a_reason(void **state) {
    (void)state;
    poll_session_close(&session, 1000, WIRE_ERROR_COUNT);
    assert_answer("messages 0\nclose 1000\n");
}

/* Full-size messages come one by one, and the end after the last. */
static void test_answers_are_bounded(void **state) {
    (void)state;
    static char text[WIRE_MESSAGE_BYTES_MAX + 1];
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 3; i++)
        say(text);
    poll_session_close(&session, 1001, WIRE_ERROR_SHUTTING_DOWN);
    for (uint64_t i = 0; i < 3; i++) {
        bool closed;
        assert_int_equal(poll_session_write(&session, &out, &closed), PARLEY_OK);
        assert_true(out.len > WIRE_MESSAGE_BYTES_MAX && out.len <= POLL_ANSWER_USUAL_BYTES_MAX);
        assert_int_equal(closed, i == 2);
        assert_int_equal(poll_session_confirm(&session, i + 1), PARLEY_OK);
    }
    assert_answer("messages 3\nclose 1001 shutting_down\n");
}

/* Pages of before do not take longer answers, unless they asked for it with a hello. */
static void test_only_a_welcome_makes_an_answer_longer(void **state) {
    (void)state;
    static char welcome[WIRE_WELCOME_BYTES_MAX + 1];
    bool closed;
    memset(welcome, 'x', sizeof welcome - 1);
    say(welcome);
    say("next");
    assert_int_equal(poll_session_write(&session, &out, &closed), PARLEY_OK);
    assert_int_equal(out.len, strlen("messages 0\n") + strlen(welcome) + 1);
    assert_int_equal(poll_session_confirm(&session, 1), PARLEY_OK);
    say(welcome);
    assert_answer("messages 1\nnext\n");
}

static void test_the_queue_is_bounded(void **state) {
    (void)state;
    assert_int_equal(poll_session_send(&session, slice_of("1234"), 6, FRAME_FROM_NOBODY),
                     PARLEY_OK);
    assert_int_equal(poll_session_send(&session, slice_of("123"), 6, FRAME_FROM_NOBODY),
                     PARLEY_ERR_FULL);
    assert_int_equal(poll_session_send(&session, slice_of("12"), 6, FRAME_FROM_NOBODY), PARLEY_OK);
    assert_answer("messages 0\n1234\n12\n");
    poll_session_clear(&session);
    assert_answer("messages 2\n");
    say("later");
    assert_int_equal(poll_session_confirm(&session, 0), PARLEY_OK); /* they are gone in any case */
    assert_answer("messages 2\nlater\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_requests),
        TEST(test_how_long_a_poll_waits),
        TEST(test_nonsense),
        TEST(test_every_message_once_and_in_order),
        TEST(test_messages_are_whatever_stands_between_line_ends),
        TEST(test_a_request_may_be_left_in_the_middle),
        TEST(test_answers_are_repeated_until_confirmed),
        TEST(test_nobody_confirms_what_was_not_said),
        TEST(test_the_end),
        TEST(test_the_end_without_a_reason),
        TEST(test_answers_are_bounded),
        TEST(test_only_a_welcome_makes_an_answer_longer),
        TEST(test_the_queue_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
