/* poll_secret.h - the secret of a polling session (poll_wire.h). No I/O.
 *
 * As the page knows it, it is 40 hexadecimal digits in lower case: the session's slot, which is not
 * secret, then 128 bits that are. */
#ifndef PARLEY_POLL_SECRET_H
#define PARLEY_POLL_SECRET_H

#include "poll_wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLL_SECRET_BYTES 16
#define POLL_SLOT_DIGITS 8

_Static_assert(POLL_SECRET_DIGITS == POLL_SLOT_DIGITS + 2 * POLL_SECRET_BYTES,
               "as both sides know it");

/* Writes the digits, without an end, into |out|. */
void poll_secret_write(uint32_t slot, const uint8_t secret[POLL_SECRET_BYTES],
                       char out[POLL_SECRET_DIGITS]);

/* Sets the slot of the session that the header's value |named| names; false: it is not a secret. */
bool poll_secret_read_slot(struct slice named, uint32_t *slot);

/* True for the secret of that session, in constant time. */
bool poll_secret_is(struct slice named, uint32_t slot, const uint8_t secret[POLL_SECRET_BYTES]);

#endif
