#define _GNU_SOURCE /* in_pktinfo, getrandom */
#include "stun_socket.h"

#include "error.h"
#include "ip.h"
#include "stun.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

/* A request and its return path: the answer must leave from the address that received the request,
 * or the client would not accept it. */
struct datagram {
    struct sockaddr_storage from;
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))]; /* in_pktinfo is smaller */
    } control;
    struct iovec piece;
    struct msghdr message;
    uint8_t bytes[STUN_REQUEST_BYTES_MAX];
    uint8_t answer[STUN_ANSWER_BYTES_MAX];
};

static bool receive(int fd, struct datagram *datagram) {
    datagram->piece = (struct iovec){datagram->bytes, sizeof datagram->bytes};
    datagram->message = (struct msghdr){.msg_name = &datagram->from,
                                        .msg_namelen = sizeof datagram->from,
                                        .msg_iov = &datagram->piece,
                                        .msg_iovlen = 1,
                                        .msg_control = &datagram->control,
                                        .msg_controllen = sizeof datagram->control};
    ssize_t len = recvmsg(fd, &datagram->message, 0);
    datagram->piece.iov_len = len > 0 ? (size_t)len : 0;
    return len >= 0;
}

/* The sockets are of these two families; sin_port and sin6_port are at the same place. */
static struct stun_address address_of(const struct sockaddr_storage *from, const struct ip *ip) {
    struct sockaddr_in6 socket;
    struct stun_address address = {.family = ip_is_ipv4(ip) ? STUN_IPV4 : STUN_IPV6};
    memcpy(&socket, from, sizeof socket);
    address.port = ntohs(socket.sin6_port);
    if (address.family == STUN_IPV4)
        memcpy(address.ip, ip->bytes + IP_IPV4_AT, IP_BYTES - IP_IPV4_AT);
    else
        memcpy(address.ip, ip->bytes, IP_BYTES);
    return address;
}

/* The kernel's control message has the address at which the datagram arrived; passed back, it sets
 * the source address. The interface is cleared, because routing chooses it and it may be another
 * one. Only link-local addresses need it. */
static void turn_around(struct datagram *datagram) {
    struct cmsghdr *note = CMSG_FIRSTHDR(&datagram->message);
    struct in_pktinfo ipv4;
    struct in6_pktinfo ipv6;
    if (note != NULL && note->cmsg_level == IPPROTO_IP && note->cmsg_type == IP_PKTINFO) {
        memcpy(&ipv4, CMSG_DATA(note), sizeof ipv4);
        ipv4.ipi_ifindex = 0;
        memcpy(CMSG_DATA(note), &ipv4, sizeof ipv4);
    } else if (note != NULL && note->cmsg_level == IPPROTO_IPV6 &&
               note->cmsg_type == IPV6_PKTINFO) {
        memcpy(&ipv6, CMSG_DATA(note), sizeof ipv6);
        if (!IN6_IS_ADDR_LINKLOCAL(&ipv6.ipi6_addr))
            ipv6.ipi6_ifindex = 0;
        memcpy(CMSG_DATA(note), &ipv6, sizeof ipv6);
    } else {
        datagram->message.msg_controllen = 0;
    }
}

/* A full send buffer loses the answer: the client asks again. */
static void answer(struct stun_server *server, int fd, struct datagram *datagram, uint64_t now_ms) {
    struct ip ip;
    if (!ip_of_socket((const struct sockaddr *)&datagram->from, &ip))
        return;
    const struct stun_address from = address_of(&datagram->from, &ip);
    size_t len = 0;
    if ((datagram->message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0 && from.port != 0)
        len = stun_answer(datagram->bytes, datagram->piece.iov_len, &from, datagram->answer);
    if (len == 0)
        return;
    if (!stun_limit_take(&server->limit, &ip, now_ms)) {
        server->refused++;
        return;
    }
    server->answers++;
    turn_around(datagram);
    datagram->piece = (struct iovec){datagram->answer, len};
    datagram->message.msg_flags = 0;
    sendmsg(fd, &datagram->message, MSG_NOSIGNAL);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    struct stun_server *server = poll->data;
    struct datagram datagram;
    int fd;
    (void)events;
    (void)status; /* the next recvmsg clears a socket error */
    if (uv_fileno((const uv_handle_t *)poll, &fd) != 0)
        return;
    for (int i = 0; i < STUN_SOCKET_BATCH && receive(fd, &datagram); i++)
        answer(server, fd, &datagram, uv_now(poll->loop));
}

/* Makes the kernel report the address at which a datagram arrived. */
static void ask_for_notes(int fd) {
    const int on = 1;
    int family = AF_INET;
    socklen_t len = sizeof family;
    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len);
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    else
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

int stun_server_start(struct stun_server *server, uv_loop_t *loop,
                      const struct sockets_request *request, char error[SOCKETS_ERROR_BYTES]) {
    struct address_key_secret secret;
    int err = sockets_open(&server->sockets, request, error);
    if (err == PARLEY_OK && getrandom(&secret, sizeof secret, 0) != (ssize_t)sizeof secret) {
        snprintf(error, SOCKETS_ERROR_BYTES, "no random bytes");
        sockets_close(&server->sockets);
        err = PARLEY_ERR_STATE;
    }
    if (err != PARLEY_OK) {
        server->sockets.port = 0;
        return err;
    }
    stun_limit_init(&server->limit, &secret);
    for (size_t i = 0; i < server->sockets.count; i++) {
        ask_for_notes(server->sockets.fds[i]);
        uv_poll_init(loop, &server->polls[i], server->sockets.fds[i]);
        server->polls[i].data = server;
        uv_poll_start(&server->polls[i], UV_READABLE, on_readable);
    }
    return PARLEY_OK;
}

void stun_server_stop(struct stun_server *server) {
    for (size_t i = 0; i < server->sockets.count; i++)
        uv_close((uv_handle_t *)&server->polls[i], NULL);
    sockets_close(&server->sockets);
}
