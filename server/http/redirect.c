#include "redirect.h"

#include "origin.h"

#include <stdio.h>
#include <string.h>

#define HTTPS_PORT 443

/* Those that mean the same with and without their percent (RFC 3986, 2.3), and those that mean
 * themselves in a path or a query (3.3, 3.4). */
static bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~/!$'()*+,;:@=&", c) != NULL);
}

/* Appends |text| to the |len| bytes in |out|; its new length; REDIRECT_BYTES_MAX: too long. */
static size_t add_encoded(char out[REDIRECT_BYTES_MAX], size_t len, struct slice text) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len && len + 3 < REDIRECT_BYTES_MAX; i++) {
        unsigned char c = (unsigned char)text.bytes[i];
        if (is_plain(text.bytes[i])) {
            out[len++] = text.bytes[i];
            continue;
        }
        out[len++] = '%';
        out[len++] = digits[c >> 4];
        out[len++] = digits[c & 15];
    }
    return len + 3 < REDIRECT_BYTES_MAX ? len : REDIRECT_BYTES_MAX;
}

bool redirect_write(char out[REDIRECT_BYTES_MAX], struct slice host, uint16_t port,
                    struct slice path, struct slice query) {
    host = origin_host_name(host);
    if (host.len == 0 || host.len >= REDIRECT_BYTES_MAX / 2)
        return false;
    int written =
        port == HTTPS_PORT
            ? snprintf(out, REDIRECT_BYTES_MAX, "https://%.*s", (int)host.len, host.bytes)
            : snprintf(out, REDIRECT_BYTES_MAX, "https://%.*s:%u", (int)host.len, host.bytes, port);
    size_t len = add_encoded(out, (size_t)written, path);
    if (query.len > 0 && len < REDIRECT_BYTES_MAX) {
        out[len++] = '?';
        len = add_encoded(out, len, query);
    }
    if (len == REDIRECT_BYTES_MAX)
        return false;
    out[len] = '\0';
    return true;
}
