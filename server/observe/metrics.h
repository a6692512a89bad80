/* metrics.h - counters for monitoring: no I/O, no clock.
 *
 * Counters only grow, until the process ends. They are plain numbers in one struct; the code that
 * causes an event adds to them, without allocation or lookup. metrics_text.h writes them as text.
 */
#ifndef PARLEY_METRICS_H
#define PARLEY_METRICS_H

#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define METRICS_BUCKETS 14   /* of a histogram, besides the one for all longer times */
#define METRICS_HTTP_KINDS 6 /* by the first digit of the status; those of 0 are not written */

/* How long something took, and how often. */
struct metrics_histogram {
    uint64_t buckets[METRICS_BUCKETS + 1]; /* not cumulative */
    uint64_t sum_ns;
};

struct metrics {
    bool timed;                     /* metrics are in use: clocks are read for the two histograms */
    uint64_t sent[WIRE_TYPE_COUNT]; /* messages to pages */
    uint64_t refusals[WIRE_ERROR_COUNT]; /* of connections, joins and messages */
    uint64_t refused_sockets;            /* and those closed for others */
    uint64_t refused_origins;
    uint64_t refused_hosts;
    uint64_t received_bytes, sent_bytes; /* of signaling messages, without framing */
    uint64_t dropped_messages;           /* messages of members to slow readers */
    uint64_t http_responses[METRICS_HTTP_KINDS];
    struct metrics_histogram join;  /* from a new connection to its welcome */
    struct metrics_histogram relay; /* from a message's arrival to its relay */
};

/* Counts one that took |ns|. */
void metrics_observe(struct metrics_histogram *histogram, uint64_t ns);

/* The upper bound of a bucket, which is in it, in nanoseconds; |bucket| is below
 * METRICS_BUCKETS. */
uint64_t metrics_bound_ns(unsigned bucket);

/* Counts an HTTP answer. */
void metrics_count_response(struct metrics *metrics, unsigned status);

#endif
