#include "stun_limit.h"

#include <string.h>

#define SECONDS_PER_MINUTE 60u

void stun_limit_init(struct stun_limit *limit, const struct address_key_secret *secret) {
    memset(limit, 0, sizeof *limit);
    limit->secret = *secret;
}

bool stun_limit_take(struct stun_limit *limit, const struct ip *ip, uint64_t now_ms) {
    static const struct bucket_limit rate = {STUN_LIMIT_PER_SECOND * SECONDS_PER_MINUTE,
                                             STUN_LIMIT_BURST};
    uint32_t bucket = address_key_of(&limit->secret, ip) % STUN_LIMIT_BUCKETS;
    return bucket_take(&limit->buckets[bucket], &rate, now_ms);
}
