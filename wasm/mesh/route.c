#include "route.h"

void route_begin(struct route *route) {
    *route = (struct route){
        .own = CANDIDATE_UNKNOWN, .theirs = CANDIDATE_UNKNOWN, .word = CANDIDATE_UNKNOWN};
}

/* Theirs was discovered before it was told of. Where they tell of relays alone, it is one of these;
 * where they told of none yet, the first that comes decides. */
static enum candidate_type guess(uint32_t remote_types) {
    if (remote_types == 0)
        return CANDIDATE_UNKNOWN;
    return remote_types == 1u << CANDIDATE_RELAY ? CANDIDATE_RELAY : CANDIDATE_PRFLX;
}

static enum candidate_type their_end(const struct route *route, uint32_t remote_types) {
    if (route->word != CANDIDATE_UNKNOWN && route->theirs != CANDIDATE_RELAY)
        return route->word;
    return route->theirs == CANDIDATE_PRFLX ? guess(remote_types) : route->theirs;
}

bool route_judge(struct route *route, uint32_t remote_types) {
    const struct route before = *route;
    enum candidate_type theirs = their_end(route, remote_types);
    if (route->own == CANDIDATE_UNKNOWN)
        return false;
    route->relayed = route->own == CANDIDATE_RELAY || theirs == CANDIDATE_RELAY;
    route->known = route->relayed || theirs != CANDIDATE_UNKNOWN;
    return route->known && (!before.known || before.relayed != route->relayed);
}
