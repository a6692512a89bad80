/* request_head.h - the head of an HTTP/1.1 request, read as strictly as RFC 9112 and RFC 9110, 5,
 * require. No I/O.
 *
 * libwebsockets' own parser accepts a space before a colon, NUL, two Hosts and two lengths, and
 * reads a line that it rejects as the next request: if a proxy in front reads the same bytes
 * differently, that is request smuggling (RFC 9112, 11.2). So libwebsockets never sees a head as it
 * arrived. This module reads a head, or refuses it with a status and a sentence, and writes a new
 * head for libwebsockets: the target in origin form, one Host, and those of the other fields that
 * Parley uses, each on one line.
 *
 * - Lines end with CRLF or LF; a CR alone, NUL and other controls except the tab are refused, as
 * are folded lines and names that are not tokens, for example because of a space behind them.
 * - Empty lines before the request are skipped (RFC 9112, 2.2).
 * - An absolute target overrides Host (3.2.2), which must still be present.
 * - A query has no "%00", and REQUEST_QUERY_PARTS_MAX parts at most.
 * - A WebSocket with a subprotocol is refused, since there is none; extensions are ignored.
 * - An Upgrade to anything but a WebSocket is ignored (RFC 9110, 7.8), as is one without
 * "Connection: Upgrade".
 * - Content-Length is one number; together with Transfer-Encoding it is refused (RFC 9112, 6.3).
 */
#ifndef PARLEY_REQUEST_HEAD_H
#define PARLEY_REQUEST_HEAD_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_HEAD_BYTES_MAX 16384 /* with the cookies of other programs on this host */
#define REQUEST_LINE_BYTES_MAX 8192  /* RFC 9112, 3: at least 8000 */
#define REQUEST_FIELDS_MAX 100
#define REQUEST_PATH_BYTES_MAX 1024  /* no path here is longer; the rest is cut off */
#define REQUEST_QUERY_BYTES_MAX 2560 /* as it is written; longer than what a redirect repeats */
#define REQUEST_QUERY_PARTS_MAX 64   /* between "&" or ";" */
#define REQUEST_KEPT_BYTES 8192      /* by libwebsockets, of all headers together */
#define REQUEST_PLAIN_BYTES_MAX 7680 /* less than these, for what libwebsockets adds */
#define REQUEST_LENGTH_DIGITS_MAX 18

struct request_head {
    unsigned status;      /* to refuse it with; 0: it is well formed */
    const char *sentence; /* for people, with its line end, where it is refused */
    bool is_websocket;    /* it asks for one; all bytes that follow belong to it */
    bool has_body;        /* of |body_len| bytes or, if |is_chunked|, of unknown length */
    bool is_chunked;
    bool passes_body;      /* libwebsockets is told of its |body_len| bytes: it is a POST's */
    bool expects_continue; /* RFC 9110, 10.1.1 */
    uint64_t body_len;
};

/* The length of the first head in |bytes|, with its empty line and those before it; 0: its end has
 * not arrived. The first |searched| bytes were searched before. */
size_t request_head_len(struct slice bytes, size_t searched);

/* True if |bytes|, which hold no complete head, cannot become a valid one; |head| says why. */
bool request_head_is_hopeless(struct slice bytes, struct request_head *head);

/* Reads |text|, which request_head_len has measured, into |head|, and writes the new head to
 * |plain|. Returns its length; 0: the request is refused. */
size_t request_head_read(struct slice text, struct request_head *head,
                         char plain[REQUEST_PLAIN_BYTES_MAX]);

#endif
