/* hello.h - a page's description of itself for everybody in its room. It is sealed, so that the
 * server cannot read it, and signed, so that nobody can change it. A member with the room's key can
 * still make one for any member's id, with an identity of their own: only somebody who has met the
 * member before notices that (signaling/keyring.h). This comment is the format's specification.
 *
 * A hello is HELLO_CHARACTERS of base64url without padding (RFC 4648, 5), for JSON. They hold a
 * nonce of 24 bytes, the sealed text (seal.h, with the room's key for hellos), and its tag of 16.
 * Numbers are unsigned and big-endian. The text:
 *
 *   bytes
 *       4  "plh1": label and version
 *       4  features: bits for what the page can do; none is defined yet, and a reader ignores
 *          unknown ones
 *       4  number of the join with which it was sent (wire.h, "number"): of two hellos of one
 *          member, the one with the greater number is the newer. So the server cannot repeat an old
 *          one to those who know the newer
 *      32  X25519 public key, new each time the page is loaded
 *      32  Ed25519 public key: the member's identity in this room
 *      64  that key's signature of the fields above, followed by the place
 *
 * The place is also the associated data of the sealed text, so that a hello is not valid in another
 * room, or for another member:
 *
 *   bytes
 *       4  "plh1"
 *       1  length of the room's id in bytes
 *          the room's id, in lower case
 *      22  the member's id
 */
#ifndef PARLEY_HELLO_H
#define PARLEY_HELLO_H

#include "exchange.h"
#include "ids.h"
#include "seal.h"
#include "sign.h"

#define HELLO_BYTES 180
#define HELLO_CHARACTERS 240

struct hello {
    uint32_t features;
    uint32_t number; /* of the join */
    struct exchange_public_key exchange;
    struct sign_public_key identity;
};

/* The room and the member of a hello; neither id is none. */
struct hello_place {
    struct room_id room;
    struct member_id member;
};

/* Writes |hello|, whose identity is the public key of |identity|. |nonce| is random. */
void hello_write(const struct hello *hello, const struct hello_place *place,
                 const struct sign_secret_key *identity, const struct seal_key *key,
                 const struct seal_nonce *nonce, char out[HELLO_CHARACTERS]);

/* Reads a hello that, according to the server, is from |place|. After an error |hello| is zeros.
 * PARLEY_ERR_FORGED: it was not sealed with |key| for |place|: the password differs, or the server
 * has changed or moved it. PARLEY_ERR_SIGNATURE: somebody else in the room made it.
 * PARLEY_ERR_FIELD: it is not a hello, or has another version. */
int hello_read(struct slice text, const struct hello_place *place, const struct seal_key *key,
               struct hello *hello);

#endif
