#include "stream.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_FIRST_MS 200

struct parcel *stream_put(struct stream *stream, uint64_t at_ms, enum parcel_kind kind,
                          uint32_t code, struct slice bytes) {
    struct parcel *parcel = malloc(sizeof *parcel + bytes.len);
    PARLEY_CHECK(parcel);
    if (at_ms < stream->last_ms)
        at_ms = stream->last_ms;
    stream->last_ms = at_ms;
    *parcel =
        (struct parcel){.at_ms = at_ms, .kind = kind, .code = code, .len = (uint32_t)bytes.len};
    if (bytes.len)
        memcpy(parcel->bytes, bytes.bytes, bytes.len);
    if (stream->last)
        stream->last->next = parcel;
    else
        stream->first = parcel;
    stream->last = parcel;
    stream->bytes += bytes.len;
    return parcel;
}

struct parcel *stream_take(struct stream *stream) {
    struct parcel *parcel = stream->first;
    stream->first = parcel->next;
    if (!stream->first)
        stream->last = NULL;
    stream->bytes -= parcel->len;
    stream->stalled_ms = 0;
    stream->retry_ms = 0;
    return parcel;
}

void stream_free(struct parcel *parcel) {
    free(parcel);
}

void stream_clear(struct stream *stream) {
    while (stream->first)
        stream_free(stream_take(stream));
}

uint64_t stream_stall(struct stream *stream, uint64_t now_ms, uint32_t max_ms) {
    if (stream->stalled_ms == 0)
        stream->stalled_ms = now_ms;
    stream->retry_ms = stream->retry_ms ? 2 * stream->retry_ms : RETRY_FIRST_MS;
    if (stream->retry_ms > max_ms)
        stream->retry_ms = max_ms;
    return now_ms + stream->retry_ms;
}

struct slice parcel_bytes(const struct parcel *parcel) {
    return (struct slice){parcel->bytes, parcel->len};
}
