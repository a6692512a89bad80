/* hash.h - BLAKE2b (RFC 7693): hashes with or without a key, in one call or piece by piece, and the
 * derivation of keys from keys.
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

/* A secret that hashes are keyed with, and that other secrets derive from. */
struct hash_key {
    uint8_t secret[HASH_KEY_BYTES];
};

void hash_key_wipe(struct hash_key *key);

/* A hash on its way, between hash_init and hash_end. */
struct hash {
    _Alignas(HASH_STATE_ALIGNMENT) uint8_t state[HASH_STATE_BYTES];
    size_t len; /* of the result */
};

/* Begins a hash of |len| bytes (HASH_BYTES_MIN to HASH_BYTES_MAX). |key| may be NULL: anybody can
 * make the same hash. */
void hash_init(struct hash *hash, const struct hash_key *key, size_t len);

/* Continues with |piece|. Where pieces end makes no difference to the result: if that matters, hash
 * their lengths too. */
void hash_add(struct hash *hash, struct slice piece);

/* Writes the hash to |out|, which has the |len| bytes of hash_init, and wipes |hash|. */
void hash_end(struct hash *hash, uint8_t *out, size_t len);

/* All three in one call. */
void hash_of(const struct hash_key *key, struct slice data, uint8_t *out, size_t len);

/* Derives |len| bytes (HASH_BYTES_MIN to HASH_BYTES_MAX) from |key| for the one purpose that
 * |label| names: 1 to HASH_LABEL_BYTES_MAX characters of ASCII, used for nothing else, such as
 * "parley room id". |context| (may be empty) distinguishes what is derived for that purpose.
 *
 * The result is the hash, keyed with |key|, of one byte with the length of |label|, |label|, and
 * |context|. Nobody who knows it learns |key|, or what another label, context or length gives. */
void hash_derive(const struct hash_key *key, const char *label, struct slice context, uint8_t *out,
                 size_t len);

#endif
