/* relay.h - what the connections are made with: the server's ICE servers, credentials that end and
 * are renewed, and whether our address is hidden. Private to the core.
 *
 * The welcome brings the ICE servers, and, where their credentials end, when (wire.h, iceSeconds).
 * RELAY_RENEW_MS into each second of their life we ask for others, again after RELAY_AGAIN_MS
 * without an answer, which has relays alone: STUN servers need no credentials. While the server is
 * away nobody can be asked: its next welcome brings new ones. Somebody alone in the room has
 * none, only the promise of some, which come unasked before the first other one does. All
 * connections are told, so that the next ICE restart uses them.
 *
 * A relay that gives no candidate is told apart by what it answers: it refuses us (a secret or a
 * clock that is not the server's, a quota), or does not answer. Chromium says the latter after 40
 * seconds, if at all: an attempt that ends without a candidate of a relay's says it, too. One that
 * gave a candidate works for RELAY_WORKED_MS, whatever its other transports say. Trouble that lasts
 * RELAY_TELL_MS is told to the server, for whoever runs it: each status once in a row.
 *
 * Somebody who hides their address is reached through relays only, from the first connection on.
 * One that was made before they chose so is made anew as soon as the server can carry an offer; who
 * was at its other end knows the address already. Where the server offers no relay, one who hides
 * is reached by nobody: the choice counts until they take it back.
 */
#ifndef PARLEY_RELAY_H
#define PARLEY_RELAY_H

#include "chat_state.h"

#define RELAY_RENEW_MS 750 /* of each second: three quarters of the whole */
#define RELAY_RENEW_MS_MIN 1000
#define RELAY_AGAIN_MS 10000
#define RELAY_WORKED_MS 30000
#define RELAY_TELL_MS 5000
#define RELAY_LEFT_OUT_BYTES_MAX 2048 /* of the URLs that are named */

void relay_init(struct relay *relay);
void relay_deinit(struct relay *relay);

/* At START: forgets the servers. */
void relay_begin(struct chat *chat, bool hiding);

/* The server sent ICE servers: in a welcome, or relays, in credentials. */
void relay_keep(struct chat *chat, const struct wire_message *message);

/* Nobody can be asked, or told: the server is away. */
void relay_rest(struct chat *chat);

/* The person chose. */
void relay_hide(struct chat *chat, bool hiding);

/* True when the choice is of use, or must be taken back. */
bool relay_can_hide(const struct chat *chat);

/* What hiding means now, and what the browser left out, in words for the person. Valid until the
 * next call. */
struct slice relay_text(struct chat *chat);

/* An ICE server at |url| gave the connection to |member| no candidate but |status|. */
void relay_failed(struct chat *chat, struct member *member, uint32_t status, struct slice url);

/* A link may have failed. */
void relay_follow_link(struct chat *chat, const struct link *link);

/* Our browser found |candidate|. */
void relay_found(struct chat *chat, struct slice candidate);

/* Our browser takes no ICE server at |url|. */
void relay_left_out(struct chat *chat, struct member *member, struct slice url);

/* Why there is no path where ICE finds none, as far as the relay is to blame. */
enum link_reason relay_no_path(const struct chat *chat);

/* Asks for credentials, and tells the server of trouble, when it is time. */
void relay_tick(struct chat *chat);

/* When relay_tick is due; CHAT_NO_DEADLINE for never. */
uint64_t relay_deadline_ms(const struct chat *chat);

#endif
