/* How often the others in a room are told of a join. The room takes 3 members, and so 6 joins at
 * once, and some more for people whose address is there already. */
#include "error.h"
#include "hub_driver.h"

#define ADA 1u
#define BEA 2u
#define MEMBERS_MAX 3
#define AT_ONCE (HUB_JOINS_AT_ONCE * MEMBERS_MAX + HUB_QUOTA_RETURNS_AT_ONCE)
#define ID_BYTES (WIRE_MEMBER_ID_BYTES + 1)
#define LATER_MS 1000000

static int setup(void **state) {
    (void)state;
    all_meet = false;
    return start_hub(8, 3, MEMBERS_MAX, 30000);
}

static hub_handle ada;
static char ada_id[ID_BYTES], bea_id[ID_BYTES];

/* Bea joins |count| times with one token; each join replaces the one before. Returns the last. */
static hub_handle churn(unsigned count, bool back, uint64_t now_ms) {
    hub_handle bea = UINT32_MAX;
    for (unsigned i = 0; i < count; i++) {
        hub_handle before = bea;
        bea = member_with("lobby", BEA, back, now_ms, bea_id);
        if (i > 0)
            disconnect_at(before, now_ms);
    }
    return bea;
}

static hub_handle connect_at(uint64_t now_ms) {
    hub_handle handle = UINT32_MAX;
    assert_int_equal(connect_one(&handle, now_ms), PARLEY_OK);
    return handle;
}

static void assert_busy(unsigned token, bool back, uint64_t now_ms) {
    hub_handle late = connect_at(now_ms);
    join_with(late, now_ms, "lobby", token, back);
    assert_refused(late, WIRE_ERROR_ROOM_BUSY);
    disconnect_at(late, now_ms);
}

static void joins_without_end_are_refused_and_nobody_hears_of_them(void **state) {
    (void)state;
    ada = member_with("lobby", ADA, false, LATER_MS, ada_id);
    churn(AT_ONCE, false, LATER_MS);
    for (int i = 0; i < 100; i++)
        assert_busy(BEA, false, LATER_MS);
}

static void coming_back_without_end_is_refused_too(void **state) {
    (void)state;
    ada = member_with("lobby", ADA, false, LATER_MS, ada_id);
    churn(AT_ONCE, true, LATER_MS);
    assert_busy(BEA, true, LATER_MS);
}

static void a_refused_one_replaces_nobody(void **state) {
    (void)state;
    ada = member_with("lobby", ADA, false, LATER_MS, ada_id);
    hub_handle bea = churn(AT_ONCE, false, LATER_MS);
    assert_busy(BEA, false, LATER_MS);
    assert_busy(BEA, true, LATER_MS);
    assert_int_equal(hub_stats(hub).members, 2);
    say_at(bea, LATER_MS, "{\"type\":\"ping\"}");
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].to, bea);
}

static void from_there_on_one_joins_in_every_step(void **state) {
    (void)state;
    ada = member_with("lobby", ADA, false, LATER_MS, ada_id);
    hub_handle bea = churn(AT_ONCE, false, LATER_MS);
    for (int i = 1; i < 4; i++) {
        uint64_t now_ms = LATER_MS + (uint64_t)(HUB_QUOTA_RETURNS_AT_ONCE + i) * HUB_JOIN_STEP_MS;
        assert_busy(BEA, false, now_ms - 1);
        hub_handle next = churn(1, false, now_ms);
        disconnect_at(bea, now_ms);
        bea = next;
        assert_busy(BEA, false, now_ms);
    }
}

static void another_room_has_its_own_limit(void **state) {
    (void)state;
    char ids[2][ID_BYTES];
    ada = member_with("lobby", ADA, false, LATER_MS, ada_id);
    churn(AT_ONCE, false, LATER_MS);
    assert_busy(BEA, false, LATER_MS);
    member_with("cellar", ADA, false, LATER_MS, ids[0]);
    member_with("cellar", BEA, false, LATER_MS, ids[1]);
}

static void joins_that_nobody_hears_of_are_not_limited(void **state) {
    (void)state;
    churn(10 * AT_ONCE, false, LATER_MS);
    churn(10 * AT_ONCE, true, LATER_MS);
}

static void an_absent_member_does_not_hear_of_it(void **state) {
    (void)state;
    ada = member_with("lobby", ADA, false, LATER_MS, ada_id);
    churn(1, false, LATER_MS);
    disconnect_at(ada, LATER_MS);
    churn(2 * AT_ONCE, true, LATER_MS);
}

static void a_refusal_for_a_full_room_keeps_nobody_else_out(void **state) {
    (void)state;
    char id[ID_BYTES];
    ada = member_with("lobby", ADA, false, LATER_MS, ada_id);
    all_meet = true;
    hub_handle bea = member_with("lobby", BEA, false, LATER_MS, bea_id);
    member_with("lobby", 3, false, LATER_MS, id);
    for (unsigned i = 0; i < 2 * AT_ONCE; i++) {
        hub_handle late = connect_at(LATER_MS);
        join_with(late, LATER_MS, "lobby", 10 + i, false);
        assert_refused(late, WIRE_ERROR_ROOM_FULL);
        disconnect_at(late, LATER_MS);
    }
    disconnect_at(bea, LATER_MS);
    member_with("lobby", BEA, true, LATER_MS, id);
    assert_string_equal(id, bea_id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop_hub)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(joins_without_end_are_refused_and_nobody_hears_of_them),
        TEST(coming_back_without_end_is_refused_too),
        TEST(a_refused_one_replaces_nobody),
        TEST(from_there_on_one_joins_in_every_step),
        TEST(another_room_has_its_own_limit),
        TEST(joins_that_nobody_hears_of_are_not_limited),
        TEST(an_absent_member_does_not_hear_of_it),
        TEST(a_refusal_for_a_full_room_keeps_nobody_else_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
