/* The order of deadlines, with the test's own clock. */
#include "deadline_queue.h"

#include "cmocka_all.h"

static struct deadline_queue queue;
static struct deadline_entry ann, bob, cyd;

static int setup(void **state) {
    (void)state;
    queue = (struct deadline_queue){0};
    deadline_queue_add(&queue, &ann, 10);
    deadline_queue_add(&queue, &bob, 20);
    deadline_queue_add(&queue, &cyd, 20);
    return 0;
}

static void nothing_is_never_due(void **state) {
    (void)state;
    queue = (struct deadline_queue){0};
    assert_int_equal(deadline_queue_deadline_ms(&queue), NO_DEADLINE);
    assert_null(deadline_queue_next(&queue, UINT64_MAX));
}

static void each_comes_in_its_time_and_once(void **state) {
    (void)state;
    assert_int_equal(deadline_queue_deadline_ms(&queue), 10);
    assert_null(deadline_queue_next(&queue, 9));
    assert_ptr_equal(deadline_queue_next(&queue, 10), &ann);
    assert_null(deadline_queue_next(&queue, 19));
    assert_ptr_equal(deadline_queue_next(&queue, 25), &bob);
    assert_ptr_equal(deadline_queue_next(&queue, 25), &cyd);
    assert_null(deadline_queue_next(&queue, UINT64_MAX));
}

static void a_removed_entry_is_not_due_wherever_it_was(void **state) {
    struct deadline_entry *const entries[] = {&ann, &bob, &cyd};
    for (int removed = 0; removed < 3; removed++) {
        setup(state);
        deadline_queue_remove(&queue, entries[removed]);
        for (int i = 0; i < 3; i++)
            if (i != removed)
                assert_ptr_equal(deadline_queue_next(&queue, 20), entries[i]);
        assert_null(deadline_queue_next(&queue, 20));
        deadline_queue_add(&queue, entries[removed], 30);
        assert_ptr_equal(deadline_queue_next(&queue, 30), entries[removed]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_never_due, setup),
        cmocka_unit_test_setup(each_comes_in_its_time_and_once, setup),
        cmocka_unit_test_setup(a_removed_entry_is_not_due_wherever_it_was, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
