/* A herd: thousands of clients, a tenth of which poll, lose their server. All come back with the
 * pauses of the core (signaling.h), while somebody else loads the page repeatedly. */
#define _GNU_SOURCE /* memmem */
#include "backoff.h"
#include "client.h"
#include "cmocka_all.h"
#include "dialing.h"
#include "rate_limits.h"
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

_Static_assert(RATE_LIMITS_WAIT_SECONDS * 1000 < DIALING_WELCOME_MS,
               "a page does not give up while it stands in line");

#define HERD_MAX 5000
#define ROOM_MEMBERS 5
#define POLLS_EVERY 10
#define VAIN_ATTEMPTS 2   /* of each client, while the server is away */
#define ANSWER_BYTES 2048 /* the handshake's answer and the beginning of the welcome */
#define SECRET_BYTES 40
#define EVENTS_AT_ONCE 256
#define TURN_MS_MAX 100

enum beast_state { WAITING, CONNECTING, JOINING, BACK };

/* The next request of a client that polls. */
enum question { ASK_OPEN, ASK_JOIN, ASK_POLL };

struct beast {
    int fd;
    enum beast_state state;
    enum question question;
    uint32_t failures;
    uint64_t due_ms;   /* WAITING: dials */
    bool found_server; /* it was up when we dialed */
    unsigned received; /* messages, if it polls */
    char secret[SECRET_BYTES + 1];
    size_t len;
    char answer[ANSWER_BYTES + 1];
};

static struct beast *herd;
static int herd_count, back_count, refused_count, served_count, epoll_fd;
static bool server_is_up;
static struct random source;
static uint16_t port;

/* As many clients as there are file descriptors for, here and in the server. */
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
    beast->due_ms = clock_ms() + backoff_pause_ms(++beast->failures, DIALING_PAUSE_FIRST_MS,
                                                  DIALING_PAUSE_MAX_MS, &source);
}

/* Counts a refusal if the connection reached a server that is up, however it ended. */
static void give_up(struct beast *beast) {
    refused_count += server_is_up && beast->found_server;
    hang_up(beast);
}

static bool polls(const struct beast *beast) {
    return (beast - herd) % POLLS_EVERY == 0;
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
    beast->found_server = server_is_up;
    int error = connect(beast->fd, (struct sockaddr *)&address, sizeof address);
    if (error && errno != EINPROGRESS) {
        give_up(beast);
        return;
    }
    beast->state = CONNECTING;
    beast->question = ASK_OPEN;
    beast->received = 0;
    beast->len = 0;
    watch(beast, EPOLL_CTL_ADD, EPOLLOUT);
}

/* The guest, who only loads the page. */
static bool is_guest(const struct beast *beast) {
    return beast == &herd[herd_count];
}

/* Sends the first bytes on a connection, or more. */
static void say(struct beast *beast, const void *bytes, size_t len) {
    if (send(beast->fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len) {
        give_up(beast);
        return;
    }
    if (beast->state == CONNECTING)
        beast->state = JOINING;
    beast->len = 0;
    watch(beast, EPOLL_CTL_MOD, EPOLLIN);
}

static void ask_for_page(struct beast *beast) {
    static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    say(beast, request, sizeof request - 1);
}

/* Reads the page, and loads it again at once as long as there is a server. */
static void read_page(struct beast *beast) {
    ssize_t len = recv(beast->fd, beast->answer, ANSWER_BYTES, 0);
    beast->answer[len > 0 ? len : 0] = '\0';
    if (strncmp(beast->answer, "HTTP/1.1 200", 12) != 0) {
        give_up(beast);
        return;
    }
    served_count++;
    beast->failures = 0;
    hang_up(beast);
    beast->due_ms = clock_ms();
}

static size_t write_join(const struct beast *beast, char *join, size_t size) {
    int number = (int)(beast - herd);
    int len = snprintf(join, size,
                       "{\"type\":\"join\",\"version\":%d,\"room\":\"room-%d\",\"token\":"
                       "\"%022d\",\"back\":true}",
                       WIRE_VERSION, number / ROOM_MEMBERS, number);
    return (size_t)len;
}

/* Sends the handshake and the join together: the answer covers both. */
static void shake_hands(struct beast *beast) {
    char request[1024];
    char join[256];
    int len = snprintf(request, sizeof request,
                       "GET /signal HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: "
                       "http://127.0.0.1:%u\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                       "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                       port, port);
    size_t join_len = write_join(beast, join, sizeof join);
    assert_true(join_len < 126);
    unsigned char frame[6] = {0x81, (unsigned char)(0x80 | join_len)}; /* a mask of zeros */
    memcpy(request + len, frame, sizeof frame);
    memcpy(request + len + sizeof frame, join, join_len);
    say(beast, request, (size_t)len + sizeof frame + join_len);
}

static void post(struct beast *beast) {
    char request[1024];
    char body[512] = "open\n";
    char secret[64] = "";
    if (beast->question == ASK_POLL)
        snprintf(body, sizeof body, "poll %u\n", beast->received);
    else if (beast->question == ASK_JOIN)
        write_join(beast, body + snprintf(body, sizeof body, "send 0\n"), sizeof body / 2);
    if (beast->question != ASK_OPEN)
        snprintf(secret, sizeof secret, "Parley-Session: %s\r\n", beast->secret);
    int len = snprintf(request, sizeof request,
                       "POST /poll HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: "
                       "http://127.0.0.1:%u\r\n%sContent-Length: %zu\r\n\r\n%s",
                       port, port, secret, strlen(body), body);
    say(beast, request, (size_t)len);
}

static void speak(struct beast *beast) {
    if (is_guest(beast))
        ask_for_page(beast);
    else if (polls(beast))
        post(beast);
    else
        shake_hands(beast);
}

static void be_back(struct beast *beast) {
    beast->state = BACK;
    beast->failures = 0;
    back_count++;
}

/* Each answer leads to the next request. The last one waits for others who join. */
static void read_answer(struct beast *beast, const char *body) {
    bool well = strncmp(beast->answer, "HTTP/1.1 200", 12) == 0;
    if (beast->question == ASK_OPEN)
        well = well && sscanf(body, "session %40[0-9a-f]", beast->secret) == 1;
    else if (beast->question == ASK_POLL)
        well = well && strncmp(body, "messages ", 9) == 0 && !strstr(body, "\"error\"");
    if (!well) {
        give_up(beast);
        return;
    }
    for (const char *at = body; beast->question == ASK_POLL && (at = strchr(at, '\n')); at++)
        beast->received += at[1] != '\0';
    if (beast->question != ASK_POLL)
        beast->question++;
    else if (beast->received > 0 && beast->state == JOINING)
        be_back(beast);
    post(beast);
}

static void read_handshake(struct beast *beast, const char *body) {
    size_t len = beast->len - (size_t)(body - beast->answer);
    if (len < 40)
        return;
    if (strncmp(beast->answer, "HTTP/1.1 101", 12) != 0 || memmem(body, len, "\"error\"", 7))
        give_up(beast);
    else
        be_back(beast);
}

static void listen_to(struct beast *beast) {
    if (beast->state == BACK && !polls(beast))
        beast->len = 0; /* messages about others who joined */
    ssize_t len = recv(beast->fd, beast->answer + beast->len, ANSWER_BYTES - beast->len, 0);
    if (len <= 0) {
        give_up(beast);
        return;
    }
    beast->len += (size_t)len;
    beast->answer[beast->len] = '\0';
    const char *body = strstr(beast->answer, "\r\n\r\n");
    if (body && polls(beast))
        read_answer(beast, body + 4);
    else if (body && beast->state != BACK)
        read_handshake(beast, body + 4);
}

static void happen(struct beast *beast, uint32_t events) {
    if (events & EPOLLERR || (beast->state == CONNECTING && events & EPOLLHUP))
        give_up(beast);
    else if (is_guest(beast) && beast->state == JOINING)
        read_page(beast);
    else if (beast->state == CONNECTING)
        speak(beast);
    else
        listen_to(beast);
}

/* Dials for all clients that are due, and waits for the next event. */
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

/* Everybody must get in with the first attempt that finds the server. Others count as refused. */
static void await_all(void) {
    uint64_t given_up_ms = clock_ms() + DIALING_PAUSE_MAX_MS + CLIENT_DEADLINE_MS;
    served_count = 0;
    while (back_count < herd_count) {
        int before = back_count;
        turn();
        if (back_count != before)
            given_up_ms = clock_ms() + DIALING_PAUSE_MAX_MS + CLIENT_DEADLINE_MS;
        else if (clock_ms() >= given_up_ms)
            fail_msg("%d of %d are back, %d were refused", back_count, herd_count, refused_count);
    }
}

static bool have_all_tried_in_vain(void) {
    for (int i = 0; i < herd_count; i++)
        if (herd[i].failures <= VAIN_ATTEMPTS) /* the loss itself is the first */
            return false;
    return true;
}

static void lose_server(struct process *process) {
    server_is_up = false;
    kill(process->pid, SIGKILL);
    assert_int_equal(process_wait(process), 128 + SIGKILL);
    while (back_count > 0 || !have_all_tried_in_vain())
        turn();
}

static void gather(void) {
    static const uint8_t seed[8] = {5};
    herd_count = herd_size();
    herd = calloc((size_t)herd_count + 1, sizeof *herd); /* and the guest */
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    random_init(&source, seed);
    for (int i = 0; i <= herd_count; i++)
        herd[i] = (struct beast){.fd = -1, .due_ms = clock_ms() + (uint64_t)i / 2};
    herd[herd_count].due_ms = 0;
}

static void a_herd_comes_back_without_one_refused(void **state) {
    (void)state;
    struct process process;
    char port_option[16];
    gather();
    process_serve(&process, (const char *const[]){"--log-level", "error", NULL});
    port = process.port;
    server_is_up = true;
    await_all();
    lose_server(&process);
    snprintf(port_option, sizeof port_option, "--port=%u", port);
    process_serve(&process, (const char *const[]){port_option, "--log-level", "error", NULL});
    server_is_up = true;
    await_all();
    assert_int_equal(refused_count, 0);
    assert_true(served_count > 0);
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
