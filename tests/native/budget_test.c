/* The shares that pay for connections. */
#include "budget.h"
#include "cmocka_all.h"

static const uint64_t now_ms = 1000000000;

static uint32_t take_all(struct budget *budget, struct expense *expense, bool hopeless) {
    uint32_t count = 0;
    while (budget_take(budget, expense, hopeless, now_ms))
        count++;
    assert_true(budget_due_ms(budget, expense, hopeless) > now_ms);
    return count;
}

static void one_person_costs_a_bounded_number_at_once(void **state) {
    (void)state;
    struct budget budget = {0};
    struct expense stranger = {0}, friend = {.talked = true};
    assert_int_equal(take_all(&budget, &stranger, false),
                     1 + BUDGET_OWN_AT_ONCE - 1 + BUDGET_EACH_STRANGER_AT_ONCE);
    assert_int_equal(take_all(&budget, &friend, false),
                     1 + BUDGET_OWN_AT_ONCE + BUDGET_EACH_AT_ONCE);
}

static void strangers_use_up_nothing_but_their_share(void **state) {
    (void)state;
    struct budget budget = {0};
    struct expense friend = {.met = true, .talked = true};
    for (int i = 0; i < 1000; i++)
        take_all(&budget, &(struct expense){0}, false);
    struct expense late = {.met = true, .own = {UINT64_MAX / 2}};
    assert_false(budget_take(&budget, &late, false, now_ms));
    assert_int_equal(take_all(&budget, &friend, false), BUDGET_OWN_AT_ONCE + BUDGET_EACH_AT_ONCE);
}

static void nobody_touches_what_is_a_persons_own(void **state) {
    (void)state;
    struct budget budget = {0};
    struct expense reloading = {.met = true, .talked = true};
    for (int i = 0; i < 1000; i++)
        take_all(&budget, &(struct expense){.met = true, .talked = true}, false);
    assert_int_equal(take_all(&budget, &reloading, false), BUDGET_OWN_AT_ONCE);
    assert_true(budget_due_ms(&budget, &reloading, false) <= now_ms + BUDGET_OWN_MS);
}

static void coming_again_costs_no_more_than_coming_new(void **state) {
    (void)state;
    struct budget budget = {0};
    struct expense visitor = {0};
    for (uint32_t visit = 0; visit < BUDGET_FIRSTS_AT_ONCE; visit++) {
        assert_true(budget_take(&budget, &visitor, false, now_ms));
        budget_arrive(&visitor);
    }
    assert_false(budget_take(&budget, &visitor, false, now_ms));
    struct expense friend = {.talked = true}; /* has a share of their own */
    assert_true(budget_take(&budget, &friend, false, now_ms));
}

static void the_hopeless_leave_a_reserve(void **state) {
    (void)state;
    struct budget budget = {0};
    for (int i = 0; i < 1000; i++)
        take_all(&budget, &(struct expense){.met = true, .talked = true}, true);
    struct expense flapping = {.met = true, .talked = true, .own = {UINT64_MAX / 2}};
    assert_int_equal(take_all(&budget, &flapping, true), 0);
    assert_int_equal(take_all(&budget, &flapping, false), BUDGET_EACH_AT_ONCE);
    budget_forgive(&flapping);
    assert_int_equal(take_all(&budget, &flapping, false),
                     BUDGET_KNOWN_RESERVE - BUDGET_EACH_AT_ONCE);
}

/* A crowd comes and goes without end: the next connection is for somebody who waits. */
static void strangers_who_just_come_leave_a_reserve_to_those_who_wait(void **state) {
    (void)state;
    struct budget budget = {0};
    int came = 0, waited = 0;
    while (budget_take(&budget, &(struct expense){0}, true, now_ms))
        came++;
    while (budget_take(&budget, &(struct expense){0}, false, now_ms))
        waited++;
    assert_int_equal(came, BUDGET_FIRSTS_AT_ONCE - BUDGET_WAITING_RESERVE);
    assert_int_equal(waited, BUDGET_WAITING_RESERVE);
    assert_false(budget_take(&budget, &(struct expense){0}, true, now_ms + BUDGET_FIRST_MS));
    assert_true(budget_take(&budget, &(struct expense){0}, false, now_ms + BUDGET_FIRST_MS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_person_costs_a_bounded_number_at_once),
        cmocka_unit_test(strangers_use_up_nothing_but_their_share),
        cmocka_unit_test(nobody_touches_what_is_a_persons_own),
        cmocka_unit_test(coming_again_costs_no_more_than_coming_new),
        cmocka_unit_test(the_hopeless_leave_a_reserve),
        cmocka_unit_test(strangers_who_just_come_leave_a_reserve_to_those_who_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
