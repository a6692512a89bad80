/* browser.h - one RTCPeerConnection and its channel, as action.h and event.h describe them. */
#ifndef PARLEY_SIM_BROWSER_H
#define PARLEY_SIM_BROWSER_H

#include "action.h"
#include "event.h"
#include "stream.h"

#include <stdbool.h>
#include <stdint.h>

#define CONNECTION_OPERATIONS_MAX 4

struct page;

enum negotiating { NEGOTIATING_STABLE, NEGOTIATING_LOCAL_OFFER, NEGOTIATING_REMOTE_OFFER };

enum channel_state { CHANNEL_NONE, CHANNEL_OPEN, CHANNEL_SHUT };

/* ICE credentials: the connection that they belong to, and how often they were renewed. */
struct description {
    uint32_t connection; /* 0: none */
    uint32_t generation;
    uint32_t candidates; /* that it contains */
};

struct operation {
    bool accept; /* else describe */
    enum event_sdp kind;
    struct description description; /* to accept */
    bool readable;
};

struct connection {
    struct page *page;
    uint32_t life; /* the page's */
    uint32_t peer; /* the core's number */
    uint32_t id;   /* names it in descriptions */
    bool closed;   /* by the core */
    bool dead;     /* its page is gone */
    /* negotiation */
    enum negotiating state;
    struct description local, remote;                 /* the newest */
    struct description current_local, current_remote; /* agreed upon */
    uint32_t last_generation;
    bool restart;    /* the next offer has new credentials */
    bool describing; /* a description is being made; the page does not have it yet */
    struct operation operations[CONNECTION_OPERATIONS_MAX];
    uint32_t operation_count, operation_serial;
    uint32_t candidates; /* the remote's, for |remote| */
    /* ICE: see ice.c */
    enum event_peer_state ice, planned;
    uint32_t plan_serial;
    bool established;
    bool deaf;         /* never reports 'disconnected', a hint that browsers may omit */
    bool wedged;       /* never finds a path again, even after a restart */
    bool hide_address; /* it gathers only relay candidates */
    uint64_t ends_s;   /* when the relay's credentials expire */
    uint32_t failed_generation, checked_generation;
    uint64_t checking_ms, broken_ms, fail_after_ms;
    /* channel */
    enum channel_state channel;
    bool channel_begun;
    struct connection *mate;
    struct stream out;
    bool sent; /* in this turn */
    bool full; /* more bytes are buffered than the low mark */
    uint32_t give_up_ms;
};

/* The connection of |page| with that number; NULL: there is none. */
struct connection *browser_find(const struct page *page, uint32_t peer);

/* True while |page| makes a description for |peer|. */
bool browser_is_describing(const struct page *page, uint32_t peer);

/* Carries out a PEER_... or CHANNEL_... action. */
void browser_carry_out(struct page *page, const struct action *action);

/* Sends |bytes| through the channel. */
void browser_send(struct connection *connection, struct slice bytes);

/* After a turn: reports how much is buffered in a channel that the page sent to. False: no channel
 * is left to report. */
bool browser_report_buffered(struct page *page, struct event *event);

/* The page is gone, and so are its connections. */
void browser_forget(struct page *page);

#endif
