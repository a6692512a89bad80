/* The target of the redirection from HTTP: always the same host, and only characters that are
 * allowed in a header. */
#include "redirect.h"

#include "cmocka_all.h"

#include <string.h>

static char out[REDIRECT_BYTES_MAX];

static void expect(const char *host, uint16_t port, const char *path, const char *query,
                   const char *expected) {
    assert_true(redirect_write(out, slice_of(host), port, slice_of(path), slice_of(query)));
    assert_string_equal(out, expected);
}

static void test_the_same_page_over_https(void **state) {
    (void)state;
    expect("chat.example", 443, "/", "", "https://chat.example/");
    expect("chat.example:80", 443, "/", "roomId=tea&debug",
           "https://chat.example/?roomId=tea&debug");
    expect("chat.example:8080", 8443, "/a", "", "https://chat.example:8443/a");
    expect("[2001:db8::1]:80", 443, "/", "", "https://[2001:db8::1]/");
}

static void test_nothing_else_gets_in(void **state) {
    (void)state;
    expect("a", 443, "/\r\nSet-Cookie: x", "a=\"b c\"",
           "https://a/%0D%0ASet-Cookie:%20x?a=%22b%20c%22");
    expect("a", 443, "//other.example/%?#", "", "https://a//other.example/%25%3F%23");
    expect("a", 443, "/\xC3\xA4", "", "https://a/%C3%A4");
    assert_false(redirect_write(out, slice_of(""), 443, slice_of("/"), slice_of("")));
    assert_false(redirect_write(out, slice_of("a b"), 443, slice_of("/"), slice_of("")));
    assert_false(redirect_write(out, slice_of("a\r\nb"), 443, slice_of("/"), slice_of("")));
    assert_false(redirect_write(out, slice_of("user@a"), 443, slice_of("/"), slice_of("")));
}

static void test_too_long_values(void **state) {
    (void)state;
    char path[2 * REDIRECT_BYTES_MAX];
    memset(path, 'a', sizeof path);
    for (size_t len = 900; len < sizeof path; len++) {
        path[0] = '/';
        if (redirect_write(out, slice_of("chat.example"), 443, (struct slice){path, len},
                           slice_of("a=b")))
            assert_true(strlen(out) < REDIRECT_BYTES_MAX && strlen(out) == 24 + len);
        else
            assert_true(len > 980);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_page_over_https),
        cmocka_unit_test(test_nothing_else_gets_in),
        cmocka_unit_test(test_too_long_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
