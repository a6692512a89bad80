/* proof.h - two members prove to each other that they are the two ends of their connection, and
 * that nobody is between them. This comment is the format's specification.
 *
 * DTLS protects a connection between the holders of the two certificates whose fingerprints are in
 * the descriptions (RFC 8122). Sealed signals protect the fingerprints on their way. The proof then
 * shows over the connection itself what each side was given: the first message of each data channel
 * has it (peer_message.h).
 *
 * A proof is PROOF_CHARACTERS of base64url without padding (RFC 4648, 5): 32 bytes, derived
 * (hash_derive) from the prover's key for fingerprints (pair_keys.h), with the label "parley proof"
 * and the following context. Numbers are unsigned and big-endian:
 *
 *   bytes
 *      32  the prover's fingerprint: the BLAKE2b hash, without a key, of the value of the first
 *          "fingerprint" attribute in the prover's description ("sha-256 AB:CD:...")
 *      32  the checker's
 *       4  the prover's connection (wire.h)
 *       4  the checker's
 */
#ifndef PARLEY_PROOF_H
#define PARLEY_PROOF_H

#include "hash.h"

#include <stdbool.h>

#define PROOF_CHARACTERS 43
#define PROOF_FINGERPRINT_BYTES 32

/* Zeros: none. */
struct proof {
    char text[PROOF_CHARACTERS];
};

struct proof_fingerprint {
    uint8_t bytes[PROOF_FINGERPRINT_BYTES];
};

/* One end of a connection. */
struct proof_end {
    struct proof_fingerprint fingerprint;
    uint32_t connection;
};

/* For the attribute's |value|; empty: there is none. */
struct proof_fingerprint proof_fingerprint_of(struct slice value);

struct proof proof_of(const struct hash_key *key, const struct proof_end *prover,
                      const struct proof_end *checker);

/* In constant time. */
bool proof_equal(const struct proof *one, const struct proof *other);

#endif
