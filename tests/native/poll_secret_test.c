/* The secret that names a polling session. */
#include "poll_secret.h"

#include "cmocka_all.h"

#define SECRET "000102030405060708090a0b0c0d0eff"

static const uint8_t random_bytes[POLL_SECRET_BYTES] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                        8, 9, 10, 11, 12, 13, 14, 255};

static void a_secret_is_where_and_what(void **state) {
    (void)state;
    struct poll_secret made, read;
    poll_secret_make(0xfedc0a12, random_bytes, &made);
    assert_memory_equal(made.digits, "fedc0a12" SECRET, sizeof made.digits);
    assert_true(poll_secret_read(slice_of("fedc0a12" SECRET), &read));
    assert_int_equal(poll_secret_slot(&read), 0xfedc0a12);
    assert_true(poll_secret_equal(&read, &made));
}

static void every_digit_counts(void **state) {
    (void)state;
    struct poll_secret made;
    poll_secret_make(7, random_bytes, &made);
    for (size_t i = 0; i < POLL_SECRET_DIGITS; i++) {
        struct poll_secret other = made;
        other.digits[i] = other.digits[i] == '1' ? '2' : '1';
        assert_false(poll_secret_equal(&other, &made));
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
                                        "0000000g" SECRET,
                                        "00000001000102030405060708090a0b0c0d0efF",
                                        "00000001000102030405060708090a0b0c0d0ef "};
    struct poll_secret read;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (poll_secret_read(slice_of(texts[i]), &read))
            fail_msg("\"%s\" was taken for one", texts[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_where_and_what),
        cmocka_unit_test(every_digit_counts),
        cmocka_unit_test(a_malformed_secret_names_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
