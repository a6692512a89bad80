/* Which names are this server's. */
#include "host_name.h"

#include "cmocka_all.h"

#include <string.h>

static const struct slice allowed[] = {{"chat.example.org", 16}, {".Example.net", 12}};

static void a_host_is_known_or_not(void **state) {
    (void)state;
    static const struct {
        const char *host;
        bool always; /* without any name allowed, too */
        bool allowed;
    } rows[] = {
        {"", true, true},
        {"127.0.0.1", true, true},
        {"127.0.0.1:3000", true, true},
        {"192.0.2.1.", true, true},
        {"[::1]", true, true},
        {"[2001:db8::1]:443", true, true},
        {"localhost", true, true},
        {"LocalHost:3000", true, true},
        {"localhost.", true, true},
        {"a.localhost", true, true},
        {"chat.example.org", false, true},
        {"CHAT.example.ORG.:81", false, true},
        {"a.chat.example.org", false, false},
        {"example.org", false, false},
        {"xchat.example.org", false, false},
        {"chat.example.org.evil.example", false, false},
        {"a.example.net", false, true},
        {"b.a.EXAMPLE.net:1", false, true},
        {"example.net", false, false},
        {"evilexample.net", false, false},
        {"1.2.3.4.example", false, false},
        {"1.2.3", false, false},
        {"notlocalhost", false, false},
        {"localhost.example", false, false},
        {"a b", false, false},
        {".", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct slice host = slice_of(rows[i].host);
        if (host_name_known(host, NULL, 0) != rows[i].always ||
            host_name_known(host, allowed, 2) != rows[i].allowed)
            fail_msg("%s", rows[i].host);
    }
}

static void a_name_may_be_allowed_or_not(void **state) {
    (void)state;
    static const char *const good[] = {"a",          "chat.example.org",      ".example.org",
                                       "a.example.", "xn--bcher-kva.example", "a_b"};
    static const char *const bad[] = {
        "", ".", "..a", "a:80", "[::1]", "*", "*.example.org", "https://a", "a/b", "b\xc3\xbc"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(host_name_valid(slice_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(host_name_valid(slice_of(bad[i])));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_is_known_or_not),
        cmocka_unit_test(a_name_may_be_allowed_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
