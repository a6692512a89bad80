/* path.h - what carries what is said to a member. Today that is always the data channel of their
 * link; a relay in the room will be another kind. Anything that only wants to be heard asks here.
 */
#ifndef PARLEY_PATH_H
#define PARLEY_PATH_H

#include "link.h"

/* Lent for one call. */
struct path {
    const struct link *link;
};

/* True when what is said arrives now. */
bool path_is_up(struct path path);

/* True while messages are taken, though they may not arrive before it is up again. */
bool path_is_open(struct path path);

/* True when there will never be a way again. */
bool path_is_closed(struct path path);

/* Our end of the route in use. */
enum candidate_type path_own_end(struct path path);

/* Sends one message. |kept|: its owner keeps the bytes as they are until the next event. */
void path_send(struct path path, struct actions *actions, struct action_bytes message);
void path_send_kept(struct path path, struct actions *actions, struct slice kept);

/* Asks how much came by it, and where it leads. */
void path_ask_route(struct path path, struct actions *actions);

#endif
