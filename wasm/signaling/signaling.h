/* signaling.h - the page's side of the server: joining, and what the server says from then on.
 * dialing.h says which connection is opened when.
 *
 *   any --an error that says so--> REFUSED
 *
 * A page that is replaced rests: a newer one of the same token took the place. Joins are numbered
 * (token.h), so that no older connection of this tab can take it by a join that came late. A join
 * of ours that is refused as the older one is followed by one that goes beyond: the clock of the
 * other page was wrong. A page that is replaced by a newer join of its own comes back with another.
 *
 * Behind a proxy that cuts what is silent (idle_cut.h) the server is asked before.
 *
 * An HTTP answer that refuses polling (4xx which is not passing, or a redirection) is said with its
 * sentence, and tried again: whoever runs the server or the proxy may mend it.
 */
#ifndef PARLEY_SIGNALING_H
#define PARLEY_SIGNALING_H

#include "dialing.h"
#include "heartbeat.h"
#include "idle_cut.h"
#include "token.h"

#define SIGNALING_QUIET_MS 25000  /* without a message before we ask the server */
#define SIGNALING_ANSWER_MS 10000 /* to answer when asked */

struct signaling {
    struct dialing dialing;
    struct token token;
    bool entered;        /* a room, and not left since: the next join comes back to it */
    bool offline;        /* the device says that it has no network */
    struct idle_cut cut; /* of WebSockets */
    struct heartbeat heartbeat;
    struct buffer wanted_room; /* asked for in the next join; empty: a fresh one */
    struct buffer refusal;     /* REFUSED: why, in words */
    struct buffer hurdle;      /* what keeps us from the server, in words; empty: nothing known */
    struct buffer scratch;     /* where sentences are built */
    struct wire_message heard; /* what outcomes point to */
};

/* Makes one that is IDLE. Free it with signaling_deinit. */
void signaling_init(struct signaling *signaling);
void signaling_deinit(struct signaling *signaling);

/* At START: forgets what was before. |polling|: this tab is known to need it; |kept|, |random|: for
 * token_init. */
void signaling_begin(struct signaling *signaling, const struct env *env, bool polling,
                     struct slice kept, const uint8_t random[TOKEN_RANDOM_BYTES]);

/* Begins to reach the server, to join |room|; empty: a fresh one. */
void signaling_connect(struct signaling *signaling, const struct env *env, struct slice room);

/* Says goodbye and closes the connection, in whatever state it is. |back|: the page is closed or
 * loaded anew. */
void signaling_leave(struct signaling *signaling, const struct env *env, bool back);

/* Keeps, with the token, the colour that we have in this room and the one that we |wished| for. */
void signaling_keep_colour(struct signaling *signaling, const struct env *env, uint32_t wished,
                           uint32_t colour);

/* One of EVENTS_OF_SERVER. What it says of polling comes with signaling_hear_polled. */
void signaling_handle(struct signaling *signaling, const struct env *env,
                      const struct event *event);

/* Takes one of the news of polling (poll_client.h), which may come of every event. False: there are
 * none. Deal with all that follows before the next. */
bool signaling_hear_polled(struct signaling *signaling, const struct env *env);

/* All outcomes of an event were taken: frees the message. */
void signaling_forget_heard(struct signaling *signaling);

/* The device says that it has no network, or that it may have one: then as signaling_doubt, and
 * there is a reason to try again at once. */
void signaling_wake(struct signaling *signaling, const struct env *env, bool offline);

/* There is a reason to doubt the connection by which we are in: the server is asked. */
void signaling_doubt(struct signaling *signaling, uint64_t now_ms);

/* Gives up what takes too long, asks for a sign of life, dials again. */
void signaling_tick(struct signaling *signaling, const struct env *env);

/* When signaling_tick is due; NO_DEADLINE for never. */
uint64_t signaling_deadline_ms(const struct signaling *signaling);

/* True when the page may come in, where it asks anew. */
bool signaling_can_retry(const struct signaling *signaling);

/* True when what is sent reaches the server now, as far as we know. */
bool signaling_is_joined(const struct signaling *signaling);

#endif
