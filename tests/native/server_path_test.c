/* People between whose browsers there is no path talk through the server: real cores and the real
 * hub (world.h). */
#include "chat_debug.h"
#include "people.h"

#include <string.h>

/* A page stays below the server's limits. */
_Static_assert(SERVER_PATH_BYTES_PER_MS * 1000 < HUB_RELAY_BYTES_PER_SECOND &&
                   SERVER_PATH_BURST_BYTES +
                           (SERVER_PATH_TURN_BYTES + PEER_MESSAGE_BYTES_MAX) * 4 / 3 +
                           4 * SERVER_PATH_FRAME_BYTES <
                       HUB_RELAY_BURST_BYTES,
               "relay_busy is for others");

#define LINK "#1AAECAwQFBgcICQoLDA0ODw"

/* Ada and Bea, whose browsers never connect. */
static void meet_without_a_path(const char *room) {
    world->hold_answers = true;
    world_start(world, 0, "Ada", room);
    world_start(world, 1, "Bea", room);
    world_run(world);
}

static void assert_through_server(void) {
    for (int page = 0; page < 2; page++) {
        assert_int_equal(member(page, 1).state, CONTACT_CONNECTED);
        assert_same(member(page, 1).state_text, status(page).room.bytes[0] == '#'
                                                    ? "through the server (sealed)"
                                                    : "through the server");
        assert_same(member(page, 1).name, page ? "Ada" : "Bea");
    }
}

static void people_without_a_path_talk_after_five_seconds(void **state) {
    (void)state;
    static const char *const rooms[] = {LINK, "the-room"};
    for (int i = 0; i < 2; i++) {
        meet_without_a_path(rooms[i]);
        world_pass(world, SERVER_PATH_AFTER_MS - 1);
        assert_int_equal(member(0, 1).state, CONTACT_CONNECTING);
        world_pass(world, 1);
        assert_through_server();
        assert_int_equal(lines(0, LINE_JOINED, "Bea joined"), 1);
        say(0, "there");
        say(1, "and back");
        world_pass(world, 1000);
        assert_int_equal(lines(1, LINE_TEXT, "there"), 1);
        assert_int_equal(lines(0, LINE_TEXT, "and back"), 1);
        assert_int_equal(lines(0, LINE_LOST, NULL) + lines(1, LINE_LOST, NULL), 0);
        people_teardown(state);
        people_setup(state);
    }
}

/* Longer than one envelope. */
static void the_longest_text_passes_in_pieces(void **state) {
    (void)state;
    static char text[4 * PEER_TEXT_CHARACTERS_MAX + 1];
    for (int i = 0; i < PEER_TEXT_CHARACTERS_MAX; i++)
        memcpy(text + (size_t)4 * (size_t)i, i % 2 ? "\xF0\x9F\x8D\xB5" : "\xF0\x9F\xAB\x96", 4);
    meet_without_a_path(LINK);
    world_pass(world, SERVER_PATH_AFTER_MS);
    for (int i = 0; i < 3; i++)
        say(0, text);
    world_pass(world, 30000);
    assert_int_equal(lines(1, LINE_TEXT, text), 3);
}

/* The server would refuse more. */
static void what_goes_through_the_server_is_limited(void **state) {
    (void)state;
    static char text[PEER_TEXT_CHARACTERS_MAX + 1];
    memset(text, 'x', PEER_TEXT_CHARACTERS_MAX);
    meet_without_a_path(LINK);
    world_pass(world, SERVER_PATH_AFTER_MS + 1000);
    for (int i = 0; i < 30; i++)
        say(0, text);
    world_pass(world, 1000);
    int at_once = lines(1, LINE_TEXT, text);
    assert_in_range(at_once, 5, 12);
    world_pass(world, 60000);
    assert_int_equal(lines(1, LINE_TEXT, text), 30);
}

/* The server's budget is for a page, whoever its messages go to. */
static void many_members_share_what_the_server_takes(void **state) {
    (void)state;
    static char text[PEER_TEXT_CHARACTERS_MAX + 1];
    static const char *const names[] = {"Ada", "Bea", "Cyd", "Dan", "Eve"};
    memset(text, 'x', PEER_TEXT_CHARACTERS_MAX);
    world->hold_answers = true;
    for (int i = 0; i < 5; i++)
        world_start(world, i, names[i], LINK);
    world_pass(world, SERVER_PATH_AFTER_MS + 5000);
    for (int i = 0; i < 20; i++)
        say(0, text);
    const struct room *room = chat_debug(world->pages[0].chat).room;
    assert_true(server_path_room_ms(&room->members[0]->server_path) <
                chat_debug(world->pages[0].chat).now_ms + 10000);
    world_pass(world, 180000);
    for (int i = 1; i < 5; i++)
        assert_int_equal(lines(i, LINE_TEXT, text), 20);
}

static void a_path_between_the_browsers_takes_over(void **state) {
    (void)state;
    meet_without_a_path(LINK);
    world_pass(world, SERVER_PATH_AFTER_MS);
    assert_through_server();
    say(0, "one");
    world->hold_answers = false;
    world_pass(world, 3 * LINK_ATTEMPT_MAX_MS);
    for (int page = 0; page < 2; page++)
        assert_same(member(page, 1).state_text, "connected"); /* this world knows no routes */
    say(0, "two");
    say(1, "three");
    static const char *const texts[] = {"one", "two", "three"};
    for (int i = 0; i < 3; i++)
        assert_int_equal(lines(i < 2, LINE_TEXT, texts[i]), 1);
    assert_int_equal(lines(1, LINE_JOINED, NULL) + lines(1, LINE_HERE, NULL), 1);
}

static void a_lost_link_is_replaced(void **state) {
    (void)state;
    meet(2);
    world->hold_answers = true;
    say(0, "one");
    world_cut(world, 0, 1, true);
    say(0, "two");
    for (int page = 0; page < 2; page++)
        world_do_peer(world, page, world_peer(world, page, 1 - page), EVENT_CHANNEL_CLOSED, 0,
                      (struct slice){0});
    world_pass(world, 2 * SERVER_PATH_AFTER_MS);
    assert_through_server();
    world_pass(world, 1000);
    assert_int_equal(lines(1, LINE_TEXT, "one"), 1);
    assert_int_equal(lines(1, LINE_TEXT, "two"), 1);
    assert_int_equal(lines(0, LINE_LOST, NULL) + lines(1, LINE_LOST, NULL), 0);
}

static void without_the_server_there_is_none(void **state) {
    (void)state;
    meet_without_a_path(LINK);
    world_pass(world, SERVER_PATH_AFTER_MS);
    assert_through_server();
    world_kill_server(world);
    assert_int_not_equal(member(0, 1).state, CONTACT_CONNECTED);
    say(0, "meanwhile");
    world_start_server(world);
    world_pass(world, 60000);
    assert_through_server();
    assert_int_equal(lines(1, LINE_TEXT, "meanwhile"), 1);
}

static void somebody_who_left_is_gone(void **state) {
    (void)state;
    meet_without_a_path(LINK);
    world_pass(world, SERVER_PATH_AFTER_MS);
    assert_through_server();
    world_do(world, 1, EVENT_LEAVE, "");
    assert_int_equal(lines(0, LINE_LEFT, "Bea left"), 1);
    assert_int_equal(status(0).member_count, 1);
}

/* This server has no relay for connections. */
static void who_hides_their_address_is_reached_all_the_same(void **state) {
    (void)state;
    world->hold_answers = true;
    world_start(world, 0, "Ada", LINK);
    world_do_peer(world, 0, 0, EVENT_HIDE_ADDRESS, 1, (struct slice){0});
    world_start(world, 1, "Bea", LINK);
    world_pass(world, 2 * SERVER_PATH_AFTER_MS);
    assert_through_server();
    assert_same(status(0).hide_address_text,
                "All goes through the server, which is slow, and people "
                "do not learn your network address.");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(people_without_a_path_talk_after_five_seconds),
        TEST(the_longest_text_passes_in_pieces),
        TEST(what_goes_through_the_server_is_limited),
        TEST(many_members_share_what_the_server_takes),
        TEST(a_path_between_the_browsers_takes_over),
        TEST(a_lost_link_is_replaced),
        TEST(without_the_server_there_is_none),
        TEST(somebody_who_left_is_gone),
        TEST(who_hides_their_address_is_reached_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
