/* pair_keys.h - the keys that two members of a room share with nobody else, from their hellos: no
 * message of its own is needed. This comment is the specification.
 *
 * All of these must be known to compute them: the room's key for pairs, and the X25519 secret of
 * one of the two pages, which goes with the page. The room's secret alone opens nothing that was
 * recorded. All derive by hash_derive; results have 32 bytes:
 *
 *   result         key                    label                     context
 *   pair           room's key for pairs   "parley pair"             the two members, see below
 *   signals        pair                   "parley pair signals"     sender's id, receiver's id
 *   fingerprints   pair                   "parley pair dtls"
 *   safety         pair                   "parley pair safety"
 *
 * There are two keys for signals, one for each direction. "fingerprints" proves what DTLS the two
 * ends of a connection see. "safety" is what a safety code is made of: it differs between the two
 * sides if somebody is between them.
 *
 * The context of "pair", with numbers unsigned and big-endian; the lower member is the one whose id
 * is lower, byte by byte:
 *
 *   bytes
 *      32  what X25519 gives for the two pages
 *     +90  the lower member: id (22), and from the hello: features (4), X25519 key (32), Ed25519
 *          key (32)
 *     +90  the higher member, the same
 *      +1  how many bytes the room's id has
 *          the room's id, in lower case
 */
#ifndef PARLEY_PAIR_KEYS_H
#define PARLEY_PAIR_KEYS_H

#include "hello.h"

struct pair_keys {
    struct seal_key send, receive;
    struct hash_key fingerprints;
    struct hash_key safety;
};

/* One of the two, and what their hello said. */
struct pair_member {
    struct member_id id;
    struct hello hello;
};

void pair_keys_wipe(struct pair_keys *keys);

/* The keys of |ours|, whose hello has the public key of |secret|, with |theirs|, in the room whose
 * id is |room| and whose key for pairs is |room_key|. After an error |keys| are zeros.
 * PARLEY_ERR_ARGUMENT: both have one id. PARLEY_ERR_KEY: theirs gives no secret (exchange.h). */
int pair_keys_of(const struct hash_key *room_key, const struct room_id *room,
                 const struct exchange_secret_key *secret, const struct pair_member *ours,
                 const struct pair_member *theirs, struct pair_keys *keys);

#endif
