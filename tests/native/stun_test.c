/* STUN: requests that are answered (in the style of RFC 5769's vectors), and those that are not. */
#define _GNU_SOURCE /* uv.h */
#include "stun.h"
#include "stun_offer.h"

#include "cmocka_all.h"

#include <string.h>

/* RFC 5769's transaction id and addresses: 192.0.2.1 and 2001:db8:1234:5678:11:2233:4455:6677, port
 * 32853. */
#define COOKIE 0x21, 0x12, 0xa4, 0x42
#define ID 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae
#define HEAD(type_low, len) 0x00, type_low, 0x00, len, COOKIE, ID

static const struct stun_address ipv4 = {STUN_IPV4, 32853, {192, 0, 2, 1}};
static const struct stun_address ipv6 = {STUN_IPV6,
                                         32853,
                                         {0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x00,
                                          0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77}};

static uint8_t answer[STUN_ANSWER_BYTES_MAX];

#define BYTES(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

static void expect(const uint8_t *request, size_t len, const struct stun_address *from,
                   const uint8_t *expected, size_t expected_len) {
    assert_int_equal(stun_answer(request, len, from, answer), expected_len);
    assert_memory_equal(answer, expected, expected_len);
    assert_true(expected_len <= len + STUN_EXCESS_BYTES_MAX);
}

static void expect_silence(const uint8_t *request, size_t len) {
    assert_int_equal(stun_answer(request, len, &ipv4, answer), 0);
}

/* The requests of Chromium and Firefox. */
static void test_a_bare_request_over_ipv4(void **state) {
    (void)state;
    expect(BYTES(HEAD(0x01, 0)), &ipv4,
           BYTES(0x01, 0x01, 0, 12, COOKIE, ID, 0x00, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12,
                 0xa6, 0x43));
}

static void test_a_bare_request_over_ipv6(void **state) {
    (void)state;
    expect(BYTES(HEAD(0x01, 0)), &ipv6,
           BYTES(0x01, 0x01, 0, 24, COOKIE, ID, 0x00, 0x20, 0, 20, 0, 2, 0xa1, 0x47, 0x01, 0x13,
                 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9,
                 0xd9));
}

/* RFC 5769, 2.1: a valid request with PRIORITY and ICE-CONTROLLED, which this server does not
 * support. */
static const uint8_t ice_check[] = {HEAD(0x01, 0x58),
                                    0x80,
                                    0x22,
                                    0x00,
                                    0x10,
                                    0x53,
                                    0x54,
                                    0x55,
                                    0x4e,
                                    0x20,
                                    0x74,
                                    0x65,
                                    0x73,
                                    0x74,
                                    0x20,
                                    0x63,
                                    0x6c,
                                    0x69,
                                    0x65,
                                    0x6e,
                                    0x74,
                                    0x00,
                                    0x24,
                                    0x00,
                                    0x04,
                                    0x6e,
                                    0x00,
                                    0x01,
                                    0xff,
                                    0x80,
                                    0x29,
                                    0x00,
                                    0x08,
                                    0x93,
                                    0x2f,
                                    0xf9,
                                    0xb1,
                                    0x51,
                                    0x26,
                                    0x3b,
                                    0x36,
                                    0x00,
                                    0x06,
                                    0x00,
                                    0x09,
                                    0x65,
                                    0x76,
                                    0x74,
                                    0x6a,
                                    0x3a,
                                    0x68,
                                    0x36,
                                    0x76,
                                    0x59,
                                    0x20,
                                    0x20,
                                    0x20,
                                    0x00,
                                    0x08,
                                    0x00,
                                    0x14,
                                    0x9a,
                                    0xea,
                                    0xa7,
                                    0x0c,
                                    0xbf,
                                    0xd8,
                                    0xcb,
                                    0x56,
                                    0x78,
                                    0x1e,
                                    0xf2,
                                    0xb5,
                                    0xb2,
                                    0xd3,
                                    0xf2,
                                    0x49,
                                    0xc1,
                                    0xb5,
                                    0x71,
                                    0xa2,
                                    0x80,
                                    0x28,
                                    0x00,
                                    0x04,
                                    0xe5,
                                    0x7a,
                                    0x3b,
                                    0xcf};

static void test_a_request_of_rfc_5769(void **state) {
    (void)state;
    size_t len = stun_answer(ice_check, sizeof ice_check, &ipv4, answer);
    const uint8_t expected[] = {0x01, 0x11, 0,  24, COOKIE, ID, 0,    9, 0, 4,    0,    0, 4,
                                20,   0,    10, 0,  2,      0,  0x24, 0, 0, 0x80, 0x28, 0, 4};
    assert_int_equal(len, sizeof expected + 4);
    assert_memory_equal(answer, expected, sizeof expected);
    uint32_t crc = stun_crc32(answer, len - 8) ^ STUN_FINGERPRINT_XOR;
    const uint8_t fingerprint[] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8),
                                   (uint8_t)crc};
    assert_memory_equal(answer + len - 4, fingerprint, 4);
}

/* A wrong bit in the transaction id, in a value, and in the fingerprint. */
static void test_one_wrong_bit_and_nothing_is_answered(void **state) {
    (void)state;
    uint8_t bad[sizeof ice_check];
    for (size_t at = 8; at < sizeof bad; at++) {
        if (at >= 20 && at < sizeof bad - 4 && (at < 24 || at >= 40))
            continue;
        for (unsigned bit = 1; bit < 256; bit <<= 1) {
            memcpy(bad, ice_check, sizeof bad);
            bad[at] = (uint8_t)(bad[at] ^ bit);
            expect_silence(bad, sizeof bad);
        }
    }
}

static void test_a_fingerprint_for_a_fingerprint(void **state) {
    (void)state;
    uint8_t request[28] = {HEAD(0x01, 8), 0x80, 0x28, 0, 4};
    uint32_t crc = stun_crc32(request, 20) ^ STUN_FINGERPRINT_XOR;
    for (int i = 0; i < 4; i++)
        request[24 + i] = (uint8_t)(crc >> (24 - 8 * i));
    assert_int_equal(stun_answer(request, sizeof request, &ipv6, answer), STUN_ANSWER_BYTES_MAX);
    crc = stun_crc32(answer, STUN_ANSWER_BYTES_MAX - 8) ^ STUN_FINGERPRINT_XOR;
    assert_int_equal(answer[STUN_ANSWER_BYTES_MAX - 1], crc & 0xff);
    assert_int_equal(answer[3], STUN_ANSWER_BYTES_MAX - STUN_HEADER_BYTES);
    request[27] ^= 1;
    expect_silence(request, sizeof request);
}

static void test_the_checksum(void **state) {
    (void)state;
    assert_int_equal(stun_crc32((const uint8_t *)"123456789", 9), 0xCBF43926);
}

static void test_unknown_attributes(void **state) {
    (void)state;
    expect(BYTES(HEAD(0x01, 4), 0x00, 0x02, 0, 0), &ipv4, /* RESPONSE-ADDRESS, of RFC 3489 */
           BYTES(0x01, 0x11, 0, 16, COOKIE, ID, 0, 9, 0, 4, 0, 0, 4, 20, 0, 10, 0, 2, 0, 2, 0, 0));
    expect(BYTES(HEAD(0x01, 12), 0x7f, 0xff, 0, 0, 0x7f, 0xff, 0, 0, 0x00, 0x24, 0, 0), &ipv4,
           BYTES(0x01, 0x11, 0, 16, COOKIE, ID, 0, 9, 0, 4, 0, 0, 4, 20, 0, 10, 0, 4, 0x7f, 0xff, 0,
                 0x24));
    uint8_t many[STUN_HEADER_BYTES + 4 * 100] = {HEAD(0x01, 0)};
    many[2] = 400 >> 8;
    many[3] = 400 & 0xff;
    for (size_t i = 0; i < 100; i++)
        many[STUN_HEADER_BYTES + 4 * i] = (uint8_t)(i + 1);
    assert_int_equal(stun_answer(many, sizeof many, &ipv6, answer), 32 + 2 * STUN_UNKNOWN_MAX);
}

static void test_attributes_that_do_not_matter(void **state) {
    (void)state;
    /* USERNAME of one byte, padded; SOFTWARE; after MESSAGE-INTEGRITY anything */
    expect(BYTES(HEAD(0x01, 44), 0, 6, 0, 1, 'x', 9, 9, 9, 0x80, 0x22, 0, 0, 0, 8, 0, 20, 0, 0, 0,
                 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0, 4, 0, 0, 0, 0),
           &ipv4,
           BYTES(0x01, 0x01, 0, 12, COOKIE, ID, 0x00, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12,
                 0xa6, 0x43));
}

#define CLASSIC 1, 2, 3, 4, ID

static void test_a_client_of_rfc_3489(void **state) {
    (void)state;
    expect(BYTES(0, 1, 0, 8, CLASSIC, 0, 3, 0, 4, 0, 0, 0, 0), &ipv4,
           BYTES(1, 1, 0, 12, CLASSIC, 0, 1, 0, 8, 0, 1, 0x80, 0x55, 192, 0, 2, 1));
    expect(BYTES(0, 1, 0, 8, CLASSIC, 0, 3, 0, 4, 0, 0, 0, 6), &ipv4,
           BYTES(1, 0x11, 0, 16, CLASSIC, 0, 9, 0, 4, 0, 0, 4, 20, 0, 10, 0, 4, 0, 3, 0, 3));
}

static void test_silence(void **state) {
    (void)state;
    static const uint8_t long_one[STUN_REQUEST_BYTES_MAX + 4] = {0x00, 0x01, 0x04, 0xf0, COOKIE};
    expect_silence(long_one, 0);
    expect_silence(long_one, sizeof long_one);
    expect_silence(BYTES('h', 'e', 'l', 'l', 'o'));
    expect_silence(BYTES(HEAD(0x01, 0), 0));
    expect_silence(BYTES(HEAD(0x01, 4)));
    expect_silence(BYTES(HEAD(0x11, 0)));                   /* an indication */
    expect_silence(BYTES(HEAD(0x03, 0)));                   /* TURN's Allocate */
    expect_silence(BYTES(0x01, 0x01, 0, 0, COOKIE, ID));    /* an answer: no endless loop */
    expect_silence(BYTES(0x01, 0x11, 0, 0, COOKIE, ID));    /* and an error */
    expect_silence(BYTES(0x80, 0x01, 0, 0, COOKIE, ID));    /* RTP */
    expect_silence(BYTES(HEAD(0x01, 4), 0, 6, 0, 1));       /* longer than the message */
    expect_silence(BYTES(HEAD(0x01, 4), 0, 6, 0xff, 0xff)); /* and much longer */
    expect_silence(BYTES(HEAD(0x01, 8), 0x80, 0x28, 0, 0, 0x80, 0x22, 0, 0));
    expect_silence(BYTES(HEAD(0x01, 12), 0x80, 0x28, 0, 4, 0, 0, 0, 0, 0x80, 0x22, 0, 0));
}

/* --- the offer -------------------------------------------------------------------------------- */

/* A proxy on another machine passes pages on, but perhaps not UDP. If the operator has set the port
 * or the address, they have considered it. */
static void test_the_offer_behind_a_proxy(void **state) {
    (void)state;
    static const struct {
        struct config config;
        const char *peer;
        bool may_miss;
    } rows[] = {
        {{.stun_port = 3478}, "10.0.0.1", true},
        {{.stun_port = 3478}, "2001:db8::1", true},
        {{.stun_port = 3478}, "127.0.0.1", false},
        {{.stun_port = 3478}, "::1", false},
        {{.stun_port = 0}, "10.0.0.1", false},
        {{.stun_port = 3478, .stun_port_set = true}, "10.0.0.1", false},
        {{.stun_port = 3478, .stun_host = "10.0.0.2"}, "10.0.0.1", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ip peer;
        assert_true(ip_read(slice_of(rows[i].peer), &peer));
        assert_int_equal(stun_offer_may_miss(&rows[i].config, &peer), rows[i].may_miss);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bare_request_over_ipv4),
        cmocka_unit_test(test_a_bare_request_over_ipv6),
        cmocka_unit_test(test_a_request_of_rfc_5769),
        cmocka_unit_test(test_one_wrong_bit_and_nothing_is_answered),
        cmocka_unit_test(test_a_fingerprint_for_a_fingerprint),
        cmocka_unit_test(test_the_checksum),
        cmocka_unit_test(test_unknown_attributes),
        cmocka_unit_test(test_attributes_that_do_not_matter),
        cmocka_unit_test(test_a_client_of_rfc_3489),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_the_offer_behind_a_proxy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
