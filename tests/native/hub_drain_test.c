/* A hub that sends its people to another server, one after the other. */
#include "hub_driver.h"

#include <stdio.h>

#define ID_BYTES (WIRE_MEMBER_ID_BYTES + 1)
#define GRACE_MS 30000
#define START_MS 5000
#define DRAIN_MS 8000

static int setup(void **state) {
    (void)state;
    int error = start_hub(500, 100, 4, GRACE_MS);
    all_meet = true;
    return error;
}

static void drain(uint64_t now_ms) {
    hub_drain(hub, now_ms, DRAIN_MS);
    collect();
}

/* Only |who| is told, and closed. */
static void assert_sent_away(hub_handle who) {
    assert_int_equal(sent_count, 2);
    assert_error_at(0, who, WIRE_ERROR_RESTARTING);
    assert_close_at(1, who, 1012, WIRE_ERROR_RESTARTING);
}

static void people_are_told_one_by_one_and_the_others_hear_nothing(void **state) {
    (void)state;
    char id[ID_BYTES];
    hub_handle people[4];
    for (int i = 0; i < 4; i++)
        people[i] = member_of("lobby", id);
    assert_false(hub_is_draining(hub));
    drain(START_MS);
    assert_true(hub_is_draining(hub));
    assert_int_equal(sent_count, 0);
    for (int i = 0; i < 4; i++) {
        uint64_t due_ms = START_MS + (uint64_t)i * DRAIN_MS / 4;
        assert_int_equal(hub_deadline_ms(hub), due_ms);
        if (i > 0)
            tick(due_ms - 1);
        assert_true(i == 0 || sent_count == 0);
        tick(due_ms);
        assert_sent_away(people[i]);
        assert_int_equal(notes[HUB_NOTE_LEFT], 1);
        disconnect_at(people[i], due_ms);
        assert_int_equal(sent_count, 0);
    }
    assert_true(hub_deadline_ms(hub) == NO_DEADLINE);
    assert_int_equal(hub_stats(hub).rooms, 0);
}

static void nobody_joins_any_more(void **state) {
    (void)state;
    char id[ID_BYTES];
    hub_handle ada = member_with("lobby", 1, false, 0, id);
    drain(START_MS);
    hub_handle bea = must_connect();
    join_with(bea, START_MS, "lobby", 2, false);
    assert_refused(bea, WIRE_ERROR_RESTARTING);
    hub_handle again = must_connect();
    join_with(again, START_MS, "lobby", 1, true);
    assert_refused(again, WIRE_ERROR_RESTARTING);
    assert_true(hub_is_in_room(hub, ada));
}

/* Until a member is told to go, it gets signals from others, and is told who leaves for good. */
static void members_can_still_talk(void **state) {
    (void)state;
    char ada_id[ID_BYTES], bea_id[ID_BYTES], text[128];
    hub_handle ada = member_of("lobby", ada_id), bea = member_of("lobby", bea_id);
    hub_handle cyd = member_of("lobby", text);
    drain(START_MS);
    snprintf(text, sizeof text, "{\"type\":\"ask\",\"to\":\"%s\"}", bea_id);
    say_at(ada, START_MS, text);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].to, bea);
    say_at(ada, START_MS, LEAVE);
    assert_hears_left(0, bea, ada_id, true);
    assert_hears_left(1, cyd, ada_id, true);
}

/* They come back on the other server: this one keeps no place for them. */
static void a_member_who_lost_its_connection_is_forgotten_without_a_word(void **state) {
    (void)state;
    char id[ID_BYTES];
    hub_handle ada = member_of("lobby", id), bea = member_of("lobby", id);
    hub_handle cyd = member_of("lobby", id);
    disconnect_at(ada, 1000);
    assert_int_equal(hub_stats(hub).absent, 1);
    drain(START_MS);
    assert_int_equal(sent_count, 0);
    disconnect_at(bea, START_MS);
    assert_int_equal(sent_count, 0);
    assert_int_equal(hub_stats(hub).members, 1);
    tick(START_MS);
    assert_sent_away(cyd);
}

/* The number of members at the start determines the rate. Those who go by themselves leave gaps. */
static void members_who_go_by_themselves_delay_nobody(void **state) {
    (void)state;
    char id[ID_BYTES];
    hub_handle people[4];
    for (int i = 0; i < 4; i++)
        people[i] = member_of("lobby", id);
    drain(START_MS);
    disconnect_at(people[0], START_MS);
    disconnect_at(people[2], START_MS);
    tick(START_MS);
    assert_sent_away(people[1]);
    tick(START_MS + DRAIN_MS / 4);
    assert_sent_away(people[3]);
    tick(START_MS + DRAIN_MS / 2);
    assert_int_equal(sent_count, 0);
    assert_true(hub_deadline_ms(hub) == NO_DEADLINE);
}

static void a_late_tick_sends_all_who_are_due(void **state) {
    (void)state;
    char id[ID_BYTES], room[16];
    for (int i = 0; i < 200; i++) {
        snprintf(room, sizeof room, "room-%d", i / 4);
        member_of(room, id);
    }
    drain(START_MS);
    int told = 0;
    while (hub_deadline_ms(hub) <= START_MS + DRAIN_MS / 2) {
        tick(START_MS + DRAIN_MS / 2);
        told += sent_count / 2;
    }
    assert_int_equal(told, 101); /* the first at once */
}

static void a_second_drain_changes_nothing_and_shutting_down_ends_it(void **state) {
    (void)state;
    char id[ID_BYTES];
    hub_handle ada = member_of("lobby", id);
    member_of("lobby", id);
    drain(START_MS);
    tick(START_MS);
    drain(START_MS + 1);
    assert_int_equal(hub_deadline_ms(hub), START_MS + DRAIN_MS / 2);
    disconnect_at(ada, START_MS + 1);
    hub_shut_down(hub, START_MS + 2);
    collect();
    assert_int_equal(sent_count, 2);
    assert_error_at(0, sent[0].to, WIRE_ERROR_SHUTTING_DOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop_hub)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(people_are_told_one_by_one_and_the_others_hear_nothing),
        TEST(nobody_joins_any_more),
        TEST(members_can_still_talk),
        TEST(a_member_who_lost_its_connection_is_forgotten_without_a_word),
        TEST(members_who_go_by_themselves_delay_nobody),
        TEST(a_late_tick_sends_all_who_are_due),
        TEST(a_second_drain_changes_nothing_and_shutting_down_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
