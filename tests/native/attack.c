#define _GNU_SOURCE /* pipe2 */
#include "attack.h"

#include "client.h"
#include "cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_MS_MAX 60000 /* only a bound for slow machines */
#define SEND_MS_MAX 200
#define LOWEST_PRIORITY 19

static uint16_t target;
static int ready_fd;

void attack_start(struct attack *attack, void (*run)(void), uint16_t port) {
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    attack->ready_fd = fds[0];
    attack->pid = fork();
    assert_true(attack->pid >= 0);
    if (attack->pid == 0) {
        struct rlimit limit;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setpriority(PRIO_PROCESS, 0, LOWEST_PRIORITY);
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
            limit.rlim_cur = limit.rlim_max;
            setrlimit(RLIMIT_NOFILE, &limit);
        }
        target = port;
        ready_fd = fds[1];
        run();
        _exit(1);
    }
    close(fds[1]);
    struct pollfd pollfd = {.fd = attack->ready_fd, .events = POLLIN};
    char byte;
    if (poll(&pollfd, 1, READY_MS_MAX) <= 0 || read(attack->ready_fd, &byte, 1) != 1)
        fail_msg("the attack did not come about");
}

void attack_stop(struct attack *attack) {
    kill(attack->pid, SIGKILL);
    assert_int_equal(waitpid(attack->pid, NULL, 0), attack->pid);
    close(attack->ready_fd);
}

void attack_ready(void) {
    if (ready_fd >= 0 && write(ready_fd, "!", 1) == 1) {
        close(ready_fd);
        ready_fd = -1;
    }
}

/* Receives little, in small pieces, so that the kernel buffers few bytes on the other side. */
static void take_little(int fd) {
    const int segment_bytes = 536, buffer_bytes = 4096;
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
}

static int dial(unsigned from, bool little) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(0x7f010000u + from)};
    const struct timeval patience = {.tv_usec = SEND_MS_MAX * 1000};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (little)
        take_little(fd);
    bool bound = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    address.sin_port = htons(target);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bound && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

int attack_dial(unsigned from) {
    return dial(from, false);
}

int attack_dial_little(unsigned from) {
    return dial(from, true);
}

void attack_hang_up(int fd) {
    const struct linger at_once = {.l_onoff = 1};
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

bool attack_send(int fd, const void *bytes, size_t len) {
    return fd >= 0 && (send(fd, bytes, len, MSG_NOSIGNAL) >= 0 || errno == EAGAIN);
}

bool attack_send_text(int fd, const char *text) {
    return attack_send(fd, text, strlen(text));
}

void attack_drain(int fd) {
    char bytes[4096];
    while (fd >= 0 && recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
}

bool attack_upgrade(int fd) {
    return attack_upgrade_with(fd, "");
}

bool attack_upgrade_with(int fd, const char *headers) {
    char request[8192];
    snprintf(request, sizeof request,
             "GET /signal HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
             target, target, headers);
    return attack_send_text(fd, request);
}

bool attack_open_session(int fd) {
    char request[512];
    snprintf(request, sizeof request,
             "POST /poll HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: http://127.0.0.1:%u\r\n"
             "Content-Length: 5\r\n\r\nopen\n",
             target, target);
    return attack_send_text(fd, request);
}

size_t attack_frame_head(unsigned char out[ATTACK_FRAME_HEAD_BYTES], unsigned first, uint64_t len) {
    size_t len_bytes = len < 126 ? 0 : len < 65536 ? 2 : 8;
    memset(out, 0, ATTACK_FRAME_HEAD_BYTES);
    out[0] = (unsigned char)first;
    out[1] = (unsigned char)(0x80 | (len_bytes == 0 ? len : len_bytes == 2 ? 126 : 127));
    for (size_t i = 0; i < len_bytes; i++)
        out[2 + i] = (unsigned char)(len >> (8 * (len_bytes - 1 - i)));
    return 2 + len_bytes + 4;
}

bool attack_say(int fd, const char *text) {
    unsigned char frame[ATTACK_FRAME_HEAD_BYTES + WIRE_MESSAGE_BYTES_MAX];
    size_t len = strlen(text);
    size_t head = attack_frame_head(frame, 0x80 | WS_TEXT, len);
    memcpy(frame + head, text, len);
    return attack_send(fd, frame, head + len);
}

void attack_write_token(char out[WIRE_TOKEN_BYTES + 1], unsigned number) {
    snprintf(out, WIRE_TOKEN_BYTES + 1, "hostile-%014u", number);
}

int attack_join(unsigned from, const char *room, unsigned number) {
    char text[256], token[WIRE_TOKEN_BYTES + 1];
    int fd = attack_dial(from);
    attack_write_token(token, number);
    snprintf(text, sizeof text,
             "{\"type\":\"join\",\"version\":%d,\"room\":\"%s\",\"token\":\"%s\"}", WIRE_VERSION,
             room, token);
    if (attack_upgrade(fd) && attack_say(fd, text))
        return fd;
    attack_hang_up(fd);
    return -1;
}
