#define _POSIX_C_SOURCE 200809L /* struct tm */
#include "tls.h"

#include "error.h"
#include "option_file.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Of TLS 1.2; those of 1.3 are all of this kind. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"
#define GROUPS "X25519:P-256:P-384"

/* --- reading the files ------------------------------------------------------------------------ */

__attribute__((format(printf, 2, 3))) static int fail(char error[TLS_ERROR_BYTES],
                                                      const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, TLS_ERROR_BYTES, format, arguments);
    va_end(arguments);
    for (char *at = error; *at != '\0'; at++) {
        if (*at < ' ' || *at > '~')
            *at = '?';
    }
    ERR_clear_error();
    return PARLEY_ERR_ARGUMENT;
}

/* The first of OpenSSL's errors is the cause. For a file that is not PEM, or PEM of another kind,
 * it is "unsupported" or "no start line", which helps nobody. */
static const char *cause(void) {
    const char *text = ERR_reason_error_string(ERR_peek_error());
    if (text == NULL)
        return "unknown error";
    return strcmp(text, "unsupported") == 0 || strcmp(text, "no start line") == 0
               ? "the file has none"
               : text;
}

static int check_readable(const char *option, const char *path, char error[TLS_ERROR_BYTES]) {
    const char *fault = option_file_fault(path);
    return fault == NULL ? PARLEY_OK : fail(error, "%s: %.200s: %s", option, path, fault);
}

/* Nobody is there to type one; OpenSSL would ask the terminal. */
static int on_pass_phrase(char *buffer, int size, int writing, void *user) {
    bool *asked = user;
    (void)buffer;
    (void)size;
    (void)writing;
    *asked = true;
    return -1;
}

/* The key first: loading a certificate that does not match drops the key. */
static int read_files(SSL_CTX *holder, const char *cert_path, const char *key_path,
                      char error[TLS_ERROR_BYTES]) {
    bool asked = false;
    SSL_CTX_set_default_passwd_cb(holder, on_pass_phrase);
    SSL_CTX_set_default_passwd_cb_userdata(holder, &asked);
    if (SSL_CTX_use_PrivateKey_file(holder, key_path, SSL_FILETYPE_PEM) != 1)
        return asked
                   ? fail(error, "--tls-key: %.200s: has a pass phrase; Parley needs a key without",
                          key_path)
                   : fail(error, "--tls-key: %.200s: no private key in PEM (%s)", key_path,
                          cause());
    if (SSL_CTX_use_certificate_chain_file(holder, cert_path) != 1)
        return fail(error, "--tls-cert: %.200s: no usable certificate in PEM (%s)", cert_path,
                    cause());
    if (SSL_CTX_check_private_key(holder) != 1)
        return fail(error, "--tls-key: %.150s: not the key of the certificate in %.150s", key_path,
                    cert_path);
    return PARLEY_OK;
}

int tls_load(struct tls *tls, const char *cert_path, const char *key_path,
             char error[TLS_ERROR_BYTES]) {
    int err = check_readable("--tls-cert", cert_path, error);
    if (err == PARLEY_OK)
        err = check_readable("--tls-key", key_path, error);
    if (err != PARLEY_OK)
        return err;
    SSL_CTX *holder = SSL_CTX_new(TLS_server_method());
    if (holder == NULL)
        return fail(error, "--tls-cert: OpenSSL does not start (%s)", cause());
    err = read_files(holder, cert_path, key_path, error);
    if (err != PARLEY_OK) {
        SSL_CTX_free(holder);
        return err;
    }
    tls_deinit(tls);
    tls->holder = holder;
    return PARLEY_OK;
}

void tls_deinit(struct tls *tls) {
    SSL_CTX_free(tls->holder);
    tls->holder = NULL;
}

/* --- for connections -------------------------------------------------------------------------- */

/* A ClientHello arrived on a new connection. */
static int on_certificate(SSL *connection, void *user) {
    const struct tls *tls = user;
    STACK_OF(X509) *chain = NULL;
    SSL_CTX_get0_chain_certs(tls->holder, &chain);
    SSL_certs_clear(connection);
    return SSL_use_cert_and_key(connection, SSL_CTX_get0_certificate(tls->holder),
                                SSL_CTX_get0_privatekey(tls->holder), chain, 1);
}

int tls_prepare(struct tls *tls, SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_NO_TICKET |
                                     SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); /* 34 KB of an idle connection */
    SSL_CTX_set_cert_cb(context, on_certificate, tls);
    bool done = SSL_CTX_set_num_tickets(context, 0) == 1 &&
                SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                SSL_CTX_set_cipher_list(context, CIPHERS) == 1 &&
                SSL_CTX_set1_groups_list(context, GROUPS) == 1;
    return done ? PARLEY_OK : PARLEY_ERR_STATE;
}

/* --- dates ------------------------------------------------------------------------------------ */

const char *tls_check_dates(const struct tls *tls, char until[TLS_DATE_BYTES]) {
    const X509 *certificate = SSL_CTX_get0_certificate(tls->holder);
    const ASN1_TIME *end = X509_get0_notAfter(certificate);
    struct tm tm;
    until[0] = '\0';
    if (ASN1_TIME_to_tm(end, &tm) == 1)
        strftime(until, TLS_DATE_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        return "the certificate is not valid yet: no browser will take it";
    if (X509_cmp_current_time(end) < 0)
        return "the certificate has expired: no browser will take it";
    return NULL;
}
