#include "wire_relay.h"

#include "error.h"

#include <string.h>

#define TO_KEY "\"to\":\""
#define FROM_KEY "\"from\":\""
#define GROWTH_BYTES (sizeof FROM_KEY - sizeof TO_KEY)
#define BLOCK_BYTES 32
#define NUMBER_DIGITS_MAX 10

/* What is left of the message. */
struct rest {
    const char *at, *end;
};

static size_t left(const struct rest *rest) {
    return (size_t)(rest->end - rest->at);
}

/* Passes over |text| where it is next. */
static bool skip(struct rest *rest, struct slice text) {
    if (left(rest) < text.len || memcmp(rest->at, text.bytes, text.len) != 0)
        return false;
    rest->at += text.len;
    return true;
}
#define SKIP(rest, literal) skip(rest, (struct slice){literal, sizeof(literal) - 1})

/* Nonzero where some of |count| bytes, behind which one more stands, are a control or not ASCII, or
 * a backslash that does not begin the end of a line. */
static inline unsigned char faults_in(const char *bytes, size_t count) {
    unsigned char faults = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i], next = (unsigned char)bytes[i + 1];
        faults |= (unsigned char)(byte - 0x20) >= 0x60;
        faults |= (unsigned char)((byte == '\\') & (next != 'r') & (next != 'n'));
    }
    return faults;
}

/* No byte depends on what came before: so a compiler looks at the whole of a block at once. */
static bool is_plain(const char *bytes, size_t len) {
    unsigned char faults = 0;
    size_t at = 0;
    for (; at + BLOCK_BYTES <= len; at += BLOCK_BYTES)
        faults |= faults_in(bytes + at, BLOCK_BYTES);
    return (faults | faults_in(bytes + at, len - at)) == 0;
}

/* Passes over a string of |min| to |max| bytes, and the quote behind it. An escape counts as two
 * bytes here, so a few of those that are nearly too long are left to wire_read. */
static bool skip_string(struct rest *rest, size_t min, size_t max) {
    const char *start = rest->at, *quote = memchr(start, '"', left(rest));
    if (quote == NULL)
        return false;
    size_t len = (size_t)(quote - start);
    rest->at = quote + 1;
    return len >= min && len <= max && is_plain(start, len);
}

/* 1 to UINT32_MAX, without leading zeros. */
static bool skip_number(struct rest *rest) {
    uint64_t number = 0;
    size_t digits = 0;
    for (; left(rest) > 0 && *rest->at >= '0' && *rest->at <= '9'; rest->at++) {
        number = number * 10 + (uint64_t)(*rest->at - '0');
        if (number == 0 || ++digits > NUMBER_DIGITS_MAX)
            return false;
    }
    return digits > 0 && number <= UINT32_MAX;
}

static bool skip_sdp(struct rest *rest) {
    return SKIP(rest, ",\"sdp\":\"") && skip_string(rest, 1, WIRE_SDP_BYTES_MAX);
}

static bool skip_candidate(struct rest *rest) {
    return SKIP(rest, ",\"candidate\":\"") && skip_string(rest, 0, WIRE_CANDIDATE_BYTES_MAX) &&
           (!SKIP(rest, ",\"mid\":\"") || skip_string(rest, 1, WIRE_MID_BYTES_MAX)) &&
           (!SKIP(rest, ",\"ufrag\":\"") || skip_string(rest, 1, WIRE_UFRAG_BYTES_MAX));
}

static bool skip_connection(struct rest *rest, bool required) {
    return SKIP(rest, ",\"connection\":") ? skip_number(rest) : !required;
}

static bool skip_for(struct rest *rest, bool required) {
    return SKIP(rest, ",\"for\":") ? skip_number(rest) : !required;
}

/* What each type has behind the member; see wire.h. */
static bool skip_fields(struct rest *rest, enum wire_type type) {
    switch (type) {
    case WIRE_OFFER:
        return skip_sdp(rest) && skip_connection(rest, true) && skip_for(rest, false);
    case WIRE_ANSWER:
        return skip_sdp(rest) && skip_connection(rest, true) && skip_for(rest, true);
    case WIRE_CANDIDATE:
        return skip_candidate(rest) && skip_connection(rest, true) && skip_for(rest, false);
    case WIRE_ASK:
        return skip_connection(rest, false) && skip_for(rest, false);
    case WIRE_TYPE_COUNT:
        WIRE_OTHERS(WIRE_CASE)
        break;
    }
    return false;
}

static bool skip_type(struct rest *rest, enum wire_type *type) {
    static const enum wire_type signals[] = {WIRE_CANDIDATE, WIRE_OFFER, WIRE_ANSWER, WIRE_ASK};
    if (!SKIP(rest, "{\"type\":\""))
        return false;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        *type = signals[i];
        if (skip(rest, slice_of(wire_type_name(*type))))
            return SKIP(rest, "\",");
    }
    return false;
}

bool wire_relay_read(struct slice bytes, struct wire_relay *relay) {
    if (bytes.len == 0 || bytes.len > WIRE_MESSAGE_BYTES_MAX - GROWTH_BYTES)
        return false;
    struct rest rest = {bytes.bytes, bytes.bytes + bytes.len};
    if (!skip_type(&rest, &relay->type))
        return false;
    relay->before = (struct slice){bytes.bytes, bytes.len - left(&rest)};
    if (!SKIP(&rest, TO_KEY) || left(&rest) < WIRE_MEMBER_ID_BYTES)
        return false;
    relay->member = (struct slice){rest.at, WIRE_MEMBER_ID_BYTES};
    rest.at += WIRE_MEMBER_ID_BYTES;
    relay->after = (struct slice){rest.at, left(&rest)};
    return wire_member_id_valid(relay->member) && SKIP(&rest, "\"") &&
           skip_fields(&rest, relay->type) && SKIP(&rest, "}") && left(&rest) == 0;
}

int wire_relay_write(const struct wire_relay *relay, struct slice from, struct buffer *out) {
    const struct slice pieces[] = {
        relay->before, {FROM_KEY, sizeof FROM_KEY - 1}, from, relay->after};
    size_t len = 0;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        len += pieces[i].len;
    int error = buffer_reserve(out, len);
    for (size_t i = 0; !error && i < sizeof pieces / sizeof *pieces; i++)
        error = buffer_append(out, pieces[i]);
    return error;
}
