/* poll_header.h - the header of a polling request (poll_wire.h): decides whether to accept
 * its body. No I/O. */
#ifndef PARLEY_POLL_HEADER_H
#define PARLEY_POLL_HEADER_H

#include "poll_wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLL_LENGTH_DIGITS_MAX 9
#define POLL_OPEN_BODY_BYTES_MAX 64 /* without a session there is little to say */

struct poll_header {
    bool is_post;
    bool is_foreign;     /* another site's page */
    bool is_late;        /* the server is shutting down */
    bool names_session;  /* it has the secret's header */
    bool knows_session;  /* and there is that session */
    bool has_coding;     /* Transfer-Encoding */
    bool has_length;     /* Content-Length */
    struct slice length; /* its value; empty: longer than POLL_LENGTH_DIGITS_MAX and one more */
};

/* 0: accept the body; otherwise the status to answer, and |sentence| is set for people. */
unsigned poll_header_refusal(const struct poll_header *header, const char **sentence);

#endif
