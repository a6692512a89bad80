#include "sign.h"

#include "error.h"
#include "secret.h"

#include <sodium/crypto_sign_ed25519.h>

_Static_assert(SIGN_SEED_BYTES == crypto_sign_ed25519_SEEDBYTES, "Ed25519's");
_Static_assert(SIGN_PUBLIC_KEY_BYTES == crypto_sign_ed25519_PUBLICKEYBYTES, "Ed25519's");
_Static_assert(SIGN_SECRET_KEY_BYTES == crypto_sign_ed25519_SECRETKEYBYTES, "Ed25519's");
_Static_assert(SIGNATURE_BYTES == crypto_sign_ed25519_BYTES, "Ed25519's");

void sign_key_pair(const uint8_t seed[SIGN_SEED_BYTES], struct sign_public_key *public_key,
                   struct sign_secret_key *secret_key) {
    crypto_sign_ed25519_seed_keypair(public_key->bytes, secret_key->secret, seed);
}

void sign_secret_key_wipe(struct sign_secret_key *key) {
    secret_wipe(key, sizeof *key);
}

void sign(const struct sign_secret_key *key, struct slice message, struct signature *signature) {
    crypto_sign_ed25519_detached(signature->bytes, NULL, (const uint8_t *)message.bytes,
                                 message.len, key->secret);
}

int sign_verify(const struct sign_public_key *key, struct slice message,
                const struct signature *signature) {
    int differs = crypto_sign_ed25519_verify_detached(
        signature->bytes, (const uint8_t *)message.bytes, message.len, key->bytes);
    return differs ? PARLEY_ERR_FORGED : PARLEY_OK;
}
