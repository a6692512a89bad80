#define _GNU_SOURCE /* memmem */
#include "client.h"

#include "dialect.h"
#include "error.h"
#include "frame.h"
#include "measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536
#define REQUEST_BYTES_MAX 512
#define PATH_BYTES_MAX 128
#define HOSTS_PER_NET 250u
#define SMALL_BYTES_MAX 1024 /* of messages other than signals */

/* RFC 6455, 1.3, has this key and this answer. */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

/* 127.1.1.1, 127.1.1.2 and so on, since servers may limit the clients of one address. */
static in_addr_t address_of(uint32_t number) {
    uint32_t host = 1 + number % HOSTS_PER_NET, net = 1 + number / HOSTS_PER_NET % HOSTS_PER_NET;
    return htonl(127u << 24 | 1u << 16 | net << 8 | host);
}

int client_connect(uint32_t number, uint16_t port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = address_of(number)};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0)
        die("no socket: %s", strerror(errno));
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("no connection to port %d: %s", port, strerror(errno));
    return fd;
}

static void send_all(const struct client *client, const char *bytes, size_t len) {
    ssize_t sent = send(client->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent != (ssize_t)len)
        die("client %u cannot write: %s", client->number,
            sent < 0 ? strerror(errno) : "the server does not read");
}

static void send_frame(struct client *client, unsigned opcode, struct slice payload) {
    char frame[FRAME_HEAD_BYTES_MAX + SMALL_BYTES_MAX];
    PARLEY_CHECK(payload.len <= SMALL_BYTES_MAX);
    send_all(client, frame, frame_write(frame, opcode, true, payload));
}

void client_say(struct client *client, struct slice text) {
    send_frame(client, FRAME_TEXT, text);
}

void client_start(struct client *client, uint16_t port, int epoll) {
    char request[REQUEST_BYTES_MAX], path[PATH_BYTES_MAX];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    client->fd = client_connect(client->number, port);
    client->state = CLIENT_UPGRADING;
    buffer_init(&client->rest, READ_BYTES);
    client->dialect->write_path(client, path, sizeof path);
    int len = snprintf(request, sizeof request,
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
                       "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: " KEY "\r\n\r\n",
                       path, port, port);
    send_all(client, request, (size_t)len);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &event) != 0)
        die("epoll: %s", strerror(errno));
}

static void end(struct client *client) {
    close(client->fd);
    buffer_deinit(&client->rest);
    client->fd = -1;
    client->state = CLIENT_AWAY;
}

/* Returns the size of the answer to the upgrade; 0: it is not complete yet. */
static size_t read_upgrade(struct client *client, const char *bytes, size_t len) {
    const char *head_end = memmem(bytes, len, "\r\n\r\n", 4);
    if (!head_end)
        return 0;
    size_t taken = (size_t)(head_end - bytes) + 4;
    if (!memmem(bytes, taken, " 101 ", 5) || !memmem(bytes, taken, ACCEPT, strlen(ACCEPT)))
        die("client %u was refused: %.*s", client->number, (int)len, bytes);
    client->state = CLIENT_ENTERING;
    client->dialect->open(client);
    return taken;
}

static enum client_event hear_text(struct client *client, struct slice text) {
    bool is_signal = text.len >= CLIENT_SIGNAL_BYTES / 2;
    if (client->state == CLIENT_IN_ROOM && is_signal)
        return CLIENT_SIGNALLED;
    if (client->state == CLIENT_LEAVING || !client->dialect->hear(client, text) ||
        client->state == CLIENT_IN_ROOM)
        return CLIENT_NOTHING;
    client->state = CLIENT_IN_ROOM;
    return CLIENT_ENTERED;
}

static enum client_event hear_frame(struct client *client, const struct frame *frame) {
    if (frame->opcode == FRAME_TEXT)
        return hear_text(client, frame->payload);
    if (frame->opcode == FRAME_PING) {
        send_frame(client, FRAME_PONG, frame->payload);
    } else if (frame->opcode == FRAME_CLOSE) {
        if (client->state != CLIENT_LEAVING)
            die("client %u was closed by the server: %.*s", client->number,
                frame->payload.len < 2 ? 0 : (int)frame->payload.len - 2, frame->payload.bytes + 2);
        if (client->dialect->server_closes)
            send_frame(client, FRAME_CLOSE, frame->payload);
    }
    return CLIENT_NOTHING;
}

/* Handles all complete frames in |bytes|, and keeps the rest. */
static void take(struct client *client, char *bytes, size_t len,
                 void (*back)(void *user, struct client *client, enum client_event event),
                 void *user) {
    size_t at = client->state == CLIENT_UPGRADING ? read_upgrade(client, bytes, len) : 0;
    struct frame frame;
    size_t taken;
    while (client->state > CLIENT_UPGRADING &&
           (taken = frame_read(bytes + at, len - at, &frame)) > 0) {
        enum client_event event = hear_frame(client, &frame);
        at += taken;
        if (event != CLIENT_NOTHING)
            back(user, client, event);
    }
    if (client->rest.len == 0 && at == len)
        return;
    if (buffer_set(&client->rest, (struct slice){bytes + at, len - at}) != PARLEY_OK)
        die("client %u was sent too much at once", client->number);
}

void client_receive(struct client *client,
                    void (*back)(void *user, struct client *client, enum client_event event),
                    void *user) {
    static char bytes[2 * READ_BYTES];
    size_t kept = client->rest.len;
    if (kept)
        memcpy(bytes, client->rest.bytes, kept);
    ssize_t got = recv(client->fd, bytes + kept, READ_BYTES, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got > 0) {
        take(client, bytes, kept + (size_t)got, back, user);
        return;
    }
    if (client->state != CLIENT_LEAVING)
        die("client %u lost its connection", client->number);
    end(client);
    back(user, client, CLIENT_LEFT);
}

void client_compose(struct client *client, const struct client *partner) {
    char payload[CLIENT_SIGNAL_BYTES];
    if (client->signal)
        return;
    client->dialect->compose(partner, payload);
    client->signal = malloc(FRAME_HEAD_BYTES_MAX + sizeof payload);
    if (!client->signal)
        die("no memory for a signal");
    client->signal_len =
        frame_write(client->signal, FRAME_TEXT, true, (struct slice){payload, sizeof payload});
}

void client_signal(struct client *client) {
    send_all(client, client->signal, client->signal_len);
}

void client_leave(struct client *client) {
    client->state = CLIENT_LEAVING;
    client->dialect->leave(client);
}

void client_close(struct client *client) {
    static const char normal[] = {1000 >> 8, (char)(1000 & 0xff)};
    send_frame(client, FRAME_CLOSE, (struct slice){normal, sizeof normal});
}

void client_deinit(struct client *client) {
    if (client->state != CLIENT_AWAY)
        end(client);
    free(client->signal);
    client->signal = NULL;
}
