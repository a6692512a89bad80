/* dialing.h - which connection to the server is opened when. Private to the core.
 *
 *   CONNECTING --joined--> JOINED --lost--> LOST --pause is over, wake--> (an attempt)
 *       |                     ^                                               |
 *       +-- attempt failed    +------ joined ------+------ attempt failed ----+
 *
 * There are two ways, a WebSocket and HTTP polling, which may be under way at once; the first that
 * leads to a welcome is taken, and the other is closed.
 *
 * An attempt begins with a WebSocket. Polling begins beside it when it is open for
 * DIALING_ALONE_MS without a welcome (a tunnel that passes nothing), and, where none ever worked,
 * when it does not open within that. Where none ever worked and it ends before it opens, or is open
 * and ends within DIALING_STEADY_MS without a word, twice, polling follows at once. Where one once
 * worked, every fourth attempt begins with polling.
 *
 * A page that is in by polling tries a WebSocket again beside it, after pauses that grow. It joins
 * when an answer came through, and so takes the place of the polling without anybody noticing.
 */
#ifndef PARLEY_DIALING_H
#define PARLEY_DIALING_H

#include "chat_state.h"

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

/* What an event of a way asks of the caller. */
enum dialing_next { DIALING_NOTHING, DIALING_JOIN, DIALING_PROBE, DIALING_LOSE };

void dialing_set_server(struct chat *chat, enum join_state state);

/* What the server said last about why we are not in. */
void dialing_hear(struct chat *chat, enum wire_error told);

/* Begins an attempt. */
void dialing_begin(struct chat *chat);

/* |way| is open: JOIN by it, PROBE it, or NOTHING. */
enum dialing_next dialing_opened(struct chat *chat, enum event_transport way);

/* A join was sent by |way|. */
void dialing_joining(struct chat *chat, enum event_transport way);

/* The welcome came by |way|. */
void dialing_joined(struct chat *chat, enum event_transport way);

/* |way| is over. LOSE: we were in by it; the caller calls dialing_lost. */
enum dialing_next dialing_ended(struct chat *chat, enum event_transport way);

/* We are in no more by |way|, which is closed: tries again soon. */
void dialing_lost(struct chat *chat, enum event_transport way);

/* Closes |way|, and every way. */
void dialing_hang_up(struct chat *chat, enum event_transport way);
void dialing_hang_up_all(struct chat *chat);

/* True while an attempt is under way and not in. */
bool dialing_is_under_way(const struct chat *chat);

/* There is a reason to try again at once. */
void dialing_wake(struct chat *chat);

/* Time has passed: begins what is due, and gives up what took too long. Never the way by which we
 * are in: its heartbeat is signaling.c's. */
void dialing_tick(struct chat *chat);

/* When dialing_tick is due; CHAT_NO_DEADLINE for never. */
uint64_t dialing_deadline_ms(const struct chat *chat);

/* Out of reach for so short a time that nothing need be said. */
bool dialing_is_unsaid(const struct chat *chat);

void dialing_init(struct signaling *signaling, bool polling);

#endif
