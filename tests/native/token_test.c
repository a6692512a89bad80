/* A tab's token, and the order of its joins. */
#include "token.h"

#include "cmocka_all.h"

#include <string.h>

#define SECRET "token-token-token-TOKE"
#define NOW_MS INT64_C(1700000000000)
#define NOW_S 1700000000u

static const uint8_t random_bytes[TOKEN_RANDOM_BYTES] = "0123456789012345";

static struct token token_of(const char *kept) {
    struct token token;
    token_init(&token, slice_of(kept), random_bytes);
    return token;
}

static void it_is_read_as_it_was_written(void **state) {
    (void)state;
    static const uint32_t numbers[] = {0, 1, NOW_S, UINT32_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char kept[TOKEN_KEPT_BYTES];
        struct token again, token = token_of(SECRET);
        token.joins = numbers[i];
        token.wished = 3;
        token.colour = 11;
        token_write(&token, kept);
        token_init(&again, (struct slice){kept, sizeof kept}, random_bytes);
        assert_memory_equal(again.secret.bytes, SECRET, WIRE_TOKEN_BYTES);
        assert_int_equal(again.joins, numbers[i]);
        assert_int_equal(again.wished, 3);
        assert_int_equal(again.colour, 11);
    }
}

static void an_older_page_kept_no_colour(void **state) {
    (void)state;
    static const char *const kept[] = {SECRET "0000000a", SECRET "0000000ag5"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct token token = token_of(kept[i]);
        assert_int_equal(token.joins, 10);
        assert_int_equal(token.wished, TOKEN_NO_COLOUR);
    }
}

static void a_malformed_token_is_replaced(void **state) {
    (void)state;
    static const char *const kept[] = {"", "short", "token token token TOKE",
                                       "token token token TOKE00000001"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct token token = token_of(kept[i]);
        assert_memory_equal(token.secret.bytes, "MDEyMzQ1Njc4OTAxMjM0NQ", WIRE_TOKEN_BYTES);
        assert_int_equal(token.joins, 0);
    }
}

static void a_number_that_is_none_is_zero(void **state) {
    (void)state;
    static const char *const kept[] = {SECRET, SECRET "1", SECRET "0000000g", SECRET "000000001",
                                       SECRET "-0000001"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct token token = token_of(kept[i]);
        assert_memory_equal(token.secret.bytes, SECRET, WIRE_TOKEN_BYTES);
        assert_int_equal(token.joins, 0);
    }
}

static void numbers_are_times_that_always_grow(void **state) {
    (void)state;
    static const struct {
        int64_t wall_ms;
        uint32_t number;
    } joins[] = {{NOW_MS, NOW_S},
                 {NOW_MS + 999, NOW_S + 1}, /* twice in a second */
                 {NOW_MS + 60000, NOW_S + 60},
                 {NOW_MS - 3600000, NOW_S + 61}, /* the clock was set back */
                 {-1, NOW_S + 62},
                 {INT64_MAX, NOW_S + 63}, /* not a real time */
                 {INT64_MIN, NOW_S + 64},
                 {NOW_MS + 90000, NOW_S + 90}};
    struct token token = token_of(SECRET);
    for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
        token_count_join(&token, joins[i].wall_ms);
        assert_int_equal(token.joins, joins[i].number);
    }
}

static void numbers_do_not_wrap_around(void **state) {
    (void)state;
    struct token token = token_of(SECRET "fffffffe");
    for (int i = 0; i < 3; i++)
        token_count_join(&token, NOW_MS);
    assert_int_equal(token.joins, UINT32_MAX);
}

static void an_overtaken_page_joins_with_a_greater_number(void **state) {
    (void)state;
    struct token token = token_of(SECRET);
    token_overtake(&token, NOW_S + 3600);
    token_count_join(&token, NOW_MS);
    assert_int_equal(token.joins, NOW_S + 3601);
    token_overtake(&token, 7); /* never lower */
    assert_int_equal(token.joins, NOW_S + 3601);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_read_as_it_was_written),
        cmocka_unit_test(an_older_page_kept_no_colour),
        cmocka_unit_test(a_malformed_token_is_replaced),
        cmocka_unit_test(a_number_that_is_none_is_zero),
        cmocka_unit_test(numbers_are_times_that_always_grow),
        cmocka_unit_test(numbers_do_not_wrap_around),
        cmocka_unit_test(an_overtaken_page_joins_with_a_greater_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
