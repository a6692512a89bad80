#include "address_key.h"

#include "error.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

_Static_assert(ADDRESS_KEY_SECRET_BYTES == SHA256_DIGEST_LENGTH, "the secret is a hash");

/* The purpose is an old word for it: another one would give every address another key. */
void address_key_derive_secret(struct address_key_secret *secret, struct slice text) {
    static const char purpose[] = "parley household";
    unsigned len = 0;
    PARLEY_CHECK(HMAC(EVP_sha256(), text.bytes, (int)text.len, (const uint8_t *)purpose,
                      sizeof purpose - 1, secret->bytes, &len));
    PARLEY_CHECK(len == ADDRESS_KEY_SECRET_BYTES);
}

/* Every hashed text has one length, so a secret in front of it is enough. */
uint32_t address_key_of(const struct address_key_secret *secret, const struct ip *ip) {
    uint8_t hashed[ADDRESS_KEY_SECRET_BYTES + IP_BYTES], hash[SHA256_DIGEST_LENGTH];
    const struct ip network = ip_client_network(ip);
    memcpy(hashed, secret->bytes, ADDRESS_KEY_SECRET_BYTES);
    memcpy(hashed + ADDRESS_KEY_SECRET_BYTES, network.bytes, IP_BYTES);
    PARLEY_CHECK(SHA256(hashed, sizeof hashed, hash));
    uint32_t key =
        (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
    return key == 0 ? 1 : key;
}
