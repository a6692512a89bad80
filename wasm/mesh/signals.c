#include "signals.h"

#include "address_filter.h"
#include "candidate.h"
#include "error.h"
#include "sdp.h"
#include "text.h"

_Static_assert(WIRE_SDP_BYTES_MAX <= SDP_WRITTEN_BYTES_MAX &&
                   WIRE_CANDIDATE_BYTES_MAX <= CANDIDATE_WRITTEN_BYTES_MAX,
               "what is written anew may be as long as what was read");

/* Sending */

static struct envelope_address address_of(const struct keyring *keyring,
                                          const struct member_id *sender,
                                          const struct member_id *receiver, enum wire_type type) {
    return (struct envelope_address){.room = keyring->room,
                                     .sender = *sender,
                                     .receiver = *receiver,
                                     .type = slice_of(wire_type_name(type))};
}

static int send_envelope(struct actions *actions, uint32_t peer, enum wire_type type,
                         const struct member_id *to, const struct buffer *envelope) {
    char text[WIRE_SEALED_BYTES_MAX];
    size_t len = (8 * envelope->len + 5) / 6;
    if (len > sizeof text)
        return PARLEY_ERR_TOO_BIG;
    text_base64url((const uint8_t *)envelope->bytes, envelope->len, text);
    return actions_push_message(
        actions, peer, &(struct wire_message){.type = type, .member = *to, .sealed = {text, len}});
}

int signals_seal(struct actions *actions, struct keyring *keyring, uint32_t peer,
                 enum wire_type type, const struct member_id *to, struct slice text) {
    struct keyring_pair *pair = keyring_find(keyring, to);
    const struct envelope_address address = address_of(keyring, &keyring->self.id, to, type);
    struct buffer envelope;
    PARLEY_CHECK(pair);
    buffer_init(&envelope, ENVELOPE_BYTES_MAX);
    int error = envelope_write(&pair->keys.send, &pair->sender, &address, text, &envelope);
    if (!error)
        error = send_envelope(actions, peer, type, to, &envelope);
    buffer_deinit(&envelope);
    return error;
}

static int send_sealed(struct actions *actions, struct keyring *keyring, uint32_t peer,
                       const struct wire_message *message) {
    struct buffer plain;
    buffer_init(&plain, WIRE_MESSAGE_BYTES_MAX);
    int error = wire_write(message, WIRE_TO_SERVER, &plain);
    if (!error)
        error = signals_seal(actions, keyring, peer, WIRE_SEALED, &message->member,
                             buffer_slice(&plain));
    buffer_deinit(&plain);
    return error;
}

int signals_send(struct actions *actions, struct keyring *keyring, uint32_t peer,
                 const struct wire_message *message) {
    if (keyring_find(keyring, &message->member))
        return send_sealed(actions, keyring, peer, message);
    return keyring->is_sealed ? PARLEY_OK : actions_push_message(actions, peer, message);
}

/* Opening */

/* Decodes |sealed| into |out|, which is empty. */
static bool decode(struct slice sealed, struct buffer *out) {
    size_t bytes = 6 * sealed.len / 8;
    if (buffer_reserve(out, bytes) ||
        !text_base64url_read(sealed, (uint8_t *)out->bytes + out->len, bytes))
        return false;
    out->len += bytes;
    return true;
}

static bool is_signal(enum wire_type type) {
    switch (type) {
    case WIRE_OFFER:
    case WIRE_ANSWER:
    case WIRE_CANDIDATE:
    case WIRE_ASK:
        return true;
    case WIRE_SEALED:
    case WIRE_TYPE_COUNT:
        WIRE_OTHERS(WIRE_CASE)
        break;
    }
    return false;
}

/* Reads the signal in |text| from |sender| to us. */
static bool read_sealed(const struct keyring *keyring, const struct member_id *sender,
                        struct slice text, struct wire_message *out) {
    if (wire_read(text, WIRE_TO_SERVER, out) != PARLEY_OK)
        return false;
    if (!is_signal(out->type) || !member_id_equal(&out->member, &keyring->self.id))
        return false;
    out->member = *sender;
    return true;
}

/* The verdict, or one of enum signals_refusal; ENVELOPE_OPENED: |text| is in |memory|. */
static unsigned unseal(struct keyring *keyring, enum wire_type type, const struct member_id *sender,
                       struct slice sealed, struct buffer *memory, struct slice *text) {
    struct keyring_pair *pair = keyring_find(keyring, sender);
    const struct envelope_address address = address_of(keyring, sender, &keyring->self.id, type);
    if (!pair)
        return SIGNALS_NO_KEYS;
    if (!decode(sealed, memory))
        return ENVELOPE_MALFORMED;
    return envelope_open(&pair->keys.receive, &pair->window, &address, memory, text);
}

bool signals_unseal(struct keyring *keyring, struct signals_refused *refused, enum wire_type type,
                    const struct member_id *sender, struct slice sealed, struct buffer *memory,
                    struct slice *text) {
    unsigned verdict = unseal(keyring, type, sender, sealed, memory, text);
    if (verdict != ENVELOPE_OPENED)
        refused->count[verdict]++;
    return verdict == ENVELOPE_OPENED;
}

/* A member who showed a hello signals in plain no more: the server could take it away. */
static bool may_be_plain(const struct keyring *keyring, const struct member_id *sender) {
    return !keyring->is_sealed && !keyring_find(keyring, sender);
}

const struct wire_message *signals_open(struct keyring *keyring, struct signals_refused *refused,
                                        const struct wire_message *message,
                                        struct signals_opened *opened) {
    struct slice text;
    buffer_init(&opened->memory, ENVELOPE_BYTES_MAX);
    if (message->type != WIRE_SEALED) {
        if (may_be_plain(keyring, &message->member))
            return message;
        refused->count[SIGNALS_PLAIN]++;
        return NULL;
    }
    if (!signals_unseal(keyring, refused, WIRE_SEALED, &message->member, message->sealed,
                        &opened->memory, &text))
        return NULL;
    if (read_sealed(keyring, &message->member, text, &opened->message))
        return &opened->message;
    refused->count[SIGNALS_NO_SIGNAL]++;
    return NULL;
}

void signals_close(struct signals_opened *opened) {
    wire_message_deinit(&opened->message);
    buffer_deinit(&opened->memory);
}

/* Reading */

static sdp_candidate_filter *candidate_filter(bool hide_address) {
    return hide_address ? address_filter_incoming : candidate_take;
}

static bool take_one(struct rate *candidates, uint64_t now_ms) {
    return rate_take(candidates, now_ms, SIGNALS_CANDIDATES_MS, SIGNALS_CANDIDATES_AT_ONCE);
}

static enum signals_verdict read_description(struct signals_heard *heard, struct rate *candidates,
                                             bool hide_address, uint64_t now_ms) {
    uint32_t left =
        rate_left(candidates, now_ms, SIGNALS_CANDIDATES_MS, SIGNALS_CANDIDATES_AT_ONCE);
    uint32_t before = left;
    bool taken = sdp_filter(heard->message.sdp, candidate_filter(hide_address), &left,
                            &heard->memory) == PARLEY_OK;
    for (; before > left; before--)
        take_one(candidates, now_ms);
    heard->message.sdp = buffer_slice(&heard->memory);
    return taken ? SIGNALS_TAKEN : SIGNALS_HOSTILE;
}

static enum signals_verdict read_candidate(struct signals_heard *heard, struct rate *candidates,
                                           bool hide_address, uint64_t now_ms) {
    struct slice candidate = heard->message.candidate;
    bool end = candidate.len == 0;
    if (!end && !take_one(candidates, now_ms))
        return SIGNALS_DROPPED;
    if (!candidate_ufrag_valid(heard->message.ufrag) ||
        !(end || candidate_filter(hide_address)(candidate, &heard->memory)))
        return SIGNALS_UNSAFE;
    heard->message.candidate = buffer_slice(&heard->memory);
    return SIGNALS_TAKEN;
}

enum signals_verdict signals_read(struct signals_heard *heard, const struct wire_message *message,
                                  struct rate *candidates, bool hide_address, uint64_t now_ms) {
    heard->message = *message;
    switch (message->type) {
    case WIRE_OFFER:
    case WIRE_ANSWER:
        buffer_init(&heard->memory, SDP_WRITTEN_BYTES_MAX);
        return read_description(heard, candidates, hide_address, now_ms);
    case WIRE_CANDIDATE:
        buffer_init(&heard->memory, CANDIDATE_WRITTEN_BYTES_MAX);
        return read_candidate(heard, candidates, hide_address, now_ms);
    case WIRE_ASK:
        break;
    case WIRE_SEALED: /* it was opened */
    case WIRE_TYPE_COUNT:
        WIRE_OTHERS(WIRE_CASE)
        PARLEY_CHECK(false);
    }
    buffer_init(&heard->memory, 0);
    return SIGNALS_TAKEN;
}

void signals_deinit(struct signals_heard *heard) {
    buffer_deinit(&heard->memory);
}
