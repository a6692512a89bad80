/* Hostile traffic of every kind, without a pause, from a process of its own. Meanwhile two honest
 * people repeatedly come, talk and go. How long that takes depends on the machine, so the tests do
 * not assert it. */
#define _GNU_SOURCE
#include "attack.h"
#include "client.h"
#include "cmocka_all.h"
#include "made_ids.h"
#include "member_id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VISITS 5
#define CROWD 2400      /* more than libwebsockets has places for headers */
#define ADDRESSES 60000 /* limits by address do not help here */
#define FEW_ADDRESSES 10
#define COMRADES 40 /* for attacks that need fewer */
#define FRAGMENTS 1000000
#define FRAGMENTS_AT_ONCE 8192

#define LOG_LINES_A_MINUTE_MAX 700

static struct process process;
static uint64_t started_ms;

/* --- sockets ---------------------------------------------------------------------------------- */

/* Calls |each| for every connection of a crowd, in turn and forever, with the number of its earlier
 * calls. If it returns false, replaces the connection. All are connected and active before anything
 * is measured. */
static void keep_crowd(int count, bool (*each)(int fd, unsigned step)) {
    static int fds[CROWD];
    static unsigned steps[CROWD], from;
    for (unsigned turn = 0;; turn++) {
        for (int i = 0; i < count; i++) {
            if (turn == 0 || !each(fds[i], steps[i]++)) {
                attack_hang_up(turn == 0 ? -1 : fds[i]);
                fds[i] = attack_dial(from++ % ADDRESSES);
                steps[i] = 0;
            }
        }
        if (turn == 3)
            attack_ready();
    }
}

/* Connections from as many addresses; half of them send a word. */
static void connection_flood(void) {
    static int fds[CROWD];
    for (unsigned i = 0;; i++) {
        int *fd = &fds[i % CROWD];
        if (i >= CROWD)
            attack_hang_up(*fd);
        *fd = attack_dial(i % ADDRESSES);
        if (i % 2)
            attack_send_text(*fd, "GET ");
        if (i == 2 * CROWD)
            attack_ready();
    }
}

static bool say_nothing(int fd, unsigned step) {
    char byte;
    (void)step;
    return fd >= 0 && recv(fd, &byte, 1, MSG_DONTWAIT) != 0; /* until the server hangs up */
}

static void half_open_sockets(void) {
    keep_crowd(CROWD, say_nothing);
}

static bool say_a_byte(int fd, unsigned step) {
    return attack_send_text(fd, step == 0 ? "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: " : "x");
}

static void slow_headers(void) {
    keep_crowd(CROWD, say_a_byte);
}

/* Sends a whole request first, so that the connection has been let in. */
static bool say_a_byte_of_the_second(int fd, unsigned step) {
    attack_drain(fd);
    return attack_send_text(fd, step == 0   ? "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                                : step == 1 ? "GET /healthz HTTP/1.1\r\nX-Slow: "
                                            : "x");
}

static void slow_second_requests(void) {
    keep_crowd(CROWD, say_a_byte_of_the_second);
}

/* --- handshakes ------------------------------------------------------------------------------- */

static bool ask_for_a_broken_upgrade(int fd, unsigned step) {
    static const char *const lines[] = {
        "GET /signal HTTP/1.1\r\n\r\n",
        "GET /signal HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
        "GET /signal HTTP/1.1\r\nConnection: Upgrade\r\n\r\n",
        "GET /signal HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "GET /signal HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
        "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /signal HTTP/1.1\r\nUpgrade: websocket, websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET /signal HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x\r\n\r\n",
        "GET /signal HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ,,,\r\n\r\n",
        "GET /signal HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate; "
        "server_max_window_bits=999; x=\"\\\r\n\r\n",
        "POST /signal HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Content-Length: 99999999999999999999\r\n\r\n",
        "CONNECT /signal HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
        "GET /signal HTTP/1.1\r\nUpgrade: websocket\r\nOrigin: null\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET http://[::1/signal HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
        "GET /%s%n%00signal HTTP/1.1\r\nUpgrade: \xff\xfe\r\nConnection: \x01\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "GET /signal HTTP/1.1\nUpgrade: websocket\nConnection: Upgrade\n\n",
        " \r\n\r\n",
        "\r\n\r\n\r\n\r\n",
    };
    if (step > 0)
        return false;
    return attack_send_text(fd, lines[(unsigned)rand() % (sizeof lines / sizeof lines[0])]);
}

static void broken_upgrades(void) {
    keep_crowd(COMRADES, ask_for_a_broken_upgrade);
}

/* --- frames ----------------------------------------------------------------------------------- */

/* Sends a million fragments of |len| bytes, of a message that never ends. */
static void send_fragments(unsigned from, size_t len) {
    static unsigned char bytes[FRAGMENTS_AT_ONCE * (ATTACK_FRAME_HEAD_BYTES + 1)];
    size_t used = 0;
    for (int i = 0; i < FRAGMENTS_AT_ONCE; i++) {
        used += attack_frame_head(bytes + used, WS_CONTINUATION, len);
        bytes[used] = ' ';
        used += len;
    }
    for (int sent = 0; sent < FRAGMENTS;) {
        unsigned char first[ATTACK_FRAME_HEAD_BYTES];
        int fd = attack_dial(from++ % ADDRESSES);
        bool alive =
            attack_upgrade(fd) && attack_send(fd, first, attack_frame_head(first, WS_TEXT, 0));
        while (alive && sent < FRAGMENTS) {
            alive = attack_send(fd, bytes, used);
            sent += FRAGMENTS_AT_ONCE;
            attack_ready();
        }
        attack_hang_up(fd);
    }
}

static void fragments_of_one_byte(void) {
    for (unsigned round = 0;; round++)
        send_fragments(round * FRAGMENTS, 1);
}

static void fragments_of_nothing(void) {
    for (unsigned round = 0;; round++)
        send_fragments(round * FRAGMENTS, 0);
}

static bool declare_a_length(int fd, unsigned step) {
    static const uint64_t lengths[] = {1ull << 63, (1ull << 63) - 1, UINT64_MAX,
                                       1ull << 62, 1ull << 32,       65536};
    static const unsigned firsts[] = {0x80 | WS_TEXT, WS_TEXT,         0x80 | WS_BINARY,
                                      0x80 | WS_PING, 0x80 | WS_CLOSE, WS_CONTINUATION};
    unsigned char head[ATTACK_FRAME_HEAD_BYTES + 1024] = {0};
    size_t length = (size_t)rand() % (sizeof lengths / sizeof lengths[0]);
    size_t first = (size_t)rand() % (sizeof firsts / sizeof firsts[0]);
    if (step == 0)
        return attack_upgrade(fd);
    if (step > 4)
        return false;
    attack_frame_head(head, firsts[first], lengths[length]);
    return attack_send(fd, head, sizeof head);
}

static void enormous_lengths(void) {
    keep_crowd(COMRADES, declare_a_length);
}

/* Does not read the answers. */
static bool ping(int fd, unsigned step) {
    static unsigned char pings[125 * 131];
    if (step == 0) {
        for (size_t i = 0; i < 125; i++)
            attack_frame_head(pings + i * 131, 0x80 | WS_PING, 125);
        return attack_upgrade(fd);
    }
    return attack_send(fd, pings, sizeof pings);
}

static void ping_flood(void) {
    keep_crowd(COMRADES, ping);
}

/* --- messages --------------------------------------------------------------------------------- */

static bool send_a_bomb(int fd, unsigned step) {
    static const char *const parts[] = {"[",   "{\"a\":", "[1,",         "[[],",    "\"\\u0000",
                                        "1e9", "[{\"",    "{\"type\":{", "9999999", "\\ud800"};
    char bomb[WIRE_MESSAGE_BYTES_MAX];
    const char *part = parts[(unsigned)rand() % (sizeof parts / sizeof parts[0])];
    size_t len = strlen(part), at = 0;
    if (step == 0)
        return attack_upgrade(fd);
    while (at + len < sizeof bomb) {
        memcpy(bomb + at, part, len);
        at += len;
    }
    bomb[at] = '\0';
    return attack_say(fd, bomb);
}

static void json_bombs(void) {
    keep_crowd(COMRADES, send_a_bomb);
}

/* A room's members send as fast as they can to the first one, which reads as fast as it can. */
static void relay_flood(void) {
    static char offer[WIRE_MESSAGE_BYTES_MAX], words[WIRE_SDP_BYTES_MAX];
    unsigned from = 1;
    char token[WIRE_TOKEN_BYTES + 1];
    struct member_id victim_id;
    int enemies[COMRADES / 2];
    int victim = attack_join(0, "flooded", 0);
    attack_write_token(token, 0);
    struct room_id room = room_id_of("flooded");
    struct token_secret secret = token_secret_of(token);
    member_id_of(&room, &secret, &victim_id);
    memset(words, 'x', sizeof words - 1);
    snprintf(offer, sizeof offer,
             "{\"type\":\"offer\",\"to\":\"%.*s\",\"sdp\":\"%s\",\"connection\":1}",
             WIRE_MEMBER_ID_BYTES, victim_id.bytes, words);
    for (unsigned turn = 0;; turn++) {
        for (unsigned i = 0; i < COMRADES / 2; i++) {
            attack_drain(victim);
            if (turn > 0 && attack_say(enemies[i], offer))
                continue;
            if (turn > 0)
                attack_hang_up(enemies[i]);
            enemies[i] = attack_join(from++ % ADDRESSES, "flooded", 1 + i);
        }
        if (turn == 100)
            attack_ready();
    }
}

/* Members ask for answers, but read neither these nor who joins their room. */
static bool join_and_read_nothing(int fd, unsigned step) {
    static unsigned count;
    char text[256];
    if (step > 0)
        return attack_say(fd, "{\"type\":\"ping\"}");
    const int small = 1;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    snprintf(text, sizeof text,
             "{\"type\":\"join\",\"version\":%d,\"room\":\"slow-%u\",\"token\":\"b%021u\"}",
             WIRE_VERSION, count / 16, count);
    count++;
    return attack_upgrade(fd) && attack_say(fd, text);
}

static void slow_readers(void) {
    keep_crowd(CROWD / 4, join_and_read_nothing);
}

static void joins_to_a_million_rooms(void) {
    static int fds[COMRADES];
    char room[32];
    for (unsigned i = 0;; i++) {
        int *fd = &fds[i % COMRADES];
        if (i >= COMRADES)
            attack_hang_up(*fd);
        snprintf(room, sizeof room, "million-%u", i);
        *fd = attack_join(i % ADDRESSES, room, i);
        if (i == 10 * COMRADES)
            attack_ready();
    }
}

/* Opens polling sessions and leaves them: they need no socket. From few addresses, since many
 * addresses can fill a server in any case. */
static void polling_sessions(void) {
    static int fds[COMRADES];
    for (unsigned i = 0;; i++) {
        int *fd = &fds[i % COMRADES];
        if (i >= COMRADES)
            attack_hang_up(*fd);
        *fd = attack_dial(i % FEW_ADDRESSES);
        attack_open_session(*fd);
        if (i == 100 * COMRADES)
            attack_ready();
    }
}

static bool guess(int fd, unsigned step) {
    static unsigned count;
    char text[256];
    attack_drain(fd);
    snprintf(text, sizeof text,
             step == 0
                 ? "{\"type\":\"join\",\"version\":2,\"room\":\"guessers\",\"token\":\"c%021u\"}"
                 : "{\"type\":\"ask\",\"to\":\"A%021u\"}",
             ++count);
    return (step > 0 || attack_upgrade(fd)) && attack_say(fd, text);
}

static void guesses(void) {
    keep_crowd(COMRADES / 2, guess);
}

/* --- the honest ------------------------------------------------------------------------------- */

static void visit(unsigned number) {
    struct pair pair;
    char room[32];
    snprintf(room, sizeof room, "honest-%u", number);
    pair_join(&pair, process.port, room);
    pair_talk(&pair);
    pair_leave(&pair);
}

struct deed {
    void (*run)(void);
};

static void test_a_deed(void **state) {
    static unsigned number;
    const struct deed *deed = *state;
    struct attack attack;
    attack_start(&attack, deed->run, process.port);
    for (int i = 0; i < VISITS; i++)
        visit(number++);
    attack_stop(&attack);
    visit(number++);
}

static int setup(void **state) {
    (void)state;
    process_serve(&process, (const char *const[]){"--trusted-proxy=none", NULL});
    started_ms = clock_ms();
    return 0;
}

/* The log stays readable, and does not fill the disk, whatever strangers do. */
static int teardown(void **state) {
    (void)state;
    char *errors = process_errors(&process);
    uint64_t lines = 0, minutes = (clock_ms() - started_ms) / 60000 + 2; /* incomplete ones count */
    for (const char *at = errors; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    free(errors);
    assert_in_range(lines, 1, minutes * LOG_LINES_A_MINUTE_MAX);
    process_stop(&process);
    return 0;
}

#define DEED(name)                                                                                 \
    {                                                                                              \
#name, test_a_deed, NULL, NULL, &(struct deed) {                                           \
            name                                                                                   \
        }                                                                                          \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        DEED(connection_flood),
        DEED(half_open_sockets),
        DEED(slow_headers),
        DEED(slow_second_requests),
        DEED(broken_upgrades),
        DEED(fragments_of_one_byte),
        DEED(fragments_of_nothing),
        DEED(enormous_lengths),
        DEED(ping_flood),
        DEED(json_bombs),
        DEED(relay_flood),
        DEED(slow_readers),
        DEED(joins_to_a_million_rooms),
        DEED(polling_sessions),
        DEED(guesses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
