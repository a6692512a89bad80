/* dialing.h - which connection to the server is opened when.
 *
 *   CONNECTING --joined--> JOINED --lost--> LOST --pause is over, wake--> (an attempt)
 *       |                     ^                                               |
 *       +-- attempt failed    +------ joined ------+------ attempt failed ----+
 *
 * There are two ways: a WebSocket, which the page holds, and HTTP polling (poll_client.h). Both may
 * be under way at once. The first that leads to a welcome is used, and the other is closed.
 *
 * An attempt begins with a WebSocket. Polling begins beside it if it is open for DIALING_ALONE_MS
 * without a welcome (a tunnel that passes nothing) or, if no WebSocket has ever worked, does not
 * open within that time. If none has ever worked, polling follows at once when the WebSocket ends
 * before it opens, or when two in a row end within DIALING_STEADY_MS without a message. If one has
 * worked, every fourth attempt begins with polling.
 *
 * A page that has joined by polling tries a WebSocket beside it, after growing pauses. The
 * WebSocket joins once an answer has come through it, and then replaces polling without anybody
 * noticing.
 */
#ifndef PARLEY_DIALING_H
#define PARLEY_DIALING_H

#include "env.h"
#include "event.h"
#include "join_state.h"
#include "poll_client.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define DIALING_ALONE_MS 3000       /* before polling begins beside a WebSocket */
#define DIALING_OPEN_MS 10000       /* for a connection to open */
#define DIALING_WELCOME_MS 20000    /* from there to the welcome */
#define DIALING_PROBE_MS 10000      /* for the answer through a WebSocket beside polling */
#define DIALING_PAUSE_FIRST_MS 1000 /* see backoff.h: half of it is the least */
#define DIALING_PAUSE_MAX_MS 30000
#define DIALING_TRIAL_FIRST_MS 20000 /* the same, for a WebSocket beside polling */
#define DIALING_TRIAL_MAX_MS 1800000
#define DIALING_STEADY_MS 5000   /* joined for so long, and the failures before are forgotten */
#define DIALING_LASTING_MS 60000 /* and the WebSockets that were tried in vain */
#define DIALING_STALE_MS 2000    /* an attempt this old is begun again when there is a reason to */
#define DIALING_UNSAID_MS 3000   /* out of reach for no longer, and nothing is said */

enum way_state {
    WAY_CLOSED,
    WAY_OPENING, /* it was asked for */
    WAY_PROBED,  /* a WebSocket beside polling was asked for a sign of life */
    WAY_JOINING, /* the join was sent */
    WAY_JOINED   /* we are in by it */
};

/* A connection to the server. */
struct way {
    enum way_state state;
    uint32_t join;   /* the number of the join that was sent by it */
    uint64_t due_ms; /* when to give it up; NO_DEADLINE: never */
};

/* The connection to the server. It is tried again for as long as it takes. */
struct dialing {
    enum join_state state;
    struct way ways[EVENT_TRANSPORT_COUNT];
    struct poll_client poll;
    enum event_transport transport; /* by which we are in, or which the attempt is about */
    bool websocket_works;           /* it led to an answer in this page's life */
    bool polling_works;             /* the same, or it did in this tab before */
    bool polling_stored;            /* the page begins with it after a reload */
    enum wire_error told; /* why the server lets us wait; WIRE_ERROR_COUNT: it did not say */
    uint32_t sudden_ends; /* WebSockets in a row that opened and ended soon, without a word */
    uint32_t failures;    /* attempts in a row */
    uint32_t trials;      /* WebSockets in a row that were tried beside polling in vain */
    uint64_t dialed_ms, joined_ms;
    uint64_t due_ms; /* under way: when to poll beside; LOST: when to dial; in by polling: when to
                        try a WebSocket; else NO_DEADLINE */
    uint64_t unsaid_until_ms; /* LOST, and nothing is said of it before; NO_DEADLINE: else */
};

/* The caller must do this after an event of a way. */
enum dialing_next { DIALING_NOTHING, DIALING_JOIN, DIALING_PROBE, DIALING_LOSE };

/* Makes one that is IDLE, with nothing under way. |polling|: this tab is known to need it;
 * |last_request|: the last request number that was used (poll_client.h). Free it with
 * dialing_deinit. */
void dialing_init(struct dialing *dialing, bool polling, uint32_t last_request);
void dialing_deinit(struct dialing *dialing);

/* Closes every way and tries nothing more. |state|: IDLE or REFUSED. */
void dialing_rest(struct dialing *dialing, const struct env *env, enum join_state state);

/* Notes why the server has not let us in. */
void dialing_hear(struct dialing *dialing, const struct env *env, enum wire_error told);

/* Begins the first attempt: CONNECTING. */
void dialing_connect(struct dialing *dialing, const struct env *env);

/* |way| is open. JOIN: send a join by it; PROBE: ask for a sign of life by it. */
enum dialing_next dialing_opened(struct dialing *dialing, const struct env *env,
                                 enum event_transport way);

/* The join with the number |join| was sent by |way|. */
void dialing_joining(struct dialing *dialing, const struct env *env, enum event_transport way,
                     uint32_t join);

/* The welcome came by |way|. */
void dialing_joined(struct dialing *dialing, const struct env *env, enum event_transport way);

/* |way| has ended. LOSE: we had joined by it; call dialing_lost. */
enum dialing_next dialing_ended(struct dialing *dialing, const struct env *env,
                                enum event_transport way);

/* We are no longer joined by |way|, which is closed: tries again soon. */
void dialing_lost(struct dialing *dialing, const struct env *env, enum event_transport way);

/* Closes |way|. */
void dialing_hang_up(struct dialing *dialing, const struct env *env, enum event_transport way);

/* There is a reason to try again at once. */
void dialing_wake(struct dialing *dialing, const struct env *env);

/* Time has passed: begins what is due and gives up what took too long, except the way by which we
 * have joined, whose heartbeat is signaling.c's. News of polling may follow. */
void dialing_tick(struct dialing *dialing, const struct env *env);

/* When dialing_tick is due; NO_DEADLINE for never. */
uint64_t dialing_deadline_ms(const struct dialing *dialing);

/* True while the server has been out of reach for so short a time that the page says nothing of
 * it. */
bool dialing_is_unsaid(const struct dialing *dialing);

#endif
