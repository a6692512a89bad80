/* seal.h - authenticated encryption with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): only
 * holders of the key can read what is sealed, and nobody else can change or make it.
 *
 * A nonce is used once with a key: a second message under the same nonce reveals both, and lets
 * others forge. It is no secret. 24 random bytes may be used as one without counting.
 */
#ifndef PARLEY_SEAL_H
#define PARLEY_SEAL_H

#include "slice.h"

#include <stdint.h>

#define SEAL_KEY_BYTES 32
#define SEAL_NONCE_BYTES 24
#define SEAL_TAG_BYTES 16 /* a sealed text is longer by this */

struct seal_key {
    uint8_t secret[SEAL_KEY_BYTES];
};

struct seal_nonce {
    uint8_t bytes[SEAL_NONCE_BYTES];
};

void seal_key_wipe(struct seal_key *key);

/* Seals the first |len| bytes of |bytes|, in place; the tag follows them, so |bytes| has room for
 * |len| + SEAL_TAG_BYTES. |associated| (may be empty) is not part of the result, but must be the
 * same when it is opened. */
void seal(const struct seal_key *key, const struct seal_nonce *nonce, struct slice associated,
          uint8_t *bytes, size_t len);

/* Opens |len| sealed bytes, in place; the text is the first |len| - SEAL_TAG_BYTES of them.
 * PARLEY_ERR_FORGED: they were not sealed with that key, nonce and associated data. |bytes| is then
 * zeros: nothing of a forged text can be used. */
int seal_open(const struct seal_key *key, const struct seal_nonce *nonce, struct slice associated,
              uint8_t *bytes, size_t len);

#endif
