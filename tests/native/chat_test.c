/* Members that come and go, names, and sentences about states: real cores and the real hub
 * (world.h). */
#include "chat_debug.h"
#include "error.h"
#include "peer_message.h"
#include "people.h"
#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Coming and going */

static void a_fresh_page_gets_a_room_and_is_alone(void **state) {
    (void)state;
    world_start(world, 0, "Ada", NULL);
    struct status_view now = status(0);
    assert_int_equal(now.server, JOIN_STATE_JOINED);
    assert_true(now.alone);
    assert_same(now.room, world->pages[0].room_named);
    assert_true(now.room.len == 1 + ROOM_LINK_CHARACTERS && now.room.bytes[0] == '#');
    assert_int_equal(now.member_count, 1);
    assert_int_equal(lines(0, LINE_ENTERED, NULL), 1);
}

static void a_link_leads_to_its_room(void **state) {
    (void)state;
    world_start(world, 0, "Ada", "a-room-nobody-made");
    assert_same(status(0).room, "a-room-nobody-made");
}

static void two_meet_and_know_each_other(void **state) {
    (void)state;
    meet(2);
    assert_same(member(0, 1).name, "Bea");
    assert_same(member(1, 1).name, "Ada");
    assert_int_equal(lines(0, LINE_JOINED, "Bea joined"), 1);
    assert_int_equal(lines(1, LINE_HERE, "Ada is here"), 1);
    assert_false(status(0).alone);
}

static void everybody_in_a_room_of_five_hears_everybody(void **state) {
    (void)state;
    meet(5);
    for (int from = 0; from < 5; from++) {
        char text[16];
        snprintf(text, sizeof text, "I am %d", from);
        say(from, text);
    }
    for (int page = 0; page < 5; page++) {
        assert_int_equal(lines(page, LINE_TEXT, NULL), 5);
        assert_int_equal(lines(page, LINE_TEXT, "I am 3"), 1);
    }
}

static uint32_t colour_of(int page, const char *name) {
    struct member_view view;
    for (uint32_t i = 0; chat_member_view(world->pages[page].chat, i, &view) == PARLEY_OK; i++)
        if (slice_equal(view.name, slice_of(name)))
            return view.colour;
    fail_msg("%s is not there", name);
    return 0;
}

static void everybody_has_one_colour_on_all_screens(void **state) {
    (void)state;
    meet(5);
    static const char *const names[] = {"Ada", "Bea", "Cyd", "Dan", "Eve"};
    uint32_t taken = 0;
    for (int i = 0; i < 5; i++) {
        uint32_t colour = colour_of(0, names[i]);
        for (int page = 1; page < 5; page++)
            assert_int_equal(colour_of(page, names[i]), colour);
        assert_false(taken & 1u << colour);
        taken |= 1u << colour;
    }
}

static void assert_left_once(int page, const char *line) {
    assert_int_equal(lines(page, LINE_LEFT, line), 1);
    assert_int_equal(lines(page, LINE_LEFT, NULL), 1);
    assert_int_equal(lines(page, LINE_LOST, NULL), 0);
    assert_int_equal(status(page).member_count, 1);
}

static void a_goodbye_is_one_left_line(void **state) {
    (void)state;
    meet(2);
    world_do(world, 1, EVENT_UNLOAD, "");
    world_pass(world, 2 * WORLD_GRACE_MS);
    assert_left_once(0, "Bea left");
}

/* The bye on the channel arrives even if the server is away. */
static void a_goodbye_needs_no_server(void **state) {
    (void)state;
    meet(2);
    world_kill_server(world);
    world_do(world, 1, EVENT_UNLOAD, "");
    world_pass(world, PRESENCE_LEAVING_MS - 1); /* the page may be reloading */
    assert_int_equal(lines(0, LINE_LEFT, NULL), 0);
    world_pass(world, 1);
    assert_int_equal(lines(0, LINE_LEFT, "Bea left"), 1);
    assert_int_equal(status(0).member_count, 1);
}

/* The same person is back: nobody is told, and nothing changes. */
static void a_reload_is_neither_left_nor_joined(void **state) {
    (void)state;
    meet(3);
    uint32_t colour = member(0, 1).colour, peer = member(0, 1).peer;
    say(0, "before");
    for (int i = 0; i < 4; i++) {
        world_do(world, 1, EVENT_UNLOAD, "");
        world_pass(world, PRESENCE_LEAVING_MS - 1);
        assert_int_equal(member(0, 1).state, CONTACT_RECONNECTING);
        world_start(world, 1, "Bea", "lobby");
        world_pass(world, PRESENCE_LEAVING_MS);
        assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    }
    assert_int_equal(member(0, 1).colour, colour);
    assert_int_equal(member(0, 1).peer, peer);
    assert_same(member(0, 1).name, "Bea");
    say(0, "after");
    say(1, "me too");
    assert_int_equal(lines(1, LINE_TEXT, "after"), 1);
    for (int page = 0; page < 3; page += 2) {
        assert_int_equal(lines(page, LINE_LEFT, NULL) + lines(page, LINE_LOST, NULL), 0);
        assert_int_equal(lines(page, LINE_JOINED, NULL) + lines(page, LINE_HERE, NULL), 2);
        assert_int_equal(lines(page, LINE_TEXT, "me too"), 1);
    }
}

static void leaving_goes_to_a_fresh_room_and_forgets_the_old(void **state) {
    (void)state;
    meet(2);
    say(1, "hello");
    world_do(world, 0, EVENT_LEAVE, "");
    assert_left_once(1, "Ada left");
    assert_same(status(0).room, world->pages[0].room_named);
    assert_string_not_equal(world->pages[0].room_named, "lobby");
    assert_true(status(0).alone);
    assert_int_equal(lines(0, LINE_TEXT, NULL), 0);
    say(0, "nobody there hears this");
    assert_int_equal(lines(1, LINE_TEXT, NULL), 1);
}

static void after_an_absence_a_page_can_start_again(void **state) {
    (void)state;
    meet(2);
    world_do(world, 0, EVENT_UNLOAD, "");
    assert_int_equal(world_do(world, 0, EVENT_SAY, "x"), PARLEY_ERR_STATE);
    world_start(world, 0, "Ada", "lobby");
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    assert_int_equal(lines(1, LINE_JOINED, NULL) + lines(1, LINE_LEFT, NULL), 0);
}

/* Names */

static void a_name_is_made_up_stored_and_kept_until_chosen(void **state) {
    (void)state;
    world_start(world, 0, "", NULL);
    assert_true(status(0).name_generated);
    assert_same(status(0).name, world->pages[0].name_stored);
    assert_int_equal(world->pages[0].name_stored_code, EVENT_START_NAME_GENERATED);
    assert_int_equal(world_do(world, 0, EVENT_RENAME, "  Ada  "), PARLEY_OK);
    assert_false(status(0).name_generated);
    assert_string_equal(world->pages[0].name_stored, "Ada");
    assert_int_equal(world->pages[0].name_stored_code, EVENT_START_NAME_SHARED);
}

static void a_rename_is_seen_by_everybody_at_once(void **state) {
    (void)state;
    meet(3);
    world_do(world, 0, EVENT_RENAME, "Zoe");
    for (int page = 1; page < 3; page++) {
        assert_same(member(page, 1).name, "Zoe");
        assert_int_equal(lines(page, LINE_RENAMED, "Ada is now Zoe"), 1);
    }
    assert_int_equal(lines(0, LINE_RENAMED, "You are now Zoe"), 1);
    world_do(world, 0, EVENT_RENAME, "Zoe");
    assert_int_equal(lines(1, LINE_RENAMED, NULL), 1);
}

static void names_out_of_bounds_are_errors_and_change_nothing(void **state) {
    (void)state;
    meet(2);
    assert_int_equal(world_do(world, 0, EVENT_RENAME, "\xE2\x80\x8B"), PARLEY_ERR_EMPTY);
    assert_int_equal(world_do(world, 0, EVENT_RENAME, "123456789012345678901234567890123"),
                     PARLEY_ERR_TOO_LONG);
    assert_same(status(0).name, "Ada");
    assert_int_equal(lines(1, LINE_RENAMED, NULL), 0);
}

/* Asserts that |span| of the last line of |page| is |text|. */
static void check_name(int page, const char *text, uint32_t count, uint32_t index,
                       const char *name) {
    struct line_view line;
    uint32_t last = status(page).line_end - 1;
    assert_int_equal(chat_line_view(world->pages[page].chat, last, &line), PARLEY_OK);
    assert_same(line.text, text);
    assert_int_equal(line.name_count, count);
    struct span span = line.names[index];
    assert_same((struct slice){line.text.bytes + span.start, span.end - span.start}, name);
}

static void names_are_marked_in_sentences(void **state) {
    (void)state;
    meet(2);
    world_do(world, 0, EVENT_RENAME, "Ada left");
    check_name(1, "Ada is now Ada left", 2, 0, "Ada");
    check_name(1, "Ada is now Ada left", 2, 1, "Ada left");
    check_name(0, "You are now Ada left", 1, 0, "Ada left");
    world_start(world, 2, "Ada left", "other");
    world_start(world, 3, "Bo", "other");
    check_name(3, "Ada left is here", 1, 0, "Ada left");
    world_do(world, 0, EVENT_RENAME, "\xD7\xA2\xD7\x93\xD7\x94"); /* from right to left */
    check_name(1, "Ada left is now \xD7\xA2\xD7\x93\xD7\x94", 2, 1, "\xD7\xA2\xD7\x93\xD7\x94");
}

static void people_of_one_name_are_told_apart_everywhere(void **state) {
    (void)state;
    world_start(world, 0, "Alice", "lobby");
    world_start(world, 1, "\xD0\x90lice", "lobby"); /* Cyrillic A */
    world_start(world, 2, "alice", "lobby");
    for (int page = 0; page < 3; page++) {
        assert_same(member(page, page == 0 ? 0 : 1).name, "Alice");
        assert_same(member(page, page == 1 ? 0 : page == 0 ? 1 : 2).name, "\xD0\x90lice (2)");
        assert_same(member(page, page == 2 ? 0 : 2).name, "alice (3)");
    }
    assert_int_equal(lines(0, LINE_JOINED, "\xD0\x90lice (2) joined"), 1);
    assert_same(status(1).name, "\xD0\x90lice"); /* the name that they chose, in its field */
    say(1, "hello");
    for (int page = 0; page < 3; page++) {
        struct line_view line;
        chat_line_view(world->pages[page].chat, status(page).line_end - 1, &line);
        assert_same(line.author, "\xD0\x90lice (2)");
    }
    world_do(world, 1, EVENT_RENAME, "Bo");
    assert_int_equal(lines(2, LINE_RENAMED, "\xD0\x90lice (2) is now Bo"), 1);
    world_do(world, 1, EVENT_RENAME, "ALICE");
    assert_int_equal(lines(1, LINE_RENAMED, "You are now ALICE (2)"), 1);
}

static void nobody_is_called_as_the_page_calls_people(void **state) {
    (void)state;
    world_start(world, 0, "Ada", "lobby");
    world_start(world, 1, "Ada (you)", "lobby");
    world_start(world, 2, "You", "lobby");
    world_start(world, 3, "Ada [3]", "lobby");
    static const char *const names[] = {"Ada", "Ada (2)", "You (2)", "Ada (3)"};
    for (int page = 0; page < 4; page++)
        for (int i = 0; i < 4; i++)
            assert_same(member(page, (uint32_t)(i == page ? 0 : i + (i < page))).name, names[i]);
    assert_same(status(1).name, "Ada"); /* in its field */
    assert_int_equal(lines(0, LINE_JOINED, "Ada (2) joined"), 1);
    world_do(world, 1, EVENT_RENAME, "(you)");
    assert_int_equal(lines(0, LINE_RENAMED, "Ada (2) is now (you) (2)"), 1);
}

/* Sentences about states */

static void a_full_room_is_said_in_words(void **state) {
    (void)state;
    meet(5);
    world_start(world, 5, "Fay", "lobby");
    assert_int_equal(status(5).server, JOIN_STATE_REFUSED);
    assert_same(status(5).text, "This room is full.");
    assert_true(status(5).can_retry);
    assert_same(status(0).text, "The room is full: nobody else can join.");
    world_do(world, 5, EVENT_LEAVE, "");
    assert_int_equal(status(5).server, JOIN_STATE_JOINED);
}

static void a_room_name_that_is_none_is_said_in_words(void **state) {
    (void)state;
    world_start(world, 0, "Ada", "a b");
    assert_int_equal(status(0).server, JOIN_STATE_REFUSED);
    assert_same(status(0).text, wire_error_sentence(WIRE_ERROR_BAD_ROOM));
    assert_int_equal(status(0).tone, STATUS_TONE_WARNING);
    assert_false(status(0).can_retry);
}

static void a_link_that_was_cut_off_is_said_in_words(void **state) {
    (void)state;
    world_start(world, 0, "Ada", "#1AAECAwQF");
    assert_int_equal(status(0).server, JOIN_STATE_REFUSED);
    assert_same(status(0).text, "This link is not complete. Ask for it again, and copy all of it.");
    assert_false(status(0).can_retry);
}

/* Two devices with one link. */
static void people_meet_in_a_sealed_room(void **state) {
    (void)state;
    static const char link[] = "#1AAECAwQFBgcICQoLDA0ODw";
    world_start(world, 0, "Ada", link);
    world_start(world, 1, "Bea", link);
    world_run(world);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    assert_same(status(1).room, link);
    assert_same(status(1).room_kind, "Sealed room");
    assert_int_equal(status(1).room_name.len, 4);
    say(0, "nobody else hears this");
    assert_int_equal(lines(1, LINE_TEXT, "nobody else hears this"), 1);
    assert_int_equal(lines(0, LINE_WARNING, NULL), 0);
}

/* The server's id of the room is a name too: who enters by it shares no keys with the others. */
static void nobody_enters_a_sealed_room_by_its_id(void **state) {
    (void)state;
    char id[SEALED_ROOM_ID_CHARACTERS + 1] = {0};
    world_start(world, 0, "Ada", "");
    memcpy(id, chat_debug(world->pages[0].chat).room->id.bytes, SEALED_ROOM_ID_CHARACTERS);
    world_start(world, 1, "Eve", id);
    world_run(world);
    for (int page = 0; page < 2; page++) {
        assert_int_equal(status(page).member_count, 1);
        assert_int_equal(lines(page, LINE_WARNING, NULL), 1);
    }
}

/* Starts a page and answers in place of the server, which never answers. */
static void start_with_answer(const char *room, const char *answer) {
    struct event event = {
        .kind = EVENT_START,
        .a = slice_of(room),
        .c = slice_of("0123456789012345678901234567890123456789012345678901234567890123")};
    struct chat *chat = world->pages[0].chat;
    assert_int_equal(chat_handle(chat, &event), PARLEY_OK);
    while (chat_next_action(chat)) {
    }
    if (!answer)
        return;
    world_do(world, 0, EVENT_SERVER_OPENED, "");
    world_do(world, 0, EVENT_SERVER_MESSAGE, answer);
}

static void a_welcome_to_another_room_is_refused(void **state) {
    (void)state;
    start_with_answer("tea-room", "{\"type\":\"welcome\",\"version\":2,\"room\":\"spy-room\","
                                  "\"you\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"members\":[],"
                                  "\"iceServers\":[],\"roomMembersMax\":9}");
    assert_int_equal(status(0).server, JOIN_STATE_REFUSED);
    assert_int_equal(status(0).room.len, 0);
}

static void any_error_in_place_of_a_welcome_is_said(void **state) {
    (void)state;
    start_with_answer("", "{\"type\":\"error\",\"code\":\"bad_message\",\"message\":\"x\"}");
    assert_int_equal(status(0).server, JOIN_STATE_REFUSED);
    assert_true(status(0).text.len > 0);
}

static void without_webrtc_nothing_is_tried_and_it_is_said(void **state) {
    (void)state;
    static const char random[EVENT_RANDOM_BYTES];
    struct event event = {
        .kind = EVENT_START, .code = EVENT_START_NO_WEBRTC, .c = {random, sizeof random}};
    assert_int_equal(chat_handle(world->pages[0].chat, &event), PARLEY_OK);
    for (const struct action *action; (action = chat_next_action(world->pages[0].chat));)
        assert_int_not_equal(action->kind, ACTION_SERVER_CONNECT);
    assert_int_equal(status(0).tone, STATUS_TONE_WARNING);
    assert_true(status(0).text.len > 0);
}

/* The public interface */

static void the_contract_is_enforced(void **state) {
    (void)state;
    struct chat *chat = world->pages[0].chat;
    static const char random[EVENT_RANDOM_BYTES];
    struct event start = {.kind = EVENT_START, .c = {random, sizeof random}};
    struct event short_start = {.kind = EVENT_START, .c = {random, sizeof random - 1}};
    struct event tick = {.kind = EVENT_TICK}, none = {.kind = EVENT_COUNT};
    assert_int_equal(chat_handle(chat, &tick), PARLEY_ERR_STATE);
    assert_int_equal(chat_handle(chat, &none), PARLEY_ERR_ARGUMENT);
    assert_int_equal(chat_handle(chat, &short_start), PARLEY_ERR_ARGUMENT);
    assert_int_equal(chat_handle(chat, &start), PARLEY_OK);
    assert_int_equal(chat_handle(chat, &tick), PARLEY_ERR_STATE); /* actions are left */
    while (chat_next_action(chat)) {
    }
    assert_int_equal(chat_handle(chat, &start), PARLEY_ERR_STATE);
    assert_int_equal(chat_handle(chat, &tick), PARLEY_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_fresh_page_gets_a_room_and_is_alone),
        TEST(a_link_leads_to_its_room),
        TEST(two_meet_and_know_each_other),
        TEST(everybody_in_a_room_of_five_hears_everybody),
        TEST(everybody_has_one_colour_on_all_screens),
        TEST(a_goodbye_is_one_left_line),
        TEST(a_goodbye_needs_no_server),
        TEST(a_reload_is_neither_left_nor_joined),
        TEST(leaving_goes_to_a_fresh_room_and_forgets_the_old),
        TEST(after_an_absence_a_page_can_start_again),
        TEST(a_name_is_made_up_stored_and_kept_until_chosen),
        TEST(a_rename_is_seen_by_everybody_at_once),
        TEST(names_out_of_bounds_are_errors_and_change_nothing),
        TEST(names_are_marked_in_sentences),
        TEST(people_of_one_name_are_told_apart_everywhere),
        TEST(nobody_is_called_as_the_page_calls_people),
        TEST(a_full_room_is_said_in_words),
        TEST(a_room_name_that_is_none_is_said_in_words),
        TEST(a_link_that_was_cut_off_is_said_in_words),
        TEST(people_meet_in_a_sealed_room),
        TEST(nobody_enters_a_sealed_room_by_its_id),
        TEST(a_welcome_to_another_room_is_refused),
        TEST(any_error_in_place_of_a_welcome_is_said),
        TEST(without_webrtc_nothing_is_tried_and_it_is_said),
        TEST(the_contract_is_enforced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
