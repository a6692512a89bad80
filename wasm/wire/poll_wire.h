/* poll_wire.h - signaling over HTTP polling, for networks that block WebSockets: the protocol, and
 * the constants that both sides share. poll_session.h is the server's side, poll_client.h
 * the page's.
 *
 * Every request is POST POLL_PATH (RFC 9110) with an Origin as for a WebSocket, a Content-Length,
 * and, but for "open", the session's secret in the header POLL_SECRET_HEADER. Bodies of requests
 * and of answers with status 200 or 409 are lines that end with "\n": a first line as below, then
 * messages (wire.h), one on each line, which contain no line end.
 *
 *   request              answer
 *   open                 200  session SECRET    or, where the server is full, as to "poll"
 *   send N, messages     200  expect M          the page's messages before M have arrived
 *                        409  expect M          N is more than M: send again, from M on
 *   poll N [W]           200  messages M, messages, perhaps: close CODE REASON
 *   close N, messages    200  expect M          as send, but what is missing before N is
 *                                               given up; then the session is over
 *
 * Numbers count the messages of one direction, from 0. N of "send" and "close" is the number of the
 * first message that follows; messages before M are ignored, so a request may safely be repeated,
 * or overtake another. N of "poll" is the number of the next message that the page wants: the
 * server drops those before N and sends all others again, so an answer may be lost. M of the answer
 * is the number of the first message in it. An answer has as many messages as fit into
 * POLL_ANSWER_USUAL_BYTES_MAX, and one at least: only a long welcome, alone, makes it longer.
 *
 * "poll" is answered as soon as there are messages, or without messages after at most
 * --ping-seconds, or after W milliseconds, rounded down to one of POLL_WAITS_MS. W is for pages
 * behind a proxy that cuts longer waits, and for many pages of one browser, which share few
 * connections to one host. If polls of a session are cut while they wait, later ones wait for less
 * (idle_cut.h), since browsers repeat a poll that was cut without telling the page. A second poll
 * of the same session ends the first. A session without a request for twice --ping-seconds is over.
 * "close" in an answer stands for a WebSocket's close frame: its code (RFC 6455, 7.4.1) and the
 * code of a wire_error, or nothing; no message follows, and the page confirms it with "close".
 *
 * A page must use its new session in another request within 5 s, and join a room within
 * --request-seconds; otherwise the session is over. So is a session 5 s after an answer with
 * "close".
 *
 * Errors: 400 not understood, 403 foreign page, 405 other method, 410 no such session (any more),
 * 411 no Content-Length, 413 more than POLL_BODY_BYTES_MAX, 503 shutting down or out of memory.
 * After any of them but 410 the session lives on.
 */
#ifndef PARLEY_POLL_WIRE_H
#define PARLEY_POLL_WIRE_H

#include "buffer.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define POLL_NAME "poll" /* beside the page */
#define POLL_PATH "/" POLL_NAME
#define POLL_SECRET_HEADER "parley-session"
#define POLL_SECRET_DIGITS 40  /* hexadecimal, in lower case */
#define POLL_LINE_BYTES_MAX 64 /* "close", a code of 5 digits, a reason; line end */
#define POLL_BATCH_BYTES_MAX (2 * WIRE_MESSAGE_BYTES_MAX) /* messages in one request */
#define POLL_BODY_BYTES_MAX (POLL_BATCH_BYTES_MAX + POLL_LINE_BYTES_MAX)
#define POLL_ANSWER_USUAL_BYTES_MAX 28672
#define POLL_ANSWER_BYTES_MAX (WIRE_WELCOME_BYTES_MAX + 1 + 2 * POLL_LINE_BYTES_MAX)
#define POLL_WAITS_MS                                                                              \
    { 500, 3000, 8000 }
#define POLL_WAITS 3
#define POLL_LIFE_MIN_MS 10000           /* a session's, without a request, at --ping-seconds 5 */
#define POLL_NUMBER_MAX 9007199254740991 /* the largest exact integer in JavaScript: 2^53 - 1 */

/* Reads N of "WORD N". False: |line| is not such a line. */
bool poll_wire_read(struct slice line, const char *word, uint64_t *number);

/* Appends "WORD N", without the line's end. Errors of buffer_append. */
int poll_wire_write(struct buffer *out, const char *word, uint64_t number);

#endif
