/* tls.h - the server's certificate and its TLS settings: TLS 1.2 and 1.3 (RFC 8446, RFC 9325), only
 * with forward secrecy and authenticated encryption, without tickets and a session cache: a
 * ticket's key would outlive the connections that it can decrypt.
 *
 * libwebsockets makes the context for connections; this module sets it up and supplies the
 * certificate for each new connection. So the files can be read again at any time; existing
 * connections keep the certificate that they have.
 */
#ifndef PARLEY_TLS_H
#define PARLEY_TLS_H

#include <openssl/ssl.h>

#define TLS_ERROR_BYTES 400
#define TLS_DATE_BYTES 24 /* "2027-01-31T12:00:00Z" and its NUL */

/* Zero-initialise it. */
struct tls {
    SSL_CTX *holder; /* of the certificate, its chain and its key; NULL: none was read yet */
};

/* Reads |cert_path|, a certificate chain in PEM, and |key_path|, its key.
 * PARLEY_ERR_ARGUMENT: |error| says in one sentence why they cannot be used; what was read before
 * stays in use. */
int tls_load(struct tls *tls, const char *cert_path, const char *key_path,
             char error[TLS_ERROR_BYTES]);

/* Frees what was read. Connections keep theirs. */
void tls_deinit(struct tls *tls);

/* Sets up |context| for connections that show what |tls|, which must outlive it, has read last.
 * PARLEY_ERR_STATE: OpenSSL refuses. */
int tls_prepare(struct tls *tls, SSL_CTX *context);

/* The fault of the certificate's dates now, or NULL. Its last moment, in UTC, is written into
 * |until|. */
const char *tls_check_dates(const struct tls *tls, char until[TLS_DATE_BYTES]);

#endif
