/* entry.h - something that a person says in a room, as a record that its author signs: anybody can
 * pass it on, and nobody else can change it. This comment is the format's specification.
 *
 * An entry is a header of ENTRY_HEADER_BYTES, the author's signature (Ed25519, sign.h), and the
 * body. Numbers are unsigned and big-endian.
 *
 *   bytes
 *       4  "ple1": label and version, so that nothing else an author signs passes for an entry
 *       1  kind (ENTRY_KINDS)
 *       1  flags: none is defined yet; a writer sets 0
 *       2  length of the body in bytes, at most ENTRY_BODY_BYTES_MAX
 *       8  time: milliseconds since 1970 times 65,536, plus a counter of the events within that
 *          millisecond (hybrid logical time)
 *       4  sequence: 1 for the first entry of the run, then one more each time
 *       8  run: random bytes that the author's page draws when it starts
 *      32  author: the public key
 *      32  previous: the id of the run's entry before this one; zeros for the first
 *      32  seen: the id of the newest entry of another run that the author's page knew; zeros for
 *          none
 *      32  hash of the body: BLAKE2b, without a key
 *      64  signature
 *          the body. The signature covers only its hash, so a page can drop the body and still
 *          verify the author's chain
 *
 * A run is the chain of entries of one page of its author. Two pages of one person have the same
 * key and cannot agree on numbers: a tab can be opened twice, and a page that crashes may not have
 * stored its last number. So each page that starts begins a run of its own, and an honest author
 * never uses a number of a run twice. Two entries of the same author, run and sequence prove that
 * the author cheats. A key for each page would do the same, but would need a second signature in
 * each entry: 8 random bytes are enough, since only the author's own pages can draw the same.
 *
 * The id of an entry is the BLAKE2b hash of its header. The hash does not cover the signature, so
 * that an author cannot give one entry two ids.
 *
 * The author signs the header and then the room, so that nobody can repeat an entry in another
 * room:
 *
 *   bytes
 *       1  1: a sealed room; 0: an open one, which can have the same id
 *       1  length of the room's id in bytes
 *          the room's id, in lower case
 *
 * A page keeps and passes on an entry with an unknown kind or flag, and shows it as something that
 * needs a newer page. The bodies of the kinds below are UTF-8; each reader cleans them again
 * (text.h).
 */
#ifndef PARLEY_ENTRY_H
#define PARLEY_ENTRY_H

#include "buffer.h"
#include "ids.h"
#include "sign.h"

#include <stdbool.h>
#include <stdint.h>

#define ENTRY_HASH_BYTES 32
#define ENTRY_RUN_BYTES 8
#define ENTRY_HEADER_BYTES 156
#define ENTRY_BODY_BYTES_MAX 16000 /* an entry fits into a message of 16 KiB (RFC 8831, 6.6) */
#define ENTRY_BYTES_MAX (ENTRY_HEADER_BYTES + SIGNATURE_BYTES + ENTRY_BODY_BYTES_MAX)

/* The place of an entry in the order in which everybody shows a room: by time, then by author, run
 * and sequence. If a dishonest author gives two entries the same four, the id decides. The order is
 * that of these bytes (memcmp): time, author, run and sequence as in the header, and the first
 * ENTRY_SHORT_ID_BYTES of the id. */
#define ENTRY_SHORT_ID_BYTES 16
#define ENTRY_KEY_BYTES (8 + SIGN_PUBLIC_KEY_BYTES + ENTRY_RUN_BYTES + 4 + ENTRY_SHORT_ID_BYTES)

struct entry_key {
    uint8_t bytes[ENTRY_KEY_BYTES];
};

/* The meaning of the body. */
#define ENTRY_KINDS(X)                                                                             \
    X(TEXT, 1) /* what the author says */                                                          \
    X(NAME, 2) /* the author's name from now on */

#define ENTRY_ENUM(name, number) ENTRY_##name = (number),
enum entry_kind { ENTRY_KINDS(ENTRY_ENUM) };
#undef ENTRY_ENUM

struct entry_hash {
    uint8_t bytes[ENTRY_HASH_BYTES];
};

struct entry_run {
    uint8_t bytes[ENTRY_RUN_BYTES];
};

struct entry_id {
    struct entry_hash hash; /* zeros: no entry */
};

struct entry {
    uint8_t kind; /* an enum entry_kind, or a kind that only newer pages know */
    uint8_t flags;
    uint16_t body_bytes;
    uint64_t time;
    uint32_t sequence;
    struct entry_run run;
    struct sign_public_key author;
    struct entry_id previous, seen;
    struct entry_hash body_hash;
    struct signature signature;
    struct slice body; /* not owned; if bytes is NULL, it was dropped */
};

/* The room of entries: its id, and whether it is sealed. */
struct entry_room {
    struct room_id id;
    bool is_sealed;
};

/* Sets the fields that follow from the others: body_bytes, body_hash, and the signature by |key|,
 * which belongs to the author. The body is there.
 * PARLEY_ERR_TOO_BIG: the body. PARLEY_ERR_FIELD: sequence and previous contradict each other. */
int entry_sign(struct entry *entry, const struct entry_room *room,
               const struct sign_secret_key *key);

/* Appends |entry|, which was signed or read with its body, to |out|. PARLEY_ERR_FULL,
 * PARLEY_ERR_NO_MEMORY: |out|'s. */
int entry_write(const struct entry *entry, struct buffer *out);

/* Reads the one entry in |bytes|; its body points into them. The author is not proved yet:
 * entry_verify. Whether the time is later than that of previous and seen, and whether previous is
 * the same run's entry with the sequence before, only the holder of those entries can check.
 * PARLEY_ERR_FIELD: shorter than an entry, another version, or sequence and previous contradict
 * each other. PARLEY_ERR_TOO_BIG: the body. PARLEY_ERR_FORGED: the body is missing, or not the one
 * that was signed. */
int entry_read(struct slice bytes, struct entry *entry);

/* Cuts the bytes of the first entry off |rest|: entries can follow one another, since the header
 * says how long each is. False: |rest| does not begin with a whole entry; it is unchanged. */
bool entry_cut(struct slice *rest, struct slice *bytes);

/* Reads an entry without its body, which body.bytes NULL says. It proves a chain, but it is no
 * entry: a page that took it for one would never ask for the body. Errors as entry_read. */
int entry_read_head(struct slice bytes, struct entry *entry);

/* PARLEY_ERR_FORGED: the author did not sign this in |room|. */
int entry_verify(const struct entry *entry, const struct entry_room *room);

/* The id of |entry|, which was signed or read. */
struct entry_id entry_id(const struct entry *entry);

/* The place of |entry|, whose id is |id|, in the room's order. */
struct entry_key entry_key(const struct entry *entry, const struct entry_id *id);

bool entry_id_equal(const struct entry_id *left, const struct entry_id *right);
bool entry_id_is_none(const struct entry_id *id);

#endif
