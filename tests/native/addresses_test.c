/* Which of a machine's addresses the server shows to people, and how it writes them. */
#define _DEFAULT_SOURCE
#include "addresses.h"

#include "cmocka_all.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#define ALIVE (IFF_UP | IFF_RUNNING)

/* An IPv4 or IPv6 address from its text. */
static const struct sockaddr *address(const char *text) {
    static union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } made;
    memset(&made, 0, sizeof made);
    if (strchr(text, ':') == NULL) {
        made.ipv4.sin_family = AF_INET;
        assert_int_equal(inet_pton(AF_INET, text, &made.ipv4.sin_addr), 1);
    } else {
        made.ipv6.sin6_family = AF_INET6;
        assert_int_equal(inet_pton(AF_INET6, text, &made.ipv6.sin6_addr), 1);
    }
    return &made.any;
}

static void test_reachable(void **state) {
    (void)state;
    assert_true(addresses_reachable(address("192.168.1.7"), "eth0", ALIVE));
    assert_true(addresses_reachable(address("2001:db8::7"), "wlan0", ALIVE));
    assert_true(addresses_reachable(address("172.17.0.2"), "eth0", ALIVE));
}

static void test_not_reachable(void **state) {
    (void)state;
    assert_false(addresses_reachable(NULL, "eth0", ALIVE));
    assert_false(addresses_reachable(address("192.168.1.7"), "eth0", IFF_UP));
    assert_false(addresses_reachable(address("192.168.1.7"), "eth0", 0));
    assert_false(addresses_reachable(address("10.0.0.1"), "lo", ALIVE | IFF_LOOPBACK));
    assert_false(addresses_reachable(address("127.0.0.1"), "eth0", ALIVE));
    assert_false(addresses_reachable(address("::1"), "eth0", ALIVE));
    assert_false(addresses_reachable(address("169.254.3.4"), "eth0", ALIVE));
    assert_false(addresses_reachable(address("fe80::1"), "eth0", ALIVE));
    assert_false(addresses_reachable(address("172.17.0.1"), "docker0", ALIVE));
    assert_false(addresses_reachable(address("172.18.0.1"), "br-0a1b2c", ALIVE));
    const struct sockaddr other = {.sa_family = AF_UNIX};
    assert_false(addresses_reachable(&other, "eth0", ALIVE));
}

static void test_format(void **state) {
    (void)state;
    char url[ADDRESSES_URL_BYTES_MAX];
    assert_true(addresses_format(address("192.0.2.1"), "http", 3000, url));
    assert_string_equal(url, "http://192.0.2.1:3000/");
    assert_true(addresses_format(address("2001:db8::1"), "http", 65535, url));
    assert_string_equal(url, "http://[2001:db8::1]:65535/");
    const struct sockaddr other = {.sa_family = AF_UNIX};
    assert_false(addresses_format(&other, "http", 1, url));
}

static void print(const char *host, char *text, size_t size) {
    FILE *out = fmemopen(text, size, "w");
    assert_non_null(out);
    addresses_print(out, "http", host, 3000);
    fclose(out);
}

static void test_print(void **state) {
    (void)state;
    char text[2048] = "";
    print(NULL, text, sizeof text);
    const char *here = strstr(text, "http://localhost:3000/");
    const char *invited = strstr(text, "To invite with:");
    assert_non_null(here);
    assert_true(invited == NULL || invited < here); /* a machine may have no network */
    print("::1", text, sizeof text);
    assert_non_null(strstr(text, "http://[::1]:3000/"));
    assert_null(strstr(text, "localhost"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reachable),
        cmocka_unit_test(test_not_reachable),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
