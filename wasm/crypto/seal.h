/* seal.h - authenticated encryption with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): only
 * holders of the key can read a sealed text, change it, or make one.
 *
 * Use a nonce only once with each key: two messages under the same nonce reveal each other, and let
 * others forge messages. A nonce is not secret. 24 random bytes will do: it need not be a counter.
 */
#ifndef PARLEY_SEAL_H
#define PARLEY_SEAL_H

#include "slice.h"

#include <stdint.h>

#define SEAL_KEY_BYTES 32
#define SEAL_NONCE_BYTES 24
#define SEAL_TAG_BYTES 16 /* sealing makes a text longer by this */

struct seal_key {
    uint8_t secret[SEAL_KEY_BYTES];
};

struct seal_nonce {
    uint8_t bytes[SEAL_NONCE_BYTES];
};

void seal_key_wipe(struct seal_key *key);

/* Seals the first |len| bytes of |bytes| in place. The tag follows them, so |bytes| must have room
 * for |len| + SEAL_TAG_BYTES. |associated| (may be empty) is not part of the result, but seal_open
 * needs the same. */
void seal(const struct seal_key *key, const struct seal_nonce *nonce, struct slice associated,
          uint8_t *bytes, size_t len);

/* Opens |len| sealed bytes in place. The text is the first |len| - SEAL_TAG_BYTES of them.
 * PARLEY_ERR_FORGED: they were not sealed with that key, nonce and associated data. |bytes| is then
 * zeros, so that a caller cannot use a forged text. */
int seal_open(const struct seal_key *key, const struct seal_nonce *nonce, struct slice associated,
              uint8_t *bytes, size_t len);

#endif
