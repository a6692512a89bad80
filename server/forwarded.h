/* forwarded.h - whose request a proxy passes on: X-Forwarded-For, and Forwarded (RFC 7239).
 *
 * Each proxy adds at the end whom it heard the request from; what stands further left came with the
 * request and may be made up. So both are read from the right, and the first address that is no
 * trusted proxy's is the client's. Where something is no address, the proxy that passed it on
 * counts instead.
 */
#ifndef PARLEY_FORWARDED_H
#define PARLEY_FORWARDED_H

#include "ip.h"

/* The client of a request that came from |peer|: |peer| itself, unless it is in one of |trusted|.
 * |x_forwarded_for| and |forwarded| are the headers' values, empty where they are missing; where
 * there are both, the first counts. A chain of trusted proxies only: the leftmost. */
struct ip forwarded_client(struct ip peer, struct slice x_forwarded_for, struct slice forwarded,
                           const struct ip_range *trusted, size_t trusted_count);

#endif
