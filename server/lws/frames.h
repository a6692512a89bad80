/* frames.h - checks WebSocket frames of a client before libwebsockets reads them (RFC 6455, 5.2).
 * No I/O, no clock. libwebsockets 4.1.6 accepts frames without a mask, overlong length fields, and
 * forbidden close codes; it answers any number of pings. It finds all other errors itself.
 */
#ifndef PARLEY_FRAMES_H
#define PARLEY_FRAMES_H

#include "bucket.h"

#include <stddef.h>
#include <stdint.h>

#define FRAMES_HEAD_BYTES_MAX 14
#define FRAMES_CLOSE_BYTES 8

/* The limits of frames that do not complete a message: control frames and fragments. Honest clients
 * send a pong now and then. */
#define FRAMES_PER_MINUTE 600
#define FRAMES_BURST 1200

/* Zero-initialise it. All fields are the module's. */
struct frames {
    uint64_t payload_left;
    struct bucket bucket; /* of frames that complete no message */
    uint8_t head[FRAMES_HEAD_BYTES_MAX];
    uint8_t head_len; /* bytes of it that have arrived */
};

/* The next |len| bytes arrived. Returns 0, or the code to close the connection with (RFC 6455,
 * 7.4.1): 1002, 1007, or 1008 for too many frames. |frame_at| is then the start of the bad frame;
 * SIZE_MAX: it started in earlier bytes. For a close frame in several pieces only the length is
 * checked. */
uint16_t frames_read(struct frames *frames, uint64_t now_ms, const char *bytes, size_t len,
                     size_t *frame_at);

/* A client's close frame with |code|. */
void frames_write_close(uint16_t code, char out[FRAMES_CLOSE_BYTES]);

#endif
