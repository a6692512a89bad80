/* turn_secret.h - the file with the secret that Parley and the TURN server share. */
#ifndef PARLEY_TURN_SECRET_H
#define PARLEY_TURN_SECRET_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>

#define TURN_SECRET_BYTES_MAX 512
#define TURN_SECRET_ERROR_BYTES 320

struct turn_secret {
    char bytes[TURN_SECRET_BYTES_MAX];
    size_t len;
    bool exposed; /* everybody on this machine can read the file */
};

/* Reads |path|, one line of at most TURN_SECRET_BYTES_MAX bytes, into |secret|, without the spaces
 * and line ends behind it.
 * PARLEY_ERR_ARGUMENT: the file is missing or invalid; |error| holds one printable sentence, and
 * |secret| is as it was. */
int turn_secret_load(struct turn_secret *secret, const char *path,
                     char error[TURN_SECRET_ERROR_BYTES]);

struct slice turn_secret_slice(const struct turn_secret *secret);

#endif
