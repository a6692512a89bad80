/* signaling.h - the page's conversation with the server: joining, and all messages after that.
 * dialing.h decides which connection is opened when.
 *
 *   any --an error that says so--> REFUSED
 *
 * A page that is replaced stops: a newer page with the same token took its place. Joins are
 * numbered (token.h), so that an older connection of this tab cannot take the place by a join that
 * arrives late. If our join is refused as older, another page's clock was wrong, and we join again
 * with a greater number. If a page is replaced by a newer join of its own, it joins again.
 *
 * Behind a proxy that cuts silent connections (idle_cut.h), the page pings the server before that
 * time.
 *
 * If an HTTP answer refuses polling (a 4xx that is not temporary, or a redirection), the page shows
 * its sentence and tries again: the operator of the server or the proxy may fix it.
 */
#ifndef PARLEY_SIGNALING_H
#define PARLEY_SIGNALING_H

#include "dialing.h"
#include "heartbeat.h"
#include "idle_cut.h"
#include "keyring.h"
#include "token.h"

#define SIGNALING_QUIET_MS 25000  /* without a message before we ask the server */
#define SIGNALING_ANSWER_MS 10000 /* to answer when asked */

struct signaling {
    struct dialing dialing;
    struct token token;
    bool entered;        /* a room, and not left since: the next join comes back to it */
    bool offline;        /* the device says that it has no network */
    bool impossible;     /* the page's address leads to no room */
    struct idle_cut cut; /* of WebSockets */
    struct heartbeat heartbeat;
    struct room_id wanted_room; /* asked for in the next join */
    struct keyring *keyring;    /* lent as long as the page is to be in its room */
    struct buffer refusal;      /* REFUSED: why, in words */
    struct buffer hurdle;       /* what keeps us from the server, in words; empty: nothing known */
    struct buffer scratch;      /* where sentences are built */
    struct wire_message heard;  /* what outcomes point to */
};

/* Makes one that is IDLE. Free it with signaling_deinit. */
void signaling_init(struct signaling *signaling);
void signaling_deinit(struct signaling *signaling);

/* At START: forgets everything before. |polling|: this tab is known to need it; |kept|, |random|:
 * for token_init. */
void signaling_begin(struct signaling *signaling, const struct env *env, bool polling,
                     struct slice kept, const uint8_t random[TOKEN_RANDOM_BYTES]);

/* Connects to the server and joins the room of |keyring|, which writes a hello for each join. */
void signaling_connect(struct signaling *signaling, const struct env *env, struct keyring *keyring);

/* The page's address leads to no room: REFUSED. |sentence| tells people why. */
void signaling_refuse_room(struct signaling *signaling, const struct env *env,
                           const char *sentence);

/* Says goodbye and closes the connection, whatever its state. |back|: the page is closed or
 * reloaded. */
void signaling_leave(struct signaling *signaling, const struct env *env, bool back);

/* Keeps with the token the colour that we have in this room and the one that we |wished| for. */
void signaling_keep_colour(struct signaling *signaling, const struct env *env, uint32_t wished,
                           uint32_t colour);

/* Handles one of EVENTS_OF_SERVER. For polling, signaling_hear_polled gives the results. */
void signaling_handle(struct signaling *signaling, const struct env *env,
                      const struct event *event);

/* Handles the next news of polling (poll_client.h), which any event may cause. False: there are
 * none. Take all outcomes before the next call. */
bool signaling_hear_polled(struct signaling *signaling, const struct env *env);

/* Frees the message, once all outcomes of an event are taken. */
void signaling_forget_heard(struct signaling *signaling);

/* The device reports that it has no network (|offline|), or that it may have one. In the second
 * case it doubts the connection as signaling_doubt does, and tries again at once. */
void signaling_wake(struct signaling *signaling, const struct env *env, bool offline);

/* There is a reason to doubt the connection to the server: sends a ping. */
void signaling_doubt(struct signaling *signaling, uint64_t now_ms);

/* Gives up what takes too long, asks for a sign of life, dials again. */
void signaling_tick(struct signaling *signaling, const struct env *env);

/* When signaling_tick is due; NO_DEADLINE for never. */
uint64_t signaling_deadline_ms(const struct signaling *signaling);

/* True if the page may get in when it asks again. */
bool signaling_can_retry(const struct signaling *signaling);

/* True if messages reach the server now, as far as we know. */
bool signaling_is_joined(const struct signaling *signaling);

#endif
