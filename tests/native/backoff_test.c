/* Pauses, and the random numbers that spread them. */
#include "backoff.h"
#include "cmocka_all.h"

static const uint8_t seed[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static struct random source;

static int setup(void **state) {
    (void)state;
    random_init(&source, seed);
    return 0;
}

/* SplitMix64 with this seed, computed independently of this code. */
static void the_same_seed_gives_the_same_numbers(void **state) {
    (void)state;
    struct random zero;
    random_init(&zero, (const uint8_t[8]){0});
    assert_int_equal(random_next(&zero), 0xe220a839);
    assert_int_equal(random_next(&zero), 0x6e789e6a);
    assert_int_equal(random_next(&zero), 0x06c45d18);
}

static void pauses_grow_to_their_bound(void **state) {
    (void)state;
    static const struct {
        uint32_t failures;
        uint64_t low, high;
    } cases[] = {{0, 250, 500},
                 {1, 250, 500},
                 {2, 500, 1000},
                 {3, 1000, 2000},
                 {7, 15000, 30000},
                 {100, 15000, 30000},
                 {UINT32_MAX, 15000, 30000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int draw = 0; draw < 200; draw++) {
            uint64_t pause_ms = backoff_pause_ms(cases[i].failures, 500, 30000, &source);
            assert_in_range(pause_ms, cases[i].low, cases[i].high);
        }
}

static void pauses_are_spread(void **state) {
    (void)state;
    int early = 0;
    for (int draw = 0; draw < 1000; draw++)
        early += backoff_pause_ms(7, 500, 30000, &source) < 22500;
    assert_in_range(early, 400, 600);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_same_seed_gives_the_same_numbers),
        TEST(pauses_grow_to_their_bound),
        TEST(pauses_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
