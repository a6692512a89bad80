/* Which pages may connect: the served host, what the operator allows, and nobody else. */
#include "origin.h"

#include "cmocka_all.h"

#include <string.h>

static const struct slice no_origins[1];

static bool allowed(const char *origin, const char *host) {
    return origin_allowed(slice_of(origin), slice_of(host), false, no_origins, 0);
}

static void test_served_host(void **state) {
    (void)state;
    assert_true(allowed("http://localhost:3000", "localhost:3000"));
    assert_true(allowed("http://192.0.2.1:3000", "192.0.2.1:3000"));
    assert_true(allowed("http://[2001:db8::1]:3000", "[2001:db8::1]:3000"));
    assert_true(allowed("https://chat.example", "chat.example"));
}

static void test_case_does_not_matter(void **state) {
    (void)state;
    assert_true(allowed("HTTP://LocalHost:3000", "LOCALHOST:3000"));
    assert_true(allowed("http://[2001:DB8::a]:80", "[2001:db8::A]"));
}

static void test_default_ports(void **state) {
    (void)state;
    assert_true(allowed("http://chat.example", "chat.example:80"));
    assert_true(allowed("http://chat.example:80", "chat.example"));
    assert_true(allowed("https://chat.example", "chat.example:443"));
    assert_true(allowed("https://chat.example:443", "chat.example"));
    assert_false(allowed("https://chat.example", "chat.example:80"));
    assert_false(allowed("http://chat.example", "chat.example:443"));
    assert_false(allowed("http://chat.example", "chat.example:3000"));
}

static void test_others(void **state) {
    (void)state;
    assert_false(allowed("http://evil.example:3000", "localhost:3000"));
    assert_false(allowed("http://localhost:3001", "localhost:3000"));
    assert_false(allowed("http://localhost.evil.example:3000", "localhost:3000"));
    assert_false(allowed("http://evil-localhost:3000", "localhost:3000"));
    assert_false(allowed("http://localhost:3000@evil.example", "localhost:3000"));
    assert_false(allowed("ftp://localhost:3000", "localhost:3000"));
    assert_false(allowed("file://", "localhost:3000"));
    assert_false(allowed("null", "localhost:3000"));
    assert_false(allowed("", "localhost:3000"));
    assert_false(allowed("", ""));
    assert_false(allowed("http://", ""));
}

static void test_malformed(void **state) {
    (void)state;
    static const char *const bad[] = {"http:",
                                      "http:/",
                                      "http://",
                                      "http:///",
                                      "http://a/",
                                      "http://a:",
                                      "http://a:0",
                                      "http://a:65536",
                                      "http://a:80 ",
                                      "http://a:+80",
                                      "http://a:8a",
                                      "http://[::1",
                                      "http://[]",
                                      "http://[::1]x",
                                      "http://a b",
                                      "http://a?b",
                                      "http://a#b",
                                      "http://a\\b",
                                      " http://a",
                                      "http://a,http://b",
                                      "http://a\r\nX: y",
                                      "http://a:000080",
                                      "http://\xc3\xa4.example"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(origin_valid(slice_of(bad[i])));
        assert_false(allowed(bad[i], bad[i] + strlen("http://") * (strlen(bad[i]) > 7)));
    }
    assert_false(origin_valid((struct slice){"http://a\0b", 10}));
}

static void test_allowed_list(void **state) {
    (void)state;
    const struct slice list[] = {slice_of("https://other.example"), slice_of("http://third:81")};
    struct slice host = slice_of("localhost:3000");
    assert_true(origin_allowed(slice_of("https://other.example"), host, false, list, 2));
    assert_true(origin_allowed(slice_of("https://OTHER.example:443"), host, false, list, 2));
    assert_true(origin_allowed(slice_of("http://third:81"), host, false, list, 2));
    assert_true(origin_allowed(slice_of("http://localhost:3000"), host, false, list, 2));
    assert_false(origin_allowed(slice_of("http://other.example"), host, false, list, 2));
    assert_false(origin_allowed(slice_of("http://other.example:443"), host, false, list, 2));
    assert_false(origin_allowed(slice_of("https://other.example:444"), host, false, list, 2));
    assert_false(origin_allowed(slice_of("null"), host, false, list, 2));
    assert_true(origin_allowed(slice_of("http://third:81"), slice_of(""), false, list, 2));
}

static void test_host_header(void **state) {
    (void)state;
    static const char *const good[] = {
        "a",     "chat.example",       "chat.example:8443", "192.0.2.1:80",
        "[::1]", "[2001:db8::1]:3000", "my_host-1"};
    static const char *const bad[] = {"",    "a b",     "a;b",     "a'b",    "a\nb",  "[::1",
                                      ":80", "a:99999", "[a;b]:1", "a:80;x", "a/../", "a:80 "};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(origin_host_valid(slice_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(origin_host_valid(slice_of(bad[i])));
}

static void test_https_only(void **state) {
    (void)state;
    const struct slice host = slice_of("chat.example:8443");
    const struct slice list[] = {slice_of("http://other.example")};
    assert_true(origin_allowed(slice_of("https://chat.example:8443"), host, true, list, 1));
    assert_false(origin_allowed(slice_of("http://chat.example:8443"), host, true, list, 1));
    assert_true(origin_allowed(slice_of("http://other.example"), host, true, list, 1));
}

static void assert_remote(const char *host, const char *expected) {
    assert_true(slice_equal(origin_remote_host(slice_of(host)), slice_of(expected)));
}

static void test_hosts_that_others_can_use(void **state) {
    (void)state;
    assert_remote("chat.example:3000", "chat.example");
    assert_remote("192.0.2.1", "192.0.2.1");
    assert_remote("[2001:db8::1]:80", "[2001:db8::1]");
    assert_remote("127", "127");
    assert_remote("notlocalhost", "notlocalhost");
    assert_remote("localhost:3000", "");
    assert_remote("A.LOCALHOST", "");
    assert_remote("127.0.0.1", "");
    assert_remote("[::1]:3000", "");
    assert_remote("", "");
    assert_remote("a b", "");
    assert_remote("a,b:3", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_served_host),   cmocka_unit_test(test_case_does_not_matter),
        cmocka_unit_test(test_default_ports), cmocka_unit_test(test_others),
        cmocka_unit_test(test_malformed),     cmocka_unit_test(test_allowed_list),
        cmocka_unit_test(test_host_header),   cmocka_unit_test(test_hosts_that_others_can_use),
        cmocka_unit_test(test_https_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
