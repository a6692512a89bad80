/* host_name.h - the host names of this server.
 *
 * If a stranger's host name resolves to this server (DNS rebinding), browsers treat the stranger's
 * page as of the same origin as this server. Only the Host header distinguishes that name from the
 * server's own. A stranger's name cannot be an IP address or localhost, so these are always known.
 */
#ifndef PARLEY_HOST_NAME_H
#define PARLEY_HOST_NAME_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* True for names that may be allowed: "chat.example.org", or ".example.org" for all names below it.
 * No port. */
bool host_name_valid(struct slice name);

/* True when a Host header's value is known: empty (not from a browser), an IP address, localhost or
 * a name below it, or one of |allowed|. Compared without case, port and a dot at the end. */
bool host_name_known(struct slice host, const struct slice *allowed, size_t allowed_count);

#endif
