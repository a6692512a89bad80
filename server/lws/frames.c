#include "frames.h"

#include "text.h"

#include <stdbool.h>
#include <string.h>

#define FINAL 0x80
#define OPCODE 0x0f
#define CONTROL 0x08 /* the opcodes from here on */
#define CLOSE 0x08
#define MASKED 0x80
#define LENGTH 0x7f
#define LENGTH_OF_16_BITS 126
#define LENGTH_OF_64_BITS 127
#define CONTROL_BYTES_MAX 125
#define PROTOCOL_ERROR 1002
#define INVALID_DATA 1007
#define POLICY_VIOLATION 1008

static size_t length_bytes(const struct frames *frames) {
    uint8_t length = frames->head[1] & LENGTH;
    return length == LENGTH_OF_64_BITS ? 8 : length == LENGTH_OF_16_BITS ? 2 : 0;
}

static const uint8_t *mask_of(const struct frames *frames) {
    return frames->head + 2 + length_bytes(frames);
}

static uint64_t payload_bytes(const struct frames *frames) {
    size_t count = length_bytes(frames);
    uint64_t length = count == 0 ? frames->head[1] & LENGTH : 0;
    for (size_t i = 0; i < count; i++)
        length = length << 8 | frames->head[2 + i];
    return length;
}

static bool is_close(const struct frames *frames) {
    return (frames->head[0] & OPCODE) == CLOSE;
}

static bool is_minimal(const struct frames *frames, uint64_t length) {
    size_t count = length_bytes(frames);
    return length >= (count == 8 ? 65536u : count == 2 ? LENGTH_OF_16_BITS : 0u);
}

/* The head is whole. */
static uint16_t check_head(struct frames *frames, uint64_t now_ms) {
    static const struct bucket_limit limit = {FRAMES_PER_MINUTE, FRAMES_BURST};
    bool ends_message = (frames->head[0] & FINAL) != 0 && (frames->head[0] & OPCODE) < CONTROL;
    uint64_t length = payload_bytes(frames);
    if (!is_minimal(frames, length) || (is_close(frames) && length == 1))
        return PROTOCOL_ERROR;
    return ends_message || bucket_take(&frames->bucket, &limit, now_ms) ? 0 : POLICY_VIOLATION;
}

/* RFC 6455, 7.4; 1012 to 1014 came later. */
static bool is_code_sent(unsigned code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

/* The payload of a close frame, all of it. */
static uint16_t check_close(const struct frames *frames, const char *payload, size_t len) {
    char plain[CONTROL_BYTES_MAX];
    if (len > sizeof plain)
        return PROTOCOL_ERROR;
    for (size_t i = 0; i < len; i++)
        plain[i] = (char)(payload[i] ^ mask_of(frames)[i % 4]);
    if (len < 2)
        return 0;
    if (!is_code_sent((unsigned)(uint8_t)plain[0] << 8 | (uint8_t)plain[1]))
        return PROTOCOL_ERROR;
    return text_utf8_valid((struct slice){plain + 2, len - 2}) ? 0 : INVALID_DATA;
}

/* Takes a byte of a head, behind which |behind| bytes have come; sets |payload_left| with the last
 * one. */
static uint16_t take_head_byte(struct frames *frames, uint64_t now_ms, const char *at,
                               size_t behind) {
    frames->head[frames->head_len++] = (uint8_t)*at;
    if (frames->head_len < 2)
        return 0;
    if ((frames->head[1] & MASKED) == 0)
        return PROTOCOL_ERROR;
    if (frames->head_len < 2 + length_bytes(frames) + 4)
        return 0;
    uint16_t code = check_head(frames, now_ms);
    frames->payload_left = payload_bytes(frames);
    frames->head_len = 0;
    if (code == 0 && is_close(frames) && frames->payload_left <= behind)
        code = check_close(frames, at + 1, (size_t)frames->payload_left);
    return code;
}

uint16_t frames_read(struct frames *frames, uint64_t now_ms, const char *bytes, size_t len,
                     size_t *frame_at) {
    *frame_at = SIZE_MAX;
    for (size_t at = 0; at < len;) {
        size_t left = len - at;
        if (frames->payload_left > 0) {
            size_t step = frames->payload_left < left ? (size_t)frames->payload_left : left;
            frames->payload_left -= step;
            at += step;
            continue;
        }
        if (frames->head_len == 0)
            *frame_at = at;
        uint16_t code = take_head_byte(frames, now_ms, bytes + at, left - 1);
        if (code != 0)
            return code;
        at++;
    }
    return 0;
}

void frames_write_close(uint16_t code, char out[FRAMES_CLOSE_BYTES]) {
    const char frame[FRAMES_CLOSE_BYTES] = {(char)(FINAL | CLOSE), (char)(MASKED | 2), 0, 0, 0, 0,
                                            (char)(code >> 8),     (char)(code & 0xff)};
    memcpy(out, frame, sizeof frame);
}
