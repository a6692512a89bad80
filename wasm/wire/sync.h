/* sync.h - the messages by which two members find out which entries each of them lacks (range-based
 * set reconciliation). log/reconcile.h makes and answers them. This comment is the format's
 * specification.
 *
 * All entries have one order (entry.h). A message goes through it from the beginning, range by
 * range, and describes the writer's entries in each range. It begins with "pls1" (label, version).
 * Then it has one part for each range:
 *
 *   bytes
 *       1  kind (SYNC_KINDS)
 *       1  length of the end in bytes; 0: the range has no end, and this part is the last
 *          end of the range: the keys of the range (entry.h) are below it, compared byte by byte.
 *          The next range begins there, and its end must be greater
 *
 * Then follows, depending on the kind:
 *
 *   SAME         nothing: the reader need not answer for this range
 *   FINGERPRINT  32 bytes: the fingerprint of all the writer's entries in the range
 *   LIST         1 byte, how many (at most SYNC_IDS_MAX), and the first 16 bytes of the id of each
 *                of the writer's entries in the range, in order
 *   WANT         as LIST: the ids of entries in the range that the writer lacks
 *
 * A fingerprint is the BLAKE2b hash of 32 bytes, without a key, of the ids in order. A sum of ids
 * instead of a hash would let an author choose entries that make two different sets look the same
 * (Wagner's generalised birthday).
 *
 * A receipt names entries that its writer has verified and stored; it goes to their author. It has
 * "plr1" (label, version), and then the first 16 bytes of the id of each, 1 to SYNC_IDS_MAX of
 * them. Ids rather than ranges of sequence numbers, since a reader can have holes, and since 16
 * bytes are little beside an entry.
 */
#ifndef PARLEY_SYNC_H
#define PARLEY_SYNC_H

#include "buffer.h"
#include "entry.h"

#define SYNC_FINGERPRINT_BYTES 32
#define SYNC_IDS_MAX 64
#define SYNC_LABEL_BYTES 4
#define SYNC_SAME_BYTES_MAX (2 + ENTRY_KEY_BYTES)
#define SYNC_PART_BYTES_MAX (2 + ENTRY_KEY_BYTES + 1 + SYNC_IDS_MAX * ENTRY_SHORT_ID_BYTES)

#define SYNC_KINDS(X) X(SAME) X(FINGERPRINT) X(LIST) X(WANT)

#define SYNC_ENUM(name) SYNC_##name,
enum sync_kind { SYNC_KINDS(SYNC_ENUM) SYNC_KIND_COUNT };
#undef SYNC_ENUM

/* The end of a range. */
struct sync_end {
    uint8_t len; /* 0: the range has no end */
    uint8_t bytes[ENTRY_KEY_BYTES];
};

struct sync_fingerprint {
    uint8_t bytes[SYNC_FINGERPRINT_BYTES];
};

struct sync_part {
    enum sync_kind kind;
    struct sync_end end;
    struct sync_fingerprint fingerprint; /* FINGERPRINT */
    uint8_t count;                       /* LIST and WANT */
    uint8_t ids[SYNC_IDS_MAX][ENTRY_SHORT_ID_BYTES];
};

/* The shortest end of a range whose last key is |before|. |after| is the first key of the next. */
struct sync_end sync_end_between(const struct entry_key *before, const struct entry_key *after);

/* True if |key| comes before |end|. */
bool sync_is_before(const struct entry_key *key, const struct sync_end *end);

/* The size of |part| in a message. */
size_t sync_part_bytes(const struct sync_part *part);

/* Begins a message in |out|, or appends a part. PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s. */
int sync_begin(struct buffer *out);
int sync_put(struct buffer *out, const struct sync_part *part);

/* A message that is being read. */
struct sync_reader {
    struct slice rest;
    struct sync_end end; /* of the part that was read last */
    bool ended;          /* that part's range has no end */
};

/* Begins to read |bytes|. PARLEY_ERR_FIELD: it has another version, or is not such a message. */
int sync_read(struct slice bytes, struct sync_reader *reader);

/* Reads the next part. PARLEY_ERR_EMPTY: there is none. PARLEY_ERR_FIELD: the part is cut off, has
 * an unknown kind or too many ids, or its end is not greater than the one before. */
int sync_next(struct sync_reader *reader, struct sync_part *part);

/* The ids of a receipt. */
struct sync_receipt {
    uint8_t count;
    uint8_t ids[SYNC_IDS_MAX][ENTRY_SHORT_ID_BYTES];
};

/* Appends a receipt, which has an id, to |out|. PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s. */
int sync_put_receipt(struct buffer *out, const struct sync_receipt *receipt);

/* PARLEY_ERR_FIELD: |bytes| is not a receipt. */
int sync_read_receipt(struct slice bytes, struct sync_receipt *receipt);

#endif
