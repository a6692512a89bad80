/* WebSocket frames. The first byte of an input is the length of the pieces into which the rest is
 * cut. The pieces must give the same close code as the whole. */
#include "frames.h"

#include "script.h"

#include <stdbool.h>

#define CLOSE 0x08

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static uint16_t read_pieces(struct slice text, size_t piece_len) {
    struct frames frames = {0};
    size_t frame_at;
    for (size_t at = 0; at < text.len; at += piece_len) {
        size_t len = text.len - at < piece_len ? text.len - at : piece_len;
        uint16_t code = frames_read(&frames, 0, text.bytes + at, len, &frame_at);
        FUZZ_CHECK(code == 0 || code == 1002 || code == 1007 || code == 1008);
        FUZZ_CHECK(frame_at == SIZE_MAX || frame_at < len);
        FUZZ_CHECK(frames.head_len < FRAMES_HEAD_BYTES_MAX);
        if (code != 0)
            return code;
    }
    return 0;
}

static void check_close(uint16_t code) {
    char close[FRAMES_CLOSE_BYTES];
    struct frames frames = {0};
    size_t frame_at;
    frames_write_close(code, close);
    FUZZ_CHECK(frames_read(&frames, 0, close, sizeof close, &frame_at) == 0);
    FUZZ_CHECK(frame_at == 0 && frames.payload_left == 0 && frames.head_len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct script script = script_of(bytes, len);
    size_t piece_len = 1 + (size_t)script_byte(&script);
    struct slice text = script_rest(&script);
    struct frames frames = {0};
    size_t frame_at = 0;
    uint16_t whole = frames_read(&frames, 0, text.bytes, text.len, &frame_at);
    /* A close frame's content is checked only if it comes in one piece. */
    bool is_close = whole != 0 && (text.bytes[frame_at] & 0x0f) == CLOSE;
    FUZZ_CHECK(is_close || read_pieces(text, piece_len) == whole);
    FUZZ_CHECK(is_close || read_pieces(text, 1) == whole);
    if (whole != 0)
        check_close(whole);
    script_free_texts(&script);
    return 0;
}
