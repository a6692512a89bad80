/* The client of a request, as proxies report it, and as clients forge it. */
#include "forwarded.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROXY "10.0.0.1"

static struct ip_range trusted[2];

static int setup(void **state) {
    (void)state;
    assert_true(ip_range_read(slice_of("10.0.0.0/8"), &trusted[0]));
    assert_true(ip_range_read(slice_of("2001:db8:9::/48"), &trusted[1]));
    return 0;
}

#define UNREADABLE "unreadable"

static struct forwarded_field field_of(const char *text) {
    bool readable = strcmp(text, UNREADABLE) != 0;
    return (struct forwarded_field){.value = slice_of(readable ? text : ""),
                                    .present = *text != '\0'};
}

static void assert_client(const char *peer, const char *x_forwarded_for, const char *forwarded,
                          const char *expected) {
    struct ip from, wanted;
    assert_true(ip_read(slice_of(peer), &from));
    assert_true(ip_read(slice_of(expected), &wanted));
    struct ip client =
        forwarded_client(from, field_of(x_forwarded_for), field_of(forwarded), trusted, 2);
    if (memcmp(client.bytes, wanted.bytes, IP_BYTES) != 0)
        fail_msg("not %s from %s: \"%s\", \"%s\"", expected, peer, x_forwarded_for, forwarded);
}

static void test_only_a_trusted_proxy_is_believed(void **state) {
    (void)state;
    assert_client("203.0.113.5", "192.0.2.1", "for=192.0.2.1", "203.0.113.5");
    assert_client(PROXY, "192.0.2.1", "", "192.0.2.1");
    assert_client("2001:db8:9::1", "192.0.2.1", "", "192.0.2.1");
    assert_client(PROXY, "", "", PROXY);
}

static void test_the_rightmost_stranger_counts(void **state) {
    (void)state;
    assert_client(PROXY, "198.51.100.7, 192.0.2.1", "", "192.0.2.1");
    assert_client(PROXY, "198.51.100.7,192.0.2.1,10.9.9.9 , 10.8.8.8", "", "192.0.2.1");
    assert_client(PROXY, "10.0.0.3, 10.0.0.2", "", "10.0.0.3");
}

static void test_the_forms_of_an_address(void **state) {
    (void)state;
    static const char *const forms[][2] = {
        {"192.0.2.1:5000", "192.0.2.1"},   {"2001:db8::7", "2001:db8::7"},
        {"[2001:db8::7]", "2001:db8::7"},  {"[2001:db8::7]:5000", "2001:db8::7"},
        {"::ffff:192.0.2.1", "192.0.2.1"}, {"\t 192.0.2.1 \t", "192.0.2.1"},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        assert_client(PROXY, forms[i][0], "", forms[i][1]);
}

static void test_garbage_is_the_proxys(void **state) {
    (void)state;
    static const char *const garbage[] = {"unknown", "_hidden",     ",",   "[::1",     "]", "[]",
                                          ":",       "192.0.2.1,-", ",,,", "1.2.3",    "-", "[]:80",
                                          "::1::",   "for=1.2.3.4", " ",   "1.2.3.4;", "."};
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        assert_client(PROXY, garbage[i], "", PROXY);
        assert_client(PROXY, garbage[i], "for=192.0.2.1", PROXY); /* the header is fixed */
    }
    assert_client(PROXY, "192.0.2.1, garbage, 10.0.0.2", "", "10.0.0.2");
}

/* RFC 9110, 5.6.1. An empty second line is an empty element too. */
static void test_empty_elements_do_not_count(void **state) {
    (void)state;
    assert_client(PROXY, "192.0.2.1, ", "", "192.0.2.1");
    assert_client(PROXY, "192.0.2.1,,\t,", "", "192.0.2.1");
    assert_client(PROXY, ", ,192.0.2.1", "", "192.0.2.1");
    assert_client(PROXY, "192.0.2.1, ,10.0.0.2", "", "192.0.2.1");
    assert_client(PROXY, "", "for=192.0.2.1, ,", "192.0.2.1");
}

/* A quote in X-Forwarded-For is simply not an address. */
static void test_quotes_of_x_forwarded_for(void **state) {
    (void)state;
    assert_client(PROXY, "\"198.51.100.7, 192.0.2.1", "", "192.0.2.1");
    assert_client(PROXY, "\"192.0.2.1\"", "", PROXY);
}

/* A client that can make one header too long must not be able to make the other one count. */
static void test_an_unreadable_header_is_not_absent(void **state) {
    (void)state;
    assert_client(PROXY, UNREADABLE, "for=192.0.2.1", PROXY);
    assert_client(PROXY, UNREADABLE, "", PROXY);
    assert_client(PROXY, "", UNREADABLE, PROXY);
    assert_client(PROXY, "192.0.2.1", UNREADABLE, "192.0.2.1");
    assert_client("203.0.113.5", UNREADABLE, UNREADABLE, "203.0.113.5");
}

static void test_forwarded(void **state) {
    (void)state;
    assert_client(PROXY, "", "for=192.0.2.1", "192.0.2.1");
    assert_client(PROXY, "", "For=192.0.2.1;proto=https;by=203.0.113.43", "192.0.2.1");
    assert_client(PROXY, "", "by=203.0.113.43; FOR=\"192.0.2.1:80\"", "192.0.2.1");
    assert_client(PROXY, "", "for=198.51.100.7, for=\"[2001:db8::7]:4711\"", "2001:db8::7");
    assert_client(PROXY, "", "for=192.0.2.1, for=10.0.0.2;proto=http", "192.0.2.1");
    assert_client(PROXY, "", "for=\"_gazonk\"", PROXY);
    assert_client(PROXY, "", "proto=https", PROXY);
    assert_client(PROXY, "", "for=", PROXY);
    assert_client(PROXY, "", "for=\"", PROXY);
    assert_client(PROXY, "", "for=\"192.0.2.1,198.51.100.7\"", PROXY);
    assert_client(PROXY, "192.0.2.1", "for=198.51.100.7", "192.0.2.1");
}

/* The client chooses some of a proxy's fields, such as the host name. */
static void test_a_quoted_string_is_one_value(void **state) {
    (void)state;
    static const char *const hosts[] = {
        "x,for=198.51.100.7;a=",    "x;for=198.51.100.7",           "x, for=198.51.100.7, ",
        "\\\\,for=198.51.100.7;a=", "\\\",for=198.51.100.7;a=\\\"", "=",
    };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "for=192.0.2.1;host=\"%s\"", hosts[i]);
        assert_client(PROXY, "", text, "192.0.2.1");
        snprintf(text, sizeof text, "host=\"%s\" ;for=\"192.0.2.1\"", hosts[i]);
        assert_client(PROXY, "", text, "192.0.2.1");
    }
}

/* The proxy adds for=192.0.2.1 to the client's value. That address counts, or the proxy's. */
static void test_an_open_quote_hides_nothing(void **state) {
    (void)state;
    static const char *const begun[] = {
        "host=\"",
        "for=198.51.100.7;host=\"",
        "for=198.51.100.7;a=\"b\\\"",
        "\"",
        "for=198.51.100.7;\"",
        "for=198.51.100.7,\"",
        "for=198.51.100.7;a=\"b\"c",
        "for=\"198.51.100.7",
        "for=198.51.100.7;host=\"\\",
    };
    static const char *const added[] = {", for=192.0.2.1", ", for=\"192.0.2.1\"",
                                        ", for=192.0.2.1;host=\"h\"",
                                        ", for=192.0.2.1;host=\"x\"\""};
    for (size_t i = 0; i < sizeof begun / sizeof begun[0]; i++) {
        for (size_t j = 0; j < sizeof added / sizeof added[0]; j++) {
            char text[128];
            snprintf(text, sizeof text, "%s%s", begun[i], added[j]);
            assert_client(PROXY, "", text, PROXY);
        }
    }
}

static void test_two_fors_are_none(void **state) {
    (void)state;
    assert_client(PROXY, "", "for=192.0.2.1;for=198.51.100.7", PROXY);
    assert_client(PROXY, "", "For=192.0.2.1;by=203.0.113.43;for=192.0.2.1", PROXY);
    assert_client(PROXY, "", "for=;for=198.51.100.7", PROXY);
}

/* Lists as long as a request's head may be, and longer. Each element is read only once, so none of
 * them takes long. */
static void test_long_lists(void **state) {
    (void)state;
    static const char *const elements[] = {
        ",", " ,", ";", "10.0.0.3,", "for=10.0.0.3,", "for=\"10.0.0.3\",", "a=\"\";"};
    enum { BYTES = 1 << 20 };
    char *text = malloc(BYTES + 64);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++) {
        size_t len = strlen(elements[i]), count = BYTES / len;
        for (size_t j = 0; j < count; j++)
            memcpy(text + j * len, elements[i], len);
        snprintf(text + count * len, 64, "%s", ",192.0.2.1");
        assert_client(PROXY, text, "", "192.0.2.1");
        snprintf(text + count * len, 64, "%s", ",for=192.0.2.1");
        assert_client(PROXY, "", text, "192.0.2.1");
        memset(text + count * len, ' ', 32);
        text[count * len + 32] = '\0';
        bool is_list = i == 4 || i == 5;
        assert_client(PROXY, "", text, is_list ? "10.0.0.3" : PROXY);
    }
    free(text);
}

/* Nothing to the left of an invalid address counts. */
static void test_no_address_ends_the_chain(void **state) {
    (void)state;
    assert_client(PROXY, "192.0.2.1, -, 10.0.0.3, 10.0.0.2", "", "10.0.0.3");
    assert_client(PROXY, "192.0.2.1, -, 10.0.0.3, -", "", PROXY);
    assert_client(PROXY, "-, 192.0.2.1, 10.0.0.3", "", "192.0.2.1");
    assert_client(PROXY, "", "for=192.0.2.1, for=_x, for=10.0.0.3, for=10.0.0.2", "10.0.0.3");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_a_trusted_proxy_is_believed),
        cmocka_unit_test(test_the_rightmost_stranger_counts),
        cmocka_unit_test(test_the_forms_of_an_address),
        cmocka_unit_test(test_garbage_is_the_proxys),
        cmocka_unit_test(test_an_unreadable_header_is_not_absent),
        cmocka_unit_test(test_forwarded),
        cmocka_unit_test(test_empty_elements_do_not_count),
        cmocka_unit_test(test_quotes_of_x_forwarded_for),
        cmocka_unit_test(test_a_quoted_string_is_one_value),
        cmocka_unit_test(test_an_open_quote_hides_nothing),
        cmocka_unit_test(test_two_fors_are_none),
        cmocka_unit_test(test_no_address_ends_the_chain),
        cmocka_unit_test(test_long_lists),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
