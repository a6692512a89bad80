#include "seal.h"

#include "error.h"
#include "secret.h"

#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <string.h>

_Static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the draft's");
_Static_assert(SEAL_NONCE_BYTES == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "the draft's");
_Static_assert(SEAL_TAG_BYTES == crypto_aead_xchacha20poly1305_ietf_ABYTES, "the draft's");

void seal_key_wipe(struct seal_key *key) {
    secret_wipe(key, sizeof *key);
}

void seal(const struct seal_key *key, const struct seal_nonce *nonce, struct slice associated,
          uint8_t *bytes, size_t len) {
    crypto_aead_xchacha20poly1305_ietf_encrypt_detached(
        bytes, bytes + len, NULL, bytes, len, (const uint8_t *)associated.bytes, associated.len,
        NULL, nonce->bytes, key->secret);
}

int seal_open(const struct seal_key *key, const struct seal_nonce *nonce, struct slice associated,
              uint8_t *bytes, size_t len) {
    size_t text_len = len < SEAL_TAG_BYTES ? 0 : len - SEAL_TAG_BYTES;
    if (len >= SEAL_TAG_BYTES &&
        crypto_aead_xchacha20poly1305_ietf_decrypt_detached(
            bytes, NULL, bytes, text_len, bytes + text_len, (const uint8_t *)associated.bytes,
            associated.len, nonce->bytes, key->secret) == 0)
        return PARLEY_OK;
    if (len)
        memset(bytes, 0, len);
    return PARLEY_ERR_FORGED;
}
