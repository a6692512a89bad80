/* stream.h - messages on their way through a wire that keeps their order. */
#ifndef PARLEY_SIM_STREAM_H
#define PARLEY_SIM_STREAM_H

#include "buffer.h"

#include <stdint.h>

enum parcel_kind { PARCEL_MESSAGE, PARCEL_OPENED, PARCEL_CLOSED };

struct parcel {
    struct parcel *next;
    uint64_t at_ms; /* when it arrives, if the wire works then */
    enum parcel_kind kind;
    uint32_t code; /* CLOSED */
    uint32_t len;
    char bytes[];
};

struct stream {
    struct parcel *first, *last;
    uint64_t last_ms;
    size_t bytes;
    uint64_t stalled_ms; /* since when nothing gets through; 0: it does */
    uint32_t retry_ms;
    uint32_t serial; /* of the happening that looks at the first parcel */
};

/* Adds a parcel that arrives at |at_ms|, but not before the one before it. */
struct parcel *stream_put(struct stream *stream, uint64_t at_ms, enum parcel_kind kind,
                          uint32_t code, struct slice bytes);

/* Takes the first out; the caller frees it with stream_free. */
struct parcel *stream_take(struct stream *stream);

void stream_free(struct parcel *parcel);

/* Loses all that is on its way. */
void stream_clear(struct stream *stream);

/* Nothing gets through: when to try again, with pauses that double up to |max_ms|. */
uint64_t stream_stall(struct stream *stream, uint64_t now_ms, uint32_t max_ms);

struct slice parcel_bytes(const struct parcel *parcel);

#endif
