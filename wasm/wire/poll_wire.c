#include "poll_wire.h"

#include "error.h"

_Static_assert(POLL_ANSWER_USUAL_BYTES_MAX >= WIRE_MESSAGE_BYTES_MAX + 1 + 2 * POLL_LINE_BYTES_MAX,
               "an answer holds a message");
_Static_assert(POLL_BATCH_BYTES_MAX > WIRE_MESSAGE_BYTES_MAX, "a request holds a message");

bool poll_wire_read(struct slice line, const char *word, uint64_t *number) {
    return slice_skip(&line, word) && slice_skip(&line, " ") &&
           slice_read_number(line, POLL_NUMBER_MAX, number);
}

int poll_wire_write(struct buffer *out, const char *word, uint64_t number) {
    int err = buffer_append(out, slice_of(word));
    if (err == PARLEY_OK)
        err = buffer_append(out, slice_of(" "));
    return err == PARLEY_OK ? buffer_append_number(out, (long long)number) : err;
}
