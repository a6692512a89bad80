/* Which requests to poll may have a body, and whose they are. */
#include "poll_head.h"

#include "cmocka_all.h"
#include "poll_session.h"

#include <string.h>

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

static void what_is_no_secret_names_nothing(void **state) {
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

static struct poll_head good(const char *length) {
    return (struct poll_head){.is_post = true,
                              .names_session = true,
                              .knows_session = true,
                              .has_length = true,
                              .length = slice_of(length)};
}

static void assert_refusal(struct poll_head head, unsigned status) {
    const char *sentence = "";
    assert_int_equal(poll_head_refusal(&head, &sentence), status);
    assert_true(strlen(sentence) > 0);
}

static void each_fault_has_its_status(void **state) {
    (void)state;
    struct poll_head head = good("5");
    assert_refusal(head, 0);
    head.has_coding = true;
    assert_refusal(head, 411);
    head.knows_session = false; /* what is said first is what is seen first */
    assert_refusal(head, 410);
    head.names_session = false;
    head.is_late = true;
    assert_refusal(head, 503);
    head.is_foreign = true;
    assert_refusal(head, 403);
    head.is_post = false;
    assert_refusal(head, 405);
}

static void a_session_is_served_to_the_end(void **state) {
    (void)state;
    struct poll_head head = good("5");
    head.is_late = true;
    assert_refusal(head, 0);
}

static void lengths_have_their_bounds(void **state) {
    (void)state;
    assert_int_equal(POLL_BODY_BYTES_MAX, 32832);
    assert_refusal(good("32832"), 0);
    assert_refusal(good("32833"), 413);
    assert_refusal(good("000000005"), 0);
    assert_refusal(good("0000000005"), 413);
    assert_refusal(good("99999999999999999999999999"), 413);
    assert_refusal(good(""), 413);
    assert_refusal(good("0"), 400);
    assert_refusal(good("-5"), 400);
    assert_refusal(good("5x"), 400);
    assert_refusal(good(" 5"), 400);
    struct poll_head head = good("65");
    head.names_session = false;
    assert_refusal(head, 413);
    head.length = slice_of("64");
    assert_refusal(head, 0);
    head.has_length = false;
    assert_refusal(head, 411);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_where_and_what),
        cmocka_unit_test(every_digit_counts),
        cmocka_unit_test(what_is_no_secret_names_nothing),
        cmocka_unit_test(each_fault_has_its_status),
        cmocka_unit_test(a_session_is_served_to_the_end),
        cmocka_unit_test(lengths_have_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
