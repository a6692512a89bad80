#include "poll_secret.h"

#include <string.h>

static void write_hex(char *out, const uint8_t *bytes, size_t len) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

void poll_secret_make(uint32_t slot, const uint8_t random[POLL_SECRET_BYTES],
                      struct poll_secret *out) {
    uint8_t bytes[POLL_SLOT_DIGITS / 2];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(slot >> (8 * (sizeof bytes - 1 - i)));
    write_hex(out->digits, bytes, sizeof bytes);
    write_hex(out->digits + POLL_SLOT_DIGITS, random, POLL_SECRET_BYTES);
}

static bool is_hex_digit(char byte) {
    return slice_is_digit(byte) || (byte >= 'a' && byte <= 'f');
}

bool poll_secret_read(struct slice text, struct poll_secret *secret) {
    if (text.len != sizeof secret->digits)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_hex_digit(text.bytes[i]))
            return false;
    memcpy(secret->digits, text.bytes, text.len);
    return true;
}

uint32_t poll_secret_slot(const struct poll_secret *secret) {
    uint32_t slot = 0;
    for (size_t i = 0; i < POLL_SLOT_DIGITS; i++)
        slot = slot << 4 | (uint32_t)slice_hex_value(secret->digits[i]);
    return slot;
}

bool poll_secret_equal(const struct poll_secret *one, const struct poll_secret *other) {
    unsigned difference = 0;
    for (size_t i = 0; i < sizeof one->digits; i++)
        difference |= (unsigned char)(one->digits[i] ^ other->digits[i]);
    return difference == 0;
}
