/* host.h - the simulated server: a hub, sockets to it, and its failures. */
#ifndef PARLEY_SIM_HOST_H
#define PARLEY_SIM_HOST_H

#include "chain.h"
#include "event.h"
#include "http.h"
#include "hub.h"
#include "stream.h"

#include <stdbool.h>
#include <stdint.h>

#define HOST_LIVENESS_MS 15000
#define HOST_SILENCE_MS 45000 /* after which the server drops a socket */
#define HOST_GRACE_MS 30000

struct page;
struct sim;

struct socket {
    struct page *page;
    uint32_t life;
    enum event_transport transport;
    hub_handle handle;
    bool lost;     /* the network passes nothing any more */
    bool at_hub;   /* the hub has it */
    bool told;     /* the page knows that it is open */
    bool let_go;   /* the page has closed it, or knows that it is closed */
    bool mute;     /* the page does not notice when the server closes it */
    bool deceived; /* what it said about members was a lie (liar.h) */
    uint64_t heard_ms;
    struct stream up, down;
    struct polled *polled; /* its polling session; NULL: a WebSocket */
};

#define HOST_TURN_SECONDS 60

struct host {
    struct hub_config config;
    struct turn turn; /* a relay; its time is kept up to date */
    struct hub *hub;  /* NULL: down */
    struct socket **sockets;
    uint32_t socket_count, socket_capacity;
    struct chain requests; /* in transit or waiting */
    uint32_t connected;
    bool small; /* it may be full */
    uint64_t armed_ms;
    uint32_t tick_serial;
};

void host_start(struct sim *sim);

/* Ends the server: by kill -9, or by a signal that it handles. */
void host_kill(struct sim *sim);
void host_shut_down(struct sim *sim);

/* Adds a socket of |page| that the hub does not know yet; connects it to the hub, if the hub has
 * room; makes the hub forget it. */
struct socket *host_add_socket(struct page *page, enum event_transport transport);
void host_connect(struct socket *socket);
void host_forget(struct socket *socket);

/* Sends a message to the page; ends the socket, as a server that stops. */
void host_send(struct socket *socket, struct slice bytes);
void host_give_up(struct socket *socket);

/* Carry out actions of the page. */
struct socket *socket_dial(struct page *page);
void socket_send(struct socket *socket, struct slice bytes);
void socket_close(struct socket *socket);

/* The page's program is gone. */
void socket_abandon(struct socket *socket, bool silent);

/* A middlebox drops the connection. Either side may be told. */
void socket_lose(struct socket *socket, bool tell_page, bool tell_server);

void host_deinit(struct sim *sim);

#endif
