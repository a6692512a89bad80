/* Addresses and ranges as people and sockets write them. */
#include "ip.h"

#include "cmocka_all.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static struct ip ip_of(const char *text) {
    struct ip ip;
    if (!ip_read(slice_of(text), &ip))
        fail_msg("\"%s\" is an address", text);
    return ip;
}

static bool same(struct ip left, struct ip right) {
    return memcmp(left.bytes, right.bytes, IP_BYTES) == 0;
}

static bool has(const char *range_text, const char *ip_text) {
    struct ip_range range;
    struct ip ip = ip_of(ip_text);
    if (!ip_range_read(slice_of(range_text), &range))
        fail_msg("\"%s\" is a range", range_text);
    return ip_range_has(&range, &ip);
}

static void test_addresses(void **state) {
    (void)state;
    struct ip ip;
    static const char *const bad[] = {"",         "192.0.2",  "192.0.2.1:80", "192.0.2.256",
                                      "[::1]",    "::1%eth0", " ::1",         "unknown",
                                      "1.2.3.4 ", "::1::",    "0x7f.0.0.1",   "2130706433"};
    assert_true(same(ip_of("192.0.2.1"), ip_of("::ffff:192.0.2.1")));
    assert_false(same(ip_of("192.0.2.1"), ip_of("192.0.2.2")));
    assert_true(same(ip_of("2001:DB8::1"), ip_of("2001:db8:0:0:0:0:0:1")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(ip_read(slice_of(bad[i]), &ip));
    assert_false(ip_read((struct slice){"1.2.3.4\0", 8}, &ip));
}

static void test_sockets(void **state) {
    (void)state;
    struct sockaddr_storage address = {0};
    struct ip ip;
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
    memcpy(&address, &ipv4, sizeof ipv4);
    assert_true(ip_of_socket((struct sockaddr *)&address, &ip));
    assert_true(same(ip, ip_of("192.0.2.1")));
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    memcpy(&address, &ipv6, sizeof ipv6);
    assert_true(ip_of_socket((struct sockaddr *)&address, &ip));
    assert_true(same(ip, ip_of("::1")));
    address.ss_family = AF_UNIX;
    assert_false(ip_of_socket((struct sockaddr *)&address, &ip));
}

static void test_ranges(void **state) {
    (void)state;
    assert_true(has("192.0.2.0/24", "192.0.2.255"));
    assert_false(has("192.0.2.0/24", "192.0.3.0"));
    assert_true(has("192.0.2.128/25", "::ffff:192.0.2.200"));
    assert_false(has("192.0.2.128/25", "192.0.2.127"));
    assert_true(has("10.0.0.1", "10.0.0.1"));
    assert_false(has("10.0.0.1", "10.0.0.2"));
    assert_true(has("0.0.0.0/0", "203.0.113.9"));
    assert_false(has("0.0.0.0/0", "2001:db8::1"));
    assert_true(has("::/0", "203.0.113.9"));
    assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
    assert_true(has("::1/128", "::1"));
}

static void test_bad_ranges(void **state) {
    (void)state;
    struct ip_range range;
    static const char *const bad[] = {
        "",          "/8",           "10.0.0.0/",   "10.0.0.0/33", "10.0.0.1/8",
        "::/129",    "10.0.0.0/8/8", "10.0.0.0/-1", "fd00::1/8",   "10.0.0.0/0008",
        "localhost", "10.0.0.0/ 8"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (ip_range_read(slice_of(bad[i]), &range))
            fail_msg("\"%s\" is no range", bad[i]);
    }
}

static void test_client_networks(void **state) {
    (void)state;
    struct ip near = ip_of("2001:db8:1:2:3::4"), far = ip_of("2001:db8:1:3::4");
    struct ip one = ip_of("192.0.2.1"), two = ip_of("192.0.2.2");
    assert_true(same(ip_client_network(&near), ip_of("2001:db8:1:2::")));
    assert_false(same(ip_client_network(&near), ip_client_network(&far)));
    assert_false(same(ip_client_network(&one), ip_client_network(&two)));
}

static void test_kinds(void **state) {
    (void)state;
    static const char *const own[] = {"127.0.0.1", "127.255.0.9", "::1"};
    static const char *const near[] = {"10.1.2.3", "172.16.0.1", "172.31.0.1", "192.168.1.1",
                                       "fd00::1"};
    static const char *const far[] = {"172.32.0.1", "192.169.0.1", "203.0.113.1", "2001:db8::1",
                                      "::2"};
    struct ip ip;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        ip = ip_of(own[i]);
        assert_true(ip_is_loopback(&ip) && ip_is_private(&ip));
    }
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
        ip = ip_of(near[i]);
        assert_true(!ip_is_loopback(&ip) && ip_is_private(&ip));
    }
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        ip = ip_of(far[i]);
        assert_false(ip_is_private(&ip));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),       cmocka_unit_test(test_sockets),
        cmocka_unit_test(test_ranges),          cmocka_unit_test(test_bad_ranges),
        cmocka_unit_test(test_client_networks), cmocka_unit_test(test_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
