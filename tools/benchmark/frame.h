/* frame.h - WebSocket frames (RFC 6455, 5.2) for the load generator and the floor: read in place in
 * a buffer, written in one piece. No fragments, no extensions. */
#ifndef PARLEY_BENCH_FRAME_H
#define PARLEY_BENCH_FRAME_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

#define FRAME_HEAD_BYTES_MAX 14
#define FRAME_TEXT 1u
#define FRAME_CLOSE 8u
#define FRAME_PING 9u
#define FRAME_PONG 10u

struct frame {
    unsigned opcode;
    struct slice payload; /* unmasked; a view of the bytes that were read */
};

/* Reads the frame at the beginning of |bytes| into |frame|, and unmasks it in place; so read each
 * frame only once. Returns its size; 0: it is not complete yet. */
size_t frame_read(char *bytes, size_t len, struct frame *frame);

/* Writes a final frame of |opcode| with |payload| to |out|, which has room for FRAME_HEAD_BYTES_MAX
 * more than the payload. |masked|: as clients must. Returns the size of the frame. */
size_t frame_write(char *out, unsigned opcode, bool masked, struct slice payload);

#endif
