/* How often something may happen, with the test's own clock. */
#include "bucket.h"

#include "cmocka_all.h"

static const struct bucket_limit sixty = {.per_minute = 60, .capacity = 3};

static void take(struct bucket *bucket, uint64_t now_ms, int times) {
    for (int i = 0; i < times; i++)
        assert_true(bucket_take(bucket, &sixty, now_ms));
}

static void test_a_burst_then_the_rate(void **state) {
    (void)state;
    struct bucket bucket = {0};
    take(&bucket, 5000, 3);
    assert_false(bucket_take(&bucket, &sixty, 5000));
    assert_false(bucket_take(&bucket, &sixty, 5999));
    take(&bucket, 6000, 1);
    assert_false(bucket_take(&bucket, &sixty, 6999));
    take(&bucket, 8000, 2);
    assert_false(bucket_take(&bucket, &sixty, 8000));
}

static void test_it_never_holds_more_than_its_capacity(void **state) {
    (void)state;
    struct bucket bucket = {0};
    take(&bucket, 0, 3);
    take(&bucket, 3600000, 3);
    assert_false(bucket_take(&bucket, &sixty, 3600000));
}

/* Refusals are not counted: a client that waits is let in, even if it asked often. */
static void test_asking_costs_nothing(void **state) {
    (void)state;
    struct bucket bucket = {0};
    take(&bucket, 0, 3);
    for (uint64_t ms = 0; ms < 1000; ms++)
        assert_false(bucket_take(&bucket, &sixty, ms));
    take(&bucket, 1000, 1);
}

static void test_full(void **state) {
    (void)state;
    struct bucket bucket = {0};
    assert_true(bucket_is_full(&bucket, &sixty, 0));
    take(&bucket, 1000, 2);
    assert_false(bucket_is_full(&bucket, &sixty, 2999));
    assert_true(bucket_is_full(&bucket, &sixty, 3000));
    assert_true(bucket_is_full(&bucket, &sixty, UINT64_MAX));
}

static void test_no_limit(void **state) {
    (void)state;
    const struct bucket_limit none = {0, 0};
    struct bucket bucket = {0};
    for (int i = 0; i < 100000; i++)
        assert_true(bucket_take(&bucket, &none, 0));
    assert_true(bucket_is_full(&bucket, &none, 0));
}

/* The highest rate, which adds a token in less than a millisecond. */
static void test_extremes(void **state) {
    (void)state;
    const struct bucket_limit fast = {BUCKET_PER_MINUTE_MAX, 1000};
    struct bucket bucket = {0};
    for (int i = 0; i < 1000; i++)
        assert_true(bucket_take(&bucket, &fast, 7));
    assert_false(bucket_take(&bucket, &fast, 7));
    for (int i = 0; i < 1000; i++)
        assert_true(bucket_take(&bucket, &fast, 8));
    assert_false(bucket_take(&bucket, &fast, 8));
    const struct bucket_limit slow = {1, 1};
    struct bucket rare = {0};
    assert_true(bucket_take(&rare, &slow, 0));
    assert_false(bucket_take(&rare, &slow, 59999));
    assert_true(bucket_take(&rare, &slow, 60000));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_burst_then_the_rate),
        cmocka_unit_test(test_it_never_holds_more_than_its_capacity),
        cmocka_unit_test(test_asking_costs_nothing),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_no_limit),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
