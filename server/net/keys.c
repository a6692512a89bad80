#include "keys.h"

#include "error.h"

_Static_assert(TURN_SECRET_ERROR_BYTES <= TLS_ERROR_BYTES, "one buffer for either's sentence");

static int load_certificate(struct keys *keys, char error[TLS_ERROR_BYTES]) {
    return tls_load(&keys->tls, keys->config->tls_cert, keys->config->tls_key, error);
}

/* One that no browser takes is served all the same: a clock may be wrong when a machine starts, and
 * the next certificate comes without a restart. */
static void log_certificate(const struct keys *keys) {
    char until[TLS_DATE_BYTES];
    const char *fault = tls_check_dates(&keys->tls, until);
    if (fault != NULL)
        LOG(LOG_LEVEL_ERROR, "certificate", log_text("why", slice_of(fault)),
            log_text("until", slice_of(until)));
    else
        LOG(LOG_LEVEL_INFO, "certificate", log_text("until", slice_of(until)));
}

static void log_turn_secret(const struct keys *keys) {
    if (keys->turn.exposed)
        LOG(LOG_LEVEL_WARN, "turn_secret_exposed",
            log_text("why", slice_of("everybody on this machine can read --turn-secret-file")));
    else
        LOG(LOG_LEVEL_INFO, "turn_secret", log_number("bytes", keys->turn.len));
}

static void reload_certificate(struct keys *keys) {
    char error[TLS_ERROR_BYTES];
    if (load_certificate(keys, error) == PARLEY_OK)
        log_certificate(keys);
    else
        LOG(LOG_LEVEL_ERROR, "certificate_kept", log_text("why", slice_of(error)));
}

static void reload_turn_secret(struct keys *keys) {
    char error[TURN_SECRET_ERROR_BYTES];
    if (turn_secret_load(&keys->turn, keys->config->turn_secret_file, error) == PARLEY_OK)
        log_turn_secret(keys);
    else
        LOG(LOG_LEVEL_ERROR, "turn_secret_kept", log_text("why", slice_of(error)));
}

int keys_init(struct keys *keys, const struct config *config, char error[TLS_ERROR_BYTES]) {
    int err = PARLEY_OK;
    keys->config = config;
    if (config->turn_secret_file != NULL)
        err = turn_secret_load(&keys->turn, config->turn_secret_file, error);
    return err == PARLEY_OK && config->tls_cert != NULL ? load_certificate(keys, error) : err;
}

void keys_deinit(struct keys *keys) {
    tls_deinit(&keys->tls);
}

void keys_reload(struct keys *keys) {
    if (keys->config->tls_cert != NULL)
        reload_certificate(keys);
    if (keys->config->turn_secret_file != NULL)
        reload_turn_secret(keys);
}

void keys_log(const struct keys *keys) {
    if (keys->config->tls_cert != NULL)
        log_certificate(keys);
    if (keys->config->turn_secret_file != NULL)
        log_turn_secret(keys);
}
