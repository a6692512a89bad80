/* Pings and lost clients, with the test's own clock. */
#include "liveness.h"

#include "cmocka_all.h"

#define INTERVAL 1000

static struct liveness liveness;
static struct liveness_entry ann, bob;
static enum liveness_verdict verdict;

static int setup(void **state) {
    (void)state;
    liveness_init(&liveness, INTERVAL);
    return 0;
}

static void test_nobody(void **state) {
    (void)state;
    assert_int_equal(liveness_deadline_ms(&liveness), NO_DEADLINE);
    assert_null(liveness_next_due(&liveness, UINT64_MAX, &verdict));
}

static void test_silence_is_pinged_then_dead(void **state) {
    (void)state;
    liveness_add(&liveness, &ann, 100);
    assert_int_equal(liveness_deadline_ms(&liveness), 1100);
    assert_null(liveness_next_due(&liveness, 1099, &verdict));
    assert_ptr_equal(liveness_next_due(&liveness, 1100, &verdict), &ann);
    assert_int_equal(verdict, LIVENESS_PING);
    assert_null(liveness_next_due(&liveness, 1100, &verdict));
    assert_int_equal(liveness_deadline_ms(&liveness), 2100);
    assert_ptr_equal(liveness_next_due(&liveness, 2100, &verdict), &ann);
    assert_int_equal(verdict, LIVENESS_DEAD);
    assert_int_equal(liveness_deadline_ms(&liveness), NO_DEADLINE);
}

static void test_an_answer_saves(void **state) {
    (void)state;
    liveness_add(&liveness, &ann, 0);
    assert_ptr_equal(liveness_next_due(&liveness, 1000, &verdict), &ann);
    liveness_heard(&liveness, &ann, 1999);
    assert_null(liveness_next_due(&liveness, 2998, &verdict));
    assert_ptr_equal(liveness_next_due(&liveness, 2999, &verdict), &ann);
    assert_int_equal(verdict, LIVENESS_PING);
}

static void test_a_client_that_talks_is_not_pinged(void **state) {
    (void)state;
    liveness_add(&liveness, &ann, 0);
    liveness_add(&liveness, &bob, 10);
    liveness_heard(&liveness, &ann, 900);
    assert_int_equal(liveness_deadline_ms(&liveness), 1010);
    assert_ptr_equal(liveness_next_due(&liveness, 1500, &verdict), &bob);
    assert_null(liveness_next_due(&liveness, 1500, &verdict));
    assert_int_equal(liveness_deadline_ms(&liveness), 1900);
}

static void test_the_dead_come_before_the_silent(void **state) {
    (void)state;
    liveness_add(&liveness, &ann, 0);
    liveness_next_due(&liveness, 1000, &verdict);
    liveness_add(&liveness, &bob, 1000);
    assert_ptr_equal(liveness_next_due(&liveness, 2000, &verdict), &ann);
    assert_int_equal(verdict, LIVENESS_DEAD);
    assert_ptr_equal(liveness_next_due(&liveness, 2000, &verdict), &bob);
    assert_int_equal(verdict, LIVENESS_PING);
}

static void test_remove(void **state) {
    (void)state;
    liveness_add(&liveness, &ann, 0);
    liveness_add(&liveness, &bob, 0);
    liveness_remove(&liveness, &ann);
    assert_ptr_equal(liveness_next_due(&liveness, 1000, &verdict), &bob);
    liveness_remove(&liveness, &bob); /* its ping has no answer yet */
    assert_null(liveness_next_due(&liveness, UINT64_MAX, &verdict));
    assert_int_equal(liveness_deadline_ms(&liveness), NO_DEADLINE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nobody, setup),
        cmocka_unit_test_setup(test_silence_is_pinged_then_dead, setup),
        cmocka_unit_test_setup(test_an_answer_saves, setup),
        cmocka_unit_test_setup(test_a_client_that_talks_is_not_pinged, setup),
        cmocka_unit_test_setup(test_the_dead_come_before_the_silent, setup),
        cmocka_unit_test_setup(test_remove, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
