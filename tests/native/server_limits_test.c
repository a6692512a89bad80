/* A client that meets a limit is told which, and nobody else notices. People come through a proxy
 * on this machine, since only then do their addresses count. */
#define _GNU_SOURCE /* prlimit */
#include "cmocka_all.h"
#include "poller.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define FEW_DESCRIPTORS 8 /* less than the server has open, whatever it does */
#define CALM_MS 600
#define SOCKETS_OF_ONE 66  /* rate_limits.h: for an address with a limit of one person */
#define SOCKETS_IN_ALL 258 /* server.c: with a limit of one person */

static struct process process;

static void serve(const char *const options[]) {
    process_serve(&process, options);
    poller_use(process.port);
}

static void write_headers(char headers[256], const char *forwarded) {
    snprintf(headers, 256, "Origin: http://127.0.0.1:%u\r\n%s\r\n", process.port, forwarded);
}

/* Connects somebody, without a join, whose request the proxy passes on with header |forwarded|. */
static void open_as(struct client *client, const char *forwarded) {
    struct reply reply;
    char headers[256];
    write_headers(headers, forwarded);
    ws_handshake(client, process.port, headers, &reply);
    assert_int_equal(reply.status, 101);
    reply_free(&reply);
}

static void join_as(struct client *client, const char *forwarded) {
    open_as(client, forwarded);
    ws_send_text(client, join_text(NULL));
    ws_skip(client, WIRE_WELCOME);
}

static void expect_refusal_as(const char *forwarded, enum wire_error error) {
    struct client client;
    open_as(&client, forwarded);
    ws_expect_refusal(&client, error);
    client_close(&client);
}

/* The same by polling. */
static void expect_poll_refusal_as(const char *forwarded, enum wire_error error) {
    struct client client;
    struct reply reply;
    char headers[256], close[64];
    write_headers(headers, forwarded);
    client_open(&client, process.port);
    post_with(&client, "1.1", headers, "open\n");
    client_read_reply(&client, &reply, false);
    snprintf(close, sizeof close, "\nclose %u %s\n", wire_error_close_code(error),
             wire_error_code(error));
    assert_non_null(strstr(reply.body, wire_error_sentence(error)));
    assert_non_null(strstr(reply.body, close));
    reply_free(&reply);
    client_close(&client);
}

static void leave(struct client *client) {
    ws_send_text(client, "{\"type\":\"leave\"}");
    ws_expect_close(client, 1000);
    client_close(client);
}

static void expect_page(unsigned from) {
    struct client client;
    struct reply reply;
    client_open_from(&client, process.port, from);
    client_send_text(&client, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    client_read_reply(&client, &reply, false);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    client_close(&client);
}

static int count_errors(const char *text) {
    char *errors = process_errors(&process);
    int count = 0;
    for (const char *at = errors; (at = strstr(at, text)) != NULL; at++)
        count++;
    free(errors);
    return count;
}

/* --- people ----------------------------------------------------------------------------------- */

static void test_connections_of_an_address(void **state) {
    (void)state;
    struct client ann, bob, cyd, dan;
    serve(OPTIONS("--trusted-proxy=127.0.0.1", "--address-connections-max=2"));
    join_as(&ann, "X-Forwarded-For: 192.0.2.1");
    join_as(&bob, "Forwarded: for=192.0.2.1;proto=https");
    expect_refusal_as("X-Forwarded-For: 192.0.2.1", WIRE_ERROR_ADDRESS_FULL);
    expect_poll_refusal_as("X-Forwarded-For: 192.0.2.1", WIRE_ERROR_ADDRESS_FULL);
    /* a client's own headers do not help, in whatever form */
    expect_refusal_as("X-Forwarded-For: 192.0.2.7, 192.0.2.1", WIRE_ERROR_ADDRESS_FULL);
    expect_refusal_as("X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: 192.0.2.1",
                      WIRE_ERROR_ADDRESS_FULL);
    join_as(&cyd, "X-Forwarded-For: 192.0.2.2");
    leave(&ann);
    join_as(&dan, "X-Forwarded-For: 192.0.2.1");
    client_close(&bob);
    client_close(&cyd);
    client_close(&dan);
    process_stop(&process);
}

/* Polling sessions count too, for the address that opened them. */
static void test_polling_sessions_of_an_address(void **state) {
    (void)state;
    struct client client;
    char headers[256];
    serve(OPTIONS("--trusted-proxy=127.0.0.1", "--address-connections-max=1"));
    write_headers(headers, "X-Forwarded-For: 2001:db8::1");
    client_open(&client, process.port);
    post_with(&client, "1.1", headers, "open\n");
    assert_reply(&client, 200, NULL);
    expect_refusal_as("X-Forwarded-For: 2001:db8::2", WIRE_ERROR_ADDRESS_FULL);
    client_close(&client);
    process_stop(&process);
}

static void test_joins_of_an_address(void **state) {
    (void)state;
    struct client client;
    serve(OPTIONS("--trusted-proxy=127.0.0.1", "--address-joins-per-minute=2"));
    for (int i = 0; i < 2; i++) {
        join_as(&client, "X-Forwarded-For: 192.0.2.1");
        leave(&client);
    }
    expect_refusal_as("X-Forwarded-For: 192.0.2.1", WIRE_ERROR_TOO_MANY_JOINS);
    expect_poll_refusal_as("X-Forwarded-For: 192.0.2.1", WIRE_ERROR_TOO_MANY_JOINS);
    join_as(&client, "X-Forwarded-For: 192.0.2.2");
    client_close(&client);
    process_stop(&process);
}

static void ping(struct client *client, int times) {
    for (int i = 0; i < times; i++)
        ws_send_text(client, "{\"type\":\"ping\"}");
}

static void skip_pongs(struct client *client, int times) {
    for (int i = 0; i < times; i++)
        ws_skip(client, WIRE_PONG);
}

/* Members on this machine have a share of their own too. With a rate of one per minute, nothing
 * depends on the test's speed. */
static void test_messages_of_a_member(void **state) {
    (void)state;
    struct client fast, other;
    serve(OPTIONS("--member-messages-per-second=1"));
    ws_open(&fast, process.port);
    ws_open(&other, process.port);
    ping(&fast, 200); /* 20, and as many as seconds pass meanwhile */
    skip_pongs(&fast, 20);
    struct ws_frame frame;
    do
        assert_true(ws_read_frame(&fast, &frame));
    while (strstr(frame.payload, "\"pong\"") != NULL);
    assert_non_null(strstr(frame.payload, "\"too_fast\""));
    ws_expect_close(&fast, wire_error_close_code(WIRE_ERROR_TOO_FAST));
    ping(&other, 15);
    skip_pongs(&other, 15);
    client_close(&fast);
    client_close(&other);
    process_stop(&process);
}

static void test_messages_of_an_address(void **state) {
    (void)state;
    struct client first, second, stranger;
    serve(OPTIONS("--trusted-proxy=127.0.0.1", "--address-messages-per-second=1"));
    open_as(&first, "X-Forwarded-For: 192.0.2.1");
    open_as(&second, "X-Forwarded-For: 192.0.2.1");
    open_as(&stranger, "X-Forwarded-For: 192.0.2.2");
    ping(&first, 15);
    skip_pongs(&first, 15);
    ping(&second, 200);
    skip_pongs(&second, 5);
    ws_expect_close(&second, wire_error_close_code(WIRE_ERROR_TOO_FAST));
    ping(&stranger, 20);
    skip_pongs(&stranger, 20);
    client_close(&first);
    client_close(&second);
    client_close(&stranger);
    process_stop(&process);
}

/* --- proxies ---------------------------------------------------------------------------------- */

static void test_an_unknown_proxy_is_not_believed_and_is_told_of_once(void **state) {
    (void)state;
    struct client ann, bob;
    serve(OPTIONS("--address-connections-max=1"));
    join_as(&ann, "X-Forwarded-For: 192.0.2.1");
    join_as(&bob, "X-Forwarded-For: 192.0.2.1"); /* this machine has no limit by default */
    assert_int_equal(count_errors("warn unknown_proxy"), 1);
    client_close(&ann);
    client_close(&bob);
    process_stop(&process);
    serve(OPTIONS("--address-connections-max=1", "--trusted-proxy=none"));
    join_as(&ann, "X-Forwarded-For: 192.0.2.1");
    expect_refusal_as("X-Forwarded-For: 192.0.2.2", WIRE_ERROR_ADDRESS_FULL);
    assert_int_equal(count_errors("warn unknown_proxy"), 0);
    client_close(&ann);
    process_stop(&process);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static void test_sockets_of_an_address(void **state) {
    (void)state;
    struct client silent[SOCKETS_OF_ONE], next;
    serve(OPTIONS("--trusted-proxy=none", "--address-connections-max=1"));
    for (int i = 0; i < SOCKETS_OF_ONE; i++)
        client_open(&silent[i], process.port);
    client_open(&next, process.port);
    client_await_end(&next);
    expect_page(2);
    client_close(&silent[0]);
    process_await_error(&process, "refused error=sockets");
    for (int i = 1; i < SOCKETS_OF_ONE; i++)
        client_close(&silent[i]);
    client_close(&next);
    process_stop(&process);
}

/* Silent sockets make way, the longest silent first. The log reports it once. */
static void test_sockets_in_all(void **state) {
    (void)state;
    static struct client silent[SOCKETS_IN_ALL];
    serve(OPTIONS("--connections-max=1"));
    for (int i = 0; i < SOCKETS_IN_ALL; i++)
        client_open(&silent[i], process.port);
    expect_page(1);
    client_await_end(&silent[0]);
    expect_page(1);
    for (int i = 0; i < SOCKETS_IN_ALL; i++)
        client_close(&silent[i]);
    assert_int_equal(count_errors("warn no_more_sockets"), 1);
    process_stop(&process);
}

static void test_a_silent_socket_is_hung_up_on(void **state) {
    (void)state;
    struct client silent, slow, gone;
    serve(OPTIONS("--request-seconds=1"));
    client_open(&silent, process.port);
    client_open(&slow, process.port);
    client_send_text(&slow, "GET / HTTP/1.1\r\nHost: a\r\n");
    client_open(&gone, process.port);
    client_send_text(&gone, "GET / HTTP/1.1\r\n");
    client_close(&gone);
    client_await_end(&silent);
    client_await_end(&slow);
    client_close(&silent);
    client_close(&slow);
    process_stop(&process);
}

static uint64_t cpu_ms_of(pid_t pid) {
    char path[64];
    unsigned long user, system;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(
        fscanf(file, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system),
        2);
    fclose(file);
    return (user + system) * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

static void set_descriptors(rlim_t count) {
    struct rlimit limit;
    assert_int_equal(prlimit(process.pid, RLIMIT_NOFILE, NULL, &limit), 0);
    limit.rlim_cur = count;
    assert_int_equal(prlimit(process.pid, RLIMIT_NOFILE, &limit, NULL), 0);
}

/* The system's descriptors run out before the server's limit. The server waits without a busy loop,
 * reports it once, continues with the present clients, and later lets the waiting ones in. */
static void test_without_descriptors_the_server_stays_calm(void **state) {
    (void)state;
    struct client waiting;
    struct reply reply;
    struct pair pair;
    serve(OPTIONS("--log-level=info"));
    pair_join(&pair, process.port, "calm-room");
    set_descriptors(FEW_DESCRIPTORS);
    client_open(&waiting, process.port);
    client_send_text(&waiting, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    process_await_error(&process, "warn no_more_sockets why=\"Too many open files\"");
    struct pollfd pollfd = {.fd = waiting.fd, .events = POLLIN};
    uint64_t from_ms = cpu_ms_of(process.pid);
    assert_int_equal(poll(&pollfd, 1, CALM_MS), 0); /* it waits */
    /* a busy loop would take all of the processor */
    assert_true(cpu_ms_of(process.pid) - from_ms < CALM_MS / 10);
    pair_talk(&pair);
    assert_int_equal(count_errors("no_more_sockets"), 1);
    set_descriptors(1000);
    client_read_reply(&waiting, &reply, false);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    client_close(&waiting);
    pair_leave(&pair);
    process_stop(&process);
}

/* Even if many refused clients stay connected, the next one is told too, and the first is cut. */
static void test_the_refused_who_stay_silence_nobody(void **state) {
    (void)state;
    enum { REFUSED = 140 }; /* more than websocket.h tells at once */
    static struct client refused[REFUSED];
    struct client member;
    serve(OPTIONS("--trusted-proxy=127.0.0.1", "--connections-max=1"));
    join_as(&member, "X-Forwarded-For: 192.0.2.1");
    for (int i = 0; i < REFUSED; i++) {
        open_as(&refused[i], "X-Forwarded-For: 192.0.2.2");
        ws_expect_error(&refused[i], WIRE_ERROR_SERVER_FULL);
    }
    client_await_end(&refused[0]); /* it makes way: its time is not over yet */
    assert_false(client_has_ended(&refused[20]));
    for (int i = 0; i < REFUSED; i++)
        client_close(&refused[i]);
    client_close(&member);
    process_stop(&process);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_refused_who_stay_silence_nobody),
        cmocka_unit_test(test_connections_of_an_address),
        cmocka_unit_test(test_polling_sessions_of_an_address),
        cmocka_unit_test(test_joins_of_an_address),
        cmocka_unit_test(test_messages_of_a_member),
        cmocka_unit_test(test_messages_of_an_address),
        cmocka_unit_test(test_an_unknown_proxy_is_not_believed_and_is_told_of_once),
        cmocka_unit_test(test_sockets_of_an_address),
        cmocka_unit_test(test_sockets_in_all),
        cmocka_unit_test(test_a_silent_socket_is_hung_up_on),
        cmocka_unit_test(test_without_descriptors_the_server_stays_calm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
