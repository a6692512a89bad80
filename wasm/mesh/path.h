/* path.h - the path by which messages reach a member: the data channel of their link or, while
 * there is none, the server (server_path.h). */
#ifndef PARLEY_PATH_H
#define PARLEY_PATH_H

#include "link.h"
#include "server_path.h"

/* Lent for one call. While |server| is open, it is the one in use. */
struct path {
    const struct link *link;
    const struct server_path *server;
};

/* True while messages get through. */
bool path_is_up(struct path path);

/* True while messages are accepted, although they may not arrive until the path is up again. */
bool path_is_open(struct path path);

/* True if the path will never be up again. */
bool path_is_closed(struct path path);

/* False through the server while what we sent to all members is at its limit. */
bool path_has_room(struct path path, uint64_t now_ms);

/* Our end of the route in use; unknown through the server. */
enum candidate_type path_own_end(struct path path);

/* Sends one message. The owner of |kept| keeps its bytes unchanged until the next event. */
void path_send(struct path path, struct actions *actions, struct slice message, uint64_t now_ms);
void path_send_kept(struct path path, struct actions *actions, struct slice kept, uint64_t now_ms);

/* Asks the browser for the route in use and for the number of bytes received. Not through the
 * server. */
void path_ask_route(struct path path, struct actions *actions);

#endif
