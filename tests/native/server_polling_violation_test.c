/* Polling requests as proxies and attackers send them. Only clients that break a rule suffer. */
#define _POSIX_C_SOURCE 200809L
#include "poller.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAVE "{\"type\":\"leave\"}"
#define PLACES 10
#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct process process;
static struct pair honest; /* continues to talk over WebSockets in every test */

static int setup(void **state) {
    (void)state;
    process_serve(&process, OPTIONS("--log-level=debug", "--request-seconds=1"));
    poller_use(process.port);
    pair_join(&honest, process.port, "honest");
    return 0;
}

static int setup_patient(void **state) {
    (void)state;
    process_serve(&process,
                  OPTIONS("--log-level=debug", "--request-seconds=100", "--connections-max=10"));
    poller_use(process.port);
    pair_join(&honest, process.port, "honest");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    pair_talk(&honest);
    pair_leave(&honest);
    process_stop(&process);
    return 0;
}

/* --- unusual requests ------------------------------------------------------------------------- */

static void test_http_1_0(void **state) {
    (void)state;
    struct poller ann;
    char headers[256];
    poller_join(&ann, "old-proxy");
    snprintf(headers, sizeof headers, "Origin: http://127.0.0.1:%u\r\nParley-Session: %s\r\n",
             process.port, ann.secret);
    post_with(&ann.waiting, "1.0", headers, "poll 1\n");
    poller_send(&ann, "{\"type\":\"ping\"}");
    struct reply reply;
    client_read_reply(&ann.waiting, &reply, false);
    assert_string_equal(reply.body, "messages 1\n{\"type\":\"pong\"}\n");
    assert_string_equal(reply_header(&reply, "Connection"), "close");
    client_await_end(&ann.waiting);
    reply_free(&reply);
    poller_close(&ann);
}

static void test_one_byte_at_a_time(void **state) {
    (void)state;
    struct client client;
    char request[256];
    client_open(&client, process.port);
    for (int round = 0; round < 3; round++) {
        snprintf(request, sizeof request,
                 "POST /poll HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
                 "Content-Length: 5\r\n\r\nopen\n",
                 process.port, process.port);
        for (const char *at = request; *at != '\0'; at++)
            client_send(&client, at, 1);
        assert_reply(&client, 200, NULL);
    }
    client_close(&client);
}

/* Sends a poll, followed by |behind| in the same segment: an empty line, as some clients send after
 * a body (RFC 9112, 2.2), or requests. */
static void ask_with(struct poller *poller, const char *behind) {
    char request[1024], body[64];
    int len = snprintf(body, sizeof body, "poll %u\n", poller->received);
    snprintf(request, sizeof request,
             "POST /poll HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
             "Parley-Session: %s\r\nContent-Length: %d\r\n\r\n%s%s",
             process.port, process.port, poller->secret, len, body, behind);
    client_send_text(&poller->waiting, request);
}

static void test_bytes_behind_a_poll_wait(void **state) {
    (void)state;
    static const char gets[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                               "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    struct poller ann;
    poller_join(&ann, "behind");
    ask_with(&ann, "\r\n");
    poller_send(&ann, "{\"type\":\"ping\"}");
    assert_has(poller_listen(&ann), "pong");
    ask_with(&ann, gets);
    poller_send(&ann, "{\"type\":\"ping\"}");
    assert_has(poller_listen(&ann), "pong");
    assert_reply(&ann.waiting, 200, NULL);
    assert_reply(&ann.waiting, 200, NULL);
    poller_close(&ann);
}

/* Waits until the server has handled everything that was sent before. */
static void look_elsewhere(void) {
    struct reply reply;
    http_fetch(process.port, "GET", "/healthz", "", &reply);
    reply_free(&reply);
}

static void test_bytes_behind_a_poll_make_its_answer_the_last(void **state) {
    (void)state;
    struct poller ann;
    struct reply reply;
    poller_join(&ann, "later");
    poller_ask(&ann);
    look_elsewhere();
    client_send_text(&ann.waiting, "\r\n");
    look_elsewhere();
    poller_send(&ann, "{\"type\":\"ping\"}");
    client_read_reply(&ann.waiting, &reply, false);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.body, "pong"));
    assert_string_equal(reply_header(&reply, "Connection"), "close");
    reply_free(&reply);
    client_await_end(&ann.waiting);
    poller_close(&ann);
}

/* Several requests in a row, each of which gets its answer. The last one may be incomplete. */
static void test_pipelined_bodies(void **state) {
    (void)state;
    static const char *const firsts[] = {"", "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"};
    char request[2048];
    char open[512];
    snprintf(open, sizeof open,
             "POST /poll HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
             "Content-Length: 5\r\n\r\nopen\n",
             process.port, process.port);
    for (size_t i = 0; i < 8; i++) {
        struct client client;
        int cut = (int)(strlen(open) - (i & 4 ? 20 : 0));
        size_t answers = (i & 1) + (i & 2) / 2 + (i & 4 ? 0 : 1u);
        snprintf(request, sizeof request, "%s%s%.*s", firsts[i & 1], i & 2 ? open : "", cut, open);
        client_open(&client, process.port);
        client_send_text(&client, request);
        for (; answers > 0; answers--) {
            struct reply reply;
            client_read_reply(&client, &reply, false);
            assert_int_equal(reply.status, 200);
            reply_free(&reply);
        }
        client_close(&client);
        pair_talk(&honest);
    }
}

/* Sends a poll that the server answers after |wait_ms|, since there is no message. */
static void ask_for(struct poller *poller, unsigned wait_ms) {
    char body[64];
    snprintf(body, sizeof body, "poll %u %u\n", poller->received, wait_ms);
    post(&poller->waiting, poller->secret, body);
}

/* With --request-seconds=1, it is cut long before the server's other timeouts, even if the pauses
 * are short. */
static void test_a_body_that_drips(void **state) {
    (void)state;
    struct client client;
    struct poller drop, late;
    char request[512];
    poller_join(&drop, "drops");
    poller_join(&late, "late");
    snprintf(request, sizeof request,
             "POST /poll HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
             "Content-Length: 60\r\n\r\n",
             process.port, process.port);
    client_open(&client, process.port);
    client_send_text(&client, request);
    ask_for(&late, 8000);
    for (int i = 0; i < 20 && client_send_text(&client, "x"); i++) {
        ask_for(&drop, 500);
        assert_reply(&drop.waiting, 200, NULL);
    }
    client_await_end(&client);
    assert_false(client_has_heard(&late.waiting));
    client_close(&client);
    poller_close(&drop);
    poller_close(&late);
}

/* --- refusals --------------------------------------------------------------------------------- */

/* Sends |line| with |headers|, and |body|; reads the status. The connection must end. */
static void assert_refused(const char *line, const char *headers, const char *body, int status) {
    struct client client;
    char request[1024];
    struct reply reply;
    snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n%s", line,
             process.port, headers, body);
    client_open(&client, process.port);
    client_send_text(&client, request);
    client_read_reply(&client, &reply, strncmp(line, "HEAD", 4) == 0);
    if (reply.status != status)
        fail_msg("%s %s: expected %d, got %d", line, headers, status, reply.status);
    assert_non_null(reply_header(&reply, "Content-Security-Policy"));
    client_await_end(&client);
    reply_free(&reply);
    client_close(&client);
}

static void test_bad_heads(void **state) {
    (void)state;
    char origin[64];
    char headers[256];
    snprintf(origin, sizeof origin, "Origin: http://127.0.0.1:%u\r\n", process.port);
#define HEADERS(rest) (snprintf(headers, sizeof headers, "%s%s", origin, rest), headers)
    assert_refused("POST /poll", "Content-Length: 5\r\n", "open\n", 403);
    assert_refused("POST /poll", "Origin: http://evil.example\r\nContent-Length: 5\r\n", "open\n",
                   403);
    assert_refused("POST /poll", "Origin: null\r\nContent-Length: 5\r\n", "open\n", 403);
    assert_refused("POST /poll", origin, "", 411);
    assert_refused("POST /poll", HEADERS("Transfer-Encoding: chunked\r\n"), "0\r\n\r\n", 411);
    assert_refused("POST /poll", HEADERS("Content-Length: 0\r\n"), "", 400);
    assert_refused("POST /poll", HEADERS("Content-Length: -5\r\n"), "", 400);
    assert_refused("POST /poll", HEADERS("Content-Length: 5x\r\n"), "", 400);
    assert_refused("POST /poll", HEADERS("Content-Length: 65\r\n"), "", 413);
    assert_refused("POST /poll", HEADERS("Content-Length: 99999999999999\r\n"), "", 413);
    assert_refused("POST /poll", HEADERS("Parley-Session: x\r\nContent-Length: 7\r\n"), "poll 0\n",
                   410);
    assert_refused("GET /poll", HEADERS("Connection: close\r\n"), "", 405);
    assert_refused("HEAD /poll", HEADERS(""), "", 405);
    assert_refused("PUT /poll", HEADERS("Content-Length: 5\r\n"), "open\n", 405);
    assert_refused("DELETE /poll", HEADERS(""), "", 405);
    assert_refused("OPTIONS /poll", HEADERS(""), "", 405);
#undef HEADERS
}

static void test_nonsense(void **state) {
    (void)state;
    static const char *const bodies[] = {"x",        "\n",           "poll\n",
                                         "poll 0\n", "send 0\n{}\n", "close 0"};
    struct client client;
    struct poller ann;
    poller_join(&ann, "nonsense");
    client_open(&client, process.port);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        post(&client, NULL, bodies[i]);
        assert_reply(&client, 400, NULL);
    }
    for (size_t i = 0; i < 3; i++) {
        post(&client, ann.secret, bodies[i]);
        assert_reply(&client, 400, NULL);
    }
    post(&client, ann.secret, "open\n");
    assert_reply(&client, 400, NULL);
    poller_send(&ann, "{\"type\":\"ping\"}"); /* no message was taken from it */
    assert_has(poller_poll(&ann), "pong");
    client_close(&client);
    poller_close(&ann);
}

static void test_wrong_secrets(void **state) {
    (void)state;
    struct poller ann;
    poller_join(&ann, "secret");
    for (size_t i = 0; i < POLLER_SECRET_BYTES; i += 13) {
        char wrong[POLLER_SECRET_BYTES + 1];
        struct client client;
        memcpy(wrong, ann.secret, sizeof wrong);
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        client_open(&client, process.port);
        post(&client, wrong, "close 1\n");
        assert_reply(&client, 410, NULL);
        client_await_end(&client);
        client_close(&client);
    }
    poller_send(&ann, "{\"type\":\"ping\"}");
    assert_has(poller_poll(&ann), "pong");
    char *errors = process_errors(&process);
    assert_null(strstr(errors, ann.secret + POLLER_SECRET_BYTES / 2));
    free(errors);
    poller_close(&ann);
}

/* The end has its reason, as on a WebSocket. */
static void test_the_hub_closes(void **state) {
    (void)state;
    struct poller ann;
    poller_open(&ann);
    poller_send(&ann, "{\"type\":\"join\",\"version\":99}");
    char *lines = poller_poll(&ann);
    assert_non_null(strstr(lines, "\"bad_version\""));
    assert_has(lines, "\nclose 1008 bad_version\n");
    ann.received = 0; /* the answer was lost */
    assert_has(poller_poll(&ann), "\nclose 1008 bad_version\n");
    post(&ann.client, ann.secret, "close 1\n");
    assert_reply(&ann.client, 200, "expect 1\n");
    post(&ann.client, ann.secret, "poll 0\n");
    assert_reply(&ann.client, 410, NULL);
    poller_close(&ann);
}

static void test_too_big(void **state) {
    (void)state;
    static char text[WIRE_MESSAGE_BYTES_MAX + 2];
    struct poller ann;
    char headers[256];
    memset(text, ' ', sizeof text - 1);
    poller_join(&ann, "too-big");
    poller_send(&ann, text);
    assert_has(poller_poll(&ann), "\nclose 1009 too_big\n");
    poller_close(&ann);
    poller_join(&ann, "too-big");
    snprintf(headers, sizeof headers,
             "Origin: http://127.0.0.1:%u\r\nParley-Session: %s\r\nContent-Length: 32833\r\n",
             process.port, ann.secret);
    assert_refused("POST /poll", headers, "", 413);
    poller_close(&ann);
}

/* --- places that cost nothing ----------------------------------------------------------------- */

/* With --request-seconds=1. */
static void test_a_client_that_does_not_join(void **state) {
    (void)state;
    struct poller ann;
    poller_open(&ann);
    poller_send(&ann, "{\"type\":\"ping\"}");
    assert_has(poller_poll(&ann), "pong");
    char *lines = poller_poll(&ann); /* waits until the end */
    assert_non_null(strstr(lines, "\"join_timeout\""));
    assert_has(lines, "\nclose 1008 join_timeout\n");
    post(&ann.client, ann.secret, "poll 1\n");
    assert_reply(&ann.client, 410, NULL);
    poller_close(&ann);
}

static void test_sessions_that_end_without_a_socket_or_a_word(void **state) {
    (void)state;
    struct poller told;
    struct poller member;
    struct poller silent;
    struct poller last;
    poller_join(&told, "brief");
    poller_send(&told, LEAVE);
    assert_has(poller_poll(&told), "close 1000\n");
    poller_join(&member, "brief");
    for (int i = 0; i < PLACES - 4; i++) { /* the honest pair has two of them */
        poller_open(&silent);
        poller_close(&silent);
    }
    process_await_error(&process, "forgotten why=\"told of the end\"");
    process_await_error(&process, "forgotten why=silent");
    poller_join(&last, "brief");
    post(&told.client, told.secret, "poll 1\n");
    assert_reply(&told.client, 410, NULL);
    poller_ask(&member); /* a member that only waits is not disturbed */
    assert_has(poller_listen(&member), "\"joined\"");
    poller_close(&told);
    poller_close(&member);
    poller_close(&last);
}

static void test_join_first(void **state) {
    (void)state;
    struct poller ann;
    poller_open(&ann);
    poller_send(&ann, "{\"type\":\"offer\",\"to\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"sdp\":\"x\","
                      "\"connection\":1}");
    assert_has(poller_poll(&ann), "\"join_first\"");
    poller_close(&ann);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_1_0),
        cmocka_unit_test(test_one_byte_at_a_time),
        cmocka_unit_test(test_bytes_behind_a_poll_wait),
        cmocka_unit_test(test_bytes_behind_a_poll_make_its_answer_the_last),
        cmocka_unit_test(test_pipelined_bodies),
        cmocka_unit_test(test_a_body_that_drips),
        cmocka_unit_test(test_bad_heads),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_wrong_secrets),
        cmocka_unit_test(test_the_hub_closes),
        cmocka_unit_test(test_too_big),
        cmocka_unit_test(test_join_first),
        cmocka_unit_test(test_a_client_that_does_not_join),
    };
    const struct CMUnitTest patient[] = {
        cmocka_unit_test(test_sessions_that_end_without_a_socket_or_a_word)};
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    return failed + cmocka_run_group_tests(patient, setup_patient, teardown);
}
