/* The order of a token's joins: an older join that comes late changes nothing. */
#include "hub_driver.h"

#include "cmocka_all.h"
#include "error.h"

#include <stdio.h>

#define ID_BYTES (WIRE_MEMBER_ID_BYTES + 1)
#define NONE 0u

static int setup(void **state) {
    (void)state;
    return start_hub(8, 3, 4, 30000);
}

/* A new connection joins with the test's only token, as number |number|. */
static hub_handle join_as(uint32_t number, bool back, uint64_t now_ms) {
    char text[256], numbered[32] = "";
    hub_handle handle;
    assert_int_equal(connect_one(&handle, now_ms), PARLEY_OK);
    if (number != NONE)
        snprintf(numbered, sizeof numbered, ",\"number\":%u", number);
    snprintf(
        text, sizeof text,
        "{\"type\":\"join\",\"version\":2,\"room\":\"lobby\",\"token\":\"AAAAAAAAAAAAAAAAAAAAAA\","
        "\"back\":%s%s}",
        back ? "true" : "false", numbered);
    say_at(handle, now_ms, text);
    return handle;
}

/* A member comes, meets somebody, and loses its connection. */
static void become_absent(uint32_t number, uint64_t now_ms) {
    hub_handle handle = join_as(number, false, 0);
    make_acquainted(handle, 0);
    disconnect_at(handle, now_ms);
}

static void assert_old(hub_handle handle, uint32_t number) {
    assert_refused(handle, WIRE_ERROR_OLD_JOIN);
    struct wire_message error = message_at(0, handle);
    assert_int_equal(error.number, number);
    wire_message_deinit(&error);
    disconnect_at(handle, 0);
    assert_int_equal(sent_count, 0);
}

static bool is_member(hub_handle handle) {
    return hub_is_in_room(hub, handle);
}

static void an_older_join_leaves_the_newer_connection_alone(void **state) {
    (void)state;
    for (int back = 0; back < 2; back++) {
        char bea_id[ID_BYTES];
        hub_handle live = join_as(7, false, 0);
        hub_handle bea = member_of("lobby", bea_id);
        assert_old(join_as(6, back, 1000), 7);
        assert_true(is_member(live) && is_member(bea));
        assert_int_equal(hub_stats(hub).members, 2);
        stop_hub(state);
        setup(state);
    }
}

static void an_older_join_does_not_bring_an_absent_member_back(void **state) {
    (void)state;
    become_absent(7, 1000);
    assert_int_equal(hub_stats(hub).absent, 1);
    assert_old(join_as(6, true, 2000), 7);
    assert_int_equal(hub_stats(hub).absent, 1);
    assert_true(is_member(join_as(8, true, 3000)));
    assert_int_equal(hub_stats(hub).absent, 0);
}

/* Each join replaces the one before, and later joins are compared with it. */
static void newer_and_equal_joins_take_the_place(void **state) {
    (void)state;
    static const uint32_t numbers[] = {3, 4, 4, UINT32_MAX};
    hub_handle last = join_as(numbers[0], false, 0);
    for (size_t i = 1; i < sizeof numbers / sizeof *numbers; i++) {
        hub_handle next = join_as(numbers[i], i % 2, 0);
        assert_true(is_member(next) && !is_member(last));
        assert_old(join_as(numbers[i] - 1, true, 0), numbers[i]);
        last = next;
    }
}

/* An old page does not number its joins. */
static void a_join_without_a_number_counts_as_it_comes(void **state) {
    (void)state;
    hub_handle numbered = join_as(7, false, 0);
    hub_handle older_page = join_as(NONE, true, 0);
    assert_true(is_member(older_page) && !is_member(numbered));
    assert_true(is_member(join_as(1, true, 0)));
}

static void another_token_has_an_order_of_its_own(void **state) {
    (void)state;
    char id[ID_BYTES];
    join_as(7, false, 0);
    assert_true(is_member(member_of("lobby", id)));
}

static void when_the_grace_is_over_nothing_is_remembered(void **state) {
    (void)state;
    become_absent(7, 0);
    tick(hub_deadline_ms(hub));
    assert_int_equal(hub_stats(hub).members, 0);
    assert_true(is_member(join_as(1, false, 100000)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop_hub)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_older_join_leaves_the_newer_connection_alone),
        TEST(an_older_join_does_not_bring_an_absent_member_back),
        TEST(newer_and_equal_joins_take_the_place),
        TEST(a_join_without_a_number_counts_as_it_comes),
        TEST(another_token_has_an_order_of_its_own),
        TEST(when_the_grace_is_over_nothing_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
