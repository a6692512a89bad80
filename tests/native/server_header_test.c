/* A header that is very long, empty or repeated does not count as missing. */
#include "client.h"

#include "cmocka_all.h"
#include "poller.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define HEADERS_BYTES 8192
#define LONG 1100 /* bytes; longer than any honest value */

static struct process process;
static char headers[HEADERS_BYTES];

static int setup(void **state) {
    (void)state;
    process_serve(&process, OPTIONS("--trusted-proxy=127.0.0.1", "--address-connections-max=1"));
    poller_use(process.port);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    process_stop(&process);
    return 0;
}

/* At least LONG bytes: |part|, repeated. */
static const char *many(const char *part) {
    static char text[LONG + 64];
    size_t len = strlen(part), at = 0;
    for (; at < LONG; at += len)
        memcpy(text + at, part, len);
    text[at] = '\0';
    return text;
}

__attribute__((format(printf, 1, 2))) static void set_headers(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(headers, sizeof headers, format, arguments);
    va_end(arguments);
    assert_in_range(len, 1, sizeof headers - 1);
}

/* --- the page --------------------------------------------------------------------------------- */

static void get(struct reply *reply, int status) {
    http_fetch(process.port, "GET", "/", headers, reply);
    assert_int_equal(reply->status, status);
}

static void test_a_long_list_of_codings_is_read_to_its_end(void **state) {
    (void)state;
    struct reply reply;
    set_headers("Accept-Encoding: %s br\r\n", many("x-coding, "));
    get(&reply, 200);
    assert_string_equal(reply_header(&reply, "Content-Encoding"), "br");
    reply_free(&reply);
}

static void test_a_long_list_of_tags_is_read_to_its_end(void **state) {
    (void)state;
    struct reply reply;
    set_headers("Accept: */*\r\n");
    get(&reply, 200);
    set_headers("If-None-Match: %s %s\r\n", many("\"other\", "), reply_header(&reply, "ETag"));
    reply_free(&reply);
    get(&reply, 304);
    reply_free(&reply);
}

static void test_a_long_connection_header_still_closes(void **state) {
    (void)state;
    struct client client;
    struct reply reply;
    set_headers("GET / HTTP/1.1\r\nHost: a\r\nConnection: %s close\r\n\r\n", many("x-option, "));
    client_open(&client, process.port);
    client_send_text(&client, headers);
    client_read_reply(&client, &reply, false);
    assert_int_equal(reply.status, 200);
    client_await_end(&client);
    reply_free(&reply);
    client_close(&client);
}

/* --- a WebSocket ------------------------------------------------------------------------------ */

static void expect_handshake(int status) {
    struct client client;
    struct reply reply;
    ws_handshake(&client, process.port, headers, &reply);
    if (reply.status != status)
        fail_msg("%d instead of %d for %.80s", reply.status, status, headers);
    reply_free(&reply);
    client_close(&client);
}

static void test_an_origin_that_is_long_or_doubled_is_foreign(void **state) {
    (void)state;
    set_headers("Origin: http://127.0.0.1:%u%s\r\n", process.port, many("x"));
    expect_handshake(403);
    set_headers("Origin: http://127.0.0.1:%u\r\nOrigin: http://evil.example\r\n", process.port);
    expect_handshake(403);
    set_headers("Origin:\r\n");
    expect_handshake(403);
    set_headers("Origin: %s\r\n", many("http://127.0.0.1 "));
    expect_handshake(403);
}

/* --- the client of a request ------------------------------------------------------------------ */

/* Connects with |headers|, as passed on by the proxy. */
static void open_as(struct client *client) {
    struct reply reply;
    ws_handshake(client, process.port, headers, &reply);
    assert_int_equal(reply.status, 101);
    reply_free(&reply);
}

static void expect_full(void) {
    struct client client;
    open_as(&client);
    ws_expect_refusal(&client, WIRE_ERROR_ADDRESS_FULL);
    client_close(&client);
}

#define ORIGIN "Origin: http://127.0.0.1:%u\r\n"
#define MINE "192.0.2.1" /* from the proxy; all else is from the client */

/* One client from |MINE| is here. No other is let in, whatever headers it sends. */
static void test_nobody_evades_the_limits_by_long_or_doubled_headers(void **state) {
    (void)state;
    struct client first;
    set_headers(ORIGIN "X-Forwarded-For: " MINE "\r\n", process.port);
    open_as(&first);
    set_headers(ORIGIN "X-Forwarded-For: %s, " MINE "\r\nForwarded: for=198.51.100.7\r\n",
                process.port, many("203.0.113.9, "));
    expect_full();
    set_headers(ORIGIN "X-Forwarded-For: %s\r\nX-Forwarded-For: " MINE "\r\n", process.port,
                many("203.0.113.9, "));
    expect_full();
    set_headers(ORIGIN "Forwarded: for=203.0.113.9\r\nForwarded: for=" MINE "\r\n", process.port);
    expect_full();
    client_close(&first);
}

/* All clients without a readable address count together, as the proxy. */
static void test_an_unknown_client_counts_as_the_proxy(void **state) {
    (void)state;
    struct client first;
    set_headers(ORIGIN "X-Forwarded-For: %s\r\nForwarded: for=198.51.100.7\r\n", process.port,
                many("x"));
    open_as(&first);
    set_headers(ORIGIN "X-Forwarded-For: y%s\r\nForwarded: for=198.51.100.8\r\n", process.port,
                many("x"));
    expect_full();
    set_headers(ORIGIN "Forwarded: for=%s\r\n", process.port, many("z"));
    expect_full();
    client_close(&first);
}

/* --- polling ---------------------------------------------------------------------------------- */

static void expect_poll(int status) {
    struct client client;
    client_open(&client, process.port);
    post_with(&client, "1.1", headers, "open\n");
    assert_reply(&client, status, NULL);
    client_close(&client);
}

static void test_a_session_that_is_named_badly_is_no_new_one(void **state) {
    (void)state;
    set_headers(ORIGIN "Parley-Session: %s\r\n", process.port, many("0"));
    expect_poll(410);
    set_headers(ORIGIN "Parley-Session:\r\n", process.port);
    expect_poll(410);
    set_headers("Origin: http://127.0.0.1:%u%s\r\n", process.port, many("x"));
    expect_poll(403);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_long_list_of_codings_is_read_to_its_end),
        TEST(test_a_long_list_of_tags_is_read_to_its_end),
        TEST(test_a_long_connection_header_still_closes),
        TEST(test_an_origin_that_is_long_or_doubled_is_foreign),
        TEST(test_nobody_evades_the_limits_by_long_or_doubled_headers),
        TEST(test_an_unknown_client_counts_as_the_proxy),
        TEST(test_a_session_that_is_named_badly_is_no_new_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
