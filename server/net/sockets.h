/* sockets.h - opens the sockets of one service: IPv4 and IPv6 by one rule, with an error that says
 * what is wrong. */
#ifndef PARLEY_SOCKETS_H
#define PARLEY_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOCKETS_MAX 8        /* a host name may have several addresses */
#define SOCKETS_BACKLOG 4096 /* the kernel lowers it to net.core.somaxconn */
#define SOCKETS_ERROR_BYTES 256

/* Zero-initialise it. */
struct sockets {
    int fds[SOCKETS_MAX];
    size_t count;
    uint16_t port;
};

struct sockets_request {
    const char *host;        /* NULL: every interface, IPv6 and IPv4; a name: all its addresses */
    const char *option;      /* what chooses the port, for the error: "--port" */
    const char *host_option; /* the same of the host; NULL: the same option */
    uint16_t port;           /* 0: a free one, afterwards in sockets->port */
    int type;                /* SOCK_STREAM, which then listens, or SOCK_DGRAM */
    bool zero_is_none;       /* what 0 means to |option|, for the error; else: a free port */
};

/* Opens them, non-blocking and close-on-exec. PARLEY_ERR_FULL: the port is in use.
 * PARLEY_ERR_STATE: everything else. |error| then says why in one sentence, and nothing is open. */
int sockets_open(struct sockets *sockets, const struct sockets_request *request,
                 char error[SOCKETS_ERROR_BYTES]);

/* Closes them. Harmless when repeated. */
void sockets_close(struct sockets *sockets);

#endif
