/* The program's STUN server over real sockets, and the pages to which it is offered. */
#define _GNU_SOURCE
#include "client.h"
#include "poller.h"

#include "cmocka_all.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ANSWER_BYTES 32 /* IPv4 */
#define BURST 250       /* stun_limit.h */
#define PER_SECOND 50
#define STUN_PORT 3478

static const uint8_t request[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 'p', 'a'};

/* A UDP socket on |from| that is connected to |to|, and so receives from nobody else. */
static int udp_open(const char *from, const char *to, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(inet_pton(AF_INET, from, &address.sin_addr), 1);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    address.sin_port = htons(port);
    assert_int_equal(inet_pton(AF_INET, to, &address.sin_addr), 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static uint16_t port_of(int fd) {
    struct sockaddr_in address = {0};
    socklen_t len = sizeof address;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

/* A port that was free just now. */
static uint16_t free_port(void) {
    int fd = udp_open("127.0.0.1", "127.0.0.1", 9);
    uint16_t port = port_of(fd);
    close(fd);
    return port;
}

static void ask(int fd) {
    assert_int_equal(send(fd, request, sizeof request, 0), sizeof request);
}

static void expect_answer(int fd) {
    uint8_t bytes[64];
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&pollfd, 1, CLIENT_DEADLINE_MS), 1);
    assert_int_equal(recv(fd, bytes, sizeof bytes, 0), ANSWER_BYTES);
    assert_memory_equal(bytes + 4, request + 4, 16);
    assert_int_equal((bytes[26] << 8 | bytes[27]) ^ 0x2112, port_of(fd));
}

static void assert_answered(int fd) {
    ask(fd);
    expect_answer(fd);
}

/* Nobody listens on the port: the system reports it. */
static void assert_unanswered(int fd) {
    uint8_t bytes[64];
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    ask(fd);
    assert_int_equal(poll(&pollfd, 1, CLIENT_DEADLINE_MS), 1);
    assert_int_equal(recv(fd, bytes, sizeof bytes, 0), -1);
}

/* The option for a free port, to which it sets |port|. Valid until the next call. */
static const char *stun_option(uint16_t *port) {
    static char option[32];
    *port = free_port();
    snprintf(option, sizeof option, "--stun-port=%u", *port);
    return option;
}

static uint16_t serve_stun(struct process *process, const char *other_option) {
    uint16_t port;
    process_serve(process, OPTIONS(stun_option(&port), other_option));
    return port;
}

static void test_it_answers_and_only_what_is_asked(void **state) {
    (void)state;
    struct process process;
    uint16_t port = serve_stun(&process, "--log-level=info");
    int fd = udp_open("127.0.0.1", "127.0.0.1", port);
    assert_int_equal(send(fd, "hello", 5, 0), 5);
    assert_int_equal(send(fd, "", 0, 0), 0);
    ask(fd);
    expect_answer(fd); /* the first datagram that comes */
    close(fd);
    process_stop(&process);
}

/* On every interface, over IPv4 and IPv6, the answer comes from the address that was asked. */
static void test_it_answers_from_where_it_was_asked(void **state) {
    (void)state;
    struct process process;
    uint16_t port;
    process_start(&process, OPTIONS("--port=0", stun_option(&port)), NULL);
    process_await_error(&process, " start ");
    int fd = udp_open("127.0.0.8", "127.0.0.9", port);
    ask(fd);
    expect_answer(fd);
    close(fd);

    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
    uint8_t bytes[64];
    fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        struct pollfd pollfd = {.fd = fd, .events = POLLIN};
        ask(fd);
        assert_int_equal(poll(&pollfd, 1, CLIENT_DEADLINE_MS), 1);
        assert_int_equal(recv(fd, bytes, sizeof bytes, 0), 44);
    }
    close(fd);
    process_stop(&process);
}

/* The server answers datagrams in order: all answers to the greedy client have arrived before the
 * answer to somebody who asked later. */
static void test_the_greedy_are_bounded_and_cost_nobody(void **state) {
    (void)state;
    struct process process;
    uint8_t bytes[64];
    uint16_t port = serve_stun(&process, "--log-level=info");
    int greedy = udp_open("127.0.0.2", "127.0.0.1", port);
    int honest = udp_open("127.0.0.3", "127.0.0.1", port);
    uint64_t began_ms = clock_ms(), answers = 0;
    for (int i = 0; i < 4 * BURST; i++) {
        ask(greedy);
        if (i % 100 == 99) {
            ask(honest);
            expect_answer(honest);
        }
        while (recv(greedy, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
            answers++;
    }
    ask(honest);
    expect_answer(honest);
    while (recv(greedy, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        answers++;
    assert_in_range(answers, 1, BURST + 1 + (clock_ms() - began_ms) * PER_SECOND / 1000);
    close(greedy);
    close(honest);
    process_stop(&process);
}

/* --- a port in use ---------------------------------------------------------------------------- */

static void test_a_taken_port_that_was_named(void **state) {
    (void)state;
    struct process process;
    char option[32];
    char said[96];
    int fd = udp_open("127.0.0.1", "127.0.0.1", 9);
    snprintf(option, sizeof option, "--stun-port=%u", port_of(fd));
    snprintf(said, sizeof said,
             "parley: port %u is in use already; choose another with --stun-port, or 0 for "
             "none\n",
             port_of(fd));
    process_start(&process, OPTIONS("--host=127.0.0.1", "--port=0", option), NULL);
    assert_int_equal(process_wait(&process), 1);
    char *errors = process_errors(&process);
    assert_string_equal(errors, said);
    free(errors);
    close(process.out_fd);
    close(process.err_fd);
    close(fd);
}

static void test_a_host_that_is_none(void **state) {
    (void)state;
    struct process process;
    const char *said = "no_stun why=\"--stun-host: cannot listen on 192.0.2.300 port 3478: ";
    process_start(&process, OPTIONS("--port=0", "--stun-host=192.0.2.300"), NULL);
    process_await_error(&process, said);
    process_stop(&process);
}

/* The port is in use: by this test, or by another program that has it already. */
static void test_a_taken_port_that_was_not(void **state) {
    (void)state;
    struct process process;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(STUN_PORT)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)!bind(fd, (struct sockaddr *)&address, sizeof address);
    process_start(&process, OPTIONS("--port=0"), NULL);
    process_await_error(&process, "warn no_stun why=\"port 3478 is in use already");
    process_await_error(&process, "stun_port=0");
    process_stop(&process);
    close(fd);
}

/* --- the offer -------------------------------------------------------------------------------- */

/* Joins by |host|. Returns the first ICE server offered, or "". Valid until the next call. */
static const char *first_offer(uint16_t port, const char *host) {
    static char url[512];
    char headers[1024];
    struct client client;
    struct reply reply;
    struct wire_message message;
    snprintf(headers, sizeof headers,
             "GET /signal HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
             "Sec-WebSocket-Version: 13\r\n\r\n",
             host, host);
    client_open(&client, port);
    client_send_text(&client, headers);
    client_read_reply(&client, &reply, true);
    assert_int_equal(reply.status, 101);
    reply_free(&reply);
    ws_send_text(&client, join_text("the-room"));
    ws_expect(&client, WIRE_WELCOME, &message);
    struct slice first = {"", 0};
    if (message.ice_server_count > 0)
        first = message.ice_servers[0].url;
    snprintf(url, sizeof url, "%.*s", (int)first.len, first.bytes);
    wire_message_deinit(&message);
    client_close(&client);
    return url;
}

static void test_it_is_offered_where_the_page_was_found(void **state) {
    (void)state;
    struct process process;
    char expected[320];
    char long_name[254];
    uint16_t port = serve_stun(&process, "--ice-server=stun:other.example");
    snprintf(expected, sizeof expected, "stun:chat.example:%u", port);
    assert_string_equal(first_offer(process.port, "chat.example:3000"), expected);
    assert_string_equal(first_offer(process.port, "chat.example"), expected);
    snprintf(expected, sizeof expected, "stun:[2001:db8::1]:%u", port);
    assert_string_equal(first_offer(process.port, "[2001:db8::1]:3000"), expected);
    snprintf(expected, sizeof expected, "stun:192.0.2.1:%u", port);
    assert_string_equal(first_offer(process.port, "192.0.2.1:3000"), expected);
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    snprintf(expected, sizeof expected, "stun:%s:%u", long_name, port);
    assert_string_equal(first_offer(process.port, long_name), expected);
    process_stop(&process);
}

/* Sends |body| as a page of |host| that polls. |secret| begins as "", and "open" sets it. */
static void poll_as(uint16_t port, const char *host, char secret[64], const char *body,
                    struct reply *reply) {
    char text[2048];
    struct client client;
    snprintf(text, sizeof text,
             "POST /poll HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\n%s%s%s"
             "Content-Length: %zu\r\n\r\n%s",
             host, host, *secret ? "Parley-Session: " : "", secret, *secret ? "\r\n" : "",
             strlen(body), body);
    client_open(&client, port);
    client_send_text(&client, text);
    client_read_reply(&client, reply, false);
    assert_int_equal(reply->status, 200);
    sscanf(reply->body, "session %63s", secret);
    client_close(&client);
}

static void test_it_is_offered_to_who_polls(void **state) {
    (void)state;
    struct process process;
    struct reply reply;
    char secret[64] = "";
    char text[1024];
    uint16_t port = serve_stun(&process, "--ice-server=none");
    poll_as(process.port, "chat.example:3000", secret, "open\n", &reply);
    reply_free(&reply);
    snprintf(text, sizeof text, "send 0\n%s\n", join_text("the-room"));
    poll_as(process.port, "chat.example:3000", secret, text, &reply);
    reply_free(&reply);
    poll_as(process.port, "chat.example:3000", secret, "poll 0\n", &reply);
    snprintf(text, sizeof text, "[{\"urls\":\"stun:chat.example:%u\"}]", port);
    assert_non_null(strstr(reply.body, text));
    reply_free(&reply);
    process_stop(&process);
}

static void test_it_is_not_offered_where_it_is_of_no_use(void **state) {
    (void)state;
    struct process process;
    const char *const hosts[] = {"localhost:3000", "LocalHost", "a.localhost", "127.0.0.1:80",
                                 "[::1]:3000"};
    serve_stun(&process, "--ice-server=stun:other.example");
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        assert_string_equal(first_offer(process.port, hosts[i]), "stun:other.example");
    process_stop(&process);
    process_serve(&process, OPTIONS("--stun-port=0", "--ice-server=none"));
    assert_string_equal(first_offer(process.port, "chat.example"), "");
    process_stop(&process);
}

/* A proxy on this machine forwards no UDP, so any address of the machine can be asked. */
static void test_behind_a_proxy_it_listens_on_all_addresses(void **state) {
    (void)state;
    struct process process;
    char expected[64];
    uint16_t port = serve_stun(&process, "--ice-server=none");
    snprintf(expected, sizeof expected, "stun:chat.example:%u", port);
    assert_string_equal(first_offer(process.port, "chat.example"), expected);
    int elsewhere = udp_open("127.0.0.9", "127.0.0.5", port);
    assert_answered(elsewhere);
    close(elsewhere);
    process_stop(&process);
}

static void assert_offered(const struct process *process, const char *host) {
    char expected[64];
    const char *offer = first_offer(process->port, host);
    snprintf(expected, sizeof expected, "stun:%s:3478", host);
    if (*offer == '\0') /* another server has the port */
        process_await_error(process, "warn no_stun why=\"port 3478 is in use already");
    else
        assert_string_equal(offer, expected);
}

static void assert_not_listening(const struct process *process) {
    char *errors = process_errors(process);
    assert_null(strstr(errors, " stun port="));
    assert_null(strstr(errors, " no_stun "));
    free(errors);
}

static void load_page(const struct process *process, const char *host, const char *headers) {
    char text[512];
    struct client client;
    struct reply reply;
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n%s\r\n", host, headers);
    client_open(&client, process->port);
    client_send_text(&client, text);
    client_read_reply(&client, &reply, false);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    client_close(&client);
}

/* No header that a page can send proves a proxy. Sec-Fetch-Site, which it cannot send, does, with a
 * host name. */
static void test_unless_it_was_asked_for_it_waits_for_a_proxy(void **state) {
    (void)state;
    struct process process;
    process_serve(&process, OPTIONS("--ice-server=none", "--log-level=info"));
    process_await_error(&process, "stun_port=0");
    assert_string_equal(first_offer(process.port, "localhost:3000"), "");
    load_page(&process, "localhost:3000", "Sec-Fetch-Site: none\r\n");
    load_page(&process, "foreign.example",
              "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
              "Forwarded: for=192.0.2.1;proto=https\r\n");
    assert_string_equal(first_offer(process.port, "foreign.example"), "");
    process_await_error(&process, "warn stun_withheld");
    assert_not_listening(&process);
    load_page(&process, "chat.example", "Sec-Fetch-Site: none\r\n");
    assert_not_listening(&process); /* the page did not join */
    assert_offered(&process, "chat.example");
    process_stop(&process);
}

static void test_a_proxy_that_was_named_is_waited_for(void **state) {
    (void)state;
    struct process process;
    const char *const options[] = {"--trusted-proxy=127.0.0.1", "--allow-host=chat.example"};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        process_serve(&process, OPTIONS("--ice-server=none", "--log-level=info", options[i]));
        assert_string_equal(first_offer(process.port, "localhost:3000"), "");
        assert_not_listening(&process);
        assert_offered(&process, "chat.example");
        process_stop(&process);
    }
}

static void test_it_listens_where_it_was_told_to(void **state) {
    (void)state;
    struct process process;
    uint16_t port = serve_stun(&process, "--stun-host=127.0.0.5");
    process_await_error(&process, "warn stun_unreachable");
    int there = udp_open("127.0.0.9", "127.0.0.5", port);
    int elsewhere = udp_open("127.0.0.9", "127.0.0.6", port);
    assert_answered(there);
    assert_unanswered(elsewhere);
    close(there);
    close(elsewhere);
    process_stop(&process);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_answers_and_only_what_is_asked),
        cmocka_unit_test(test_it_answers_from_where_it_was_asked),
        cmocka_unit_test(test_the_greedy_are_bounded_and_cost_nobody),
        cmocka_unit_test(test_a_taken_port_that_was_named),
        cmocka_unit_test(test_a_host_that_is_none),
        cmocka_unit_test(test_a_taken_port_that_was_not),
        cmocka_unit_test(test_it_is_offered_where_the_page_was_found),
        cmocka_unit_test(test_it_is_offered_to_who_polls),
        cmocka_unit_test(test_it_is_not_offered_where_it_is_of_no_use),
        cmocka_unit_test(test_behind_a_proxy_it_listens_on_all_addresses),
        cmocka_unit_test(test_unless_it_was_asked_for_it_waits_for_a_proxy),
        cmocka_unit_test(test_a_proxy_that_was_named_is_waited_for),
        cmocka_unit_test(test_it_listens_where_it_was_told_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
