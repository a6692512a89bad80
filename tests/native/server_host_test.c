/* A foreign page whose host name leads to this server (DNS rebinding) learns and gets only what is
 * public. */
#define _POSIX_C_SOURCE 200809L
#include "client.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct process process;
static uint16_t metrics_port;
static struct reply reply;

static void serve(const char *const options[]) {
    process_serve(&process, options);
    char *errors = process_errors(&process);
    const char *line = strstr(errors, " metrics address=127.0.0.1 port=");
    assert_non_null(line);
    metrics_port = (uint16_t)atoi(strstr(line, "port=") + strlen("port="));
    free(errors);
}

static int setup_any(void **state) {
    (void)state;
    serve((const char *const[]){"--metrics-listen=0", NULL});
    return 0;
}

static int setup_named(void **state) {
    (void)state;
    serve((const char *const[]){"--metrics-listen=0", "--allow-host=chat.example.org",
                                "--allow-host=.example.net", NULL});
    return 0;
}

static int teardown(void **state) {
    (void)state;
    reply_free(&reply);
    reply = (struct reply){0};
    process_stop(&process);
    return 0;
}

/* Requests |target| with |host| as its Host. */
static void ask(uint16_t port, const char *target, const char *host) {
    struct client client;
    char text[512];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, host);
    client_open(&client, port);
    client_send_text(&client, text);
    reply_free(&reply);
    client_read_reply(&client, &reply, false);
    client_close(&client);
}

static void assert_handshake(const char *host, int status) {
    struct client client;
    char text[512];
    snprintf(text, sizeof text,
             "GET /signal HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nUpgrade: websocket\r\n"
             "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
             host, host);
    client_open(&client, process.port);
    client_send_text(&client, text);
    reply_free(&reply);
    client_read_reply(&client, &reply, status == 101);
    assert_int_equal(reply.status, status);
    client_close(&client);
}

static void assert_poll(const char *host, int status) {
    struct client client;
    char text[512];
    snprintf(text, sizeof text,
             "POST /poll HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nContent-Length: 5\r\n\r\n"
             "open\n",
             host, host);
    client_open(&client, process.port);
    client_send_text(&client, text);
    reply_free(&reply);
    client_read_reply(&client, &reply, false);
    assert_int_equal(reply.status, status);
    client_close(&client);
}

static void assert_health(const char *host, bool tells) {
    ask(process.port, "/healthz", host);
    assert_int_equal(reply.status, 200);
    if (tells)
        assert_non_null(strstr(reply.body, "\"members\":"));
    else
        assert_string_equal(reply.body, "{\"status\":\"ok\"}\n");
}

/* A tunnel's name is not known before. */
static void test_any_name_works_and_learns_nothing(void **state) {
    (void)state;
    static const char *const known[] = {"127.0.0.1", "[::1]:3000", "LOCALHOST.", "a.localhost"};
    ask(process.port, "/", "evil.example");
    assert_int_equal(reply.status, 200);
    assert_handshake("evil.example", 101);
    assert_poll("evil.example", 200);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_health(known[i], true);
        ask(metrics_port, "/metrics", known[i]);
        assert_int_equal(reply.status, 200);
    }
    assert_health("evil.example", false);
    ask(process.port, "http://evil.example/healthz", "127.0.0.1");
    assert_string_equal(reply.body, "{\"status\":\"ok\"}\n");
    ask(metrics_port, "/metrics", "evil.example");
    assert_int_equal(reply.status, 421);
    assert_null(strstr(reply.body, "parley_"));
}

static void test_names_that_are_not_ours_are_refused(void **state) {
    (void)state;
    static const char *const known[] = {"chat.example.org", "Chat.Example.ORG.:81", "a.example.net",
                                        "127.0.0.1"};
    static const char *const foreign[] = {"evil.example", "example.org", "example.net",
                                          "a.chat.example.org"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        ask(process.port, "/", known[i]);
        assert_int_equal(reply.status, 200);
        assert_health(known[i], true);
        assert_handshake(known[i], 101);
        assert_poll(known[i], 200);
        ask(metrics_port, "/metrics", known[i]);
        assert_int_equal(reply.status, 200);
    }
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        static const char *const targets[] = {"/", "/healthz", "/nowhere", "/signal"};
        for (size_t j = 0; j < sizeof targets / sizeof targets[0]; j++) {
            ask(process.port, targets[j], foreign[i]);
            assert_int_equal(reply.status, 421);
            assert_non_null(strstr(reply.body, "--allow-host"));
        }
        assert_handshake(foreign[i], 421);
        assert_poll(foreign[i], 421);
        ask(metrics_port, "/metrics", foreign[i]);
        assert_int_equal(reply.status, 421);
    }
    ask(process.port, "http://evil.example/", "chat.example.org");
    assert_int_equal(reply.status, 421);
    process_await_error(&process, "info refused error=host detail=evil.example");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_any_name_works_and_learns_nothing, setup_any,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_names_that_are_not_ours_are_refused, setup_named,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
