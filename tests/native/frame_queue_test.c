/* What waits for a choked socket: in order, and never more than allowed. */
#include "error.h"
#include "frame_queue.h"

#include "cmocka_all.h"

#include <stdlib.h>

static void assert_takes(struct frame_queue *queue, const char *expected) {
    struct frame *frame = frame_queue_take(queue);
    assert_non_null(frame);
    assert_true(slice_equal((struct slice){frame->bytes, frame->len}, slice_of(expected)));
    free(frame);
}

static void test_first_in_first_out(void **state) {
    (void)state;
    struct frame_queue queue = {0};
    assert_null(frame_queue_take(&queue));
    for (int round = 0; round < 2; round++) {
        assert_int_equal(frame_queue_add(&queue, slice_of("one"), 100), PARLEY_OK);
        assert_int_equal(frame_queue_add(&queue, slice_of("two"), 100), PARLEY_OK);
        assert_takes(&queue, "one");
        assert_int_equal(frame_queue_add(&queue, slice_of("three"), 100), PARLEY_OK);
        assert_takes(&queue, "two");
        assert_takes(&queue, "three");
        assert_null(frame_queue_take(&queue));
    }
}

static void test_bounds(void **state) {
    (void)state;
    struct frame_queue queue = {0};
    assert_int_equal(frame_queue_add(&queue, slice_of("12345"), 4), PARLEY_ERR_FULL);
    assert_int_equal(frame_queue_add(&queue, slice_of("123"), 4), PARLEY_OK);
    assert_int_equal(frame_queue_add(&queue, slice_of("12"), 4), PARLEY_ERR_FULL);
    assert_int_equal(frame_queue_add(&queue, slice_of("4"), 4), PARLEY_OK);
    frame_queue_clear(&queue);
    frame_queue_clear(&queue);
    assert_int_equal(frame_queue_add(&queue, slice_of("1234"), 4), PARLEY_OK);
    frame_queue_clear(&queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
