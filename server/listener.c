#define _GNU_SOURCE /* accept4 */
#include "listener.h"

#include "error.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_DIGITS 8

/* --- opening ---------------------------------------------------------------------------------- */

static void set_flag(int fd, int level, int name, int value) {
    setsockopt(fd, level, name, &value, sizeof value);
}

/* The port that a bound socket really has. */
static uint16_t port_of(int fd) {
    struct sockaddr_storage address = {0};
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    socklen_t len = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    memcpy(&ipv4, &address, sizeof ipv4);
    memcpy(&ipv6, &address, sizeof ipv6);
    return ntohs(address.ss_family == AF_INET6 ? ipv6.sin6_port : ipv4.sin_port);
}

/* Binds one address; -1 with errno. */
static int open_one(struct listener *listener, const struct sockaddr *address, socklen_t len,
                    bool both_families) {
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (address->sa_family == AF_INET6)
        set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, !both_families);
    if (bind(fd, address, len) != 0 || listen(fd, LISTENER_BACKLOG) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    listener->port = port_of(fd);
    listener->fds[listener->count++] = fd;
    return 0;
}

/* One IPv6 socket that takes IPv4 too; where the kernel has no IPv6, an IPv4 socket. */
static int open_everywhere(struct listener *listener, uint16_t port) {
    const struct sockaddr_in6 ipv6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_any};
    const struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (open_one(listener, (const struct sockaddr *)&ipv6, sizeof ipv6, true) == 0)
        return 0;
    if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
        return -1;
    return open_one(listener, (const struct sockaddr *)&ipv4, sizeof ipv4, false);
}

static int fail(const char *host, uint16_t port, const char *why,
                char error[LISTENER_ERROR_BYTES]) {
    if (errno == EADDRINUSE)
        snprintf(error, LISTENER_ERROR_BYTES,
                 "port %u is in use already; choose another with --port, or 0 for a free one",
                 port);
    else
        snprintf(error, LISTENER_ERROR_BYTES, "cannot listen on %.100s port %u: %s",
                 host == NULL ? "any address," : host, port, why);
    return PARLEY_ERR_STATE;
}

static int open_host(struct listener *listener, const char *host, uint16_t port,
                     char error[LISTENER_ERROR_BYTES]) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    int failure = getaddrinfo(host, NULL, &hints, &found);
    errno = 0;
    if (failure != 0)
        return fail(host, port, gai_strerror(failure), error);
    listener->port = port;
    int result = 0;
    for (struct addrinfo *at = found; at != NULL && result == 0; at = at->ai_next) {
        struct sockaddr_storage address = {0};
        memcpy(&address, at->ai_addr, at->ai_addrlen);
        in_port_t net_port = htons(listener->port); /* 0: all on the one that the first was given */
        size_t port_at = at->ai_family == AF_INET6 ? offsetof(struct sockaddr_in6, sin6_port)
                                                   : offsetof(struct sockaddr_in, sin_port);
        memcpy((char *)&address + port_at, &net_port, sizeof net_port);
        if (listener->count < LISTENER_SOCKETS_MAX)
            result = open_one(listener, (struct sockaddr *)&address, at->ai_addrlen, false);
    }
    int saved = errno;
    freeaddrinfo(found);
    errno = saved;
    return result == 0 ? PARLEY_OK : fail(host, port, strerror(saved), error);
}

int listener_open(struct listener *listener, const char *host, uint16_t port,
                  char error[LISTENER_ERROR_BYTES]) {
    listener->count = 0;
    int err;
    if (host != NULL)
        err = open_host(listener, host, port, error);
    else
        err = open_everywhere(listener, port) == 0 ? PARLEY_OK
                                                   : fail(NULL, port, strerror(errno), error);
    if (err != PARLEY_OK) {
        while (listener->count > 0)
            close(listener->fds[--listener->count]);
    }
    return err;
}

/* --- accepting -------------------------------------------------------------------------------- */

static void watch(struct listener *listener);

static void on_pause_over(uv_timer_t *timer) {
    watch(timer->data);
}

/* Ours are counted, the system's may still run out, and a lower limit be set while we run. */
static bool is_exhausted(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void pause_accepting(struct listener *listener, int error) {
    for (size_t i = 0; i < listener->count; i++)
        uv_poll_stop(&listener->polls[i]);
    uv_timer_start(&listener->pause, on_pause_over, LISTENER_PAUSE_MS, 0);
    listener->on_exhausted(listener->user, error);
}

/* False when there is nobody, or no descriptor for them. Who went away again is no reason to
 * stop. */
static bool accept_one(struct listener *listener, int fd) {
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    struct ip peer = {{0}};
    int accepted = accept4(fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) {
        int error = errno;
        if (is_exhausted(error))
            pause_accepting(listener, error);
        return error == ECONNABORTED || error == EINTR;
    }
    set_flag(accepted, IPPROTO_TCP, TCP_NODELAY, 1);
    ip_of_socket((struct sockaddr *)&address, &peer);
    listener->on_accept(listener->user, accepted, &peer);
    return true;
}

static void on_readable(uv_poll_t *poll, int status, int events) {
    struct listener *listener = poll->data;
    (void)events;
    if (status < 0)
        return;
    int fd;
    if (uv_fileno((const uv_handle_t *)poll, &fd) != 0)
        return;
    for (int i = 0; i < LISTENER_BATCH; i++) {
        if (!accept_one(listener, fd))
            return;
    }
}

static void watch(struct listener *listener) {
    for (size_t i = 0; i < listener->count; i++)
        uv_poll_start(&listener->polls[i], UV_READABLE, on_readable);
}

void listener_start(struct listener *listener, uv_loop_t *loop) {
    for (size_t i = 0; i < listener->count; i++) {
        uv_poll_init(loop, &listener->polls[i], listener->fds[i]);
        listener->polls[i].data = listener;
    }
    uv_timer_init(loop, &listener->pause);
    listener->pause.data = listener;
    watch(listener);
}

void listener_stop(struct listener *listener) {
    if (listener->count > 0)
        uv_close((uv_handle_t *)&listener->pause, NULL);
    while (listener->count > 0) {
        listener->count--;
        uv_close((uv_handle_t *)&listener->polls[listener->count], NULL);
        close(listener->fds[listener->count]);
    }
}
