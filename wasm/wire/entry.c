#include "entry.h"

#include "error.h"
#include "hash.h"
#include "pack.h"

#define LABEL "ple1"
#define LABEL_BYTES (sizeof LABEL - 1)

static const struct entry_id none;

static void put_header(const struct entry *entry, uint8_t header[ENTRY_HEADER_BYTES]) {
    uint8_t *at = header;
    pack_bytes(&at, LABEL, LABEL_BYTES);
    pack_number(&at, entry->kind, 1);
    pack_number(&at, entry->flags, 1);
    pack_number(&at, entry->body_bytes, 2);
    pack_number(&at, entry->time, 8);
    pack_number(&at, entry->sequence, 4);
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
    unpack_bytes(&at, entry->author.bytes, sizeof entry->author.bytes);
    unpack_bytes(&at, entry->previous.hash.bytes, ENTRY_HASH_BYTES);
    unpack_bytes(&at, entry->seen.hash.bytes, ENTRY_HASH_BYTES);
    unpack_bytes(&at, entry->body_hash.bytes, ENTRY_HASH_BYTES);
    unpack_bytes(&at, entry->signature.bytes, sizeof entry->signature.bytes);
}

static struct slice header_slice(const uint8_t header[ENTRY_HEADER_BYTES]) {
    return (struct slice){(const char *)header, ENTRY_HEADER_BYTES};
}

/* Only the first entry has no previous one. */
static bool is_chained(const struct entry *entry) {
    return entry->sequence != 0 && (entry->sequence == 1) == entry_id_is_none(&entry->previous);
}

int entry_sign(struct entry *entry, const struct sign_secret_key *key) {
    uint8_t header[ENTRY_HEADER_BYTES];
    if (entry->body.len > ENTRY_BODY_BYTES_MAX)
        return PARLEY_ERR_TOO_BIG;
    if (!is_chained(entry))
        return PARLEY_ERR_FIELD;
    entry->body_bytes = (uint16_t)entry->body.len;
    hash_of(NULL, entry->body, entry->body_hash.bytes, ENTRY_HASH_BYTES);
    put_header(entry, header);
    sign(key, header_slice(header), &entry->signature);
    return PARLEY_OK;
}

int entry_write(const struct entry *entry, struct buffer *out) {
    uint8_t head[ENTRY_HEADER_BYTES + SIGNATURE_BYTES];
    put_header(entry, head);
    memcpy(head + ENTRY_HEADER_BYTES, entry->signature.bytes, SIGNATURE_BYTES);
    int error = buffer_reserve(out, sizeof head + entry->body.len);
    if (!error)
        error = buffer_append(out, (struct slice){(const char *)head, sizeof head});
    return error ? error : buffer_append(out, entry->body);
}

/* |body|: the bytes after the signature. */
static int take_body(struct entry *entry, struct slice body) {
    struct entry_hash hash;
    if (entry->body_bytes > ENTRY_BODY_BYTES_MAX)
        return PARLEY_ERR_TOO_BIG;
    if (body.len == 0 && entry->body_bytes > 0)
        return PARLEY_OK; /* dropped */
    hash_of(NULL, body, hash.bytes, sizeof hash.bytes);
    if (body.len != entry->body_bytes || memcmp(&hash, &entry->body_hash, sizeof hash) != 0)
        return PARLEY_ERR_FORGED;
    entry->body = body;
    return PARLEY_OK;
}

int entry_read(struct slice bytes, struct entry *entry) {
    const size_t head_bytes = ENTRY_HEADER_BYTES + SIGNATURE_BYTES;
    *entry = (struct entry){0};
    if (bytes.len < head_bytes || memcmp(bytes.bytes, LABEL, LABEL_BYTES) != 0)
        return PARLEY_ERR_FIELD;
    get_header((const uint8_t *)bytes.bytes, entry);
    if (!is_chained(entry))
        return PARLEY_ERR_FIELD;
    return take_body(entry, slice_drop(bytes, head_bytes));
}

int entry_verify(const struct entry *entry) {
    uint8_t header[ENTRY_HEADER_BYTES];
    put_header(entry, header);
    return sign_verify(&entry->author, header_slice(header), &entry->signature);
}

struct entry_id entry_id(const struct entry *entry) {
    uint8_t header[ENTRY_HEADER_BYTES];
    struct entry_id id;
    put_header(entry, header);
    hash_of(NULL, header_slice(header), id.hash.bytes, sizeof id.hash.bytes);
    return id;
}

struct entry_key entry_key(const struct entry *entry, const struct entry_id *id) {
    struct entry_key key;
    uint8_t *at = key.bytes;
    pack_number(&at, entry->time, 8);
    pack_bytes(&at, entry->author.bytes, sizeof entry->author.bytes);
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
