/* sign.h - Ed25519 signatures (RFC 8032, 5.1).
 *
 * Verification is as strict as libsodium's. S must be below the group's order, so that nobody can
 * turn one signature into another. The public key and R must have the canonical encoding, and must
 * not be of small order. The verification equation is the one without the cofactor.
 *
 * A signature made for one purpose must not be valid for another. So each format begins its signed
 * bytes with a label of its own.
 */
#ifndef PARLEY_SIGN_H
#define PARLEY_SIGN_H

#include "slice.h"

#include <stdint.h>

#define SIGN_SEED_BYTES 32
#define SIGN_PUBLIC_KEY_BYTES 32
#define SIGN_SECRET_KEY_BYTES 64
#define SIGNATURE_BYTES 64

struct sign_public_key {
    uint8_t bytes[SIGN_PUBLIC_KEY_BYTES];
};

struct sign_secret_key {
    uint8_t secret[SIGN_SECRET_KEY_BYTES]; /* the seed, then the public key */
};

struct signature {
    uint8_t bytes[SIGNATURE_BYTES];
};

/* Makes a key pair from |seed|. The seed is as secret as the key: wipe it too. */
void sign_key_pair(const uint8_t seed[SIGN_SEED_BYTES], struct sign_public_key *public_key,
                   struct sign_secret_key *secret_key);

void sign_secret_key_wipe(struct sign_secret_key *key);

/* Signs |message|. The same key and message give the same signature. */
void sign(const struct sign_secret_key *key, struct slice message, struct signature *signature);

/* PARLEY_ERR_FORGED: |signature| was not made with the secret key of |key| for |message|. */
int sign_verify(const struct sign_public_key *key, struct slice message,
                const struct signature *signature);

#endif
