/* The program as a process: its exit statuses, its single line for each mistake, and its end. */
#define _GNU_SOURCE
#include "poller.h"

#include "cmocka_all.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_OPTIONS ((const char *const[]){NULL})
#define CROWD 50

/* Runs the program, which must exit with |status| after one line with |text| on standard error. */
static void assert_complaint(const char *const options[], const char *const variables[], int status,
                             const char *text) {
    struct process process;
    process_start(&process, options, variables);
    assert_int_equal(process_wait(&process), status);
    char *errors = process_errors(&process);
    assert_non_null(strstr(errors, text));
    assert_ptr_equal(strchr(errors, '\n'), errors + strlen(errors) - 1);
    free(errors);
    close(process.out_fd);
    close(process.err_fd);
}

static void test_bad_options(void **state) {
    (void)state;
    assert_complaint(OPTIONS("--prot=1"), NULL, 2, "--prot=1");
    assert_complaint(OPTIONS("--port"), NULL, 2, "--port needs a value");
    assert_complaint(OPTIONS("--port=70000"), NULL, 2, "70000");
    assert_complaint(NO_OPTIONS, OPTIONS("PARLEY_LOG_LEVEL=loud"), 2, "PARLEY_LOG_LEVEL");
    assert_complaint(OPTIONS("--port=0", "--web-root=/nowhere"), NULL, 2, "/nowhere");
    assert_complaint(OPTIONS("--port=0", "--ice-server=turn:h,username=\xFF,credential=c"), NULL, 2,
                     "--ice-server");
}

static void test_unusable_host(void **state) {
    (void)state;
    assert_complaint(OPTIONS("--port=0", "--host=198.51.100.1"), NULL, 1,
                     "parley: --host: cannot listen on 198.51.100.1");
    assert_complaint(OPTIONS("--port=0", "--metrics-listen=198.51.100.1:0"), NULL, 1,
                     "parley: --metrics-listen: cannot listen on 198.51.100.1");
    assert_complaint(OPTIONS("--port=0", "--stun-host=198.51.100.1", "--stun-port=3479"), NULL, 1,
                     "parley: --stun-host: cannot listen on 198.51.100.1");
}

static void test_help_and_version(void **state) {
    (void)state;
    struct process process;
    process_start(&process, OPTIONS("--help"), NULL);
    char *text = process_output(&process);
    assert_non_null(strstr(text, "--ice-server"));
    free(text);
    process_stop(&process);
    process_start(&process, OPTIONS("--version"), NULL);
    text = process_output(&process);
    assert_int_equal(strncmp(text, "parley ", 7), 0);
    free(text);
    process_stop(&process);
}

static void test_port_in_use(void **state) {
    (void)state;
    struct process process;
    char port[32];
    char said[32];
    process_serve(&process, NO_OPTIONS);
    snprintf(port, sizeof port, "--port=%u", process.port);
    snprintf(said, sizeof said, "port %u is in use", process.port);
    assert_complaint(OPTIONS(port), NULL, 1, said);
    assert_complaint(OPTIONS(port, "--host=127.0.0.1"), NULL, 1, said);
    process_stop(&process);
}

static void test_port_0_is_printed_and_serves(void **state) {
    (void)state;
    struct process process;
    struct reply reply;
    process_serve(&process, NO_OPTIONS);
    assert_true(process.port > 0);
    http_fetch(process.port, "GET", "/healthz", "", &reply);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    process_stop(&process);
}

/* Connects to |port| of ::1. False: this machine has no IPv6. */
static bool reach_ipv6(uint16_t port) {
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool reached = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return reached;
}

static bool have_ipv6(void) {
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool bound = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return bound;
}

static uint16_t port_in(const char *text) {
    const char *at = strstr(text, "http://localhost:");
    return at == NULL ? 0 : (uint16_t)atoi(at + strlen("http://localhost:"));
}

static void test_every_interface_by_default(void **state) {
    (void)state;
    struct process process;
    char text[4096] = "";
    struct reply reply;
    process_start(&process, OPTIONS("--port=0"), NULL);
    struct pollfd pollfd = {.fd = process.out_fd, .events = POLLIN};
    for (size_t len = 0; strstr(text, "\n\n") == NULL || port_in(text) == 0;) {
        assert_int_equal(poll(&pollfd, 1, CLIENT_DEADLINE_MS), 1);
        ssize_t got = read(process.out_fd, text + len, sizeof text - 1 - len);
        assert_true(got > 0);
        len += (size_t)got;
    }
    http_fetch(port_in(text), "GET", "/", "", &reply);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    assert_true(!have_ipv6() || reach_ipv6(port_in(text)));
    process_stop(&process);
}

/* Everybody, in a room or not, is told and gets a close frame. Then the process ends. */
static void assert_good_end(int number) {
    struct process process;
    struct person people[CROWD];
    struct client waiting;
    struct client silent;                                      /* neither HTTP nor anything else */
    process_serve(&process, OPTIONS("--request-seconds=120")); /* the limit for silent clients */
    for (size_t i = 0; i < CROWD; i++) {
        char room[32];
        snprintf(room, sizeof room, "room-%zu", i / 5);
        person_join(&people[i], process.port, room, i % 5);
    }
    ws_open(&waiting, process.port);
    client_open(&silent, process.port);
    kill(process.pid, number);
    for (size_t i = 0; i < CROWD; i++) {
        for (size_t later = i % 5 + 1; later < 5; later++)
            ws_skip(&people[i].client, WIRE_JOINED);
        ws_expect_refusal(&people[i].client, WIRE_ERROR_SHUTTING_DOWN);
        client_close(&people[i].client);
    }
    ws_expect_refusal(&waiting, WIRE_ERROR_SHUTTING_DOWN);
    client_close(&waiting);
    assert_int_equal(process_wait(&process), 0);
    client_await_end(&silent);
    client_close(&silent);
    close(process.out_fd);
    close(process.err_fd);
}

static void test_sigterm(void **state) {
    (void)state;
    assert_good_end(SIGTERM);
}

static void test_sigint(void **state) {
    (void)state;
    assert_good_end(SIGINT);
}

/* SIGHUP does not end the program, even if there is nothing to reload, or if the signal comes first
 * of all: this test blocks it, so that it waits until the program is ready. */
static void test_sighup(void **state) {
    (void)state;
    struct process process;
    struct reply reply;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    process_start(&process, (const char *const[]){"--port=0", "--host=127.0.0.1", NULL}, NULL);
    kill(process.pid, SIGHUP);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    process_await_error(&process, " reload signal=1\n");
    process_stop(&process);
    process_serve(&process, NO_OPTIONS);
    kill(process.pid, SIGHUP);
    process_await_error(&process, " reload signal=1\n");
    http_fetch(process.port, "GET", "/healthz", "", &reply);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    process_stop(&process);
}

/* One client never answers the close frame, and one that polls never comes for the news: its
 * session has no timeout any more. */
static void test_the_silent_do_not_keep_it(void **state) {
    (void)state;
    struct process process;
    struct person person;
    struct poller poller;
    process_serve(&process, NO_OPTIONS);
    poller_use(process.port);
    person_join(&person, process.port, "room", 0);
    poller_join(&poller, "elsewhere");
    kill(process.pid, SIGTERM);
    assert_int_equal(process_wait(&process), 0);
    poller_close(&poller);
    client_close(&person.client);
    close(process.out_fd);
    close(process.err_fd);
}

static void test_a_second_signal_ends_it_at_once(void **state) {
    (void)state;
    struct process process;
    struct person person;
    process_serve(&process, NO_OPTIONS);
    person_join(&person, process.port, "room", 0);
    kill(process.pid, SIGTERM);
    process_await_error(&process, " stop ");
    kill(process.pid, SIGTERM);
    assert_int_equal(process_wait(&process), 1);
    client_close(&person.client);
    close(process.out_fd);
    close(process.err_fd);
}

static void test_log_is_json_if_asked(void **state) {
    (void)state;
    struct process process;
    struct person person;
    process_serve(&process, OPTIONS("--log-format=json", "--log-level=debug"));
    person_join(&person, process.port, "my-long-room-name", 0);
    client_close(&person.client);
    process_await_error(&process, "\"event\":\"left\"");
    char *errors = process_errors(&process);
    assert_non_null(strstr(errors, "\"event\":\"start\""));
    assert_non_null(strstr(errors, "\"event\":\"joined\",\"room\":\"my-lon\""));
    assert_non_null(strstr(errors, "\"event\":\"message\",\"type\":\"join\""));
    assert_null(strstr(errors, "my-long-room-name"));
    free(errors);
    process_stop(&process);
}

static void test_unknown_variable_is_a_warning(void **state) {
    (void)state;
    struct process process;
    process_start(&process, OPTIONS("--port=0"), OPTIONS("PARLEY_PROT=secret"));
    process_await_error(&process, "warn unknown_variable name=PARLEY_PROT\n");
    process_stop(&process);
}

static void test_too_few_descriptors_is_said(void **state) {
    (void)state;
    struct process process;
    process_serve(&process, OPTIONS("--connections-max=1000000"));
    struct reply reply;
    http_fetch(process.port, "GET", "/healthz", "", &reply);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    process_stop(&process);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_options),
        cmocka_unit_test(test_unusable_host),
        cmocka_unit_test(test_help_and_version),
        cmocka_unit_test(test_port_in_use),
        cmocka_unit_test(test_port_0_is_printed_and_serves),
        cmocka_unit_test(test_every_interface_by_default),
        cmocka_unit_test(test_sigterm),
        cmocka_unit_test(test_sighup),
        cmocka_unit_test(test_sigint),
        cmocka_unit_test(test_the_silent_do_not_keep_it),
        cmocka_unit_test(test_a_second_signal_ends_it_at_once),
        cmocka_unit_test(test_log_is_json_if_asked),
        cmocka_unit_test(test_unknown_variable_is_a_warning),
        cmocka_unit_test(test_too_few_descriptors_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
