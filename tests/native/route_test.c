/* Is it a relay? What each browser sees, what the other side says, and what they told of before. */
#include "cmocka_all.h"
#include "route.h"

#define TOLD(type) (1u << (type))

static const struct {
    enum candidate_type own, theirs, word;
    uint32_t told; /* of their candidates */
    bool known, relayed;
} rows[] = {
    {CANDIDATE_UNKNOWN, CANDIDATE_UNKNOWN, CANDIDATE_UNKNOWN, 0, false, false},
    {CANDIDATE_HOST, CANDIDATE_SRFLX, CANDIDATE_UNKNOWN, 0, true, false},
    {CANDIDATE_HOST, CANDIDATE_RELAY, CANDIDATE_UNKNOWN, 0, true, true},
    {CANDIDATE_RELAY, CANDIDATE_UNKNOWN, CANDIDATE_UNKNOWN, 0, true, true},
    {CANDIDATE_RELAY, CANDIDATE_PRFLX, CANDIDATE_HOST, 0, true, true},
    /* discovered: what they told of decides, until they say it themselves */
    {CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_UNKNOWN, 0, false, false},
    {CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_UNKNOWN, TOLD(CANDIDATE_RELAY), true, true},
    {CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_UNKNOWN,
     TOLD(CANDIDATE_RELAY) | TOLD(CANDIDATE_HOST), true, false},
    {CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_RELAY, TOLD(CANDIDATE_RELAY) | TOLD(CANDIDATE_HOST),
     true, true},
    {CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_HOST, TOLD(CANDIDATE_RELAY), true, false},
    /* ours has moved, and our browser has not said so yet, or theirs */
    {CANDIDATE_HOST, CANDIDATE_HOST, CANDIDATE_RELAY, 0, true, true},
    {CANDIDATE_HOST, CANDIDATE_RELAY, CANDIDATE_HOST, 0, true, true},
};

static void a_route_is_judged_by_all_that_is_known(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct route route;
        route_begin(&route);
        route.own = rows[i].own;
        route.theirs = rows[i].theirs;
        route.word = rows[i].word;
        assert_int_equal(route_judge(&route, rows[i].told), rows[i].known);
        assert_int_equal(route.known, rows[i].known);
        if (route.known)
            assert_int_equal(route.relayed, rows[i].relayed);
        assert_false(route_judge(&route, rows[i].told)); /* no news */
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_route_is_judged_by_all_that_is_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
