#define _GNU_SOURCE /* SOCK_NONBLOCK, getaddrinfo */
#include "sockets.h"

#include "error.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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
static int open_one(struct sockets *sockets, int type, const struct sockaddr *address,
                    socklen_t len, bool both_families) {
    int fd = socket(address->sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (type == SOCK_STREAM) /* of UDP, two servers would share the port and each miss half */
        set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (address->sa_family == AF_INET6)
        set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, !both_families);
    if (bind(fd, address, len) != 0 || (type == SOCK_STREAM && listen(fd, SOCKETS_BACKLOG) != 0)) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    sockets->port = port_of(fd);
    sockets->fds[sockets->count++] = fd;
    return 0;
}

/* One IPv6 socket that takes IPv4 too; where the kernel has no IPv6, an IPv4 socket. */
static int open_everywhere(struct sockets *sockets, const struct sockets_request *request) {
    const in_port_t port = htons(request->port);
    const struct sockaddr_in6 ipv6 = {
        .sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = in6addr_any};
    const struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = port};
    if (open_one(sockets, request->type, (const struct sockaddr *)&ipv6, sizeof ipv6, true) == 0)
        return 0;
    if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
        return -1;
    return open_one(sockets, request->type, (const struct sockaddr *)&ipv4, sizeof ipv4, false);
}

static int fail(const struct sockets_request *request, const char *why,
                char error[SOCKETS_ERROR_BYTES]) {
    if (errno == EADDRINUSE) {
        snprintf(error, SOCKETS_ERROR_BYTES,
                 "port %u is in use already; choose another with %s, or 0 for %s", request->port,
                 request->option, request->zero_is_none ? "none" : "a free one");
        return PARLEY_ERR_FULL;
    }
    bool is_port = request->host == NULL || request->host_option == NULL || errno == EACCES;
    snprintf(error, SOCKETS_ERROR_BYTES, "%s: cannot listen on %.100s port %u: %s%s",
             is_port ? request->option : request->host_option,
             request->host == NULL ? "any address," : request->host, request->port, why,
             errno == EACCES ? "; ports below 1024 are for root and CAP_NET_BIND_SERVICE" : "");
    return PARLEY_ERR_STATE;
}

static int open_host(struct sockets *sockets, const struct sockets_request *request,
                     char error[SOCKETS_ERROR_BYTES]) {
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = request->type};
    struct addrinfo *found;
    int failure = getaddrinfo(request->host, NULL, &hints, &found);
    errno = 0;
    if (failure != 0)
        return fail(request, gai_strerror(failure), error);
    sockets->port = request->port;
    int result = 0;
    for (struct addrinfo *at = found; at != NULL && result == 0; at = at->ai_next) {
        struct sockaddr_storage address = {0};
        memcpy(&address, at->ai_addr, at->ai_addrlen);
        in_port_t net_port = htons(sockets->port); /* 0: all on the one that the first was given */
        size_t port_at = at->ai_family == AF_INET6 ? offsetof(struct sockaddr_in6, sin6_port)
                                                   : offsetof(struct sockaddr_in, sin_port);
        memcpy((char *)&address + port_at, &net_port, sizeof net_port);
        if (sockets->count < SOCKETS_MAX)
            result = open_one(sockets, request->type, (struct sockaddr *)&address, at->ai_addrlen,
                              false);
    }
    int saved = errno;
    freeaddrinfo(found);
    errno = saved;
    return result == 0 ? PARLEY_OK : fail(request, strerror(saved), error);
}

int sockets_open(struct sockets *sockets, const struct sockets_request *request,
                 char error[SOCKETS_ERROR_BYTES]) {
    int err = PARLEY_OK;
    sockets->count = 0;
    if (request->host != NULL)
        err = open_host(sockets, request, error);
    else if (open_everywhere(sockets, request) != 0)
        err = fail(request, strerror(errno), error);
    if (err != PARLEY_OK)
        sockets_close(sockets);
    return err;
}

void sockets_close(struct sockets *sockets) {
    while (sockets->count > 0)
        close(sockets->fds[--sockets->count]);
}
