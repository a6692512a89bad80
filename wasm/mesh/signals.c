#include "signals.h"

#include "address_filter.h"
#include "candidate.h"
#include "error.h"
#include "sdp.h"

_Static_assert(WIRE_SDP_BYTES_MAX <= SDP_WRITTEN_BYTES_MAX &&
                   WIRE_CANDIDATE_BYTES_MAX <= CANDIDATE_WRITTEN_BYTES_MAX,
               "what is written anew may be as long as what was read");

int signals_send(struct actions *actions, uint32_t peer, const struct wire_message *message) {
    return actions_push_message(actions, peer, message);
}

static sdp_candidate_filter *candidate_filter(bool hide_address) {
    return hide_address ? address_filter_incoming : candidate_take;
}

static bool take_one(struct rate *candidates, uint64_t now_ms) {
    return rate_take(candidates, now_ms, SIGNALS_CANDIDATES_MS, SIGNALS_CANDIDATES_AT_ONCE);
}

static enum signals_verdict read_description(struct signals_heard *heard, struct rate *candidates,
                                             bool hide_address, uint64_t now_ms) {
    uint32_t left =
        rate_left(candidates, now_ms, SIGNALS_CANDIDATES_MS, SIGNALS_CANDIDATES_AT_ONCE);
    uint32_t before = left;
    bool taken = sdp_filter(heard->message.sdp, candidate_filter(hide_address), &left,
                            &heard->memory) == PARLEY_OK;
    for (; before > left; before--)
        take_one(candidates, now_ms);
    heard->message.sdp = buffer_slice(&heard->memory);
    return taken ? SIGNALS_TAKEN : SIGNALS_HOSTILE;
}

static enum signals_verdict read_candidate(struct signals_heard *heard, struct rate *candidates,
                                           bool hide_address, uint64_t now_ms) {
    struct slice candidate = heard->message.candidate;
    bool end = candidate.len == 0;
    if (!end && !take_one(candidates, now_ms))
        return SIGNALS_DROPPED;
    if (!candidate_ufrag_valid(heard->message.ufrag) ||
        !(end || candidate_filter(hide_address)(candidate, &heard->memory)))
        return SIGNALS_UNSAFE;
    heard->message.candidate = buffer_slice(&heard->memory);
    return SIGNALS_TAKEN;
}

enum signals_verdict signals_read(struct signals_heard *heard, const struct wire_message *message,
                                  struct rate *candidates, bool hide_address, uint64_t now_ms) {
    heard->message = *message;
    switch (message->type) {
    case WIRE_OFFER:
    case WIRE_ANSWER:
        buffer_init(&heard->memory, SDP_WRITTEN_BYTES_MAX);
        return read_description(heard, candidates, hide_address, now_ms);
    case WIRE_CANDIDATE:
        buffer_init(&heard->memory, CANDIDATE_WRITTEN_BYTES_MAX);
        return read_candidate(heard, candidates, hide_address, now_ms);
    case WIRE_ASK:
    case WIRE_SEALED:
        break;
    case WIRE_TYPE_COUNT:
        WIRE_OTHERS(WIRE_CASE)
        PARLEY_CHECK(false);
    }
    buffer_init(&heard->memory, 0);
    return SIGNALS_TAKEN;
}

void signals_deinit(struct signals_heard *heard) {
    buffer_deinit(&heard->memory);
}
