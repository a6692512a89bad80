/* Addresses of ICE servers that not all browsers accept, or none. */
#include "ice_address.h"

#include "cmocka_all.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char longest_label[] = "stun:" LABEL_63 ".example";
static const char longer_label[] = "stun:a" LABEL_63 ".example";
static const char longer_host[] = "turn:" LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_63;

static void assert_faults(const char *const *urls, size_t count, const char *said) {
    for (size_t i = 0; i < count; i++) {
        assert_true(wire_ice_url_valid(slice_of(urls[i])));
        const char *fault = ice_address_fault(slice_of(urls[i]));
        if (!said ? fault != NULL : !fault || !strstr(fault, said))
            fail_msg("%s: %s", urls[i], fault ? fault : "no fault");
    }
}
#define ASSERT_FAULTS(urls, said) assert_faults(urls, sizeof(urls) / sizeof *(urls), said)

static void test_urls_that_browsers_take(void **state) {
    (void)state;
    static const char *const urls[] = {
        "stun:stun.l.google.com:19302",
        "stun:host",
        "stun:host.",
        "stun:a_b.example",
        "stun:xn--bcher-kva.example:3478",
        longest_label,
        "stun:192.0.2.1",
        "stun:192.0.2.1:65535",
        "stun:[2001:db8::1]",
        "stun:[::1]:3478",
        "stun:[::ffff:192.0.2.1]:3478",
        "stun:1a.2b",
        "stun:1.2.3.4.example",
        "stun:0xfg",
        "stun:host:53",
        "stun:host:80",
        "stun:host:443",
        "stun:host:444",
        "stun:host:1024",
        "turn:host",
        "turn:host:53",
        "turn:host:80?transport=tcp",
        "turns:host:443?transport=tcp",
        "turns:[2001:db8::1]:5349?transport=tcp",
        "turn:host?transport=udp",
        "turn:host:3478",
    };
    ASSERT_FAULTS(urls, NULL);
}

static void test_stun_over_tls(void **state) {
    (void)state;
    static const char *const urls[] = {"stuns:host", "stuns:host:5349", "stuns:192.0.2.1:443"};
    ASSERT_FAULTS(urls, "which no browser speaks");
}

static void test_blocked_ports(void **state) {
    (void)state;
    static const char *const urls[] = {
        "stun:host:1",     "stun:host:25",   "stun:host:6000",       "stun:host:5060",
        "stun:host:10080", "turn:host:5061", "turns:[::1]:6697",     "turn:host:25?transport=tcp",
        "stun:host:05060", "stun:host:9",    "turn:192.0.2.1:10080",
    };
    ASSERT_FAULTS(urls, "browsers block");
    static const char *const relays[] = {"turn:host:2", "turns:host:444?transport=tcp",
                                         "turn:host:1023"};
    ASSERT_FAULTS(relays, "Chromium asks no relay");
    assert_false(ice_address_port_blocked(0));
    assert_false(ice_address_port_blocked(3478));
    assert_false(ice_address_port_blocked(5349));
    assert_true(ice_address_port_blocked(5060));
}

static void test_bad_hosts(void **state) {
    (void)state;
    static const char *const urls[] = {
        "stun:.",
        "stun:a..b",
        "stun:.a",
        "stun:a..",
        "stun:-",
        "stun:-a",
        "stun:a-.b",
        "stun:256.1.1.1",
        "stun:1.2.3.4.5",
        "stun:1.2.3",
        "stun:1",
        "stun:01.2.3.4",
        "stun:1.2.3.4.",
        "stun:a.1",
        "stun:a.0x7f",
        "stun:0x7f000001",
        "stun:0x",
        "stun:[:::]",
        "stun:[1.2.3.4]",
        "stun:[a]",
        "stun:[2001:db8::1::]",
        "stun:[1:2:3:4:5:6:7:8:9]:3478",
        longer_label,
        longer_host,
    };
    ASSERT_FAULTS(urls, "names no host");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls_that_browsers_take),
        cmocka_unit_test(test_stun_over_tls),
        cmocka_unit_test(test_blocked_ports),
        cmocka_unit_test(test_bad_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
