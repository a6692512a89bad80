/* The lines of the conversation: their numbers, their limits, and their groups. */
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

static bool continues(const struct line *line) {
    return transcript_continues(&transcript, line);
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
    assert_int_equal(transcript_first(&transcript), 0);
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
    assert_int_equal(transcript_first(&transcript), 2);
    assert_int_equal(transcript.end, 2);
    assert_int_equal(transcript.bytes, 0);
    assert_null(transcript_find(&transcript, 1));
    assert_false(continues(say(1, "Ada", 0)));
    assert_int_equal(transcript.end, 3);
}

/* Limits */

static void test_the_oldest_go_when_there_are_too_many(void **state) {
    (void)state;
    for (uint32_t i = 0; i < TRANSCRIPT_LINES_MAX; i++)
        say(7, "Ada", i);
    assert_int_equal(transcript_first(&transcript), 0);
    say(7, "Ada", 4711);
    say(7, "Ada", 4712);
    assert_int_equal(transcript_first(&transcript), 2);
    assert_int_equal(transcript.end, TRANSCRIPT_LINES_MAX + 2);
    assert_null(transcript_find(&transcript, 1));
    assert_int_equal(transcript_find(&transcript, 2)->wall_ms, 2);
    assert_int_equal(transcript_find(&transcript, TRANSCRIPT_LINES_MAX)->wall_ms, 4711);
    assert_int_equal(transcript.bytes, TRANSCRIPT_LINES_MAX * strlen("Adahello"));
}

static void test_the_oldest_go_when_they_are_too_big(void **state) {
    (void)state;
    add_bytes(100);
    add_bytes(200);
    add_bytes(TRANSCRIPT_BYTES_MAX - 300);
    assert_int_equal(transcript_first(&transcript), 0);
    assert_int_equal(transcript.bytes, TRANSCRIPT_BYTES_MAX);
    add_bytes(1);
    assert_int_equal(transcript_first(&transcript), 1);
    add_bytes(101);
    assert_int_equal(transcript_first(&transcript), 2);
    assert_int_equal(transcript.bytes, TRANSCRIPT_BYTES_MAX - 300 + 102);
}

static void test_a_line_alone_may_fill_it(void **state) {
    (void)state;
    add_bytes(1);
    add_bytes(TRANSCRIPT_BYTES_MAX);
    assert_int_equal(transcript_first(&transcript), 1);
    struct line line = {.author = slice_of("x"), .text = transcript_find(&transcript, 1)->text};
    assert_int_equal(transcript_add(&transcript, &line), PARLEY_ERR_TOO_LONG);
    assert_int_equal(transcript.end, 2);
    assert_int_equal(transcript.bytes, TRANSCRIPT_BYTES_MAX);
}

/* Shares */

static uint32_t count_of(uint32_t peer) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < transcript.count; i++)
        count += transcript.lines[i]->kind == LINE_TEXT && transcript.lines[i]->peer == peer;
    return count;
}

static void test_a_flood_pushes_out_itself(void **state) {
    (void)state;
    for (int i = 0; i < 100; i++) {
        say(0, "Ada", 0);
        say(1, "Bea", 0);
        add(&(struct line){.kind = LINE_JOINED});
    }
    for (int i = 0; i < TRANSCRIPT_LINES_MAX + 100; i++)
        say(2, "Mallory", 0);
    assert_int_equal(count_of(0), 100);
    assert_int_equal(count_of(1), 100);
    assert_int_equal(count_of(2), TRANSCRIPT_LINES_MAX - 300);
    assert_int_equal(transcript_first(&transcript), 0);
}

static void test_people_with_as_much_to_say_have_equal_shares(void **state) {
    (void)state;
    for (int i = 0; i < TRANSCRIPT_LINES_MAX; i++)
        say(1, "Mallory", 0);
    for (int i = 0; i < TRANSCRIPT_LINES_MAX; i++)
        say(2, "Ada", 0);
    assert_in_range(count_of(2), TRANSCRIPT_LINES_MAX / 2 - 1, TRANSCRIPT_LINES_MAX / 2 + 1);
}

static void test_long_texts_push_out_long_texts(void **state) {
    (void)state;
    static char text[TRANSCRIPT_BYTES_MAX / 8];
    for (int i = 0; i < 1000; i++)
        say(1, "Ada", 0);
    for (int i = 0; i < 20; i++)
        add(&(struct line){.kind = LINE_TEXT, .peer = 2, .text = {text, sizeof text}});
    assert_int_equal(count_of(1), 1000);
    assert_int_equal(count_of(2), 7);
}

/* A person who returns again and again as somebody else still has only one share. */
static void test_people_who_are_gone_have_one_share_together(void **state) {
    (void)state;
    for (int i = 0; i < 1000; i++)
        say(0, "Ada", 0);
    for (uint32_t peer = 1; peer < 132; peer++) {
        for (int i = 0; i < 100; i++)
            say(peer, "Mallory", 0);
        transcript_author_gone(&transcript, peer);
    }
    assert_int_equal(count_of(0), 1000);
    assert_int_equal(transcript.count, TRANSCRIPT_LINES_MAX);
}

/* A crowd that comes, talks and goes does not push out the lines of a person who says little. */
static void test_among_those_who_are_gone_the_one_with_the_most_gives_way(void **state) {
    (void)state;
    for (int i = 0; i < 50; i++)
        say(1, "Grace", 0);
    transcript_author_gone(&transcript, 1);
    for (uint32_t peer = 2; peer < 102; peer++) {
        for (int i = 0; i < 250; i++)
            say(peer, "Mallory", 0);
        transcript_author_gone(&transcript, peer);
    }
    assert_int_equal(count_of(1), 50);
    assert_int_equal(transcript.count, TRANSCRIPT_LINES_MAX);
}

/* A reused number is another person. */
static void test_a_person_who_is_gone_takes_no_more_lines(void **state) {
    (void)state;
    say(1, "Ada", 0);
    transcript_author_gone(&transcript, 1);
    for (int i = 0; i < TRANSCRIPT_LINES_MAX; i++)
        say(1, "Ada", 0);
    assert_non_null(transcript_find(&transcript, 0));
}

static void test_a_full_house_leaves_everybody_a_share(void **state) {
    (void)state;
    for (int i = 0; i < 1000; i++)
        say(0, "Ada", 0);
    for (int i = 0; i < 200; i++)
        for (uint32_t peer = 1; peer < 64; peer++)
            say(peer, "Mallory", 0);
    assert_in_range(count_of(0), TRANSCRIPT_LINES_MAX / 64 - 1, TRANSCRIPT_LINES_MAX / 64 + 1);
}

static void test_an_author_whose_lines_were_dropped_begins_anew(void **state) {
    (void)state;
    say(1, "Ada", 0);
    const struct line *second = say(1, "Ada", 0);
    assert_true(continues(second));
    for (int i = 0; i < TRANSCRIPT_LINES_MAX - 1; i++)
        say(1, "Ada", 0);
    assert_null(transcript_find(&transcript, 0));
    assert_false(continues(second));
}

/* Notes in a row */

static void count_run(const struct line *line, uint32_t left, uint32_t joined) {
    const uint32_t *counts = transcript_count_run(&transcript, line);
    assert_int_equal(counts[LINE_LEFT], left);
    assert_int_equal(counts[LINE_JOINED], joined);
}

static void test_notes_in_a_row_are_a_run(void **state) {
    (void)state;
    const struct line *entered = add(&(struct line){.kind = LINE_ENTERED});
    const struct line *first = add(&(struct line){.kind = LINE_JOINED});
    const struct line *second = add(&(struct line){.kind = LINE_LEFT});
    const struct line *third = add(&(struct line){.kind = LINE_LEFT});
    say(1, "Ada", 0);
    const struct line *other = add(&(struct line){.kind = LINE_LEFT});
    assert_int_equal(entered->run, entered->sequence);
    assert_int_equal(first->run, first->sequence);
    assert_int_equal(third->run, first->sequence);
    assert_int_equal(other->run, other->sequence);
    count_run(second, 2, 1);
    count_run(other, 1, 0);
}

static void test_a_run_that_grows_and_ends_is_counted_on(void **state) {
    (void)state;
    const struct line note = {.kind = LINE_LEFT};
    const struct line *first = add(&(struct line){.kind = LINE_JOINED}), *last;
    count_run(first, 0, 1);
    for (uint32_t i = 1; i < TRANSCRIPT_LINES_MAX; i++) {
        last = add(&note);
        count_run(last, i, 1);
    }
    last = add(&note); /* the first is dropped */
    count_run(last, TRANSCRIPT_LINES_MAX, 0);
    transcript_clear(&transcript);
    say(1, "Ada", 0);
    last = add(&note);
    count_run(last, 1, 0);
}

/* Days */

static void test_a_day_begins_where_it_does_on_the_clock(void **state) {
    (void)state;
    const int64_t hour_ms = 3600000;
    static const struct {
        int64_t hours;
        int32_t utc_offset_min;
        bool begins;
    } rows[] = {{-30, 0, true}, {-25, 0, false}, {-24, 0, true},  {-1, 0, false}, {0, 0, true},
                {23, 0, false}, {24, 0, true},   {46, 60, false}, {47, 60, true}, {48, 60, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct line *line = add(&(struct line){.kind = LINE_TEXT,
                                                     .wall_ms = rows[i].hours * hour_ms,
                                                     .utc_offset_min = rows[i].utc_offset_min});
        assert_int_equal(transcript_begins_day(&transcript, line), rows[i].begins);
    }
}

/* Which lines belong together */

static void test_texts_of_one_author_belong_together(void **state) {
    (void)state;
    assert_false(continues(say(1, "Ada", 0)));
    assert_true(continues(say(1, "Ada", 1000)));
    assert_true(continues(say(1, "Ada", 2000)));
    assert_false(continues(say(0, "Ada", 3000)));
    assert_true(continues(say(0, "Ada", 4000)));
    assert_false(continues(say(1, "Ada", 5000)));
}

static void test_a_new_name_begins_anew(void **state) {
    (void)state;
    say(1, "Ada", 0);
    assert_false(continues(say(1, "Ada L.", 0)));
}

static void test_a_pause_begins_anew(void **state) {
    (void)state;
    say(1, "Ada", 0);
    assert_true(continues(say(1, "Ada", TRANSCRIPT_GROUP_MS)));
    assert_false(continues(say(1, "Ada", 2 * TRANSCRIPT_GROUP_MS + 1)));
}

static void test_a_clock_set_back_begins_anew(void **state) {
    (void)state;
    say(1, "Ada", 5000);
    assert_false(continues(say(1, "Ada", 4999)));
}

static void test_no_clock_is_too_wrong(void **state) {
    (void)state;
    say(1, "Ada", INT64_MIN);
    assert_false(continues(say(1, "Ada", INT64_MAX)));
    assert_false(continues(say(1, "Ada", INT64_MIN)));
    assert_true(continues(say(1, "Ada", INT64_MIN + 1)));
}

static void test_lines_of_the_room_stand_alone(void **state) {
    (void)state;
    for (int kind = LINE_TEXT + 1; kind < LINE_KIND_COUNT; kind++) {
        struct line line = {.kind = (enum line_kind)kind, .peer = 1, .author = slice_of("Ada")};
        say(1, "Ada", 0);
        assert_false(continues(add(&line)));
        assert_false(continues(add(&line)));
        assert_false(continues(say(1, "Ada", 0)));
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
        TEST(a_flood_pushes_out_itself),
        TEST(people_with_as_much_to_say_have_equal_shares),
        TEST(long_texts_push_out_long_texts),
        TEST(people_who_are_gone_have_one_share_together),
        TEST(among_those_who_are_gone_the_one_with_the_most_gives_way),
        TEST(a_person_who_is_gone_takes_no_more_lines),
        TEST(a_full_house_leaves_everybody_a_share),
        TEST(an_author_whose_lines_were_dropped_begins_anew),
        TEST(notes_in_a_row_are_a_run),
        TEST(a_run_that_grows_and_ends_is_counted_on),
        TEST(a_day_begins_where_it_does_on_the_clock),
        TEST(texts_of_one_author_belong_together),
        TEST(a_new_name_begins_anew),
        TEST(a_pause_begins_anew),
        TEST(a_clock_set_back_begins_anew),
        TEST(no_clock_is_too_wrong),
        TEST(lines_of_the_room_stand_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
