#include "wire_relay.h"

#include "error.h"
#include "wire_fields.h"

#include <string.h>

#define TO_KEY "\"to\":\""
#define FROM_KEY "\"from\":\""
#define GROWTH_BYTES (sizeof FROM_KEY - sizeof TO_KEY)
#define BLOCK_BYTES 32
#define NUMBER_DIGITS_MAX 10
#define BEHIND (WIRE_FIELD_FROM + 1) /* the first row behind the member */

/* The rest of the message. */
struct unread {
    const char *at, *end;
};

static size_t left(const struct unread *rest) {
    return (size_t)(rest->end - rest->at);
}

/* Passes over |text| where it is next. */
static inline bool skip(struct unread *rest, struct slice text) {
    if (left(rest) < text.len || *rest->at != *text.bytes ||
        memcmp(rest->at, text.bytes, text.len) != 0)
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

/* No byte depends on what came before: so a compiler looks at the whole of a block at once.
 * Measured: GCC 12 does not where it has put this into the loop over the fields, which costs five
 * times as much. */
__attribute__((noinline)) static bool is_plain(const char *bytes, size_t len) {
    if (len < BLOCK_BYTES)
        return faults_in(bytes, len) == 0;
    unsigned char faults = faults_in(bytes + len - BLOCK_BYTES, BLOCK_BYTES); /* may overlap */
    for (size_t at = 0; at + BLOCK_BYTES < len; at += BLOCK_BYTES)
        faults |= faults_in(bytes + at, BLOCK_BYTES);
    return faults == 0;
}

/* Passes over a string of |min| to |max| bytes, and the quote behind it. An escape counts as two
 * bytes here, so a few of those that are nearly too long are left to wire_read. */
static bool skip_string(struct unread *rest, size_t min, size_t max) {
    const char *start = rest->at, *quote = memchr(start, '"', left(rest));
    if (quote == NULL)
        return false;
    size_t len = (size_t)(quote - start);
    rest->at = quote + 1;
    return len >= min && len <= max && is_plain(start, len);
}

/* |min|, at least 1, to |max|, without leading zeros. */
static bool skip_number(struct unread *rest, uint32_t min, uint32_t max) {
    uint64_t number = 0;
    size_t digits = 0;
    for (; left(rest) > 0 && *rest->at >= '0' && *rest->at <= '9'; rest->at++) {
        number = number * 10 + (uint64_t)(*rest->at - '0');
        if (number == 0 || ++digits > NUMBER_DIGITS_MAX)
            return false;
    }
    return digits > 0 && number >= min && number <= max;
}

/* A value that may be absent is not written where it says so: see fields.h. */
static bool skip_value(struct unread *rest, const struct field *field, bool required) {
    uint32_t min = field->min || required ? field->min : 1;
    switch (field->kind) {
    case FIELD_TEXT:
        return !field->valid && SKIP(rest, "\"") && skip_string(rest, min, field->max);
    case FIELD_NUMBER:
        return skip_number(rest, min, field->max);
    case FIELD_FLAG:
        return SKIP(rest, "true");
    case FIELD_ID: /* wire_read looks at these */
    case FIELD_NAME:
    case FIELD_LIST:
        break;
    }
    return false;
}

/* The fields of |type| after the member. */
static bool skip_fields(struct unread *rest, enum wire_type type) {
    struct field_set set = wire_fields_of(type, WIRE_TO_SERVER);
    uint32_t left = (set.required | set.optional) >> BEHIND << BEHIND;
    while (left) {
        unsigned i = fields_next(&left);
        bool required = set.required >> i & 1;
        struct slice key = {wire_fields[i].before.text, wire_fields[i].before.len};
        if (skip(rest, key) ? !skip_value(rest, &wire_fields[i], required) : required)
            return false;
    }
    return true;
}

static bool skip_type(struct unread *rest, enum wire_type *type) {
#define SIGNAL(name, ...) WIRE_##name,
    static const enum wire_type signals[] = {WIRE_SIGNALS(SIGNAL) WIRE_RELAY};
    if (!SKIP(rest, "{\"type\":\""))
        return false;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        *type = signals[i];
        if (skip(rest, wire_type_names[*type]))
            return SKIP(rest, "\",");
    }
    return false;
}

bool wire_relay_read(struct slice bytes, struct wire_relay *relay) {
    if (bytes.len == 0 || bytes.len > WIRE_MESSAGE_BYTES_MAX - GROWTH_BYTES)
        return false;
    struct unread rest = {bytes.bytes, bytes.bytes + bytes.len};
    if (!skip_type(&rest, &relay->type))
        return false;
    relay->before = (struct slice){bytes.bytes, bytes.len - left(&rest)};
    if (!SKIP(&rest, TO_KEY) || left(&rest) < WIRE_MEMBER_ID_BYTES)
        return false;
    struct slice member = {rest.at, WIRE_MEMBER_ID_BYTES};
    rest.at += WIRE_MEMBER_ID_BYTES;
    relay->after = (struct slice){rest.at, left(&rest)};
    return member_id_read(member, &relay->member) && SKIP(&rest, "\"") &&
           skip_fields(&rest, relay->type) && SKIP(&rest, "}") && left(&rest) == 0;
}

int wire_relay_write(const struct wire_relay *relay, const struct member_id *from,
                     struct buffer *out) {
    const struct slice pieces[] = {
        relay->before, {FROM_KEY, sizeof FROM_KEY - 1}, member_id_text(from), relay->after};
    size_t len = 0;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        len += pieces[i].len;
    int error = buffer_reserve(out, len);
    for (size_t i = 0; !error && i < sizeof pieces / sizeof *pieces; i++)
        error = buffer_append(out, pieces[i]);
    return error;
}
