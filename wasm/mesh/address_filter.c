#include "address_filter.h"

#include "candidate.h"
#include "error.h"

bool address_filter_outgoing(struct slice text, struct buffer *out) {
    struct candidate candidate;
    if (!candidate_read(text, &candidate) || candidate.type != CANDIDATE_RELAY)
        return false;
    candidate.network_id = candidate.network_cost = (struct slice){0};
    return candidate_write(&candidate, out) == PARLEY_OK;
}

bool address_filter_incoming(struct slice text, struct buffer *out) {
    struct candidate candidate;
    return candidate_read(text, &candidate) && candidate.address_kind != CANDIDATE_LOCAL_NAME &&
           candidate_take(text, out);
}
