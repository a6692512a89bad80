/* secrets.h - what the server reads from files at its start and again at SIGHUP: the certificate
 * with its key, and the secret of the relay. */
#ifndef PARLEY_SECRETS_H
#define PARLEY_SECRETS_H

#include "config.h"
#include "tls.h"
#include "turn_secret.h"

/* Each empty where |config| names no file for it. */
struct secrets {
    const struct config *config;
    struct tls tls;
    struct turn_secret turn;
};

/* Reads the files of |config|, which must outlive |secrets|. Free it with secrets_deinit.
 * PARLEY_ERR_ARGUMENT: |error| holds one printable sentence; there is nothing to free. */
int secrets_init(struct secrets *secrets, const struct config *config, char error[TLS_ERROR_BYTES]);
void secrets_deinit(struct secrets *secrets);

/* Reads the files again, and says so in the log; one that is not as it should be is an error there,
 * and what was read before stays. */
void secrets_reload(struct secrets *secrets);

/* Says in the log what an operator wants to know of them. */
void secrets_log(const struct secrets *secrets);

#endif
