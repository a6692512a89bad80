/* route.h - does what is said to somebody go through a relay? Of the two ends of the route in use a
 * browser knows its own for certain. Theirs it may have discovered only (prflx, RFC 8445, 5.1.1.2),
 * or it has moved since: so each side tells the other (peer_message.h, "route"). */
#ifndef PARLEY_ROUTE_H
#define PARLEY_ROUTE_H

#include "candidate.h"

#include <stdbool.h>
#include <stdint.h>

struct route {
    bool known;                      /* it is one of the two, */
    bool relayed;                    /* this one */
    enum candidate_type own, theirs; /* our end of it, and theirs as our browser sees it, */
    enum candidate_type word;        /* and as they say */
};

/* There is no route yet. */
void route_begin(struct route *route);

/* Judges after a change. |remote_types|: bits of the types of candidates that they told of. True:
 * the route is known now, and was not, or was another. */
bool route_judge(struct route *route, uint32_t remote_types);

#endif
