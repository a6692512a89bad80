/* signaling.h - the chat's side of the server: joining, who comes and goes, and relayed signals.
 * Private to the core.
 *
 *   CONNECTING --welcome--> JOINED --closed, silent--> LOST --pause is over, wake--> (dialing)
 *       |                      ^                        ^                               |
 *       | closed, no welcome   +-------- welcome -------+---- closed, no welcome -------+
 *       +-----------------------------------------------+
 *   any --an error that says so--> REFUSED
 *
 * A WebSocket is tried first. Where none ever led to a welcome, HTTP polling is tried in the same
 * attempt: when it did not open in SIGNALING_OPEN_FIRST_MS, ended before it opened, or opened and
 * ended within SIGNALING_STEADY_MS without a word, twice. Where one once worked, polling is tried
 * every fourth time.
 *
 * Who is replaced rests: a newer page of the same token took the place. Joins are numbered
 * (token.h), so that no older connection of this tab can, whose join came late. A join of ours that
 * is refused as the older one is followed by one that goes beyond: the clock of the other page was
 * wrong.
 */
#ifndef PARLEY_SIGNALING_H
#define PARLEY_SIGNALING_H

#include "chat_state.h"

#define SIGNALING_OPEN_FIRST_MS 3000  /* for a WebSocket, where none ever worked */
#define SIGNALING_OPEN_MS 10000       /* for a connection to open */
#define SIGNALING_WELCOME_MS 20000    /* from there to the welcome */
#define SIGNALING_PAUSE_FIRST_MS 1000 /* see backoff.h: half of it is the least */
#define SIGNALING_PAUSE_MAX_MS 30000
#define SIGNALING_STEADY_MS 5000 /* joined for so long, and the failures before are forgotten */
#define SIGNALING_STALE_MS 2000  /* a dial this old is begun again when there is a reason to */
#define SIGNALING_QUIET_MS 25000 /* without a message before we ask */
#define SIGNALING_ANSWER_MS 10000

/* Begins to reach the server, to join chat->wanted_room. */
void signaling_connect(struct chat *chat);

/* Says goodbye and closes the connection, in whatever state it is. |back|: the page is closed or
 * loaded anew. */
void signaling_leave(struct chat *chat, bool back);

/* SERVER_OPENED, SERVER_MESSAGE, SERVER_CLOSED. */
void signaling_opened(struct chat *chat);
void signaling_receive(struct chat *chat, struct slice bytes);
void signaling_closed(struct chat *chat);

/* There is a reason to try again at once, or to doubt the connection. */
void signaling_wake(struct chat *chat);

/* Gives up what takes too long, asks for a sign of life, dials again. */
void signaling_tick(struct chat *chat);

/* When signaling_tick is due; CHAT_NO_DEADLINE for never. */
uint64_t signaling_deadline_ms(const struct chat *chat);

#endif
