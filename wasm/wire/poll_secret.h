/* poll_secret.h - the secret that names a polling session (poll_wire.h): hexadecimal digits in
 * lower case, of the session's slot on the server, which is not secret, and of 128 bits that are.
 */
#ifndef PARLEY_POLL_SECRET_H
#define PARLEY_POLL_SECRET_H

#include "poll_wire.h"

#include <stdbool.h>
#include <stdint.h>

#define POLL_SECRET_BYTES 16
#define POLL_SLOT_DIGITS 8

_Static_assert(POLL_SECRET_DIGITS == POLL_SLOT_DIGITS + 2 * POLL_SECRET_BYTES,
               "as both sides know it");

struct poll_secret {
    char digits[POLL_SECRET_DIGITS];
};

/* Makes the secret of a session in |slot|. |random|: fresh bytes of a cryptographic generator. */
void poll_secret_make(uint32_t slot, const uint8_t random[POLL_SECRET_BYTES],
                      struct poll_secret *out);

/* Reads |text|. False: it is not a secret; |secret| is unchanged. */
bool poll_secret_read(struct slice text, struct poll_secret *secret);

uint32_t poll_secret_slot(const struct poll_secret *secret);

/* Compares in constant time. */
bool poll_secret_equal(const struct poll_secret *one, const struct poll_secret *other);

#endif
