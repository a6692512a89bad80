#include "sync.h"

#include "error.h"

#include <string.h>

#define LABEL "pls1"
#define RECEIPT_LABEL "plr1"

_Static_assert(sizeof LABEL - 1 == SYNC_LABEL_BYTES, "the label's length");

struct sync_end sync_end_between(const struct entry_key *before, const struct entry_key *after) {
    struct sync_end end = {0};
    while (end.len < ENTRY_KEY_BYTES - 1 && before->bytes[end.len] == after->bytes[end.len])
        end.len++;
    end.len++;
    memcpy(end.bytes, after->bytes, end.len);
    return end;
}

bool sync_is_before(const struct entry_key *key, const struct sync_end *end) {
    return end->len == 0 || memcmp(key->bytes, end->bytes, end->len) < 0;
}

int sync_begin(struct buffer *out) {
    return buffer_append(out, slice_of(LABEL));
}

static int append(struct buffer *out, const void *bytes, size_t len) {
    return buffer_append(out, (struct slice){bytes, len});
}

size_t sync_part_bytes(const struct sync_part *part) {
    size_t len = 2 + (size_t)part->end.len;
    switch (part->kind) {
    case SYNC_FINGERPRINT:
        return len + SYNC_FINGERPRINT_BYTES;
    case SYNC_LIST:
    case SYNC_WANT:
        return len + 1 + (size_t)part->count * ENTRY_SHORT_ID_BYTES;
    case SYNC_SAME:
    case SYNC_KIND_COUNT:
        break;
    }
    return len;
}

int sync_put(struct buffer *out, const struct sync_part *part) {
    const uint8_t head[] = {(uint8_t)part->kind, part->end.len};
    int error = buffer_reserve(out, sync_part_bytes(part));
    if (!error)
        error = append(out, head, sizeof head);
    if (!error)
        error = append(out, part->end.bytes, part->end.len);
    if (!error && part->kind == SYNC_FINGERPRINT)
        error = append(out, part->fingerprint.bytes, SYNC_FINGERPRINT_BYTES);
    if (!error && (part->kind == SYNC_LIST || part->kind == SYNC_WANT)) {
        error = append(out, &part->count, 1);
        if (!error)
            error = append(out, part->ids, (size_t)part->count * ENTRY_SHORT_ID_BYTES);
    }
    return error;
}

int sync_read(struct slice bytes, struct sync_reader *reader) {
    *reader = (struct sync_reader){.rest = bytes};
    return slice_skip(&reader->rest, LABEL) ? PARLEY_OK : PARLEY_ERR_FIELD;
}

static bool take(struct slice *rest, void *out, size_t len) {
    if (rest->len < len)
        return false;
    if (len > 0)
        memcpy(out, rest->bytes, len);
    *rest = slice_drop(*rest, len);
    return true;
}

static bool take_ids(struct slice *rest, struct sync_part *part) {
    return take(rest, &part->count, 1) && part->count <= SYNC_IDS_MAX &&
           take(rest, part->ids, (size_t)part->count * ENTRY_SHORT_ID_BYTES);
}

static bool take_content(struct slice *rest, struct sync_part *part) {
    switch (part->kind) {
    case SYNC_SAME:
        return true;
    case SYNC_FINGERPRINT:
        return take(rest, part->fingerprint.bytes, SYNC_FINGERPRINT_BYTES);
    case SYNC_LIST:
    case SYNC_WANT:
        return take_ids(rest, part);
    case SYNC_KIND_COUNT:
        break;
    }
    return false;
}

/* True if |end| comes after |before|. Missing bytes count as zeros. */
static bool ascends(const struct sync_end *before, const struct sync_end *end) {
    return end->len == 0 || memcmp(before->bytes, end->bytes, sizeof end->bytes) < 0;
}

int sync_next(struct sync_reader *reader, struct sync_part *part) {
    uint8_t head[2];
    *part = (struct sync_part){0};
    if (reader->rest.len == 0)
        return PARLEY_ERR_EMPTY;
    if (reader->ended || !take(&reader->rest, head, sizeof head) || head[0] >= SYNC_KIND_COUNT ||
        head[1] > ENTRY_KEY_BYTES)
        return PARLEY_ERR_FIELD;
    part->kind = head[0];
    part->end.len = head[1];
    if (!take(&reader->rest, part->end.bytes, part->end.len) ||
        !ascends(&reader->end, &part->end) || !take_content(&reader->rest, part))
        return PARLEY_ERR_FIELD;
    reader->ended = part->end.len == 0;
    reader->end = part->end;
    return PARLEY_OK;
}

int sync_put_receipt(struct buffer *out, const struct sync_receipt *receipt) {
    size_t len = (size_t)receipt->count * ENTRY_SHORT_ID_BYTES;
    int error = buffer_reserve(out, sizeof RECEIPT_LABEL - 1 + len);
    if (!error)
        error = buffer_append(out, slice_of(RECEIPT_LABEL));
    return error ? error : append(out, receipt->ids, len);
}

int sync_read_receipt(struct slice bytes, struct sync_receipt *receipt) {
    *receipt = (struct sync_receipt){0};
    if (!slice_skip(&bytes, RECEIPT_LABEL) || bytes.len == 0 || bytes.len > sizeof receipt->ids ||
        bytes.len % ENTRY_SHORT_ID_BYTES != 0)
        return PARLEY_ERR_FIELD;
    receipt->count = (uint8_t)(bytes.len / ENTRY_SHORT_ID_BYTES);
    memcpy(receipt->ids, bytes.bytes, bytes.len);
    return PARLEY_OK;
}
