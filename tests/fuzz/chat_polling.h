/* chat_polling.h - the server's side of a page that polls (poll_wire.h): checks each request, and
 * writes answers. */
#ifndef PARLEY_FUZZ_CHAT_POLLING_H
#define PARLEY_FUZZ_CHAT_POLLING_H

#include "action.h"
#include "event.h"

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialise. A session's secret is the number of the request that opened it. */
struct page_polling {
    uint32_t last;           /* the number of the last request */
    uint32_t asked, sending; /* requests in progress: "open" or "poll"; "send"; 0: none */
    bool opening;            /* |asked| is an "open" */
    uint32_t session;        /* the newest that a request named */
    uint64_t wanted;         /* the number of the next message to the page */
    uint64_t said;           /* messages from the page in this session */
};

/* Takes HTTP_POST or HTTP_ABORT. Returns the new messages in it, each with a "\n". */
struct slice polling_take(struct page_polling *polling, const struct action *action);

/* Notes that HTTP_ANSWERED or HTTP_FAILED is reported. */
void polling_report(struct page_polling *polling, const struct event *event);

/* Appends a good answer to |request|. The answer to a "poll" has |messages|, each with a "\n". */
void polling_write(const struct page_polling *polling, uint32_t request, struct slice messages,
                   struct buffer *out);

#endif
