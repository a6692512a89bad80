/* Lines take turns. */
#include "fair_queue.h"

#include "cmocka_all.h"

#define ENTRIES 6

static struct fair_queue queue;
static struct fair_line lines[2];
static struct fair_entry entries[ENTRIES];

static int setup(void **state) {
    (void)state;
    queue = (struct fair_queue){0};
    for (int i = 0; i < 2; i++)
        lines[i] = (struct fair_line){0};
    for (int i = 0; i < ENTRIES; i++)
        entries[i] = (struct fair_entry){0};
    return 0;
}

static void assert_next(int number) {
    assert_ptr_equal(fair_queue_take(&queue), &entries[number]);
}

static void test_a_line_is_first_come_first_served(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++)
        fair_queue_add(&queue, &lines[0], &entries[i]);
    for (int i = 0; i < 3; i++)
        assert_next(i);
    assert_null(fair_queue_take(&queue));
}

/* A newcomer's entry comes second, even if another line has many. */
static void test_lines_take_turns(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++)
        fair_queue_add(&queue, &lines[0], &entries[i]);
    assert_next(0);
    fair_queue_add(&queue, &lines[1], &entries[4]);
    fair_queue_add(&queue, &lines[1], &entries[5]);
    assert_next(1);
    assert_next(4);
    assert_next(2);
    assert_next(5);
    assert_next(3);
    assert_null(fair_queue_take(&queue));
    fair_queue_add(&queue, &lines[1], &entries[0]);
    assert_next(0);
}

static void test_a_removed_entry_has_no_turn(void **state) {
    (void)state;
    fair_queue_remove(&queue, &entries[0]); /* harmless */
    for (int i = 0; i < 3; i++)
        fair_queue_add(&queue, &lines[0], &entries[i]);
    fair_queue_add(&queue, &lines[1], &entries[3]);
    fair_queue_remove(&queue, &entries[1]);
    fair_queue_remove(&queue, &entries[3]); /* the last of its line */
    fair_queue_remove(&queue, &entries[3]);
    assert_next(0);
    fair_queue_remove(&queue, &entries[2]);
    assert_null(fair_queue_take(&queue));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_line_is_first_come_first_served, setup),
        cmocka_unit_test_setup(test_lines_take_turns, setup),
        cmocka_unit_test_setup(test_a_removed_entry_has_no_turn, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
