#include "hash.h"

#include "error.h"
#include "secret.h"

#include <sodium/crypto_generichash_blake2b.h>
#include <string.h>

_Static_assert(sizeof(crypto_generichash_blake2b_state) == HASH_STATE_BYTES, "hash.h");
_Static_assert(_Alignof(crypto_generichash_blake2b_state) <= HASH_STATE_ALIGNMENT, "hash.h");
_Static_assert(HASH_BYTES_MIN >= crypto_generichash_blake2b_BYTES_MIN, "BLAKE2b's limits");
_Static_assert(HASH_BYTES_MAX <= crypto_generichash_blake2b_BYTES_MAX, "BLAKE2b's limits");
_Static_assert(HASH_KEY_BYTES <= crypto_generichash_blake2b_KEYBYTES_MAX, "BLAKE2b's limits");

static crypto_generichash_blake2b_state *state_of(struct hash *hash) {
    return (crypto_generichash_blake2b_state *)(void *)hash->state;
}

void hash_key_wipe(struct hash_key *key) {
    secret_wipe(key, sizeof *key);
}

void hash_init(struct hash *hash, const struct hash_key *key, size_t len) {
    PARLEY_CHECK(len >= HASH_BYTES_MIN && len <= HASH_BYTES_MAX);
    hash->len = len;
    PARLEY_CHECK(crypto_generichash_blake2b_init(state_of(hash), key ? key->secret : NULL,
                                                 key ? sizeof key->secret : 0, len) == 0);
}

void hash_add(struct hash *hash, struct slice piece) {
    if (piece.len)
        crypto_generichash_blake2b_update(state_of(hash), (const uint8_t *)piece.bytes, piece.len);
}

void hash_end(struct hash *hash, uint8_t *out, size_t len) {
    PARLEY_CHECK(len == hash->len);
    PARLEY_CHECK(crypto_generichash_blake2b_final(state_of(hash), out, len) == 0);
    secret_wipe(hash, sizeof *hash);
}

void hash_of(const struct hash_key *key, struct slice data, uint8_t *out, size_t len) {
    struct hash hash;
    hash_init(&hash, key, len);
    hash_add(&hash, data);
    hash_end(&hash, out, len);
}

void hash_derive(const struct hash_key *key, const char *label, struct slice context, uint8_t *out,
                 size_t len) {
    struct slice name = slice_of(label);
    char name_bytes = (char)name.len;
    PARLEY_CHECK(key && name.len >= 1 && name.len <= HASH_LABEL_BYTES_MAX);
    struct hash hash;
    hash_init(&hash, key, len);
    hash_add(&hash, (struct slice){&name_bytes, 1});
    hash_add(&hash, name);
    hash_add(&hash, context);
    hash_end(&hash, out, len);
}
