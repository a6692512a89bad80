/* metrics.h - what is counted for whoever watches the server: no I/O, no clock.
 *
 * Counters only grow, until the process ends. They are plain numbers in one struct, for everybody
 * who does what is counted to add to: no memory is taken, and nothing is looked up, for any event.
 * metrics_text.h writes them down.
 */
#ifndef PARLEY_METRICS_H
#define PARLEY_METRICS_H

#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define METRICS_BUCKETS 14   /* of a histogram, besides that for all that is longer */
#define METRICS_HTTP_KINDS 6 /* by the first digit of the status; those of 0 are not written */

/* How long something took, and how often. */
struct metrics_histogram {
    uint64_t buckets[METRICS_BUCKETS + 1]; /* each without those before it */
    uint64_t sum_ns;
};

struct metrics {
    bool timed;                     /* somebody watches: clocks are read for the two histograms */
    uint64_t sent[WIRE_TYPE_COUNT]; /* messages to pages */
    uint64_t refusals[WIRE_ERROR_COUNT]; /* of connections, joins and messages */
    uint64_t refused_sockets;            /* and those that made way */
    uint64_t refused_origins;
    uint64_t refused_hosts;
    uint64_t received_bytes, sent_bytes; /* of signaling messages, without framing */
    uint64_t dropped_messages;           /* words of others for who did not read */
    uint64_t http_responses[METRICS_HTTP_KINDS];
    struct metrics_histogram join;  /* from a new connection to its welcome */
    struct metrics_histogram relay; /* from a message that came to one handed on */
};

/* Counts one that took |ns|. */
void metrics_observe(struct metrics_histogram *histogram, uint64_t ns);

/* The upper bound of a bucket, which is in it, in nanoseconds; |bucket| is below
 * METRICS_BUCKETS. */
uint64_t metrics_bound_ns(unsigned bucket);

/* Counts an HTTP answer. */
void metrics_count_response(struct metrics *metrics, unsigned status);

#endif
