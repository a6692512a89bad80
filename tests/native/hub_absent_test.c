/* Members who lose their connection, and come back or do not. */
#include "error.h"
#include "hub_driver.h"
#include "made_ids.h"

#include <stdio.h>
#include <string.h>

#define GRACE_MS 30000
#define ADA 1u
#define BEA 2u
#define CYD 3u
#define ID_BYTES (WIRE_MEMBER_ID_BYTES + 1)
#define STORM 5000

static int setup(void **state) {
    (void)state;
    int error = start_hub(8, 3, 3, GRACE_MS);
    all_meet = true;
    return error;
}

/* Ada and Bea are in the lobby; Bea has lost her connection at 1,000 ms. */
struct scene {
    hub_handle ada, bea;
    char ada_id[ID_BYTES], bea_id[ID_BYTES];
};

static struct scene bea_is_absent(void) {
    struct scene scene;
    scene.ada = member_with("lobby", ADA, false, 0, scene.ada_id);
    scene.bea = member_with("lobby", BEA, false, 0, scene.bea_id);
    disconnect_at(scene.bea, 1000);
    return scene;
}

static void assert_stats(uint32_t connections, uint32_t members, uint32_t absent) {
    struct hub_stats stats = hub_stats(hub);
    assert_int_equal(stats.connections, connections);
    assert_int_equal(stats.members, members);
    assert_int_equal(stats.absent, absent);
}

/* Identity */

static void the_same_token_is_the_same_member_also_after_a_restart(void **state) {
    char before[ID_BYTES], after[ID_BYTES];
    member_with("lobby", ADA, false, 0, before);
    stop_hub(state);
    assert_int_equal(setup(state), PARLEY_OK);
    hub_handle bea = must_connect();
    join_with(bea, 0, "lobby", BEA, false);
    hub_handle ada = member_with("lobby", ADA, true, 0, after);
    assert_string_equal(before, after);
    assert_int_equal(sent_count, 2);
    assert_int_equal(sent[0].to, ada);
    assert_hears_joined(1, bea, before, true);
    assert_int_equal(notes[HUB_NOTE_JOINED], 1); /* this hub did not know her */
}

static void another_token_or_room_is_another_member(void **state) {
    (void)state;
    char ids[3][ID_BYTES];
    member_with("lobby", ADA, false, 0, ids[0]);
    member_with("lobby", BEA, true, 0, ids[1]);
    member_with("cellar", ADA, true, 0, ids[2]);
    assert_string_not_equal(ids[0], ids[1]);
    assert_string_not_equal(ids[0], ids[2]);
    assert_stats(3, 3, 0);
}

/* Everybody in the room knows an id, but nobody can take it without the token. */
static void an_id_is_no_token(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    char text[256];
    snprintf(text, sizeof text,
             "{\"type\":\"join\",\"version\":2,\"room\":\"lobby\",\"token\":\"%s\",\"back\":true}",
             scene.bea_id);
    hub_handle thief = must_connect();
    say(thief, text);
    struct wire_message welcome = message_at(0, thief);
    assert_false(member_id_is(&welcome.member, scene.bea_id));
    wire_message_deinit(&welcome);
    assert_stats(2, 3, 1);
}

static void a_member_returns_to_a_room_that_the_hub_made(void **state) {
    (void)state;
    char made[WIRE_ROOM_ID_BYTES_MAX + 1], id[ID_BYTES], again[ID_BYTES];
    hub_handle handle = member_with("", ADA, false, 0, id);
    struct wire_message welcome = message_at(0, handle);
    snprintf(made, sizeof made, "%.*s", welcome.room.len, welcome.room.bytes);
    wire_message_deinit(&welcome);
    disconnect_at(handle, 1000);
    member_with(made, ADA, true, 2000, again);
    assert_string_equal(id, again);
    assert_int_equal(notes[HUB_NOTE_BACK], 1);
}

/* Absence */

static void a_lost_socket_tells_nobody(void **state) {
    (void)state;
    bea_is_absent();
    assert_int_equal(sent_count, 0);
    assert_int_equal(notes[HUB_NOTE_AWAY], 1);
    assert_int_equal(notes[HUB_NOTE_LEFT], 0);
    assert_stats(1, 2, 1);
}

static void after_the_grace_the_others_hear_left_without_goodbye(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    assert_int_equal(hub_deadline_ms(hub), 1000 + GRACE_MS);
    tick(1000 + GRACE_MS - 1);
    assert_int_equal(sent_count, 0);
    tick(1000 + GRACE_MS);
    assert_int_equal(sent_count, 1);
    assert_hears_left(0, scene.ada, scene.bea_id, false);
    assert_int_equal(notes[HUB_NOTE_LEFT], 1);
    assert_stats(1, 1, 0);
    assert_true(hub_deadline_ms(hub) == NO_DEADLINE);
}

static void the_earlier_of_grace_and_join_timeout_is_due(void **state) {
    (void)state;
    hub_handle waiting;
    struct scene scene = bea_is_absent();
    assert_int_equal(connect_one(&waiting, 1000 + GRACE_MS - TIMEOUT_MS - 1), PARLEY_OK);
    assert_int_equal(hub_deadline_ms(hub), 1000 + GRACE_MS - 1);
    tick(1000 + GRACE_MS);
    assert_int_equal(sent_count, 3);
    assert_error_at(0, waiting, WIRE_ERROR_JOIN_TIMEOUT);
    assert_hears_left(2, scene.ada, scene.bea_id, false);
}

static void the_absent_are_still_listed_and_take_a_place(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    char cyd[ID_BYTES];
    hub_handle third = member_with("lobby", CYD, false, 2000, cyd);
    assert_int_equal(sent_count, 2);
    assert_welcome(0, third, cyd, scene.ada_id, scene.bea_id);
    assert_hears_joined(1, scene.ada, cyd, false);
    hub_handle fourth = must_connect();
    join(fourth, "lobby");
    assert_refused(fourth, WIRE_ERROR_ROOM_FULL);
    tick(1000 + GRACE_MS);
    fourth = must_connect();
    join_with(fourth, 1000 + GRACE_MS, "lobby", 4, false);
    assert_int_equal(notes[HUB_NOTE_JOINED], 1);
}

static void a_signal_to_somebody_absent_is_dropped_and_held_against_nobody(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    char text[256];
    snprintf(text, sizeof text, "{\"type\":\"offer\",\"to\":\"%s\",\"connection\":1,\"sdp\":\"v\"}",
             scene.bea_id);
    for (int i = 0; i < 2 * HUB_BAD_MESSAGES_MAX; i++) {
        say_at(scene.ada, 2000, text);
        assert_int_equal(sent_count, 0);
        assert_int_equal(notes[HUB_NOTE_REFUSED], 0);
    }
    char id[ID_BYTES];
    hub_handle bea = member_with("lobby", BEA, true, 3000, id);
    assert_int_equal(sent_count, 2); /* nothing was kept for her */
    say_at(scene.ada, 3000, text);
    assert_int_equal(sent_count, 1);
    assert_int_equal(sent[0].to, bea);
}

static void a_room_of_absent_members_is_there_until_the_last_grace_is_over(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    disconnect_at(scene.ada, 2000);
    assert_int_equal(sent_count, 0);
    tick(1000 + GRACE_MS);
    assert_int_equal(hub_stats(hub).rooms, 1);
    tick(2000 + GRACE_MS);
    assert_int_equal(hub_stats(hub).rooms, 0);
    assert_stats(0, 0, 0);
}

/* Coming back */

static void a_returning_member_keeps_its_place_and_the_others_can_hurry(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    char cyd[ID_BYTES], again[ID_BYTES];
    member_with("lobby", CYD, false, 2000, cyd);
    disconnect_at(scene.ada, 3000);
    hub_handle ada = member_with("lobby", ADA, true, 4000, again);
    assert_string_equal(again, scene.ada_id);
    assert_int_equal(sent_count, 2); /* only Cyd is there to be told */
    assert_welcome(0, ada, scene.ada_id, scene.bea_id, cyd);
    assert_int_equal(notes[HUB_NOTE_BACK], 1);
    hub_handle bea = member_with("lobby", BEA, true, 5000, again);
    assert_welcome(0, bea, scene.bea_id, scene.ada_id, cyd);
    assert_hears_joined(1, ada, scene.bea_id, true);
    assert_stats(3, 3, 0);
    tick(1000 + 2 * GRACE_MS);
    assert_int_equal(sent_count, 0);
}

/* After a reload, the conversations of the old page are gone. */
static void without_back_the_absent_one_left_and_a_new_one_comes_last(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    char cyd[ID_BYTES], again[ID_BYTES];
    hub_handle third = member_with("lobby", CYD, false, 2000, cyd);
    hub_handle bea = member_with("lobby", BEA, false, 3000, again);
    assert_string_equal(again, scene.bea_id);
    assert_int_equal(sent_count, 5);
    assert_hears_left_for_now(0, scene.ada, scene.bea_id, false);
    assert_hears_left_for_now(1, third, scene.bea_id, false);
    assert_welcome(2, bea, scene.bea_id, scene.ada_id, cyd);
    assert_hears_joined(3, scene.ada, scene.bea_id, false);
    assert_hears_joined(4, third, scene.bea_id, false);
    assert_int_equal(notes[HUB_NOTE_LEFT], 1);
    assert_int_equal(notes[HUB_NOTE_JOINED], 1);
    hub_handle late = must_connect();
    join(late, "lobby");
    assert_refused(late, WIRE_ERROR_ROOM_FULL);
    disconnect_at(scene.ada, 4000);
    hub_handle ada = member_with("lobby", ADA, true, 5000, again);
    assert_welcome(0, ada, scene.ada_id, cyd, scene.bea_id);
}

static void back_after_the_grace_is_a_new_member_that_says_so(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    char again[ID_BYTES];
    tick(1000 + GRACE_MS);
    hub_handle bea = member_with("lobby", BEA, true, 2000 + GRACE_MS, again);
    assert_int_equal(sent_count, 2);
    assert_welcome(0, bea, scene.bea_id, scene.ada_id, NULL);
    assert_hears_joined(1, scene.ada, scene.bea_id, true);
    assert_int_equal(notes[HUB_NOTE_JOINED], 1);
    tick(1000 + 3 * GRACE_MS);
    assert_int_equal(sent_count, 0);
}

static void back_asks_for_a_place_like_everybody_where_it_has_none(void **state) {
    (void)state;
    char id[ID_BYTES];
    for (int i = 0; i < 3; i++)
        member_of("lobby", id);
    hub_handle late = must_connect();
    join_with(late, 0, "lobby", ADA, true);
    assert_refused(late, WIRE_ERROR_ROOM_FULL);
}

static void a_second_absence_has_a_grace_of_its_own(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    char again[ID_BYTES];
    hub_handle bea = member_with("lobby", BEA, true, 20000, again);
    disconnect_at(bea, 25000);
    tick(1000 + GRACE_MS);
    assert_int_equal(sent_count, 0);
    assert_int_equal(hub_deadline_ms(hub), 25000 + GRACE_MS);
    tick(25000 + GRACE_MS);
    assert_hears_left(0, scene.ada, scene.bea_id, false);
}

/* Two connections of one token */

static void the_newer_connection_takes_the_place_of_the_older(void **state) {
    (void)state;
    char ada_id[ID_BYTES], bea_id[ID_BYTES], again[ID_BYTES];
    hub_handle old = member_with("lobby", ADA, false, 0, ada_id);
    hub_handle bea = member_with("lobby", BEA, false, 0, bea_id);
    hub_handle newer = member_with("lobby", ADA, true, 1000, again);
    assert_int_not_equal(old, newer);
    assert_int_equal(sent_count, 4);
    assert_error_at(0, old, WIRE_ERROR_REPLACED);
    assert_close_at(1, old, 1008, WIRE_ERROR_REPLACED);
    assert_welcome(2, newer, ada_id, bea_id, NULL);
    assert_hears_joined(3, bea, ada_id, true);
    say(old, "{\"type\":\"leave\"}");
    assert_int_equal(sent_count, 0);
    disconnect_at(old, 2000);
    assert_int_equal(sent_count, 0);
    assert_stats(2, 2, 0);
    hub_handle third = member_with("lobby", CYD, false, 3000, again);
    assert_welcome(0, third, again, ada_id, bea_id);
}

static void without_back_the_older_connection_has_left(void **state) {
    (void)state;
    char ada_id[ID_BYTES], bea_id[ID_BYTES], again[ID_BYTES];
    hub_handle old = member_with("lobby", ADA, false, 0, ada_id);
    hub_handle bea = member_with("lobby", BEA, false, 0, bea_id);
    hub_handle newer = member_with("lobby", ADA, false, 1000, again);
    assert_int_equal(sent_count, 5);
    assert_error_at(0, old, WIRE_ERROR_REPLACED);
    assert_hears_left_for_now(1, bea, ada_id, false);
    assert_close_at(2, old, 1008, WIRE_ERROR_REPLACED);
    assert_welcome(3, newer, ada_id, bea_id, NULL);
    assert_hears_joined(4, bea, ada_id, false);
    disconnect_at(old, 2000);
    assert_int_equal(sent_count, 0);
    hub_handle third = member_with("lobby", CYD, false, 3000, again);
    assert_welcome(0, third, again, bea_id, ada_id);
}

static void alone_in_a_room_one_can_be_replaced_too(void **state) {
    (void)state;
    char id[ID_BYTES];
    for (int i = 0; i < 2; i++) {
        hub_handle old = member_with("lobby", ADA, false, 0, id);
        hub_handle newer = member_with("lobby", ADA, i == 1, 0, id);
        assert_int_equal(sent_count, 3);
        disconnect_at(old, 0);
        assert_int_equal(hub_stats(hub).rooms, 1);
        assert_stats(1, 1, 0);
        say(newer, LEAVE);
        disconnect_at(newer, 0);
        assert_stats(0, 0, 0);
    }
}

/* How members go */

static void a_goodbye_is_no_absence(void **state) {
    (void)state;
    char ada_id[ID_BYTES], bea_id[ID_BYTES];
    hub_handle ada = member_with("lobby", ADA, false, 0, ada_id);
    hub_handle bea = member_with("lobby", BEA, false, 0, bea_id);
    say(bea, LEAVE);
    assert_int_equal(sent_count, 2);
    assert_hears_left(0, ada, bea_id, true);
    disconnect_at(bea, 0);
    assert_int_equal(sent_count, 0);
    assert_stats(1, 1, 0);
}

static void a_page_that_is_loaded_anew_says_so_in_its_goodbye(void **state) {
    (void)state;
    char ada_id[ID_BYTES], bea_id[ID_BYTES];
    hub_handle ada = member_with("lobby", ADA, false, 0, ada_id);
    hub_handle bea = member_with("lobby", BEA, false, 0, bea_id);
    say(bea, UNLOAD);
    assert_int_equal(sent_count, 2);
    assert_hears_left_for_now(0, ada, bea_id, true);
    disconnect_at(bea, 0);
    assert_stats(1, 2, 1);
}

static void breaking_the_rules_ends_the_membership_at_once(void **state) {
    (void)state;
    static const enum wire_error errors[] = {WIRE_ERROR_NOT_TEXT, WIRE_ERROR_NOT_UTF8,
                                             WIRE_ERROR_TOO_BIG};
    char ada_id[ID_BYTES], bea_id[ID_BYTES];
    hub_handle ada = member_with("lobby", ADA, false, 0, ada_id);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        hub_handle bea = member_with("lobby", BEA, false, 0, bea_id);
        hub_violation(hub, 0, bea, errors[i]);
        collect();
        assert_hears_left(1, ada, bea_id, false);
        disconnect_at(bea, 0);
        assert_stats(1, 1, 0);
    }
}

static hub_handle bea_was(enum wire_error error, hub_handle bea) {
    hub_violation(hub, 1000, bea, error);
    collect();
    assert_refused(bea, error);
    assert_int_equal(notes[HUB_NOTE_AWAY], 1);
    assert_stats(2, 2, 1);
    return bea;
}

static void a_member_that_was_too_slow_may_come_back_before_the_old_socket_is_closed(void **state) {
    (void)state;
    char ada_id[ID_BYTES], bea_id[ID_BYTES];
    hub_handle ada = member_with("lobby", ADA, false, 0, ada_id);
    hub_handle old = bea_was(WIRE_ERROR_TOO_SLOW, member_with("lobby", BEA, false, 0, bea_id));
    say_at(old, 1000, LEAVE); /* it is ignored */
    assert_int_equal(sent_count, 0);
    hub_handle bea = member_with("lobby", BEA, true, 2000, bea_id);
    assert_int_equal(sent_count, 2); /* nothing more to the old one */
    assert_welcome(0, bea, bea_id, ada_id, NULL);
    assert_hears_joined(1, ada, bea_id, true);
    assert_stats(3, 2, 0);
    disconnect_at(old, 3000);
    assert_int_equal(sent_count, 0);
    assert_stats(2, 2, 0);
}

static void a_member_that_was_too_fast_keeps_its_place_when_the_old_socket_is_closed(void **state) {
    (void)state;
    char ada_id[ID_BYTES], bea_id[ID_BYTES];
    hub_handle ada = member_with("lobby", ADA, false, 0, ada_id);
    disconnect_at(bea_was(WIRE_ERROR_TOO_FAST, member_with("lobby", BEA, false, 0, bea_id)), 2000);
    assert_int_equal(sent_count, 0);
    assert_stats(1, 2, 1);
    tick(1000 + GRACE_MS);
    assert_hears_left(0, ada, bea_id, false);
}

static void the_grace_of_who_was_too_slow_may_end_before_the_socket_does(void **state) {
    (void)state;
    char ada_id[ID_BYTES], bea_id[ID_BYTES];
    hub_handle ada = member_with("lobby", ADA, false, 0, ada_id);
    hub_handle bea = bea_was(WIRE_ERROR_TOO_SLOW, member_with("lobby", BEA, false, 0, bea_id));
    tick(1000 + GRACE_MS);
    assert_int_equal(sent_count, 1);
    assert_hears_left(0, ada, bea_id, false);
    assert_stats(2, 1, 0);
    disconnect_at(bea, 2000 + GRACE_MS);
    assert_stats(1, 1, 0);
}

static void shutting_down_forgets_the_absent(void **state) {
    (void)state;
    struct scene scene = bea_is_absent();
    hub_shut_down(hub, 2000);
    collect();
    assert_int_equal(sent_count, 2);
    assert_error_at(0, scene.ada, WIRE_ERROR_SHUTTING_DOWN);
    assert_close_at(1, scene.ada, 1001, WIRE_ERROR_SHUTTING_DOWN);
    assert_stats(1, 0, 0);
    assert_true(hub_deadline_ms(hub) == NO_DEADLINE);
    disconnect_at(scene.ada, 2000);
    assert_stats(0, 0, 0);
}

/* Limits */

static void the_absent_keep_no_connection_from_anybody(void **state) {
    (void)state;
    char id[ID_BYTES], room[16];
    hub_handle handles[8];
    for (int round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 8; i++) {
            snprintf(room, sizeof room, "room%u", i / 3);
            handles[i] = member_with(room, 10 * (unsigned)round + i % 3, false, 0, id);
        }
        hub_handle late;
        assert_int_equal(connect_one(&late, 0), PARLEY_ERR_FULL);
        for (int i = 0; i < 8; i++)
            disconnect_at(handles[i], 0);
        assert_stats(0, 8, 8);
        tick(GRACE_MS);
    }
}

static void too_many_absent_let_the_longest_absent_go(void **state) {
    (void)state;
    stop_hub(state);
    assert_int_equal(start_hub(2, 8, 8, GRACE_MS), PARLEY_OK);
    char ids[4][ID_BYTES];
    hub_handle stays = member_with("lobby", 9, false, 0, ids[3]);
    for (unsigned i = 0; i < 3; i++) {
        hub_handle handle = member_with("lobby", i, false, i, ids[i]);
        disconnect_at(handle, i);
        assert_int_equal(sent_count, i == 2 ? 1 : 0);
    }
    assert_hears_left(0, stays, ids[0], false);
    assert_stats(1, 3, 2);
}

static void a_deserted_room_goes_where_another_needs_its_place(void **state) {
    (void)state;
    char id[ID_BYTES];
    hub_handle first = member_with("room0", ADA, false, 0, id);
    hub_handle second = member_with("room1", BEA, false, 0, id);
    hub_handle third = member_with("room1", CYD, false, 0, id);
    hub_handle stays = member_with("room2", 4, false, 0, id);
    disconnect_at(second, 1);
    disconnect_at(third, 2);
    disconnect_at(first, 3);
    member_with("room3", 5, false, 4, id); /* in place of room1, which was deserted first */
    assert_int_equal(notes[HUB_NOTE_LEFT], 2);
    assert_int_equal(notes[HUB_NOTE_JOINED], 1);
    assert_int_equal(hub_stats(hub).rooms, 3);
    member_with("room0", ADA, true, 5, id);
    assert_int_equal(notes[HUB_NOTE_BACK], 1);
    hub_handle late = must_connect();
    join(late, "room4"); /* somebody is in each of the others */
    assert_refused(late, WIRE_ERROR_TOO_MANY_ROOMS);
    disconnect_at(stays, 6);
    member_with("room5", 6, false, 7, id);
    assert_stats(4, 3, 0);
}

/* Notes point to the room: it must not have another room's name by the time they are read. */
static void the_note_of_a_deserted_room_that_goes_names_it(void **state) {
    (void)state;
    stop_hub(state);
    assert_int_equal(start_hub(2, 1, 2, GRACE_MS), PARLEY_OK);
    char id[ID_BYTES];
    struct hub_action action;
    disconnect_at(member_with("lobby", ADA, false, 0, id), 0);
    static const char text[] = "{\"type\":\"join\",\"version\":2,\"room\":\"cellar\",\"token\":"
                               "\"0123456789012345678901\"}";
    hub_receive(hub, 1, must_connect(), slice_of(text));
    int left = 0;
    while (hub_next_action(hub, &action)) {
        if (action.kind != HUB_NOTE || action.note != HUB_NOTE_LEFT)
            continue;
        left++;
        assert_true(room_id_is(action.room, "lobby"));
        assert_true(member_id_is(action.member, id));
        assert_null(action.transport);
    }
    assert_int_equal(left, 1);
}

/* A switch in front of the server restarts: all are lost at once, and all come back. */
static void thousands_can_return_at_once(void **state) {
    (void)state;
    static hub_handle handles[STORM];
    char room[16], id[ID_BYTES];
    stop_hub(state);
    assert_int_equal(start_hub(STORM, STORM, 5, GRACE_MS), PARLEY_OK);
    for (unsigned i = 0; i < STORM; i++) {
        snprintf(room, sizeof room, "room%u", i / 5);
        handles[i] = member_with(room, i, false, 0, id);
    }
    for (int round = 0; round < 2; round++) {
        for (unsigned i = 0; i < STORM; i++)
            disconnect_at(handles[i], 1000);
        assert_stats(0, STORM, STORM);
        for (unsigned i = 0; i < STORM; i++) {
            unsigned token = (i * 7) % STORM; /* in another order */
            snprintf(room, sizeof room, "room%u", token / 5);
            handles[i] = member_with(room, token, true, 2000, id);
            assert_int_equal(notes[HUB_NOTE_BACK], 1);
        }
        assert_stats(STORM, STORM, 0);
    }
    assert_int_equal(hub_stats(hub).rooms, STORM / 5);
}

static void thousands_whose_grace_is_over_leave_in_batches(void **state) {
    (void)state;
    static hub_handle handles[STORM];
    char room[16], id[ID_BYTES];
    int left = 0, ticks = 0;
    stop_hub(state);
    assert_int_equal(start_hub(STORM, STORM, 64, GRACE_MS), PARLEY_OK);
    for (unsigned i = 0; i < STORM; i++) {
        snprintf(room, sizeof room, "room%u", i / 50);
        handles[i] = member_with(room, i, false, 0, id);
    }
    for (unsigned i = 0; i < STORM; i++)
        if (i % 50 != 0) /* one in each room hears it */
            disconnect_at(handles[i], 0);
    for (; hub_deadline_ms(hub) <= GRACE_MS; ticks++) {
        tick(GRACE_MS);
        left += notes[HUB_NOTE_LEFT];
    }
    assert_int_equal(left, STORM - STORM / 50);
    assert_in_range(ticks, 2, STORM);
    assert_stats(STORM / 50, STORM / 50, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop_hub)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_same_token_is_the_same_member_also_after_a_restart),
        TEST(another_token_or_room_is_another_member),
        TEST(an_id_is_no_token),
        TEST(a_member_returns_to_a_room_that_the_hub_made),
        TEST(a_lost_socket_tells_nobody),
        TEST(after_the_grace_the_others_hear_left_without_goodbye),
        TEST(the_earlier_of_grace_and_join_timeout_is_due),
        TEST(the_absent_are_still_listed_and_take_a_place),
        TEST(a_signal_to_somebody_absent_is_dropped_and_held_against_nobody),
        TEST(a_room_of_absent_members_is_there_until_the_last_grace_is_over),
        TEST(a_returning_member_keeps_its_place_and_the_others_can_hurry),
        TEST(without_back_the_absent_one_left_and_a_new_one_comes_last),
        TEST(back_after_the_grace_is_a_new_member_that_says_so),
        TEST(back_asks_for_a_place_like_everybody_where_it_has_none),
        TEST(a_second_absence_has_a_grace_of_its_own),
        TEST(the_newer_connection_takes_the_place_of_the_older),
        TEST(without_back_the_older_connection_has_left),
        TEST(alone_in_a_room_one_can_be_replaced_too),
        TEST(a_goodbye_is_no_absence),
        TEST(a_page_that_is_loaded_anew_says_so_in_its_goodbye),
        TEST(breaking_the_rules_ends_the_membership_at_once),
        TEST(a_member_that_was_too_slow_may_come_back_before_the_old_socket_is_closed),
        TEST(a_member_that_was_too_fast_keeps_its_place_when_the_old_socket_is_closed),
        TEST(the_grace_of_who_was_too_slow_may_end_before_the_socket_does),
        TEST(shutting_down_forgets_the_absent),
        TEST(the_absent_keep_no_connection_from_anybody),
        TEST(too_many_absent_let_the_longest_absent_go),
        TEST(a_deserted_room_goes_where_another_needs_its_place),
        TEST(the_note_of_a_deserted_room_that_goes_names_it),
        TEST(thousands_can_return_at_once),
        TEST(thousands_whose_grace_is_over_leave_in_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
