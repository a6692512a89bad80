/* poll_session.h - what the server remembers of one page that polls; poll_wire.h has the protocol.
 * No I/O, no clock. */
#ifndef PARLEY_POLL_SESSION_H
#define PARLEY_POLL_SESSION_H

#include "buffer.h"
#include "frame_queue.h"
#include "poll_wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum poll_command { POLL_OPEN, POLL_SEND, POLL_POLL, POLL_CLOSE };

struct poll_request {
    enum poll_command command;
    uint64_t number;       /* N; 0 for POLL_OPEN */
    unsigned wait;         /* index of POLL_WAITS_MS; POLL_WAITS: as long as the server likes */
    struct slice messages; /* a view of the body; poll_session_next takes them one by one */
};

/* The greatest of POLL_WAITS_MS that is at most |ms|, or the first: its index. */
unsigned poll_wait_of(uint64_t ms);

/* Reads a request's body. PARLEY_ERR_ARGUMENT: it is none of the above. */
int poll_request_read(struct slice body, struct poll_request *request);

/* Zero-initialise it; poll_session_clear frees. All fields are the module's. */
struct poll_session {
    struct frame_queue queue; /* for the page: not known to have arrived */
    uint64_t first;           /* number of the first in |queue| */
    uint64_t end;             /* number of the next to be queued */
    uint64_t expected;        /* from the page */
    uint16_t close_code;      /* 0: not closed */
    uint8_t error;            /* enum wire_error: why; WIRE_ERROR_COUNT for no reason */
};

/* --- from the page ---------------------------------------------------------------------------- */

/* PARLEY_ERR_STATE: messages before the first of |request|, which is not the last, are missing. */
int poll_session_check(const struct poll_session *session, const struct poll_request *request);

/* Takes the next message that has not been heard yet out of |request|, which poll_session_check
 * allowed; false for none. It may be anything, of any length. */
bool poll_session_next(struct poll_session *session, struct poll_request *request,
                       struct slice *message);

/* The page has all messages before |number|. PARLEY_ERR_ARGUMENT: there were not so many. */
int poll_session_confirm(struct poll_session *session, uint64_t number);

/* --- to the page ------------------------------------------------------------------------------ */

/* Queues one message. Errors as frame_queue_add. */
int poll_session_send(struct poll_session *session, struct slice message, size_t bytes_max,
                      uint32_t from);

/* No message follows any more. The first code and error count. */
void poll_session_close(struct poll_session *session, uint16_t code, enum wire_error error);

/* Throws away what is queued. */
void poll_session_clear(struct poll_session *session);

/* True when "poll" need not wait. */
bool poll_session_has_answer(const struct poll_session *session);

/* Writes the answer to "poll" into |out|, which is cleared and has room for POLL_ANSWER_BYTES_MAX:
 * as many messages as fit, at least one of those that are there. Sets |closed| when the page is
 * told of the end. PARLEY_ERR_NO_MEMORY. */
int poll_session_write(const struct poll_session *session, struct buffer *out, bool *closed);

/* Writes the answer to "send" and "close". PARLEY_ERR_NO_MEMORY. */
int poll_session_write_expected(const struct poll_session *session, struct buffer *out);

#endif
