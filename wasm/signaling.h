/* signaling.h - the chat's side of the server: joining, who comes and goes, and relayed signals.
 * Private to the core. */
#ifndef PARLEY_SIGNALING_H
#define PARLEY_SIGNALING_H

#include "chat_state.h"

#define SIGNALING_TIMEOUT_MS 20000 /* from asking for a connection to the welcome */

/* Asks for a connection to the server, to join chat->wanted_room. */
void signaling_connect(struct chat *chat);

/* Says goodbye and closes the connection, in whatever state it is. */
void signaling_leave(struct chat *chat);

/* SERVER_OPENED, SERVER_MESSAGE, SERVER_CLOSED. */
void signaling_opened(struct chat *chat);
void signaling_receive(struct chat *chat, struct slice bytes);
void signaling_closed(struct chat *chat);

/* Gives up a connection that did not lead to a welcome in time. */
void signaling_tick(struct chat *chat);

#endif
