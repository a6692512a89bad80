/* The page's side of polling, without a server: how it handles answers, and their absence. */
#include "poll_driver.h"

/* --- answers ---------------------------------------------------------------------------------- */

static const struct {
    uint32_t status;
    bool again;
} statuses[] = {{408, true},  {425, true},  {429, true},  {500, true},  {502, true},
                {503, true},  {504, true},  {400, false}, {403, false}, {404, false},
                {410, false}, {413, false}, {301, false}};

static void test_the_meaning_of_a_status(void **state) {
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        for (uint32_t request = 2; request <= 3; request++) {
            char over[32], again[32];
            snprintf(over, sizeof over, "closed:%u:no ", statuses[i].status);
            snprintf(again, sizeof again, "4:%s/ ", request == 2 ? "poll 0" : "send 0/x");
            come_in();
            say("x");
            assert_asked("3:send 0/x/ ");
            answer(request, statuses[i].status, "no");
            assert_news(statuses[i].again ? "" : over);
            assert_asked(statuses[i].again ? "" : request == 2 ? "3:abort " : "2:abort ");
            pass(POLL_CLIENT_PAUSE_MS);
            assert_asked(statuses[i].again ? again : "");
            driver_teardown(state);
            driver_setup(state);
        }
}

static void test_open_is_not_repeated(void **state) {
    open_client();
    answer(1, 503, "later");
    assert_news("closed:503:later ");
    open_client();
    lose(2);
    assert_news("closed:0: ");
    open_client();
    answer(3, 0, ""); /* a proxy that wants a sign-in */
    assert_news("closed:302: ");
    open_client();
    answer(4, 403, "This page may not connect here");
    assert_news("closed:403:This page may not connect here ");
    assert_asked("1:open/ 2:open/ 3:open/ 4:open/ ");
    (void)state;
}

static void test_the_source_of_a_sentence(void **state) {
    (void)state;
    static const struct {
        const char *type, *news;
    } cases[] = {{"text/html", "closed:403: "},
                 {"", "closed:403: "},
                 {"text/plain; charset=utf-8", "closed:403:no "}};
    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_client();
        answer_with(i + 1, (struct poll_answer){.status = 403,
                                                .body = slice_of("no"),
                                                .type = slice_of(cases[i].type)});
        assert_news(cases[i].news);
    }
}

/* The text has the maximum number of characters, most of them blank. */
static void test_a_long_sentence_is_cut_off(void **state) {
    (void)state;
    static char text[2 * POLL_ANSWER_TEXT_CHARACTERS_MAX + 8], expected[sizeof text + 16];
    memcpy(text, "n\xC3\xB6", 3);
    memset(text + 3, ' ', POLL_ANSWER_TEXT_CHARACTERS_MAX - 2);
    snprintf(expected, sizeof expected, "closed:403:%s ", text);
    memcpy(text + strlen(text), "way", sizeof "way");
    open_client();
    answer(1, 403, text);
    assert_news(expected);
}

static void test_nonsense_to_open(void **state) {
    (void)state;
    static const char *const answers[] = {"",
                                          "\n",
                                          "session\n",
                                          "session \n",
                                          "session 0123\n",
                                          ("session " SECRET),
                                          ("session " SECRET "0\n"),
                                          "messages\n",
                                          "messages 1\n",
                                          "messages -1\n",
                                          "<html>\n",
                                          "messages 99999999999999999999\n"};
    for (uint32_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        open_client();
        answer(i + 1, 200, answers[i]);
        assert_news("closed:0: ");
    }
}

static void test_a_page_without_session_that_is_not_closed(void **state) {
    (void)state;
    open_client();
    answer(1, 200, "messages 0\na\n");
    assert_news("opened a closed:0: ");
    assert_asked("1:open/ ");
}

static void test_nonsense_in_a_session(void **state) {
    static const struct {
        uint32_t request;
        const char *body;
    } answers[] = {{2, ""},
                   {2, "messages"},
                   {2, "messages 1\n"},
                   {2, "expect 0\n"},
                   {2, "session 1\n"},
                   {2, "messages 0 1\n"},
                   {3, ""},
                   {3, "expect\n"},
                   {3, "expect 2\n"},
                   {3, "messages 0\n"},
                   {3, "expect 9007199254740991\n"}};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        come_in();
        say("x");
        answer(answers[i].request, 200, answers[i].body);
        assert_news("closed:0: ");
        driver_teardown(state);
        driver_setup(state);
    }
}

static void test_too_much_is_no_answer(void **state) {
    (void)state;
    static char body[POLL_ANSWER_BYTES_MAX + 32] = "messages 0\n";
    memset(body + 11, 'x', POLL_ANSWER_BYTES_MAX + 1);
    body[11 + POLL_ANSWER_BYTES_MAX + 1] = '\n';
    answer(2, 200, body);
    assert_news("closed:0: ");
}

/* The answer to the poll reports the end. */
static void test_a_server_that_takes_nothing_is_not_asked_at_once(void **state) {
    (void)state;
    say("x");
    answer(3, 200, "expect 0\n");
    assert_asked("3:send 0/x/ ");
    pass(POLL_CLIENT_PAUSE_MS);
    assert_asked("4:send 0/x/ ");
}

/* --- lost requests ---------------------------------------------------------------------------- */

static void test_pauses_double_and_then_it_is_lost(void **state) {
    (void)state;
    uint32_t request = 2;
    for (int i = 0; i < POLL_CLIENT_PAUSES_MAX; i++) {
        lose(request++);
        assert_int_equal(pass_until_asked(), POLL_CLIENT_PAUSE_MS << i);
        assert_news("");
        asked[0] = '\0';
    }
    lose(request);
    assert_news("closed:0: ");
    assert_asked("");
}

static void test_an_answer_ends_the_count(void **state) {
    (void)state;
    uint32_t request = 2;
    for (int i = 0; i < 20; i++) {
        lose(request++);
        assert_int_equal(pass_until_asked(), POLL_CLIENT_PAUSE_MS);
        pass(POLL_CLIENT_PAUSE_MS);
        answer(request++, 200, "messages 0\n");
        asked[0] = '\0';
    }
    assert_news("");
}

static void test_a_request_without_an_answer_is_given_up(void **state) {
    (void)state;
    assert_int_equal(pass_until_asked(), POLL_CLIENT_ANSWER_MS);
    assert_asked("2:abort ");
    assert_int_equal(pass_until_asked(), POLL_CLIENT_PAUSE_MS);
    assert_asked("3:poll 0/ ");
    pass(POLL_CLIENT_ANSWER_MS);
    assert_asked("3:abort ");
    assert_news("");
}

static void test_how_long_an_answer_asks_to_wait(void **state) {
    static const struct {
        const char *retry_after;
        uint32_t pause_ms;
    } cases[] = {{"1", 1000},
                 {"0", 250},
                 {"19", 19000},
                 {"86400", 20000},
                 {"99999999999999999999", 20000},
                 {"soon", 250},
                 {"NaN", 250}, /* an invalid date */
                 {"-1", 250},
                 {"", 250}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        come_in();
        answer_with(
            2, (struct poll_answer){.status = 503, .retry_after = slice_of(cases[i].retry_after)});
        assert_int_equal(pass_until_asked(), cases[i].pause_ms);
        driver_teardown(state);
        driver_setup(state);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_meaning_of_a_status),
        TEST(open_is_not_repeated),
        TEST(the_source_of_a_sentence),
        TEST(a_long_sentence_is_cut_off),
        TEST(nonsense_to_open),
        TEST(a_page_without_session_that_is_not_closed),
        TEST(nonsense_in_a_session),
        TEST_IN(too_much_is_no_answer),
        TEST_IN(a_server_that_takes_nothing_is_not_asked_at_once),
        TEST_IN(pauses_double_and_then_it_is_lost),
        TEST_IN(an_answer_ends_the_count),
        TEST_IN(a_request_without_an_answer_is_given_up),
        TEST(how_long_an_answer_asks_to_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
