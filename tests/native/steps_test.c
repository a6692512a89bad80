#include "cmocka_all.h"
#include "error.h"
#include "steps.h"

static struct steps steps;

static void assert_step(uint32_t index, const char *text) {
    struct buffer words;
    buffer_init(&words, 128);
    assert_true(index < steps.count);
    assert_int_equal(step_text(&steps.list[index], &words), PARLEY_OK);
    assert_true(slice_equal(buffer_slice(&words), slice_of(text)));
    buffer_deinit(&words);
}

static void steps_tell_the_way_with_times_and_counts(void **state) {
    (void)state;
    steps_init(&steps, 100);
    steps_add(&steps, 105, STEP_OFFER_SENT);
    for (uint64_t i = 0; i < 2; i++)
        steps_add_candidate(&steps, 109 + i, STEP_LOCAL_CANDIDATE,
                            slice_of("candidate:1 1 udp 1 h 9 typ host generation 0"));
    steps_add_candidate(&steps, 112, STEP_REMOTE_CANDIDATE,
                        slice_of("candidate:1 1 udp 1 h 9 typ relay"));
    steps_add_candidate(&steps, 112, STEP_REMOTE_CANDIDATE, slice_of("no type"));
    assert_step(0, "In the room together");
    assert_step(1, "Offer sent");
    assert_int_equal(steps.list[1].at_ms, 5);
    assert_step(2, "Own candidate: host (2)");
    assert_int_equal(steps.list[2].at_ms, 9);
    assert_step(3, "Their candidate: relay");
    assert_step(4, "Their candidate: other");
    assert_true(steps_have(&steps, STEP_OFFER_SENT));
    assert_false(steps_have(&steps, STEP_CLOSED));
}

static void every_kind_has_words_and_the_list_is_long_enough_for_all(void **state) {
    (void)state;
    steps_init(&steps, 0);
    for (int kind = STEP_OFFER_SENT; kind <= STEP_CLOSED; kind++)
        steps_add(&steps, 0, (enum step_kind)kind);
    assert_int_equal(steps.count, STEP_CLOSED + 1);
    struct buffer words;
    buffer_init(&words, 128);
    for (uint32_t i = 0; i < steps.count; i++) {
        buffer_clear(&words);
        assert_int_equal(step_text(&steps.list[i], &words), PARLEY_OK);
        assert_true(words.len > 5);
    }
    buffer_deinit(&words);
}

static void counts_and_kinds_are_bounded(void **state) {
    (void)state;
    steps_init(&steps, 0);
    for (int i = 0; i < 70000; i++)
        steps_add(&steps, UINT64_MAX, STEP_GARBAGE);
    assert_int_equal(steps.list[1].count, UINT16_MAX);
    assert_int_equal(steps.list[1].at_ms, UINT32_MAX);
    steps.count = STEPS_MAX;
    steps_add(&steps, 0, STEP_CLOSED);
    assert_int_equal(steps.count, STEPS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_tell_the_way_with_times_and_counts),
        cmocka_unit_test(every_kind_has_words_and_the_list_is_long_enough_for_all),
        cmocka_unit_test(counts_and_kinds_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
