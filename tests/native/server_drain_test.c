/* SIGTERM with --drain-seconds: the server sends people to the one that takes over, then ends. */
#define _POSIX_C_SOURCE 200809L /* kill */
#include "client.h"
#include "cmocka_all.h"
#include "poller.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PEOPLE 4
#define LONG_DRAIN "--drain-seconds=3600"

static struct process process;

static void serve(const char *drain) {
    const char *const options[] = {drain, NULL};
    process_serve(&process, options);
}

static void await_end(void) {
    assert_int_equal(process_wait(&process), 0);
    close(process.out_fd);
    close(process.err_fd);
}

static void expect_health(int status, const char *word) {
    struct reply reply;
    http_fetch(process.port, "GET", "/healthz", "", &reply);
    assert_int_equal(reply.status, status);
    assert_non_null(strstr(reply.body, word));
    reply_free(&reply);
}

/* Everybody is told within the time, over either transport, and the process ends with the last. */
static void test_everybody_is_told_and_it_ends(void **state) {
    (void)state;
    struct person people[PEOPLE];
    struct poller poller;
    serve("--drain-seconds=2");
    poller_use(process.port);
    expect_health(200, "\"ok\"");
    for (size_t i = 0; i < PEOPLE; i++)
        person_join(&people[i], process.port, "room", i);
    poller_join(&poller, "another-room");
    poller_ask(&poller);
    kill(process.pid, SIGTERM);
    for (size_t i = 0; i < PEOPLE; i++) {
        for (size_t later = i + 1; later < PEOPLE; later++)
            ws_skip(&people[i].client, WIRE_JOINED);
        ws_expect_refusal(&people[i].client, WIRE_ERROR_RESTARTING);
        client_close(&people[i].client);
    }
    assert_has(poller_listen(&poller), "\"restarting\"");
    poller_close(&poller);
    await_end();
}

static void test_meanwhile_nobody_joins_and_those_who_are_there_talk(void **state) {
    (void)state;
    struct pair pair;
    struct client late;
    struct reply reply;
    serve(LONG_DRAIN);
    /* somebody else is told first, at once */
    struct person first;
    person_join(&first, process.port, "first", 0);
    pair_join(&pair, process.port, "pair");
    kill(process.pid, SIGTERM);
    ws_expect_refusal(&first.client, WIRE_ERROR_RESTARTING);
    client_close(&first.client);
    expect_health(503, "\"draining\"");
    http_fetch(process.port, "GET", "/", "", &reply);
    assert_int_equal(reply.status, 200); /* the page shows the reason */
    reply_free(&reply);
    ws_open(&late, process.port);
    ws_send_text(&late, join_text("pair"));
    ws_expect_refusal(&late, WIRE_ERROR_RESTARTING);
    client_close(&late);
    pair_talk(&pair);
    pair_leave(&pair);
    await_end(); /* an hour early, since nobody is left */
}

static void test_a_second_signal_ends_it_for_those_who_are_left(void **state) {
    (void)state;
    struct pair pair;
    serve(LONG_DRAIN);
    pair_join(&pair, process.port, "pair");
    kill(process.pid, SIGTERM);
    ws_expect_refusal(&pair.ann.client, WIRE_ERROR_RESTARTING); /* the first is due at once */
    client_close(&pair.ann.client);
    kill(process.pid, SIGTERM);
    ws_expect_refusal(&pair.bob.client, WIRE_ERROR_SHUTTING_DOWN);
    client_close(&pair.bob.client);
    await_end();
}

static void test_at_a_terminal_it_ends_at_once(void **state) {
    (void)state;
    struct person person;
    serve(LONG_DRAIN);
    person_join(&person, process.port, "room", 0);
    kill(process.pid, SIGINT);
    ws_expect_refusal(&person.client, WIRE_ERROR_SHUTTING_DOWN);
    client_close(&person.client);
    await_end();
}

static void test_with_nobody_there_it_ends_at_once(void **state) {
    (void)state;
    serve(LONG_DRAIN);
    kill(process.pid, SIGTERM);
    await_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everybody_is_told_and_it_ends),
        cmocka_unit_test(test_meanwhile_nobody_joins_and_those_who_are_there_talk),
        cmocka_unit_test(test_a_second_signal_ends_it_for_those_who_are_left),
        cmocka_unit_test(test_at_a_terminal_it_ends_at_once),
        cmocka_unit_test(test_with_nobody_there_it_ends_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
