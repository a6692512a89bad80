/* floor.c - the cost of the kernel alone: a relay of WebSocket messages that only reads, unmasks
 * and writes. It checks and limits nothing. It is only a reference for measurements, not a server
 * to run.
 *
 * A client's first message is the number of a room. The relay sends it back as the welcome. The
 * second client of a room becomes the first one's partner. Every other message goes to the partner.
 */
#define _GNU_SOURCE /* accept4 */
#include "error.h"
#include "frame.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536
#define EVENTS_MAX 512
#define ROOMS_MAX 65536
#define NOBODY (-1)
#define KEY_HEADER "Sec-WebSocket-Key: "
#define KEY_BYTES 24
#define SHA1_BYTES 20
#define ACCEPT_BYTES_MAX 64
#define REPLY_BYTES_MAX 256

enum peer_state { PEER_NEW, PEER_OPEN, PEER_IN_ROOM };

/* The client of a file descriptor. */
struct peer {
    int partner;   /* a file descriptor, or NOBODY */
    uint32_t room; /* while in a room */
    enum peer_state state;
};

static struct {
    int epoll, listener;
    struct peer *peers;
    int32_t first_of_room[ROOMS_MAX]; /* its file descriptor plus 1; 0: none */
    char in[READ_BYTES];
    char out[FRAME_HEAD_BYTES_MAX + READ_BYTES];
} relay;

static void hang_up(int fd) {
    struct peer *peer = &relay.peers[fd];
    if (peer->state == PEER_IN_ROOM && relay.first_of_room[peer->room] == fd + 1)
        relay.first_of_room[peer->room] = 0;
    if (peer->partner != NOBODY)
        relay.peers[peer->partner].partner = NOBODY;
    close(fd);
}

/* Disconnects a client that cannot take a message at once. Measured clients always can. */
static bool write_all(int fd, const char *bytes, size_t len) {
    return send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

/* RFC 6455, 4.2.2: the proof that the server speaks WebSocket. */
static bool upgrade(int fd, size_t len) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char hash[SHA1_BYTES], accept[ACCEPT_BYTES_MAX];
    char text[KEY_BYTES + sizeof guid], reply[REPLY_BYTES_MAX];
    const char *key = memmem(relay.in, len, KEY_HEADER, strlen(KEY_HEADER));
    if (!key || (size_t)(relay.in + len - key) < strlen(KEY_HEADER) + KEY_BYTES)
        return false;
    memcpy(text, key + strlen(KEY_HEADER), KEY_BYTES);
    memcpy(text + KEY_BYTES, guid, sizeof guid);
    EVP_Digest(text, KEY_BYTES + sizeof guid - 1, hash, NULL, EVP_sha1(), NULL);
    EVP_EncodeBlock(accept, hash, sizeof hash);
    int reply_len = snprintf(reply, sizeof reply,
                             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                             accept);
    relay.peers[fd].state = PEER_OPEN;
    return write_all(fd, reply, (size_t)reply_len);
}

static bool send_frame(int fd, struct slice payload) {
    return write_all(fd, relay.out, frame_write(relay.out, FRAME_TEXT, false, payload));
}

static bool enter_room(int fd, struct slice payload) {
    char text[16] = "";
    struct peer *peer = &relay.peers[fd];
    if (payload.len >= sizeof text)
        return false;
    memcpy(text, payload.bytes, payload.len);
    peer->room = (uint32_t)strtoul(text, NULL, 10) % ROOMS_MAX;
    peer->state = PEER_IN_ROOM;
    int32_t *first = &relay.first_of_room[peer->room];
    if (*first == 0) {
        *first = fd + 1;
    } else if (relay.peers[*first - 1].partner == NOBODY) {
        peer->partner = *first - 1;
        relay.peers[peer->partner].partner = fd;
    }
    return send_frame(fd, payload);
}

/* False: the connection is over. */
static bool take_frames(int fd, size_t len) {
    const struct peer *peer = &relay.peers[fd];
    struct frame frame;
    size_t taken;
    for (size_t at = 0; (taken = frame_read(relay.in + at, len - at, &frame)) > 0; at += taken) {
        if (frame.opcode != FRAME_TEXT)
            return false;
        if (peer->state == PEER_OPEN
                ? !enter_room(fd, frame.payload)
                : peer->partner == NOBODY || !send_frame(peer->partner, frame.payload))
            return false;
    }
    return true;
}

/* Expects whole frames: each client waits for an answer before it sends again, and the kernel
 * delivers a single write in one piece. */
static void receive(int fd) {
    ssize_t got = recv(fd, relay.in, sizeof relay.in, MSG_DONTWAIT);
    bool alive = got > 0 && (relay.peers[fd].state == PEER_NEW ? upgrade(fd, (size_t)got)
                                                               : take_frames(fd, (size_t)got));
    if (!alive)
        hang_up(fd);
}

static void accept_all(void) {
    int fd, on = 1;
    while ((fd = accept4(relay.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        relay.peers[fd] = (struct peer){.partner = NOBODY};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_ctl(relay.epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static int listen_at_loopback(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return -1;
    printf("http://127.0.0.1:%d/\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(void) {
    static struct epoll_event events[EVENTS_MAX];
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    relay.peers = calloc(limit.rlim_cur, sizeof *relay.peers);
    relay.epoll = epoll_create1(EPOLL_CLOEXEC);
    relay.listener = listen_at_loopback();
    if (!relay.peers || relay.epoll < 0 || relay.listener < 0) {
        perror("floor");
        return EXIT_FAILURE;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.fd = relay.listener};
    epoll_ctl(relay.epoll, EPOLL_CTL_ADD, relay.listener, &event);
    for (;;) {
        int count = epoll_wait(relay.epoll, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == relay.listener)
                accept_all();
            else
                receive(events[i].data.fd);
        }
    }
}
