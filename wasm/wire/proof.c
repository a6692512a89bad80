#include "proof.h"

#include "pack.h"
#include "secret.h"
#include "text.h"

#define PROOF_BYTES 32
#define CONTEXT_BYTES (2 * (PROOF_FINGERPRINT_BYTES + 4))

_Static_assert(PROOF_CHARACTERS == (8 * PROOF_BYTES + 5) / 6, "proof.h");

struct proof_fingerprint proof_fingerprint_of(struct slice value) {
    struct proof_fingerprint out;
    hash_of(NULL, value, out.bytes, sizeof out.bytes);
    return out;
}

struct proof proof_of(const struct hash_key *key, const struct proof_end *prover,
                      const struct proof_end *checker) {
    uint8_t context[CONTEXT_BYTES], *at = context, bytes[PROOF_BYTES];
    struct proof proof;
    pack_bytes(&at, prover->fingerprint.bytes, sizeof prover->fingerprint.bytes);
    pack_bytes(&at, checker->fingerprint.bytes, sizeof checker->fingerprint.bytes);
    pack_number(&at, prover->connection, 4);
    pack_number(&at, checker->connection, 4);
    hash_derive(key, "parley proof", packed(context, at), bytes, sizeof bytes);
    text_base64url(bytes, sizeof bytes, proof.text);
    return proof;
}

bool proof_equal(const struct proof *one, const struct proof *other) {
    return secret_equal(one->text, other->text, sizeof one->text);
}
