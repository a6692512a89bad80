/* page.h - a tab with a core in it. */
#ifndef PARLEY_SIM_PAGE_H
#define PARLEY_SIM_PAGE_H

#include "chat.h"
#include "check.h"
#include "keyring.h"
#include "token.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define PAGE_CONNECTIONS_MAX 80

struct connection;
struct sim;
struct socket;

/* The fate of this page's WebSockets. */
enum websocket_fate {
    WEBSOCKET_WORKS,
    WEBSOCKET_NEVER_OPENS,
    WEBSOCKET_ENDS_EARLY,
    WEBSOCKET_DIES,
    WEBSOCKET_SILENT /* opens, but passes nothing */
};

/* An event that waits for a stopped page. */
struct deferred;

/* The member that last left, and its room. */
struct goodbye {
    struct member_id id;
    struct room_id room;
    uint32_t life, serial;
};

struct page {
    struct sim *sim;
    struct chat *chat;
    uint32_t index;
    uint32_t life; /* how many cores it has had */
    uint32_t core; /* the number of its core in the world */
    bool alive;
    /* the tab's memory */
    bool polling;
    char token[TOKEN_KEPT_BYTES];
    size_t token_len; /* 0: none */
    char device[KEYRING_DEVICE_CHARACTERS];
    size_t device_len; /* 0: none */
    char name[160];
    size_t name_len;
    char room[WIRE_ROOM_ID_BYTES_MAX];
    size_t room_len;
    /* the device */
    enum websocket_fate websocket;
    bool hostile;
    uint32_t twist_percent;
    uint32_t latency_ms;
    uint32_t slow;                  /* factor by which its delays grow */
    uint32_t late_ms;               /* how late its timers are, at most */
    int64_t clock_ms, wall_ms;      /* its clocks minus the simulator's */
    uint32_t stopped, asleep;       /* number of causes */
    uint64_t stopped_ms, asleep_ms; /* since when */
    bool wants_start;               /* it starts as soon as it is awake */
    bool jumped;                    /* its clock jumped: it may count people as gone too early */
    bool shared;                    /* its token was in another tab too */
    uint32_t up_cut, down_cut;      /* number of causes that cut it from the server */
    uint32_t offline;               /* number of causes for which the browser reports offline */
    uint32_t failing_operations, failing_candidates;
    struct deferred *first, *last;
    uint64_t armed_ms;
    uint32_t tick_serial;
    struct socket *sockets[EVENT_TRANSPORT_COUNT];
    struct connection *connections[PAGE_CONNECTIONS_MAX];
    uint32_t connection_count;
    uint32_t last_peer;
    struct watch watch;
    struct goodbye goodbye;
    uint64_t ended_ms, went_on_ms; /* end of its last life; end of its last stop */
};

/* Puts a core into the tab and starts it. */
void page_start(struct page *page);

/* Closes the tab; kills it, without a goodbye. If |silent|, not even its sockets end. */
void page_unload(struct page *page);
void page_kill(struct page *page, bool silent);

/* Hands an event in, now or when the page continues. |socket|: whose event it is, or NULL. */
int page_hand_in(struct page *page, struct socket *socket, struct event *event);

/* The same for an event without texts. */
void page_tell(struct page *page, enum event_kind kind, uint32_t peer, uint32_t code);

/* |what| happened to the device. */
void page_wake(struct page *page, enum event_wake what);

/* Stops the page for one more cause. If |asleep|, the whole device sleeps; if |clock_stood|, its
 * clock stood still meanwhile. */
void page_stop(struct page *page, bool asleep);
void page_go_on(struct page *page, bool asleep, bool clock_stood);

/* Arms the page's timer again, after its clock was changed. */
void page_rearm(struct page *page);

/* A random delay of the page's network. */
uint32_t page_delay(const struct page *page);

/* Frees what is left. */
void page_deinit(struct page *page);

#endif
