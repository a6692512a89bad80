#include "json.h"

#include "error.h"
#include "text.h"

#include <stdint.h>
#include <string.h>

struct scan {
    size_t depth, values;
    bool in_string;
    bool leading_zero; /* the last byte was one, of a number */
};

/* True for four hexadecimal digits that do not mean NUL: cJSON takes any other letters for 0. */
static bool is_character_number(const char *digits) {
    static const char hexadecimal[] = "0123456789abcdefABCDEF";
    for (int i = 0; i < 4; i++)
        if (!memchr(hexadecimal, digits[i], sizeof hexadecimal - 1))
            return false;
    return memcmp(digits, "0000", 4) != 0;
}

#define EIGHT_OF(byte) (0x0101010101010101u * (byte))

/* The top bit of some byte is set where one of |eight| bytes is less than |limit|, which is at most
 * 0x80: only such a byte borrows a top bit that it did not have itself. */
static uint64_t below(uint64_t eight, uint64_t limit) {
    return (eight - EIGHT_OF(limit)) & ~eight;
}

static bool is_plain(char byte) {
    return (unsigned char)byte >= 0x20 && byte != '"' && byte != '\\';
}

/* How many of |len| bytes in a string are, before the first other, no quote, backslash or control:
 * eight by eight, then the rest. */
static size_t plain_bytes(const char *bytes, size_t len) {
    size_t at = 0;
    uint64_t eight;
    for (; at + sizeof eight <= len; at += sizeof eight) {
        memcpy(&eight, bytes + at, sizeof eight);
        uint64_t others =
            below(eight, 0x20) | below(eight ^ EIGHT_OF('"'), 1) | below(eight ^ EIGHT_OF('\\'), 1);
        if (others & EIGHT_OF(0x80u))
            break;
    }
    while (at < len && is_plain(bytes[at]))
        at++;
    return at;
}

/* One step inside a string. Returns how many bytes it took; 0: refused. */
static size_t scan_in_string(struct scan *scan, const char *at, size_t left) {
    size_t plain = plain_bytes(at, left);
    if (plain)
        return plain;
    if (*at == '"') {
        scan->in_string = false;
        return 1;
    }
    if (*at != '\\' || left < 2)
        return 0;
    if (at[1] != 'u')
        return 2;
    return left >= 6 && is_character_number(at + 2) ? 6 : 0;
}

/* One step between strings. False: refused. */
static bool scan_between(struct scan *scan, const char *at, char previous) {
    bool after_zero = scan->leading_zero;
    scan->leading_zero = *at == '0' && !slice_is_digit(previous);
    if (after_zero && slice_is_digit(*at))
        return false;
    switch (*at) {
    case '"':
        scan->in_string = true;
        return true;
    case '{':
    case '[':
        scan->values++;
        return ++scan->depth <= JSON_DEPTH_MAX;
    case '}':
    case ']':
        return scan->depth-- > 0;
    case ',':
    case ':':
        scan->values++;
        return true;
    case '.':
    case 'E':
        return false;
    case 'e':
        return !slice_is_digit(previous);
    default: /* all controls are white space to cJSON, and a mark of byte order is nothing */
        return ((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80) || strchr("\t\r\n", *at);
    }
}

/* Refuses input that cJSON would accept wrongly or parse too slowly. */
static bool is_acceptable(struct slice bytes) {
    struct scan scan = {0};
    for (size_t at = 0; at < bytes.len;) {
        size_t step = 1;
        if (scan.in_string)
            step = scan_in_string(&scan, bytes.bytes + at, bytes.len - at);
        else if (!scan_between(&scan, bytes.bytes + at, at ? bytes.bytes[at - 1] : ' '))
            step = 0;
        if (step == 0 || scan.values > JSON_VALUES_MAX)
            return false;
        at += step;
    }
    return !scan.in_string && scan.depth == 0;
}

static bool is_blank(const char *at, const char *end) {
    while (at < end && strchr(" \t\r\n", *at))
        at++;
    return at == end;
}

int json_read(struct slice bytes, cJSON **object) {
    *object = NULL;
    if (!text_utf8_valid(bytes))
        return PARLEY_ERR_UTF8;
    if (bytes.len == 0 || memchr(bytes.bytes, 0, bytes.len) || !is_acceptable(bytes))
        return PARLEY_ERR_JSON;
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(bytes.bytes, bytes.len, &end, false);
    if (!cJSON_IsObject(root) || !is_blank(end, bytes.bytes + bytes.len)) {
        cJSON_Delete(root);
        return PARLEY_ERR_JSON;
    }
    *object = root;
    return PARLEY_OK;
}

/* Writing */

static void put(struct json_writer *writer, const char *bytes, size_t len) {
    struct buffer *out = writer->out;
    if (!writer->error && len > writer->len_max - out->len)
        writer->error = PARLEY_ERR_TOO_BIG;
    if (writer->error)
        return;
    if (len)
        memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
}

void json_begin(struct json_writer *writer, struct buffer *out, size_t bytes_max) {
    *writer = (struct json_writer){.out = out, .start = out->len, .len_max = out->len + bytes_max};
    writer->error = buffer_reserve(out, bytes_max);
}

/* The comma, but before what is first. */
static void put_key(struct json_writer *writer, struct json_key key) {
    const struct buffer *out = writer->out;
    char last = writer->error || out->len == writer->start ? '[' : out->bytes[out->len - 1];
    size_t comma = last == '[' || last == '{';
    put(writer, key.text + comma, key.len - comma);
}

void json_open(struct json_writer *writer, struct json_key key, char bracket) {
    put_key(writer, key);
    put(writer, &bracket, 1);
}

void json_close(struct json_writer *writer, char bracket) {
    put(writer, &bracket, 1);
}

static void put_escaped(struct json_writer *writer, char byte) {
    static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    static const char digits[] = "0123456789abcdef";
    const char *found = byte ? strchr(special, byte) : NULL;
    if (!byte)
        json_fail(writer, PARLEY_ERR_FIELD);
    else if (found)
        put(writer, (char[]){'\\', letters[found - special]}, 2);
    else
        put(writer, (char[]){'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]}, 6);
}

void json_put_string(struct json_writer *writer, struct json_key key, struct slice value) {
    put_key(writer, key);
    put(writer, "\"", 1);
    for (size_t at = 0; at < value.len && !writer->error;) {
        size_t plain = plain_bytes(value.bytes + at, value.len - at);
        put(writer, value.bytes + at, plain);
        at += plain;
        if (at < value.len)
            put_escaped(writer, value.bytes[at++]);
    }
    put(writer, "\"", 1);
}

void json_put_number(struct json_writer *writer, struct json_key key, uint32_t value) {
    char text[10];
    size_t at = sizeof text;
    do
        text[--at] = (char)('0' + value % 10);
    while (value /= 10);
    put_key(writer, key);
    put(writer, text + at, sizeof text - at);
}

void json_put_flag(struct json_writer *writer, struct json_key key, bool value) {
    if (!value)
        return;
    put_key(writer, key);
    put(writer, "true", 4);
}

void json_fail(struct json_writer *writer, int error) {
    if (!writer->error)
        writer->error = error;
}

int json_end(struct json_writer *writer) {
    if (writer->error)
        writer->out->len = writer->start;
    return writer->error;
}
