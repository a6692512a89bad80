/* world.h - real cores and the real hub in one program, with browsers that always work.
 *
 * Every page is one core. The world carries out its actions at once, but queues the events that
 * follow: world_run hands them in, one by one, until none is left. Time stands still unless a test
 * moves it.
 */
#ifndef PARLEY_WORLD_H
#define PARLEY_WORLD_H

#include "chat.h"
#include "hub.h"
#include "keyring.h"
#include "poll_stub.h"
#include "token.h"

#include <stdbool.h>
#include <stdint.h>

#define WORLD_PAGES_MAX 6
#define WORLD_GRACE_MS 30000 /* the hub's, for absent members */
#define WORLD_CONNECTIONS_MAX 64

/* One page's end of a connection to another page. */
struct world_connection {
    uint32_t peer; /* 0: not used */
    int mate_page; /* -1: not known yet */
    uint32_t mate_peer;
    bool accepted; /* the mate's description */
    bool open;
    bool cut;    /* sent messages are lost */
    bool frozen; /* sent messages stay in the buffer, which is reported as full */
};

struct world_page {
    struct chat *chat;
    struct world_socket {
        hub_handle handle;
        bool connected;  /* to the server */
        uint32_t number; /* of the connection, so that events of a closed one are dropped */
    } sockets[EVENT_TRANSPORT_COUNT];
    struct poll_stub polling;
    bool websockets_blocked;
    bool asleep; /* events are lost */
    struct world_connection connections[WORLD_CONNECTIONS_MAX];
    uint32_t signals_sent;        /* messages to the server so far */
    char token[TOKEN_KEPT_BYTES]; /* for the next page in this tab */
    size_t token_len;
    char device[KEYRING_DEVICE_CHARACTERS]; /* likewise */
    size_t device_len;
    char name_stored[256];
    uint32_t name_stored_code;
    char room_named[WIRE_ROOM_ID_BYTES_MAX + 1];
    unsigned char starts; /* so far: no page has the keys of the one before */
};

struct world {
    struct hub *hub; /* NULL: killed */
    struct world_page pages[WORLD_PAGES_MAX];
    struct world_event *first, *last;
    uint64_t now_ms;
    bool no_relay;     /* the server loses what people say through it */
    bool hold_answers; /* PEER_DESCRIBE and PEER_ACCEPT get no answer: nobody gets connected */
    /* What arrives of |bytes|, which |page| sent through a channel; NULL: the same. */
    struct slice (*altered)(int page, struct slice bytes);
};

void world_init(struct world *world);
void world_deinit(struct world *world);

/* Starts page |page| with |name| for |room| (NULL: a new one), and handles all events. */
void world_start(struct world *world, int page, const char *name, const char *room);

/* Hands in an event of the person or the page, and handles all that follow. Returns chat_handle's
 * result. */
int world_do(struct world *world, int page, enum event_kind kind, const char *a);

/* Hands in an event for |peer|. */
int world_do_peer(struct world *world, int page, uint32_t peer, enum event_kind kind, uint32_t code,
                  struct slice a);

/* Hands all waiting events in. */
void world_run(struct world *world);

/* Moves the clock, and hands in each tick that falls due meanwhile at its time. */
void world_pass(struct world *world, uint64_t ms);

/* The peer number that |page| has for |other|; 0: none. */
uint32_t world_peer(struct world *world, int page, int other);

/* The server sees the sockets of |page| end without a goodbye. */
void world_drop_socket(struct world *world, int page);

/* The transport by which |page| is connected to the server; EVENT_TRANSPORT_COUNT: none. */
enum event_transport world_way(const struct world *world, int page);

/* Kills the server: every page sees its socket end. Starts another one, which knows nobody. */
void world_kill_server(struct world *world);
void world_start_server(struct world *world);

/* The server begins to send everybody to the server that takes over. */
void world_drain_server(struct world *world, uint64_t duration_ms);

/* If |cut|, nothing that |page| and |other| send each other arrives on their present connections
 * from now on; else everything arrives again. */
void world_cut(struct world *world, int page, int other, bool cut);

#endif
