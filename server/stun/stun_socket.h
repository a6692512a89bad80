/* stun_socket.h - the STUN server's UDP sockets: between the loop and stun.h. */
#ifndef PARLEY_STUN_SOCKET_H
#define PARLEY_STUN_SOCKET_H

#include "sockets.h"
#include "stun_limit.h"

#include <stdint.h>

#include <uv.h>

#define STUN_SOCKET_BATCH 64 /* datagrams in one turn of the loop, so that others get theirs */

/* Zero-initialise it. All fields are the module's; sockets.port is 0 while nothing is open. */
struct stun_server {
    uv_poll_t polls[SOCKETS_MAX];
    struct sockets sockets;
    struct stun_limit limit;
    uint64_t answers, refused; /* for --metrics-listen; the latter by |limit| */
};

/* Answers in |loop| from now on, where |request|, of SOCK_DGRAM, says. Errors of sockets_open, with
 * their sentence in |error|; PARLEY_ERR_STATE also without random bytes. Nothing is open then. */
int stun_server_start(struct stun_server *server, uv_loop_t *loop,
                      const struct sockets_request *request, char error[SOCKETS_ERROR_BYTES]);

/* Closes the sockets; the handles close in the loop. Harmless when repeated, or never started. */
void stun_server_stop(struct stun_server *server);

#endif
