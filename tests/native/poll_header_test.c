/* Which polling requests may have a body. */
#include "poll_header.h"

#include "cmocka_all.h"
#include "poll_session.h"

#include <string.h>

static struct poll_header good(const char *length) {
    return (struct poll_header){.is_post = true,
                                .names_session = true,
                                .knows_session = true,
                                .has_length = true,
                                .length = slice_of(length)};
}

static void assert_refusal(struct poll_header header, unsigned status) {
    const char *sentence = "";
    assert_int_equal(poll_header_refusal(&header, &sentence), status);
    assert_true(strlen(sentence) > 0);
}

static void each_fault_has_its_status(void **state) {
    (void)state;
    struct poll_header header = good("5");
    assert_refusal(header, 0);
    header.has_coding = true;
    assert_refusal(header, 411);
    header.knows_session = false; /* the first violation determines the answer */
    assert_refusal(header, 410);
    header.names_session = false;
    header.is_late = true;
    assert_refusal(header, 503);
    header.is_foreign = true;
    assert_refusal(header, 403);
    header.is_post = false;
    assert_refusal(header, 405);
}

static void a_session_is_served_to_the_end(void **state) {
    (void)state;
    struct poll_header header = good("5");
    header.is_late = true;
    assert_refusal(header, 0);
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
    struct poll_header header = good("65");
    header.names_session = false;
    assert_refusal(header, 413);
    header.length = slice_of("64");
    assert_refusal(header, 0);
    header.has_length = false;
    assert_refusal(header, 411);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_has_its_status),
        cmocka_unit_test(a_session_is_served_to_the_end),
        cmocka_unit_test(lengths_have_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
