/* Sockets that are held but not used, while honest people come: what they cost, and which of them
 * make way. Nothing here is timed: the tests wait for each event. */
#define _GNU_SOURCE /* readdir */
#include "attack.h"
#include "client.h"
#include "cmocka_all.h"
#include "poller.h"

#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define UNREAD 384
#define ADDRESSES 12
#define OTHERS_MAX 8       /* other descriptors that come and go: the honest client's, the log's */
#define SHARED 0x10000u    /* for client_open_from: attack_dial's first address */
#define ADDRESS_SOCKETS 68 /* with --address-connections-max=2; see rate_limits.h */
#define SERVER_SOCKETS 272 /* with --connections-max=8; see fd_limit.c */
#define PAGES "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

static struct process process;

static int descriptor_count(void) {
    char path[64];
    int count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)process.pid);
    DIR *folder = opendir(path);
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static void fetch_page(void) {
    struct reply reply;
    http_fetch(process.port, "GET", "/", "", &reply);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
}

/* --- answers that nobody reads ---------------------------------------------------------------- */

/* Asks for more than the kernel buffers unread: with small segments it buffers little. */
static int ask_and_not_read(unsigned from) {
    static char pages[64 * sizeof PAGES];
    for (size_t i = 0; pages[0] == '\0' || i < 64; i++)
        memcpy(pages + i * (sizeof PAGES - 1), PAGES, sizeof PAGES);
    int fd = attack_dial_little(from);
    return attack_send(fd, pages, strlen(pages)) ? fd : -1;
}

/* If there is no such connection, ends the attack, which fails the test. */
static void await_answer(int fd) {
    struct pollfd unread = {.fd = fd, .events = POLLIN};
    if (fd < 0 || poll(&unread, 1, CLIENT_DEADLINE_MS) != 1)
        _exit(1);
}

static void answers_that_nobody_reads(void) {
    static int unread[UNREAD];
    for (unsigned i = 0; i < UNREAD; i++)
        unread[i] = ask_and_not_read(i % ADDRESSES);
    for (unsigned i = 0; i < UNREAD; i++)
        await_answer(unread[i]); /* the answer has begun */
    attack_ready();
    for (;;)
        poll(NULL, 0, -1);
}

static void test_unread_answers_hold_no_descriptors(void **state) {
    (void)state;
    struct attack attack;
    process_serve(&process, OPTIONS("--trusted-proxy=none"));
    fetch_page();
    int before = descriptor_count();
    attack_start(&attack, answers_that_nobody_reads, process.port);
    fetch_page();
    int with = descriptor_count();
    assert_in_range(with, before + UNREAD / 2, before + UNREAD + OTHERS_MAX);
    attack_stop(&attack);
    fetch_page();
    process_stop(&process);
}

/* --- who makes way ---------------------------------------------------------------------------- */

static void request(struct client *client) {
    struct reply reply;
    client_send_text(client, PAGES);
    client_read_reply(client, &reply, false);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
}

/* Loads the page, and keeps the socket. */
static void open_idle(struct client *client, unsigned from) {
    client_open_from(client, process.port, from);
    request(client);
}

static void newcomer_loads_page(unsigned from) {
    struct client newcomer;
    open_idle(&newcomer, from);
    client_close(&newcomer);
}

static void close_all(struct client clients[], int count) {
    for (int i = 0; i < count; i++)
        client_close(&clients[i]);
}

/* At a full address, the socket that has had no request for the longest time goes, but none of a
 * member or of a poll that waits. */
static void test_the_idle_of_an_address_make_way(void **state) {
    (void)state;
    enum { IDLE = ADDRESS_SOCKETS - 3 };
    static struct client idle[IDLE], newcomers[3];
    struct person ann;
    struct poller bob;
    process_serve(&process, OPTIONS("--trusted-proxy=none", "--address-connections-max=2"));
    poller_use(process.port);
    person_join(&ann, process.port, "shared", 0);
    poller_join(&bob, "shared");
    poller_ask(&bob);
    for (int i = 0; i < IDLE; i++)
        open_idle(&idle[i], 1);
    request(&idle[0]);
    for (int i = 0; i < 3; i++) {
        open_idle(&newcomers[i], 1);
        client_await_end(i == 0 ? &bob.client : &idle[i]);
    }
    request(&idle[0]);
    request(&idle[3]);
    ws_skip(&ann.client, WIRE_JOINED);
    person_offer(&ann, bob.id, "still here");
    assert_has(poller_listen(&bob), "still here");
    poller_close(&bob);
    client_close(&ann.client);
    close_all(idle, IDLE);
    close_all(newcomers, 3);
    process_stop(&process);
}

/* A socket that has sent nothing is idle too. */
static void test_the_mute_make_way(void **state) {
    (void)state;
    static struct client mute[ADDRESS_SOCKETS];
    process_serve(&process, OPTIONS("--trusted-proxy=none", "--address-connections-max=2"));
    for (int i = 0; i < ADDRESS_SOCKETS; i++)
        client_open(&mute[i], process.port);
    newcomer_loads_page(1);
    client_await_end(&mute[0]);
    request(&mute[1]);
    close_all(mute, ADDRESS_SOCKETS);
    process_stop(&process);
}

static void full_of_unread_answers(void) {
    for (unsigned i = 0; i < ADDRESS_SOCKETS; i++)
        await_answer(ask_and_not_read(0));
    attack_ready();
    for (;;)
        poll(NULL, 0, -1);
}

/* If no socket is idle, the one whose request came first goes. */
static void test_the_unread_make_way(void **state) {
    (void)state;
    struct attack attack;
    process_serve(&process, OPTIONS("--trusted-proxy=none", "--address-connections-max=2"));
    attack_start(&attack, full_of_unread_answers, process.port);
    for (int i = 0; i < 2 * ADDRESS_SOCKETS; i++)
        newcomer_loads_page(SHARED);
    attack_stop(&attack);
    process_stop(&process);
}

/* The same at a full server, whichever addresses hold its sockets. */
static void test_the_idle_of_a_full_server_make_way(void **state) {
    (void)state;
    static struct client idle[SERVER_SOCKETS];
    process_serve(&process, OPTIONS("--trusted-proxy=none", "--connections-max=8"));
    for (unsigned i = 0; i < SERVER_SOCKETS; i++)
        open_idle(&idle[i], 1 + i % ADDRESSES);
    newcomer_loads_page(ADDRESSES + 1);
    client_await_end(&idle[0]);
    request(&idle[1]);
    close_all(idle, SERVER_SOCKETS);
    process_stop(&process);
}

/* --- a head in many pieces -------------------------------------------------------------------- */

/* Each piece that arrives alone takes a buffer of the kernel, until none is left for the socket. An
 * answer to somebody else shows that the server has had a turn. */
static void test_a_head_in_pieces_of_one_byte(void **state) {
    (void)state;
    enum { PIECES = 3000 };
    static const char begin[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nCookie: ";
    struct client client, other;
    struct reply reply;
    process_serve(&process, OPTIONS("--trusted-proxy=none"));
    client_open(&client, process.port);
    client_open(&other, process.port);
    const int on = 1;
    assert_int_equal(setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    assert_true(client_send_text(&client, begin));
    for (int i = 0; i < PIECES; i++) {
        assert_true(client_send(&client, "a", 1));
        request(&other);
    }
    assert_true(client_send_text(&client, "\r\n\r\n"));
    client_read_reply(&client, &reply, false);
    assert_int_equal(reply.status, 200);
    reply_free(&reply);
    client_close(&other);
    client_close(&client);
    process_stop(&process);
}

/* After a part of a head and the end of the stream, the server does not wait for more. */
static void test_a_head_that_ends_early(void **state) {
    (void)state;
    struct client client;
    process_serve(&process, OPTIONS("--trusted-proxy=none", "--request-seconds=120"));
    client_open(&client, process.port);
    assert_true(client_send_text(&client, "GET / HTTP/1.1\r\nHost: loc"));
    assert_int_equal(shutdown(client.fd, SHUT_WR), 0);
    client_await_end(&client);
    client_close(&client);
    process_stop(&process);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_head_in_pieces_of_one_byte),
        cmocka_unit_test(test_a_head_that_ends_early),
        cmocka_unit_test(test_unread_answers_hold_no_descriptors),
        cmocka_unit_test(test_the_idle_of_an_address_make_way),
        cmocka_unit_test(test_the_mute_make_way),
        cmocka_unit_test(test_the_unread_make_way),
        cmocka_unit_test(test_the_idle_of_a_full_server_make_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
