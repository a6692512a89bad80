/* origin.h - may this page open a connection here? (RFC 6454; RFC 6455, 4.2.2 and 10.2)
 *
 * Browsers let any page on the web connect to any WebSocket server and say only truthfully which
 * page it was. A page that is not ours must not speak in the name of somebody who has ours open.
 */
#ifndef PARLEY_ORIGIN_H
#define PARLEY_ORIGIN_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

/* For the person who reads it in such a page. */
#define ORIGIN_FOREIGN_SENTENCE                                                                    \
    "This page may not connect here: its address is not the one by which the server was asked. "   \
    "Let the proxy pass the Host header on, or start Parley with --allow-origin and the page's "   \
    "address."

/* True for "http://" or "https://", a host, and at most a port: what a browser sends, and what
 * may be allowed. */
bool origin_valid(struct slice origin);

/* True when |origin| is a page of the server that was asked for as |host| (the Host header), or
 * equals one of |allowed|. Scheme and host are compared without case; a missing port is the
 * scheme's own, also in |host|, since behind a proxy we do not know the scheme that the browser
 * uses. With |https_only| we do: a page of the same host over HTTP, which anybody on the way may
 * have written, is not the server's. An empty |origin|, "null" and everything malformed is not
 * allowed. */
bool origin_allowed(struct slice origin, struct slice host, bool https_only,
                    const struct slice *allowed, size_t allowed_count);

/* The host of a Host header, without its port; empty for what is none. A view of |host|. */
struct slice origin_host_name(struct slice host);

/* The host of a Host header, without its port, as other machines can use it: empty for what is
 * none, and for names of the machine itself (localhost, 127.0.0.0/8, [::1]; RFC 6761, 6.3). A view
 * of |host|. */
struct slice origin_remote_host(struct slice host);

/* True when |host| is a Host header as browsers write it: a name, an IPv4 address or an IPv6
 * address in brackets, with or without a port. Such text is safe to repeat in a header. */
bool origin_host_valid(struct slice host);

#endif
