#include "exchange.h"

#include "error.h"
#include "secret.h"

#include <sodium/crypto_scalarmult_curve25519.h>
#include <string.h>

_Static_assert(EXCHANGE_SEED_BYTES == crypto_scalarmult_curve25519_SCALARBYTES, "X25519's");
_Static_assert(EXCHANGE_KEY_BYTES == crypto_scalarmult_curve25519_BYTES, "X25519's");
_Static_assert(HASH_KEY_BYTES == crypto_scalarmult_curve25519_BYTES, "X25519's");

/* Does not call crypto_scalarmult_curve25519_base: it is faster only natively, and has a table. */
void exchange_key_pair(const uint8_t seed[EXCHANGE_SEED_BYTES],
                       struct exchange_public_key *public_key,
                       struct exchange_secret_key *secret_key) {
    static const uint8_t base_point[EXCHANGE_KEY_BYTES] = {9};
    memcpy(secret_key->secret, seed, EXCHANGE_SEED_BYTES);
    PARLEY_CHECK(crypto_scalarmult_curve25519(public_key->bytes, seed, base_point) == 0);
}

void exchange_secret_key_wipe(struct exchange_secret_key *key) {
    secret_wipe(key, sizeof *key);
}

int exchange_agree(const struct exchange_secret_key *ours, const struct exchange_public_key *theirs,
                   struct hash_key *shared) {
    if (crypto_scalarmult_curve25519(shared->secret, ours->secret, theirs->bytes) == 0)
        return PARLEY_OK;
    hash_key_wipe(shared);
    return PARLEY_ERR_KEY;
}
