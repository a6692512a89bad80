#include "bucket.h"

#define UNITS_PER_TOKEN 60000u /* a rate of one a minute gains one unit a millisecond */

static uint64_t missing_at(const struct bucket *bucket, const struct bucket_rate *rate,
                           uint64_t now_ms) {
    uint64_t elapsed_ms = now_ms - bucket->at_ms;
    if (bucket->missing == 0 || elapsed_ms > bucket->missing / rate->per_minute)
        return 0;
    return bucket->missing - elapsed_ms * rate->per_minute;
}

bool bucket_take(struct bucket *bucket, const struct bucket_rate *rate, uint64_t now_ms) {
    if (rate->per_minute == 0)
        return true;
    uint64_t missing = missing_at(bucket, rate, now_ms) + UNITS_PER_TOKEN;
    if (missing > (uint64_t)rate->capacity * UNITS_PER_TOKEN)
        return false;
    *bucket = (struct bucket){missing, now_ms};
    return true;
}

bool bucket_is_full(const struct bucket *bucket, const struct bucket_rate *rate, uint64_t now_ms) {
    return rate->per_minute == 0 || missing_at(bucket, rate, now_ms) == 0;
}
