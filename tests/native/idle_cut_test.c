/* The length of silence after which connections are cut. */
#include "idle_cut.h"

#include "cmocka_all.h"

#define NOW_MS 1000000
#define ENDS_MAX 4
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The silences before connections ended, in order, and the silence that is safe after them. */
static const struct {
    size_t ends;
    uint64_t silent_ms[ENDS_MAX];
    uint32_t safe_ms;
} rows[] = {
    {0, {0}, IDLE_CUT_NO_LIMIT},
    {1, {15000}, IDLE_CUT_NO_LIMIT},
    {2, {15000, 15000}, 10000},
    {2, {15000, 16800}, 11200}, /* by clocks that are read late */
    {2, {15000, 13400}, 8932},
    {2, {15000, 17200}, IDLE_CUT_NO_LIMIT},
    {2, {15000, 13000}, IDLE_CUT_NO_LIMIT},
    {3, {12000, 15000, 15000}, 10000},
    {3, {15000, 0, 15000}, IDLE_CUT_NO_LIMIT}, /* not in a row */
    {3, {15000, 15000, 9000}, 10000},
    {4, {15000, 15000, 9000, 9000}, 6000}, /* another network */
    {2, {IDLE_CUT_MIN_MS, IDLE_CUT_MIN_MS}, 3000},
    {2, {IDLE_CUT_MIN_MS - 1, IDLE_CUT_MIN_MS - 1}, IDLE_CUT_NO_LIMIT}, /* a server that crashes */
    {2, {UINT64_MAX, UINT64_MAX}, IDLE_CUT_NO_LIMIT},
};

static void two_alike_in_a_row_are_a_proxy(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct idle_cut cut = {0};
        for (size_t end = 0; end < rows[i].ends; end++)
            idle_cut_note(&cut, NOW_MS, rows[i].silent_ms[end]);
        assert_int_equal(idle_cut_safe_ms(&cut, NOW_MS), rows[i].safe_ms);
    }
}

static void it_is_believed_for_a_while(void **state) {
    (void)state;
    struct idle_cut cut = {0};
    uint64_t now_ms = NOW_MS;
    for (int turns = 0; turns < 2; turns++) {
        idle_cut_note(&cut, now_ms, 15000);
        assert_int_equal(idle_cut_safe_ms(&cut, now_ms), IDLE_CUT_NO_LIMIT);
        idle_cut_note(&cut, now_ms, 15000);
        now_ms += IDLE_CUT_TRUST_MS;
        assert_int_equal(idle_cut_safe_ms(&cut, now_ms - 1), 10000);
        assert_int_equal(idle_cut_safe_ms(&cut, now_ms), IDLE_CUT_NO_LIMIT);
    }
}

/* Between two cuts after the same silence, a connection survived one as long. */
static void a_survived_silence_rules_out_a_proxy(void **state) {
    (void)state;
    static const struct {
        uint64_t held_ms;
        uint32_t safe_ms;
    } held[] = {{14999, 10000}, {15000, IDLE_CUT_NO_LIMIT}, {UINT64_MAX, IDLE_CUT_NO_LIMIT}};
    for (size_t i = 0; i < COUNT(held); i++) {
        struct idle_cut cut = {0};
        idle_cut_note(&cut, NOW_MS, 15000);
        idle_cut_held(&cut, held[i].held_ms);
        idle_cut_note(&cut, NOW_MS, 15000);
        assert_int_equal(idle_cut_safe_ms(&cut, NOW_MS), held[i].safe_ms);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_alike_in_a_row_are_a_proxy),
        cmocka_unit_test(it_is_believed_for_a_while),
        cmocka_unit_test(a_survived_silence_rules_out_a_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
