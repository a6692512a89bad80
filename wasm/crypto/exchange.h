/* exchange.h - X25519 key exchange (RFC 7748): two sides that know each other's public keys agree
 * on a secret that nobody else knows.
 */
#ifndef PARLEY_EXCHANGE_H
#define PARLEY_EXCHANGE_H

#include "hash.h"

#define EXCHANGE_SEED_BYTES 32
#define EXCHANGE_KEY_BYTES 32

struct exchange_public_key {
    uint8_t bytes[EXCHANGE_KEY_BYTES];
};

struct exchange_secret_key {
    uint8_t secret[EXCHANGE_KEY_BYTES];
};

/* Makes a key pair from |seed|. The seed is as secret as the key: wipe it too. */
void exchange_key_pair(const uint8_t seed[EXCHANGE_SEED_BYTES],
                       struct exchange_public_key *public_key,
                       struct exchange_secret_key *secret_key);

void exchange_secret_key_wipe(struct exchange_secret_key *key);

/* Computes the secret that both sides share. Do not encrypt with it: derive keys from it with
 * hash_derive, whose context is all that both sides must agree on, such as both public keys.
 * PARLEY_ERR_KEY: |theirs| is a point of small order, which gives zeros with every key (RFC 7748,
 * 6.1). |shared| is then zeros. */
int exchange_agree(const struct exchange_secret_key *ours, const struct exchange_public_key *theirs,
                   struct hash_key *shared);

#endif
