/* path.h - the path by which messages reach a member. Today that is always the data channel of
 * their link; a relay in the room will be another kind.
 */
#ifndef PARLEY_PATH_H
#define PARLEY_PATH_H

#include "link.h"

/* Lent for one call. */
struct path {
    const struct link *link;
};

/* True while messages get through. */
bool path_is_up(struct path path);

/* True while messages are accepted, although they may not arrive until the path is up again. */
bool path_is_open(struct path path);

/* True if the path will never be up again. */
bool path_is_closed(struct path path);

/* Our end of the route in use. */
enum candidate_type path_own_end(struct path path);

/* Sends one message. The owner of |kept| keeps its bytes unchanged until the next event. */
void path_send(struct path path, struct actions *actions, struct action_bytes message);
void path_send_kept(struct path path, struct actions *actions, struct slice kept);

/* Asks the browser for the route in use and for the number of bytes received. */
void path_ask_route(struct path path, struct actions *actions);

#endif
