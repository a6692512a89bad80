/* host_name.h - under which names this server is asked for.
 *
 * A page of anybody's, under a host name of its own that it lets lead to this server (DNS
 * rebinding), is of the same origin as the server for a browser. Nothing but the Host header tells
 * that name from the server's own. No name of a stranger's can be an address written out, or
 * localhost: these are known always.
 */
#ifndef PARLEY_HOST_NAME_H
#define PARLEY_HOST_NAME_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* True for "chat.example.org", and for ".example.org", which stands for all names below: what may
 * be allowed. No port. */
bool host_name_valid(struct slice name);

/* True when a Host header's value is known: empty (no browser sent it), an address written out,
 * localhost or a name below it, or one of |allowed|. Compared without case, port and a dot at the
 * end. */
bool host_name_known(struct slice host, const struct slice *allowed, size_t allowed_count);

#endif
