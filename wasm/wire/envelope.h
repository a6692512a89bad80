/* envelope.h - a signal from one member to another, sealed with the pair's key for that direction
 * (pair_keys.h), since the server could change, repeat, withhold or redirect it. This comment is
 * the format's specification.
 *
 * Numbers are unsigned and big-endian.
 *
 *   bytes
 *       8  counter: 1 for the first envelope under the key, then one more each time
 *          the sealed text (seal.h), of at most ENVELOPE_TEXT_BYTES_MAX
 *      16  its tag
 *
 * The nonce is 16 zeros and the counter. The associated data is what the server must read to pass
 * the signal on, but must not change:
 *
 *   bytes
 *       4  "plv1": label and version
 *       1  length of the room's id in bytes
 *          the room's id, in lower case
 *      22  the sender's id
 *      22  the receiver's id
 *       4  connection (wire.h); 0: none
 *       4  for (wire.h); 0: none
 *       1  length of the type in bytes
 *          the type, as in the message ("offer")
 *
 * A reader accepts each counter once, and a late one only while it is among the ENVELOPE_WINDOW
 * highest (RFC 4303, 3.4.3). Only an envelope that was opened moves this window.
 */
#ifndef PARLEY_ENVELOPE_H
#define PARLEY_ENVELOPE_H

#include "buffer.h"
#include "ids.h"
#include "seal.h"

#define ENVELOPE_HEAD_BYTES 8
#define ENVELOPE_TEXT_BYTES_MAX 12000 /* fits, in base64url, into a signaling message */
#define ENVELOPE_BYTES_MAX (ENVELOPE_HEAD_BYTES + ENVELOPE_TEXT_BYTES_MAX + SEAL_TAG_BYTES)
#define ENVELOPE_TYPE_BYTES_MAX 32
#define ENVELOPE_WINDOW 64

/* What the server reads. No id is none; the type has 1 to ENVELOPE_TYPE_BYTES_MAX bytes. */
struct envelope_address {
    struct room_id room;
    struct member_id sender, receiver;
    struct slice type;
    uint32_t connection, for_connection;
};

/* The result of opening an envelope. A redirected one counts as forged: one for another room,
 * member, type or connection cannot be distinguished from an invented one. */
#define ENVELOPE_VERDICTS(X)                                                                       \
    X(OPENED)    /* it was read */                                                                 \
    X(MALFORMED) /* it is too short or too long, or has no counter */                              \
    X(REPLAYED)  /* its counter was opened before */                                               \
    X(LATE)      /* its counter is below the window, so it may be a replay */                      \
    X(FORGED)    /* not sealed with that key for that address, or changed since */

#define ENVELOPE_ENUM(name) ENVELOPE_##name,
enum envelope_verdict { ENVELOPE_VERDICTS(ENVELOPE_ENUM) ENVELOPE_VERDICT_COUNT };
#undef ENVELOPE_ENUM

/* The counters that were opened. Zero-initialise with each new key. */
struct envelope_window {
    uint64_t highest; /* 0: none yet */
    uint64_t opened;  /* bit n: highest - n was opened */
};

/* Appends |text| as an envelope to |out|. |counter| is the last one used with |key|, 0 before the
 * first; this adds 1 to it. Never use a counter twice with a key.
 * PARLEY_ERR_TOO_BIG: the text. PARLEY_ERR_STATE: the key has no counter left. PARLEY_ERR_FULL,
 * PARLEY_ERR_NO_MEMORY: |out|'s. After an error nothing is appended or counted. */
int envelope_write(const struct seal_key *key, uint64_t *counter,
                   const struct envelope_address *address, struct slice text, struct buffer *out);

/* Opens |bytes|, one envelope, in place, and sets |text| to its content. Unless it is OPENED,
 * |text| is empty, and |window| does not change. */
enum envelope_verdict envelope_open(const struct seal_key *key, struct envelope_window *window,
                                    const struct envelope_address *address, struct buffer *bytes,
                                    struct slice *text);

#endif
