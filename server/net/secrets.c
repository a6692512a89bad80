#include "secrets.h"

#include "error.h"

_Static_assert(TURN_SECRET_ERROR_BYTES <= TLS_ERROR_BYTES, "one buffer for either's sentence");

static int load_certificate(struct secrets *secrets, char error[TLS_ERROR_BYTES]) {
    return tls_load(&secrets->tls, secrets->config->tls_cert, secrets->config->tls_key, error);
}

/* A certificate that browsers reject is served anyway: the clock may be wrong when a machine
 * starts, and the next certificate is read without a restart. */
static void log_certificate(const struct secrets *secrets) {
    char until[TLS_DATE_BYTES];
    const char *fault = tls_check_dates(&secrets->tls, until);
    if (fault != NULL)
        LOG(LOG_LEVEL_ERROR, "certificate", log_text("why", slice_of(fault)),
            log_text("until", slice_of(until)));
    else
        LOG(LOG_LEVEL_INFO, "certificate", log_text("until", slice_of(until)));
}

static void log_turn_secret(const struct secrets *secrets) {
    if (secrets->turn.exposed)
        LOG(LOG_LEVEL_WARN, "turn_secret_exposed",
            log_text("why", slice_of("everybody on this machine can read --turn-secret-file")));
    else
        LOG(LOG_LEVEL_INFO, "turn_secret", log_number("bytes", secrets->turn.len));
}

static void reload_certificate(struct secrets *secrets) {
    char error[TLS_ERROR_BYTES];
    if (load_certificate(secrets, error) == PARLEY_OK)
        log_certificate(secrets);
    else
        LOG(LOG_LEVEL_ERROR, "certificate_kept", log_text("why", slice_of(error)));
}

static void reload_turn_secret(struct secrets *secrets) {
    char error[TURN_SECRET_ERROR_BYTES];
    if (turn_secret_load(&secrets->turn, secrets->config->turn_secret_file, error) == PARLEY_OK)
        log_turn_secret(secrets);
    else
        LOG(LOG_LEVEL_ERROR, "turn_secret_kept", log_text("why", slice_of(error)));
}

int secrets_init(struct secrets *secrets, const struct config *config,
                 char error[TLS_ERROR_BYTES]) {
    int err = PARLEY_OK;
    secrets->config = config;
    if (config->turn_secret_file != NULL)
        err = turn_secret_load(&secrets->turn, config->turn_secret_file, error);
    return err == PARLEY_OK && config->tls_cert != NULL ? load_certificate(secrets, error) : err;
}

void secrets_deinit(struct secrets *secrets) {
    tls_deinit(&secrets->tls);
}

void secrets_reload(struct secrets *secrets) {
    if (secrets->config->tls_cert != NULL)
        reload_certificate(secrets);
    if (secrets->config->turn_secret_file != NULL)
        reload_turn_secret(secrets);
}

void secrets_log(const struct secrets *secrets) {
    if (secrets->config->tls_cert != NULL)
        log_certificate(secrets);
    if (secrets->config->turn_secret_file != NULL)
        log_turn_secret(secrets);
}
