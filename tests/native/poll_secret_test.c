/* The secret that names a polling session. */
#include "poll_secret.h"

#include "cmocka_all.h"

#define SECRET "000102030405060708090a0b0c0d0eff"

static const uint8_t secret[POLL_SECRET_BYTES] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                  8, 9, 10, 11, 12, 13, 14, 255};

static void a_secret_is_where_and_what(void **state) {
    (void)state;
    char digits[POLL_SECRET_DIGITS + 1] = "";
    uint32_t slot;
    poll_secret_write(0xfedc0a12, secret, digits);
    assert_string_equal(digits, "fedc0a12" SECRET);
    assert_true(poll_secret_read_slot(slice_of(digits), &slot));
    assert_int_equal(slot, 0xfedc0a12);
    assert_true(poll_secret_is(slice_of(digits), slot, secret));
}

static void every_digit_counts(void **state) {
    (void)state;
    char digits[POLL_SECRET_DIGITS + 1] = "";
    for (size_t i = 0; i < POLL_SECRET_DIGITS; i++) {
        poll_secret_write(7, secret, digits);
        digits[i] = digits[i] == '1' ? '2' : '1';
        assert_false(poll_secret_is(slice_of(digits), 7, secret));
    }
}

static void a_malformed_secret_names_nothing(void **state) {
    (void)state;
    static const char *const texts[] = {"",
                                        "0000000",
                                        "0000000" SECRET,
                                        "000000000" SECRET,
                                        "0x000000" SECRET,
                                        "       1" SECRET,
                                        "+0000001" SECRET,
                                        "-0000001" SECRET,
                                        "0000000A" SECRET,
                                        "0000000g" SECRET};
    uint32_t slot;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (poll_secret_read_slot(slice_of(texts[i]), &slot))
            fail_msg("\"%s\" was taken for one", texts[i]);
        assert_false(poll_secret_is(slice_of(texts[i]), 1, secret));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_where_and_what),
        cmocka_unit_test(every_digit_counts),
        cmocka_unit_test(a_malformed_secret_names_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
