/* poll_head.h - the head of a polling request (poll_wire.h): decides whether to accept its body,
 * and finds its session. No I/O.
 *
 * A session's secret, as the page knows it, is 40 hexadecimal digits in lower case: the session's
 * slot, which is not secret, then 128 bits that are. */
#ifndef PARLEY_POLL_HEAD_H
#define PARLEY_POLL_HEAD_H

#include "poll_wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLL_SECRET_BYTES 16
#define POLL_SLOT_DIGITS 8
#define POLL_LENGTH_DIGITS_MAX 9
#define POLL_OPEN_BODY_BYTES_MAX 64 /* without a session there is little to say */

_Static_assert(POLL_SECRET_DIGITS == POLL_SLOT_DIGITS + 2 * POLL_SECRET_BYTES,
               "as both sides know it");

/* Writes the digits, without an end, into |out|. */
void poll_secret_write(uint32_t slot, const uint8_t secret[POLL_SECRET_BYTES],
                       char out[POLL_SECRET_DIGITS]);

/* Sets the slot of the session that the header's value |named| names; false: it is not a secret. */
bool poll_secret_read_slot(struct slice named, uint32_t *slot);

/* True for the secret of that session, in constant time. */
bool poll_secret_is(struct slice named, uint32_t slot, const uint8_t secret[POLL_SECRET_BYTES]);

struct poll_head {
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
unsigned poll_head_refusal(const struct poll_head *head, const char **sentence);

#endif
