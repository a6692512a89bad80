/* forwarded.h - whose request a proxy passes on: X-Forwarded-For, and Forwarded (RFC 7239).
 *
 * Each proxy adds at the end whom it heard the request from; what stands further left came with the
 * request and may be made up. So both are read from the right, and the first address that is no
 * trusted proxy's is the client's. Where something is no address, or cannot be read, the proxy that
 * passed it on counts instead: a client must not be able to make one header look absent, so that
 * another, of its own making, is believed. Of a Forwarded whose quotes are not as in RFC 7239, 4,
 * nothing is believed. Empty elements of the lists do not count (RFC 9110, 5.6.1).
 */
#ifndef PARLEY_FORWARDED_H
#define PARLEY_FORWARDED_H

#include "ip.h"

#include <stdbool.h>

/* One of the two headers: the values of all its lines, in their order, joined by commas (RFC 9110,
 * 5.3). */
struct forwarded_field {
    struct slice value; /* empty, where it is present: it cannot be read whole */
    bool present;
};

/* The client of a request that came from |peer|: |peer| itself, unless it is in one of |trusted|.
 * Where both fields are present, the first counts. A chain of trusted proxies only: the leftmost.
 */
struct ip forwarded_client(struct ip peer, struct forwarded_field x_forwarded_for,
                           struct forwarded_field forwarded, const struct ip_range *trusted,
                           size_t trusted_count);

#endif
