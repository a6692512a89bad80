/* keys.h - what the server reads from files at its start and again at SIGHUP: the certificate with
 * its key, and the secret of the relay. */
#ifndef PARLEY_KEYS_H
#define PARLEY_KEYS_H

#include "config.h"
#include "tls.h"
#include "turn_secret.h"

/* Each empty where |config| names no file for it. */
struct keys {
    const struct config *config;
    struct tls tls;
    struct turn_secret turn;
};

/* Reads the files of |config|, which must outlive |keys|. Free it with keys_deinit.
 * PARLEY_ERR_ARGUMENT: |error| holds one printable sentence; there is nothing to free. */
int keys_init(struct keys *keys, const struct config *config, char error[TLS_ERROR_BYTES]);
void keys_deinit(struct keys *keys);

/* Reads the files again, and says so in the log; one that is not as it should be is an error there,
 * and what was read before stays. */
void keys_reload(struct keys *keys);

/* Says in the log what an operator wants to know of them. */
void keys_log(const struct keys *keys);

#endif
