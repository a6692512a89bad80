#include "envelope.h"

#include "error.h"
#include "pack.h"
#include "wire.h"

#define LABEL "plv1"
#define LABEL_BYTES (sizeof LABEL - 1)
#define ADDRESS_BYTES_MAX                                                                          \
    (LABEL_BYTES + 1 + WIRE_ROOM_ID_BYTES_MAX + 2 * WIRE_MEMBER_ID_BYTES + 1 +                     \
     ENVELOPE_TYPE_BYTES_MAX)

_Static_assert((4 * ENVELOPE_BYTES_MAX + 2) / 3 <= WIRE_SEALED_BYTES_MAX, "a message carries it");

struct packed_address {
    uint8_t bytes[ADDRESS_BYTES_MAX];
    struct slice all;
};

static void pack_address(const struct envelope_address *address, struct packed_address *out) {
    uint8_t *at = out->bytes;
    PARLEY_CHECK(address->type.len >= 1 && address->type.len <= ENVELOPE_TYPE_BYTES_MAX);
    pack_bytes(&at, LABEL, LABEL_BYTES);
    pack_room(&at, &address->room);
    pack_member(&at, &address->sender);
    pack_member(&at, &address->receiver);
    pack_number(&at, address->type.len, 1);
    pack_bytes(&at, address->type.bytes, address->type.len);
    out->all = packed(out->bytes, at);
}

_Static_assert(ENVELOPE_SALT_BYTES + sizeof(uint64_t) == ENVELOPE_HEAD_BYTES, "it is the nonce");

static uint64_t counter_of(const struct seal_nonce *nonce) {
    const uint8_t *at = nonce->bytes + ENVELOPE_SALT_BYTES;
    return unpack_number(&at, sizeof(uint64_t));
}

static struct seal_nonce next_nonce(struct envelope_sender *sender) {
    struct seal_nonce nonce;
    uint8_t *at = nonce.bytes;
    sender->counter++;
    pack_bytes(&at, sender->salt, sizeof sender->salt);
    pack_number(&at, sender->counter, sizeof sender->counter);
    return nonce;
}

void envelope_sender_init(struct envelope_sender *sender, const uint8_t salt[ENVELOPE_SALT_BYTES]) {
    *sender = (struct envelope_sender){0};
    memcpy(sender->salt, salt, sizeof sender->salt);
}

int envelope_write(const struct seal_key *key, struct envelope_sender *sender,
                   const struct envelope_address *address, struct slice text, struct buffer *out) {
    struct packed_address associated;
    if (text.len > ENVELOPE_TEXT_BYTES_MAX)
        return PARLEY_ERR_TOO_BIG;
    if (sender->counter == UINT64_MAX)
        return PARLEY_ERR_STATE;
    int error = buffer_reserve(out, ENVELOPE_HEAD_BYTES + text.len + SEAL_TAG_BYTES);
    if (error)
        return error;
    struct seal_nonce nonce = next_nonce(sender);
    uint8_t *at = (uint8_t *)out->bytes + out->len;
    pack_bytes(&at, nonce.bytes, sizeof nonce.bytes);
    if (text.len)
        memcpy(at, text.bytes, text.len);
    pack_address(address, &associated);
    seal(key, &nonce, associated.all, at, text.len);
    out->len += ENVELOPE_HEAD_BYTES + text.len + SEAL_TAG_BYTES;
    return PARLEY_OK;
}

static enum envelope_verdict check_head(const struct envelope_window *window,
                                        const struct seal_nonce *nonce) {
    uint64_t counter = counter_of(nonce);
    if (counter == 0)
        return ENVELOPE_MALFORMED;
    if (window->highest != 0 && memcmp(nonce->bytes, window->salt, sizeof window->salt) != 0)
        return ENVELOPE_OTHER_SALT;
    if (counter > window->highest)
        return ENVELOPE_OPENED;
    uint64_t behind = window->highest - counter;
    if (behind >= ENVELOPE_WINDOW)
        return ENVELOPE_LATE;
    return window->opened >> behind & 1 ? ENVELOPE_REPLAYED : ENVELOPE_OPENED;
}

static void mark_opened(struct envelope_window *window, const struct seal_nonce *nonce) {
    uint64_t counter = counter_of(nonce);
    memcpy(window->salt, nonce->bytes, sizeof window->salt);
    if (counter > window->highest) {
        uint64_t ahead = counter - window->highest;
        window->opened = ahead < ENVELOPE_WINDOW ? window->opened << ahead : 0;
        window->highest = counter;
    }
    window->opened |= (uint64_t)1 << (window->highest - counter);
}

enum envelope_verdict envelope_open(const struct seal_key *key, struct envelope_window *window,
                                    const struct envelope_address *address, struct buffer *bytes,
                                    struct slice *text) {
    struct packed_address associated;
    *text = (struct slice){0};
    if (bytes->len < ENVELOPE_HEAD_BYTES + SEAL_TAG_BYTES || bytes->len > ENVELOPE_BYTES_MAX)
        return ENVELOPE_MALFORMED;
    struct seal_nonce nonce;
    memcpy(nonce.bytes, bytes->bytes, sizeof nonce.bytes);
    enum envelope_verdict verdict = check_head(window, &nonce);
    if (verdict != ENVELOPE_OPENED)
        return verdict;
    uint8_t *sealed = (uint8_t *)bytes->bytes + ENVELOPE_HEAD_BYTES;
    size_t len = bytes->len - ENVELOPE_HEAD_BYTES;
    pack_address(address, &associated);
    if (seal_open(key, &nonce, associated.all, sealed, len))
        return ENVELOPE_FORGED;
    mark_opened(window, &nonce);
    *text = (struct slice){(const char *)sealed, len - SEAL_TAG_BYTES};
    return ENVELOPE_OPENED;
}
