/* hash.h - BLAKE2b (RFC 7693): hashes with or without a key, in one call or piece by piece. It also
 * derives keys from keys.
 *
 * The length of a hash is one of its inputs: a short hash is not the beginning of a longer one.
 */
#ifndef PARLEY_HASH_H
#define PARLEY_HASH_H

#include "slice.h"

#include <stdint.h>

#define HASH_BYTES_MIN 16
#define HASH_BYTES_MAX 64
#define HASH_KEY_BYTES 32
#define HASH_LABEL_BYTES_MAX 64
#define HASH_STATE_BYTES 384
#define HASH_STATE_ALIGNMENT 64

/* A secret that keys hashes, and from which other secrets are derived. */
struct hash_key {
    uint8_t secret[HASH_KEY_BYTES];
};

void hash_key_wipe(struct hash_key *key);

/* A hash in progress, between hash_init and hash_end. */
struct hash {
    _Alignas(HASH_STATE_ALIGNMENT) uint8_t state[HASH_STATE_BYTES];
    size_t len; /* of the result */
};

/* Begins a hash of |len| bytes (HASH_BYTES_MIN to HASH_BYTES_MAX). If |key| is NULL, anybody can
 * compute the same hash. */
void hash_init(struct hash *hash, const struct hash_key *key, size_t len);

/* Adds |piece|. The result does not depend on how the data is divided into pieces. If it must, hash
 * the lengths of the pieces too. */
void hash_add(struct hash *hash, struct slice piece);

/* Writes the hash to |out|, and wipes |hash|. |len| is the same as in hash_init. */
void hash_end(struct hash *hash, uint8_t *out, size_t len);

/* hash_init, hash_add and hash_end in one call. */
void hash_of(const struct hash_key *key, struct slice data, uint8_t *out, size_t len);

/* Derives |len| bytes (HASH_BYTES_MIN to HASH_BYTES_MAX) from |key|. |label| names their purpose,
 * such as "parley room id": 1 to HASH_LABEL_BYTES_MAX characters of ASCII, not used for any other
 * purpose. |context| (may be empty) distinguishes results of the same purpose.
 *
 * The result is the hash, keyed with |key|, of one byte with the length of |label|, |label|, and
 * |context|. It reveals neither |key| nor the result of another label, context or length. */
void hash_derive(const struct hash_key *key, const char *label, struct slice context, uint8_t *out,
                 size_t len);

#endif
