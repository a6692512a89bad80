/* Texts that wait to be shown: in order, and limited in rate and number. */
#include "inbox.h"

#include "error.h"
#include "slices.h"

#include <stdlib.h>

static struct inbox inbox;

static int setup(void **state) {
    (void)state;
    inbox = (struct inbox){0};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    inbox_clear(&inbox);
    return 0;
}

static void add(uint32_t number, const char *text) {
    assert_int_equal(inbox_add(&inbox, number, slice_of(text)), PARLEY_OK);
}

/* Takes all texts that may be shown now. Returns how many. */
static uint32_t take_all(uint64_t now_ms) {
    uint32_t count = 0;
    for (; inbox_take(&inbox, now_ms); count++)
        inbox_drop_first(&inbox);
    return count;
}

static void test_texts_come_out_in_order(void **state) {
    (void)state;
    uint32_t number;
    struct slice text;
    assert_false(inbox_first(&inbox, &number, &text));
    add(7, "one");
    add(8, "two");
    for (uint32_t i = 0; i < 2; i++) {
        assert_true(inbox_first(&inbox, &number, &text));
        assert_int_equal(number, 7 + i);
        assert_slice(text, i ? "two" : "one");
        inbox_drop_first(&inbox);
    }
    assert_int_equal(inbox.bytes + inbox.count, 0);
    add(9, "three");
    assert_true(inbox_first(&inbox, &number, &text));
    assert_int_equal(number, 9);
}

static void test_no_more_than_a_window_waits(void **state) {
    (void)state;
    for (uint32_t i = 0; i < INBOX_TEXTS_MAX; i++)
        add(i, "x");
    assert_int_equal(inbox_add(&inbox, INBOX_TEXTS_MAX, slice_of("x")), PARLEY_ERR_FULL);
    assert_int_equal(inbox.count, INBOX_TEXTS_MAX);
}

static void test_no_more_bytes_than_a_window_wait(void **state) {
    (void)state;
    char *half = malloc(INBOX_BYTES_MAX / 2);
    memset(half, 'x', INBOX_BYTES_MAX / 2);
    struct slice text = {half, INBOX_BYTES_MAX / 2};
    assert_int_equal(inbox_add(&inbox, 0, text), PARLEY_OK);
    assert_int_equal(inbox_add(&inbox, 1, text), PARLEY_OK);
    assert_int_equal(inbox_add(&inbox, 2, slice_of("x")), PARLEY_ERR_FULL);
    inbox_drop_first(&inbox);
    assert_int_equal(inbox_add(&inbox, 2, slice_of("x")), PARLEY_OK);
    free(half);
}

static void test_a_burst_then_so_many_a_second(void **state) {
    (void)state;
    assert_int_equal(inbox_due_ms(&inbox), UINT64_MAX);
    uint32_t shown = 0;
    for (uint32_t i = 0; i < 4 * INBOX_TEXTS_MAX; i++) {
        if (inbox.count < INBOX_TEXTS_MAX)
            add(i, "x");
        shown += take_all(1000);
    }
    assert_int_equal(shown, INBOX_TEXTS_MAX + 1);
    uint64_t due_ms = inbox_due_ms(&inbox);
    assert_int_equal(due_ms, 1000 + INBOX_TEXT_MS);
    assert_false(inbox_take(&inbox, due_ms - 1));
    assert_int_equal(take_all(due_ms), 1);
    assert_int_equal(take_all(due_ms + 1000), 1000 / INBOX_TEXT_MS);
}

static void test_long_texts_take_longer(void **state) {
    (void)state;
    char text[4001] = {0};
    memset(text, 'x', sizeof text - 1);
    uint32_t shown = 0;
    for (uint32_t i = 0; i < INBOX_TEXTS_MAX; i++) {
        if (inbox.bytes + sizeof text <= INBOX_BYTES_MAX)
            add(i, text);
        shown += take_all(1000);
    }
    assert_in_range(shown, 60, 80); /* more than anybody pastes */
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(texts_come_out_in_order),          TEST(no_more_than_a_window_waits),
        TEST(no_more_bytes_than_a_window_wait), TEST(a_burst_then_so_many_a_second),
        TEST(long_texts_take_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
