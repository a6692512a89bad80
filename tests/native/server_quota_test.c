/* One device takes as much as it can, while honest people share an address or a room with it. All
 * who must get in do. Nothing here is timed: the tests wait for each event. */
#define _GNU_SOURCE /* memmem */
#include "attack.h"
#include "cmocka_all.h"
#include "hub.h"
#include "poller.h"
#include "rate_limits.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SHARED 0x10000u /* for client_open_from: attack_dial's first address */
#define HONEST 40
#define FLOOD 100
#define BURST 600 /* of joins, by default */
#define FILLERS 40
#define CHURNERS 6 /* addresses */
#define PLACES 4
#define EVASION_BYTES 4096

static struct process process;

static void serve(const char *const options[]) {
    process_serve(&process, options);
    poller_use(process.port);
}

static void ask(struct client *client, unsigned from, const char *join) {
    ws_open_from(client, process.port, from);
    ws_send_text(client, join);
}

static void enter(struct client *client, unsigned from, const char *join) {
    ask(client, from, join);
    ws_skip(client, WIRE_WELCOME);
}

static void close_all(struct client clients[], int count) {
    for (int i = 0; i < count; i++)
        client_close(&clients[i]);
}

/* --- the hostile ------------------------------------------------------------------------------ */

/* True if the connection is gone, or |word| has arrived on it. */
static bool has_heard(int fd, const char *word) {
    char bytes[4096];
    ssize_t len = fd < 0 ? 0 : recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    return len == 0 || (len > 0 && memmem(bytes, (size_t)len, word, strlen(word)) != NULL);
}

/* True if the client is let in, refused or disconnected. */
static bool has_outcome(int fd) {
    return has_heard(fd, "\"type\"");
}

static bool is_put_out(int fd) {
    return has_heard(fd, "\"error\"");
}

/* Joins on |count| connections as fast as it can. Each that gets in hangs up and joins again. */
static void come_and_go(int count, unsigned addresses, const char *room) {
    static int fds[FLOOD];
    unsigned joins = 0;
    for (int i = 0; i < count; i++)
        fds[i] = attack_join((unsigned)i % addresses, room, joins++);
    for (;;) {
        for (int i = 0; i < count; i++) {
            if (!has_outcome(fds[i]))
                continue;
            attack_hang_up(fds[i]);
            fds[i] = attack_join((unsigned)i % addresses, room, joins++);
        }
        if (joins > BURST + (unsigned)count)
            attack_ready();
    }
}

static void joins_from_a_shared_address(void) {
    come_and_go(FLOOD, 1, "flood");
}

static void joins_to_a_known_room(void) {
    come_and_go(CHURNERS * 4, CHURNERS, "busy");
}

/* More members than a room has places for. Those that are put out come again. */
static void a_room_filled_from_one_address(void) {
    static int fds[FILLERS];
    unsigned joins = 0;
    for (unsigned i = 0; i < FILLERS; i++)
        fds[i] = attack_join(0, "filled", joins++);
    for (;;) {
        for (unsigned i = 0; i < FILLERS; i++) {
            if (!is_put_out(fds[i]))
                continue;
            attack_hang_up(fds[i]);
            fds[i] = attack_join(0, "filled", joins++);
        }
        if (joins > 2 * FILLERS)
            attack_ready();
    }
}

/* --- joins ------------------------------------------------------------------------------------ */

static void test_newcomers_beside_a_flood_of_joins(void **state) {
    (void)state;
    static struct client honest[HONEST];
    struct attack attack;
    char room[32];
    serve(OPTIONS("--trusted-proxy=none"));
    attack_start(&attack, joins_from_a_shared_address, process.port);
    for (int i = 0; i < HONEST; i++) {
        snprintf(room, sizeof room, "lesson-%d", i / 2);
        ask(&honest[i], SHARED, join_text(room));
    }
    for (int i = 0; i < HONEST; i++)
        ws_skip(&honest[i], WIRE_WELCOME);
    attack_stop(&attack);
    close_all(honest, HONEST);
    process_stop(&process);
}

/* The line has 60 places, and moves four times a second. */
static void test_a_full_line(void **state) {
    (void)state;
    enum { RATE = 60, LINE = 60, BEFORE = HUB_RETURN_SECONDS * 4 + 2 };
    static struct client in[RATE], line[LINE], more[BEFORE];
    struct client ada, newcomer;
    char ada_joins[256];
    serve(OPTIONS("--trusted-proxy=none", "--address-joins-per-minute=60"));
    snprintf(ada_joins, sizeof ada_joins, "%s", join_text("ada-was-here"));
    enter(&in[0], SHARED, ada_joins);
    for (int i = 1; i < RATE; i++)
        enter(&in[i], SHARED, join_text(NULL));
    for (int i = 0; i < LINE; i++)
        ask(&line[i], SHARED, join_text(NULL));
    for (int i = 0; i < BEFORE; i++) /* this takes longer than HUB_RETURN_SECONDS */
        ws_skip(&line[i], WIRE_WELCOME);
    for (int i = 0; i < BEFORE; i++)
        ask(&more[i], SHARED, join_text(NULL));
    enter(&ada, SHARED, ada_joins);
    assert_false(has_outcome(more[BEFORE - 1].fd)); /* she passed them */
    ws_expect_refusal(&in[0], WIRE_ERROR_REPLACED);
    enter(&newcomer, 9, join_text(NULL)); /* nor does it concern other addresses */
    client_close(&newcomer);
    close_all(in, RATE);
    close_all(line, LINE);
    close_all(more, BEFORE);
    client_close(&ada);
    process_stop(&process);
}

/* Other messages of a client in line wait too, up to a limit. */
static void test_messages_while_waiting_in_line(void **state) {
    (void)state;
    enum { RATE = 60 };
    static struct client in[RATE];
    static char words[WIRE_MESSAGE_BYTES_MAX];
    struct client first, chatty, confused;
    serve(OPTIONS("--trusted-proxy=none", "--address-joins-per-minute=60"));
    for (int i = 0; i < RATE; i++)
        enter(&in[i], SHARED, join_text(NULL));
    ask(&first, SHARED, join_text(NULL));
    ws_send_text(&first, "{\"type\":\"ping\"}");
    ask(&chatty, SHARED, join_text(NULL));
    memset(words, ' ', sizeof words - 1);
    for (int i = 0; i < 3; i++)
        ws_send_text(&chatty, words);
    ask(&confused, SHARED, "nonsense");
    ws_expect_refusal(&chatty, WIRE_ERROR_TOO_FAST);
    ws_skip(&first, WIRE_WELCOME);
    ws_skip(&first, WIRE_PONG);
    ws_expect_error(&confused, WIRE_ERROR_BAD_MESSAGE);
    ws_send_text(&confused, join_text(NULL));
    ws_skip(&confused, WIRE_WELCOME);
    client_close(&first);
    client_close(&chatty);
    client_close(&confused);
    close_all(in, RATE);
    process_stop(&process);
}

/* --- places ----------------------------------------------------------------------------------- */

/* If clients that do not join hold all places of an address, the first of them makes way, even a
 * polling session. Those who have joined stay. */
static void test_the_silent_make_way(void **state) {
    (void)state;
    enum { COUNT = 20, IN = COUNT - (int)RATE_LIMITS_SILENT_SPARED };
    static struct client silent[COUNT], in[IN];
    struct client refused;
    struct poller poller;
    serve(OPTIONS("--trusted-proxy=none", "--address-connections-max=20", "--request-seconds=120"));
    poller_open(&poller);
    poller_ask(&poller);
    for (int i = 1; i < COUNT; i++)
        ws_open(&silent[i], process.port);
    enter(&in[0], 1, join_text(NULL));
    assert_has(poller_listen(&poller), wire_error_code(WIRE_ERROR_JOIN_TIMEOUT));
    for (int i = 1; i < IN; i++) {
        enter(&in[i], 1, join_text(NULL));
        ws_expect_refusal(&silent[i], WIRE_ERROR_JOIN_TIMEOUT);
    }
    ws_open(&refused, process.port);
    ws_expect_refusal(&refused, WIRE_ERROR_ADDRESS_FULL);
    for (int i = 0; i < IN; i++) {
        ws_send_text(&in[i], "{\"type\":\"ping\"}");
        ws_skip(&in[i], WIRE_PONG);
    }
    client_close(&refused);
    poller_close(&poller);
    close_all(silent + 1, COUNT - 1);
    close_all(in, IN);
    process_stop(&process);
}

static void test_a_room_filled_from_one_address(void **state) {
    (void)state;
    struct client honest[2];
    struct attack attack;
    serve(OPTIONS("--trusted-proxy=none"));
    attack_start(&attack, a_room_filled_from_one_address, process.port);
    for (unsigned i = 0; i < 2; i++)
        enter(&honest[i], 10 + i, join_text("filled"));
    attack_stop(&attack);
    close_all(honest, 2);
    process_stop(&process);
}

static void test_a_room_that_six_addresses_keep_busy(void **state) {
    (void)state;
    enum { COUNT = 10 };
    struct client host, honest[COUNT];
    struct attack attack;
    serve(OPTIONS("--trusted-proxy=none"));
    enter(&host, 9, join_text("busy"));
    attack_start(&attack, joins_to_a_known_room, process.port);
    for (unsigned i = 0; i < COUNT; i++)
        enter(&honest[i], 10 + i, join_text("busy"));
    attack_stop(&attack);
    client_close(&host);
    close_all(honest, COUNT);
    process_stop(&process);
}

/* --- headers ---------------------------------------------------------------------------------- */

/* Headers as sent by a proxy that appends 192.0.2.1 to X-Forwarded-For. */
static void write_evasion(char out[EVASION_BYTES], unsigned number) {
    char many[1200], own[64];
    snprintf(own, sizeof own, "10.%u.%u.%u", number >> 16 & 255, number >> 8 & 255, number & 255);
    memset(many, ' ', sizeof many);
    snprintf(many + 1100, sizeof many - 1100, "%s", own);
    static const char *const forms[] = {
        "X-Forwarded-For: %s, 192.0.2.1\r\n",
        "X-Forwarded-For: %s\r\nX-Forwarded-For: 192.0.2.1\r\n",
        "X-Forwarded-For:%s, 192.0.2.1\r\nForwarded: for=%s\r\n",
        "Forwarded: for=%s\r\nForwarded: for=192.0.2.1\r\n",
        "Forwarded: for=\"%s;for=x\", for=192.0.2.1\r\n",
        "X-Forwarded-For: [%s], 192.0.2.1\r\nForwarded: for=%s\r\n",
        "forwarded: by=%s, for=192.0.2.1\r\nX-forwarded-for: %s,192.0.2.1\r\n",
        "X-Forwarded-For: \r\nForwarded: \r\nX-Real-IP: %s\r\n",
        "X-Forwarded-For: 192.0.2.1:%s\r\nForwarded: for=192.0.2.1\r\n",
    };
    const char *form = forms[number % (sizeof forms / sizeof forms[0])];
    const char *first = strstr(form, "For:%s") != NULL ? many : own;
    size_t used = 0;
    for (bool is_first = true; *form != '\0'; form++) {
        if (form[0] != '%') {
            out[used++] = *form;
            continue;
        }
        used += (size_t)snprintf(out + used, EVASION_BYTES - used, "%s", is_first ? first : own);
        is_first = false;
        form++;
    }
    out[used] = '\0';
}

static int evade(unsigned number) {
    char headers[EVASION_BYTES], join[256];
    int fd = attack_dial(0);
    write_evasion(headers, number);
    snprintf(join, sizeof join,
             "{\"type\":\"join\",\"version\":%d,\"room\":\"evaders\",\"token\":\"e%021u\"}",
             WIRE_VERSION, number);
    if (attack_upgrade_with(fd, headers) && attack_say(fd, join))
        return fd;
    attack_hang_up(fd);
    return -1;
}

/* Tries to get all places of the server. */
static void evade_by_headers(void) {
    static int fds[FILLERS];
    unsigned tries = 0;
    for (unsigned i = 0; i < FILLERS; i++)
        fds[i] = evade(tries++);
    for (;;) {
        for (unsigned i = 0; i < FILLERS; i++) {
            if (!is_put_out(fds[i]))
                continue;
            attack_hang_up(fds[i]);
            fds[i] = evade(tries++);
        }
        if (tries > 10 * FILLERS)
            attack_ready();
    }
}

/* It gets the places of its address, and the proxy's own if the address cannot be read. The rest of
 * the server stays free. */
static void test_an_evader_of_limits_by_address(void **state) {
    (void)state;
    enum { COUNT = 32 - 2 * PLACES };
    struct client honest[COUNT];
    struct attack attack;
    serve(OPTIONS("--trusted-proxy=127.1.0.0", "--connections-max=32",
                  "--address-connections-max=4"));
    attack_start(&attack, evade_by_headers, process.port);
    for (unsigned i = 0; i < COUNT; i++)
        enter(&honest[i], 10 + i, join_text(NULL));
    attack_stop(&attack);
    close_all(honest, COUNT);
    process_stop(&process);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newcomers_beside_a_flood_of_joins),
        cmocka_unit_test(test_a_full_line),
        cmocka_unit_test(test_messages_while_waiting_in_line),
        cmocka_unit_test(test_the_silent_make_way),
        cmocka_unit_test(test_a_room_filled_from_one_address),
        cmocka_unit_test(test_a_room_that_six_addresses_keep_busy),
        cmocka_unit_test(test_an_evader_of_limits_by_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
