#include "password.h"

#include "error.h"

#include <sodium/crypto_pwhash_argon2id.h>

_Static_assert(PASSWORD_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "libsodium's");
_Static_assert(PASSWORD_MEMORY_KIB_MIN * 1024 >= crypto_pwhash_argon2id_MEMLIMIT_MIN, "RFC 9106");

static bool is_within_bounds(size_t len, const struct password_cost *cost) {
    return len <= PASSWORD_BYTES_MAX && cost->memory_kib >= PASSWORD_MEMORY_KIB_MIN &&
           cost->memory_kib <= PASSWORD_MEMORY_KIB_MAX && cost->passes >= 1 &&
           cost->passes <= PASSWORD_PASSES_MAX;
}

int password_key(struct slice password, const uint8_t salt[PASSWORD_SALT_BYTES],
                 const struct password_cost *cost, struct hash_key *key) {
    hash_key_wipe(key);
    if (!is_within_bounds(password.len, cost))
        return PARLEY_ERR_ARGUMENT;
    int failed = crypto_pwhash_argon2id(
        key->secret, sizeof key->secret, password.bytes, password.len, salt, cost->passes,
        (size_t)cost->memory_kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
    return failed ? PARLEY_ERR_NO_MEMORY : PARLEY_OK;
}
