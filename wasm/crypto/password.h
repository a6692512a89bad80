/* password.h - a key from a password, with Argon2id (RFC 9106, one lane). It is slow on purpose, so
 * that guessing is slow too.
 *
 * A page runs it in a module of its own (password.wasm) and drops the instance afterwards. This
 * releases the memory, since the memory of a WebAssembly instance never shrinks; and it drops the
 * secrets in it, since libsodium does not wipe its working memory before it frees it.
 */
#ifndef PARLEY_PASSWORD_H
#define PARLEY_PASSWORD_H

#include "hash.h"

#define PASSWORD_SALT_BYTES 16
#define PASSWORD_BYTES_MAX 1024
#define PASSWORD_MEMORY_KIB_MIN 8
#define PASSWORD_MEMORY_KIB_MAX (256 * 1024)
#define PASSWORD_PASSES_MAX 16

/* The cost of one guess. Everybody who has the password must use the same cost. */
struct password_cost {
    uint32_t memory_kib; /* PASSWORD_MEMORY_KIB_MIN to PASSWORD_MEMORY_KIB_MAX */
    uint32_t passes;     /* over that memory: 1 to PASSWORD_PASSES_MAX */
};

/* Derives |key| from |password|: at most PASSWORD_BYTES_MAX, any bytes, may be empty. |salt| is not
 * secret; different salts give different keys. Allocates cost.memory_kib, and frees it. After an
 * error |key| is zeros.
 * PARLEY_ERR_ARGUMENT: a cost or length is out of bounds. PARLEY_ERR_NO_MEMORY. */
int password_key(struct slice password, const uint8_t salt[PASSWORD_SALT_BYTES],
                 const struct password_cost *cost, struct hash_key *key);

#endif
