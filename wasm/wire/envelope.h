/* envelope.h - a signal from one member to another, sealed with the pair's key for that direction
 * (pair_keys.h), since the server could change, repeat, withhold or redirect it. This comment is
 * the format's specification.
 *
 * Numbers are unsigned and big-endian.
 *
 *   bytes
 *      16  salt: random, drawn once for each sender
 *       8  counter: 1 for the sender's first envelope, then one more each time
 *          the sealed text (seal.h), of at most ENVELOPE_TEXT_BYTES_MAX
 *      16  its tag
 *
 * The salt and the counter are the nonce. The associated data is what the server must read to pass
 * it on, but must not change:
 *
 *   bytes
 *       4  "plv1": label and version
 *       1  length of the room's id in bytes
 *          the room's id, in lower case
 *      22  the sender's id
 *      22  the receiver's id
 *       1  length of the type in bytes
 *          the type, as in the message ("sealed")
 *
 * A reader accepts each counter once, and a late one only while it is among the ENVELOPE_WINDOW
 * highest (RFC 4303, 3.4.3). Only an envelope that was opened moves this window.
 *
 * The keys of a pair follow from the two members' ids and hellos. If a peer leaves and joins again,
 * or the server says so, the keys can be the same as before. A page therefore keeps one sender and
 * one window for each peer until the page ends, also after the peer is said to have left. It finds
 * them by the ids and X25519 keys of both members. A new window would open all earlier envelopes
 * again. A new sender's envelopes would be refused, but its salt gives it other nonces, so that
 * even this mistake reveals no text. A page forgets only those of pages that left long ago, above a
 * limit (signaling/keyring.h).
 *
 * A window belongs to the salt of the first envelope that it opens, for good. A function that lets
 * it accept another salt would be called when a peer joins again. The server can invent that, so
 * the window would have to refuse all salts before: a list without end. An honest sender needs no
 * such function, since it loses its salt only with its page, and so with its X25519 key.
 */
#ifndef PARLEY_ENVELOPE_H
#define PARLEY_ENVELOPE_H

#include "buffer.h"
#include "ids.h"
#include "seal.h"

#define ENVELOPE_SALT_BYTES 16
#define ENVELOPE_HEAD_BYTES SEAL_NONCE_BYTES
#define ENVELOPE_TEXT_BYTES_MAX 12000 /* fits, in base64url, into a signaling message */
#define ENVELOPE_BYTES_MAX (ENVELOPE_HEAD_BYTES + ENVELOPE_TEXT_BYTES_MAX + SEAL_TAG_BYTES)
#define ENVELOPE_TYPE_BYTES_MAX 32
#define ENVELOPE_WINDOW 64

/* The server reads these. No id is none; the type has 1 to ENVELOPE_TYPE_BYTES_MAX bytes. */
struct envelope_address {
    struct room_id room;
    struct member_id sender, receiver;
    struct slice type;
};

/* The result of opening an envelope. A redirected one counts as forged: one for another room,
 * member or type cannot be distinguished from an invented one. */
#define ENVELOPE_VERDICTS(X)                                                                       \
    X(OPENED)     /* it was read */                                                                \
    X(MALFORMED)  /* it is too short or too long, or its counter is 0 */                           \
    X(OTHER_SALT) /* its salt is not the window's: from another sender with the same key */        \
    X(REPLAYED)   /* its counter was opened before */                                              \
    X(LATE)       /* its counter is below the window, so it may be a replay */                     \
    X(FORGED)     /* not sealed with that key for that address, or changed since */

#define ENVELOPE_ENUM(name) ENVELOPE_##name,
enum envelope_verdict { ENVELOPE_VERDICTS(ENVELOPE_ENUM) ENVELOPE_VERDICT_COUNT };
#undef ENVELOPE_ENUM

/* The sender's progress. Only one exists for each key, as long as the page; it is never copied. */
struct envelope_sender {
    uint8_t salt[ENVELOPE_SALT_BYTES];
    uint64_t counter; /* the last one used; 0: none yet */
};

/* The opened envelopes. Only one exists for each key, as long as the page. Zero-initialise it
 * once. */
struct envelope_window {
    uint8_t salt[ENVELOPE_SALT_BYTES]; /* once one was opened */
    uint64_t highest;                  /* 0: none yet */
    uint64_t opened;                   /* bit n: highest - n was opened */
};

/* |salt| is random, and used for no other sender. */
void envelope_sender_init(struct envelope_sender *sender, const uint8_t salt[ENVELOPE_SALT_BYTES]);

/* Appends |text| as an envelope to |out|. |sender| is the only one for |key|.
 * PARLEY_ERR_TOO_BIG: the text. PARLEY_ERR_STATE: no counter is left. PARLEY_ERR_FULL,
 * PARLEY_ERR_NO_MEMORY: |out|'s. After an error nothing is appended or counted. */
int envelope_write(const struct seal_key *key, struct envelope_sender *sender,
                   const struct envelope_address *address, struct slice text, struct buffer *out);

/* Opens |bytes|, one envelope, in place, and sets |text| to its content. Unless it is OPENED,
 * |text| is empty, and |window| does not change. */
enum envelope_verdict envelope_open(const struct seal_key *key, struct envelope_window *window,
                                    const struct envelope_address *address, struct buffer *bytes,
                                    struct slice *text);

#endif
