/* Whole conversations: real cores, the real hub, browsers that always work (world.h). */
#include "channel.h"
#include "cmocka_all.h"
#include "error.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct world *world;

static int setup(void **state) {
    (void)state;
    world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    world_init(world);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    world_deinit(world);
    free(world);
    return 0;
}

static struct chat_status_view status(int page) {
    struct chat_status_view view;
    chat_status_view(world->pages[page].chat, &view);
    return view;
}

static struct chat_member_view member(int page, uint32_t index) {
    struct chat_member_view view;
    assert_int_equal(chat_member_view(world->pages[page].chat, index, &view), PARLEY_OK);
    return view;
}

/* How many lines of |kind| with |text| (NULL: any) the page shows. */
static int lines(int page, enum line_kind kind, const char *text) {
    struct chat_status_view now = status(page);
    struct chat_line_view line;
    int count = 0;
    for (uint32_t i = now.line_first; i != now.line_end; i++) {
        assert_int_equal(chat_line_view(world->pages[page].chat, i, &line), PARLEY_OK);
        count += line.kind == kind && (!text || slice_equal(line.text, slice_of(text)));
    }
    return count;
}

static void assert_same(struct slice actual, const char *expected) {
    if (!slice_equal(actual, slice_of(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)actual.len, actual.bytes, expected);
}

static void say(int page, const char *text) {
    assert_int_equal(world_do(world, page, EVENT_SAY, text), PARLEY_OK);
}

/* Ada, Bea, Cyd ... in one room. */
static void meet(int count) {
    static const char *const names[] = {"Ada", "Bea", "Cyd", "Dan", "Eve"};
    for (int i = 0; i < count; i++)
        world_start(world, i, names[i], "lobby");
    world_run(world);
    for (int i = 0; i < count; i++)
        for (uint32_t k = 1; k < (uint32_t)count; k++)
            assert_int_equal(member(i, k).state, CHAT_MEMBER_CONNECTED);
}

/* Coming and going */

static void a_fresh_page_gets_a_room_and_is_alone(void **state) {
    (void)state;
    world_start(world, 0, "Ada", NULL);
    struct chat_status_view now = status(0);
    assert_int_equal(now.server, CHAT_SERVER_JOINED);
    assert_true(now.alone);
    assert_same(now.room, world->pages[0].room_named);
    assert_int_equal(now.room.len, 29);
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
    struct chat_member_view view;
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
    world_pass(world, ROOM_LOST_GRACE_MS);
    assert_left_once(0, "Bea left");
}

static void left_by_the_server_first_is_one_left_line(void **state) {
    (void)state;
    meet(2);
    uint32_t peer = world_peer(world, 0, 1);
    world_drop_socket(world, 1);
    world_run(world);
    assert_left_once(0, "Bea left");
    world_do_peer(world, 0, peer, EVENT_CHANNEL_CLOSED, 0, (struct slice){0});
    world_do_peer(world, 0, peer, EVENT_PEER_STATE, EVENT_PEER_STATE_FAILED, (struct slice){0});
    world_pass(world, ROOM_LOST_GRACE_MS);
    assert_left_once(0, "Bea left");
}

/* The connection's signs, in both orders and doubled, before the server's word. */
static void left_after_the_connection_failed_is_one_left_line(void **state) {
    static const enum event_kind orders[][2] = {{EVENT_CHANNEL_CLOSED, EVENT_PEER_STATE},
                                                {EVENT_PEER_STATE, EVENT_CHANNEL_CLOSED},
                                                {EVENT_PEER_STATE, EVENT_PEER_STATE},
                                                {EVENT_CHANNEL_CLOSED, EVENT_CHANNEL_CLOSED}};
    for (int i = 0; i < 4; i++) {
        meet(2);
        uint32_t peer = world_peer(world, 0, 1);
        for (int k = 0; k < 2; k++)
            world_do_peer(world, 0, peer, orders[i][k], EVENT_PEER_STATE_FAILED, (struct slice){0});
        assert_int_equal(member(0, 1).state, CHAT_MEMBER_LOST);
        assert_int_equal(lines(0, LINE_LEFT, NULL), 0);
        world_drop_socket(world, 1);
        world_run(world);
        world_pass(world, ROOM_LOST_GRACE_MS);
        assert_left_once(0, "Bea left");
        teardown(state);
        setup(state);
    }
}

static void a_lost_connection_is_said_once_after_a_grace(void **state) {
    (void)state;
    meet(2);
    world_do_peer(world, 0, world_peer(world, 0, 1), EVENT_PEER_STATE, EVENT_PEER_STATE_FAILED,
                  (struct slice){0});
    world_pass(world, ROOM_LOST_GRACE_MS - 1);
    assert_int_equal(lines(0, LINE_LOST, NULL), 0);
    world_pass(world, 1);
    world_pass(world, 100000);
    assert_int_equal(
        lines(0, LINE_LOST, "The connection to Bea was lost. The network between you broke."), 1);
    assert_int_equal(lines(0, LINE_LOST, NULL), 1);
    assert_int_equal(member(0, 1).state, CHAT_MEMBER_LOST);
    assert_same(member(0, 1).reason, "The network between you broke.");
    world_drop_socket(world, 1);
    world_run(world);
    assert_int_equal(lines(0, LINE_LEFT, "Bea left"), 1);
}

static void who_never_got_connected_is_said_with_a_reason(void **state) {
    (void)state;
    world->hold_answers = true;
    world_start(world, 0, "Ada", "lobby");
    world_start(world, 1, "Bea", "lobby");
    world_pass(world, LINK_CONNECT_TIMEOUT_MS);
    assert_int_equal(lines(0, LINE_LOST, NULL), 1);
    assert_int_equal(member(0, 1).state, CHAT_MEMBER_LOST);
    assert_int_equal(lines(0, LINE_JOINED, NULL), 0);
    world_drop_socket(world, 1);
    world_run(world);
    assert_int_equal(lines(0, LINE_LEFT, NULL), 0); /* nobody was said to have come */
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

static void who_was_away_can_start_again(void **state) {
    (void)state;
    meet(2);
    world_do(world, 0, EVENT_UNLOAD, "");
    assert_int_equal(world_do(world, 0, EVENT_SAY, "x"), PARLEY_ERR_STATE);
    world_start(world, 0, "Ada", "lobby");
    assert_int_equal(member(0, 1).state, CHAT_MEMBER_CONNECTED);
    assert_int_equal(lines(1, LINE_JOINED, "Ada joined"), 1);
}

/* Talking */

static void texts_come_once_in_order_with_author_and_time(void **state) {
    (void)state;
    meet(2);
    say(0, "one");
    say(0, "two");
    struct chat_line_view line;
    uint32_t end = status(1).line_end;
    assert_int_equal(chat_line_view(world->pages[1].chat, end - 2, &line), PARLEY_OK);
    assert_same(line.text, "one");
    assert_same(line.author, "Ada");
    assert_same(line.time, "22:13");
    assert_same(line.iso, "2023-11-14T22:13:20+00:00");
    assert_false(line.continues);
    assert_false(line.own);
    assert_int_equal(chat_line_view(world->pages[1].chat, end - 1, &line), PARLEY_OK);
    assert_same(line.text, "two");
    assert_true(line.continues);
    assert_int_equal(chat_line_view(world->pages[0].chat, status(0).line_end - 1, &line),
                     PARLEY_OK);
    assert_true(line.own);
}

static void a_text_for_somebody_connecting_waits_for_them(void **state) {
    (void)state;
    meet(2);
    world->hold_answers = true;
    world_start(world, 2, "Cyd", "lobby");
    say(0, "early");
    assert_int_equal(lines(1, LINE_TEXT, "early"), 1);
    assert_int_equal(lines(2, LINE_TEXT, NULL), 0);
    /* the browsers work again: the offer that waited is made */
    world->hold_answers = false;
    for (int page = 0; page < 2; page++) {
        char sdp[64];
        uint32_t peer = member(page, 2).peer, mate = member(2, 1 + (uint32_t)page).peer;
        snprintf(sdp, sizeof sdp, "page %d peer %u", page, peer);
        assert_int_not_equal(mate, 0);
        world_do_peer(world, page, peer, EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, slice_of(sdp));
    }
    assert_int_equal(member(2, 1).state, CHAT_MEMBER_CONNECTED);
    assert_int_equal(lines(2, LINE_TEXT, "early"), 1);
}

static void who_comes_later_does_not_get_what_was_said_before(void **state) {
    (void)state;
    meet(2);
    say(0, "before");
    world_start(world, 2, "Cyd", "lobby");
    say(0, "after");
    assert_int_equal(lines(2, LINE_TEXT, "before"), 0);
    assert_int_equal(lines(2, LINE_TEXT, "after"), 1);
}

static struct world_connection *connection(int page, int other) {
    uint32_t peer = world_peer(world, page, other);
    for (int i = 0; i < WORLD_CONNECTIONS_MAX; i++)
        if (peer && world->pages[page].connections[i].peer == peer)
            return &world->pages[page].connections[i];
    fail();
    return NULL;
}

static void a_full_channel_delays_its_member_alone(void **state) {
    (void)state;
    meet(3);
    struct world_connection *slow = connection(0, 1);
    slow->frozen = true;
    say(0, "swallowed by the buffer");
    slow->frozen = false; /* but its buffer was last seen full */
    for (int i = 0; i < 10; i++)
        say(0, "x");
    assert_int_equal(lines(2, LINE_TEXT, "x"), 10);
    assert_int_equal(lines(1, LINE_TEXT, "x"), 0);
    world_do_peer(world, 0, slow->peer, EVENT_CHANNEL_BUFFERED, CHANNEL_BUFFER_LOW_BYTES + 1,
                  (struct slice){0});
    assert_int_equal(lines(1, LINE_TEXT, "x"), 0);
    world_do_peer(world, 0, slow->peer, EVENT_CHANNEL_BUFFERED, CHANNEL_BUFFER_LOW_BYTES,
                  (struct slice){0});
    assert_int_equal(lines(1, LINE_TEXT, "x"), 10);
}

static void a_channel_full_for_too_long_loses_texts_and_says_so(void **state) {
    (void)state;
    meet(3);
    struct world_connection *slow = connection(0, 1);
    slow->frozen = true;
    for (int i = 0; i < OUTBOX_MESSAGES_MAX + 10; i++)
        say(0, "x");
    slow->frozen = false;
    for (int i = 0; i < 100; i++)
        world_do_peer(world, 0, slow->peer, EVENT_CHANNEL_BUFFERED, 0, (struct slice){0});
    assert_int_equal(lines(2, LINE_TEXT, "x"), OUTBOX_MESSAGES_MAX + 10);
    assert_int_equal(lines(1, LINE_TEXT, "x"), OUTBOX_MESSAGES_MAX);
    assert_int_equal(lines(0, LINE_LOST, NULL), 1);
}

static void texts_that_cannot_be_said_are_errors_and_change_nothing(void **state) {
    (void)state;
    char *long_text = malloc(PEER_TEXT_CHARACTERS_MAX + 2);
    memset(long_text, 'x', PEER_TEXT_CHARACTERS_MAX + 1);
    long_text[PEER_TEXT_CHARACTERS_MAX + 1] = '\0';
    meet(2);
    assert_int_equal(world_do(world, 0, EVENT_SAY, ""), PARLEY_ERR_EMPTY);
    assert_int_equal(world_do(world, 0, EVENT_SAY, " \n\t "), PARLEY_ERR_EMPTY);
    assert_int_equal(world_do(world, 0, EVENT_SAY, "\xFF"), PARLEY_ERR_UTF8);
    assert_int_equal(world_do(world, 0, EVENT_SAY, long_text), PARLEY_ERR_TOO_LONG);
    assert_int_equal(lines(0, LINE_TEXT, NULL) + lines(1, LINE_TEXT, NULL), 0);
    long_text[PEER_TEXT_CHARACTERS_MAX] = '\0';
    say(0, long_text);
    assert_int_equal(lines(1, LINE_TEXT, long_text), 1);
    free(long_text);
}

static void the_longest_text_of_the_widest_characters_passes(void **state) {
    (void)state;
    char *text = calloc(PEER_TEXT_CHARACTERS_MAX, 4 + 1);
    for (int i = 0; i < PEER_TEXT_CHARACTERS_MAX; i++)
        memcpy(text + 4 * i, "\xF0\x9F\x8E\x89", 4);
    meet(2);
    say(0, text);
    assert_int_equal(lines(1, LINE_TEXT, text), 1);
    free(text);
}

static void the_draft_is_counted(void **state) {
    (void)state;
    meet(1);
    world_do(world, 0, EVENT_DRAFT, "\xC3\xA4\xC3\xB6");
    assert_int_equal(status(0).draft_left, PEER_TEXT_CHARACTERS_MAX - 2);
    say(0, "x");
    assert_int_equal(status(0).draft_left, PEER_TEXT_CHARACTERS_MAX);
}

static void links_are_found_in_texts_only(void **state) {
    (void)state;
    meet(1);
    say(0, "see https://example.org/a?b=c, and HTTP://x.");
    struct chat_line_view line;
    chat_line_view(world->pages[0].chat, status(0).line_end - 1, &line);
    assert_int_equal(line.link_count, 2);
    assert_int_equal(line.links[0].start, 4);
    assert_int_equal(line.links[0].end, 29);
    assert_int_equal(line.links[1].end - line.links[1].start, 8);
}

/* Names */

static void a_name_is_made_up_stored_and_kept_until_chosen(void **state) {
    (void)state;
    world_start(world, 0, "", NULL);
    assert_true(status(0).name_generated);
    assert_same(status(0).name, world->pages[0].name_stored);
    assert_int_equal(world_do(world, 0, EVENT_RENAME, "  Ada  "), PARLEY_OK);
    assert_false(status(0).name_generated);
    assert_string_equal(world->pages[0].name_stored, "Ada");
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

static void a_right_to_left_name_is_isolated_in_sentences(void **state) {
    (void)state;
    meet(2);
    world_do(world, 0, EVENT_RENAME, "\xD7\xA2\xD7\x93\xD7\x94");
    assert_int_equal(
        lines(1, LINE_RENAMED, "Ada is now \xE2\x81\xA8\xD7\xA2\xD7\x93\xD7\x94\xE2\x81\xA9"), 1);
}

/* Bad company */

static void garbage(int page, int from, const char *text, uint32_t binary) {
    world_do_peer(world, page, world_peer(world, page, from), EVENT_CHANNEL_MESSAGE, binary,
                  slice_of(text));
}

static void garbage_is_ignored_warned_of_once_and_then_hung_up_on(void **state) {
    (void)state;
    meet(3);
    static const char *const bad[] = {
        "",
        "nonsense",
        "[]",
        "{\"type\":\"text\"}",
        "{\"type\":\"text\",\"text\":\"\"}",
        "{\"type\":\"hello\",\"version\":1,\"name\":\"again\"}",
        "{\"type\":\"text\",\"text\":\"\xFF\"}",
        "{\"type\":\"unknown\"}",
    };
    for (int i = 0; i < CHANNEL_GARBAGE_MAX; i++)
        garbage(0, 1, bad[i % 8], i == 8);
    assert_int_equal(lines(0, LINE_WARNING, NULL), 1);
    assert_int_equal(member(0, 1).state, CHAT_MEMBER_CONNECTED);
    say(1, "sense in between");
    assert_int_equal(lines(0, LINE_TEXT, "sense in between"), 1);
    garbage(0, 1, "{", 0);
    assert_int_equal(member(0, 1).state, CHAT_MEMBER_LOST);
    assert_int_equal(lines(0, LINE_LOST, NULL), 1);
    say(0, "the others notice nothing");
    assert_int_equal(lines(2, LINE_TEXT, "the others notice nothing"), 1);
    assert_int_equal(lines(2, LINE_WARNING, NULL) + lines(2, LINE_LOST, NULL), 0);
}

static void a_message_too_big_is_garbage(void **state) {
    (void)state;
    meet(2);
    char *big = malloc(PEER_MESSAGE_BYTES_MAX + 1);
    memset(big, ' ', PEER_MESSAGE_BYTES_MAX + 1);
    struct slice text = {big, PEER_MESSAGE_BYTES_MAX + 1};
    world_do_peer(world, 0, world_peer(world, 0, 1), EVENT_CHANNEL_MESSAGE, 0, text);
    assert_int_equal(lines(0, LINE_WARNING, NULL), 1);
    free(big);
}

static void nothing_a_server_says_is_fatal(void **state) {
    (void)state;
    meet(2);
    static const char *const bad[] = {
        "",
        "{}",
        "{\"type\":\"welcome\"}",
        "{\"type\":\"joined\",\"member\":\"x\"}",
        "{\"type\":\"left\",\"member\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"type\":\"offer\",\"from\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"sdp\":\"v=0\"}",
        "{\"type\":\"join\",\"version\":1}",
        "{\"type\":\"error\",\"code\":\"no_such_member\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        world_do(world, 0, EVENT_SERVER_MESSAGE, bad[i]);
    assert_int_equal(status(0).server, CHAT_SERVER_JOINED);
    assert_int_equal(status(0).member_count, 2);
}

/* States in words */

static void a_full_room_is_said_in_words(void **state) {
    (void)state;
    meet(5);
    world_start(world, 5, "Fay", "lobby");
    assert_int_equal(status(5).server, CHAT_SERVER_REFUSED);
    assert_same(status(5).text, "This room is full.");
    world_do(world, 5, EVENT_LEAVE, "");
    assert_int_equal(status(5).server, CHAT_SERVER_JOINED);
}

static void a_room_name_that_is_none_is_said_in_words(void **state) {
    (void)state;
    world_start(world, 0, "Ada", "a b");
    assert_int_equal(status(0).server, CHAT_SERVER_REFUSED);
    assert_same(status(0).text, wire_error_sentence(WIRE_ERROR_BAD_ROOM));
    assert_int_equal(status(0).tone, CHAT_TONE_WARNING);
}

static void a_lost_server_leaves_conversations_open(void **state) {
    (void)state;
    meet(2);
    for (int page = 0; page < 2; page++)
        world_do(world, page, EVENT_SERVER_CLOSED, "");
    assert_int_equal(status(0).server, CHAT_SERVER_LOST);
    assert_true(status(0).text.len > 0);
    say(0, "still here");
    assert_int_equal(lines(1, LINE_TEXT, "still here"), 1);
}

static void without_webrtc_nothing_is_tried_and_it_is_said(void **state) {
    (void)state;
    static const char random[EVENT_RANDOM_BYTES];
    struct event event = {
        .kind = EVENT_START, .code = EVENT_START_NO_WEBRTC, .c = {random, sizeof random}};
    assert_int_equal(chat_handle(world->pages[0].chat, &event), PARLEY_OK);
    for (const struct action *action; (action = chat_next_action(world->pages[0].chat));)
        assert_int_not_equal(action->kind, ACTION_SERVER_CONNECT);
    assert_int_equal(status(0).tone, CHAT_TONE_WARNING);
    assert_true(status(0).text.len > 0);
}

/* The door */

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_fresh_page_gets_a_room_and_is_alone),
        TEST(a_link_leads_to_its_room),
        TEST(two_meet_and_know_each_other),
        TEST(everybody_in_a_room_of_five_hears_everybody),
        TEST(everybody_has_one_colour_on_all_screens),
        TEST(a_goodbye_is_one_left_line),
        TEST(left_by_the_server_first_is_one_left_line),
        TEST(left_after_the_connection_failed_is_one_left_line),
        TEST(a_lost_connection_is_said_once_after_a_grace),
        TEST(who_never_got_connected_is_said_with_a_reason),
        TEST(leaving_goes_to_a_fresh_room_and_forgets_the_old),
        TEST(who_was_away_can_start_again),
        TEST(texts_come_once_in_order_with_author_and_time),
        TEST(a_text_for_somebody_connecting_waits_for_them),
        TEST(who_comes_later_does_not_get_what_was_said_before),
        TEST(a_full_channel_delays_its_member_alone),
        TEST(a_channel_full_for_too_long_loses_texts_and_says_so),
        TEST(texts_that_cannot_be_said_are_errors_and_change_nothing),
        TEST(the_longest_text_of_the_widest_characters_passes),
        TEST(the_draft_is_counted),
        TEST(links_are_found_in_texts_only),
        TEST(a_name_is_made_up_stored_and_kept_until_chosen),
        TEST(a_rename_is_seen_by_everybody_at_once),
        TEST(names_out_of_bounds_are_errors_and_change_nothing),
        TEST(a_right_to_left_name_is_isolated_in_sentences),
        TEST(garbage_is_ignored_warned_of_once_and_then_hung_up_on),
        TEST(a_message_too_big_is_garbage),
        TEST(nothing_a_server_says_is_fatal),
        TEST(a_full_room_is_said_in_words),
        TEST(a_room_name_that_is_none_is_said_in_words),
        TEST(a_lost_server_leaves_conversations_open),
        TEST(without_webrtc_nothing_is_tried_and_it_is_said),
        TEST(the_contract_is_enforced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
