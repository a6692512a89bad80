/* signaling.h - the chat's side of the server: joining, who comes and goes, and relayed signals.
 * Private to the core. dialing.h says which connection is opened when.
 *
 *   any --an error that says so--> REFUSED
 *
 * A page that is replaced rests: a newer one of the same token took the place. Joins are numbered
 * (token.h), so that no older connection of this tab can take it by a join that came late. A join
 * of ours that is refused as the older one is followed by one that goes beyond: the clock of the
 * other page was wrong. A page that is replaced by a newer join of its own comes back with another.
 *
 * Behind a proxy that cuts what is silent (idle_cut.h) the server is asked before, and polls are
 * answered sooner. The server learns the same of polls that a browser repeats by itself.
 *
 * Many pages of one browser that poll would use up its connections to the host: their polls are
 * short, with pauses between them.
 *
 * An HTTP answer that refuses polling (4xx which is not passing, or a redirection) is said with its
 * sentence, and tried again: whoever runs the server or the proxy may mend it.
 */
#ifndef PARLEY_SIGNALING_H
#define PARLEY_SIGNALING_H

#include "chat_state.h"

#define SIGNALING_ANSWER_MS 10000 /* to answer when asked */
#define SIGNALING_POLLS_MAX 3     /* of one browser that wait long: it has six connections a host */
#define SIGNALING_SHORT_POLL_MS 500 /* where there are more, so that each has its turn */
#define SIGNALING_POLL_PAUSE_MS 250 /* for each page more, between two polls of a page */

/* Begins to reach the server, to join chat->wanted_room. */
void signaling_connect(struct chat *chat);

/* Says goodbye and closes the connection, in whatever state it is. |back|: the page is closed or
 * loaded anew. */
void signaling_leave(struct chat *chat, bool back);

/* SERVER_OPENED, SERVER_MESSAGE, SERVER_CLOSED; |said|: with the last, what refused it. */
void signaling_opened(struct chat *chat, enum event_transport way);
void signaling_receive(struct chat *chat, enum event_transport way, struct slice bytes);
void signaling_closed(struct chat *chat, enum event_transport way, struct slice said);

/* POLL_TABS, POLL_CUT. */
void signaling_count_tabs(struct chat *chat, uint32_t tabs);
void signaling_note_cut(struct chat *chat, uint32_t ms);

/* There is a reason to try again at once, or to doubt the connection. */
void signaling_wake(struct chat *chat);

/* Gives up what takes too long, asks for a sign of life, dials again. */
void signaling_tick(struct chat *chat);

/* When signaling_tick is due; CHAT_NO_DEADLINE for never. */
uint64_t signaling_deadline_ms(const struct chat *chat);

#endif
