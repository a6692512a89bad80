#include "entry.h"

#include "error.h"
#include "hash.h"
#include "pack.h"

#define LABEL "ple1"
#define LABEL_BYTES (sizeof LABEL - 1)
#define HEAD_BYTES (ENTRY_HEADER_BYTES + SIGNATURE_BYTES)

static const struct entry_id none;

static void put_header(const struct entry *entry, uint8_t header[ENTRY_HEADER_BYTES]) {
    uint8_t *at = header;
    pack_bytes(&at, LABEL, LABEL_BYTES);
    pack_number(&at, entry->kind, 1);
    pack_number(&at, entry->flags, 1);
    pack_number(&at, entry->body_bytes, 2);
    pack_number(&at, entry->time, 8);
    pack_number(&at, entry->sequence, 4);
    pack_bytes(&at, entry->run.bytes, ENTRY_RUN_BYTES);
    pack_bytes(&at, entry->author.bytes, sizeof entry->author.bytes);
    pack_bytes(&at, entry->previous.hash.bytes, ENTRY_HASH_BYTES);
    pack_bytes(&at, entry->seen.hash.bytes, ENTRY_HASH_BYTES);
    pack_bytes(&at, entry->body_hash.bytes, ENTRY_HASH_BYTES);
    PARLEY_CHECK(at == header + ENTRY_HEADER_BYTES);
}

static void get_header(const uint8_t *at, struct entry *entry) {
    at += LABEL_BYTES;
    entry->kind = (uint8_t)unpack_number(&at, 1);
    entry->flags = (uint8_t)unpack_number(&at, 1);
    entry->body_bytes = (uint16_t)unpack_number(&at, 2);
    entry->time = unpack_number(&at, 8);
    entry->sequence = (uint32_t)unpack_number(&at, 4);
    unpack_bytes(&at, entry->run.bytes, ENTRY_RUN_BYTES);
    unpack_bytes(&at, entry->author.bytes, sizeof entry->author.bytes);
    unpack_bytes(&at, entry->previous.hash.bytes, ENTRY_HASH_BYTES);
    unpack_bytes(&at, entry->seen.hash.bytes, ENTRY_HASH_BYTES);
    unpack_bytes(&at, entry->body_hash.bytes, ENTRY_HASH_BYTES);
    unpack_bytes(&at, entry->signature.bytes, sizeof entry->signature.bytes);
}

/* The author signs these. */
struct signed_bytes {
    uint8_t bytes[ENTRY_HEADER_BYTES + 2 + WIRE_ROOM_ID_BYTES_MAX];
};

static struct slice put_signed(const struct entry *entry, const struct entry_room *room,
                               struct signed_bytes *out) {
    uint8_t *at = out->bytes + ENTRY_HEADER_BYTES;
    put_header(entry, out->bytes);
    pack_number(&at, room->is_sealed, 1);
    pack_room(&at, &room->id);
    return packed(out->bytes, at);
}

/* Only the first entry of a run has no previous one. */
static bool is_chained(const struct entry *entry) {
    return entry->sequence != 0 && (entry->sequence == 1) == entry_id_is_none(&entry->previous);
}

int entry_sign(struct entry *entry, const struct entry_room *room,
               const struct sign_secret_key *key) {
    struct signed_bytes bytes;
    if (entry->body.len > ENTRY_BODY_BYTES_MAX)
        return PARLEY_ERR_TOO_BIG;
    if (!is_chained(entry))
        return PARLEY_ERR_FIELD;
    entry->body_bytes = (uint16_t)entry->body.len;
    hash_of(NULL, entry->body, entry->body_hash.bytes, ENTRY_HASH_BYTES);
    sign(key, put_signed(entry, room, &bytes), &entry->signature);
    return PARLEY_OK;
}

int entry_write(const struct entry *entry, struct buffer *out) {
    uint8_t head[HEAD_BYTES];
    put_header(entry, head);
    memcpy(head + ENTRY_HEADER_BYTES, entry->signature.bytes, SIGNATURE_BYTES);
    int error = buffer_reserve(out, sizeof head + entry->body.len);
    if (!error)
        error = buffer_append(out, (struct slice){(const char *)head, sizeof head});
    return error ? error : buffer_append(out, entry->body);
}

int entry_read_head(struct slice bytes, struct entry *entry) {
    *entry = (struct entry){0};
    if (bytes.len != HEAD_BYTES || memcmp(bytes.bytes, LABEL, LABEL_BYTES) != 0)
        return PARLEY_ERR_FIELD;
    get_header((const uint8_t *)bytes.bytes, entry);
    if (!is_chained(entry))
        return PARLEY_ERR_FIELD;
    return entry->body_bytes > ENTRY_BODY_BYTES_MAX ? PARLEY_ERR_TOO_BIG : PARLEY_OK;
}

bool entry_cut(struct slice *rest, struct slice *bytes) {
    if (rest->len < HEAD_BYTES || memcmp(rest->bytes, LABEL, LABEL_BYTES) != 0)
        return false;
    const uint8_t *at = (const uint8_t *)rest->bytes + LABEL_BYTES + 2;
    size_t len = HEAD_BYTES + unpack_number(&at, 2);
    if (rest->len < len)
        return false;
    *bytes = slice_first(*rest, len);
    *rest = slice_drop(*rest, len);
    return true;
}

int entry_read(struct slice bytes, struct entry *entry) {
    struct entry_hash hash;
    *entry = (struct entry){0};
    if (bytes.len < HEAD_BYTES)
        return PARLEY_ERR_FIELD;
    int error = entry_read_head(slice_first(bytes, HEAD_BYTES), entry);
    if (error)
        return error;
    entry->body = slice_drop(bytes, HEAD_BYTES);
    hash_of(NULL, entry->body, hash.bytes, sizeof hash.bytes);
    if (entry->body.len != entry->body_bytes || memcmp(&hash, &entry->body_hash, sizeof hash) != 0)
        return PARLEY_ERR_FORGED;
    return PARLEY_OK;
}

int entry_verify(const struct entry *entry, const struct entry_room *room) {
    struct signed_bytes bytes;
    return sign_verify(&entry->author, put_signed(entry, room, &bytes), &entry->signature);
}

struct entry_id entry_id(const struct entry *entry) {
    uint8_t header[ENTRY_HEADER_BYTES];
    struct entry_id id;
    put_header(entry, header);
    hash_of(NULL, packed(header, header + sizeof header), id.hash.bytes, sizeof id.hash.bytes);
    return id;
}

struct entry_key entry_key(const struct entry *entry, const struct entry_id *id) {
    struct entry_key key;
    uint8_t *at = key.bytes;
    pack_number(&at, entry->time, 8);
    pack_bytes(&at, entry->author.bytes, sizeof entry->author.bytes);
    pack_bytes(&at, entry->run.bytes, ENTRY_RUN_BYTES);
    pack_number(&at, entry->sequence, 4);
    pack_bytes(&at, id->hash.bytes, ENTRY_SHORT_ID_BYTES);
    return key;
}

bool entry_id_equal(const struct entry_id *left, const struct entry_id *right) {
    return memcmp(left, right, sizeof *left) == 0;
}

bool entry_id_is_none(const struct entry_id *id) {
    return entry_id_equal(id, &none);
}
