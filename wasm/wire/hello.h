/* hello.h - what a page says of itself to everybody who joins or is in its room: sealed, so that
 * the server cannot read it, and signed, so that nobody in the room can say it for somebody else.
 * This comment is the format's specification.
 *
 * A hello is HELLO_CHARACTERS of base64url without padding (RFC 4648, 5), for JSON. They hold a
 * nonce of 24 bytes, the sealed text (seal.h, with the room's key for hellos), and its tag of 16.
 * Numbers are unsigned and big-endian. The text:
 *
 *   bytes
 *       4  "plh1": label and version
 *       4  features: bits for what the page can do; none yet, and a reader ignores unknown ones
 *      32  X25519 public key, fresh with each load of the page
 *      32  Ed25519 public key: who the member is in this room
 *      64  that key's signature of the fields above, followed by the place
 *
 * The place is also what the sealed text is bound to (associated data), so that a hello means
 * nothing in another room, or as another member's:
 *
 *   bytes
 *       4  "plh1"
 *       1  how many bytes the room's id has
 *          the room's id, in lower case
 *      22  the member's id
 */
#ifndef PARLEY_HELLO_H
#define PARLEY_HELLO_H

#include "exchange.h"
#include "ids.h"
#include "seal.h"
#include "sign.h"

#define HELLO_BYTES 176
#define HELLO_CHARACTERS 235

struct hello {
    uint32_t features;
    struct exchange_public_key exchange;
    struct sign_public_key identity;
};

/* Whose hello it is; neither id is none. */
struct hello_place {
    struct room_id room;
    struct member_id member;
};

/* Writes |hello|, whose identity is the public key of |identity|. |nonce| is random. */
void hello_write(const struct hello *hello, const struct hello_place *place,
                 const struct sign_secret_key *identity, const struct seal_key *key,
                 const struct seal_nonce *nonce, char out[HELLO_CHARACTERS]);

/* Reads the hello that the server says is from |place|. After an error |hello| is zeros.
 * PARLEY_ERR_FORGED: it was not sealed with |key| for |place|: another password, or the server's
 * doing. PARLEY_ERR_SIGNATURE: somebody else in the room made it. PARLEY_ERR_FIELD: it is no hello,
 * or another version's. */
int hello_read(struct slice text, const struct hello_place *place, const struct seal_key *key,
               struct hello *hello);

#endif
