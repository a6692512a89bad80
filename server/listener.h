/* listener.h - the sockets on which the server waits for connections.
 *
 * Our own instead of libwebsockets', for a backlog that a crowd fits into, IPv4 and IPv6 by one
 * rule, and an error that says what is wrong. Accepted sockets are non-blocking, close-on-exec,
 * without Nagle's delay. Where the system has no descriptors left, or no memory, whoever comes
 * waits in the backlog, and the server does not turn round and round for them.
 */
#ifndef PARLEY_LISTENER_H
#define PARLEY_LISTENER_H

#include <stddef.h>
#include <stdint.h>

#include "ip.h"

#include <uv.h>

#define LISTENER_SOCKETS_MAX 8 /* a host name may have several addresses */
#define LISTENER_BACKLOG 4096  /* the kernel lowers it to net.core.somaxconn */
#define LISTENER_BATCH 64      /* accepted in one turn of the loop, so that others get theirs */
#define LISTENER_PAUSE_MS 250  /* without file descriptors or memory, before the next try */
#define LISTENER_ERROR_BYTES 256

struct listener {
    uv_poll_t polls[LISTENER_SOCKETS_MAX];
    int fds[LISTENER_SOCKETS_MAX];
    size_t count;
    uint16_t port;
    uv_timer_t pause;
    void (*on_accept)(void *user, int fd, const struct ip *peer); /* owns |fd| */
    void (*on_exhausted)(void *user, int error); /* accept4 failed with that errno */
    void *user;
};

/* Listens on |host| (NULL: every interface, IPv6 and IPv4; a name: all its addresses) and
 * |port| (0: a free one, afterwards in listener->port). PARLEY_ERR_STATE: |error| says why in
 * one sentence; nothing is open then. */
int listener_open(struct listener *listener, const char *host, uint16_t port,
                  char error[LISTENER_ERROR_BYTES]);

/* Accepts in |loop| from now on; the callbacks and the user pointer must be set. */
void listener_start(struct listener *listener, uv_loop_t *loop);

/* Closes the sockets; the handles close in the loop. Harmless when repeated. */
void listener_stop(struct listener *listener);

#endif
