/* A member says more than anybody can read: its texts wait in its own page, and cost the others
 * nothing. Real cores and the real hub (world.h). */
#include "inbox.h"
#include "mesh.h"
#include "people.h"
#include "slices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAID (3 * INBOX_TEXTS_MAX)

static void say_many(int page, uint32_t count) {
    char text[16];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%u", i);
        say(page, text);
    }
}

/* Asserts that |page| shows the numbers from 0 to |count| - 1, in order and once each. */
static void assert_counts_to(int page, uint32_t count) {
    struct status_view now = status(page);
    uint32_t next = 0;
    for (uint32_t i = now.line_first; i != now.line_end; i++) {
        struct line_view line;
        char text[16];
        if (chat_line_view(world->pages[page].chat, i, &line) != 0 || line.kind != LINE_TEXT)
            continue;
        snprintf(text, sizeof text, "%u", next++);
        assert_same(line.text, text);
    }
    assert_int_equal(next, count);
}

static void a_burst_is_read_at_once(void **state) {
    (void)state;
    meet(2);
    say_many(0, INBOX_TEXTS_MAX);
    assert_counts_to(1, INBOX_TEXTS_MAX);
}

static void a_flood_is_shown_at_a_limited_rate_and_nothing_is_lost(void **state) {
    (void)state;
    meet(2);
    say_many(0, SAID);
    assert_counts_to(1, INBOX_TEXTS_MAX + 1);
    world_pass(world, 1000);
    assert_counts_to(1, INBOX_TEXTS_MAX + 1 + 1000 / INBOX_TEXT_MS);
    say(1, "the others are heard meanwhile");
    assert_int_equal(lines(0, LINE_TEXT, "the others are heard meanwhile"), 1);
    world_pass(world, (uint64_t)SAID * INBOX_TEXT_MS);
    assert_int_equal(lines(1, LINE_TEXT, NULL), SAID + 1);
    assert_int_equal(lines(0, LINE_LOST, NULL) + lines(1, LINE_LOST, NULL), 0);
}

static void a_flood_that_a_break_interrupts_comes_once(void **state) {
    (void)state;
    meet(2);
    say_many(0, SAID);
    world_pass(world, 1000);
    world_do_peer(world, 0, world_peer(world, 0, 1), EVENT_CHANNEL_CLOSED, 0, (struct slice){0});
    world_pass(world, (uint64_t)SAID * INBOX_TEXT_MS);
    assert_counts_to(1, SAID);
    assert_int_equal(lines(1, LINE_WARNING, NULL), 0);
}

static void waiting_texts_are_shown_when_their_author_goes(void **state) {
    (void)state;
    meet(2);
    say_many(0, SAID);
    world_do(world, 0, EVENT_LEAVE, "");
    /* all that was in transit: one window more than was shown */
    assert_counts_to(1, 2 * INBOX_TEXTS_MAX);
    assert_int_equal(lines(1, LINE_LEFT, "Ada left"), 1);
}

/* Sends texts of a page that ignores the window, as one message each. */
static void pour(int to, int from, uint32_t first, uint32_t count, const char *text) {
    size_t size = strlen(text) + 64;
    char *message = malloc(size);
    for (uint32_t i = first; i < first + count; i++) {
        snprintf(message, size, "{\"type\":\"text\",\"number\":%u,\"text\":\"%s\"}", i, text);
        uint32_t peer = world_peer(world, to, from);
        if (peer)
            world_do_peer(world, to, peer, EVENT_CHANNEL_MESSAGE, 0, slice_of(message));
    }
    free(message);
}

static void a_member_who_ignores_the_window_is_disconnected(void **state) {
    (void)state;
    meet(3);
    pour(0, 1, 0, 10100, "x");
    assert_int_equal(member(0, 1).state, CONTACT_LOST);
    /* a burst was shown; the texts that wait are shown later */
    assert_int_equal(lines(0, LINE_TEXT, "x"), INBOX_TEXTS_MAX + 1);
    world_pass(world, (uint64_t)INBOX_TEXTS_MAX * INBOX_TEXT_MS);
    assert_int_equal(lines(0, LINE_TEXT, "x"), 2 * INBOX_TEXTS_MAX + 1);
    say(2, "the others notice nothing");
    assert_int_equal(lines(0, LINE_TEXT, "the others notice nothing"), 1);
    assert_int_equal(member(2, 1).state, CONTACT_CONNECTED);
}

static void a_member_who_sends_too_many_bytes_is_disconnected(void **state) {
    (void)state;
    char text[4001] = {0};
    memset(text, 'x', sizeof text - 1);
    meet(2);
    pour(0, 1, 0, 300, text);
    assert_int_equal(member(0, 1).state, CONTACT_LOST);
    assert_in_range(lines(0, LINE_TEXT, NULL), 60, 80);
}

/* Page 0 receives |message| from page 1 |count| times at the same time. */
static void repeat(const char *message, uint32_t count) {
    for (uint32_t i = 0; i < count && world_peer(world, 0, 1); i++)
        world_do_peer(world, 0, world_peer(world, 0, 1), EVENT_CHANNEL_MESSAGE, 0,
                      slice_of(message));
}

static void a_member_who_sends_too_many_messages_is_disconnected(void **state) {
    static const char *const messages[] = {
        "{\"type\":\"ping\",\"next\":0}",
        "{\"type\":\"pong\",\"next\":0,\"route\":\"relay\"}",
        "{\"type\":\"reach\",\"members\":[]}",
        "{\"type\":\"name\",\"name\":\"Bea\"}",
        "{\"type\":\"text\",\"number\":0,\"text\":\"the same again\"}",
    };
    for (size_t i = 0; i < COUNT(messages); i++) {
        meet(2);
        repeat(messages[i], SESSION_MESSAGES_AT_ONCE / 2);
        assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
        repeat(messages[i], SESSION_MESSAGES_AT_ONCE);
        assert_int_equal(member(0, 1).state, CONTACT_LOST);
        people_teardown(state);
        people_setup(state);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_burst_is_read_at_once),
        TEST(a_flood_is_shown_at_a_limited_rate_and_nothing_is_lost),
        TEST(a_flood_that_a_break_interrupts_comes_once),
        TEST(waiting_texts_are_shown_when_their_author_goes),
        TEST(a_member_who_ignores_the_window_is_disconnected),
        TEST(a_member_who_sends_too_many_bytes_is_disconnected),
        TEST(a_member_who_sends_too_many_messages_is_disconnected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
