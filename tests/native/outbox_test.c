/* Messages to everybody: kept once, in order, within limits. */
#include "outbox.h"

#include "error.h"
#include "slices.h"

static struct outbox outbox;

static int setup(void **state) {
    (void)state;
    return outbox_init(&outbox);
}

static int teardown(void **state) {
    (void)state;
    outbox_deinit(&outbox);
    return 0;
}

static void add(const char *text) {
    assert_int_equal(outbox_add(&outbox, slice_of(text)), PARLEY_OK);
}

static void add_filled(size_t bytes) {
    assert_int_equal(outbox_add(&outbox, filled("", "x", bytes, "")), PARLEY_OK);
}

static void test_keeps_messages_by_number(void **state) {
    (void)state;
    add("one");
    add("two");
    assert_int_equal(outbox.first, 0);
    assert_int_equal(outbox.end, 2);
    assert_slice(outbox_get(&outbox, 0), "one");
    assert_slice(outbox_get(&outbox, 1), "two");
    assert_int_equal(outbox.bytes, 6);
}

static void test_keeps_a_copy(void **state) {
    (void)state;
    char text[] = "mine";
    add(text);
    text[0] = 'M';
    assert_slice(outbox_get(&outbox, 0), "mine");
}

static void test_an_empty_message_counts(void **state) {
    (void)state;
    assert_int_equal(outbox_add(&outbox, (struct slice){0}), PARLEY_OK);
    assert_int_equal(outbox_get(&outbox, 0).len, 0);
}

static void test_drops_what_everybody_has(void **state) {
    (void)state;
    add("one");
    add("two");
    add("three");
    outbox_drop_before(&outbox, 2);
    assert_int_equal(outbox.first, 2);
    assert_slice(outbox_get(&outbox, 2), "three");
    assert_int_equal(outbox.bytes, 5);
}

static void test_dropping_again_does_nothing(void **state) {
    (void)state;
    add("one");
    add("two");
    outbox_drop_before(&outbox, 1);
    outbox_drop_before(&outbox, 1);
    outbox_drop_before(&outbox, 0);
    assert_int_equal(outbox.first, 1);
    outbox_drop_before(&outbox, 2);
    assert_int_equal(outbox.first, 2);
    assert_int_equal(outbox.bytes, 0);
}

static void test_numbers_are_not_used_again(void **state) {
    (void)state;
    add("one");
    outbox_drop_before(&outbox, 1);
    add("two");
    assert_int_equal(outbox.first, 1);
    assert_slice(outbox_get(&outbox, 1), "two");
}

static void test_the_oldest_goes_when_there_are_too_many(void **state) {
    (void)state;
    for (int i = 0; i < OUTBOX_MESSAGES_MAX; i++)
        add(i == 1 ? "second" : "other");
    assert_int_equal(outbox.first, 0);
    add("newest");
    assert_int_equal(outbox.first, 1);
    assert_slice(outbox_get(&outbox, 1), "second");
    assert_slice(outbox_get(&outbox, OUTBOX_MESSAGES_MAX), "newest");
}

static void test_the_oldest_go_when_they_are_too_big(void **state) {
    (void)state;
    const size_t piece = 1 << 16;
    for (size_t i = 0; i < OUTBOX_BYTES_MAX / piece; i++)
        add_filled(piece);
    assert_int_equal(outbox.first, 0);
    assert_int_equal(outbox.bytes, OUTBOX_BYTES_MAX);
    add("a");
    assert_int_equal(outbox.first, 1);
    add_filled(piece);
    assert_int_equal(outbox.first, 2);
    assert_true(outbox.bytes <= OUTBOX_BYTES_MAX);
}

static void test_a_message_alone_may_fill_it(void **state) {
    (void)state;
    static char big[OUTBOX_BYTES_MAX + 1];
    add("old");
    assert_int_equal(outbox_add(&outbox, (struct slice){big, sizeof big}), PARLEY_ERR_TOO_BIG);
    assert_slice(outbox_get(&outbox, 0), "old");
    assert_int_equal(outbox_add(&outbox, (struct slice){big, sizeof big - 1}), PARLEY_OK);
    assert_int_equal(outbox.first, 1);
    assert_int_equal(outbox_get(&outbox, 1).len, OUTBOX_BYTES_MAX);
}

static void test_numbers_may_wrap(void **state) {
    (void)state;
    outbox.first = outbox.end = UINT32_MAX - 1;
    add("before");
    add("at");
    add("after");
    assert_int_equal(outbox.end, 1);
    assert_slice(outbox_get(&outbox, UINT32_MAX - 1), "before");
    assert_slice(outbox_get(&outbox, UINT32_MAX), "at");
    assert_slice(outbox_get(&outbox, 0), "after");
    outbox_drop_before(&outbox, 0);
    assert_int_equal(outbox.first, 0);
    assert_slice(outbox_get(&outbox, 0), "after");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(keeps_messages_by_number),
        TEST(keeps_a_copy),
        TEST(an_empty_message_counts),
        TEST(drops_what_everybody_has),
        TEST(dropping_again_does_nothing),
        TEST(numbers_are_not_used_again),
        TEST(the_oldest_goes_when_there_are_too_many),
        TEST(the_oldest_go_when_they_are_too_big),
        TEST(a_message_alone_may_fill_it),
        TEST(numbers_may_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
