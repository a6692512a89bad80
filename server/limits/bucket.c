#include "bucket.h"

#define NS_PER_MS 1000000u
#define NS_PER_MINUTE 60000000000u

bool bucket_take(struct bucket *bucket, const struct bucket_rate *rate, uint64_t now_ms) {
    return rate->per_minute == 0 || pace_take(&bucket->pace, now_ms * NS_PER_MS,
                                              NS_PER_MINUTE / rate->per_minute, rate->capacity);
}

bool bucket_is_full(const struct bucket *bucket, const struct bucket_rate *rate, uint64_t now_ms) {
    return rate->per_minute == 0 || (bucket->pace.booked + NS_PER_MS - 1) / NS_PER_MS <= now_ms;
}
