/* chat_polling.h - the server's side of a page that polls (poll_wire.h): checks each request, and
 * writes answers. */
#ifndef PARLEY_FUZZ_CHAT_POLLING_H
#define PARLEY_FUZZ_CHAT_POLLING_H

#include "action.h"
#include "event.h"

#include <stdbool.h>
#include <stdint.h>

/* Zero-initialise it. Sessions are named by the number of the request that opened them. */
struct page_polling {
    uint32_t last;           /* the number of the last request */
    uint32_t asked, sending; /* under way: "open" or "poll", and "send"; 0: none */
    bool opening;            /* "open" it is */
    uint32_t session;        /* that a request named last */
    uint64_t wanted;         /* the number of the next message to the page */
    uint64_t said;           /* by the page, in this session */
};

/* Takes HTTP_POST or HTTP_ABORT. The messages in it that were not said before, each with a "\n". */
struct slice polling_take(struct page_polling *polling, const struct action *action);

/* HTTP_ANSWERED or HTTP_FAILED is reported. */
void polling_report(struct page_polling *polling, const struct event *event);

/* Appends a good answer to |request|, to "poll" with |messages|, each of which ends with a "\n". */
void polling_write(const struct page_polling *polling, uint32_t request, struct slice messages,
                   struct buffer *out);

#endif
