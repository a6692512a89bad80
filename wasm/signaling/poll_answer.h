/* poll_answer.h - what an HTTP answer means to a page that polls, whether the server or a proxy in
 * front of it gave it. */
#ifndef PARLEY_POLL_ANSWER_H
#define PARLEY_POLL_ANSWER_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define POLL_ANSWER_PAUSE_MAX_MS 20000 /* that one may ask for: the session lives for as long */
#define POLL_ANSWER_TEXT_CHARACTERS_MAX 1000 /* of a text for people; the rest is not read */
#define POLL_ANSWER_REDIRECTED 302 /* stands for all: browsers do not say which (Fetch, 3.1.1) */

/* An event HTTP_ANSWERED. */
struct poll_answer {
    uint32_t status; /* 0: a redirection */
    struct slice body;
    struct slice type;        /* Content-Type (RFC 9110, 8.3), or "" */
    struct slice retry_after; /* Retry-After (RFC 9110, 10.2.3) in seconds, or "" */
};

enum poll_verdict {
    POLL_VERDICT_GOOD,    /* the body is the protocol's */
    POLL_VERDICT_PASSING, /* somebody was away, late or too busy: ask again */
    POLL_VERDICT_FINAL    /* asking again is of no use */
};

enum poll_verdict poll_answer_judge(uint32_t status);

/* The pause that |retry_after| requests; 0: none. */
uint32_t poll_answer_pause_ms(struct slice retry_after);

/* The answer's text for people, cut to its limit; or "". */
struct slice poll_answer_text(const struct poll_answer *answer);

#endif
