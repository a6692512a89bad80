/* Frames that wait for a full socket: in order, and never more than allowed. */
#define _GNU_SOURCE /* libwebsockets.h */
#include "dispatcher.h"
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
        assert_int_equal(frame_queue_add(&queue, slice_of("one"), 100, FRAME_FROM_NOBODY),
                         PARLEY_OK);
        assert_int_equal(frame_queue_add(&queue, slice_of("two"), 100, FRAME_FROM_NOBODY),
                         PARLEY_OK);
        assert_takes(&queue, "one");
        assert_int_equal(frame_queue_add(&queue, slice_of("three"), 100, FRAME_FROM_NOBODY),
                         PARLEY_OK);
        assert_takes(&queue, "two");
        assert_takes(&queue, "three");
        assert_null(frame_queue_take(&queue));
    }
}

static void test_bounds(void **state) {
    (void)state;
    struct frame_queue queue = {0};
    assert_int_equal(frame_queue_add(&queue, slice_of("12345"), 4, FRAME_FROM_NOBODY),
                     PARLEY_ERR_FULL);
    assert_int_equal(frame_queue_add(&queue, slice_of("123"), 4, FRAME_FROM_NOBODY), PARLEY_OK);
    assert_int_equal(frame_queue_add(&queue, slice_of("12"), 4, FRAME_FROM_NOBODY),
                     PARLEY_ERR_FULL);
    assert_int_equal(frame_queue_add(&queue, slice_of("4"), 4, FRAME_FROM_NOBODY), PARLEY_OK);
    frame_queue_clear(&queue);
    frame_queue_clear(&queue);
    assert_int_equal(frame_queue_add(&queue, slice_of("1234"), 4, FRAME_FROM_NOBODY), PARLEY_OK);
    frame_queue_clear(&queue);
}

static int add_from(struct frame_queue *queue, uint32_t from) {
    return frame_queue_add(queue, slice_of("ten bytes."), 120, from);
}

/* How many more frames of |from| the queue takes. */
static int fill_from(struct frame_queue *queue, uint32_t from) {
    int count = 0;
    while (add_from(queue, from) == PARLEY_OK)
        count++;
    return count;
}

/* The first sender takes half of the twelve places, and each later one half of the rest. */
static void test_nobody_takes_the_place_of_others(void **state) {
    (void)state;
    struct frame_queue queue = {0};
    assert_int_equal(fill_from(&queue, 1), 6);
    assert_int_equal(fill_from(&queue, 2), 3);
    assert_int_equal(fill_from(&queue, 3), 1);
    assert_int_equal(fill_from(&queue, 1), 0);
    assert_int_equal(fill_from(&queue, 4), 1);
    assert_int_equal(fill_from(&queue, FRAME_FROM_NOBODY), 1);
    for (int i = 0; i < 6; i++)
        free(frame_queue_take(&queue));
    assert_int_equal(fill_from(&queue, 1), 3); /* sent frames no longer count */
    frame_queue_clear(&queue);
}

static void test_a_total_of_many(void **state) {
    (void)state;
    struct frame_total total = {0};
    struct frame_queue ann = {.total = &total}, bob = {.total = &total};
    assert_int_equal(frame_queue_add(&ann, slice_of("one"), 4, FRAME_FROM_NOBODY), PARLEY_OK);
    assert_int_equal(frame_queue_add(&bob, slice_of("four"), 4, FRAME_FROM_NOBODY), PARLEY_OK);
    assert_int_equal(frame_queue_add(&bob, slice_of("five"), 4, FRAME_FROM_NOBODY),
                     PARLEY_ERR_FULL);
    assert_int_equal(total.bytes, 7);
    assert_int_equal(total.queues, 2);
    assert_takes(&ann, "one");
    assert_int_equal(total.bytes, 4);
    frame_queue_clear(&bob);
    assert_int_equal(total.bytes, 0);
    assert_int_equal(total.queues, 0);
}

/* The server's own frames have a place even when those of others have none. If many clients do not
 * read, each of them has fewer places. */
static void test_how_much_may_wait(void **state) {
    (void)state;
    const struct config config = {.member_queue_kilobytes = 100};
    struct dispatcher dispatcher = {.config = &config,
                                    .queued.bytes = DISPATCHER_QUEUED_IN_ALL_MAX};
    assert_int_equal(dispatcher_queue_bytes_max(&dispatcher, FRAME_FROM_NOBODY), 100 * 1024);
    assert_int_equal(dispatcher_queue_bytes_max(&dispatcher, 7), 50 * 1024);
    dispatcher.queued.bytes++;
    assert_int_equal(dispatcher_queue_bytes_max(&dispatcher, FRAME_FROM_NOBODY),
                     DISPATCHER_SCARCE_BYTES_MAX);
    assert_int_equal(dispatcher_queue_bytes_max(&dispatcher, 7), DISPATCHER_SCARCE_BYTES_MAX / 2);
    assert_true(DISPATCHER_SCARCE_BYTES_MAX / 2 >= WIRE_MESSAGE_BYTES_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_nobody_takes_the_place_of_others),
        cmocka_unit_test(test_a_total_of_many),
        cmocka_unit_test(test_how_much_may_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
