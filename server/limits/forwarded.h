/* forwarded.h - the client of a request that a proxy passes on: X-Forwarded-For, and Forwarded (RFC
 * 7239).
 *
 * Each proxy appends the address from which the request came; what stands further left came with
 * the request and may be forged. So both headers are read from the right, and the first address
 * that is not a trusted proxy's is the client's. If an element is not an address, or cannot be
 * read, the proxy that passed it on counts instead: a client must not be able to make one header
 * look absent, so that a forged one is used. A Forwarded header whose quotes break RFC 7239, 4, is
 * not used at all. Empty elements of the lists do not count (RFC 9110, 5.6.1).
 */
#ifndef PARLEY_FORWARDED_H
#define PARLEY_FORWARDED_H

#include "ip.h"

#include <stdbool.h>

/* One of the two headers: the values of all its lines, in their order, joined by commas (RFC 9110,
 * 5.3). */
struct forwarded_field {
    struct slice value; /* empty although present: it cannot be read whole */
    bool present;
};

/* The client of a request that came from |peer|: |peer| itself, unless it is in one of |trusted|.
 * If both fields are present, the first counts. If all addresses are trusted proxies, the leftmost.
 */
struct ip forwarded_client(struct ip peer, struct forwarded_field x_forwarded_for,
                           struct forwarded_field forwarded, const struct ip_range *trusted,
                           size_t trusted_count);

#endif
