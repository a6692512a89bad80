#include "household.h"

#include "error.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

_Static_assert(HOUSEHOLD_KEY_BYTES == SHA256_DIGEST_LENGTH, "a key is a hash");

void household_key_of(struct household_key *key, struct slice secret) {
    static const char purpose[] = "parley household";
    unsigned len = 0;
    PARLEY_CHECK(HMAC(EVP_sha256(), secret.bytes, (int)secret.len, (const uint8_t *)purpose,
                      sizeof purpose - 1, key->bytes, &len));
    PARLEY_CHECK(len == HOUSEHOLD_KEY_BYTES);
}

/* What is hashed has one length, so a key in front of it is enough. */
uint32_t household_name(const struct household_key *key, const struct ip *ip) {
    uint8_t hashed[HOUSEHOLD_KEY_BYTES + IP_BYTES], hash[SHA256_DIGEST_LENGTH];
    const struct ip household = ip_household(ip);
    memcpy(hashed, key->bytes, HOUSEHOLD_KEY_BYTES);
    memcpy(hashed + HOUSEHOLD_KEY_BYTES, household.bytes, IP_BYTES);
    PARLEY_CHECK(SHA256(hashed, sizeof hashed, hash));
    uint32_t name =
        (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
    return name == 0 ? 1 : name;
}
