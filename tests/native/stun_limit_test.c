/* How many answers an address gets, whatever other addresses do. */
#include "stun_limit.h"

#include "cmocka_all.h"

static struct stun_limit limit;
static const struct address_key_secret key = {{1, 2, 3}};

static struct ip ipv4(uint8_t last) {
    return (struct ip){{[10] = 0xff, 0xff, 192, 0, 2, last}};
}

/* Returns how many of |requests| at |now_ms| are answered. */
static uint32_t ask(struct ip from, uint64_t now_ms, uint32_t requests) {
    uint32_t answered = 0;
    for (uint32_t i = 0; i < requests; i++)
        answered += stun_limit_take(&limit, &from, now_ms);
    return answered;
}

static void test_a_burst_then_a_pace(void **state) {
    (void)state;
    stun_limit_init(&limit, &key);
    assert_int_equal(ask(ipv4(1), 5, 1000), STUN_LIMIT_BURST);
    assert_int_equal(ask(ipv4(1), 5, 1), 0);
    assert_int_equal(ask(ipv4(1), 1005, 1000), STUN_LIMIT_PER_SECOND);
    assert_int_equal(ask(ipv4(1), 1015, 1000), 0);
    assert_int_equal(ask(ipv4(1), 1025, 1000), 1);
    assert_int_equal(ask(ipv4(1), 10000000, 1000), STUN_LIMIT_BURST);
    assert_int_equal(ask(ipv4(2), 10000000, 1000), STUN_LIMIT_BURST);
}

static void test_an_ipv6_network_is_one(void **state) {
    (void)state;
    struct ip address = {{0x20, 0x01, 0x0d, 0xb8}};
    stun_limit_init(&limit, &key);
    assert_int_equal(ask(address, 5, 200), 200);
    address.bytes[8] = address.bytes[15] = 7;
    assert_int_equal(ask(address, 5, 200), STUN_LIMIT_BURST - 200);
    address.bytes[7] = 1;
    assert_int_equal(ask(address, 5, 200), 200);
}

/* A victim's bucket does not become full again, even if many others ask. */
static void test_a_crowd_changes_nothing(void **state) {
    (void)state;
    struct ip other = ipv4(0);
    stun_limit_init(&limit, &key);
    ask(ipv4(1), 5, STUN_LIMIT_BURST);
    for (uint32_t i = 0; i < 100000; i++) {
        other.bytes[IP_IPV4_AT] = (uint8_t)(i >> 16);
        other.bytes[IP_IPV4_AT + 1] = (uint8_t)(i >> 8);
        other.bytes[IP_IPV4_AT + 2] = (uint8_t)i;
        stun_limit_take(&limit, &other, 5);
    }
    assert_int_equal(ask(ipv4(1), 5, 1000), 0);
}

static size_t bucket_with(uint8_t key_byte) {
    const struct address_key_secret other = {{key_byte}};
    size_t at = 0;
    stun_limit_init(&limit, &other);
    ask(ipv4(1), 5, 1);
    while (limit.buckets[at].rate.booked == 0)
        at++;
    return at;
}

static void test_strangers_cannot_tell_who_shares(void **state) {
    (void)state;
    assert_int_equal(bucket_with(1), bucket_with(1));
    assert_int_not_equal(bucket_with(1), bucket_with(2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_burst_then_a_pace),
        cmocka_unit_test(test_an_ipv6_network_is_one),
        cmocka_unit_test(test_a_crowd_changes_nothing),
        cmocka_unit_test(test_strangers_cannot_tell_who_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
