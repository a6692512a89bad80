/* Failures and recovery: real cores and the real hub (world.h). */
#include "chat_debug.h"
#include "dialing.h"
#include "mesh.h"
#include "mesh_check.h"
#include "people.h"
#include "room.h"
#include "signaling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void happen(int page, int other, enum event_kind kind, uint32_t code) {
    world_do_peer(world, page, world_peer(world, page, other), kind, code, (struct slice){0});
}

static void assert_nothing_was_said(int page) {
    assert_int_equal(lines(page, LINE_LEFT, NULL), 0);
    assert_int_equal(lines(page, LINE_LOST, NULL), 0);
    assert_int_equal(lines(page, LINE_JOINED, NULL) + lines(page, LINE_HERE, NULL),
                     status(page).member_count - 1);
}

static void assert_all_connected(int count) {
    for (int page = 0; page < count; page++) {
        assert_int_equal(status(page).member_count, count);
        for (uint32_t k = 1; k < (uint32_t)count; k++)
            assert_int_equal(member(page, k).state, CONTACT_CONNECTED);
    }
}

/* Links */

static void a_channel_that_closed_is_replaced_without_a_word(void **state) {
    (void)state;
    for (int who = 0; who < 2; who++) { /* one of them is the polite one */
        meet(2);
        uint32_t colour = member(0, 1).colour;
        happen(who, 1 - who, EVENT_CHANNEL_CLOSED, 0);
        assert_all_connected(2);
        assert_nothing_was_said(0);
        assert_nothing_was_said(1);
        assert_int_equal(member(0, 1).colour, colour);
        say(0, "again");
        assert_int_equal(lines(1, LINE_TEXT, "again"), 1);
        people_teardown(state);
        people_setup(state);
    }
}

static void texts_of_a_dead_connection_come_once_and_in_order_on_the_next(void **state) {
    (void)state;
    meet(2);
    say(0, "one");
    world_cut(world, 0, 1, true);
    say(0, "two");
    say(0, "three");
    say(1, "und?");
    assert_int_equal(lines(1, LINE_TEXT, NULL), 2); /* its own, and "one" */
    world->hold_answers = true;
    world_pass(world, SESSION_QUIET_MS + SESSION_ANSWER_MS);
    assert_int_not_equal(member(0, 1).state, CONTACT_CONNECTED);
    happen(0, 1, EVENT_CHANNEL_CLOSED, 0);
    happen(1, 0, EVENT_CHANNEL_CLOSED, 0);
    world->hold_answers = false;
    world_pass(world, 2 * LINK_ATTEMPT_MS);
    assert_all_connected(2);
    static const char *const texts[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++)
        assert_int_equal(lines(1, LINE_TEXT, texts[i]), 1);
    assert_int_equal(lines(0, LINE_TEXT, "und?"), 1);
    struct line_view line;
    chat_line_view(world->pages[1].chat, status(1).line_end - 1, &line);
    assert_same(line.text, "three");
    assert_nothing_was_said(0);
}

static void texts_said_meanwhile_are_kept(void **state) {
    (void)state;
    meet(2);
    world->hold_answers = true;
    happen(0, 1, EVENT_CHANNEL_CLOSED, 0);
    happen(1, 0, EVENT_CHANNEL_CLOSED, 0);
    assert_int_equal(member(0, 1).state, CONTACT_RECONNECTING);
    assert_true(status(0).text.len > 0);
    say(0, "later");
    assert_int_equal(lines(1, LINE_TEXT, NULL), 0);
    world->hold_answers = false;
    happen(0, 1, EVENT_PEER_FAILED, 0);
    world_pass(world, 2 * LINK_ATTEMPT_MS);
    assert_int_equal(lines(1, LINE_TEXT, "later"), 1);
}

static void silence_is_noticed_in_time(void **state) {
    (void)state;
    meet(2);
    world_cut(world, 0, 1, true);
    world->hold_answers = true; /* no other connection comes at once */
    world_pass(world, SESSION_QUIET_MS + SESSION_ANSWER_MS - 1);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    world_pass(world, 1);
    assert_int_equal(member(0, 1).state, CONTACT_RECONNECTING);
}

/* Both may break at once, so the page also checks its connection to the server. */
static void a_broken_link_makes_the_page_check_the_server(void **state) {
    (void)state;
    meet(2);
    world_pass(world, 2 * DIALING_STEADY_MS);
    uint32_t before = world->pages[0].signals_sent;
    happen(0, 1, EVENT_PEER_STATE, EVENT_PEER_STATE_DISCONNECTED);
    assert_int_equal(world->pages[0].signals_sent, before);
    world_pass(world, 1);
    assert_int_equal(world->pages[0].signals_sent, before + 1);
    assert_all_connected(2);
}

static void quiet_people_stay_connected(void **state) {
    (void)state;
    meet(3);
    world_pass(world, 3600000);
    assert_all_connected(3);
    assert_nothing_was_said(0);
}

static void an_outage_is_said_once_with_a_reason_and_so_is_its_end(void **state) {
    (void)state;
    meet(2);
    world->no_relay = world->hold_answers = true;
    happen(0, 1, EVENT_CHANNEL_CLOSED, 0);
    happen(1, 0, EVENT_CHANNEL_CLOSED, 0);
    world_pass(world, 10 * LINK_ATTEMPT_MS);
    assert_int_equal(lines(0, LINE_LOST, NULL), 1);
    assert_true(member(0, 1).reason.len > 0);
    world->hold_answers = false;
    for (int page = 0; page < 2; page++)
        for (int i = 0; i < WORLD_CONNECTIONS_MAX; i++)
            if (world->pages[page].connections[i].peer)
                world_do_peer(world, page, world->pages[page].connections[i].peer,
                              EVENT_PEER_FAILED, 0, (struct slice){0});
    world_pass(world, 2 * (LINK_PAUSE_MAX_MS + LINK_ATTEMPT_MS));
    assert_all_connected(2);
    assert_int_equal(lines(0, LINE_HERE, "Connected to Bea again"), 1);
    assert_int_equal(lines(0, LINE_LOST, NULL), 1);
}

static void offline_is_said_where_something_is_wrong(void **state) {
    (void)state;
    meet(2);
    struct event offline = {
        .kind = EVENT_WAKE, .code = EVENT_WAKE_OFFLINE, .now_ms = world->now_ms};
    assert_int_equal(chat_handle(world->pages[0].chat, &offline), 0);
    while (chat_next_action(world->pages[0].chat)) {
    }
    assert_int_equal(status(0).text.len, 0); /* there is still no problem */
    world_kill_server(world);
    assert_same(status(0).text, "This device is offline. Parley goes on when it is back.");
    world_start_server(world);
    world_do(world, 0, EVENT_WAKE, ""); /* visible: it is not offline */
    world_pass(world, DIALING_PAUSE_MAX_MS);
    assert_int_equal(status(0).text.len, 0);
}

static void offline_wins_over_whatever_else_happened(void **state) {
    (void)state;
    meet(2);
    world_kill_server(world);
    for (uint32_t what = 0; what < EVENT_WAKE_COUNT; what++) {
        world_do_peer(world, 0, 1, EVENT_WAKE, what, (struct slice){0});
        assert_same(status(0).text, "This device is offline. Parley goes on when it is back.");
        world_do_peer(world, 0, 0, EVENT_WAKE, EVENT_WAKE_VISIBLE, (struct slice){0});
        assert_false(slice_equal(status(0).text,
                                 slice_of("This device is offline. Parley goes on when it is "
                                          "back.")));
    }
}

/* The server */

static void a_lost_socket_is_no_departure(void **state) {
    (void)state;
    meet(3);
    world_drop_socket(world, 1);
    world_do(world, 1, EVENT_SERVER_CLOSED, "");
    assert_int_equal(status(1).server, JOIN_STATE_LOST);
    say(1, "still here");
    world_pass(world, DIALING_PAUSE_FIRST_MS);
    assert_int_equal(status(1).server, JOIN_STATE_JOINED);
    world_pass(world, 2 * WORLD_GRACE_MS);
    assert_all_connected(3);
    assert_int_equal(lines(0, LINE_LEFT, NULL), 0);
    assert_int_equal(lines(0, LINE_TEXT, "still here"), 1);
}

static void a_vanished_member_is_gone_after_the_grace_in_one_line(void **state) {
    (void)state;
    meet(2);
    world->pages[1].asleep = true;
    world_drop_socket(world, 1);
    happen(0, 1, EVENT_CHANNEL_CLOSED, 0);
    assert_int_equal(member(0, 1).state, CONTACT_RECONNECTING);
    world_pass(world, WORLD_GRACE_MS - 1);
    assert_int_equal(lines(0, LINE_LEFT, NULL), 0);
    world_pass(world, 1);
    assert_int_equal(lines(0, LINE_LEFT, "Bea left"), 1);
    assert_int_equal(status(0).member_count, 1);
}

static void a_member_who_only_lost_the_server_is_not_gone(void **state) {
    (void)state;
    meet(2);
    world_drop_socket(world, 1); /* and Bea's page does not notice */
    world_pass(world, WORLD_GRACE_MS + 1);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    assert_int_equal(lines(0, LINE_LEFT, NULL), 0);
    world->pages[1].asleep = true; /* now the link dies, too */
    world_pass(world, SESSION_QUIET_MS + SESSION_ANSWER_MS + PRESENCE_UNLISTED_MS);
    assert_int_equal(lines(0, LINE_LEFT, NULL), 0); /* the page asks the server first */
    world_pass(world, SIGNALING_ANSWER_MS + 2000);
    assert_int_equal(lines(0, LINE_LEFT, "Bea left"), 1);
}

/* The page's connections to four others, as one number. */
static uint64_t connections_of(int page) {
    uint64_t sum = 0;
    for (int other = 0; other < 5; other++)
        sum = sum * 1000 + (other == page ? 0 : world_peer(world, page, other));
    return sum;
}

static void a_killed_server_takes_nothing_along(void **state) {
    (void)state;
    meet(5);
    uint64_t connections[5];
    for (int page = 0; page < 5; page++)
        connections[page] = connections_of(page);
    world_kill_server(world);
    for (int page = 0; page < 5; page++) {
        assert_int_equal(status(page).server, JOIN_STATE_LOST);
        say(page, "while it is away");
    }
    world_pass(world, 10000);
    world_start_server(world);
    world_pass(world, DIALING_PAUSE_MAX_MS);
    for (int page = 0; page < 5; page++) {
        assert_int_equal(status(page).server, JOIN_STATE_JOINED);
        assert_int_equal(lines(page, LINE_TEXT, "while it is away"), 5);
        assert_nothing_was_said(page);
    }
    assert_all_connected(5);
    world_pass(world, 2 * PRESENCE_UNLISTED_MS);
    assert_all_connected(5);
    for (int page = 0; page < 5; page++) /* through the same channels as before */
        assert_int_equal(connections_of(page), connections[page]);
    world_do(world, 0, EVENT_UNLOAD, "");   /* five is full */
    world_pass(world, PRESENCE_LEAVING_MS); /* a reload keeps its place for so long */
    world_start(world, 5, "Fay", "lobby");
    assert_int_equal(member(5, 4).state, CONTACT_CONNECTED);
    say(5, "hello");
    assert_int_equal(lines(1, LINE_TEXT, "hello"), 1);
}

/* The new server is there when the last of five people has been sent away. */
static void a_server_that_restarts_hands_everybody_over(void **state) {
    (void)state;
    meet(5);
    uint64_t connections[5];
    for (int page = 0; page < 5; page++)
        connections[page] = connections_of(page);
    world_drain_server(world, 5000);
    world_pass(world, 2500); /* three of them */
    for (int page = 0; page < 5; page++)
        assert_int_equal(status(page).server, page < 3 ? JOIN_STATE_LOST : JOIN_STATE_JOINED);
    assert_same(status(0).text, "The server is about to restart. People you are connected to stay "
                                "connected; Parley keeps trying.");
    assert_same(status(4).text, "The room is full: nobody else can join."); /* nothing else */
    say(0, "on its way");
    assert_int_equal(lines(4, LINE_TEXT, "on its way"), 1);
    world_pass(world, 2500);
    world_kill_server(world);
    world_start_server(world);
    world_pass(world, DIALING_PAUSE_MAX_MS);
    assert_all_connected(5);
    for (int page = 0; page < 5; page++) {
        assert_int_equal(status(page).server, JOIN_STATE_JOINED);
        assert_int_equal(connections_of(page), connections[page]);
        assert_nothing_was_said(page);
    }
}

static void after_an_hours_sleep_a_page_is_back_without_a_reload(void **state) {
    (void)state;
    meet(3);
    world->pages[1].asleep = true;
    world_drop_socket(world, 1);
    happen(0, 1, EVENT_CHANNEL_CLOSED, 0);
    happen(2, 1, EVENT_CHANNEL_CLOSED, 0);
    world_pass(world, 3600000);
    assert_int_equal(lines(0, LINE_LEFT, "Bea left"), 1);
    say(0, "where is Bea?");
    world->pages[1].asleep = false;
    world_do(world, 1, EVENT_SERVER_CLOSED, "");
    happen(1, 0, EVENT_CHANNEL_CLOSED, 0);
    happen(1, 2, EVENT_CHANNEL_CLOSED, 0);
    world_do(world, 1, EVENT_WAKE, "");
    world_pass(world, DIALING_PAUSE_FIRST_MS + LINK_ATTEMPT_MS);
    assert_all_connected(3);
    assert_int_equal(lines(0, LINE_JOINED, "Bea joined"), 2);
    say(0, "there you are");
    assert_int_equal(lines(1, LINE_TEXT, "there you are"), 1);
    assert_int_equal(lines(1, LINE_TEXT, "where is Bea?"), 0);
    assert_int_equal(lines(1, LINE_LOST, NULL), 1);
    assert_int_equal(lines(1, LINE_LOST,
                           "Some messages from Ada are missing here: you were out of reach for "
                           "too long."),
                     1);
}

/* Only the sender's numbers show that texts are missing. A page believes a sender's gaps only a few
 * times, whether the sender leaves in between or not. */
static void missing_texts_are_reported_a_few_times(void **state) {
    (void)state;
    meet(2);
    for (int i = 0; i < 2 * SESSION_MISSES_AT_ONCE; i++) {
        world->pages[1].asleep = true;
        world_drop_socket(world, 1);
        happen(0, 1, EVENT_CHANNEL_CLOSED, 0);
        world_pass(world, 2 * WORLD_GRACE_MS);
        say(0, "where is Bea?");
        world->pages[1].asleep = false;
        world_do(world, 1, EVENT_SERVER_CLOSED, "");
        happen(1, 0, EVENT_CHANNEL_CLOSED, 0);
        world_do(world, 1, EVENT_WAKE, "");
        world_pass(world, DIALING_PAUSE_FIRST_MS + LINK_ATTEMPT_MS);
        assert_all_connected(2);
    }
    assert_int_equal(lines(1, LINE_LOST, NULL), SESSION_MISSES_AT_ONCE);
}

/* The text arrived, but Bea was counted as gone before she could learn so. */
static void texts_heard_before_somebody_was_gone_do_not_come_again(void **state) {
    (void)state;
    meet(2);
    say(1, "one");
    world->pages[1].asleep = true;
    world_drop_socket(world, 1);
    happen(0, 1, EVENT_CHANNEL_CLOSED, 0);
    world_pass(world, WORLD_GRACE_MS);
    assert_int_equal(lines(0, LINE_LEFT, "Bea left"), 1);
    world->pages[1].asleep = false;
    world_do(world, 1, EVENT_SERVER_CLOSED, "");
    happen(1, 0, EVENT_CHANNEL_CLOSED, 0);
    say(1, "two");
    world_pass(world, DIALING_PAUSE_FIRST_MS + LINK_ATTEMPT_MS);
    assert_all_connected(2);
    assert_int_equal(lines(0, LINE_TEXT, "one"), 1);
    assert_int_equal(lines(0, LINE_TEXT, "two"), 1);
    assert_int_equal(lines(1, LINE_LOST, NULL), 0);
}

/* Seen in the simulator: the late goodbye of a tab's previous page hid the next one, which had the
 * same id, forever. */
static void a_signal_brings_back_a_member_counted_as_gone(void **state) {
    (void)state;
    for (int who = 0; who < 2; who++) { /* one of them offers, the other asks */
        meet(2);
        world_do_peer(world, who, world_peer(world, who, 1 - who), EVENT_CHANNEL_MESSAGE, 0,
                      slice_of("{\"type\":\"bye\"}"));
        assert_int_equal(lines(who, LINE_LEFT, NULL), 1);
        world_pass(world, 2 * LINK_ATTEMPT_MS);
        assert_all_connected(2);
        people_teardown(state);
        people_setup(state);
    }
}

/* Another page, whose numbers begin again. */
static void forget_browser(int page) {
    memset(world->pages[page].connections, 0, sizeof world->pages[page].connections);
}

static void a_person_who_left_and_missed_a_text_is_named(void **state) {
    (void)state;
    meet(2);
    say(0, "heard");
    world_pass(world, SESSION_QUIET_MS + 1000); /* and confirmed */
    world->pages[1].asleep = true;
    world_drop_socket(world, 1);
    happen(0, 1, EVENT_CHANNEL_CLOSED, 0);
    say(0, "unheard");
    world_pass(world, WORLD_GRACE_MS);
    assert_int_equal(lines(0, LINE_LEFT, "Bea left"), 1);
    assert_int_equal(lines(0, LINE_LOST, "Not all of your messages reached Bea."), 1);
}

static void a_page_started_again_with_the_same_token_is_the_same_person(void **state) {
    (void)state;
    meet(2);
    world->pages[1].asleep = true; /* the tab crashed */
    world_drop_socket(world, 1);
    happen(0, 1, EVENT_CHANNEL_CLOSED, 0);
    chat_destroy(world->pages[1].chat);
    assert_int_equal(chat_create(&world->pages[1].chat), 0);
    forget_browser(1);
    world->pages[1].asleep = false;
    world_start(world, 1, "Bea", "lobby");
    world_pass(world, LINK_ATTEMPT_MS);
    assert_all_connected(2);
    assert_int_equal(lines(0, LINE_LEFT, NULL), 0);
    assert_int_equal(lines(0, LINE_JOINED, "Bea joined"), 1);
}

static void another_window_with_the_same_token_replaces_the_first(void **state) {
    (void)state;
    meet(2);
    struct chat *first = world->pages[1].chat;
    world->pages[1].sockets[EVENT_TRANSPORT_WEBSOCKET].connected =
        false; /* its socket stays open, but unused */
    forget_browser(1);
    assert_int_equal(chat_create(&world->pages[1].chat), 0);
    world_start(world, 1, "Bea", "lobby");
    world_pass(world, LINK_ATTEMPT_MS);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    struct event replaced = {.kind = EVENT_SERVER_MESSAGE,
                             .now_ms = world->now_ms,
                             .a = slice_of("{\"type\":\"error\",\"code\":\"replaced\","
                                           "\"message\":\"x\"}")};
    assert_int_equal(chat_handle(first, &replaced), 0);
    while (chat_next_action(first)) {
    }
    struct status_view view;
    chat_status_view(first, &view);
    assert_int_equal(view.server, JOIN_STATE_REFUSED);
    assert_same(view.text, wire_error_sentence(WIRE_ERROR_REPLACED));
    assert_int_equal(view.member_count, 1);
    assert_true(chat_deadline_ms(first) == NO_DEADLINE); /* it does not try to get back in */
    chat_destroy(first);
}

/* The mesh check */

/* Otherwise the page would report the pair again after each return. */
static void a_pairs_account_outlives_leaving(void **state) {
    (void)state;
    meet(3);
    world->no_relay = world->hold_answers = true;
    happen(1, 2, EVENT_CHANNEL_CLOSED, 0);
    happen(2, 1, EVENT_CHANNEL_CLOSED, 0);
    world_pass(world, MESH_CHECK_SETTLE_MS + 2000);
    assert_int_equal(status(0).tone, STATUS_TONE_WARNING);
    world_pass(world, 20000);
    world->hold_answers = false;
    world_do(world, 1, EVENT_LEAVE, "");
    assert_int_equal(status(0).member_count, 2);
    world_do(world, 1, EVENT_UNLOAD, "");
    world_start(world, 1, "Bea", "lobby");
    world_pass(world, 2000);
    const struct chat *chat = world->pages[0].chat;
    assert_int_equal(chat_debug(chat).room->member_count, 2);
    assert_true(mesh_check_reported_ms(
                    chat_debug(chat).check, &chat_debug(chat).room->members[0]->link.member_id,
                    &chat_debug(chat).room->members[1]->link.member_id) >= 20000);
}

/* A name may look like the page's own words, so it is marked. */
static void check_name_in_status(int page, uint32_t index, const char *name) {
    struct status_view view = status(page);
    assert_true(index < view.name_count);
    struct span span = view.names[index];
    assert_same((struct slice){view.text.bytes + span.start, span.end - span.start}, name);
}

static void two_others_who_do_not_reach_each_other_are_named(void **state) {
    (void)state;
    meet(3);
    assert_int_equal(status(0).text.len, 0);
    world->no_relay = world->hold_answers = true;
    happen(1, 2, EVENT_CHANNEL_CLOSED, 0);
    happen(2, 1, EVENT_CHANNEL_CLOSED, 0);
    world_pass(world, MESH_CHECK_SETTLE_MS + 2000);
    assert_same(status(0).text, "Bea and Cyd cannot read each other's messages. "
                                "Parley keeps trying.");
    check_name_in_status(0, 0, "Bea");
    check_name_in_status(0, 1, "Cyd");
    assert_int_equal(status(0).name_count, 2);
    assert_int_equal(status(0).tone, STATUS_TONE_WARNING);
    world->hold_answers = false;
    for (int i = 0; i < WORLD_CONNECTIONS_MAX; i++)
        for (int page = 1; page < 3; page++)
            if (world->pages[page].connections[i].peer && !world->pages[page].connections[i].open)
                world_do_peer(world, page, world->pages[page].connections[i].peer,
                              EVENT_PEER_FAILED, 0, (struct slice){0});
    world_pass(world, 3 * LINK_ATTEMPT_MS);
    assert_all_connected(3);
    assert_int_equal(status(0).text.len, 0);
}

/* The others are not disturbed. A page that finds the room busy comes later. */
static void a_page_that_finds_the_room_busy_comes_a_little_later(void **state) {
    (void)state;
    meet(2);
    for (int i = 0; i < 4 * WORLD_PAGES_MAX; i++) {
        enum event_transport way = world_way(world, 1);
        world_drop_socket(world, 1);
        if (way < EVENT_TRANSPORT_COUNT)
            world_do_peer(world, 1, 0, EVENT_SERVER_CLOSED, way, (struct slice){0});
        world_do(world, 1, EVENT_WAKE, "");
        world_pass(world, 0);
    }
    world_start(world, 2, "Cyd", "lobby");
    assert_int_not_equal(status(1).server, JOIN_STATE_JOINED);
    assert_int_equal(status(2).server, JOIN_STATE_LOST);
    world_pass(world, DIALING_PAUSE_MAX_MS);
    assert_all_connected(3);
    assert_nothing_was_said(0);
}

/* The page polls, since WebSockets did not work for a while. */
static void a_move_to_a_websocket_is_not_noticed(void **state) {
    (void)state;
    meet(2);
    world->pages[2].websockets_blocked = true;
    world_start(world, 2, "Cyd", "lobby");
    assert_int_equal(world_way(world, 2), EVENT_TRANSPORT_POLLING);
    assert_all_connected(3);
    world_pass(world, 2 * DIALING_TRIAL_FIRST_MS); /* in vain */
    assert_int_equal(world_way(world, 2), EVENT_TRANSPORT_POLLING);
    world->pages[2].websockets_blocked = false;
    world_pass(world, 4 * DIALING_TRIAL_FIRST_MS);
    assert_int_equal(world_way(world, 2), EVENT_TRANSPORT_WEBSOCKET);
    assert_all_connected(3);
    for (int page = 0; page < 3; page++)
        assert_nothing_was_said(page);
    say(2, "still me");
    assert_int_equal(lines(0, LINE_TEXT, "still me"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_channel_that_closed_is_replaced_without_a_word),
        TEST(texts_of_a_dead_connection_come_once_and_in_order_on_the_next),
        TEST(texts_said_meanwhile_are_kept),
        TEST(silence_is_noticed_in_time),
        TEST(a_broken_link_makes_the_page_check_the_server),
        TEST(quiet_people_stay_connected),
        TEST(an_outage_is_said_once_with_a_reason_and_so_is_its_end),
        TEST(offline_is_said_where_something_is_wrong),
        TEST(offline_wins_over_whatever_else_happened),
        TEST(a_lost_socket_is_no_departure),
        TEST(a_vanished_member_is_gone_after_the_grace_in_one_line),
        TEST(a_member_who_only_lost_the_server_is_not_gone),
        TEST(a_killed_server_takes_nothing_along),
        TEST(a_server_that_restarts_hands_everybody_over),
        TEST(after_an_hours_sleep_a_page_is_back_without_a_reload),
        TEST(missing_texts_are_reported_a_few_times),
        TEST(texts_heard_before_somebody_was_gone_do_not_come_again),
        TEST(a_signal_brings_back_a_member_counted_as_gone),
        TEST(a_person_who_left_and_missed_a_text_is_named),
        TEST(a_page_started_again_with_the_same_token_is_the_same_person),
        TEST(another_window_with_the_same_token_replaces_the_first),
        TEST(a_page_that_finds_the_room_busy_comes_a_little_later),
        TEST(a_move_to_a_websocket_is_not_noticed),
        TEST(a_pairs_account_outlives_leaving),
        TEST(two_others_who_do_not_reach_each_other_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
