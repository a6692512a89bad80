/* stream.h - messages in transit on a wire that keeps their order. */
#ifndef PARLEY_SIM_STREAM_H
#define PARLEY_SIM_STREAM_H

#include "buffer.h"

#include <stdint.h>

enum parcel_kind { PARCEL_MESSAGE, PARCEL_OPENED, PARCEL_CLOSED };

struct parcel {
    struct parcel *next;
    uint64_t at_ms; /* when it arrives, unless the wire is stalled */
    enum parcel_kind kind;
    uint32_t code; /* of CLOSED */
    uint32_t len;
    char bytes[];
};

struct stream {
    struct parcel *first, *last;
    uint64_t last_ms;
    size_t bytes;
    uint64_t stalled_ms; /* since when nothing gets through; 0: not stalled */
    uint32_t retry_ms;
    uint32_t serial; /* of the happening that looks at the first parcel */
};

/* Adds a parcel that arrives at |at_ms|, or with the one before it if that is later. */
struct parcel *stream_put(struct stream *stream, uint64_t at_ms, enum parcel_kind kind,
                          uint32_t code, struct slice bytes);

/* Takes the first out; the caller frees it with stream_free. */
struct parcel *stream_take(struct stream *stream);

void stream_free(struct parcel *parcel);

/* Drops everything in transit. */
void stream_clear(struct stream *stream);

/* Nothing gets through: returns when to try again. The pauses double up to |max_ms|. */
uint64_t stream_stall(struct stream *stream, uint64_t now_ms, uint32_t max_ms);

struct slice parcel_bytes(const struct parcel *parcel);

#endif
