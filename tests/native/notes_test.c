/* The transcript's marks of unread texts, and its notes that count repeated events. Real cores and
 * the real hub (world.h). */
#include "fold.h"
#include "people.h"
#include "room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNREAD "Nobody was here to read this."

/* The line with |text|, which must be there. */
static struct line_view find(int page, const char *text) {
    struct line_view line;
    struct status_view now = status(page);
    for (uint32_t i = now.line_first; i != now.line_end; i++)
        if (chat_line_view(world->pages[page].chat, i, &line) == 0 &&
            slice_equal(line.text, slice_of(text)))
            return line;
    fail_msg("no line '%s'", text);
    return (struct line_view){0};
}

static void assert_marked(int page, const char *text, bool marked) {
    assert_same(find(page, text).mark, marked ? UNREAD : "");
}

/* Unread */

static void texts_to_nobody_are_marked(void **state) {
    (void)state;
    meet(1);
    say(0, "alone");
    assert_marked(0, "alone", true);
    world_start(world, 1, "Bea", "lobby");
    say(0, "to Bea");
    assert_marked(0, "alone", true);
    assert_marked(0, "to Bea", false);
    assert_int_equal(lines(1, LINE_TEXT, "alone"), 0);
    world_do(world, 1, EVENT_LEAVE, "");
    assert_marked(0, "to Bea", false);
    say(0, "alone again");
    assert_marked(0, "alone again", true);
}

static void texts_are_marked_once_nobody_will_get_them(void **state) {
    (void)state;
    meet(1);
    world->hold_answers = true; /* a member that never connects */
    world_start(world, 1, "Bea", "lobby");
    say(0, "anybody?");
    assert_marked(0, "anybody?", false);
    world_do(world, 1, EVENT_LEAVE, "");
    assert_marked(0, "anybody?", true);
}

static void one_reader_is_enough(void **state) {
    (void)state;
    meet(2);
    world->hold_answers = true;
    world_start(world, 2, "Cyd", "lobby");
    say(0, "two of us");
    world_do(world, 2, EVENT_LEAVE, "");
    assert_marked(0, "two of us", false);
    world_do(world, 1, EVENT_LEAVE, "");
    assert_marked(0, "two of us", false);
}

/* Confirmations are rare, but a goodbye after the text shows that it was read. */
static void texts_read_before_a_page_was_closed_are_not_missed(void **state) {
    (void)state;
    meet(2);
    say(0, "read");
    world_do(world, 1, EVENT_UNLOAD, "");
    world_pass(world, PRESENCE_LEAVING_MS);
    assert_int_equal(lines(0, LINE_LEFT, "Bea left"), 1);
    assert_int_equal(lines(0, LINE_LOST, NULL), 0);
    assert_marked(0, "read", false);
}

static void texts_to_a_closed_page_are_missed(void **state) {
    (void)state;
    meet(2);
    say(0, "read");
    world_do(world, 1, EVENT_UNLOAD, "");
    say(0, "too late");
    world_pass(world, PRESENCE_LEAVING_MS);
    assert_int_equal(lines(0, LINE_LOST, "Not all of your messages reached Bea."), 1);
    assert_marked(0, "read", false);
    assert_marked(0, "too late", true);
}

static void a_disconnected_member_reads_nothing(void **state) {
    (void)state;
    meet(2);
    for (int i = 0; i < 17; i++)
        world_do_peer(world, 0, world_peer(world, 0, 1), EVENT_CHANNEL_MESSAGE, 0, slice_of("{"));
    assert_int_equal(member(0, 1).state, CONTACT_LOST);
    say(0, "to nobody");
    assert_marked(0, "to nobody", true);
}

/* Notes that count */

static struct line_view last_line(int page) {
    struct line_view line;
    assert_int_equal(chat_line_view(world->pages[page].chat, status(page).line_end - 1, &line), 0);
    return line;
}

static void few_notes_stand_for_themselves(void **state) {
    (void)state;
    meet(4);
    assert_same(last_line(0).run_text, ""); /* three came */
}

static void many_notes_count(void **state) {
    (void)state;
    meet(5);
    assert_same(last_line(0).run_text, "4 joined");
    assert_same(last_line(4).run_text, "4 connected");
    world_do(world, 1, EVENT_LEAVE, "");
    world_do(world, 2, EVENT_LEAVE, "");
    world_do(world, 3, EVENT_RENAME, "Don");
    assert_same(last_line(0).run_text, "4 joined, 2 left, 1 new name");
    assert_int_equal(last_line(0).run, find(0, "Bea joined").sequence);
    assert_same(
        find(0, "You are in an open room. Anyone who knows the name can join, and the server could "
                "listen.")
            .run_text,
        "");
    say(0, "a text ends them");
    world_do(world, 3, EVENT_LEAVE, "");
    assert_same(last_line(0).run_text, "");
}

/* Long texts */

static void fold(int page, uint32_t sequence) {
    struct event event = {.kind = EVENT_FOLD,
                          .code = sequence,
                          .now_ms = world->now_ms,
                          .wall_ms = (int64_t)world->now_ms};
    assert_int_equal(chat_handle(world->pages[page].chat, &event), 0);
    bool told = false;
    const struct action *action;
    while ((action = chat_next_action(world->pages[page].chat)))
        told |= action->kind == ACTION_LINE_CHANGED && action->code == sequence;
    assert_true(told);
}

static bool is_folded(int page, uint32_t sequence) {
    struct line_view line;
    assert_int_equal(chat_line_view(world->pages[page].chat, sequence, &line), 0);
    assert_true(line.foldable);
    assert_int_equal(line.text.len, 199);
    assert_int_equal(line.shown, line.folded ? 2 * FOLD_LINES - 1 : 199);
    return line.folded;
}

static void a_long_text_opens_and_folds(void **state) {
    (void)state;
    char text[201] = {0};
    for (int i = 0; i < 100; i++)
        memcpy(text + 2 * i, "x\n", 2);
    meet(1);
    uint32_t first = status(0).line_end;
    for (int i = 0; i <= TIMELINE_OPEN_MAX; i++)
        say(0, text);
    assert_true(is_folded(0, first));
    fold(0, first);
    assert_false(is_folded(0, first));
    fold(0, first);
    assert_true(is_folded(0, first));
    for (uint32_t i = 0; i < TIMELINE_OPEN_MAX; i++)
        fold(0, first + i);
    assert_false(is_folded(0, first));
    fold(0, first + TIMELINE_OPEN_MAX); /* the total height of lines has a bound */
    assert_true(is_folded(0, first));
    assert_false(is_folded(0, first + 1));
}

static void a_fold_goes_back_to_before_a_link(void **state) {
    (void)state;
    char text[1501];
    memset(text, 'x', 1500);
    text[1500] = 0;
    memcpy(text + 780, " https://example.org/", 21);
    meet(1);
    say(0, text);
    assert_true(last_line(0).folded);
    assert_int_equal(last_line(0).shown, 780);
    assert_int_equal(last_line(0).link_count, 1);
    assert_int_equal(last_line(0).links[0].start, 781);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(texts_to_nobody_are_marked),
        TEST(texts_are_marked_once_nobody_will_get_them),
        TEST(one_reader_is_enough),
        TEST(a_disconnected_member_reads_nothing),
        TEST(few_notes_stand_for_themselves),
        TEST(texts_read_before_a_page_was_closed_are_not_missed),
        TEST(texts_to_a_closed_page_are_missed),
        TEST(many_notes_count),
        TEST(a_long_text_opens_and_folds),
        TEST(a_fold_goes_back_to_before_a_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
