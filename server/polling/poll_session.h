/* poll_session.h - the server's state of one page that polls; poll_wire.h has the protocol. No I/O,
 * no clock. */
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

/* Reads a request's body. PARLEY_ERR_ARGUMENT: it is none of these. */
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

/* PARLEY_ERR_STATE: messages before the first of |request| are missing, and it is not the last
 * request. */
int poll_session_check(const struct poll_session *session, const struct poll_request *request);

/* Takes the next new message out of |request|, which passed poll_session_check; false for none. The
 * message may hold anything, and have any length. */
bool poll_session_next(struct poll_session *session, struct poll_request *request,
                       struct slice *message);

/* The page has all messages before |number|. PARLEY_ERR_ARGUMENT: there were fewer. */
int poll_session_confirm(struct poll_session *session, uint64_t number);

/* --- to the page ------------------------------------------------------------------------------ */

/* Queues one message. Errors as frame_queue_add. */
int poll_session_send(struct poll_session *session, struct slice message, size_t bytes_max,
                      uint32_t from);

/* No more messages follow. Only the first call counts. */
void poll_session_close(struct poll_session *session, uint16_t code, enum wire_error error);

/* Throws away what is queued. */
void poll_session_clear(struct poll_session *session);

/* True when "poll" need not wait. */
bool poll_session_has_answer(const struct poll_session *session);

/* Writes the answer to "poll" into |out|, which is cleared and has room for POLL_ANSWER_BYTES_MAX:
 * as many of the queued messages as fit, at least one. Sets |closed| if the answer says that the
 * session is closed. PARLEY_ERR_NO_MEMORY. */
int poll_session_write(const struct poll_session *session, struct buffer *out, bool *closed);

/* Writes the answer to "send" and "close". PARLEY_ERR_NO_MEMORY. */
int poll_session_write_expected(const struct poll_session *session, struct buffer *out);

#endif
