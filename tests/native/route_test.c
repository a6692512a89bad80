/* Whether a connection is relayed: our browser's report, the other side's, and their candidates. */
#include "cmocka_all.h"
#include "route.h"

#define TOLD(type) (1u << (type))

static const struct {
    struct route_ends ends;
    uint32_t told; /* kinds of their candidates */
    enum route route;
} rows[] = {
    {{CANDIDATE_UNKNOWN, CANDIDATE_UNKNOWN, CANDIDATE_UNKNOWN}, 0, ROUTE_UNKNOWN},
    {{CANDIDATE_HOST, CANDIDATE_SRFLX, CANDIDATE_UNKNOWN}, 0, ROUTE_DIRECT},
    {{CANDIDATE_HOST, CANDIDATE_RELAY, CANDIDATE_UNKNOWN}, 0, ROUTE_RELAYED},
    {{CANDIDATE_RELAY, CANDIDATE_UNKNOWN, CANDIDATE_UNKNOWN}, 0, ROUTE_RELAYED},
    {{CANDIDATE_RELAY, CANDIDATE_PRFLX, CANDIDATE_HOST}, 0, ROUTE_RELAYED},
    /* discovered: their candidates decide until they report the route themselves */
    {{CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_UNKNOWN}, 0, ROUTE_UNKNOWN},
    {{CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_UNKNOWN}, TOLD(CANDIDATE_RELAY), ROUTE_RELAYED},
    {{CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_UNKNOWN},
     TOLD(CANDIDATE_RELAY) | TOLD(CANDIDATE_HOST),
     ROUTE_DIRECT},
    {{CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_RELAY},
     TOLD(CANDIDATE_RELAY) | TOLD(CANDIDATE_HOST),
     ROUTE_RELAYED},
    {{CANDIDATE_HOST, CANDIDATE_PRFLX, CANDIDATE_HOST}, TOLD(CANDIDATE_RELAY), ROUTE_DIRECT},
    /* our route has changed, but our browser, or theirs, has not reported it yet */
    {{CANDIDATE_HOST, CANDIDATE_HOST, CANDIDATE_RELAY}, 0, ROUTE_RELAYED},
    {{CANDIDATE_HOST, CANDIDATE_RELAY, CANDIDATE_HOST}, 0, ROUTE_RELAYED},
};

static void a_route_is_judged_by_all_that_is_known(void **state) {
    (void)state;
    assert_int_equal(route_between(&route_ends_unknown, TOLD(CANDIDATE_RELAY)), ROUTE_UNKNOWN);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(route_between(&rows[i].ends, rows[i].told), rows[i].route);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_route_is_judged_by_all_that_is_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
