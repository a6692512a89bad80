/* Sockets that are held and not used, beside honest people: what they cost, and who makes way.
 * Nothing here is timed: what must come is waited for. */
#define _GNU_SOURCE /* readdir */
#include "attack.h"
#include "client.h"
#include "cmocka_all.h"

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define UNREAD 384
#define ADDRESSES 12
#define OTHERS_MAX 8 /* descriptors that come and go beside: the honest one's, the log's */
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

/* Asks for more than the kernel takes of what nobody reads: with small segments it takes little. */
static int ask_and_not_read(unsigned from) {
    static char pages[64 * sizeof PAGES];
    for (size_t i = 0; pages[0] == '\0' || i < 64; i++)
        memcpy(pages + i * (sizeof PAGES - 1), PAGES, sizeof PAGES);
    int fd = attack_dial_little(from);
    return attack_send(fd, pages, strlen(pages)) ? fd : -1;
}

static void answers_that_nobody_reads(void) {
    static struct pollfd unread[UNREAD];
    for (unsigned i = 0; i < UNREAD; i++)
        unread[i] = (struct pollfd){.fd = ask_and_not_read(i % ADDRESSES), .events = POLLIN};
    for (unsigned i = 0; i < UNREAD; i++)
        poll(&unread[i], 1, -1); /* its first answer has begun */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unread_answers_hold_no_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
