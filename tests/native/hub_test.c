/* Rooms, routing and refusals. hub_absent_test.c tests members who lose a connection. */
#include "error.h"
#include "hub_driver.h"
#include "id.h"
#include "made_ids.h"

#include <stdio.h>
#include <string.h>

#define JOIN "{\"type\":\"join\",\"version\":2,\"token\":\"AAAAAAAAAAAAAAAAAAAAAA\""
#define OFFER_TO(id) "{\"type\":\"offer\",\"to\":\"" id "\",\"connection\":1,\"sdp\":\"v=0\"}"

static int setup(void **state) {
    (void)state;
    return start_hub(8, 3, 3, 0);
}

static void welcome_names_room_self_and_ice_servers(void **state) {
    (void)state;
    hub_handle handle = must_connect();
    join(handle, "lobby");
    assert_int_equal(sent_count, 1);
    struct wire_message welcome = message_at(0, handle);
    assert_true(room_id_is(&welcome.room, "lobby"));
    assert_true(member_id_valid(member_id_text(&welcome.member)));
    assert_int_equal(welcome.version, WIRE_VERSION);
    assert_int_equal(welcome.member_count, 0);
    assert_int_equal(welcome.room_members_max, 3);
    assert_int_equal(welcome.ice_server_count, 1);
    assert_true(slice_equal(welcome.ice_servers[0].url, slice_of("stun:stun.example.org:3478")));
    wire_message_deinit(&welcome);
}

static void a_connection_may_have_a_stun_server_of_its_own_before_the_others(void **state) {
    (void)state;
    hub_handle own = must_connect(), other = must_connect();
    assert_int_equal(hub_set_stun(hub, own, slice_of("http://h")), PARLEY_ERR_ARGUMENT);
    assert_int_equal(hub_set_stun(hub, own, slice_of("stun:chat.example:1")), PARLEY_OK);
    assert_int_equal(hub_set_stun(hub, own, slice_of("")), PARLEY_ERR_ARGUMENT);
    join(other, "lobby");
    struct wire_message welcome = message_at(0, other);
    assert_int_equal(welcome.ice_server_count, 1);
    wire_message_deinit(&welcome);
    join(own, "lobby");
    welcome = message_at(0, own);
    assert_int_equal(welcome.ice_server_count, 2);
    assert_true(slice_equal(welcome.ice_servers[0].url, slice_of("stun:chat.example:1")));
    assert_true(slice_equal(welcome.ice_servers[1].url, slice_of("stun:stun.example.org:3478")));
    wire_message_deinit(&welcome);
}

static void join_without_room_makes_one_that_can_be_said(void **state) {
    (void)state;
    hub_handle handle = must_connect();
    say(handle, JOIN "}");
    struct wire_message welcome = message_at(0, handle);
    int words = 1;
    for (size_t i = 0; i < welcome.room.len; i++)
        words += welcome.room.bytes[i] == '-';
    assert_int_equal(words, ID_ROOM_WORDS);
    assert_true(room_id_valid(room_id_text(&welcome.room)));
    wire_message_deinit(&welcome);
}

/* Even with the same random number twice, nobody is put into somebody else's room. */
static void a_new_room_belongs_to_nobody(void **state) {
    (void)state;
    static const uint8_t random[HUB_RANDOM_BYTES] = {1, 2, 3};
    for (int i = 0; i < 3; i++) {
        hub_handle handle;
        assert_int_equal(hub_connect(hub, 0, NULL, random, &handle), PARLEY_OK);
        say(handle, JOIN "}");
        struct wire_message welcome = message_at(0, handle);
        assert_int_equal(welcome.member_count, 0);
        wire_message_deinit(&welcome);
    }
    assert_int_equal(hub_stats(hub).rooms, 3);
}

/* The first member's spelling counts; a token is the same member in any spelling of the room. */
static void a_room_is_the_same_in_any_case(void **state) {
    (void)state;
    char ann[WIRE_MEMBER_ID_BYTES + 1], bob[WIRE_MEMBER_ID_BYTES + 1];
    hub_handle first = member_with("Saturday-Tea", 1, false, 0, ann);
    hub_handle second = member_with("saturday-tea", 2, false, 0, bob);
    struct wire_message welcome = message_at(0, second);
    assert_true(room_id_is(&welcome.room, "Saturday-Tea"));
    assert_int_equal(welcome.member_count, 1);
    wire_message_deinit(&welcome);
    assert_int_equal(hub_stats(hub).rooms, 1);
    char again[WIRE_MEMBER_ID_BYTES + 1];
    member_with("SATURDAY-TEA", 1, true, 0, again);
    assert_string_equal(again, ann);
    assert_int_equal(hub_stats(hub).members, 2);
    disconnect_at(first, 0);
    member_with("Alone", 9, false, 0, again); /* the same in a room that is made again */
    member_with("alone", 9, false, 0, again);
    assert_string_equal(last_room, "Alone");
    say(member_with("Alone", 9, false, 0, again), LEAVE);
    member_with("Saturday_Tea", 3, false, 0, again); /* another name, in any case */
    assert_int_equal(hub_stats(hub).rooms, 2);
}

static void made_rooms_differ_with_the_random_bytes_and_ids_with_the_room(void **state) {
    (void)state;
    char rooms[2][64] = {"", ""}, ids[2][64] = {"", ""};
    for (int i = 0; i < 2; i++) {
        hub_handle handle = must_connect();
        say(handle, JOIN "}");
        struct wire_message welcome = message_at(0, handle);
        memcpy(rooms[i], welcome.room.bytes, welcome.room.len);
        memcpy(ids[i], welcome.member.bytes, sizeof welcome.member.bytes);
        wire_message_deinit(&welcome);
    }
    assert_string_not_equal(rooms[0], rooms[1]);
    assert_string_not_equal(ids[0], ids[1]);
}

static void an_unknown_room_id_is_a_new_room_of_that_id(void **state) {
    (void)state;
    hub_handle handle = must_connect();
    join(handle, "nobody-was-here_1");
    struct wire_message welcome = message_at(0, handle);
    assert_true(room_id_is(&welcome.room, "nobody-was-here_1"));
    wire_message_deinit(&welcome);
    assert_int_equal(hub_stats(hub).rooms, 1);
}

static void others_hear_who_joins_and_the_newcomer_who_is_there(void **state) {
    (void)state;
    char ada[32], bea[32];
    hub_handle first = member_of("lobby", ada);
    hub_handle second = member_of("lobby", bea);
    assert_int_equal(sent_count, 2);
    struct wire_message welcome = message_at(0, second), joined = message_at(1, first);
    assert_int_equal(welcome.member_count, 1);
    assert_true(member_id_is(&welcome.members[0], ada));
    assert_int_equal(joined.type, WIRE_JOINED);
    assert_true(member_id_is(&joined.member, bea));
    wire_message_deinit(&welcome);
    wire_message_deinit(&joined);
}

static void without_a_grace_others_hear_one_left_when_a_socket_ends(void **state) {
    (void)state;
    char ada[32], bea[32];
    hub_handle stays = member_of("lobby", ada), goes = member_of("lobby", bea);
    hub_disconnect(hub, 0, goes);
    collect();
    assert_int_equal(sent_count, 1);
    assert_hears_left(0, stays, bea, false);
}

static void others_hear_one_left_after_a_goodbye(void **state) {
    (void)state;
    char ada[32], bea[32];
    hub_handle stays = member_of("lobby", ada), goes = member_of("lobby", bea);
    say(goes, LEAVE);
    assert_int_equal(sent_count, 2);
    assert_hears_left(0, stays, bea, true);
    assert_close_at(1, goes, 1000, WIRE_ERROR_COUNT);
    hub_disconnect(hub, 0, goes);
    collect();
    assert_int_equal(sent_count, 0);
}

static void the_last_one_out_ends_the_room(void **state) {
    (void)state;
    char id[32];
    hub_handle handle = member_of("lobby", id);
    hub_disconnect(hub, 0, handle);
    collect();
    struct hub_stats stats = hub_stats(hub);
    assert_int_equal(stats.rooms, 0);
    assert_int_equal(stats.members, 0);
    assert_int_equal(stats.connections, 0);
}

static void a_signal_reaches_its_target_alone_with_the_true_sender(void **state) {
    (void)state;
    char ada[32], bea[32], cyd[32], text[256];
    hub_handle first = member_of("lobby", ada), second = member_of("lobby", bea);
    member_of("lobby", cyd);
    static const char *const forms[] = {
        "\"type\":\"offer\",\"sdp\":\"v=0\"", "\"type\":\"answer\",\"sdp\":\"v=0\"",
        "\"type\":\"candidate\",\"candidate\":\"\"", "\"type\":\"ask\""};
    for (int i = 0; i < 4; i++) {
        /* a forged "from" is not even read */
        snprintf(text, sizeof text, "{%s,\"connection\":7,\"for\":8,\"to\":\"%s\",\"from\":\"%s\"}",
                 forms[i], bea, cyd);
        say(first, text);
        assert_int_equal(sent_count, 1);
        struct wire_message message = message_at(0, second);
        assert_int_equal(message.type, WIRE_OFFER + i);
        assert_int_equal(message.connection, 7);
        assert_int_equal(message.target, 8);
        assert_true(member_id_is(&message.member, ada));
        assert_string_equal(last_target, bea);
        wire_message_deinit(&message);
    }
}

static void nothing_reaches_another_room(void **state) {
    (void)state;
    char ada[32], bea[32], text[256];
    hub_handle first = member_of("lobby", ada);
    member_of("cellar", bea);
    snprintf(text, sizeof text, OFFER_TO("%s"), bea);
    say(first, text);
    assert_refused(first, WIRE_ERROR_NO_SUCH_MEMBER);
}

static void nobody_can_signal_themselves_or_somebody_gone(void **state) {
    (void)state;
    char ada[32], text[256];
    hub_handle first = member_of("lobby", ada);
    snprintf(text, sizeof text, OFFER_TO("%s"), ada);
    say(first, text);
    assert_refused(first, WIRE_ERROR_NO_SUCH_MEMBER);
    say(first, OFFER_TO("AAAAAAAAAAAAAAAAAAAAAA"));
    assert_refused(first, WIRE_ERROR_NO_SUCH_MEMBER);
}

static void a_room_has_its_limit_and_a_place_again_when_one_leaves(void **state) {
    (void)state;
    char id[32];
    hub_handle first = member_of("lobby", id);
    member_of("lobby", id);
    member_of("lobby", id);
    hub_handle late = must_connect();
    join(late, "lobby");
    assert_refused(late, WIRE_ERROR_ROOM_FULL);
    hub_disconnect(hub, 0, first);
    collect();
    hub_handle lucky = must_connect();
    join(lucky, "lobby");
    struct wire_message welcome = message_at(0, lucky);
    assert_int_equal(welcome.member_count, 2);
    wire_message_deinit(&welcome);
}

static void rooms_have_their_limit_and_known_ones_stay_open(void **state) {
    (void)state;
    char id[32];
    member_of("room1", id);
    member_of("room2", id);
    member_of("room3", id);
    hub_handle late = must_connect();
    join(late, "room4");
    assert_refused(late, WIRE_ERROR_TOO_MANY_ROOMS);
    member_of("room3", id);
}

static void connections_have_their_limit_and_a_place_again(void **state) {
    (void)state;
    hub_handle handles[8], late;
    for (int i = 0; i < 8; i++)
        handles[i] = must_connect();
    assert_int_equal(connect_one(&late, 0), PARLEY_ERR_FULL);
    hub_disconnect(hub, 0, handles[3]);
    collect();
    assert_int_equal(connect_one(&late, 0), PARLEY_OK);
    assert_int_equal(late, handles[3]);
}

static void a_second_join_is_refused_and_changes_nothing(void **state) {
    (void)state;
    char ada[32];
    hub_handle first = member_of("lobby", ada);
    join(first, "cellar");
    assert_refused(first, WIRE_ERROR_JOINED_ALREADY);
    assert_int_equal(hub_stats(hub).rooms, 1);
}

static void join_comes_first_with_the_right_version_and_room(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum wire_error error;
    } cases[] = {
        {OFFER_TO("AAAAAAAAAAAAAAAAAAAAAA"), WIRE_ERROR_JOIN_FIRST},
        {"{\"type\":\"ask\",\"to\":\"AAAAAAAAAAAAAAAAAAAAAA\"}", WIRE_ERROR_JOIN_FIRST},
        {"{\"type\":\"join\",\"version\":1,\"room\":\"lobby\"}", WIRE_ERROR_BAD_VERSION},
        {"{\"type\":\"join\",\"version\":3}", WIRE_ERROR_BAD_VERSION},
        {JOIN ",\"room\":\"abc\"}", WIRE_ERROR_BAD_ROOM},
        {JOIN ",\"room\":\"a b c d\"}", WIRE_ERROR_BAD_ROOM},
        {JOIN ",\"back\":1}", WIRE_ERROR_BAD_MESSAGE},
        {"{\"type\":\"join\",\"version\":2}", WIRE_ERROR_BAD_MESSAGE},
        {"{\"type\":\"join\"}", WIRE_ERROR_BAD_MESSAGE},
        {"{\"type\":\"jion\",\"version\":2}", WIRE_ERROR_BAD_MESSAGE},
        {"hello", WIRE_ERROR_BAD_MESSAGE},
        {"", WIRE_ERROR_BAD_MESSAGE},
        {"{\"type\":\"\xFF\"}", WIRE_ERROR_NOT_UTF8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hub_handle handle = must_connect();
        say(handle, cases[i].text);
        assert_refused(handle, cases[i].error);
        hub_disconnect(hub, 0, handle);
        collect();
    }
}

static void bad_messages_are_borne_up_to_a_limit(void **state) {
    (void)state;
    char id[32];
    hub_handle handle = member_of("lobby", id);
    for (int i = 0; i < HUB_BAD_MESSAGES_MAX; i++) {
        say(handle, "nonsense");
        assert_refused(handle, WIRE_ERROR_BAD_MESSAGE);
    }
    say(handle, "nonsense");
    assert_refused(handle, WIRE_ERROR_TOO_MANY_BAD);
    assert_int_equal(hub_stats(hub).members, 0);
}

static void a_violation_costs_the_offender_alone(void **state) {
    (void)state;
    static const enum wire_error errors[] = {WIRE_ERROR_NOT_TEXT, WIRE_ERROR_NOT_UTF8,
                                             WIRE_ERROR_TOO_BIG, WIRE_ERROR_TOO_SLOW};
    char ada[32], bea[32];
    hub_handle stays = member_of("lobby", ada);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        hub_handle offender = member_of("lobby", bea);
        hub_violation(hub, 0, offender, errors[i]);
        collect();
        assert_int_equal(sent_count, 3);
        assert_error_at(0, offender, errors[i]);
        assert_int_equal(sent[1].to, stays); /* hears that somebody left */
        assert_close_at(2, offender, wire_error_close_code(errors[i]), errors[i]);
        hub_disconnect(hub, 0, offender);
        collect();
        assert_int_equal(sent_count, 0);
    }
}

static void a_ping_is_answered_before_and_after_the_join(void **state) {
    (void)state;
    hub_handle handle = must_connect();
    for (int i = 0; i < 2; i++) {
        say(handle, "{\"type\":\"ping\"}");
        assert_int_equal(sent_count, 1);
        struct wire_message pong = message_at(0, handle);
        assert_int_equal(pong.type, WIRE_PONG);
        wire_message_deinit(&pong);
        join(handle, "lobby");
    }
    assert_int_equal(hub_stats(hub).members, 1);
}

static void a_closing_member_is_not_heard(void **state) {
    (void)state;
    char ada[32], bea[32], text[256];
    hub_handle first = member_of("lobby", ada);
    hub_handle second = member_of("lobby", bea);
    say(second, LEAVE);
    snprintf(text, sizeof text, OFFER_TO("%s"), ada);
    say(second, text);
    assert_int_equal(sent_count, 0);
    join(second, "lobby");
    assert_int_equal(sent_count, 0);
    snprintf(text, sizeof text, OFFER_TO("%s"), bea);
    say(first, text);
    assert_refused(first, WIRE_ERROR_NO_SUCH_MEMBER);
}

static void only_a_connection_that_does_not_join_in_time_is_closed(void **state) {
    (void)state;
    char id[32];
    member_of("lobby", id);
    assert_true(hub_deadline_ms(hub) == NO_DEADLINE);
    hub_handle early, late;
    connect_one(&early, 1000);
    connect_one(&late, 2000);
    assert_int_equal(hub_deadline_ms(hub), 1000 + TIMEOUT_MS);
    hub_tick(hub, 1000 + TIMEOUT_MS - 1);
    collect();
    assert_int_equal(sent_count, 0);
    hub_tick(hub, 1000 + TIMEOUT_MS);
    collect();
    assert_refused(early, WIRE_ERROR_JOIN_TIMEOUT);
    assert_int_equal(hub_deadline_ms(hub), 2000 + TIMEOUT_MS);
    hub_disconnect(hub, 0, late);
    collect();
    assert_true(hub_deadline_ms(hub) == NO_DEADLINE);
}

static void shutting_down_tells_everybody_once(void **state) {
    (void)state;
    char id[32];
    hub_handle first = member_of("lobby", id), second = member_of("lobby", id);
    hub_handle third = must_connect();
    hub_shut_down(hub, 0);
    collect();
    assert_int_equal(sent_count, 6);
    hub_handle all[] = {first, second, third};
    for (int i = 0; i < 3; i++) {
        assert_error_at(2 * i, all[i], WIRE_ERROR_SHUTTING_DOWN);
        assert_close_at(2 * i + 1, all[i], 1001, WIRE_ERROR_SHUTTING_DOWN);
        hub_disconnect(hub, 0, all[i]);
    }
    collect();
    assert_int_equal(sent_count, 0);
    assert_int_equal(hub_stats(hub).connections, 0);
}

/* "from" is two bytes longer than "to": a message that just fits can become too long. */
static void a_message_that_grows_past_the_limit_is_refused_not_fatal(void **state) {
    (void)state;
    char ada[32], bea[32];
    hub_handle first = member_of("lobby", ada), second = member_of("lobby", bea);
    struct buffer text;
    buffer_init(&text, WIRE_MESSAGE_BYTES_MAX);
    char head[128];
    snprintf(head, sizeof head, "{\"type\":\"offer\",\"to\":\"%s\",\"connection\":1,\"sdp\":\"",
             bea);
    buffer_append(&text, slice_of(head));
    while (text.len + 4 <= WIRE_MESSAGE_BYTES_MAX)
        buffer_append(&text, slice_of("\\n"));
    while (text.len + 2 < WIRE_MESSAGE_BYTES_MAX)
        buffer_append(&text, slice_of("x"));
    buffer_append(&text, slice_of("\"}"));
    assert_int_equal(text.len, WIRE_MESSAGE_BYTES_MAX);
    hub_receive(hub, 0, first, buffer_slice(&text));
    collect();
    buffer_deinit(&text);
    assert_int_equal(sent_count, 3);
    assert_error_at(0, first, WIRE_ERROR_TOO_BIG);
    assert_hears_left(1, second, ada, false);
    assert_close_at(2, first, 1009, WIRE_ERROR_TOO_BIG);
}

static void many_timeouts_at_once_come_in_batches(void **state) {
    (void)state;
    stop_hub(state);
    assert_int_equal(start_hub(2000, 3, 3, 0), PARLEY_OK);
    uint32_t refused = 0;
    for (int i = 0; i < 2000; i++)
        must_connect();
    while (hub_deadline_ms(hub) <= TIMEOUT_MS) {
        hub_tick(hub, TIMEOUT_MS);
        collect();
        refused += (uint32_t)notes[HUB_NOTE_REFUSED];
    }
    assert_int_equal(refused, 2000);
}

static void notes_tell_joins_leaves_refusals_and_messages(void **state) {
    (void)state;
    hub_handle handle = must_connect();
    join(handle, "lobby");
    assert_int_equal(notes[HUB_NOTE_JOINED], 1);
    assert_int_equal(notes[HUB_NOTE_MESSAGE], 1);
    assert_int_equal(notes[HUB_NOTE_SENT], 1);
    assert_string_equal(last_target, "");
    say(handle, "nonsense");
    assert_int_equal(notes[HUB_NOTE_REFUSED], 1);
    say(handle, LEAVE);
    assert_int_equal(notes[HUB_NOTE_LEFT], 1);
}

static void limits_out_of_bounds_are_an_argument_error(void **state) {
    (void)state;
    struct hub_config good = {
        .connections_max = 1, .rooms_max = 1, .room_members_max = WIRE_ROOM_MEMBERS_MAX};
    struct hub_config bad[] = {good, good, good, good, good, good};
    bad[0].connections_max = 0;
    bad[1].rooms_max = 0;
    bad[2].room_members_max = 0;
    bad[3].room_members_max = WIRE_ROOM_MEMBERS_MAX + 1;
    bad[5].connections_max = UINT32_MAX / 2;
    bad[4].ice_server_count = HUB_ICE_SERVERS_MAX + 1;
    struct hub *other;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(hub_create(&other, &bad[i]), PARLEY_ERR_ARGUMENT);
    assert_int_equal(hub_create(&other, &good), PARLEY_OK);
    hub_destroy(other);
}

static void ice_servers_that_no_welcome_could_carry_are_an_argument_error(void **state) {
    (void)state;
    char secret[WIRE_ICE_FIELD_BYTES_MAX];
    struct wire_ice_server servers[HUB_ICE_SERVERS_MAX];
    struct hub_config config = {.connections_max = 1,
                                .rooms_max = 1,
                                .room_members_max = WIRE_ROOM_MEMBERS_MAX,
                                .ice_servers = servers,
                                .ice_server_count = HUB_ICE_SERVERS_MAX};
    struct hub *other;
    static const char fills[] = {'"', 'x', '\xFF'};
    static const int results[] = {PARLEY_ERR_ARGUMENT, PARLEY_OK, PARLEY_ERR_ARGUMENT};
    for (int i = 0; i < 3; i++) {
        memset(secret, fills[i], sizeof secret);
        for (int k = 0; k < HUB_ICE_SERVERS_MAX; k++)
            servers[k] = (struct wire_ice_server){
                slice_of("turn:h"), {secret, sizeof secret}, {secret, sizeof secret}};
        assert_int_equal(hub_create(&other, &config), results[i]);
        hub_destroy(other);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop_hub)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(welcome_names_room_self_and_ice_servers),
        TEST(a_connection_may_have_a_stun_server_of_its_own_before_the_others),
        TEST(join_without_room_makes_one_that_can_be_said),
        TEST(a_new_room_belongs_to_nobody),
        TEST(a_room_is_the_same_in_any_case),
        TEST(made_rooms_differ_with_the_random_bytes_and_ids_with_the_room),
        TEST(an_unknown_room_id_is_a_new_room_of_that_id),
        TEST(others_hear_who_joins_and_the_newcomer_who_is_there),
        TEST(without_a_grace_others_hear_one_left_when_a_socket_ends),
        TEST(others_hear_one_left_after_a_goodbye),
        TEST(the_last_one_out_ends_the_room),
        TEST(a_signal_reaches_its_target_alone_with_the_true_sender),
        TEST(nothing_reaches_another_room),
        TEST(nobody_can_signal_themselves_or_somebody_gone),
        TEST(a_room_has_its_limit_and_a_place_again_when_one_leaves),
        TEST(rooms_have_their_limit_and_known_ones_stay_open),
        TEST(connections_have_their_limit_and_a_place_again),
        TEST(a_second_join_is_refused_and_changes_nothing),
        TEST(join_comes_first_with_the_right_version_and_room),
        TEST(bad_messages_are_borne_up_to_a_limit),
        TEST(a_violation_costs_the_offender_alone),
        TEST(a_ping_is_answered_before_and_after_the_join),
        TEST(a_closing_member_is_not_heard),
        TEST(only_a_connection_that_does_not_join_in_time_is_closed),
        TEST(shutting_down_tells_everybody_once),
        TEST(a_message_that_grows_past_the_limit_is_refused_not_fatal),
        TEST(many_timeouts_at_once_come_in_batches),
        TEST(notes_tell_joins_leaves_refusals_and_messages),
        TEST(ice_servers_that_no_welcome_could_carry_are_an_argument_error),
        TEST(limits_out_of_bounds_are_an_argument_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
