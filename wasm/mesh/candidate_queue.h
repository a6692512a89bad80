/* candidate_queue.h - ICE candidates that wait, in order, for the description they belong to. */
#ifndef PARLEY_CANDIDATE_QUEUE_H
#define PARLEY_CANDIDATE_QUEUE_H

#include "slice.h"

#include <stdbool.h>
#include <stdint.h>

#define CANDIDATE_QUEUE_MAX 64

/* The fields of an RTCIceCandidate (W3C WebRTC, 4.8.1). The end of candidates has no |text|. */
struct ice_candidate {
    struct slice text, mid, ufrag;
};

/* Makes the texts copies of its own, to be freed by ice_candidate_deinit. False: no memory, and
 * nothing is changed. */
bool ice_candidate_own(struct ice_candidate *candidate);
void ice_candidate_deinit(struct ice_candidate *candidate);

/* All zero: empty. Free it with candidate_queue_deinit. */
struct candidate_queue {
    struct ice_candidate *items; /* allocated with the first; each owns its texts */
    uint32_t count;
};

/* Adds a copy. False: there is no place, or no memory, and it is dropped. */
bool candidate_queue_add(struct candidate_queue *queue, const struct ice_candidate *candidate);

/* Drops |count| from the one at |from| on; they must be there. */
void candidate_queue_drop(struct candidate_queue *queue, uint32_t from, uint32_t count);

void candidate_queue_deinit(struct candidate_queue *queue);

#endif
