#include "stun_limit.h"

#include "error.h"

#include <openssl/sha.h>
#include <string.h>

#define ADDRESS_BYTES 9 /* the family, then IPv4's 4 or IPv6's first 8 */
#define SECONDS_PER_MINUTE 60u

static struct bucket *bucket_of(struct stun_limit *limit, const struct stun_address *address) {
    uint8_t hash[SHA256_DIGEST_LENGTH];
    uint8_t hashed[STUN_LIMIT_KEY_BYTES + ADDRESS_BYTES] = {0};
    memcpy(hashed, limit->key, STUN_LIMIT_KEY_BYTES);
    hashed[STUN_LIMIT_KEY_BYTES] = (uint8_t)address->family;
    memcpy(hashed + STUN_LIMIT_KEY_BYTES + 1, address->ip, address->family == STUN_IPV6 ? 8 : 4);
    PARLEY_CHECK(SHA256(hashed, sizeof hashed, hash));
    return &limit->buckets[(hash[0] << 8 | hash[1]) % STUN_LIMIT_BUCKETS];
}

void stun_limit_init(struct stun_limit *limit, const uint8_t key[STUN_LIMIT_KEY_BYTES]) {
    memset(limit, 0, sizeof *limit);
    memcpy(limit->key, key, STUN_LIMIT_KEY_BYTES);
}

bool stun_limit_take(struct stun_limit *limit, const struct stun_address *address,
                     uint64_t now_ms) {
    static const struct bucket_rate rate = {STUN_LIMIT_PER_SECOND * SECONDS_PER_MINUTE,
                                            STUN_LIMIT_BURST};
    return bucket_take(bucket_of(limit, address), &rate, now_ms);
}
