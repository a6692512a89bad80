#include "metrics.h"

#define US 1000ull
#define MS (1000 * US)
#define S (1000 * MS)

/* From the time that a message takes inside the server to the time within which a page must
 * join. */
static const uint64_t bounds_ns[METRICS_BUCKETS] = {
    10 * US, 25 * US, 50 * US,  100 * US, 250 * US,  500 * US, 1 * MS,
    5 * MS,  25 * MS, 100 * MS, 500 * MS, 2500 * MS, 10 * S,   30 * S};

uint64_t metrics_bound_ns(unsigned bucket) {
    return bounds_ns[bucket];
}

void metrics_observe(struct metrics_histogram *histogram, uint64_t ns) {
    unsigned bucket = 0;
    while (bucket < METRICS_BUCKETS && ns > bounds_ns[bucket])
        bucket++;
    histogram->buckets[bucket]++;
    histogram->sum_ns += ns;
}

void metrics_count_response(struct metrics *metrics, unsigned status) {
    unsigned kind = status / 100;
    if (kind < METRICS_HTTP_KINDS)
        metrics->http_responses[kind]++;
}
