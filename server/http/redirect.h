/* redirect.h - the HTTPS address of a page that was requested over HTTP. */
#ifndef PARLEY_REDIRECT_H
#define PARLEY_REDIRECT_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define REDIRECT_BYTES_MAX 1024 /* with its NUL */

/* Writes "https://HOST/PATH?QUERY", with |port| behind the host where it is not 443, into |out|, as
 * text that is safe in a header. |host| is the Host header, whose port does not count; |path|,
 * which begins with "/", and |query|, which may be empty, were percent-decoded (RFC 3986, 2.1).
 * False: |host| is not a host, or the result is too long. */
bool redirect_write(char out[REDIRECT_BYTES_MAX], struct slice host, uint16_t port,
                    struct slice path, struct slice query);

#endif
