/* The candidates that a page with a hidden address sends, and those that it accepts. */
#include "address_filter.h"

#include "candidate.h"
#include "cmocka_all.h"
#include "error.h"
#include "sdp.h"
#include "sdp_text.h"

#include <string.h>

static struct buffer out;

static int setup(void **state) {
    (void)state;
    buffer_init(&out, 4096);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&out);
    return 0;
}

static void assert_out(const char *expected) {
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.bytes, expected, out.len);
    buffer_clear(&out);
}

static void assert_told(const char *candidate, const char *expected) {
    assert_true(address_filter_outgoing(slice_of(candidate), &out));
    assert_out(expected);
}

#define RELAY "candidate:7 1 udp 41885439 198.51.100.9 50000 typ relay"

static void test_a_relay_is_told_without_what_is_behind_it(void **state) {
    (void)state;
    assert_told(RELAY " raddr 203.0.113.7 rport 40000 generation 0 ufrag Ab+/ network-id 1 "
                      "network-cost 10",
                RELAY " raddr 0.0.0.0 rport 9 generation 0 ufrag Ab+/");
    assert_told(RELAY, RELAY " raddr 0.0.0.0 rport 9");
    assert_told("candidate:7 1 UDP 1 2001:db8::9 4000 typ relay raddr 2001:db8::1 rport 1",
                "candidate:7 1 udp 1 2001:db8::9 4000 typ relay raddr :: rport 9");
}

static void test_nothing_else_is_told(void **state) {
    (void)state;
    static const char *const others[] = {
        "candidate:1 1 udp 2122260223 192.168.1.2 40000 typ host generation 0",
        "candidate:1 1 udp 2122260223 1b2e.local 40000 typ host",
        "candidate:2 1 udp 1686052607 203.0.113.7 40000 typ srflx raddr 192.168.1.2 rport 40000",
        "candidate:3 1 udp 1 203.0.113.7 40000 typ prflx raddr 192.168.1.2 rport 40000",
        "candidate:4 1 udp 1 192.168.1.2 40000 typ host typ relay",
        "candidate:4 1 tcp 1 192.0.2.1 40000 typ relay tcptype so",
        "candidate:4 1 udp 1 192.168.1.2 40000  typ relay",
        "candidate:4 1 udp 1 192.168.1.2 40000 typ relayed",
        "candidate:4 1 udp 1 192.168.1.2 40000 typ",
        "typ relay",
        "192.168.1.2",
        "",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(address_filter_outgoing(slice_of(others[i]), &out));
        assert_int_equal(out.len, 0);
    }
}

static void test_without_room_nothing_is_told(void **state) {
    (void)state;
    struct buffer small;
    buffer_init(&small, sizeof RELAY);
    assert_false(address_filter_outgoing(slice_of(RELAY), &small));
    assert_int_equal(small.len, 0);
    buffer_deinit(&small);
}

static void test_a_description_names_no_address(void **state) {
    (void)state;
    uint32_t left = UINT32_MAX;
    assert_int_equal(sdp_filter(slice_of("v=0\r\n"
                                         "o=- 46 2 IN IP4 192.168.1.2\r\n"
                                         "s=-\r\n"
                                         "t=0 0\r\n" SDP_SECTION "c=IN IP6 2001:db8::1\r\n"
                                         "a=rtcp:9 IN IP4 192.168.1.2\r\n"
                                         "a=candidate:1 1 udp 1 192.168.1.2 4000 typ host\r\n"
                                         "a=" RELAY " raddr 192.168.1.2 rport 4\r\n"
                                         "a=remote-candidates:1 192.168.1.2 4\r\n"
                                         "a=ice-ufrag:x\r\n"
                                         "a=mid:0"),
                                address_filter_outgoing, &left, &out),
                     PARLEY_OK);
    assert_out("v=0\r\n"
               "o=- 46 2 IN IP4 0.0.0.0\r\n"
               "s=-\r\n"
               "t=0 0\r\n" SDP_SECTION "c=IN IP4 0.0.0.0\r\n"
               "a=" RELAY " raddr 0.0.0.0 rport 9\r\n"
               "a=ice-ufrag:x\r\n"
               "a=mid:0\r\n");
}

static void test_names_of_the_local_network_are_not_asked_for(void **state) {
    (void)state;
    static const char name[] =
        "candidate:1 1 udp 1 52a8bb1a-9799-4984-9440-65e40fea9161.local 4000 typ host";
    static const char address[] = "candidate:1 1 udp 1 192.0.2.1 4000 typ host";
    assert_false(address_filter_incoming(slice_of(name), &out));
    assert_int_equal(out.len, 0);
    assert_true(candidate_take(slice_of(name), &out));
    assert_out(name);
    assert_true(address_filter_incoming(slice_of(address), &out));
    assert_out(address);
    assert_false(address_filter_incoming(slice_of("candidate:1 1 udp 1 ::1 4000 typ host"), &out));
    assert_false(address_filter_incoming(slice_of(""), &out));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_relay_is_told_without_what_is_behind_it),
        TEST(nothing_else_is_told),
        TEST(without_room_nothing_is_told),
        TEST(a_description_names_no_address),
        TEST(names_of_the_local_network_are_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
