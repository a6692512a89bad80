/* How much an address may do, with the test's own clock. */
#include "rate_limits.h"

#include "error.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#define ENTRIES 8

static struct config config;
static struct rate_limits *limits;

static void start(void) {
    rate_limits_destroy(limits);
    limits = rate_limits_create(&config, ENTRIES);
    assert_non_null(limits);
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
    rate_limits_destroy(limits);
    limits = NULL;
    return 0;
}

static struct ip ip_of(const char *text) {
    struct ip ip;
    assert_true(ip_read(slice_of(text), &ip));
    return ip;
}

static enum wire_error admit(const char *address, uint64_t now_ms,
                             struct rate_limits_quota *member) {
    struct ip ip = ip_of(address);
    return rate_limits_admit(limits, now_ms, &ip, member);
}

static void test_people_of_an_address(void **state) {
    (void)state;
    struct rate_limits_quota members[4];
    for (int i = 0; i < 3; i++)
        assert_int_equal(admit("192.0.2.1", 0, &members[i]), WIRE_ERROR_COUNT);
    assert_int_equal(admit("192.0.2.1", 0, &members[3]), WIRE_ERROR_ADDRESS_FULL);
    assert_int_equal(admit("192.0.2.2", 0, &members[3]), WIRE_ERROR_COUNT);
    rate_limits_dismiss(limits, 0, &members[0]);
    rate_limits_dismiss(limits, 0, &members[0]); /* harmless */
    assert_int_equal(admit("192.0.2.1", 0, &members[0]), WIRE_ERROR_COUNT);
    assert_int_equal(admit("192.0.2.1", 0, &members[3]), WIRE_ERROR_ADDRESS_FULL);
}

static void test_an_ipv6_network_is_one_address(void **state) {
    (void)state;
    struct rate_limits_quota members[4];
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
    struct rate_limits_quota member;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(admit("192.0.2.1", 0, &member), WIRE_ERROR_COUNT);
        rate_limits_dismiss(limits, 0, &member);
    }
    assert_int_equal(admit("192.0.2.1", 11999, &member), WIRE_ERROR_TOO_MANY_JOINS);
    assert_int_equal(admit("192.0.2.2", 11999, &member), WIRE_ERROR_COUNT);
    assert_int_equal(admit("192.0.2.1", 12000, &member), WIRE_ERROR_COUNT);
}

static int messages_allowed(struct rate_limits_quota *member, uint64_t now_ms) {
    int count = 0;
    while (rate_limits_allows_message(limits, now_ms, member) && count < 1000)
        count++;
    return count;
}

static void test_messages(void **state) {
    (void)state;
    struct rate_limits_quota members[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(admit("192.0.2.1", 0, &members[i]), WIRE_ERROR_COUNT);
    assert_int_equal(messages_allowed(&members[0], 0), 20);
    assert_int_equal(messages_allowed(&members[0], 1000), 1);
    assert_int_equal(messages_allowed(&members[1], 1000), 20);
    assert_int_equal(messages_allowed(&members[2], 1000), 1); /* 42 have come from the address */
    struct rate_limits_quota other;
    assert_int_equal(admit("192.0.2.2", 1000, &other), WIRE_ERROR_COUNT);
    assert_int_equal(messages_allowed(&other, 1000), 20);
}

static void test_sockets(void **state) {
    (void)state;
    struct rate_limits_account
        *accounts[3 * RATE_LIMITS_SOCKETS_PER_CONNECTION + RATE_LIMITS_SOCKETS_SPARE + 1];
    size_t count = sizeof accounts / sizeof accounts[0] - 1;
    struct ip ip = ip_of("192.0.2.1"), other = ip_of("192.0.2.2");
    for (size_t i = 0; i < count; i++)
        assert_int_equal(rate_limits_open_socket(limits, 0, &ip, &accounts[i]), PARLEY_OK);
    assert_int_equal(rate_limits_open_socket(limits, 0, &ip, &accounts[count]), PARLEY_ERR_FULL);
    assert_int_equal(rate_limits_open_socket(limits, 0, &other, &accounts[count]), PARLEY_OK);
    rate_limits_close_socket(limits, 0, accounts[0]);
    assert_int_equal(rate_limits_open_socket(limits, 0, &ip, &accounts[0]), PARLEY_OK);
}

/* Idle sockets go before busy ones, the longest idle first; a member's socket never goes. */
static void test_which_socket_makes_way(void **state) {
    (void)state;
    struct rate_limits_account *account, *others;
    struct rate_limits_socket sockets[4] = {0}, other = {0}, exempt = {0};
    struct ip ip = ip_of("192.0.2.1"), elsewhere = ip_of("192.0.2.2");
    assert_null(rate_limits_oldest_socket(limits, NULL));
    assert_null(rate_limits_oldest_socket(limits, &ip));
    assert_int_equal(rate_limits_open_socket(limits, 0, &elsewhere, &others), PARLEY_OK);
    assert_int_equal(rate_limits_open_socket(limits, 0, &ip, &account), PARLEY_OK);
    rate_limits_use_socket(limits, NULL, &exempt, LRU_IDLE);
    rate_limits_use_socket(limits, others, &other, LRU_IDLE);
    for (size_t i = 0; i < 4; i++)
        rate_limits_use_socket(limits, account, &sockets[i], i == 0 ? LRU_BUSY : LRU_IDLE);
    assert_ptr_equal(rate_limits_oldest_socket(limits, &ip), &sockets[1]);
    assert_ptr_equal(rate_limits_oldest_socket(limits, NULL), &exempt);
    rate_limits_use_socket(limits, account, &sockets[1], LRU_BUSY);
    assert_ptr_equal(rate_limits_oldest_socket(limits, &ip), &sockets[2]);
    rate_limits_use_socket(limits, account, &sockets[2], LRU_IDLE);
    assert_ptr_equal(rate_limits_oldest_socket(limits, &ip), &sockets[3]);
    rate_limits_keep_socket(&sockets[2]);
    rate_limits_keep_socket(&sockets[3]);
    assert_ptr_equal(rate_limits_oldest_socket(limits, &ip), &sockets[0]);
    rate_limits_keep_socket(&exempt);
    rate_limits_keep_socket(&exempt);
    assert_ptr_equal(rate_limits_oldest_socket(limits, NULL), &other);
    rate_limits_keep_socket(&sockets[0]);
    rate_limits_keep_socket(&sockets[1]);
    assert_null(rate_limits_oldest_socket(limits, &ip));
}

static void test_no_limits(void **state) {
    (void)state;
    config = (struct config){.no_trusted_proxies = true};
    start();
    struct rate_limits_quota member;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(admit("192.0.2.1", 0, &member), WIRE_ERROR_COUNT);
    assert_int_equal(messages_allowed(&member, 0), 1000);
}

/* This machine may be a proxy for everybody, unless the operator has named the proxies. */
static void test_this_machine(void **state) {
    (void)state;
    struct rate_limits_quota member;
    config.no_trusted_proxies = false;
    start();
    for (int i = 0; i < 100; i++)
        assert_int_equal(admit(i % 2 ? "127.0.0.1" : "::1", 0, &member), WIRE_ERROR_COUNT);
    assert_int_equal(messages_allowed(&member, 0), 20); /* a member has its own share */
    config.trusted_proxy_count = 1;
    assert_true(ip_range_read(slice_of("10.0.0.0/8"), &config.trusted_proxies[0]));
    for (int i = 0; i < 3; i++)
        assert_int_equal(admit("127.0.0.1", 0, &member), WIRE_ERROR_COUNT);
    assert_int_equal(admit("127.0.0.1", 0, &member), WIRE_ERROR_ADDRESS_FULL);
}

/* A proxy's clients are counted, its own sockets are not. */
static void test_a_proxys_sockets(void **state) {
    (void)state;
    struct rate_limits_account *account;
    struct ip proxy = ip_of("10.0.0.1");
    config.no_trusted_proxies = false;
    config.trusted_proxy_count = 1;
    assert_true(ip_range_read(slice_of("10.0.0.0/8"), &config.trusted_proxies[0]));
    for (int i = 0; i < 1000; i++)
        assert_int_equal(rate_limits_open_socket(limits, 0, &proxy, &account), PARLEY_OK);
    rate_limits_close_socket(limits, 0, account);
    assert_int_equal(rate_limits_account_count(limits), 0);
}

static void test_accounts_are_forgotten(void **state) {
    (void)state;
    struct rate_limits_quota member, later;
    struct rate_limits_account *account;
    struct ip ip = ip_of("192.0.2.9");
    assert_int_equal(rate_limits_open_socket(limits, 0, &ip, &account), PARLEY_OK);
    assert_int_equal(rate_limits_account_count(limits), 1);
    rate_limits_close_socket(limits, 0, account);
    assert_int_equal(rate_limits_account_count(limits), 0); /* it did nothing */
    assert_int_equal(admit("192.0.2.1", 0, &member), WIRE_ERROR_COUNT);
    rate_limits_dismiss(limits, 0, &member);
    assert_int_equal(rate_limits_account_count(limits), 1); /* it joined */
    assert_int_equal(admit("192.0.2.2", 12000, &later), WIRE_ERROR_COUNT);
    assert_int_equal(rate_limits_account_count(limits), 1); /* as if it had not joined */
    rate_limits_dismiss(limits, 100000, &later);
    assert_int_equal(rate_limits_account_count(limits), 0);
}

/* Connected addresses always keep their place. Of the others, the one gone longest loses it. */
static void test_a_full_table(void **state) {
    (void)state;
    struct rate_limits_quota connected[ENTRIES - 1], member;
    char text[32];
    for (int i = 0; i < ENTRIES - 1; i++) {
        snprintf(text, sizeof text, "198.51.100.%d", i);
        assert_int_equal(admit(text, 0, &connected[i]), WIRE_ERROR_COUNT);
    }
    for (int i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        assert_int_equal(admit(text, 1, &member), WIRE_ERROR_COUNT);
        rate_limits_dismiss(limits, 1, &member);
        assert_true(rate_limits_account_count(limits) <= ENTRIES + 1);
    }
    for (int i = 0; i < 2; i++)
        assert_int_equal(admit("198.51.100.0", 1, &member), WIRE_ERROR_COUNT);
    assert_int_equal(admit("198.51.100.0", 1, &member), WIRE_ERROR_ADDRESS_FULL);
    for (int i = 0; i < ENTRIES - 1; i++)
        rate_limits_dismiss(limits, 1, &connected[i]);
}

static void test_handshakes(void **state) {
    (void)state;
    struct rate_limits_account *account;
    const struct ip ip = ip_of("192.0.2.1");
    config.address_joins_per_minute = 1;
    start();
    assert_int_equal(rate_limits_open_socket(limits, 0, &ip, &account), PARLEY_OK);
    for (unsigned i = 0; i < RATE_LIMITS_HANDSHAKES_PER_JOIN / 4; i++) /* of 15 seconds */
        assert_true(rate_limits_allows_handshake(limits, 0, account));
    assert_false(rate_limits_allows_handshake(limits, 0, account));
    assert_true(
        rate_limits_allows_handshake(limits, 60000 / RATE_LIMITS_HANDSHAKES_PER_JOIN, account));
    assert_true(rate_limits_allows_handshake(limits, 0, NULL));
    rate_limits_close_socket(limits, 60000 / RATE_LIMITS_HANDSHAKES_PER_JOIN, account);
    assert_int_equal(rate_limits_account_count(limits), 1); /* what it has spent is remembered */
}

/* A class of 200, each with a browser's six connections, comes at the same time. */
static void test_a_burst_of_handshakes(void **state) {
    (void)state;
    struct rate_limits_account *account;
    const struct ip ip = ip_of("192.0.2.1");
    int count = 0;
    config.address_joins_per_minute = 600; /* the default */
    start();
    assert_int_equal(rate_limits_open_socket(limits, 0, &ip, &account), PARLEY_OK);
    while (count < 5000 && rate_limits_allows_handshake(limits, 0, account))
        count++;
    assert_int_equal(count, 200 * 6);
    rate_limits_close_socket(limits, 0, account);
}

/* --- the line --------------------------------------------------------------------------------- */

#define RATE 60 /* joins per minute, and in a burst */
#define PLACES (RATE_LIMITS_WAIT_SECONDS * RATE * RATE_LIMITS_LINE_SPEED / 60)
#define STEP_MS (60000 / (RATE * RATE_LIMITS_LINE_SPEED))
#define HONEST 40

static struct rate_limits_quota crowd[RATE + 2 * PLACES];

/* Somebody comes and asks to join. */
static enum rate_limits_verdict ask(struct rate_limits_quota *member, uint64_t now_ms) {
    assert_int_equal(admit("192.0.2.1", now_ms, member), WIRE_ERROR_COUNT);
    return rate_limits_speak(limits, now_ms, member);
}

/* A full burst joins, and |waiting| more. Returns the first that waits. */
static struct rate_limits_quota *crowd_in(unsigned waiting) {
    config.address_connections_max = RATE + 2 * PLACES;
    config.address_joins_per_minute = RATE;
    start();
    for (unsigned i = 0; i < RATE; i++)
        assert_int_equal(ask(&crowd[i], 0), RATE_LIMITS_NOW);
    for (unsigned i = 0; i < waiting; i++)
        assert_int_equal(ask(&crowd[RATE + i], 0), RATE_LIMITS_LATER);
    return &crowd[RATE];
}

static void test_joins_above_the_rate_wait_in_line(void **state) {
    (void)state;
    struct rate_limits_quota *line = crowd_in(PLACES), *refused = &crowd[RATE + PLACES];
    assert_int_equal(ask(refused, 0), RATE_LIMITS_NEVER);
    assert_int_equal(rate_limits_speak(limits, 0, &line[3]),
                     RATE_LIMITS_LATER); /* it knows already */
    assert_int_equal(rate_limits_speak(limits, 0, &crowd[0]), RATE_LIMITS_NOW);
    assert_null(rate_limits_next(limits, STEP_MS - 1));
    for (unsigned i = 0; i < PLACES; i++) {
        uint64_t now_ms = rate_limits_deadline_ms(limits);
        assert_int_equal(now_ms, (i + 1) * STEP_MS);
        assert_true(now_ms <= RATE_LIMITS_WAIT_SECONDS * 1000);
        assert_ptr_equal(rate_limits_next(limits, now_ms), &line[i]);
        assert_false(rate_limits_is_waiting(&line[i]));
        assert_null(rate_limits_next(limits, now_ms));
    }
    assert_int_equal(rate_limits_deadline_ms(limits), UINT64_MAX);
}

static void test_a_client_that_goes_leaves_the_line(void **state) {
    (void)state;
    struct rate_limits_quota *line = crowd_in(4);
    rate_limits_dismiss(limits, 0, &line[0]);
    rate_limits_withdraw(limits, &line[2]);
    rate_limits_withdraw(limits, &line[2]);
    assert_ptr_equal(rate_limits_next(limits, STEP_MS), &line[1]);
    rate_limits_pass(limits, &line[3]);
    assert_int_equal(rate_limits_speak(limits, STEP_MS, &line[3]), RATE_LIMITS_NOW);
    assert_int_equal(rate_limits_deadline_ms(limits), UINT64_MAX);
}

/* Later clients stay behind those that wait, even if the rate allows a join again. */
static void test_nobody_passes_the_line(void **state) {
    (void)state;
    struct rate_limits_quota late, *line = crowd_in(2);
    assert_int_equal(ask(&late, 10000), RATE_LIMITS_LATER);
    assert_ptr_equal(rate_limits_next(limits, 10000), &line[0]);
    assert_ptr_equal(rate_limits_next(limits, 10000 + STEP_MS), &line[1]);
    assert_ptr_equal(rate_limits_next(limits, 10000 + 2 * STEP_MS), &late);
}

/* A client that came too late need not wait if it asks when the rate allows a join again. */
static void test_the_rate_recovers(void **state) {
    (void)state;
    struct rate_limits_quota late;
    crowd_in(0);
    assert_int_equal(admit("192.0.2.1", 0, &late), WIRE_ERROR_COUNT);
    assert_int_equal(rate_limits_speak(limits, 1000, &late), RATE_LIMITS_NOW);
}

/* One device joins as fast as it can, on almost as many connections as there are places. Each that
 * gets in leaves and comes again before anybody else can. All of 40 honest people still get in
 * within the promised time. */
static void test_the_honest_get_in_beside_a_flood(void **state) {
    (void)state;
    enum { FLOOD = PLACES - HONEST };
    struct rate_limits_quota honest[HONEST], *flood = crowd_in(FLOOD), *next;
    uint64_t now_ms = 0;
    for (int i = 0; i < HONEST; i++)
        assert_int_equal(ask(&honest[i], 0), RATE_LIMITS_LATER);
    for (int in = 0; in < HONEST;) {
        now_ms = rate_limits_deadline_ms(limits);
        assert_non_null(next = rate_limits_next(limits, now_ms));
        bool is_hostile = next >= flood && next < flood + FLOOD;
        in += !is_hostile;
        if (!is_hostile)
            continue;
        rate_limits_dismiss(limits, now_ms, next);
        assert_int_equal(ask(next, now_ms), RATE_LIMITS_LATER);
    }
    assert_true(now_ms <= RATE_LIMITS_WAIT_SECONDS * 1000);
}

/* An operator who allows few joins per minute wants only few. */
static void test_a_slow_rate_has_no_line(void **state) {
    (void)state;
    struct rate_limits_quota member;
    config.address_joins_per_minute = RATE_LIMITS_LINE_JOINS_MIN - 1;
    config.address_connections_max = 1000;
    start();
    for (unsigned i = 0; i < RATE_LIMITS_LINE_JOINS_MIN - 1; i++)
        assert_int_equal(ask(&crowd[i], 0), RATE_LIMITS_NOW);
    assert_int_equal(admit("192.0.2.1", 0, &member), WIRE_ERROR_TOO_MANY_JOINS);
}

/* Even with the highest rate, the line is bounded, and moves. */
static void test_the_fastest_pace(void **state) {
    (void)state;
    static struct rate_limits_quota many[20000];
    unsigned waiting = 0;
    config.address_joins_per_minute = 60000;
    config.address_connections_max = 0;
    start();
    for (unsigned i = 0; i < 60000; i++) {
        struct rate_limits_quota gone;
        assert_int_equal(ask(&gone, 0), RATE_LIMITS_NOW);
        rate_limits_dismiss(limits, 0, &gone);
    }
    while (ask(&many[waiting], 0) == RATE_LIMITS_LATER)
        waiting++;
    assert_int_equal(waiting, RATE_LIMITS_WAIT_SECONDS * 1000);
    assert_ptr_equal(rate_limits_next(limits, 1), &many[0]);
    assert_ptr_equal(rate_limits_next(limits, 2), &many[1]);
}

static void test_the_longest_silent(void **state) {
    (void)state;
    const struct ip ip = ip_of("192.0.2.1"), other = ip_of("192.0.2.2");
    config.address_joins_per_minute = 0;
    config.address_connections_max = 100;
    start();
    for (unsigned i = 0; i < RATE_LIMITS_SILENT_SPARED; i++)
        assert_int_equal(admit("192.0.2.1", 0, &crowd[i]), WIRE_ERROR_COUNT);
    assert_null(rate_limits_longest_silent(limits, &ip)); /* pages that are about to join */
    assert_int_equal(admit("192.0.2.1", 0, &crowd[RATE_LIMITS_SILENT_SPARED]), WIRE_ERROR_COUNT);
    assert_null(rate_limits_longest_silent(limits, &other));
    assert_ptr_equal(rate_limits_longest_silent(limits, &ip), &crowd[0]);
    rate_limits_dismiss(limits, 0, &crowd[0]);
    assert_null(rate_limits_longest_silent(limits, &ip));
    assert_int_equal(admit("192.0.2.1", 0, &crowd[0]), WIRE_ERROR_COUNT);
    assert_int_equal(rate_limits_speak(limits, 0, &crowd[1]), RATE_LIMITS_NOW);
    assert_int_equal(admit("192.0.2.1", 0, &crowd[RATE_LIMITS_SILENT_SPARED + 1]),
                     WIRE_ERROR_COUNT);
    assert_ptr_equal(rate_limits_longest_silent(limits, &ip), &crowd[2]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_people_of_an_address),
        TEST(test_an_ipv6_network_is_one_address),
        TEST(test_joins),
        TEST(test_messages),
        TEST(test_sockets),
        TEST(test_which_socket_makes_way),
        TEST(test_handshakes),
        TEST(test_a_burst_of_handshakes),
        TEST(test_no_limits),
        TEST(test_this_machine),
        TEST(test_a_proxys_sockets),
        TEST(test_accounts_are_forgotten),
        TEST(test_a_full_table),
        TEST(test_joins_above_the_rate_wait_in_line),
        TEST(test_a_client_that_goes_leaves_the_line),
        TEST(test_nobody_passes_the_line),
        TEST(test_the_rate_recovers),
        TEST(test_the_honest_get_in_beside_a_flood),
        TEST(test_a_slow_rate_has_no_line),
        TEST(test_the_fastest_pace),
        TEST(test_the_longest_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
