/* exchange.h - X25519 key exchange (RFC 7748): two sides that know each other's public keys share a
 * secret that nobody else knows.
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

/* The key pair of |seed|, which is as secret as the key; wipe it too. */
void exchange_key_pair(const uint8_t seed[EXCHANGE_SEED_BYTES],
                       struct exchange_public_key *public_key,
                       struct exchange_secret_key *secret_key);

void exchange_secret_key_wipe(struct exchange_secret_key *key);

/* The secret that both sides share. It is no key to encrypt with: keys derive from it, with all
 * that both sides must agree on as context, such as both public keys (hash_derive).
 * PARLEY_ERR_KEY: |theirs| is a point of small order, which gives zeros with every key (RFC 7748,
 * 6.1); |shared| is then zeros. */
int exchange_agree(const struct exchange_secret_key *ours, const struct exchange_public_key *theirs,
                   struct hash_key *shared);

#endif
