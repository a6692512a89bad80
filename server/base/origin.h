/* origin.h - may this page open a connection here? (RFC 6454; RFC 6455, 4.2.2 and 10.2)
 *
 * Browsers let any page on the web connect to any WebSocket server, but name the page's origin
 * truthfully. A foreign page must not act for somebody who has our page open.
 */
#ifndef PARLEY_ORIGIN_H
#define PARLEY_ORIGIN_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* The sentence that such a page's user reads. */
#define ORIGIN_FOREIGN_SENTENCE                                                                    \
    "This page may not connect here: its address is not the one by which the server was asked. "   \
    "Let the proxy pass the Host header on, or start Parley with --allow-origin and the page's "   \
    "address."

/* True for "http://" or "https://", a host, and at most a port: an origin as browsers send it and
 * operators may allow it. */
bool origin_valid(struct slice origin);

/* True when |origin| is this server's, which the request names |host| (the Host header), or equals
 * one of |allowed|. Scheme and host are compared without case; a missing port is the scheme's own,
 * also in |host|, since behind a proxy we do not know the scheme that the browser uses. With
 * |https_only| we do: a page of the same host over HTTP may be forged by anybody on the network
 * path, and is not the server's. An empty |origin|, "null" and everything malformed is not
 * allowed. */
bool origin_allowed(struct slice origin, struct slice host, bool https_only,
                    const struct slice *allowed, size_t allowed_count);

/* The host of a Host header, without its port; empty if |host| is malformed. A view of |host|. */
struct slice origin_host_name(struct slice host);

/* The host of a Host header, without its port, if other machines can use it: empty if it is
 * malformed, or names the machine itself (localhost, 127.0.0.0/8, [::1]; RFC 6761, 6.3). A view of
 * |host|. */
struct slice origin_remote_host(struct slice host);

/* True when |host| is a Host header as browsers write it: a name, an IPv4 address or an IPv6
 * address in brackets, with or without a port. Such text is safe to repeat in a header. */
bool origin_host_valid(struct slice host);

#endif
