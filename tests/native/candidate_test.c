/* Candidates from others: those that browsers make pass, and every other spelling is refused. */
#include "candidate.h"

#include "cmocka_all.h"
#include "error.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>

#define UUID "52a8bb1a-9799-4984-9440-65e40fea9161"
#define HOST(address) "candidate:1 1 udp 2122260223 " address " 50000 typ host"

static struct buffer out;

static int setup(void **state) {
    (void)state;
    buffer_init(&out, CANDIDATE_WRITTEN_BYTES_MAX);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&out);
    return 0;
}

static void assert_taken_as(const char *text, const char *written) {
    buffer_clear(&out);
    if (!candidate_take(slice_of(text), &out))
        fail_msg("'%s' is not taken", text);
    if (!slice_equal(buffer_slice(&out), slice_of(written)))
        fail_msg("'%s' is written '%.*s'", text, (int)out.len, out.bytes);
}

static void assert_refused(const char *text) {
    buffer_clear(&out);
    if (candidate_take(slice_of(text), &out))
        fail_msg("'%s' is taken", text);
    assert_int_equal(out.len, 0);
}

static void assert_all_refused(const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_refused(texts[i]);
}

static void assert_hosts_refused(const char *const *addresses, size_t count) {
    char text[160];
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, HOST("%s"), addresses[i]);
        assert_refused(text);
    }
}

/* As Chromium 156, Firefox 153 and @roamhq/wrtc 0.8 made them. */
static void test_browsers_candidates_are_taken(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"candidate:1055480150 1 udp 2113937151 2245aba6-713e-4175-bf2d-f30fbe9fa3d9.local 57367 "
         "typ host generation 0 ufrag /QTT network-cost 999",
         "candidate:1055480150 1 udp 2113937151 2245aba6-713e-4175-bf2d-f30fbe9fa3d9.local 57367 "
         "typ host generation 0 ufrag /QTT network-cost 999"},
        {"candidate:0 1 UDP 2122187007 " UUID ".local 41309 typ host",
         "candidate:0 1 udp 2122187007 " UUID ".local 41309 typ host"},
        {"candidate:2 1 TCP 2105458943 " UUID ".local 9 typ host tcptype active",
         "candidate:2 1 tcp 2105458943 " UUID ".local 9 typ host tcptype active"},
        {"candidate:3077952869 1 udp 2122265343 fd00::2 45538 typ host generation 0 ufrag e9X5 "
         "network-id 2",
         "candidate:3077952869 1 udp 2122265343 fd00::2 45538 typ host generation 0 ufrag e9X5 "
         "network-id 2"},
        {"candidate:2398920056 1 tcp 1518214911 192.0.2.2 44021 typ host tcptype passive "
         "generation 0 ufrag e9X5 network-id 1",
         "candidate:2398920056 1 tcp 1518214911 192.0.2.2 44021 typ host tcptype passive "
         "generation 0 ufrag e9X5 network-id 1"},
        {"candidate:842163049 1 udp 1677729535 203.0.113.7 40000 typ srflx raddr 192.168.1.2 rport "
         "40000 generation 0 ufrag Ab+/ network-cost 50",
         "candidate:842163049 1 udp 1677729535 203.0.113.7 40000 typ srflx raddr 0.0.0.0 rport 9 "
         "generation 0 ufrag Ab+/ network-cost 50"},
        {"candidate:1 1 UDP 1685987327 203.0.113.7 40000 typ srflx raddr 0.0.0.0 rport 0",
         "candidate:1 1 udp 1685987327 203.0.113.7 40000 typ srflx raddr 0.0.0.0 rport 9"},
        {"candidate:7 1 udp 41885439 2001:db8::9 50000 typ relay raddr 2001:db8::1 rport 1",
         "candidate:7 1 udp 41885439 2001:db8::9 50000 typ relay raddr :: rport 9"},
        {"candidate:1 1 udp 1 203.0.113.7 1024 typ prflx raddr x rport y",
         "candidate:1 1 udp 1 203.0.113.7 1024 typ prflx raddr 0.0.0.0 rport 9"},
        {HOST("10.0.0.1") " future thing generation 4294967295",
         HOST("10.0.0.1") " generation 4294967295"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_taken_as(rows[i][0], rows[i][1]);
}

static void test_addresses_of_networks_are_taken(void **state) {
    (void)state;
    static const char *const addresses[] = {
        HOST("1.0.0.1"),
        HOST("10.255.255.255"),
        HOST("100.64.0.1"),
        HOST("169.253.255.255"),
        HOST("169.255.0.1"),
        HOST("172.16.0.1"),
        HOST("192.168.0.1"),
        HOST("223.255.255.254"),
        HOST("126.255.255.255"),
        HOST("128.0.0.1"),
        HOST("2001:db8::"),
        HOST("2001:DB8::a"),
        HOST("2001:db8:0:0:0:0:0:1"),
        HOST("2001:db8::1:2:3:4:5"),
        HOST("2001:0db8::192.0.2.1"),
        HOST("2001:db8:3:4:5:6:192.0.2.1"),
        HOST("fd12:3456::1"),
        HOST("200:1::1"), /* Yggdrasil's */
        HOST("fe00::1"),
        HOST("fec0::1"),
        HOST("2002:c000:201::1"),
        HOST("00000000-0000-0000-0000-000000000000.local"),
    };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        assert_taken_as(addresses[i], addresses[i]);
}

static const char *const own_or_many[] = {
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "169.254.0.1",
    "169.254.169.254",
    "224.0.0.251",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "0:0:0:0:0:0:0:1",
    "0000:0000:0000:0000:0000:0000:0000:0001",
    "::127.0.0.1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:192.0.2.1",
    "::FFFF:10.0.0.1",
    "0:0:0:0:0:ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::7f00:1",
    "0064:FF9B::c000:201",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:0::1",
    "2002:e000:1::1",
    "fe80::1",
    "FE80::1",
    "febf::1",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "fe80::1%1",
    "2001:db8::1%1",
    "ff02::fb",
    "ff00::",
    "FF05::1:3",
    "1::",   /* never assigned: 0000::/8 */
    "::2:3", /* the same */
};

static void test_no_address_of_this_machine_or_of_many_is_taken(void **state) {
    (void)state;
    assert_hosts_refused(own_or_many, sizeof own_or_many / sizeof *own_or_many);
}

static const char *const odd_spellings[] = {
    "",
    "1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "10.0.0.01",
    "10.0.00.1",
    "010.0.0.1",
    "10.0.1",
    "10.1",
    "10.0.0.1.",
    "10.0.0.1.1",
    ".10.0.0.1",
    "10..0.1",
    "10.0.0.256",
    "10.0.0.4294967297",
    "10.0.0.-1",
    "10.0.0.+1",
    "10.0.0.a",
    "10.0.0.1/8",
    "10.0.0.1:80",
    "\xEF\xBC\x91.0.0.1",
    "[2001:db8::1]",
    "[::1]",
    "2001:db8:::1",
    "2001::db8::1",
    ":2001:db8::1",
    "2001:db8::1:",
    "2001:db8:1:2:3:4:5",
    "2001:db8:1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "1:2:3:4::5:6:7:8",
    "2001:db8::12345",
    "2001:db8::g",
    "2001:db8::1.2.3",
    "2001:db8::01.2.3.4",
    "1.2.3.4::",
    "2001:db8:1.2.3.4::1",
    "1:2:3:4:5:6:7:1.2.3.4",
    "0x2001:db8::1",
    ":",
    "localhost",
    "router.local",
    "local",
    ".local",
    "printer",
    "attacker.example",
    "52a8bb1a-9799-4984-9440-65e40fea9161",
    "52a8bb1a-9799-4984-9440-65e40fea9161.example",
    "52a8bb1a-9799-4984-9440-65e40fea9161.local.",
    "52a8bb1a-9799-4984-9440-65e40fea9161.LOCAL",
    "52a8bb1a-9799-4984-9440-65e40fea9161.locale",
    "52a8bb1a-9799-4984-9440-65e40fea9161.local.example",
    "x.52a8bb1a-9799-4984-9440-65e40fea9161.local",
    "52A8BB1A-9799-4984-9440-65E40FEA9161.local",
    "52a8bb1a97994984944065e40fea9161.local",
    "52a8bb1a-9799-4984-9440-65e40fea916g.local",
    "52a8bb1a-9799-4984-9440-65e40fea91611.local",
    "52a8bb1a.9799.4984.9440.65e40fea9161.local",
};

static void test_no_odd_spelling_is_guessed_at(void **state) {
    (void)state;
    assert_hosts_refused(odd_spellings, sizeof odd_spellings / sizeof *odd_spellings);
}

static const char *const unheard_of[] = {
    "",
    "candidate:",
    "candidate",
    "Candidate:1 1 udp 1 10.0.0.1 50000 typ host",
    "a=candidate:1 1 udp 1 10.0.0.1 50000 typ host",
    " candidate:1 1 udp 1 10.0.0.1 50000 typ host",
    "candidate: 1 udp 1 10.0.0.1 50000 typ host",
    "candidate:- 1 udp 1 10.0.0.1 50000 typ host",
    "candidate:123456789012345678901234567890123 1 udp 1 10.0.0.1 50000 typ host",
    "candidate:1 2 udp 1 10.0.0.1 50000 typ host",
    "candidate:1 0 udp 1 10.0.0.1 50000 typ host",
    "candidate:1 01 udp 1 10.0.0.1 50000 typ host",
    "candidate:1 1 ssltcp 1 10.0.0.1 50000 typ host",
    "candidate:1 1 Udp 1 10.0.0.1 50000 typ host",
    "candidate:1 1 tls 1 10.0.0.1 50000 typ host tcptype passive",
    "candidate:1 1 udp  10.0.0.1 50000 typ host",
    "candidate:1 1 udp x 10.0.0.1 50000 typ host",
    "candidate:1 1 udp 2147483648 10.0.0.1 50000 typ host",
    "candidate:1 1 udp 99999999999 10.0.0.1 50000 typ host",
    "candidate:1 1 udp 1 10.0.0.1 0 typ host",
    "candidate:1 1 udp 1 10.0.0.1 9 typ host",
    "candidate:1 1 udp 1 10.0.0.1 53 typ host",
    "candidate:1 1 udp 1 10.0.0.1 443 typ host",
    "candidate:1 1 udp 1 10.0.0.1 1023 typ host",
    "candidate:1 1 udp 1 10.0.0.1 65536 typ host",
    "candidate:1 1 udp 1 10.0.0.1 4294967297 typ host",
    "candidate:1 1 udp 1 10.0.0.1 050000 typ host",
    "candidate:1 1 udp 1 10.0.0.1 +50000 typ host",
    "candidate:1 1 udp 1 10.0.0.1 0xc350 typ host",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ hosts",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ other",
    "candidate:1 1 udp 1 10.0.0.1 50000 TYP host",
    "candidate:1 1 udp 1 10.0.0.1 50000 host",
    "candidate:1 1 tcp 1 10.0.0.1 50000 typ host",
    "candidate:1 1 tcp 1 10.0.0.1 50000 typ host tcptype so",
    "candidate:1 1 tcp 1 10.0.0.1 50000 typ host tcptype",
    "candidate:1 1 tcp 1 10.0.0.1 50000 typ host tcptype Passive",
    "candidate:1 1 tcp 1 10.0.0.1 0 typ host tcptype active",
    "candidate:1 1 tcp 1 10.0.0.1 80 typ host tcptype active",
    "candidate:1 1 tcp 1 10.0.0.1 80 typ host tcptype passive",
    "candidate:1 1 tcp 1 10.0.0.1 9 typ host tcptype passive",
    "candidate:1 1 tcp 1 127.0.0.1 6379 typ host tcptype passive",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host tcptype passive",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host generation",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host generation x",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host generation 0 ",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host  generation 0",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host ufrag abc",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host ufrag ab%d",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host network-cost -1",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host raddr 10.0.0.2",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host raddr 10.0.0.2 rport",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host raddr 10.0.0.2 port 1",
    "candidate:1\t1 udp 1 10.0.0.1 50000 typ host",
    "candidate:1 1 udp 1 10.0.0.1\t50000 typ host",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host\r\na=x:y",
    "candidate:1 1 udp 1 10.0.0.1 50000 typ host\n",
    "candidate:1 1 udp 1 10.0.0.1 127.0.0.1 50000 typ host",
};

static void test_descriptions_of_no_browser_are_refused(void **state) {
    (void)state;
    assert_all_refused(unheard_of, sizeof unheard_of / sizeof *unheard_of);
}

/* Skipped parts cannot hide an address, be it by repetition or after a line's end. */
static void test_skipped_parts_are_not_written(void **state) {
    (void)state;
    assert_taken_as(HOST("10.0.0.1") " x\r\na=y z", HOST("10.0.0.1"));
    assert_taken_as(HOST("10.0.0.1") " raddr 127.0.0.1 rport 6379", HOST("10.0.0.1"));
    assert_taken_as(HOST("10.0.0.1") " typ relay", HOST("10.0.0.1"));
    assert_taken_as(HOST("10.0.0.1") " address 127.0.0.1", HOST("10.0.0.1"));
}

/* There is room for the longest candidate of a signal. */
static void test_the_longest_fits(void **state) {
    (void)state;
    static const char start[] = "candidate:12345678901234567890123456789012 1 udp 2147483647 "
                                "2001:db80:ffff:ffff:ffff:ffff:ffff:ffff 65535 typ srflx ufrag ";
    char text[WIRE_CANDIDATE_BYTES_MAX];
    memset(text, 'x', sizeof text);
    memcpy(text, start, sizeof start - 1);
    struct slice longest = {text, sizeof start - 1 + 256}; /* of a ufrag */
    assert_true(candidate_take(longest, &out));
    longest.len++;
    assert_false(candidate_take(longest, &out));
    longest.len--;
    for (size_t max = 0; max < out.len; max++) {
        struct buffer small;
        buffer_init(&small, max);
        assert_false(candidate_take(longest, &small));
        assert_int_equal(small.len, 0);
        buffer_deinit(&small);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(browsers_candidates_are_taken),
        TEST(addresses_of_networks_are_taken),
        TEST(no_address_of_this_machine_or_of_many_is_taken),
        TEST(no_odd_spelling_is_guessed_at),
        TEST(descriptions_of_no_browser_are_refused),
        TEST(skipped_parts_are_not_written),
        TEST(the_longest_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
