#include "stun.h"

#include <stdbool.h>
#include <string.h>

_Static_assert(STUN_HEADER_BYTES + STUN_EXCESS_BYTES_MAX + 8 == STUN_ANSWER_BYTES_MAX,
               "an address and a fingerprint");

#define BINDING_REQUEST 0x0001
#define BINDING_SUCCESS 0x0101
#define BINDING_ERROR 0x0111
#define MAGIC_COOKIE 0x2112A442u
#define COOKIE_AT 4
#define ATTRIBUTE_HEADER_BYTES 4
#define FINGERPRINT_BYTES 8 /* with its header */
#define FIRST_OPTIONAL 0x8000
#define UNKNOWN_ATTRIBUTE_CODE 420

enum attribute {
    MAPPED_ADDRESS = 0x0001,
    CHANGE_REQUEST = 0x0003, /* RFC 3489, 11.2.4 */
    USERNAME = 0x0006,
    MESSAGE_INTEGRITY = 0x0008,
    ERROR_CODE = 0x0009,
    UNKNOWN_ATTRIBUTES = 0x000A,
    REALM = 0x0014,
    NONCE = 0x0015,
    MESSAGE_INTEGRITY_SHA256 = 0x001C,
    PASSWORD_ALGORITHM = 0x001D,
    USERHASH = 0x001E,
    XOR_MAPPED_ADDRESS = 0x0020,
    FINGERPRINT = 0x8028
};

struct stun_request {
    const uint8_t *bytes;
    size_t len;
    bool classic; /* of RFC 3489 */
    bool fingerprint;
    bool sealed; /* MESSAGE-INTEGRITY was met: what follows does not count (RFC 8489, 14.5) */
    uint16_t unknown[STUN_UNKNOWN_MAX];
    size_t unknown_count;
};

struct stun_writer {
    uint8_t *bytes;
    size_t len;
};

/* --- numbers in network order ----------------------------------------------------------------- */

static uint16_t read16(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t read32(const uint8_t *bytes) {
    return (uint32_t)read16(bytes) << 16 | read16(bytes + 2);
}

static void put16(struct stun_writer *writer, unsigned number) {
    writer->bytes[writer->len++] = (uint8_t)(number >> 8);
    writer->bytes[writer->len++] = (uint8_t)number;
}

static void put32(struct stun_writer *writer, uint32_t number) {
    put16(writer, number >> 16);
    put16(writer, number & 0xFFFF);
}

uint32_t stun_crc32(const uint8_t *bytes, size_t len) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool is_known(uint16_t type) {
    switch (type) {
    case MAPPED_ADDRESS:
    case USERNAME:
    case MESSAGE_INTEGRITY:
    case ERROR_CODE:
    case UNKNOWN_ATTRIBUTES:
    case REALM:
    case NONCE:
    case MESSAGE_INTEGRITY_SHA256:
    case PASSWORD_ALGORITHM:
    case USERHASH:
    case XOR_MAPPED_ADDRESS:
        return true;
    default:
        return type >= FIRST_OPTIONAL;
    }
}

static void note_unknown(struct stun_request *request, uint16_t type) {
    for (size_t i = 0; i < request->unknown_count; i++) {
        if (request->unknown[i] == type)
            return;
    }
    if (request->unknown_count < STUN_UNKNOWN_MAX)
        request->unknown[request->unknown_count++] = type;
}

/* The attribute at |at|, whose value has |len| bytes. False: nothing may be answered. */
static bool read_attribute(struct stun_request *request, size_t at, uint16_t type, size_t len) {
    const uint8_t *value = request->bytes + at + ATTRIBUTE_HEADER_BYTES;
    if (type == FINGERPRINT && !request->classic) {
        request->fingerprint = true;
        return len == 4 && at + FINGERPRINT_BYTES == request->len &&
               read32(value) == (stun_crc32(request->bytes, at) ^ STUN_FINGERPRINT_XOR);
    }
    if (request->sealed)
        return true;
    request->sealed = type == MESSAGE_INTEGRITY || type == MESSAGE_INTEGRITY_SHA256;
    bool asks_no_change =
        request->classic && type == CHANGE_REQUEST && len == 4 && read32(value) == 0;
    if (!is_known(type) && !asks_no_change)
        note_unknown(request, type);
    return true;
}

static bool read_attributes(struct stun_request *request) {
    size_t at = STUN_HEADER_BYTES;
    while (at < request->len) {
        if (request->len - at < ATTRIBUTE_HEADER_BYTES)
            return false;
        size_t len = read16(request->bytes + at + 2);
        size_t padded = (len + 3) & ~(size_t)3;
        if (padded > request->len - at - ATTRIBUTE_HEADER_BYTES ||
            !read_attribute(request, at, read16(request->bytes + at), len))
            return false;
        at += ATTRIBUTE_HEADER_BYTES + padded;
    }
    return true;
}

static bool read_request(struct stun_request *request) {
    if (request->len < STUN_HEADER_BYTES || request->len > STUN_REQUEST_BYTES_MAX ||
        read16(request->bytes) != BINDING_REQUEST ||
        read16(request->bytes + 2) != request->len - STUN_HEADER_BYTES || request->len % 4 != 0)
        return false;
    request->classic = read32(request->bytes + COOKIE_AT) != MAGIC_COOKIE;
    return read_attributes(request);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* RFC 8489, 14.2: the port and the address under the cookie and the transaction id, which stand
 * next to each other; in a MAPPED-ADDRESS (14.1) as they are. */
static void put_address(struct stun_writer *writer, const struct stun_request *request,
                        const struct stun_address *from) {
    const uint8_t *mask = request->bytes + COOKIE_AT;
    const bool plain = request->classic;
    const size_t ip_bytes = from->family == STUN_IPV6 ? 16 : 4;
    put16(writer, plain ? MAPPED_ADDRESS : XOR_MAPPED_ADDRESS);
    put16(writer, (unsigned)(4 + ip_bytes));
    put16(writer, from->family);
    put16(writer, from->port ^ (plain ? 0u : read16(mask)));
    for (size_t i = 0; i < ip_bytes; i++)
        writer->bytes[writer->len++] = (uint8_t)(from->ip[i] ^ (plain ? 0 : mask[i]));
}

/* RFC 8489, 14.8 and 14.9. An odd number of types is padded, in RFC 3489 (11.2.10) with one of them
 * once more. */
static void put_unknown(struct stun_writer *writer, const struct stun_request *request) {
    put16(writer, ERROR_CODE);
    put16(writer, 4);
    put16(writer, 0);
    put16(writer, UNKNOWN_ATTRIBUTE_CODE / 100 << 8 | UNKNOWN_ATTRIBUTE_CODE % 100);
    const size_t count = request->unknown_count;
    const size_t padding = count % 2;
    put16(writer, UNKNOWN_ATTRIBUTES);
    put16(writer, (unsigned)(2 * (request->classic ? count + padding : count)));
    for (size_t i = 0; i < count; i++)
        put16(writer, request->unknown[i]);
    if (padding != 0)
        put16(writer, request->classic ? request->unknown[count - 1] : 0);
}

static void set_length(struct stun_writer *writer, size_t len) {
    writer->bytes[2] = (uint8_t)(len >> 8);
    writer->bytes[3] = (uint8_t)len;
}

/* The length that is hashed counts the fingerprint already (RFC 8489, 14.7). */
static void put_fingerprint(struct stun_writer *writer) {
    set_length(writer, writer->len + FINGERPRINT_BYTES - STUN_HEADER_BYTES);
    uint32_t fingerprint = stun_crc32(writer->bytes, writer->len) ^ STUN_FINGERPRINT_XOR;
    put16(writer, FINGERPRINT);
    put16(writer, 4);
    put32(writer, fingerprint);
}

size_t stun_answer(const uint8_t *request, size_t len, const struct stun_address *from,
                   uint8_t answer[STUN_ANSWER_BYTES_MAX]) {
    struct stun_request read = {.bytes = request, .len = len};
    struct stun_writer writer = {answer, 0};
    if (!read_request(&read))
        return 0;
    put16(&writer, read.unknown_count > 0 ? BINDING_ERROR : BINDING_SUCCESS);
    put16(&writer, 0);
    memcpy(answer + writer.len, request + COOKIE_AT, STUN_HEADER_BYTES - COOKIE_AT);
    writer.len = STUN_HEADER_BYTES;
    if (read.unknown_count > 0)
        put_unknown(&writer, &read);
    else
        put_address(&writer, &read, from);
    set_length(&writer, writer.len - STUN_HEADER_BYTES);
    if (read.fingerprint)
        put_fingerprint(&writer);
    return writer.len;
}
