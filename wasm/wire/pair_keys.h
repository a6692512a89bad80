/* pair_keys.h - the keys that two members of a room share with nobody else. They follow from the
 * hellos, without another message. This comment is the specification.
 *
 * To compute them, one must know both the room's key for pairs and the X25519 secret of one of the
 * two pages. A page's secret ends with the page, so the room's secret alone cannot open recorded
 * messages. hash_derive derives all keys, of 32 bytes each:
 *
 *   result         key                    label                     context
 *   pair           room's key for pairs   "parley pair"             the two members, see below
 *   signals        pair                   "parley pair signals"     sender's id, receiver's id
 *   fingerprints   pair                   "parley pair dtls"        prover's id, checker's id
 *   safety         pair                   "parley pair safety"
 *
 * There are two keys for signals, one for each direction. "fingerprints" proves which DTLS
 * fingerprints a member sees at the two ends of a connection. It has two keys as well: with a
 * single one, somebody between the two could send a member's proof back as the other's.
 *
 * "safety" is one input of a safety code, which differs between the two sides if somebody is
 * between them. It is not enough by itself: somebody in between chooses the X25519 key that each
 * side sees. For a code of 66 bits, about 2^33 keys for each side contain two that give both sides
 * the same code. A safety code must therefore take in a random nonce of at least 16 bytes from each
 * side as well, drawn for these keys. Each side commits to its nonce, and reveals it only when it
 * has the other's commitment. Then nobody can choose a key or a nonce by the resulting code.
 *
 * The context of "pair" follows. Numbers are unsigned and big-endian. The lower member is the one
 * whose id is lower, compared byte by byte:
 *
 *   bytes
 *      32  the X25519 result for the two pages
 *     +90  the lower member: id (22), and from the hello: features (4), X25519 key (32), Ed25519
 *          key (32)
 *     +90  the higher member, the same
 *      +1  length of the room's id in bytes
 *          the room's id, in lower case
 */
#ifndef PARLEY_PAIR_KEYS_H
#define PARLEY_PAIR_KEYS_H

#include "hello.h"

struct pair_keys {
    struct seal_key send, receive;
    struct hash_key prove, check; /* fingerprints: our proofs, theirs */
    struct hash_key safety;
};

/* One of the two members, and their hello. */
struct pair_member {
    struct member_id id;
    struct hello hello;
};

void pair_keys_wipe(struct pair_keys *keys);

/* Computes the keys that |ours| shares with |theirs| in |room|. |room_key| is the room's key for
 * pairs; the hello in |ours| has the public key of |secret|. After an error |keys| are zeros.
 * PARLEY_ERR_ARGUMENT: both have the same id. PARLEY_ERR_KEY: their key gives no secret
 * (exchange.h). */
int pair_keys_of(const struct hash_key *room_key, const struct room_id *room,
                 const struct exchange_secret_key *secret, const struct pair_member *ours,
                 const struct pair_member *theirs, struct pair_keys *keys);

#endif
