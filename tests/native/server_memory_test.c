/* Memory returns to its old value after people come, join a room of their own and leave, ten
 * thousand times, over WebSockets and polling. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "poller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CYCLES 10000
#define AT_ONCE 50
#define POLLING_EVERY 10 /* batches */
#define GROWTH_PERCENT_MAX 1

static struct process process;

static uint64_t resident_kb(void) {
    char path[64];
    uint64_t pages;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)process.pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*u %lu", &pages), 1);
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

static void come_and_go_over_websockets(void) {
    static unsigned room;
    struct client clients[AT_ONCE];
    char name[32];
    for (int i = 0; i < AT_ONCE; i++) {
        ws_open(&clients[i], process.port);
        snprintf(name, sizeof name, "cycle-%u", room++);
        ws_send_text(&clients[i], join_text(name));
    }
    for (int i = 0; i < AT_ONCE; i++) {
        ws_skip(&clients[i], WIRE_WELCOME);
        ws_send_text(&clients[i], "{\"type\":\"leave\"}");
    }
    for (int i = 0; i < AT_ONCE; i++) {
        ws_expect_close(&clients[i], 1000);
        client_close(&clients[i]);
    }
}

static void come_and_go_polling(void) {
    for (int i = 0; i < AT_ONCE; i++) {
        struct poller poller;
        poller_join(&poller, "cycle-polling");
        char close[] = "close 1\n{\"type\":\"leave\"}\n";
        post(&poller.client, poller.secret, close);
        assert_reply(&poller.client, 200, "expect 2\n");
        poller_close(&poller);
    }
}

static void run_cycles(int count) {
    for (int i = 0; i < count / AT_ONCE; i++) {
        if (i % POLLING_EVERY == POLLING_EVERY - 1)
            come_and_go_polling();
        else
            come_and_go_over_websockets();
    }
}

/* The first thousand cycles fill the allocator's caches. A leak of 40 bytes per cycle would show.
 * ASAN_OPTIONS turns off the sanitizer's quarantine, which would keep freed memory. */
static void test_memory_returns(void **state) {
    (void)state;
    const char *const variables[] = {
        "ASAN_OPTIONS=quarantine_size_mb=0:thread_local_quarantine_size_kb=0", NULL};
    process_serve_with(&process, (const char *const[]){"--log-level=warn", NULL}, variables);
    poller_use(process.port);
    run_cycles(CYCLES / 10);
    uint64_t before_kb = resident_kb();
    run_cycles(CYCLES);
    uint64_t after_kb = resident_kb();
    print_message("%llu KB, after %d cycles %llu KB\n", (unsigned long long)before_kb, CYCLES,
                  (unsigned long long)after_kb);
    assert_true(after_kb * 100 <= before_kb * (100 + GROWTH_PERCENT_MAX));
    process_stop(&process);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_returns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
