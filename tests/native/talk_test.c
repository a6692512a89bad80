/* Conversations, and the effects of garbage, with real cores and the real hub (world.h). */
#include "error.h"
#include "mesh.h"
#include "outbox.h"
#include "peer_message.h"
#include "people.h"
#include "sdp_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Talking */

static void texts_come_once_in_order_with_author_and_time(void **state) {
    (void)state;
    meet(2);
    say(0, "one");
    say(0, "two");
    struct line_view line;
    uint32_t end = status(1).line_end;
    assert_int_equal(chat_line_view(world->pages[1].chat, end - 2, &line), PARLEY_OK);
    assert_same(line.text, "one");
    assert_same(line.author, "Ada");
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
    /* the browsers work again, and make the offer that waited */
    world->hold_answers = false;
    for (int page = 0; page < 2; page++) {
        char sdp[SDP_BYTES_MAX];
        uint32_t peer = 2; /* Cyd's is the second that either opens */
        snprintf(sdp, sizeof sdp, SDP_OF("page%d.peer%u"), page, peer);
        world_do_peer(world, page, peer, EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, slice_of(sdp));
    }
    assert_int_equal(member(2, 1).state, CONTACT_CONNECTED);
    assert_int_equal(lines(2, LINE_TEXT, "early"), 1);
}

static void latecomers_do_not_get_earlier_texts(void **state) {
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
    world_do_peer(world, 0, slow->peer, EVENT_CHANNEL_BUFFERED, SESSION_BUFFER_LOW_BYTES + 1,
                  (struct slice){0});
    assert_int_equal(lines(1, LINE_TEXT, "x"), 0);
    world_do_peer(world, 0, slow->peer, EVENT_CHANNEL_BUFFERED, SESSION_BUFFER_LOW_BYTES,
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
    world_do_peer(world, 0, slow->peer, EVENT_CHANNEL_BUFFERED, 0, (struct slice){0});
    world_pass(world, OUTBOX_MESSAGES_MAX * INBOX_TEXT_MS);
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
    world_do(world, 0, EVENT_DRAFT, "\n\n  x \n"); /* as it would be sent */
    assert_int_equal(status(0).draft_left, PEER_TEXT_CHARACTERS_MAX - 3);
    world_do(world, 0, EVENT_DRAFT, " \n ");
    assert_int_equal(status(0).draft_left, PEER_TEXT_CHARACTERS_MAX);
}

static void links_are_found_in_texts_only(void **state) {
    (void)state;
    meet(1);
    say(0, "see https://example.org/a?b=c, and HTTP://x.");
    struct line_view line;
    chat_line_view(world->pages[0].chat, status(0).line_end - 1, &line);
    assert_int_equal(line.link_count, 2);
    assert_int_equal(line.links[0].start, 4);
    assert_int_equal(line.links[0].end, 29);
    assert_int_equal(line.links[1].end - line.links[1].start, 8);
}

/* Garbage from others */

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
        "{\"type\":\"text\",\"number\":0,\"text\":\"\"}",
        "{\"type\":\"hello\",\"version\":2,\"session\":0,\"first\":0,\"name\":\"again\"}",
        "{\"type\":\"text\",\"number\":0,\"text\":\"\xFF\"}",
        "{\"type\":\"unknown\"}",
    };
    for (int i = 0; i < SESSION_GARBAGE_MAX; i++)
        garbage(0, 1, bad[i % 8], i == 8);
    assert_int_equal(lines(0, LINE_WARNING, NULL), 1);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    say(1, "sense in between");
    assert_int_equal(lines(0, LINE_TEXT, "sense in between"), 1);
    garbage(0, 1, "{", 0);
    assert_int_equal(member(0, 1).state, CONTACT_LOST);
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

static void a_flood_of_renames_is_garbage(void **state) {
    (void)state;
    meet(2);
    for (int i = 0; i < SESSION_RENAMES_AT_ONCE + SESSION_GARBAGE_MAX; i++) {
        char text[64];
        snprintf(text, sizeof text, "{\"type\":\"name\",\"name\":\"B%d\"}", i);
        garbage(0, 1, text, 0);
    }
    assert_int_equal(lines(0, LINE_RENAMED, NULL), SESSION_RENAMES_AT_ONCE);
    assert_int_equal(lines(0, LINE_WARNING, NULL), 1);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    world_pass(world, SESSION_RENAME_MS);
    garbage(0, 1, "{\"type\":\"name\",\"name\":\"Bea\"}", 0);
    assert_same(member(0, 1).name, "Bea");
}

static void quick_renames_of_one_s_own_are_told_in_time_and_the_last_one_stays(void **state) {
    (void)state;
    meet(2);
    for (int i = 0; i < 3 * SESSION_RENAMES_AT_ONCE; i++) {
        char name[16];
        snprintf(name, sizeof name, "Ada %d", i);
        assert_int_equal(world_do(world, 0, EVENT_RENAME, name), PARLEY_OK);
    }
    assert_int_equal(lines(1, LINE_RENAMED, NULL), SESSION_RENAMES_TOLD_AT_ONCE);
    world_pass(world, SESSION_RENAME_MS);
    assert_same(member(1, 1).name, "Ada 59");
    assert_int_equal(lines(1, LINE_WARNING, NULL), 0);
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
    assert_int_equal(status(0).server, JOIN_STATE_JOINED);
    assert_int_equal(status(0).member_count, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(texts_come_once_in_order_with_author_and_time),
        TEST(a_text_for_somebody_connecting_waits_for_them),
        TEST(latecomers_do_not_get_earlier_texts),
        TEST(a_full_channel_delays_its_member_alone),
        TEST(a_channel_full_for_too_long_loses_texts_and_says_so),
        TEST(texts_that_cannot_be_said_are_errors_and_change_nothing),
        TEST(the_longest_text_of_the_widest_characters_passes),
        TEST(the_draft_is_counted),
        TEST(links_are_found_in_texts_only),
        TEST(garbage_is_ignored_warned_of_once_and_then_hung_up_on),
        TEST(a_message_too_big_is_garbage),
        TEST(a_flood_of_renames_is_garbage),
        TEST(quick_renames_of_one_s_own_are_told_in_time_and_the_last_one_stays),
        TEST(nothing_a_server_says_is_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
