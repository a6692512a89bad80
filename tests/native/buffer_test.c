/* Bytes that grow up to their limit and never past it. */
#include "buffer.h"

#include "error.h"
#include "slices.h"

#include <limits.h>

static struct buffer buffer;

static int setup(void **state) {
    (void)state;
    buffer_init(&buffer, 100);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&buffer);
    return 0;
}

static void test_appends_in_order(void **state) {
    (void)state;
    assert_int_equal(buffer_append(&buffer, slice_of("one ")), PARLEY_OK);
    assert_int_equal(buffer_append(&buffer, (struct slice){0}), PARLEY_OK);
    assert_int_equal(buffer_append(&buffer, slice_of("two")), PARLEY_OK);
    assert_slice(buffer_slice(&buffer), "one two");
}

static void test_holds_exactly_its_limit(void **state) {
    (void)state;
    append_times(&buffer, "x", 99);
    assert_int_equal(buffer_append(&buffer, slice_of("yz")), PARLEY_ERR_FULL);
    assert_int_equal(buffer_append(&buffer, slice_of("y")), PARLEY_OK);
    assert_int_equal(buffer_append(&buffer, slice_of("z")), PARLEY_ERR_FULL);
    assert_int_equal(buffer.len, 100);
    assert_int_equal(buffer.bytes[99], 'y');
    assert_true(buffer.capacity <= 100);
}

static void test_huge_requests_do_not_wrap(void **state) {
    (void)state;
    append_times(&buffer, "x", 1);
    assert_int_equal(buffer_reserve(&buffer, SIZE_MAX), PARLEY_ERR_FULL);
    assert_int_equal(buffer_reserve(&buffer, 100), PARLEY_ERR_FULL);
    assert_int_equal(buffer_reserve(&buffer, 99), PARLEY_OK);
    assert_slice(buffer_slice(&buffer), "x");
}

static void test_reserved_room_needs_no_other(void **state) {
    (void)state;
    assert_int_equal(buffer_reserve(&buffer, 100), PARLEY_OK);
    const char *bytes = buffer.bytes;
    append_times(&buffer, "x", 100);
    assert_ptr_equal(buffer.bytes, bytes);
}

static void test_zero_initialised_holds_nothing(void **state) {
    (void)state;
    struct buffer zero = {0};
    assert_int_equal(buffer_append(&zero, slice_of("")), PARLEY_OK);
    assert_int_equal(buffer_append(&zero, slice_of("x")), PARLEY_ERR_FULL);
    buffer_deinit(&zero);
}

static void test_clear_keeps_the_memory(void **state) {
    (void)state;
    append_times(&buffer, "x", 70);
    size_t capacity = buffer.capacity;
    buffer_clear(&buffer);
    assert_int_equal(buffer.len, 0);
    assert_int_equal(buffer.capacity, capacity);
}

static void test_usable_after_deinit(void **state) {
    (void)state;
    append_times(&buffer, "x", 100);
    buffer_deinit(&buffer);
    assert_int_equal(buffer.len, 0);
    assert_int_equal(buffer.capacity, 0);
    append_times(&buffer, "y", 100);
    assert_int_equal(buffer_append(&buffer, slice_of("y")), PARLEY_ERR_FULL);
}

static void test_numbers_in_decimal(void **state) {
    (void)state;
    static const struct {
        long long number;
        const char *digits;
    } cases[] = {{0, "0"},
                 {7, "7"},
                 {-10, "-10"},
                 {LLONG_MAX, "9223372036854775807"},
                 {LLONG_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        buffer_clear(&buffer);
        assert_int_equal(buffer_append_number(&buffer, cases[i].number), PARLEY_OK);
        assert_slice(buffer_slice(&buffer), cases[i].digits);
    }
}

static void test_number_that_does_not_fit_is_not_begun(void **state) {
    (void)state;
    append_times(&buffer, "x", 98);
    assert_int_equal(buffer_append_number(&buffer, -42), PARLEY_ERR_FULL);
    assert_int_equal(buffer.len, 98);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(appends_in_order),
        TEST(holds_exactly_its_limit),
        TEST(huge_requests_do_not_wrap),
        TEST(reserved_room_needs_no_other),
        TEST(zero_initialised_holds_nothing),
        TEST(clear_keeps_the_memory),
        TEST(usable_after_deinit),
        TEST(numbers_in_decimal),
        TEST(number_that_does_not_fit_is_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
