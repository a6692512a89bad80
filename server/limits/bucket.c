#include "bucket.h"

#define NS_PER_MS 1000000u
#define NS_PER_MINUTE 60000000000u

bool bucket_take(struct bucket *bucket, const struct bucket_limit *limit, uint64_t now_ms) {
    return limit->per_minute == 0 || rate_take(&bucket->rate, now_ms * NS_PER_MS,
                                               NS_PER_MINUTE / limit->per_minute, limit->capacity);
}

bool bucket_is_full(const struct bucket *bucket, const struct bucket_limit *limit,
                    uint64_t now_ms) {
    return limit->per_minute == 0 || (bucket->rate.booked + NS_PER_MS - 1) / NS_PER_MS <= now_ms;
}
