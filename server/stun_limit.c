#include "stun_limit.h"

#include "error.h"

#include <openssl/sha.h>
#include <string.h>

#define SECONDS_PER_MINUTE 60u

static struct bucket *bucket_of(struct stun_limit *limit, const struct ip *ip) {
    uint8_t hash[SHA256_DIGEST_LENGTH];
    uint8_t hashed[STUN_LIMIT_KEY_BYTES + IP_BYTES];
    const struct ip household = ip_household(ip);
    memcpy(hashed, limit->key, STUN_LIMIT_KEY_BYTES);
    memcpy(hashed + STUN_LIMIT_KEY_BYTES, household.bytes, IP_BYTES);
    PARLEY_CHECK(SHA256(hashed, sizeof hashed, hash));
    return &limit->buckets[(hash[0] << 8 | hash[1]) % STUN_LIMIT_BUCKETS];
}

void stun_limit_init(struct stun_limit *limit, const uint8_t key[STUN_LIMIT_KEY_BYTES]) {
    memset(limit, 0, sizeof *limit);
    memcpy(limit->key, key, STUN_LIMIT_KEY_BYTES);
}

bool stun_limit_take(struct stun_limit *limit, const struct ip *ip, uint64_t now_ms) {
    static const struct bucket_rate rate = {STUN_LIMIT_PER_SECOND * SECONDS_PER_MINUTE,
                                            STUN_LIMIT_BURST};
    return bucket_take(bucket_of(limit, ip), &rate, now_ms);
}
