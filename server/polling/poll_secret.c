#include "poll_secret.h"

static void write_hex(char *out, const uint8_t *bytes, size_t len) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

void poll_secret_write(uint32_t slot, const uint8_t secret[POLL_SECRET_BYTES],
                       char out[POLL_SECRET_DIGITS]) {
    uint8_t bytes[POLL_SLOT_DIGITS / 2];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(slot >> (8 * (sizeof bytes - 1 - i)));
    write_hex(out, bytes, sizeof bytes);
    write_hex(out + POLL_SLOT_DIGITS, secret, POLL_SECRET_BYTES);
}

bool poll_secret_read_slot(struct slice named, uint32_t *slot) {
    *slot = 0;
    if (named.len != POLL_SECRET_DIGITS)
        return false;
    for (size_t i = 0; i < POLL_SLOT_DIGITS; i++) {
        char digit = named.bytes[i];
        bool is_letter = digit >= 'a' && digit <= 'f';
        if (!is_letter && (digit < '0' || digit > '9'))
            return false;
        *slot = *slot << 4 | (uint32_t)(is_letter ? digit - 'a' + 10 : digit - '0');
    }
    return true;
}

bool poll_secret_is(struct slice named, uint32_t slot, const uint8_t secret[POLL_SECRET_BYTES]) {
    char digits[POLL_SECRET_DIGITS];
    unsigned difference = 0;
    if (named.len != sizeof digits)
        return false;
    poll_secret_write(slot, secret, digits);
    for (size_t i = 0; i < sizeof digits; i++)
        difference |= (unsigned)(unsigned char)named.bytes[i] ^ (unsigned char)digits[i];
    return difference == 0;
}
