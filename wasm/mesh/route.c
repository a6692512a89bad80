#include "route.h"

const struct route_ends route_ends_unknown = {CANDIDATE_UNKNOWN, CANDIDATE_UNKNOWN,
                                              CANDIDATE_UNKNOWN};

/* Their end was discovered before they signaled it. If they signal only relays, it is a relay; if
 * they have signaled nothing yet, the first candidate decides. */
static enum candidate_type guess(uint32_t remote_types) {
    if (remote_types == 0)
        return CANDIDATE_UNKNOWN;
    return remote_types == 1u << CANDIDATE_RELAY ? CANDIDATE_RELAY : CANDIDATE_PRFLX;
}

static enum candidate_type their_end(const struct route_ends *ends, uint32_t remote_types) {
    if (ends->word != CANDIDATE_UNKNOWN && ends->theirs != CANDIDATE_RELAY)
        return ends->word;
    return ends->theirs == CANDIDATE_PRFLX ? guess(remote_types) : ends->theirs;
}

enum route route_between(const struct route_ends *ends, uint32_t remote_types) {
    enum candidate_type theirs = their_end(ends, remote_types);
    if (ends->own == CANDIDATE_UNKNOWN)
        return ROUTE_UNKNOWN;
    if (ends->own == CANDIDATE_RELAY || theirs == CANDIDATE_RELAY)
        return ROUTE_RELAYED;
    return theirs == CANDIDATE_UNKNOWN ? ROUTE_UNKNOWN : ROUTE_DIRECT;
}
