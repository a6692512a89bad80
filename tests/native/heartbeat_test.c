#include "cmocka_all.h"
#include "heartbeat.h"

#define QUIET_MS 5000
#define ANSWER_MS 10000

static struct heartbeat heartbeat;

static int setup(void **state) {
    (void)state;
    heartbeat_start(&heartbeat, 1000, QUIET_MS, ANSWER_MS);
    return 0;
}

static void it_asks_after_silence_and_gives_up_after_more(void **state) {
    (void)state;
    assert_int_equal(heartbeat_tick(&heartbeat, 5999), HEARTBEAT_FINE);
    assert_int_equal(heartbeat_tick(&heartbeat, 6000), HEARTBEAT_ASK);
    assert_int_equal(heartbeat_tick(&heartbeat, 6000), HEARTBEAT_FINE);
    assert_true(heartbeat.due_ms == 6000 + ANSWER_MS);
    assert_int_equal(heartbeat_tick(&heartbeat, 15999), HEARTBEAT_FINE);
    assert_int_equal(heartbeat_tick(&heartbeat, 16000), HEARTBEAT_DEAD);
    assert_int_equal(heartbeat_tick(&heartbeat, 99999), HEARTBEAT_FINE);
    assert_true(heartbeat.due_ms == NO_DEADLINE);
}

static void any_sound_begins_anew(void **state) {
    (void)state;
    heartbeat_heard(&heartbeat, 5000);
    assert_int_equal(heartbeat_tick(&heartbeat, 6000), HEARTBEAT_FINE);
    assert_int_equal(heartbeat_tick(&heartbeat, 10000), HEARTBEAT_ASK);
    heartbeat_heard(&heartbeat, 12000);
    assert_int_equal(heartbeat_tick(&heartbeat, 16999), HEARTBEAT_FINE);
    assert_int_equal(heartbeat_tick(&heartbeat, 17000), HEARTBEAT_ASK);
}

static void after_an_hours_sleep_the_page_asks_first(void **state) {
    (void)state;
    assert_int_equal(heartbeat_tick(&heartbeat, 3600000), HEARTBEAT_ASK);
    assert_int_equal(heartbeat_tick(&heartbeat, 3600000 + ANSWER_MS - 1), HEARTBEAT_FINE);
    assert_int_equal(heartbeat_tick(&heartbeat, 3600000 + ANSWER_MS), HEARTBEAT_DEAD);
}

static void doubt_asks_at_once_but_not_twice(void **state) {
    (void)state;
    heartbeat_doubt(&heartbeat, 2000);
    assert_int_equal(heartbeat_tick(&heartbeat, 2000), HEARTBEAT_ASK);
    heartbeat_doubt(&heartbeat, 3000);
    assert_int_equal(heartbeat_tick(&heartbeat, 3000), HEARTBEAT_FINE);
    assert_true(heartbeat.due_ms == 2000 + ANSWER_MS);
}

static void a_stopped_one_says_nothing(void **state) {
    (void)state;
    heartbeat_stop(&heartbeat);
    heartbeat_heard(&heartbeat, 2000);
    heartbeat_doubt(&heartbeat, 2000);
    assert_int_equal(heartbeat_tick(&heartbeat, UINT64_MAX - 1), HEARTBEAT_FINE);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_asks_after_silence_and_gives_up_after_more),
        TEST(any_sound_begins_anew),
        TEST(after_an_hours_sleep_the_page_asks_first),
        TEST(doubt_asks_at_once_but_not_twice),
        TEST(a_stopped_one_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
