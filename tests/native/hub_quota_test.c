/* How many places people of one address may have in a room while others want to enter. */
#include "error.h"
#include "hub_driver.h"

#include <stdio.h>

#define MEMBERS_MAX 8u
#define HOSTILE 7u /* an address key */
#define HONEST 1u  /* and the following ones */

static hub_handle handles[64];
static unsigned next_token = 1;

static int setup(void **state) {
    (void)state;
    all_meet = false;
    return start_hub(64, 3, MEMBERS_MAX, 30000);
}

static hub_handle come(uint32_t address_key, unsigned token, bool back, uint64_t now_ms) {
    hub_handle handle = UINT32_MAX;
    assert_int_equal(connect_one(&handle, now_ms), PARLEY_OK);
    hub_set_address_key(hub, handle, address_key);
    join_with(handle, now_ms, "lobby", token, back);
    return handle;
}

/* |count| members with one address_key come and stay. Returns how many are let in. */
static uint32_t crowd(uint32_t address_key, uint32_t count, uint64_t now_ms) {
    uint32_t in = 0;
    for (uint32_t i = 0; i < count; i++) {
        handles[i] = come(address_key, next_token++, false, now_ms);
        in += hub_is_in_room(hub, handles[i]);
    }
    return in;
}

/* Comes and goes, until it is refused. */
static void churn(uint32_t address_key, uint64_t now_ms) {
    for (;;) {
        hub_handle handle = come(address_key, next_token++, false, now_ms);
        bool in = hub_is_in_room(hub, handle);
        if (in)
            say_at(handle, now_ms, LEAVE);
        disconnect_at(handle, now_ms);
        if (!in)
            return;
    }
}

static void an_address_that_fills_a_room_gives_places_to_others(void **state) {
    (void)state;
    assert_int_equal(crowd(HOSTILE, MEMBERS_MAX + 4, 0), MEMBERS_MAX);
    for (uint32_t i = 0; i < MEMBERS_MAX / 2; i++)
        assert_true(hub_is_in_room(hub, come(HONEST, next_token++, false, 0)));
    assert_int_equal(hub_stats(hub).members, MEMBERS_MAX);
    assert_false(hub_is_in_room(hub, come(HONEST, next_token++, false, 0))); /* half, no more */
    assert_false(hub_is_in_room(hub, come(HOSTILE, next_token++, false, 0)));
}

/* The one that loses the place is told why. */
static void the_last_to_come_loses_the_place(void **state) {
    (void)state;
    crowd(HOSTILE, MEMBERS_MAX, 0);
    come(HONEST, next_token++, false, 0);
    assert_error_at(0, handles[MEMBERS_MAX - 1], WIRE_ERROR_ROOM_FULL);
    assert_close_at((int)MEMBERS_MAX, handles[MEMBERS_MAX - 1],
                    wire_error_close_code(WIRE_ERROR_ROOM_FULL), WIRE_ERROR_ROOM_FULL);
}

/* A class behind one router gives one place to a stranger from elsewhere, and no more. */
static void people_who_met_give_way_to_the_first_of_another_address_only(void **state) {
    (void)state;
    for (uint32_t i = 0; i < MEMBERS_MAX; i++) {
        handles[i] = come(HOSTILE, next_token++, false, 0);
        make_acquainted(handles[i], 0);
    }
    assert_true(hub_is_in_room(hub, come(HONEST, next_token++, false, 0)));
    assert_false(hub_is_in_room(hub, come(HONEST, next_token++, false, 0)));
    assert_true(hub_is_in_room(hub, handles[0]));
}

static void people_of_many_addresses_give_way_to_nobody(void **state) {
    (void)state;
    for (uint32_t i = 0; i < MEMBERS_MAX; i++)
        assert_true(hub_is_in_room(hub, come(HONEST + i, next_token++, false, 0)));
    assert_false(hub_is_in_room(hub, come(99, next_token++, false, 0)));
}

/* Members who met nobody free their places as soon as they are gone. */
static void absent_members_who_met_nobody_keep_no_place(void **state) {
    (void)state;
    crowd(HOSTILE, MEMBERS_MAX, 0);
    for (uint32_t i = 0; i < MEMBERS_MAX; i++)
        disconnect_at(handles[i], 1000);
    assert_int_equal(hub_stats(hub).members, 0);
}

/* They claim that they were here before, which keeps their places only from their own address. */
static void the_absent_give_way_first(void **state) {
    (void)state;
    for (uint32_t i = 0; i < MEMBERS_MAX; i++)
        handles[i] = come(HOSTILE, next_token++, true, 0);
    for (uint32_t i = 0; i < MEMBERS_MAX - 1; i++)
        disconnect_at(handles[i], 1000);
    assert_int_equal(hub_stats(hub).absent, MEMBERS_MAX - 1);
    assert_true(hub_is_in_room(hub, come(HONEST, next_token++, false, 1000)));
    assert_int_equal(hub_stats(hub).absent, MEMBERS_MAX - 2);
    assert_true(hub_is_in_room(hub, handles[MEMBERS_MAX - 1]));
}

/* Six addresses attack for 90 seconds without a pause: anyone else who comes gets in at once. */
static void assert_others_get_in(void (*attack)(uint32_t number, uint64_t now_ms)) {
    uint32_t honest = 0;
    hub_handle owner = come(100, next_token++, false, 0);
    for (uint64_t now_ms = 0; now_ms < 90000; now_ms += 250) {
        for (uint32_t i = 0; i < 6; i++)
            attack(i, now_ms);
        if (now_ms % 5000 != 0)
            continue;
        hub_handle guest = come(200 + honest++, next_token++, false, now_ms);
        assert_true(hub_is_in_room(hub, guest));
        say_at(guest, now_ms, LEAVE);
        disconnect_at(guest, now_ms);
    }
    assert_true(hub_is_in_room(hub, owner));
}

static void churn_at(uint32_t number, uint64_t now_ms) {
    churn(HOSTILE + number, now_ms);
}

static void six_addresses_do_not_keep_a_room_busy(void **state) {
    (void)state;
    assert_others_get_in(churn_at);
}

/* Loses its connection and comes back with one token, until it is refused. */
static void return_without_end(uint32_t address_key, unsigned token, uint64_t now_ms) {
    for (;;) {
        hub_handle handle = come(address_key, token, true, now_ms);
        bool in = hub_is_in_room(hub, handle);
        disconnect_at(handle, now_ms);
        if (!in)
            return;
    }
}

static void return_and_churn_at(uint32_t number, uint64_t now_ms) {
    return_without_end(HOSTILE + number, 1000 + number, now_ms);
    churn(HOSTILE + number, now_ms);
}

static void six_addresses_that_come_back_do_not_keep_a_room_busy(void **state) {
    (void)state;
    assert_others_get_in(return_and_churn_at);
}

/* Two people share an address with a stranger who comes and goes. One reloads the page, which is a
 * goodbye and a join, or comes back before the server knows that the connection is lost. */
static void people_who_share_an_address_come_back_too(void **state) {
    (void)state;
    unsigned token = next_token++;
    come(100, next_token++, false, 0);
    hub_handle bea = come(100, token, false, 0);
    churn(HOSTILE, 1000);
    say_at(bea, 1000, LEAVE);
    disconnect_at(bea, 1000);
    bea = come(100, token, false, 1000);
    assert_true(hub_is_in_room(hub, bea));
    assert_true(hub_is_in_room(hub, come(100, token, true, 1000)));
}

/* Their place is kept, and the strangers cannot use up their way back. */
static void returning_members_have_a_reserve(void **state) {
    (void)state;
    come(100, next_token++, false, 0);
    unsigned token = next_token++;
    hub_handle ada = come(101, token, false, 0);
    make_acquainted(ada, 0);
    disconnect_at(ada, 0);
    for (uint32_t i = 0; i < 6; i++)
        churn(HOSTILE + i, 1000);
    assert_true(hub_is_in_room(hub, come(101, token, true, 1000)));
}

static bool returns(uint64_t now_ms, const char *type, const char *room, unsigned token) {
    char text[256];
    snprintf(text, sizeof text,
             "{\"type\":\"%s\",\"version\":%d,\"room\":\"%s\",\"token\":\"token-%016u\"}", type,
             WIRE_VERSION, room, token);
    return hub_returns(hub, now_ms, slice_of(text));
}

/* Members, present or absent, need not wait behind newcomers, unless they return too often. */
static void a_member_with_a_place_returns(void **state) {
    (void)state;
    const uint64_t soon_ms = HUB_RETURN_SECONDS * 1000 - 1, later_ms = soon_ms + 1;
    unsigned token = next_token++;
    hub_handle ada = come(HONEST, token, false, 0);
    make_acquainted(ada, 0);
    assert_false(returns(soon_ms, "join", "lobby", token));
    assert_true(returns(later_ms, "join", "LOBBY", token));
    assert_false(returns(later_ms, "join", "lobby", token + 1));
    assert_false(returns(later_ms, "join", "other-room", token));
    assert_false(returns(later_ms, "ping", "lobby", token));
    assert_false(hub_returns(hub, later_ms, slice_of("nonsense")));
    disconnect_at(ada, later_ms);
    assert_true(returns(later_ms, "join", "lobby", token));
    assert_true(hub_is_in_room(hub, come(HONEST, token, true, later_ms)));
    assert_false(returns(later_ms, "join", "lobby", token));
    assert_true(returns(2 * later_ms, "join", "lobby", token));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop_hub)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_address_that_fills_a_room_gives_places_to_others),
        TEST(the_last_to_come_loses_the_place),
        TEST(people_who_met_give_way_to_the_first_of_another_address_only),
        TEST(people_of_many_addresses_give_way_to_nobody),
        TEST(absent_members_who_met_nobody_keep_no_place),
        TEST(the_absent_give_way_first),
        TEST(six_addresses_do_not_keep_a_room_busy),
        TEST(six_addresses_that_come_back_do_not_keep_a_room_busy),
        TEST(people_who_share_an_address_come_back_too),
        TEST(returning_members_have_a_reserve),
        TEST(a_member_with_a_place_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
