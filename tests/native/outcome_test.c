/* The order in which outcomes are taken. */
#include "outcome.h"

#include "cmocka_all.h"

static struct outcomes outcomes;

#define MANY 100

static int teardown(void **state) {
    (void)state;
    outcomes_deinit(&outcomes);
    return 0;
}

static void push(enum outcome_kind kind) {
    outcomes_push(&outcomes, kind);
}

static void assert_next(enum outcome_kind kind) {
    struct outcome outcome;
    assert_true(outcomes_take(&outcomes, &outcome));
    assert_int_equal(outcome.kind, kind);
}

static void assert_none(void) {
    struct outcome outcome;
    assert_false(outcomes_take(&outcomes, &outcome));
}

static void test_first_come_first_taken(void **state) {
    (void)state;
    assert_none();
    push(OUTCOME_ICE_SERVERS);
    push(OUTCOME_WELCOME);
    push(OUTCOME_REPLACED);
    assert_next(OUTCOME_ICE_SERVERS);
    assert_next(OUTCOME_WELCOME);
    assert_next(OUTCOME_REPLACED);
    assert_none();
    push(OUTCOME_WELCOME);
    assert_next(OUTCOME_WELCOME);
    assert_none();
}

static void test_what_follows_from_one_comes_before_the_next(void **state) {
    (void)state;
    push(OUTCOME_ICE_SERVERS);
    push(OUTCOME_WELCOME);
    assert_next(OUTCOME_ICE_SERVERS);
    push(OUTCOME_ICE_CONFIGURATION);
    push(OUTCOME_ADDRESS_HIDDEN);
    assert_next(OUTCOME_ICE_CONFIGURATION);
    push(OUTCOME_JOIN_STATE);
    assert_next(OUTCOME_JOIN_STATE);
    assert_next(OUTCOME_ADDRESS_HIDDEN);
    assert_next(OUTCOME_WELCOME);
    assert_none();
}

static void test_many_may_wait(void **state) {
    (void)state;
    push(OUTCOME_WELCOME);
    for (int i = 0; i < 3; i++) {
        for (int place = 1; place < MANY; place++)
            push(OUTCOME_ICE_SERVERS);
        assert_next(i == 0 ? OUTCOME_WELCOME : OUTCOME_ICE_SERVERS);
        push(OUTCOME_REPLACED);
        assert_next(OUTCOME_REPLACED);
        for (int place = 2; place < MANY; place++)
            assert_next(OUTCOME_ICE_SERVERS);
    }
    assert_next(OUTCOME_ICE_SERVERS);
    assert_none();
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(first_come_first_taken),
        TEST(what_follows_from_one_comes_before_the_next),
        TEST(many_may_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
