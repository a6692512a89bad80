/* sync.h - the messages by which two members find out which entries each of them lacks, whatever
 * the sets are: range-based set reconciliation. log/reconcile.h makes and answers them. This
 * comment is the format's specification.
 *
 * All entries stand in one order (entry.h). A message goes through it from the beginning, range by
 * range, and says something about the writer's entries in each. It is "pls1", label and version,
 * and then parts of
 *
 *   bytes
 *       1  kind (SYNC_KINDS)
 *       1  how many bytes the end of the range has; 0: it ends with the order
 *          the end: the keys of the range (entry.h) come before it in the order of bytes, and those
 *          of the next part do not. Each part begins where the one before it ends; ends ascend
 *
 * and, by kind:
 *
 *   SAME         nothing: the reader need not answer for this range
 *   FINGERPRINT  16 bytes: of all the writer's entries in the range
 *   LIST         1 byte, how many (at most SYNC_IDS_MAX), and the first 16 bytes of the id of each
 *                of the writer's entries in the range, in order
 *   WANT         as LIST: the ids of entries in the range that the writer lacks
 *
 * A fingerprint is the BLAKE2b hash of 16 bytes, without a key, of the sum of all ids (as
 * little-endian numbers, modulo 2^256), and of how many they are (4 bytes, little-endian).
 */
#ifndef PARLEY_SYNC_H
#define PARLEY_SYNC_H

#include "buffer.h"
#include "entry.h"

#define SYNC_FINGERPRINT_BYTES 16
#define SYNC_IDS_MAX 64
#define SYNC_LABEL_BYTES 4
#define SYNC_SAME_BYTES_MAX (2 + ENTRY_KEY_BYTES)
#define SYNC_PART_BYTES_MAX (2 + ENTRY_KEY_BYTES + 1 + SYNC_IDS_MAX * ENTRY_SHORT_ID_BYTES)

#define SYNC_KINDS(X) X(SAME) X(FINGERPRINT) X(LIST) X(WANT)

#define SYNC_ENUM(name) SYNC_##name,
enum sync_kind { SYNC_KINDS(SYNC_ENUM) SYNC_KIND_COUNT };
#undef SYNC_ENUM

/* Where a range ends. */
struct sync_end {
    uint8_t len; /* 0: with the order */
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

/* The shortest end of a range between |before|, its last key, and |after|, a later one. */
struct sync_end sync_end_between(const struct entry_key *before, const struct entry_key *after);

/* True when |key| comes before |end|. */
bool sync_is_before(const struct entry_key *key, const struct sync_end *end);

/* How many bytes |part| takes. */
size_t sync_part_bytes(const struct sync_part *part);

/* Begins a message in |out|, or appends a part. PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s. */
int sync_begin(struct buffer *out);
int sync_put(struct buffer *out, const struct sync_part *part);

/* A message that is being read. */
struct sync_reader {
    struct slice rest;
    struct sync_end end; /* of the part that was read last */
    bool ended;          /* that part ends with the order */
};

/* Begins to read |bytes|. PARLEY_ERR_FIELD: another version, or no message of this kind. */
int sync_read(struct slice bytes, struct sync_reader *reader);

/* Reads the next part. PARLEY_ERR_EMPTY: there is none. PARLEY_ERR_FIELD: an unknown kind, too many
 * ids, cut off, or an end that does not ascend. */
int sync_next(struct sync_reader *reader, struct sync_part *part);

#endif
