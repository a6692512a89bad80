/* Signaling by polling, as pages, proxies and attackers see it. */
#define _POSIX_C_SOURCE 200809L
#include "poller.h"

#include "cmocka_all.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SILENCE_POLLS 3 /* polls that end while somebody else is silent for the length of two */
#define CUTS_MAX 8      /* until the server has learned that polls are cut */
#define BATCHES_MAX 40
#define BATCH 1000
#define CROWD 2100 /* more requests than libwebsockets reads at the same time */
#define CONNECTIONS_MAX 20
#define FULL 300

static struct process process;
static struct pair honest; /* continues to talk over WebSockets in every test */

static int setup(void **state) {
    (void)state;
    process_serve(&process, OPTIONS("--log-level=debug", "--request-seconds=1",
                                    "--member-messages-per-second=0"));
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

static int setup_quick(void **state) {
    (void)state;
    process_serve(&process, OPTIONS("--ping-seconds=2", "--connections-max=20"));
    poller_use(process.port);
    return 0;
}

static int setup_full(void **state) {
    (void)state;
    process_serve(&process, OPTIONS("--connections-max=300"));
    poller_use(process.port);
    return 0;
}

static int setup_patient(void **state) {
    (void)state;
    process_serve(&process, OPTIONS("--request-seconds=60"));
    poller_use(process.port);
    pair_join(&honest, process.port, "honest");
    return 0;
}

static int teardown_quick(void **state) {
    (void)state;
    process_stop(&process);
    return 0;
}

/* --- what works ------------------------------------------------------------------------------- */

static void test_two_who_poll(void **state) {
    (void)state;
    struct poller ann;
    struct poller bob;
    poller_join(&ann, "polling");
    poller_ask(&ann); /* the poll waits already */
    poller_join(&bob, "polling");
    assert_has(poller_listen(&ann), bob.id);
    poller_send(&ann, offer_text(bob.id, "from-ann"));
    assert_has(poller_poll(&bob), "from-ann");
    poller_ask(&ann);
    poller_send(&bob, offer_text(ann.id, "from-bob"));
    assert_has(poller_listen(&ann), "from-bob");
    poller_close(&ann);
    poller_close(&bob);
}

static void test_one_polls_one_does_not(void **state) {
    (void)state;
    struct poller ann;
    struct person bob;
    poller_join(&ann, "mixed");
    person_join(&bob, process.port, "mixed", 1);
    assert_has(poller_poll(&ann), bob.id);
    poller_send(&ann, offer_text(bob.id, "x"));
    person_expect_offer(&bob, ann.id, "x");
    person_offer(&bob, ann.id, "y");
    assert_has(poller_poll(&ann), "\"y\"");
    poller_close(&ann);
    client_close(&bob.client);
}

static void test_many_messages_in_one_request(void **state) {
    (void)state;
    struct poller ann;
    static char body[POLLER_BODY_BYTES_MAX];
    char *at = body;
    poller_join(&ann, "batch");
    at += snprintf(at, 64, "send 1\n");
    for (int i = 0; i < 1000; i++)
        at += snprintf(at, 64, "{\"type\":\"ping\"}\n");
    post(&ann.client, ann.secret, body);
    assert_reply(&ann.client, 200, "expect 1001\n");
    while (ann.received < 1001)
        assert_has(poller_poll(&ann), "pong");
    poller_close(&ann);
}

static void test_a_goodbye(void **state) {
    (void)state;
    struct poller ann;
    struct person bob;
    poller_join(&ann, "goodbye");
    person_join(&bob, process.port, "goodbye", 1);
    post(&ann.client, ann.secret, "close 1\n{\"type\":\"leave\"}\n");
    assert_reply(&ann.client, 200, "expect 2\n");
    struct wire_message message;
    ws_expect(&bob.client, WIRE_LEFT, &message);
    assert_true(message.goodbye);
    wire_message_deinit(&message);
    post(&ann.client, ann.secret, "poll 1\n");
    assert_reply(&ann.client, 410, NULL);
    poller_close(&ann);
    client_close(&bob.client);
}

/* --- lost, repeated and late requests --------------------------------------------------------- */

static void test_sending_again(void **state) {
    (void)state;
    struct poller ann;
    poller_join(&ann, "again");
    for (int i = 0; i < 3; i++) {
        post(&ann.client, ann.secret, "send 1\n{\"type\":\"ping\"}\n");
        assert_reply(&ann.client, 200, "expect 2\n");
    }
    post(&ann.client, ann.secret, "send 3\n{\"type\":\"ping\"}\n");
    assert_reply(&ann.client, 409, "expect 2\n");
    post(&ann.client, ann.secret, "send 0\nx\ny\n{\"type\":\"ping\"}\n");
    assert_reply(&ann.client, 200, "expect 3\n");
    char *lines = poller_poll(&ann);
    assert_string_equal(lines, "{\"type\":\"pong\"}\n{\"type\":\"pong\"}\n");
    free(lines);
    poller_close(&ann);
}

static void test_a_lost_answer_comes_again(void **state) {
    (void)state;
    struct poller ann;
    poller_join(&ann, "lost");
    poller_send(&ann, "{\"type\":\"ping\"}");
    for (int i = 0; i < 3; i++) {
        poller_ask(&ann);
        assert_has(poller_listen(&ann), "pong");
        ann.received--;
    }
    ann.received = 9; /* more than were sent */
    poller_ask(&ann);
    assert_reply(&ann.waiting, 400, NULL);
    poller_close(&ann);
}

static void test_a_waiting_connection_that_breaks(void **state) {
    (void)state;
    struct poller ann;
    poller_join(&ann, "breaks");
    for (int i = 0; i < 3; i++) {
        poller_ask(&ann);
        poller_send(&ann, "not JSON"); /* the poll is answered, whether it waited or not */
        client_close(&ann.waiting);
        client_open(&ann.waiting, process.port);
    }
    assert_has(poller_poll(&ann), "bad_message");
    poller_close(&ann);
}

static void test_a_second_poll_ends_the_first(void **state) {
    (void)state;
    struct poller ann;
    struct client other;
    poller_join(&ann, "second");
    client_open(&other, process.port);
    poller_ask(&ann);
    post(&other, ann.secret, "send 1\n"); /* its answer shows that the poll waits by now */
    assert_reply(&other, 200, "expect 1\n");
    post(&other, ann.secret, "poll 1\n");
    assert_reply(&ann.waiting, 200, "messages 1\n");
    poller_send(&ann, "{\"type\":\"ping\"}");
    assert_reply(&other, 200, "messages 1\n{\"type\":\"pong\"}\n");
    client_close(&other);
    poller_close(&ann);
}

/* --ping-seconds is longer than this test waits for anything. */
static void test_a_poll_that_may_not_wait_long(void **state) {
    (void)state;
    struct poller ann;
    char body[64];
    poller_join(&ann, "hurried");
    for (int i = 0; i < 3; i++) {
        snprintf(body, sizeof body, "poll %u 500\n", ann.received);
        post(&ann.waiting, ann.secret, body);
        snprintf(body, sizeof body, "messages %u\n", ann.received);
        assert_reply(&ann.waiting, 200, body);
    }
    snprintf(body, sizeof body, "poll %u 8000\n", ann.received);
    post(&ann.waiting, ann.secret, body); /* then leaves while it waits */
    poller_close(&ann);
}

/* Sends |polls| polls, of |wait_ms| each, which no message ends sooner. */
static void wait_with(struct poller *poller, unsigned polls, unsigned wait_ms) {
    char body[64];
    for (unsigned i = 0; i < polls; i++) {
        snprintf(body, sizeof body, "poll %u %u\n", poller->received, wait_ms);
        post(&poller->waiting, poller->secret, body);
        assert_reply(&poller->waiting, 200, NULL);
    }
}

/* Browsers silently repeat a poll that a proxy has cut. idle_cut_test.c tests how similar two
 * silences must be: on a busy machine it takes more cuts until two are similar. */
static void test_polls_that_are_cut_become_shorter(void **state) {
    (void)state;
    struct poller ann, clock;
    int cut = 0;
    poller_join(&ann, "behind-a-proxy");
    poller_join(&clock, "with-a-clock");
    for (;; cut++) {
        poller_ask(&ann);
        wait_with(&clock, 2, 3000);
        if (client_has_heard(&ann.waiting))
            break;
        assert_true(cut < CUTS_MAX);
        client_close(&ann.waiting);
        client_open(&ann.waiting, process.port);
    }
    assert_true(cut >= 2);
    free(poller_listen(&ann));
    poller_close(&ann);
    poller_close(&clock);
}

/* --- crowds ----------------------------------------------------------------------------------- */

/* Reads until the first member leaves, which must be |id|. */
static void hear_leave(struct person *person, const char *id) {
    struct ws_frame frame;
    do
        assert_true(ws_read_frame(&person->client, &frame));
    while (strstr(frame.payload, "\"left\"") == NULL);
    assert_non_null(strstr(frame.payload, id));
}

/* Sends many pings in one request. False: the server did not take all of them. */
static bool send_pings(struct poller *poller) {
    static char body[POLLER_BODY_BYTES_MAX];
    char expected[64];
    struct reply reply;
    int len = snprintf(body, sizeof body, "send %u\n", poller->sent);
    for (int i = 0; i < BATCH; i++)
        len += snprintf(body + len, sizeof body - (size_t)len, "{\"type\":\"ping\"}\n");
    poller->sent += BATCH;
    snprintf(expected, sizeof expected, "expect %u\n", poller->sent);
    post(&poller->client, poller->secret, body);
    client_read_reply(&poller->client, &reply, false);
    bool heard = strcmp(reply.body, expected) == 0;
    reply_free(&reply);
    return heard;
}

/* A page that does not poll first loses messages of others, then its place. */
static void test_a_slow_reader(void **state) {
    (void)state;
    struct poller slow;
    struct person ann;
    static char sdp[12001];
    poller_join(&slow, "slow");
    person_join(&ann, process.port, "slow", 1);
    memset(sdp, 'x', sizeof sdp - 1);
    for (int i = 0; i < 20; i++)
        person_offer(&ann, slow.id, sdp);
    for (int i = 0; i < BATCHES_MAX && send_pings(&slow); i++)
        pair_talk(&honest);
    hear_leave(&ann, slow.id);
    process_await_error(&process, "refused error=too_slow");
    struct reply reply;
    poller_ask(&slow);
    client_read_reply(&slow.waiting, &reply, false);
    assert_non_null(strstr(reply.body, "\nclose 1008 too_slow\n"));
    reply_free(&reply);
    client_close(&ann.client);
    poller_close(&slow);
}

/* A waiting poll occupies none of the places in which libwebsockets reads requests. */
static void test_a_crowd_that_waits_keeps_nobody_out(void **state) {
    (void)state;
    static struct poller crowd[CROWD];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < 3 * CROWD)
        skip();
    for (size_t i = 0; i < CROWD; i++) {
        poller_open(&crowd[i]);
        client_close(&crowd[i].client);
        poller_ask(&crowd[i]);
        if (i % 100 == 0)
            pair_talk(&honest); /* otherwise they would be silent for too long */
    }
    struct reply reply;
    http_fetch(process.port, "GET", "/", "", &reply);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    for (size_t i = 0; i < CROWD; i++) {
        client_close(&crowd[i].waiting);
        if (i % 100 == 0)
            pair_talk(&honest);
    }
}

/* Each client that polls holds two sockets; the server allows for that in its limit. */
static void test_a_server_full_of_those_who_poll(void **state) {
    (void)state;
    static struct poller full[FULL];
    for (size_t i = 0; i < FULL; i++) {
        poller_open(&full[i]);
        poller_send(&full[i], join_text(NULL));
        assert_has(poller_poll(&full[i]), "welcome");
    }
    for (size_t i = 0; i < FULL; i++)
        poller_close(&full[i]);
}

static void test_server_full(void **state) {
    (void)state;
    struct poller crowd[CONNECTIONS_MAX];
    struct client client;
    struct reply reply;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        poller_open(&crowd[i]);
    client_open(&client, process.port);
    post(&client, NULL, "open\n");
    client_read_reply(&client, &reply, false);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.body, "messages 0\n{\"type\":\"error\",\"code\":\"server_full\""));
    assert_non_null(strstr(reply.body, "\nclose 1013 server_full\n"));
    reply_free(&reply);
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        post(&crowd[i].client, crowd[i].secret, "close 0\n");
        assert_reply(&crowd[i].client, 200, "expect 0\n");
        poller_close(&crowd[i]);
    }
    post(&client, NULL, "open\n"); /* the places are free at once */
    assert_reply(&client, 200, NULL);
    client_close(&client);
}

/* --- silence, and the end --------------------------------------------------------------------- */

/* With --ping-seconds=2, polls end after two seconds, and anyone who does not poll again is gone
 * after another two. */
static void test_silence(void **state) {
    (void)state;
    struct poller silent;
    struct poller alive;
    poller_join(&silent, "silence");
    poller_join(&alive, "silence");
    int empty = 0;
    char *lines;
    for (;;) {
        poller_ask(&alive);
        lines = poller_listen(&alive);
        if (lines[0] != '\0')
            break;
        free(lines);
        empty++;
    }
    assert_true(empty <= SILENCE_POLLS);
    assert_non_null(strstr(lines, "\"left\""));
    assert_has(lines, silent.id);
    process_await_error(&process, "info no_answer");
    for (int i = 0; i < 3; i++) {
        poller_ask(&alive);
        lines = poller_listen(&alive);
        assert_string_equal(lines, "");
        free(lines);
    }
    post(&silent.client, silent.secret, "poll 1\n");
    assert_reply(&silent.client, 410, NULL);
    poller_close(&silent);
    poller_close(&alive);
}

static void test_shutting_down(void **state) {
    (void)state;
    struct process saved = process;
    struct poller ann;
    process_serve(&process, OPTIONS("--log-level=error"));
    poller_use(process.port);
    poller_join(&ann, "shutdown");
    poller_ask(&ann);
    poller_send(&ann, "{\"type\":\"ping\"}");
    assert_has(poller_listen(&ann), "pong");
    poller_ask(&ann);
    post(&ann.client, ann.secret, "send 2\n"); /* its answer shows that the poll waits by now */
    assert_reply(&ann.client, 200, "expect 2\n");
    struct reply reply; /* so does one on a new connection, in whatever order the first two came */
    http_fetch(process.port, "GET", "/healthz", "", &reply);
    reply_free(&reply);
    kill(process.pid, SIGTERM);
    assert_has(poller_listen(&ann), "\nclose 1001 shutting_down\n");
    assert_int_equal(process_wait(&process), 0);
    close(process.out_fd);
    close(process.err_fd);
    poller_close(&ann);
    process = saved;
    poller_use(process.port);
}

int main(void) {
    const struct CMUnitTest usual[] = {
        cmocka_unit_test(test_two_who_poll),
        cmocka_unit_test(test_one_polls_one_does_not),
        cmocka_unit_test(test_many_messages_in_one_request),
        cmocka_unit_test(test_a_goodbye),
        cmocka_unit_test(test_sending_again),
        cmocka_unit_test(test_a_lost_answer_comes_again),
        cmocka_unit_test(test_a_waiting_connection_that_breaks),
        cmocka_unit_test(test_a_second_poll_ends_the_first),
        cmocka_unit_test(test_a_poll_that_may_not_wait_long),
        cmocka_unit_test(test_polls_that_are_cut_become_shorter),
        cmocka_unit_test(test_a_slow_reader),
    };
    const struct CMUnitTest patient[] = {
        cmocka_unit_test(test_a_crowd_that_waits_keeps_nobody_out),
    };
    const struct CMUnitTest full[] = {cmocka_unit_test(test_a_server_full_of_those_who_poll)};
    const struct CMUnitTest quick[] = {
        cmocka_unit_test(test_server_full),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_shutting_down),
    };
    int failed = cmocka_run_group_tests(usual, setup, teardown);
    failed += cmocka_run_group_tests(patient, setup_patient, teardown);
    failed += cmocka_run_group_tests(full, setup_full, teardown_quick);
    return failed + cmocka_run_group_tests(quick, setup_quick, teardown_quick);
}
