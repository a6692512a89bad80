/* poll_session.h - signaling over HTTP polling, for networks that let no WebSocket through: the
 * protocol, and what is remembered of one session. No I/O, no clock.
 *
 * Every request is POST POLL_PATH (RFC 9110) with an Origin as for a WebSocket, a Content-Length,
 * and, but for "open", the session's secret in the header POLL_SECRET_HEADER. Bodies of requests
 * and of answers with status 200 or 409 are lines that end with "\n": one that says what this is,
 * then messages (wire.h), one a line, which have no line end inside.
 *
 *   request              answer
 *   open                 200  session SECRET    or, where the server is full, as to "poll"
 *   send N, messages     200  expect M          the page's messages before M have arrived
 *                        409  expect M          N is more than M: send again, from M on
 *   poll N [W]           200  messages M, messages, perhaps: close CODE REASON
 *   close N, messages    200  expect M          as send, but what is missing before N is
 *                                               given up; then the session is over
 *
 * Numbers count the messages of one direction, from 0. N of "send" and "close" is the number of
 * the first message that follows; those before M have been heard already, so that a request may be
 * repeated, and overtake another, without harm. N of "poll" is the number of the next message that
 * the page wants: those before N are forgotten, all others are sent again, so that an answer may be
 * lost. M of the answer is the number of the first message in it.
 *
 * The answer to "poll" comes as soon as there are messages, and without any after --ping-seconds at
 * most, or after W milliseconds, which are rounded down to one of POLL_WAITS_MS: for pages behind a
 * proxy that cuts what waits for longer, and for many pages of one browser, which have few
 * connections to one host between them. Where polls of a session are cut while they wait, those
 * that follow wait for less (idle_cut.h), since browsers repeat a poll that was cut, and the page
 * does not know. A second one of the same session ends the first. Whoever does not ask for as long
 * again as --ping-seconds is gone. "close" in an answer stands for a
 * WebSocket's close frame: its code (RFC 6455, 7.4.1) and the code of a wire_error, or nothing; no
 * message follows, and the page confirms it with "close".
 *
 * Who opens a session names it in another request within 5 s, and joins a room within
 * --request-seconds; else it is over. So is a session 5 s after an answer with "close".
 *
 * Errors: 400 not understood, 403 foreign page, 405 other method, 410 no such session (any more),
 * 411 no Content-Length, 413 more than POLL_BODY_BYTES_MAX, 503 shutting down or out of memory.
 * After any of them but 410 the session lives on.
 */
#ifndef PARLEY_POLL_SESSION_H
#define PARLEY_POLL_SESSION_H

#include "buffer.h"
#include "frame_queue.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLL_PATH "/poll"
#define POLL_SECRET_HEADER "parley-session:" /* as libwebsockets looks for it */
#define POLL_LINE_BYTES_MAX 64               /* "close", a code of 5 digits, a reason; line end */
#define POLL_BODY_BYTES_MAX (2 * WIRE_MESSAGE_BYTES_MAX + POLL_LINE_BYTES_MAX)
#define POLL_ANSWER_BYTES_MAX 28672 /* one message at least, and all that is not a message */
#define POLL_WAITS_MS                                                                              \
    { 500, 3000, 8000 }
#define POLL_WAITS 3
#define POLL_NUMBER_MAX 9007199254740991 /* what JavaScript counts exactly: 2^53 - 1 */

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
