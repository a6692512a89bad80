/* route.h - does what is said to somebody go through a relay? Of the two ends of the route in use a
 * browser knows its own for certain. Theirs it may have discovered only (prflx, RFC 8445, 5.1.1.2),
 * or it has moved since: so each side tells the other (peer_message.h, "route"). */
#ifndef PARLEY_ROUTE_H
#define PARLEY_ROUTE_H

#include "candidate.h"

#include <stdint.h>

enum route { ROUTE_UNKNOWN, ROUTE_DIRECT, ROUTE_RELAYED };

struct route_ends {
    enum candidate_type own, theirs; /* our end of it, and theirs as our browser sees it, */
    enum candidate_type word;        /* and as they say */
};

/* There is no route yet. */
extern const struct route_ends route_ends_unknown;

/* Which route has these ends. |remote_types|: bits of the types of candidates that they told of. */
enum route route_between(const struct route_ends *ends, uint32_t remote_types);

#endif
