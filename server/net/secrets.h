/* secrets.h - the files that the server reads at its start and again at SIGHUP: the certificate
 * with its key, and the relay's secret. */
#ifndef PARLEY_SECRETS_H
#define PARLEY_SECRETS_H

#include "config.h"
#include "tls.h"
#include "turn_secret.h"

/* Each is empty if |config| names no file for it. */
struct secrets {
    const struct config *config;
    struct tls tls;
    struct turn_secret turn;
};

/* Reads the files of |config|, which must outlive |secrets|. Free it with secrets_deinit.
 * PARLEY_ERR_ARGUMENT: |error| holds one printable sentence; there is nothing to free. */
int secrets_init(struct secrets *secrets, const struct config *config, char error[TLS_ERROR_BYTES]);
void secrets_deinit(struct secrets *secrets);

/* Reads the files again, and logs the result; if a file is invalid, the log has an error, and the
 * old content stays in use. */
void secrets_reload(struct secrets *secrets);

/* Logs what an operator wants to know about them. */
void secrets_log(const struct secrets *secrets);

#endif
