/* bucket.h - a token bucket: a rate limit (rate.h) in tokens a minute, or no limit. No clock.
 *
 * It holds at most |capacity| tokens and gains |per_minute| of them a minute. Each event takes one,
 * so |capacity| is the burst that is always allowed.
 */
#ifndef PARLEY_BUCKET_H
#define PARLEY_BUCKET_H

#include "rate.h"

#include <stdbool.h>
#include <stdint.h>

#define BUCKET_PER_MINUTE_MAX 60000000u /* a thousand a millisecond */

struct bucket_limit {
    uint32_t per_minute; /* 0: no limit; at most BUCKET_PER_MINUTE_MAX */
    uint32_t capacity;   /* tokens; 1 to what is gained in 100 years, where there is a limit */
};

/* Zero-initialised it is full. All fields are the module's. */
struct bucket {
    struct rate rate; /* in nanoseconds; what is booked is missing */
};

/* Takes a token; false when there is none, and nothing changes. Times must not run backwards. */
bool bucket_take(struct bucket *bucket, const struct bucket_limit *limit, uint64_t now_ms);

/* True when it is full again, so it may be forgotten. */
bool bucket_is_full(const struct bucket *bucket, const struct bucket_limit *limit, uint64_t now_ms);

#endif
