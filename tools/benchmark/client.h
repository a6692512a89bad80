/* client.h - one WebSocket client of the measured server: it connects, enters a room, sends and
 * receives signals, and leaves. Its dialect determines its messages (dialect.h).
 *
 *   state      waits for                                   then
 *   AWAY       client_start                                UPGRADING
 *   UPGRADING  the answer to its upgrade request           ENTERING
 *   ENTERING   the message that it is in its room          IN_ROOM
 *   IN_ROOM    signals; answers pings                      client_leave: LEAVING
 *   LEAVING    the end of the connection                   AWAY
 *
 * A client writes more only after the server has read everything, so a full socket is an error.
 * Every error ends the program.
 */
#ifndef PARLEY_BENCH_CLIENT_H
#define PARLEY_BENCH_CLIENT_H

#include "buffer.h"

#include <stdint.h>

#define CLIENT_ID_BYTES_MAX 64
#define CLIENT_SIGNAL_BYTES 1500 /* of a signal's payload, in every dialect */

struct dialect;

enum client_state {
    CLIENT_AWAY,
    CLIENT_UPGRADING,
    CLIENT_ENTERING,
    CLIENT_IN_ROOM,
    CLIENT_LEAVING
};

/* The events of client_receive. */
enum client_event {
    CLIENT_NOTHING,
    CLIENT_ENTERED,
    CLIENT_SIGNALLED, /* a signal from its partner came */
    CLIENT_LEFT
};

struct client {
    const struct dialect *dialect;
    int fd;
    enum client_state state;
    uint32_t number; /* unique in a run */
    uint32_t room;
    char id[CLIENT_ID_BYTES_MAX + 1]; /* the server's id for it, once it is in a room */
    struct buffer rest;               /* received bytes of an incomplete frame */
    char *signal;                     /* a frame, ready to send; NULL until client_compose */
    size_t signal_len;
    uint64_t sent_ns; /* crowd.c's */
};

/* Connects to |port| of 127.0.0.1, from an address of 127.0.0.0/8 that depends on the client's
 * number, asks for the upgrade, and adds the socket to |epoll| with the client as its data. */
void client_start(struct client *client, uint16_t port, int epoll);

/* Reads what has arrived, and calls back(user, client, event) for each event but CLIENT_NOTHING. */
void client_receive(struct client *client,
                    void (*back)(void *user, struct client *client, enum client_event event),
                    void *user);

/* Sends |text| in one frame. */
void client_say(struct client *client, struct slice text);

/* Prepares the signal to |partner|, which is in the same room; client_signal sends it. */
void client_compose(struct client *client, const struct client *partner);
void client_signal(struct client *client);

/* Says goodbye in its dialect. */
void client_leave(struct client *client);

/* For the dialects: begins the closing handshake (RFC 6455, 7.1.2). */
void client_close(struct client *client);

/* Frees what a client owns; its connection ends. */
void client_deinit(struct client *client);

/* A socket connected to |port| of 127.0.0.1 from the address number |number| of 127.0.0.0/8. */
int client_connect(uint32_t number, uint16_t port);

#endif
