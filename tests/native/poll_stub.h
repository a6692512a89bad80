/* poll_stub.h - the server of one page that polls (poll_wire.h): tests say what happens to a
 * connection, and read what is asked of one, in the words of a WebSocket. */
#ifndef PARLEY_POLL_STUB_H
#define PARLEY_POLL_STUB_H

#include "action.h"
#include "event.h"
#include "poll_wire.h"

#include <stdbool.h>
#include <stdint.h>

#define POLL_STUB_WAIT_MS 20000 /* after which a poll is answered */

/* Zero-initialise. |open|, |poll|, |send|: requests without an answer yet; 0: none. */
struct poll_stub {
    uint32_t open, poll, send;
    uint64_t asked_ms;                /* when the poll came */
    uint64_t sent, heard;             /* messages to the page, and from it */
    char text[POLL_ANSWER_BYTES_MAX]; /* of the last event */
};

/* A page's wishes for its connection to the server. */
struct poll_stub_wish {
    bool connect, close;
    struct slice messages; /* each ends with "\n"; before |close| */
};

/* Takes HTTP_POST and HTTP_ABORT. Other actions are not wishes. */
struct poll_stub_wish poll_stub_take(struct poll_stub *stub, const struct action *action,
                                     uint64_t now_ms);

/* Translates SERVER_OPENED, SERVER_MESSAGE or SERVER_CLOSED of this connection into an event of
 * HTTP. |text|: the message; or "", or a refusal's status, a space, and its text. The event is
 * valid until the next one. */
struct event poll_stub_event(struct poll_stub *stub, enum event_kind kind, struct slice text);

/* The next answer that is due without the test's doing; false: none. */
bool poll_stub_next(struct poll_stub *stub, uint64_t now_ms, struct event *event);

#endif
