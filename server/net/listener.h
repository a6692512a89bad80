/* listener.h - accepts connections on the sockets of one service.
 *
 * It replaces libwebsockets' listener to have a large backlog, the same rule for IPv4 and IPv6, and
 * helpful errors. Accepted sockets are non-blocking, close-on-exec, without Nagle's delay. When
 * descriptors or memory run out, newcomers wait in the backlog, and the server does not spin.
 */
#ifndef PARLEY_LISTENER_H
#define PARLEY_LISTENER_H

#include "ip.h"
#include "sockets.h"

#include <uv.h>

#define LISTENER_BATCH 16     /* accepted in one turn of the loop, so that others get their turn */
#define LISTENER_PAUSE_MS 250 /* without file descriptors or memory, before the next try */

/* Zero-initialise it; the caller opens |sockets| and sets the callbacks and the user pointer. */
struct listener {
    uv_poll_t polls[SOCKETS_MAX];
    struct sockets sockets;
    uv_timer_t pause;
    void (*on_accept)(void *user, int fd, const struct ip *peer); /* owns |fd| */
    void (*on_exhausted)(void *user, int error); /* accept4 failed with that errno */
    void *user;
};

/* Accepts in |loop| from now on, if any socket is open. */
void listener_start(struct listener *listener, uv_loop_t *loop);

/* Closes the sockets, if it was started; the handles close in the loop. Harmless when repeated. */
void listener_stop(struct listener *listener);

#endif
