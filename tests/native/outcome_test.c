/* The order in which outcomes are taken. */
#include "outcome.h"

#include "cmocka_all.h"
#include "random.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static void test_consequences_of_one_come_before_the_next(void **state) {
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

/* The same queue as a plain array, which is shifted each time. */
static struct {
    uint32_t numbers[4 * MANY];
    size_t len, at;
} row;

static void push_numbered(uint32_t number) {
    outcomes_push(&outcomes, OUTCOME_TEXT_SAID)->number = number;
    memmove(row.numbers + row.at + 1, row.numbers + row.at,
            (row.len++ - row.at) * sizeof *row.numbers);
    row.numbers[row.at++] = number;
}

static void take_numbered(void) {
    struct outcome outcome;
    assert_int_equal(outcomes_take(&outcomes, &outcome), row.len > 0);
    row.at = 0;
    if (row.len == 0)
        return;
    assert_int_equal(outcome.number, row.numbers[0]);
    memmove(row.numbers, row.numbers + 1, --row.len * sizeof *row.numbers);
}

static void test_any_order_of_calls_keeps_the_order(void **state) {
    (void)state;
    struct random random;
    random_init(&random, (const uint8_t[8]){5});
    for (uint32_t number = 0; number < 100000; number++) {
        if (row.len < 3 * MANY && random_between(&random, 0, 2) > 0)
            push_numbered(number);
        else
            for (uint64_t i = random_between(&random, 0, MANY); i > 0; i--)
                take_numbered();
    }
}

static void test_more_than_ever_wait_are_a_bug(void **state) {
    (void)state;
    int status;
    for (uint32_t i = 0; i < OUTCOMES_MAX; i++)
        push(OUTCOME_WELCOME);
    pid_t child = fork();
    if (child == 0) {
        close(STDERR_FILENO);
        push(OUTCOME_WELCOME);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

#define TEST(name) cmocka_unit_test_teardown(test_##name, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(first_come_first_taken),
        TEST(consequences_of_one_come_before_the_next),
        TEST(many_may_wait),
        TEST(any_order_of_calls_keeps_the_order),
        TEST(more_than_ever_wait_are_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
