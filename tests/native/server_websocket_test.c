/* Signaling as pages and attackers see it: a client that breaks a rule is closed, and nobody else
 * notices. */
#define _POSIX_C_SOURCE 200809L
#include "client.h"

#include "cmocka_all.h"
#include "made_ids.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define CONNECTIONS_MAX 40
#define ROOM 32

static struct process process;
static struct pair honest; /* continues to talk in every test */

static int start(const char *const options[]) {
    process_serve(&process, options);
    pair_join(&honest, process.port, "honest");
    return 0;
}

static int setup(void **state) {
    (void)state;
    return start(OPTIONS("--log-level=debug", "--allow-origin=https://friend.example"));
}

static int setup_small(void **state) {
    (void)state;
    return start(OPTIONS("--connections-max=40", "--rooms-max=3", "--room-members-max=2",
                         "--ping-seconds=22"));
}

/* Without the honest pair, which does not read often enough. */
static int setup_pings(void **state) {
    (void)state;
    process_serve(&process, OPTIONS("--ping-seconds=1"));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    pair_talk(&honest);
    pair_leave(&honest);
    process_stop(&process);
    return 0;
}

static int teardown_pings(void **state) {
    (void)state;
    process_stop(&process);
    return 0;
}

/* --- what works ------------------------------------------------------------------------------- */

static void test_join_relay_leave(void **state) {
    (void)state;
    struct person ann;
    struct person bob;
    struct wire_message message;
    person_join(&ann, process.port, "blue-hill", 0);
    person_join(&bob, process.port, "blue-hill", 1);
    ws_expect(&ann.client, WIRE_JOINED, &message);
    assert_true(member_id_is(&message.member, bob.id));
    wire_message_deinit(&message);
    person_offer(&ann, bob.id, "v=0");
    person_expect_offer(&bob, ann.id, "v=0");
    ws_send_text(&bob.client, "{\"type\":\"leave\"}");
    ws_expect_close(&bob.client, 1000);
    ws_expect(&ann.client, WIRE_LEFT, &message);
    assert_true(member_id_is(&message.member, bob.id));
    wire_message_deinit(&message);
    client_close(&ann.client);
    client_close(&bob.client);
}

static void test_a_room_is_made(void **state) {
    (void)state;
    struct client client;
    struct wire_message message;
    ws_open(&client, process.port);
    ws_send_text(&client, join_text(NULL));
    ws_expect(&client, WIRE_WELCOME, &message);
    assert_true(room_id_valid(room_id_text(&message.room)));
    assert_int_equal(message.ice_server_count, 2);
    assert_int_equal(message.room_members_max, 32);
    wire_message_deinit(&message);
    client_close(&client);
}

static void test_the_sender_is_stamped(void **state) {
    (void)state;
    struct person ann;
    struct person bob;
    char text[256];
    person_join(&ann, process.port, "stamped", 0);
    person_join(&bob, process.port, "stamped", 1);
    snprintf(text, sizeof text,
             "{\"type\":\"offer\",\"to\":\"%s\",\"from\":\"%s\",\"sdp\":\"x\",\"connection\":1}",
             bob.id, honest.ann.id);
    ws_send_text(&ann.client, text);
    person_expect_offer(&bob, ann.id, "x");
    client_close(&ann.client);
    client_close(&bob.client);
}

static void test_another_room_is_out_of_reach(void **state) {
    (void)state;
    struct person stranger;
    person_join(&stranger, process.port, "elsewhere", 0);
    person_offer(&stranger, honest.ann.id, "x");
    ws_expect_error(&stranger.client, WIRE_ERROR_NO_SUCH_MEMBER);
    pair_talk(&honest); /* the first message that they get is each other's */
    client_close(&stranger.client);
}

static void test_a_large_message_in_one_frame(void **state) {
    (void)state;
    char sdp[WIRE_SDP_BYTES_MAX + 1];
    memset(sdp, 'x', sizeof sdp - 1);
    sdp[sizeof sdp - 1] = '\0';
    person_offer(&honest.ann, honest.bob.id, sdp);
    person_expect_offer(&honest.bob, honest.ann.id, sdp);
}

/* One byte per frame. Pings may come in between, since they are control frames (RFC 6455, 5.4). */
static void test_fragments(void **state) {
    (void)state;
    char text[256];
    struct ws_frame frame;
    snprintf(text, sizeof text,
             "{\"type\":\"offer\",\"to\":\"%s\",\"sdp\":\"fragments\",\"connection\":1}",
             honest.bob.id);
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        unsigned final = i + 1 == len ? 0x80 : 0;
        ws_send_frame(&honest.ann.client, final, i == 0 ? WS_TEXT : WS_CONTINUATION, true, text + i,
                      1);
        if (i == len / 2)
            ws_send_frame(&honest.ann.client, 0x80, WS_PING, true, "middle", 6);
    }
    person_expect_offer(&honest.bob, honest.ann.id, "fragments");
    assert_true(ws_read_frame(&honest.ann.client, &frame));
    assert_int_equal(frame.opcode, WS_PONG);
    assert_string_equal(frame.payload, "middle");
    ws_send_frame(&honest.ann.client, 0, WS_TEXT, true, "", 0);
    ws_send_frame(&honest.ann.client, 0, WS_CONTINUATION, true, text, len);
    ws_send_frame(&honest.ann.client, 0x80, WS_CONTINUATION, true, "", 0);
    person_expect_offer(&honest.bob, honest.ann.id, "fragments");
}

static void test_close_is_answered(void **state) {
    (void)state;
    struct person person;
    person_join(&person, process.port, "closing", 0);
    ws_send_frame(&person.client, 0x80, WS_CLOSE, true, "\x03\xe8", 2);
    ws_expect_close(&person.client, 1000);
    client_close(&person.client);
}

static void test_others_hear_when_a_connection_breaks(void **state) {
    (void)state;
    struct pair pair;
    struct linger reset = {.l_onoff = 1};
    pair_join(&pair, process.port, "breaking");
    setsockopt(pair.ann.client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    client_close(&pair.ann.client);
    ws_skip(&pair.bob.client, WIRE_LEFT);
    client_close(&pair.bob.client);
}

/* --- handshakes ------------------------------------------------------------------------------- */

static void assert_refused_handshake(const char *headers, int status) {
    struct client client;
    struct reply reply;
    ws_handshake(&client, process.port, headers, &reply);
    assert_int_equal(reply.status, status);
    assert_non_null(reply_header(&reply, "Content-Security-Policy"));
    const char *length = reply_header(&reply, "Content-Length");
    assert_non_null(length);
    assert_true(atoi(length) > 10); /* a sentence */
    client_await_end(&client);
    reply_free(&reply);
    client_close(&client);
}

static void test_foreign_pages_are_refused(void **state) {
    (void)state;
    assert_refused_handshake("", 403);
    assert_refused_handshake("Origin: null\r\n", 403);
    assert_refused_handshake("Origin: http://evil.example\r\n", 403);
    assert_refused_handshake("Origin: http://127.0.0.1:1\r\n", 403);
    assert_refused_handshake("Origin: https://friend.example.evil.example\r\n", 403);
    assert_refused_handshake("Origin: https://friend.example\r\nOrigin: http://evil.example\r\n",
                             403);
    char *errors = process_errors(&process);
    assert_non_null(strstr(errors, "info refused error=origin detail=http://evil.example\n"));
    free(errors);
}

static void test_allowed_pages_are_welcome(void **state) {
    (void)state;
    struct client client;
    struct reply reply;
    ws_handshake(&client, process.port, "Origin: https://FRIEND.example\r\n", &reply);
    assert_int_equal(reply.status, 101);
    reply_free(&reply);
    client_close(&client);
}

/* Sends |request| after Host and a good Origin; the server must not upgrade. */
static void assert_no_upgrade(const char *line, const char *headers) {
    struct client client;
    char request[1024];
    snprintf(request, sizeof request,
             "%s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n%s\r\n", line,
             process.port, process.port, headers);
    client_open(&client, process.port);
    client_send_text(&client, request);
    client_send_text(&client, "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
    while (client_receive(&client))
        continue;
    client.bytes[client.len] = '\0';
    assert_null(strstr(client.bytes, " 101 "));
    client_close(&client);
}

#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"

static void test_bad_handshakes(void **state) {
    (void)state;
    assert_no_upgrade("GET /", UPGRADE KEY VERSION);
    assert_no_upgrade("GET /signal/x", UPGRADE KEY VERSION);
    assert_no_upgrade("POST /signal", UPGRADE KEY VERSION);
    assert_no_upgrade("GET /signal", UPGRADE VERSION);
    assert_no_upgrade("GET /signal", UPGRADE KEY);
    assert_no_upgrade("GET /signal", UPGRADE KEY "Sec-WebSocket-Version: 8\r\n");
    assert_no_upgrade("GET /signal", UPGRADE KEY "Sec-WebSocket-Version: 13\r\n" VERSION);
    assert_no_upgrade("GET /signal", "Upgrade: websocket\r\n" KEY VERSION);
    assert_no_upgrade("GET /signal", "Upgrade: websocket\r\nConnection: close\r\n" KEY VERSION);
    assert_no_upgrade("GET /signal", UPGRADE KEY VERSION "Sec-WebSocket-Protocol: other\r\n");
}

/* --- caps ------------------------------------------------------------------------------------- */

static void test_room_full(void **state) {
    (void)state;
    struct client client;
    ws_open(&client, process.port);
    ws_send_text(&client, join_text("honest"));
    ws_expect_refusal(&client, WIRE_ERROR_ROOM_FULL);
    client_close(&client);
    pair_talk(&honest);
}

static void test_too_many_rooms(void **state) {
    (void)state;
    struct person second;
    struct person third;
    struct client client;
    person_join(&second, process.port, "second", 0);
    person_join(&third, process.port, "third", 0);
    ws_open(&client, process.port);
    ws_send_text(&client, join_text("fourth"));
    ws_expect_refusal(&client, WIRE_ERROR_TOO_MANY_ROOMS);
    client_close(&client);
    client_close(&second.client);
    client_close(&third.client);
}

static void test_server_full(void **state) {
    (void)state;
    struct client crowd[CONNECTIONS_MAX];
    struct client client;
    size_t count = CONNECTIONS_MAX - 2; /* the honest two */
    struct ws_frame frame;
    for (size_t i = 0; i < count; i++) {
        ws_open(&crowd[i], process.port);
        ws_send_frame(&crowd[i], 0x80, WS_PING, true, "here", 4);
        assert_true(ws_read_frame(&crowd[i], &frame));
    }
    for (int i = 0; i < 10; i++) {
        ws_open(&client, process.port);
        ws_expect_refusal(&client, WIRE_ERROR_SERVER_FULL);
        client_close(&client);
    }
    pair_talk(&honest);
    client_close(&crowd[0]);
    bool opened = false;
    while (!opened) { /* its place is free as soon as the server has noticed */
        ws_open(&client, process.port);
        ws_send_text(&client, join_text("next"));
        assert_true(ws_read_frame(&client, &frame));
        opened = strstr(frame.payload, "\"welcome\"") != NULL;
        client_close(&client);
    }
    for (size_t i = 1; i < count; i++)
        client_close(&crowd[i]);
}

/* --- silence ---------------------------------------------------------------------------------- */

/* With --ping-seconds=1, a client that does not answer pings is gone after two seconds. */
static void test_a_dead_connection_is_noticed(void **state) {
    (void)state;
    struct person dead;
    struct person alive;
    struct ws_frame frame;
    int pings = 0;
    person_join(&dead, process.port, "silence", 0);
    person_join(&alive, process.port, "silence", 1);
    do {
        assert_true(ws_read_frame(&alive.client, &frame));
        if (frame.opcode == WS_PING) {
            pings++;
            ws_send_frame(&alive.client, 0x80, WS_PONG, true, frame.payload, frame.len);
        }
    } while (frame.opcode != WS_TEXT);
    assert_non_null(strstr(frame.payload, "\"left\""));
    assert_true(pings > 0);
    process_await_error(&process, "info no_answer");
    client_await_end(&dead.client);
    while (pings < 5) { /* a client that answers stays, well beyond that time */
        assert_true(ws_read_frame(&alive.client, &frame));
        assert_int_equal(frame.opcode, WS_PING);
        ws_send_frame(&alive.client, 0x80, WS_PONG, true, frame.payload, frame.len);
        pings++;
    }
    client_close(&dead.client);
    client_close(&alive.client);
}

static off_t log_size(void) {
    struct stat status;
    assert_int_equal(fstat(process.err_fd, &status), 0);
    return status.st_size;
}

/* The server drops clients just when a message comes from them. All were last heard in one turn of
 * its loop, so it also drops them in one. This turn takes a while, since each is told of the
 * others, and the test stops the server in the middle of it. */
static void test_the_dead_are_not_heard(void **state) {
    (void)state;
    struct person dead[2 * ROOM];
    struct reply reply;
    char room[32];
    for (size_t i = 0; i < 2 * ROOM; i++) {
        snprintf(room, sizeof room, "dead-%zu", i / ROOM);
        person_join(&dead[i], process.port, room, i % ROOM);
    }
    kill(process.pid, SIGSTOP);
    for (size_t i = 0; i < 2 * ROOM; i++)
        ws_send_frame(&dead[i].client, 0x80, WS_PONG, true, "x", 1);
    kill(process.pid, SIGCONT);
    off_t size = log_size();
    uint64_t deadline_ms = clock_ms() + CLIENT_DEADLINE_MS;
    while (log_size() == size)
        assert_true(clock_ms() < deadline_ms);
    kill(process.pid, SIGSTOP);
    for (size_t i = 0; i < 2 * ROOM; i++)
        ws_send_text(&dead[i].client, "{\"type\":\"leave\"}");
    kill(process.pid, SIGCONT);
    for (size_t i = 0; i < 2 * ROOM; i++) {
        client_await_end(&dead[i].client);
        client_close(&dead[i].client);
    }
    http_fetch(process.port, "GET", "/healthz", "", &reply);
    assert_non_null(strstr(reply.body, "\"rooms\":0,\"members\":0"));
    reply_free(&reply);
}

/* --- the log ---------------------------------------------------------------------------------- */

/* At the default level, the log has the whole origin of a refused page, but not its address. */
static void test_the_log_shows_origins_whole(void **state) {
    (void)state;
    struct client client;
    struct reply reply;
    ws_handshake(&client, process.port, "Origin: http://private.example:81\r\n", &reply);
    assert_int_equal(reply.status, 403);
    reply_free(&reply);
    client_close(&client);
    process_await_error(&process, "info refused error=origin detail=http://private.example:81\n");
}

static void test_the_log_says_who_not_what(void **state) {
    (void)state;
    struct pair pair;
    pair_join(&pair, process.port, "logged-room");
    person_offer(&pair.ann, pair.bob.id, "o=- secret IN IP4 203.0.113.9");
    person_expect_offer(&pair.bob, pair.ann.id, "o=- secret IN IP4 203.0.113.9");
    pair_leave(&pair);
    process_await_error(&process, "left room=logge ");
    char *errors = process_errors(&process);
    char line[256];
    snprintf(line, sizeof line, "debug message type=offer from=%s to=%s bytes=", pair.ann.id,
             pair.bob.id);
    assert_non_null(strstr(errors, line));
    snprintf(line, sizeof line,
             "info joined room=logge member=%.6s members=1 transport=websocket connection=",
             pair.ann.id);
    assert_non_null(strstr(errors, line));
    assert_null(strstr(errors, "secret"));
    assert_null(strstr(errors, "203.0.113.9"));
    free(errors);
}

int main(void) {
    const struct CMUnitTest usual[] = {
        cmocka_unit_test(test_join_relay_leave),
        cmocka_unit_test(test_a_room_is_made),
        cmocka_unit_test(test_the_sender_is_stamped),
        cmocka_unit_test(test_another_room_is_out_of_reach),
        cmocka_unit_test(test_a_large_message_in_one_frame),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_close_is_answered),
        cmocka_unit_test(test_others_hear_when_a_connection_breaks),
        cmocka_unit_test(test_foreign_pages_are_refused),
        cmocka_unit_test(test_allowed_pages_are_welcome),
        cmocka_unit_test(test_bad_handshakes),
        cmocka_unit_test(test_the_log_says_who_not_what),
    };
    const struct CMUnitTest small[] = {
        cmocka_unit_test(test_room_full),
        cmocka_unit_test(test_too_many_rooms),
        cmocka_unit_test(test_server_full),
    };
    const struct CMUnitTest pings[] = {
        cmocka_unit_test(test_the_log_shows_origins_whole),
        cmocka_unit_test(test_a_dead_connection_is_noticed),
        cmocka_unit_test(test_the_dead_are_not_heard),
    };
    int failed = cmocka_run_group_tests(usual, setup, teardown);
    failed += cmocka_run_group_tests(small, setup_small, teardown);
    return failed + cmocka_run_group_tests(pings, setup_pings, teardown_pings);
}
