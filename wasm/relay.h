/* relay.h - what the connections are made with: the server's ICE servers, credentials that end and
 * are renewed, and whether our address is hidden. Private to the core.
 *
 * The welcome brings the ICE servers, and, where their credentials end, when (wire.h, iceSeconds).
 * RELAY_RENEW_MS into each second of their life we ask for others, again after RELAY_AGAIN_MS
 * without an answer, which has relays alone: STUN servers need no credentials. While the server is
 * away nobody can be asked: its next welcome brings new ones. Who is alone in the room has none,
 * only the promise of some, which come unasked before the first other one does. All connections
 * are told, so that the next ICE restart uses them.
 *
 * Who hides their address is reached through relays only, from the first connection on. One that
 * was made before they chose so is made anew as soon as the server can carry an offer; who was at
 * its other end knows the address already. Where the server offers no relay, one who hides is
 * reached by nobody: the choice counts until they take it back.
 */
#ifndef PARLEY_RELAY_H
#define PARLEY_RELAY_H

#include "chat_state.h"

#define RELAY_RENEW_MS 750 /* of each second: three quarters of the whole */
#define RELAY_RENEW_MS_MIN 1000
#define RELAY_AGAIN_MS 10000

void relay_init(struct relay *relay);
void relay_deinit(struct relay *relay);

/* At START: forgets the servers. */
void relay_begin(struct chat *chat, bool hiding);

/* The server sent ICE servers: in a welcome, or relays, in credentials. */
void relay_keep(struct chat *chat, const struct wire_message *message);

/* Nobody can be asked: the server is away. */
void relay_rest(struct chat *chat);

/* The person chose. */
void relay_hide(struct chat *chat, bool hiding);

/* True when the choice is of use, or must be taken back. */
bool relay_can_hide(const struct chat *chat);

/* What hiding means now, in words for the person. Never freed. */
const char *relay_text(const struct chat *chat);

/* Asks for credentials when it is time. */
void relay_tick(struct chat *chat);

/* When relay_tick is due; CHAT_NO_DEADLINE for never. */
uint64_t relay_deadline_ms(const struct chat *chat);

#endif
