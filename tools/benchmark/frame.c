#include "frame.h"

#include <stdint.h>
#include <string.h>

#define MASK_BYTES 4
#define WORD_BYTES sizeof(uint64_t)

static const uint8_t client_mask[MASK_BYTES] = {0x37, 0xfa, 0x21, 0x3d};

/* Masks or unmasks, a word at a time. */
static void apply_mask(char *bytes, size_t len, const uint8_t mask[MASK_BYTES]) {
    uint64_t wide, word;
    size_t at = 0;
    memcpy(&wide, mask, MASK_BYTES);
    memcpy((char *)&wide + MASK_BYTES, mask, MASK_BYTES);
    for (; at + WORD_BYTES <= len; at += WORD_BYTES) {
        memcpy(&word, bytes + at, WORD_BYTES);
        word ^= wide;
        memcpy(bytes + at, &word, WORD_BYTES);
    }
    for (; at < len; at++)
        bytes[at] = (char)((uint8_t)bytes[at] ^ mask[at % MASK_BYTES]);
}

/* The number of bytes that carry the length, after the first two. */
static size_t length_bytes(unsigned short_length) {
    return short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
}

static size_t read_length(const char *bytes, size_t count, size_t short_length) {
    size_t len = count ? 0 : short_length;
    for (size_t i = 0; i < count; i++)
        len = len << 8 | (uint8_t)bytes[i];
    return len;
}

size_t frame_read(char *bytes, size_t len, struct frame *frame) {
    if (len < 2)
        return 0;
    unsigned second = (uint8_t)bytes[1];
    size_t mask_bytes = second & 0x80 ? MASK_BYTES : 0;
    size_t count = length_bytes(second & 0x7f);
    size_t head = 2 + count + mask_bytes;
    if (len < head)
        return 0;
    size_t payload_len = read_length(bytes + 2, count, second & 0x7f);
    if (payload_len > len - head)
        return 0;
    uint8_t mask[MASK_BYTES];
    memcpy(mask, bytes + head - mask_bytes, mask_bytes);
    if (mask_bytes)
        apply_mask(bytes + head, payload_len, mask);
    *frame = (struct frame){(uint8_t)bytes[0] & 0xfu, {bytes + head, payload_len}};
    return head + payload_len;
}

size_t frame_write(char *out, unsigned opcode, bool masked, struct slice payload) {
    unsigned short_length = payload.len < 126           ? (unsigned)payload.len
                            : payload.len <= UINT16_MAX ? 126
                                                        : 127;
    size_t count = length_bytes(short_length), at = 2;
    out[0] = (char)(0x80 | opcode);
    out[1] = (char)((masked ? 0x80 : 0) | short_length);
    for (size_t i = 0; i < count; i++)
        out[at++] = (char)(uint8_t)(payload.len >> (8 * (count - 1 - i)));
    if (masked) {
        memcpy(out + at, client_mask, MASK_BYTES);
        at += MASK_BYTES;
    }
    memmove(out + at, payload.bytes, payload.len);
    if (masked)
        apply_mask(out + at, payload.len, client_mask);
    return at + payload.len;
}
