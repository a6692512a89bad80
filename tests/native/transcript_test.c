/* The lines of the conversation: their numbers, their limits, and which belong together. */
#include "transcript.h"

#include "error.h"
#include "slices.h"

static struct transcript transcript;

static int setup(void **state) {
    (void)state;
    return transcript_init(&transcript);
}

static int teardown(void **state) {
    (void)state;
    transcript_deinit(&transcript);
    return 0;
}

static const struct line *add(const struct line *line) {
    assert_int_equal(transcript_add(&transcript, line), PARLEY_OK);
    return transcript_find(&transcript, transcript.end - 1);
}

static const struct line *say(uint32_t peer, const char *author, int64_t wall_ms) {
    return add(&(struct line){.kind = LINE_TEXT,
                              .peer = peer,
                              .wall_ms = wall_ms,
                              .author = slice_of(author),
                              .text = slice_of("hello")});
}

static void add_bytes(size_t bytes) {
    static char text[TRANSCRIPT_BYTES_MAX];
    add(&(struct line){.text = {text, bytes}});
}

/* Numbers */

static void test_a_line_keeps_everything(void **state) {
    (void)state;
    char text[] = "hello", author[] = "Ada";
    struct line line = {.kind = LINE_TEXT,
                        .peer = 7,
                        .colour = 3,
                        .wall_ms = 12345,
                        .utc_offset_min = -60,
                        .author = slice_of(author),
                        .text = slice_of(text)};
    const struct line *kept = add(&line);
    text[0] = author[0] = '#'; /* it is a copy */
    assert_int_equal(kept->kind, LINE_TEXT);
    assert_int_equal(kept->peer, 7);
    assert_int_equal(kept->colour, 3);
    assert_int_equal(kept->wall_ms, 12345);
    assert_int_equal(kept->utc_offset_min, -60);
    assert_slice(kept->author, "Ada");
    assert_slice(kept->text, "hello");
}

static void test_lines_are_numbered_from_0(void **state) {
    (void)state;
    assert_null(transcript_find(&transcript, 0));
    assert_null(transcript_find(&transcript, UINT32_MAX));
    say(1, "first", 0);
    say(2, "second", 0);
    assert_int_equal(transcript.first, 0);
    assert_int_equal(transcript.end, 2);
    assert_slice(transcript_find(&transcript, 0)->author, "first");
    assert_slice(transcript_find(&transcript, 1)->author, "second");
    assert_null(transcript_find(&transcript, 2));
}

static void test_a_line_may_have_no_text(void **state) {
    (void)state;
    const struct line *kept = add(&(struct line){.kind = LINE_ENTERED});
    assert_int_equal(kept->text.len, 0);
    assert_int_equal(kept->author.len, 0);
}

static void test_clearing_does_not_use_numbers_again(void **state) {
    (void)state;
    say(1, "Ada", 0);
    say(1, "Ada", 0);
    transcript_clear(&transcript);
    assert_int_equal(transcript.first, 2);
    assert_int_equal(transcript.end, 2);
    assert_int_equal(transcript.bytes, 0);
    assert_null(transcript_find(&transcript, 1));
    assert_false(say(1, "Ada", 0)->continues);
    assert_int_equal(transcript.end, 3);
}

/* Limits */

static void test_the_oldest_go_when_there_are_too_many(void **state) {
    (void)state;
    for (uint32_t i = 0; i < TRANSCRIPT_LINES_MAX; i++)
        say(i, "Ada", 0);
    assert_int_equal(transcript.first, 0);
    say(4711, "Ada", 0);
    say(4712, "Ada", 0);
    assert_int_equal(transcript.first, 2);
    assert_int_equal(transcript.end, TRANSCRIPT_LINES_MAX + 2);
    assert_null(transcript_find(&transcript, 1));
    assert_int_equal(transcript_find(&transcript, 2)->peer, 2);
    assert_int_equal(transcript_find(&transcript, TRANSCRIPT_LINES_MAX)->peer, 4711);
    assert_int_equal(transcript.bytes, TRANSCRIPT_LINES_MAX * strlen("Adahello"));
}

static void test_the_oldest_go_when_they_are_too_big(void **state) {
    (void)state;
    add_bytes(100);
    add_bytes(200);
    add_bytes(TRANSCRIPT_BYTES_MAX - 300);
    assert_int_equal(transcript.first, 0);
    assert_int_equal(transcript.bytes, TRANSCRIPT_BYTES_MAX);
    add_bytes(1);
    assert_int_equal(transcript.first, 1);
    add_bytes(101);
    assert_int_equal(transcript.first, 2);
    assert_int_equal(transcript.bytes, TRANSCRIPT_BYTES_MAX - 300 + 102);
}

static void test_a_line_alone_may_fill_it(void **state) {
    (void)state;
    add_bytes(1);
    add_bytes(TRANSCRIPT_BYTES_MAX);
    assert_int_equal(transcript.first, 1);
    struct line line = {.author = slice_of("x"), .text = transcript_find(&transcript, 1)->text};
    assert_int_equal(transcript_add(&transcript, &line), PARLEY_ERR_TOO_LONG);
    assert_int_equal(transcript.end, 2);
    assert_int_equal(transcript.bytes, TRANSCRIPT_BYTES_MAX);
}

/* Which lines belong together */

static void test_texts_of_one_author_belong_together(void **state) {
    (void)state;
    assert_false(say(1, "Ada", 0)->continues);
    assert_true(say(1, "Ada", 1000)->continues);
    assert_true(say(1, "Ada", 2000)->continues);
    assert_false(say(0, "Ada", 3000)->continues);
    assert_true(say(0, "Ada", 4000)->continues);
    assert_false(say(1, "Ada", 5000)->continues);
}

static void test_a_new_name_begins_anew(void **state) {
    (void)state;
    say(1, "Ada", 0);
    assert_false(say(1, "Ada L.", 0)->continues);
}

static void test_a_pause_begins_anew(void **state) {
    (void)state;
    say(1, "Ada", 0);
    assert_true(say(1, "Ada", TRANSCRIPT_GROUP_MS)->continues);
    assert_false(say(1, "Ada", 2 * TRANSCRIPT_GROUP_MS + 1)->continues);
}

static void test_a_clock_set_back_begins_anew(void **state) {
    (void)state;
    say(1, "Ada", 5000);
    assert_false(say(1, "Ada", 4999)->continues);
}

static void test_no_clock_is_too_wrong(void **state) {
    (void)state;
    say(1, "Ada", INT64_MIN);
    assert_false(say(1, "Ada", INT64_MAX)->continues);
    assert_false(say(1, "Ada", INT64_MIN)->continues);
    assert_true(say(1, "Ada", INT64_MIN + 1)->continues);
}

static void test_lines_of_the_room_stand_alone(void **state) {
    (void)state;
    for (int kind = LINE_TEXT + 1; kind < LINE_KIND_COUNT; kind++) {
        struct line line = {.kind = (enum line_kind)kind, .peer = 1, .author = slice_of("Ada")};
        say(1, "Ada", 0);
        assert_false(add(&line)->continues);
        assert_false(add(&line)->continues);
        assert_false(say(1, "Ada", 0)->continues);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_line_keeps_everything),
        TEST(lines_are_numbered_from_0),
        TEST(a_line_may_have_no_text),
        TEST(clearing_does_not_use_numbers_again),
        TEST(the_oldest_go_when_there_are_too_many),
        TEST(the_oldest_go_when_they_are_too_big),
        TEST(a_line_alone_may_fill_it),
        TEST(texts_of_one_author_belong_together),
        TEST(a_new_name_begins_anew),
        TEST(a_pause_begins_anew),
        TEST(a_clock_set_back_begins_anew),
        TEST(no_clock_is_too_wrong),
        TEST(lines_of_the_room_stand_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
