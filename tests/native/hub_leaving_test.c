/* Members whose page is closed or reloaded: for the others they are gone, but they keep their
 * place for a while. */
#include "error.h"
#include "hub_driver.h"
#include "made_ids.h"

#include <stdio.h>
#include <string.h>

#define GRACE_MS 30000
#define CONNECTIONS 4u
#define MEMBERS_MAX 3u
#define ADA 1u
#define BEA 2u
#define CYD 3u
#define DAN 4u
#define ID_BYTES (WIRE_MEMBER_ID_BYTES + 1)
#define UNLOAD_MS 1000 /* when the page is unloaded */

static hub_handle ada, bea;
static char ada_id[ID_BYTES], bea_id[ID_BYTES];

static int setup(void **state) {
    (void)state;
    int error = start_hub(CONNECTIONS, 2, MEMBERS_MAX, GRACE_MS);
    all_meet = true;
    return error;
}

static void assert_stats(uint32_t connections, uint32_t members, uint32_t absent) {
    struct hub_stats stats = hub_stats(hub);
    assert_int_equal(stats.connections, connections);
    assert_int_equal(stats.members, members);
    assert_int_equal(stats.absent, absent);
}

static void unload(hub_handle handle, uint64_t now_ms) {
    say_at(handle, now_ms, UNLOAD);
    disconnect_at(handle, now_ms);
}

/* Ada and Bea are in the lobby; Bea reloads her page. */
static void bea_is_leaving(void) {
    ada = member_with("lobby", ADA, false, 0, ada_id);
    bea = member_with("lobby", BEA, false, 0, bea_id);
    say_at(bea, UNLOAD_MS, UNLOAD);
    assert_int_equal(sent_count, 2);
    assert_hears_left_for_now(0, ada, bea_id, true);
    assert_close_at(1, bea, 1000, WIRE_ERROR_COUNT);
    assert_int_equal(notes[HUB_NOTE_AWAY], 1);
    disconnect_at(bea, UNLOAD_MS);
    assert_int_equal(sent_count, 0);
    assert_stats(1, 2, 1);
}

static void its_place_waits_and_is_freed_without_a_word(void **state) {
    (void)state;
    bea_is_leaving();
    assert_int_equal(hub_deadline_ms(hub), UNLOAD_MS + HUB_LEAVING_MS);
    tick(UNLOAD_MS + HUB_LEAVING_MS - 1);
    assert_stats(1, 2, 1);
    tick(UNLOAD_MS + HUB_LEAVING_MS);
    assert_int_equal(sent_count, 0);
    assert_int_equal(notes[HUB_NOTE_LEFT], 1);
    assert_stats(1, 1, 0);
}

/* Otherwise a stranger could take the place in between. */
static void a_reload_keeps_its_place_in_a_full_room(void **state) {
    (void)state;
    char id[ID_BYTES], again[ID_BYTES];
    bea_is_leaving();
    hub_handle cyd = member_with("lobby", CYD, false, UNLOAD_MS, id);
    hub_handle dan = must_connect();
    join_with(dan, UNLOAD_MS + 1, "lobby", DAN, false);
    assert_refused(dan, WIRE_ERROR_ROOM_FULL);
    disconnect_at(dan, UNLOAD_MS + 1);
    hub_handle anew = member_with("lobby", BEA, false, UNLOAD_MS + 2, again);
    assert_string_equal(again, bea_id);
    assert_int_equal(sent_count, 3);
    assert_welcome(0, anew, bea_id, ada_id, id);
    assert_hears_joined(1, ada, bea_id, false);
    assert_hears_joined(2, cyd, bea_id, false);
    assert_stats(3, 3, 0);
}

static void a_reload_of_a_reload_keeps_its_place_before_it_met_anybody(void **state) {
    (void)state;
    char again[ID_BYTES];
    bea_is_leaving();
    all_meet = false;
    for (int i = 0; i < 3; i++) {
        unload(member_with("lobby", BEA, false, UNLOAD_MS, again), UNLOAD_MS);
        assert_stats(1, 2, 1);
    }
}

static void when_its_time_is_over_the_place_is_another_s(void **state) {
    (void)state;
    char id[ID_BYTES];
    bea_is_leaving();
    member_with("lobby", CYD, false, UNLOAD_MS, id);
    tick(UNLOAD_MS + HUB_LEAVING_MS);
    assert_true(hub_is_in_room(hub, member_with("lobby", DAN, false, 10000, id)));
    hub_handle late = must_connect();
    join_with(late, 10000, "lobby", BEA, false);
    assert_refused(late, WIRE_ERROR_ROOM_FULL);
}

static void no_newcomer_is_told_of_it_and_no_signal_finds_it(void **state) {
    (void)state;
    char id[ID_BYTES], text[128];
    bea_is_leaving();
    hub_handle cyd = member_with("lobby", CYD, false, UNLOAD_MS, id);
    assert_welcome(0, cyd, id, ada_id, NULL);
    snprintf(text, sizeof text, "{\"type\":\"ask\",\"to\":\"%s\"}", bea_id);
    say_at(ada, UNLOAD_MS, text);
    assert_int_equal(sent_count, 1);
    assert_error_at(0, ada, WIRE_ERROR_NO_SUCH_MEMBER);
}

/* For example, a page that comes out of the browser's cache. */
static void with_back_it_is_as_if_it_had_been_absent(void **state) {
    (void)state;
    char again[ID_BYTES];
    bea_is_leaving();
    hub_handle anew = member_with("lobby", BEA, true, 2000, again);
    assert_welcome(0, anew, bea_id, ada_id, NULL);
    assert_hears_joined(1, ada, bea_id, true);
    assert_int_equal(notes[HUB_NOTE_BACK], 1);
    disconnect_at(anew, 3000);
    assert_int_equal(hub_deadline_ms(hub), 3000 + GRACE_MS);
    tick(3000 + GRACE_MS);
    assert_hears_left(0, ada, bea_id, false);
}

static void the_lost_and_the_leaving_wait_each_for_their_time(void **state) {
    (void)state;
    char id[ID_BYTES];
    bea_is_leaving();
    disconnect_at(member_with("lobby", CYD, false, 0, id), UNLOAD_MS);
    assert_stats(1, 3, 2);
    tick(UNLOAD_MS + HUB_LEAVING_MS);
    assert_stats(1, 2, 1);
    assert_int_equal(hub_deadline_ms(hub), UNLOAD_MS + GRACE_MS);
    tick(UNLOAD_MS + GRACE_MS);
    assert_hears_left(0, ada, id, false);
    assert_stats(1, 1, 0);
}

/* If the hub's grace for lost members is shorter, it holds for these members too. */
static void no_place_is_kept_beyond_the_grace(void **state) {
    static const uint32_t graces_ms[] = {0, HUB_LEAVING_MS - 1};
    char id[ID_BYTES];
    for (size_t i = 0; i < sizeof graces_ms / sizeof *graces_ms; i++) {
        stop_hub(state);
        assert_int_equal(start_hub(CONNECTIONS, 2, MEMBERS_MAX, graces_ms[i]), PARLEY_OK);
        member_with("lobby", ADA, false, 0, id);
        unload(member_with("lobby", BEA, false, 0, id), 0);
        assert_stats(1, graces_ms[i] ? 2 : 1, graces_ms[i] ? 1 : 0);
        tick(graces_ms[i]);
        assert_stats(1, 1, 0);
    }
}

/* Otherwise sockets that come and go could fill a room. */
static void a_member_who_met_nobody_keeps_no_place(void **state) {
    (void)state;
    char id[ID_BYTES];
    all_meet = false;
    member_with("lobby", ADA, false, 0, id);
    unload(member_with("lobby", BEA, false, 0, id), 0);
    assert_stats(1, 1, 0);
}

static void they_count_among_the_absent_and_go_first(void **state) {
    (void)state;
    char id[ID_BYTES], lost_id[ID_BYTES];
    disconnect_at(member_with("lobby", ADA, false, 0, lost_id), 0);
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        unload(member_with("cellar", BEA + i % 2, false, 0, id), 0);
        assert_true(hub_stats(hub).absent <= CONNECTIONS);
    }
    assert_stats(0, 3, 3);
    disconnect_at(member_with("lobby", 10, false, 0, id), 0);
    assert_stats(0, 4, 4);
    disconnect_at(member_with("lobby", 11, false, 0, id), 0); /* a place in the cellar ends */
    assert_stats(0, 4, 4);
    assert_int_equal(hub_stats(hub).rooms, 2);
    assert_true(hub_is_in_room(hub, member_with("lobby", ADA, true, 0, id)));
    assert_int_equal(notes[HUB_NOTE_BACK], 1);
    assert_string_equal(id, lost_id);
}

static void a_server_that_goes_waits_for_nobody(void **state) {
    (void)state;
    bea_is_leaving();
    hub_drain(hub, 2000, 1000);
    collect();
    assert_int_equal(sent_count, 0);
    assert_stats(1, 1, 0);
    say_at(ada, 2000, UNLOAD);
    assert_stats(1, 0, 0);
}

static void a_room_of_nobody_else_is_the_same_after_a_reload(void **state) {
    (void)state;
    char id[ID_BYTES];
    unload(member_with("Lobby", ADA, false, 0, id), 0);
    assert_int_equal(hub_stats(hub).rooms, 1);
    hub_handle anew = member_with("lobby", ADA, false, 0, id);
    struct wire_message welcome = message_at(0, anew);
    assert_true(room_id_is(&welcome.room, "Lobby"));
    wire_message_deinit(&welcome);
    assert_stats(1, 1, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop_hub)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(its_place_waits_and_is_freed_without_a_word),
        TEST(a_reload_keeps_its_place_in_a_full_room),
        TEST(a_reload_of_a_reload_keeps_its_place_before_it_met_anybody),
        TEST(when_its_time_is_over_the_place_is_another_s),
        TEST(no_newcomer_is_told_of_it_and_no_signal_finds_it),
        TEST(with_back_it_is_as_if_it_had_been_absent),
        TEST(the_lost_and_the_leaving_wait_each_for_their_time),
        TEST(no_place_is_kept_beyond_the_grace),
        TEST(a_member_who_met_nobody_keeps_no_place),
        TEST(they_count_among_the_absent_and_go_first),
        TEST(a_server_that_goes_waits_for_nobody),
        TEST(a_room_of_nobody_else_is_the_same_after_a_reload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
