/* route.h - do messages to a member go through a relay? A browser knows for certain only its own
 * end of the route in use. It may have discovered the other end (prflx, RFC 8445, 5.1.1.2), or that
 * end may have changed since, so each side tells the other (peer_message.h, "route"). */
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

/* The route between these ends. |remote_types|: bits of the candidate types that they have
 * signaled. */
enum route route_between(const struct route_ends *ends, uint32_t remote_types);

#endif
