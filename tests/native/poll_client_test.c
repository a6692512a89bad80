/* The page's side of polling, without a server: its messages, its end, and how long it waits. */
#include "liveness.h"
#include "poll_driver.h"

#define LONG_BYTES 12000

/* --- messages --------------------------------------------------------------------------------- */

static void test_messages_of_an_answer_come_in_order(void **state) {
    (void)state;
    answer(2, 200, "messages 0\na\nb\n");
    assert_news("a b ");
    assert_asked("3:poll 2/ ");
    pass(POLL_CLIENT_PAUSE_MS);
    answer(3, 200, "messages 2\n");
    assert_news("");
    assert_asked("4:poll 2/ ");
}

static void test_polls_that_end_at_once_do_not_spin(void **state) {
    (void)state;
    for (uint32_t request = 2; request < 20; request++) {
        answer(request, 200, "messages 0\n");
        assert_asked("");
        assert_int_equal(pass_until_asked(), POLL_CLIENT_PAUSE_MS);
        asked[0] = '\0';
    }
}

/* An answer is lost, or comes twice. */
static void test_a_message_is_heard_once(void **state) {
    (void)state;
    answer(2, 200, "messages 0\na\nb\n");
    answer(2, 200, "messages 0\na\nb\n"); /* to a completed request */
    assert_news("a b ");
    answer(3, 200, "messages 0\na\nb\nc\n");
    assert_news("c ");
    assert_asked("3:poll 2/ 4:poll 3/ ");
}

static void test_a_line_that_is_cut_off_is_none(void **state) {
    (void)state;
    answer(2, 200, "messages 0\na\nb");
    assert_news("a ");
    assert_asked("3:poll 1/ ");
}

static void test_messages_of_one_turn_are_one_request(void **state) {
    (void)state;
    put_line("x");
    say("y");
    assert_asked("3:send 0/x/y/ ");
    say("z"); /* the request has no answer yet */
    assert_asked("");
    answer(3, 200, "expect 2\n");
    assert_asked("4:send 2/z/ ");
    answer(4, 200, "expect 3\n");
    assert_asked("");
}

/* The page's replies to the messages of one poll leave together, after the next poll. */
static void test_replies_to_one_poll_leave_in_one_request(void **state) {
    (void)state;
    struct poll_news one;
    poll_client_answered(
        &client, &env, 2,
        &(struct poll_answer){.status = 200, .body = slice_of("messages 0\na\nb\n")});
    end_turn();
    for (int i = 0; i < 2; i++) {
        assert_asked("");
        assert_true(poll_client_next(&client, &env, &one));
        say("x");
    }
    assert_asked("3:poll 2/ 4:send 0/x/x/ ");
}

static void test_lost_messages_are_sent_again(void **state) {
    (void)state;
    put_line("x");
    put_line("y");
    say("z");
    answer(3, 200, "expect 2\n");
    assert_asked("3:send 0/x/y/z/ 4:send 2/z/ ");
    lose(4);
    say("w");
    assert_asked("");
    pass(POLL_CLIENT_PAUSE_MS);
    assert_asked("5:send 2/z/w/ ");
    answer(5, 409, "expect 3\n");
    assert_asked("6:send 3/w/ ");
}

static const char *long_line(void) {
    static char line[LONG_BYTES + 1];
    memset(line, 'x', LONG_BYTES);
    return line;
}

static void assert_batch(uint32_t request, const char *word, int count) {
    char start[32];
    int len = snprintf(start, sizeof start, "%u:%s/x", request, word);
    assert_memory_equal(asked, start, (size_t)len);
    assert_int_equal(strlen(asked), (size_t)len + (size_t)count * (LONG_BYTES + 1));
    asked[0] = '\0';
}

static void test_one_request_has_no_more_than_the_server_takes(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++)
        put_line(long_line());
    end_turn();
    assert_batch(3, "send 0", 2);
    answer(3, 200, "expect 2\n");
    assert_batch(4, "send 2", 2);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void test_a_goodbye_has_what_was_said_before(void **state) {
    (void)state;
    put_line("leave"); /* in the same turn */
    close_client();
    assert_asked("2:abort 3:close 0/leave/ ");
    assert_int_equal(outlives, 3);
    assert_int_equal(poll_client_deadline_ms(&client), NO_DEADLINE);
    answer(3, 200, "expect 1\n");
    assert_asked("");
    assert_news("");
}

static void test_a_goodbye_has_the_end_of_much(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++)
        put_line(long_line());
    end_turn();
    asked[0] = '\0';
    put_line("leave");
    close_client();
    assert_memory_equal(asked, "2:abort 3:abort 4:close 3/x", 27);
    assert_non_null(strstr(asked, "/leave/"));
}

static void test_a_goodbye_is_repeated(void **state) {
    (void)state;
    uint32_t request = 3;
    close_client();
    assert_asked("2:abort 3:close 0/ ");
    for (int i = 0; i < POLL_CLIENT_PAUSES_MAX; i++) {
        i % 2 ? lose(request++) : answer(request++, 503, "");
        assert_int_equal(pass_to_deadline(), POLL_CLIENT_PAUSE_MS << i);
        asked[0] = '\0';
    }
    assert_int_equal(outlives, request);
    lose(request);
    assert_int_equal(poll_client_deadline_ms(&client), NO_DEADLINE);
}

static void test_another_session_begins_while_the_goodbye_is_said(void **state) {
    (void)state;
    close_client();
    open_client();
    lose(3);
    answer(4, 200, SESSION);
    assert_asked("2:abort 3:close 0/ 4:open/ 5:poll 0/ ");
    pass(POLL_CLIENT_PAUSE_MS);
    assert_asked("6:close 0/ ");
}

static void test_one_that_is_not_open_yet_has_no_goodbye(void **state) {
    (void)state;
    open_client();
    close_client();
    answer(1, 200, SESSION);
    assert_asked("1:open/ 1:abort ");
    assert_news("");
    close_client(); /* a second time, which is harmless */
    assert_asked("");
}

static void test_the_close_of_the_server_comes_last_and_is_confirmed(void **state) {
    (void)state;
    answer(2, 200, "messages 0\na\nclose 1008 bad_version\nb\n");
    assert_news("a closed:0: ");
    assert_asked("3:close 0/ ");
    answer(3, 410, "");
    assert_asked("");
    assert_int_equal(poll_client_deadline_ms(&client), NO_DEADLINE);
}

static void test_a_server_that_is_full_says_so(void **state) {
    (void)state;
    open_client();
    answer(1, 200, "messages 0\nfull\nclose 1013 server_full\n");
    say("join");
    assert_news("opened full closed:0: ");
    assert_asked("1:open/ ");
}

static void test_after_a_close_no_news_are_taken(void **state) {
    (void)state;
    struct poll_news one;
    poll_client_answered(
        &client, &env, 2,
        &(struct poll_answer){.status = 200, .body = slice_of("messages 0\na\nb\n")});
    end_turn();
    assert_true(poll_client_next(&client, &env, &one));
    close_client();
    assert_false(poll_client_next(&client, &env, &one));
    assert_asked("3:close 0/ ");
}

static void test_after_a_close_no_request_is_repeated(void **state) {
    (void)state;
    lose(2);
    close_client();
    assert_asked("3:close 0/ ");
    answer(3, 200, "expect 0\n");
    assert_int_equal(poll_client_deadline_ms(&client), NO_DEADLINE);
}

static void test_with_too_much_to_say_it_ends(void **state) {
    (void)state;
    for (unsigned i = 0; i <= POLL_CLIENT_OUTBOX_BYTES_MAX / LONG_BYTES; i++)
        put_line(long_line());
    end_turn();
    take_news();
    assert_news("closed:0: ");
}

/* --- how long polls wait ---------------------------------------------------------------------- */

/* The poll |*request| ends without an answer after |ms|, and the next one is sent. */
static void be_cut_after(uint32_t *request, uint32_t ms) {
    asked[0] = '\0';
    pass(ms);
    lose((*request)++);
    asked[0] = '\0';
    pass_until_asked();
}

static void assert_poll(uint32_t request, const char *body) {
    char expected[64];
    snprintf(expected, sizeof expected, "%u:%s ", request, body);
    assert_asked(expected);
}

static void hear_tabs(uint32_t from, uint32_t to, bool polls) {
    for (uint32_t i = from; i <= to; i++)
        poll_client_hear_tab(&client, &env, i, polls);
    end_turn();
}

static void test_polls_that_are_cut_become_shorter(void **state) {
    (void)state;
    uint32_t request = 2;
    be_cut_after(&request, 200); /* a network that changes */
    assert_poll(request, "poll 0/");
    pass(POLL_CLIENT_PAUSE_MS);
    answer(request++, 200, "messages 0\n");
    be_cut_after(&request, 15000);
    assert_poll(request, "poll 0/");
    be_cut_after(&request, 15300);
    assert_poll(request, "poll 0 10200/");
    pass(10200);
    answer(request++, 200, "messages 0\n");
    assert_poll(request, "poll 0 10200/");
    hear_tabs(1, 7, true);
    assert_asked("7:abort 8:poll 0 500/ ");
    request = 8;
    hear_tabs(1, 7, false);
    pass(POLL_CLIENT_PAUSE_MS);
    answer(request++, 200, "messages 0\n");
    assert_poll(request, "poll 0 10200/");
    env.now_ms += IDLE_CUT_TRUST_MS;
    answer(request++, 200, "messages 0\n");
    assert_poll(request, "poll 0/");
}

static void test_polls_that_are_answered_as_late_are_not_cut(void **state) {
    (void)state;
    uint32_t request = 2;
    be_cut_after(&request, 15000);
    asked[0] = '\0';
    pass(15000);
    answer(request++, 200, "messages 0\n");
    be_cut_after(&request, 15000);
    assert_poll(request, "poll 0/");
    pass(14999);
    answer(request++, 200, "messages 0\n");
    be_cut_after(&request, 15000);
    assert_poll(request, "poll 0 10000/");
}

static void test_losses_of_an_offline_device_teach_nothing(void **state) {
    (void)state;
    uint32_t request = 2;
    client.offline = true;
    be_cut_after(&request, 15000);
    be_cut_after(&request, 15000);
    assert_poll(request, "poll 0/");
}

static void test_many_tabs_take_turns(void **state) {
    (void)state;
    hear_tabs(1, 2, true);
    assert_asked("");
    hear_tabs(3, 3, true); /* while its poll waits for longer */
    assert_asked("2:abort 3:poll 0 500/ ");
    hear_tabs(4, 4, true);
    assert_asked("");
    answer(3, 200, "messages 0\na\n");
    assert_asked("4:poll 1 500/ ");
    answer(4, 200, "messages 1\n");
    assert_int_equal(pass_until_asked(), 2 * POLL_CLIENT_TURN_MS);
    assert_asked("5:poll 1 500/ ");
    answer(5, 200, "messages 1\n");
    say("x"); /* a page that sends something polls for the answer */
    assert_asked("6:poll 1 500/ 7:send 0/x/ ");
    answer(7, 200, "expect 1\n");
    hear_tabs(1, 2, false);
    pass(POLL_CLIENT_PAUSE_MS);
    answer(6, 200, "messages 1\n");
    assert_asked("8:poll 1/ ");
}

static bool is_given_up(struct liveness *liveness) {
    enum liveness_verdict verdict;
    bool dead = false;
    while (liveness_next_due(liveness, env.now_ms, &verdict) != NULL)
        dead |= verdict == LIVENESS_DEAD;
    return dead;
}

/* The server was started with --ping-seconds 5, and the network is slow. */
static void test_a_crowd_waits_no_longer_than_the_server_does(void **state) {
    (void)state;
    struct liveness liveness;
    struct liveness_entry session;
    hear_tabs(1, 1000, true);
    asked[0] = '\0';
    liveness_init(&liveness, POLL_LIFE_MIN_MS / 2);
    liveness_add(&liveness, &session, env.now_ms); /* it has heard request 3 */
    pass(POLL_CLIENT_SHORT_MS + POLL_CLIENT_TRAVEL_MS - 1);
    answer(3, 200, "messages 0\n");
    while (!asked[0]) {
        assert_false(is_given_up(&liveness));
        pass(1);
    }
    assert_asked("4:poll 0 500/ ");
}

static void test_tabs_that_say_nothing_are_gone(void **state) {
    (void)state;
    hear_tabs(1, 5, true);
    assert_int_equal(poll_tabs_count(&client.tabs), 6);
    for (int i = 0; i < 4; i++) {
        env.now_ms += POLL_TABS_AGAIN_MS;
        poll_client_tick(&client, &env);
        poll_client_hear_tab(&client, &env, 1, true);
    }
    assert_int_equal(poll_tabs_count(&client.tabs), 2);
}

/* The page's announcements to the others: +number, -number. */
static void assert_tells(const char *expected) {
    char told[64] = "";
    size_t count = 0;
    for (const struct action *action; (action = actions_next(&actions));) {
        if (action->kind != ACTION_TAB_TELL)
            continue;
        assert_true(count < sizeof told - 1);
        const char *signs = action->peer == client.tabs.self ? "-+" : "!?";
        told[count++] = signs[action->code != 0];
    }
    actions_begin(&actions);
    assert_string_equal(told, expected);
}

static void test_a_tab_announces_itself(void **state) {
    (void)state;
    poll_client_open(&client, &env);
    assert_tells("+");
    assert_int_equal(poll_client_deadline_ms(&client), env.now_ms); /* "open" goes out */
    poll_client_flush(&client, &env);
    poll_client_hear_tab(&client, &env, 7, true); /* it may not know us */
    assert_tells("+");
    poll_client_hear_tab(&client, &env, 7, true);
    poll_client_hear_tab(&client, &env, 8, false);
    assert_tells("");
    env.now_ms += POLL_TABS_AGAIN_MS;
    poll_client_tick(&client, &env);
    assert_tells("+");
    poll_client_close(&client, &env);
    assert_tells("!"); /* with the same number as before */
    poll_client_hear_tab(&client, &env, 7, true);
    assert_tells("");
    assert_int_equal(poll_tabs_count(&client.tabs), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST_IN(messages_of_an_answer_come_in_order),
        TEST_IN(polls_that_end_at_once_do_not_spin),
        TEST_IN(a_message_is_heard_once),
        TEST_IN(a_line_that_is_cut_off_is_none),
        TEST_IN(messages_of_one_turn_are_one_request),
        TEST_IN(replies_to_one_poll_leave_in_one_request),
        TEST_IN(lost_messages_are_sent_again),
        TEST_IN(one_request_has_no_more_than_the_server_takes),
        TEST_IN(a_goodbye_has_what_was_said_before),
        TEST_IN(a_goodbye_has_the_end_of_much),
        TEST_IN(a_goodbye_is_repeated),
        TEST_IN(another_session_begins_while_the_goodbye_is_said),
        TEST(one_that_is_not_open_yet_has_no_goodbye),
        TEST_IN(the_close_of_the_server_comes_last_and_is_confirmed),
        TEST(a_server_that_is_full_says_so),
        TEST_IN(after_a_close_no_news_are_taken),
        TEST_IN(after_a_close_no_request_is_repeated),
        TEST_IN(with_too_much_to_say_it_ends),
        TEST_IN(polls_that_are_cut_become_shorter),
        TEST_IN(polls_that_are_answered_as_late_are_not_cut),
        TEST_IN(losses_of_an_offline_device_teach_nothing),
        TEST_IN(many_tabs_take_turns),
        TEST_IN(a_crowd_waits_no_longer_than_the_server_does),
        TEST_IN(tabs_that_say_nothing_are_gone),
        TEST(a_tab_announces_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
