/* How often something may happen. */
#include "cmocka_all.h"
#include "rate.h"

#define STEP_MS 100
#define AT_ONCE 3

static bool take(struct rate *rate, uint64_t now_ms) {
    return rate_take(rate, now_ms, STEP_MS, AT_ONCE);
}

static void some_at_once_then_one_a_step(void **state) {
    (void)state;
    struct rate rate = {0};
    for (int i = 0; i < AT_ONCE; i++)
        assert_true(take(&rate, 1000));
    assert_false(take(&rate, 1000));
    assert_int_equal(rate_due(&rate, STEP_MS, AT_ONCE), 1000 + STEP_MS);
    assert_false(take(&rate, 1000 + STEP_MS - 1));
    assert_true(take(&rate, 1000 + STEP_MS));
    assert_false(take(&rate, 1000 + STEP_MS));
}

static void a_long_rest_gives_no_more_than_some_at_once(void **state) {
    (void)state;
    struct rate rate = {0};
    assert_true(take(&rate, 0));
    for (int i = 0; i < AT_ONCE; i++)
        assert_true(take(&rate, 1000000));
    assert_false(take(&rate, 1000000));
}

static void a_refusal_books_nothing(void **state) {
    (void)state;
    struct rate rate = {0};
    for (int i = 0; i < 100; i++)
        take(&rate, 0);
    assert_true(take(&rate, STEP_MS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(some_at_once_then_one_a_step),
        cmocka_unit_test(a_long_rest_gives_no_more_than_some_at_once),
        cmocka_unit_test(a_refusal_books_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
