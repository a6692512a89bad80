/* Who may do how much, on a clock of the test's own. */
#include "guard.h"

#include "error.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define ENTRIES 8

static struct config config;
static struct guard *guard;

static void start(void) {
    guard_destroy(guard);
    guard = guard_create(&config, ENTRIES);
    assert_non_null(guard);
}

static int setup(void **state) {
    (void)state;
    config = (struct config){.address_connections_max = 3,
                             .address_joins_per_minute = 5,
                             .address_messages_per_second = 2,
                             .member_messages_per_second = 1,
                             .no_trusted_proxies = true};
    start();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    guard_destroy(guard);
    guard = NULL;
    return 0;
}

static struct ip ip_of(const char *text) {
    struct ip ip;
    assert_true(ip_read(slice_of(text), &ip));
    return ip;
}

static enum wire_error admit(const char *address, uint64_t now_ms, struct guard_member *member) {
    struct ip ip = ip_of(address);
    return guard_admit(guard, now_ms, &ip, member);
}

static void test_people_of_an_address(void **state) {
    (void)state;
    struct guard_member members[4];
    for (int i = 0; i < 3; i++)
        assert_int_equal(admit("192.0.2.1", 0, &members[i]), WIRE_ERROR_COUNT);
    assert_int_equal(admit("192.0.2.1", 0, &members[3]), WIRE_ERROR_ADDRESS_FULL);
    assert_int_equal(admit("192.0.2.2", 0, &members[3]), WIRE_ERROR_COUNT);
    guard_dismiss(guard, 0, &members[0]);
    guard_dismiss(guard, 0, &members[0]); /* harmless */
    assert_int_equal(admit("192.0.2.1", 0, &members[0]), WIRE_ERROR_COUNT);
    assert_int_equal(admit("192.0.2.1", 0, &members[3]), WIRE_ERROR_ADDRESS_FULL);
}

static void test_an_ipv6_network_is_one_address(void **state) {
    (void)state;
    struct guard_member members[4];
    char text[64];
    for (int i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "2001:db8:0:1::%x", i);
        assert_int_equal(admit(text, 0, &members[i]), WIRE_ERROR_COUNT);
    }
    assert_int_equal(admit("2001:db8:0:1:ffff::", 0, &members[3]), WIRE_ERROR_ADDRESS_FULL);
    assert_int_equal(admit("2001:db8:0:2::", 0, &members[3]), WIRE_ERROR_COUNT);
}

/* A burst of a minute's worth, then the rate; leaving does not give the tokens back. */
static void test_joins(void **state) {
    (void)state;
    struct guard_member member;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(admit("192.0.2.1", 0, &member), WIRE_ERROR_COUNT);
        guard_dismiss(guard, 0, &member);
    }
    assert_int_equal(admit("192.0.2.1", 11999, &member), WIRE_ERROR_TOO_MANY_JOINS);
    assert_int_equal(admit("192.0.2.2", 11999, &member), WIRE_ERROR_COUNT);
    assert_int_equal(admit("192.0.2.1", 12000, &member), WIRE_ERROR_COUNT);
}

static int messages_allowed(struct guard_member *member, uint64_t now_ms) {
    int count = 0;
    while (guard_allows_message(guard, now_ms, member) && count < 1000)
        count++;
    return count;
}

static void test_messages(void **state) {
    (void)state;
    struct guard_member members[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(admit("192.0.2.1", 0, &members[i]), WIRE_ERROR_COUNT);
    assert_int_equal(messages_allowed(&members[0], 0), 20);
    assert_int_equal(messages_allowed(&members[0], 1000), 1);
    assert_int_equal(messages_allowed(&members[1], 1000), 20);
    assert_int_equal(messages_allowed(&members[2], 1000), 1); /* 42 have come from the address */
    struct guard_member other;
    assert_int_equal(admit("192.0.2.2", 1000, &other), WIRE_ERROR_COUNT);
    assert_int_equal(messages_allowed(&other, 1000), 20);
}

static void test_sockets(void **state) {
    (void)state;
    struct guard_account *accounts[3 * GUARD_SOCKETS_PER_CONNECTION + GUARD_SOCKETS_SPARE + 1];
    size_t count = sizeof accounts / sizeof accounts[0] - 1;
    struct ip ip = ip_of("192.0.2.1"), other = ip_of("192.0.2.2");
    for (size_t i = 0; i < count; i++)
        assert_int_equal(guard_open_socket(guard, 0, &ip, &accounts[i]), PARLEY_OK);
    assert_int_equal(guard_open_socket(guard, 0, &ip, &accounts[count]), PARLEY_ERR_FULL);
    assert_int_equal(guard_open_socket(guard, 0, &other, &accounts[count]), PARLEY_OK);
    guard_close_socket(guard, 0, accounts[0]);
    assert_int_equal(guard_open_socket(guard, 0, &ip, &accounts[0]), PARLEY_OK);
}

static void test_no_limits(void **state) {
    (void)state;
    config = (struct config){.no_trusted_proxies = true};
    start();
    struct guard_member member;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(admit("192.0.2.1", 0, &member), WIRE_ERROR_COUNT);
    assert_int_equal(messages_allowed(&member, 0), 1000);
}

/* This machine may be a proxy for everybody, unless the operator said what is one. */
static void test_this_machine(void **state) {
    (void)state;
    struct guard_member member;
    config.no_trusted_proxies = false;
    start();
    for (int i = 0; i < 100; i++)
        assert_int_equal(admit(i % 2 ? "127.0.0.1" : "::1", 0, &member), WIRE_ERROR_COUNT);
    assert_int_equal(messages_allowed(&member, 0), 20); /* a member's own share is its own */
    config.trusted_proxy_count = 1;
    assert_true(ip_range_read(slice_of("10.0.0.0/8"), &config.trusted_proxies[0]));
    for (int i = 0; i < 3; i++)
        assert_int_equal(admit("127.0.0.1", 0, &member), WIRE_ERROR_COUNT);
    assert_int_equal(admit("127.0.0.1", 0, &member), WIRE_ERROR_ADDRESS_FULL);
}

/* What it passes on is counted, its own sockets are not. */
static void test_a_proxys_sockets(void **state) {
    (void)state;
    struct guard_account *account;
    struct ip proxy = ip_of("10.0.0.1");
    config.no_trusted_proxies = false;
    config.trusted_proxy_count = 1;
    assert_true(ip_range_read(slice_of("10.0.0.0/8"), &config.trusted_proxies[0]));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(guard_open_socket(guard, 0, &proxy, &account), PARLEY_OK);
    guard_close_socket(guard, 0, account);
    assert_int_equal(guard_account_count(guard), 0);
}

static void test_accounts_are_forgotten(void **state) {
    (void)state;
    struct guard_member member, later;
    struct guard_account *account;
    struct ip ip = ip_of("192.0.2.9");
    assert_int_equal(guard_open_socket(guard, 0, &ip, &account), PARLEY_OK);
    assert_int_equal(guard_account_count(guard), 1);
    guard_close_socket(guard, 0, account);
    assert_int_equal(guard_account_count(guard), 0); /* it did nothing */
    assert_int_equal(admit("192.0.2.1", 0, &member), WIRE_ERROR_COUNT);
    guard_dismiss(guard, 0, &member);
    assert_int_equal(guard_account_count(guard), 1); /* it joined */
    assert_int_equal(admit("192.0.2.2", 12000, &later), WIRE_ERROR_COUNT);
    assert_int_equal(guard_account_count(guard), 1); /* as if it never had */
    guard_dismiss(guard, 100000, &later);
    assert_int_equal(guard_account_count(guard), 0);
}

/* Who is connected always has a place; of the others, who has been gone for longest loses it. */
static void test_a_full_table(void **state) {
    (void)state;
    struct guard_member connected[ENTRIES - 1], member;
    char text[32];
    for (int i = 0; i < ENTRIES - 1; i++) {
        snprintf(text, sizeof text, "198.51.100.%d", i);
        assert_int_equal(admit(text, 0, &connected[i]), WIRE_ERROR_COUNT);
    }
    for (int i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        assert_int_equal(admit(text, 1, &member), WIRE_ERROR_COUNT);
        guard_dismiss(guard, 1, &member);
        assert_true(guard_account_count(guard) <= ENTRIES + 1);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(admit("198.51.100.0", 1, &member), WIRE_ERROR_COUNT);
    assert_int_equal(admit("198.51.100.0", 1, &member), WIRE_ERROR_ADDRESS_FULL);
    for (int i = 0; i < ENTRIES - 1; i++)
        guard_dismiss(guard, 1, &connected[i]);
}

static void test_handshakes(void **state) {
    (void)state;
    struct guard_account *account;
    const struct ip ip = ip_of("192.0.2.1");
    config.address_joins_per_minute = 1;
    start();
    assert_int_equal(guard_open_socket(guard, 0, &ip, &account), PARLEY_OK);
    for (unsigned i = 0; i < GUARD_HANDSHAKES_PER_JOIN; i++)
        assert_true(guard_allows_handshake(guard, 0, account));
    assert_false(guard_allows_handshake(guard, 0, account));
    assert_true(guard_allows_handshake(guard, 60000 / GUARD_HANDSHAKES_PER_JOIN, account));
    assert_true(guard_allows_handshake(guard, 0, NULL));
    guard_close_socket(guard, 60000, account);
    assert_int_equal(guard_account_count(guard), 1); /* what it has spent is remembered */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_people_of_an_address),
        TEST(test_an_ipv6_network_is_one_address),
        TEST(test_joins),
        TEST(test_messages),
        TEST(test_sockets),
        TEST(test_handshakes),
        TEST(test_no_limits),
        TEST(test_this_machine),
        TEST(test_a_proxys_sockets),
        TEST(test_accounts_are_forgotten),
        TEST(test_a_full_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
