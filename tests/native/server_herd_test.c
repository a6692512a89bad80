/* A herd: thousands of clients lose their server, and all come back by the rule of their cores
 * (signaling.h), while somebody else asks for the page. */
#define _GNU_SOURCE /* memmem */
#include "backoff.h"
#include "client.h"
#include "cmocka_all.h"
#include "signaling.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HERD_MAX 5000
#define ROOM_MEMBERS 5
#define ANSWER_BYTES 2048 /* the handshake's answer and the first words of the welcome */
#define EVENTS_AT_ONCE 256
#define TURN_MS_MAX 100

enum beast_state { WAITING, CONNECTING, JOINING, BACK };

struct beast {
    int fd;
    enum beast_state state;
    uint32_t failures;
    uint64_t due_ms; /* WAITING: dials */
    size_t len;
    char answer[ANSWER_BYTES + 1];
};

static struct beast *herd;
static int herd_count, back_count, refused_count, served_count, epoll_fd;
static struct random source;
static uint16_t port;

/* As many as there are file descriptors for, here and in the server. */
static int herd_size(void) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t spare = 1000;
    rlim_t fitting = limit.rlim_max > 2 * spare ? limit.rlim_max - spare : limit.rlim_max / 2;
    return fitting < HERD_MAX ? (int)fitting : HERD_MAX;
}

static void hang_up(struct beast *beast) {
    if (beast->fd >= 0)
        close(beast->fd);
    beast->fd = -1;
    back_count -= beast->state == BACK;
    beast->state = WAITING;
    beast->due_ms = clock_ms() + backoff_pause_ms(++beast->failures, SIGNALING_PAUSE_FIRST_MS,
                                                  SIGNALING_PAUSE_MAX_MS, &source);
}

static void watch(struct beast *beast, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = beast};
    assert_int_equal(epoll_ctl(epoll_fd, operation, beast->fd, &event), 0);
}

static void dial(struct beast *beast) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    beast->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(beast->fd >= 0);
    int error = connect(beast->fd, (struct sockaddr *)&address, sizeof address);
    if (error && errno != EINPROGRESS) {
        hang_up(beast);
        return;
    }
    beast->state = CONNECTING;
    beast->len = 0;
    watch(beast, EPOLL_CTL_ADD, EPOLLOUT);
}

/* Somebody else, who asks for the page. */
static bool is_guest(const struct beast *beast) {
    return beast == &herd[herd_count];
}

static void ask_for_page(struct beast *beast) {
    static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    ssize_t len = sizeof request - 1;
    if (send(beast->fd, request, (size_t)len, MSG_NOSIGNAL) != len) {
        hang_up(beast);
        return;
    }
    beast->state = JOINING;
    watch(beast, EPOLL_CTL_MOD, EPOLLIN);
}

static void read_page(struct beast *beast) {
    ssize_t len = recv(beast->fd, beast->answer, ANSWER_BYTES, 0);
    beast->answer[len > 0 ? len : 0] = '\0';
    if (strncmp(beast->answer, "HTTP/1.1 200", 12) == 0)
        served_count++;
    beast->failures = 0;
    hang_up(beast);
}

/* The handshake, and the join in the same breath: the answer tells of both. */
static void speak(struct beast *beast) {
    char join[256], request[1024];
    int number = (int)(beast - herd);
    int join_len = snprintf(join, sizeof join,
                            "{\"type\":\"join\",\"version\":%d,\"room\":\"room-%d\",\"token\":"
                            "\"%022d\",\"back\":true}",
                            WIRE_VERSION, number / ROOM_MEMBERS, number);
    int len = snprintf(request, sizeof request,
                       "GET /signal HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: "
                       "http://127.0.0.1:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                       "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                       port, port);
    if (send(beast->fd, request, (size_t)len, MSG_NOSIGNAL) != len) {
        hang_up(beast);
        return;
    }
    assert_true(join_len < 126);
    unsigned char frame[300] = {0x81, (unsigned char)(0x80 | join_len)}; /* a mask of zeros */
    memcpy(frame + 6, join, (size_t)join_len);
    if (send(beast->fd, frame, (size_t)join_len + 6, MSG_NOSIGNAL) != join_len + 6) {
        hang_up(beast);
        return;
    }
    beast->state = JOINING;
    watch(beast, EPOLL_CTL_MOD, EPOLLIN);
}

static void listen_to(struct beast *beast) {
    char rest[ANSWER_BYTES];
    bool back = beast->state == BACK;
    char *to = back ? rest : beast->answer + beast->len;
    ssize_t len = recv(beast->fd, to, back ? sizeof rest : ANSWER_BYTES - beast->len, 0);
    if (len <= 0) {
        hang_up(beast);
        return;
    }
    if (back)
        return; /* others who came */
    beast->len += (size_t)len;
    beast->answer[beast->len] = '\0';
    char *body = strstr(beast->answer, "\r\n\r\n");
    if (strstr(beast->answer, "HTTP/1.1 101") != beast->answer && body)
        refused_count++;
    if (!body || beast->len - (size_t)(body - beast->answer) < 40)
        return;
    refused_count += memmem(body, beast->len - (size_t)(body - beast->answer), "\"error\"", 7) != 0;
    beast->state = BACK;
    beast->failures = 0;
    back_count++;
}

static void happen(struct beast *beast, uint32_t events) {
    if (is_guest(beast) && beast->state == JOINING)
        read_page(beast);
    else if (beast->state == CONNECTING && events & (EPOLLERR | EPOLLHUP))
        hang_up(beast);
    else if (is_guest(beast))
        ask_for_page(beast);
    else if (beast->state == CONNECTING)
        speak(beast);
    else
        listen_to(beast);
}

/* Dials whoever is due, and waits for the next thing to happen. */
static void turn(void) {
    uint64_t now_ms = clock_ms(), next_ms = now_ms + TURN_MS_MAX;
    for (int i = 0; i <= herd_count; i++) {
        if (herd[i].state == WAITING && herd[i].due_ms <= now_ms)
            dial(&herd[i]);
        if (herd[i].state == WAITING && herd[i].due_ms < next_ms)
            next_ms = herd[i].due_ms;
    }
    struct epoll_event events[EVENTS_AT_ONCE];
    int timeout_ms = next_ms > now_ms ? (int)(next_ms - now_ms) : 0;
    int count = epoll_wait(epoll_fd, events, EVENTS_AT_ONCE, timeout_ms);
    for (int i = 0; i < count; i++)
        happen(events[i].data.ptr, events[i].events);
}

static void await_all(void) {
    uint64_t end_ms = clock_ms() + 4 * SIGNALING_PAUSE_MAX_MS;
    served_count = 0;
    while (back_count < herd_count || served_count == 0) {
        assert_true(clock_ms() < end_ms);
        turn();
    }
}

static void a_herd_comes_back_without_one_refused(void **state) {
    (void)state;
    static const uint8_t seed[8] = {5};
    struct process process;
    char port_option[16];
    herd_count = herd_size();
    herd = calloc((size_t)herd_count + 1, sizeof *herd); /* and the guest */
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    random_init(&source, seed);
    for (int i = 0; i <= herd_count; i++)
        herd[i] = (struct beast){.fd = -1, .due_ms = clock_ms() + (uint64_t)i / 2};
    process_serve(&process, (const char *const[]){"--log-level", "error", NULL});
    port = process.port;
    await_all();
    kill(process.pid, SIGKILL);
    assert_int_equal(process_wait(&process), 128 + SIGKILL);
    while (back_count > 0)
        turn();
    snprintf(port_option, sizeof port_option, "--port=%u", port);
    process_serve(&process, (const char *const[]){port_option, "--log-level", "error", NULL});
    uint64_t from_ms = clock_ms();
    await_all();
    print_message("%d clients were back after %llu ms; the page was served %d times\n", herd_count,
                  (unsigned long long)(clock_ms() - from_ms), served_count);
    assert_int_equal(refused_count, 0);
    process_stop(&process);
    for (int i = 0; i <= herd_count; i++)
        close(herd[i].fd);
    close(epoll_fd);
    free(herd);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_herd_comes_back_without_one_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
