#include "bucket.h"

#define NS_PER_MS 1000000u
#define NS_PER_MINUTE 60000000000u

bool bucket_take(struct bucket *bucket, const struct bucket_rate *rate, uint64_t now_ms) {
    if (rate->per_minute == 0)
        return true;
    uint64_t token_ns = NS_PER_MINUTE / rate->per_minute, now_ns = now_ms * NS_PER_MS;
    uint64_t full_ns = (bucket->full_ns > now_ns ? bucket->full_ns : now_ns) + token_ns;
    if (full_ns - now_ns > rate->capacity * token_ns)
        return false;
    bucket->full_ns = full_ns;
    return true;
}

bool bucket_is_full(const struct bucket *bucket, const struct bucket_rate *rate, uint64_t now_ms) {
    return rate->per_minute == 0 || (bucket->full_ns + NS_PER_MS - 1) / NS_PER_MS <= now_ms;
}
