/* link.h - the link to one member: a series of connections, each in place of the one before.
 *
 * A link lives as long as both are in the room. It keeps a connection (negotiation.h) alive and
 * repairs it in stages: it waits briefly, restarts ICE on the same connection, opens a new
 * connection, and then repeats the last two with growing pauses. The impolite side offers; the
 * polite side asks for an offer (wire.h, "ask"), so that repairs do not cross. If offers cross
 * anyway, negotiation.h resolves the glare.
 *
 *   state                 what happens                                next
 *   --------------------  ------------------------------------------  ------------------------
 *   CONNECTING            the channel opens                           CONNECTED
 *   CONNECTING            time is up, failed                          CONNECTING_PAUSED
 *   CONNECTING            time is up, but its turn has not come yet   CONNECTING
 *   CONNECTING            an offer comes, and it is not the first     CONNECTING: their attempt
 *                                                                     failed
 *   CONNECTING_PAUSED     time is up, a retry, an offer comes         CONNECTING: an attempt
 *   CONNECTED             heard of after LINK_TALKED_MS               SETTLED
 *   CONNECTED, SETTLED    disconnected                                GRACE, for LINK_GRACE_MS
 *   GRACE                 heard of, connected again                   CONNECTED
 *   these three           failed, silent, channel closed; of GRACE,   RECONNECTING: an attempt;
 *                         time is up                                  RECONNECTING_PAUSED where
 *                                                                     one failed just before
 *   RECONNECTING(_PAUSED) as CONNECTING(_PAUSED)                      the same
 *   RECONNECTING(_PAUSED) heard of, connected again                   CONNECTED
 *   any                   an attempt is due, the server is away       ..._PAUSED, until a retry
 *   any                   link_rest                                   ..._PAUSED, until a retry
 *   any                   link_close                                  CLOSED
 *
 *   an attempt of the impolite: an ICE restart if there is a connection, but a new connection in
 *   the second attempt in a row, and later where it is older than LINK_RENEW_MS; of the polite:
 *   asking
 *
 * A browser gives a page 500 connections (Chrome); budget.h decides from whose share a new one is
 * taken. When that share is used up, a link waits, paused, or restarts ICE on its connection.
 *
 * A link puts actions into env->actions and never calls back; its owner compares the state before
 * and after.
 */
#ifndef PARLEY_LINK_H
#define PARLEY_LINK_H

#include "action.h"
#include "budget.h"
#include "connection_log.h"
#include "deadline.h"
#include "event.h"
#include "negotiation.h"
#include "random.h"
#include "rate.h"
#include "route.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define LINK_GRACE_MS 3000
#define LINK_ATTEMPT_MS 15000 /* without progress of our browser's, and an attempt has failed */
#define LINK_OPERATIONS 4     /* and the time that so many of its operations take now */
#define LINK_OPERATION_MAX_MS 30000
#define LINK_ATTEMPT_MAX_MS 60000 /* with progress */
#define LINK_TURNS 6              /* connections that are set up at once in one page */
#define LINK_TURN_MS 2500         /* without progress, and the next one has its turn */
#define LINK_TURN_MAX_MS 10000
#define LINK_RETRY_MS 1000       /* attempts are at least so far apart, whoever asks */
#define LINK_PAUSE_FIRST_MS 1000 /* see backoff.h */
#define LINK_PAUSE_MAX_MS 60000
#define LINK_POLITE_PAUSE_MS 4000 /* more for the one who only asks */
#define LINK_STEADY_MS 30000      /* well for so long, and the failures before are forgotten */
#define LINK_UNSTEADY_FAILURES 2  /* of those that count when it was well for a shorter time */
#define LINK_WORKED_FAILURES 4    /* before a way that was there once counts as none */
#define LINK_TALKED_MS 5000       /* heard of so long after it was well: they hear us, too */
#define LINK_RENEW_MS 90000       /* a connection this old is renewed where restarts fail */
#define LINK_OFFERS_MS 1000       /* we accept one of their offers in so long */
#define LINK_OFFERS_AT_ONCE 20    /* or so many at once; others are ignored */
#define LINK_RENEWALS_MS 120000   /* the same for their new connections */
#define LINK_RENEWALS_AT_ONCE 8

/* Only link.c changes it. */
enum link_state {
    LINK_CONNECTING, /* an attempt is under way, and none has worked yet */
    LINK_CONNECTING_PAUSED,
    LINK_CONNECTED,
    LINK_SETTLED, /* for LINK_TALKED_MS */
    LINK_GRACE,   /* it was connected just now, and may be again by itself */
    LINK_RECONNECTING,
    LINK_RECONNECTING_PAUSED,
    LINK_CLOSED
};

/* The state of the connection. */
enum link_connection {
    LINK_CONNECTION_NONE,
    LINK_CONNECTION_OPEN, /* negotiation.peer; it may wait for its turn */
    LINK_CONNECTION_CHANNEL
};

/* Whether the other side may know our address, and through which connection. */
enum link_exposure { LINK_HIDDEN, LINK_EXPOSED_BEFORE, LINK_EXPOSED };

/* Why the last attempt failed, or why it is CLOSED. */
enum link_reason {
    LINK_REASON_NONE,
    LINK_REASON_GONE,            /* the person left: the owner's decision */
    LINK_REASON_NO_ANSWER,       /* nothing came from the other side in time */
    LINK_REASON_NO_PATH,         /* ICE found no way and had no relay to try */
    LINK_REASON_NO_PATH_RELAYED, /* ICE found no way, though there was a relay */
    LINK_REASON_RELAY_REFUSED,   /* the same, and the relay gave us nothing: it refused, */
    LINK_REASON_RELAY_SILENT,    /* or did not answer */
    LINK_REASON_NO_RELAY,        /* our address is hidden, and there is no relay */
    LINK_REASON_SETUP_FAILED,    /* a browser refused a description */
    LINK_REASON_SILENT,          /* it was connected, and nothing comes any more */
    LINK_REASON_CHANNEL_CLOSED,  /* it was connected, and ended */
    LINK_REASON_NO_SERVER,       /* nobody can carry an offer now */
    LINK_REASON_SPENT,           /* the budget for connections is used up for now */
    LINK_REASON_NOT_OPENED,      /* our browser gives this page no connection */
    LINK_REASON_MISBEHAVED,      /* too much garbage: the owner's decision */
    LINK_REASON_UNPROVED         /* they did not prove their end (proof.h): likewise */
};

struct link {
    struct member_id member_id; /* the other's */
    bool polite;
    enum link_state state;
    enum link_reason reason;
    struct negotiation negotiation;
    enum link_connection connection;
    enum link_exposure exposure; /* by this connection, or by one before it */
    struct route_ends ends;      /* of the route in use, */
    enum route route;            /* and what it is */
    bool offered;                /* they made an offer in this attempt */
    bool again;                  /* when it is due, this attempt is made again: it did not fail */
    bool unpaired;               /* they need a connection anew, and said so too soon */
    uint32_t failures;           /* attempts in a row that led to nothing */
    uint64_t opened_ms;          /* the connection */
    uint64_t attempted_ms;       /* the last attempt */
    uint64_t progress_ms;        /* our browser got on with it */
    uint64_t well_ms;            /* CONNECTED since */
    uint64_t turn_ms;            /* when the connection's turn came, */
    uint64_t turn_ends_ms;       /* and when the next one's comes at the latest */
    uint64_t due_ms;             /* link_tick; NO_DEADLINE for never */
    struct rate offers, renewals, candidates; /* heard */
    struct expense expense;                   /* what this person's connections have cost */
    bool prepaid;                             /* the next one, for which we asked */
    struct connection_log log;
};

/* A link borrows these for one call. */
struct link_env {
    struct actions *actions;
    struct random *random;
    struct keyring *keyring;
    struct budget *budget;  /* of connections, all links together */
    uint64_t *operation_ms; /* how long our browser takes for one now, all links together */
    uint32_t *last_peer;    /* numbers for PEER_OPEN: never used twice */
    uint64_t now_ms;
    bool server_up;             /* false: nothing can be signaled now */
    struct slice configuration; /* JSON for PEER_OPEN */
    enum link_reason no_path;   /* where ICE finds none: NO_PATH where no TURN server is in it */
    bool hide_address;          /* and nothing else may be used: see address_filter.h */
};

/* Messages get through, as far as we know: CONNECTED, SETTLED or GRACE. */
bool link_state_is_up(enum link_state state);

/* Messages certainly get through: CONNECTED or SETTLED. */
bool link_state_is_well(enum link_state state);

/* Starts a link to |member_id| in CONNECTING that waits for the other side's offer. Free it with
 * link_deinit. */
void link_init(struct link *link, const struct member_id *member_id, bool polite, uint64_t now_ms);

/* Frees what is queued. It closes nothing: call link_close first. */
void link_deinit(struct link *link);

/* Makes the first offer to a newcomer, even if we are the polite side. */
void link_offer(struct link *link, const struct link_env *env);

/* Makes the first attempt: the impolite side offers, the polite side asks. */
void link_begin(struct link *link, const struct link_env *env);

/* Makes an attempt now, unless the link is up or an attempt is under way. |anew|: makes one even if
 * another is under way, since its signals may have been lost. */
void link_retry(struct link *link, const struct link_env *env, bool anew);

/* env->configuration has changed: the next ICE restart is made with it. */
void link_configure(struct link *link, const struct link_env *env);

/* Our address is to be hidden from now on: a connection that may reveal it is closed and
 * replaced. */
void link_hide_address(struct link *link, const struct link_env *env);

/* Handles one of the other side's signals: offer, answer, candidate or ask. */
void link_receive(struct link *link, const struct link_env *env,
                  const struct wire_message *message);

/* Handles one of EVENTS_OF_LINK. The owner checks that event->peer is link_peer. */
void link_handle(struct link *link, const struct link_env *env, const struct event *event);

/* True while its connection waits for its turn. A page sets up only LINK_TURNS connections at once,
 * so that a slow device finishes some of them. The owner gives the turns. */
bool link_waits(const struct link *link);

/* Opens the connection of a link that waits: its turn has come. */
void link_take_turn(struct link *link, const struct link_env *env);

/* When the connection's turn ends, unless it is set up sooner or makes progress; 0: it has no
 * turn. */
uint64_t link_turn_ends_ms(const struct link *link);

/* The number of the connection; 0 when there is none, or it waits. */
uint32_t link_peer(const struct link *link);

/* The other side reported the candidate type of its end of the route. */
void link_hear_route(struct link *link, const struct link_env *env, enum candidate_type theirs);

/* The member's page has gone, and they may come back on a new one. Closes the connection and waits
 * for link_offer, link_retry or an offer of theirs. */
void link_rest(struct link *link, const struct link_env *env);

/* A message came through the channel. */
void link_heard(struct link *link, const struct link_env *env);

/* Nothing came through the channel for too long, although we sent a ping. */
void link_silent(struct link *link, const struct link_env *env);

/* Time has passed, or env->server_up has changed. */
void link_tick(struct link *link, const struct link_env *env);

/* When link_tick is due; NO_DEADLINE for never. */
uint64_t link_deadline_ms(const struct link *link);

/* Closes the link for good, for |reason|. Does nothing if it is closed already. */
void link_close(struct link *link, const struct link_env *env, enum link_reason reason);

/* A sentence for people; empty for NONE and GONE. */
const char *link_reason_text(enum link_reason reason);

#endif
