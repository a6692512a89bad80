/* workarounds.h - small workarounds for bugs and gaps of libwebsockets (4.1.6), one function each.
 * README.md lists them, and the other files of this folder, each with the version that makes it
 * unnecessary. */
#ifndef PARLEY_WORKAROUNDS_H
#define PARLEY_WORKAROUNDS_H

#include "slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libwebsockets.h>
#include <uv.h>

/* A close frame with the longest reason (RFC 6455, 5.5). */
#define WORKAROUND_CLOSE_BYTES 127
#define WORKAROUND_REASON_BYTES_MAX 123

/* Closes a connection outside its callbacks, where no return value can do so. At once: it is gone
 * when this returns. Soon: in the next turn of the loop, so that a callback of the connection may
 * go on. */
void workaround_close_now(struct lws *wsi);
void workaround_close_soon(struct lws *wsi);

/* Makes the loop notice timeouts that were set outside libwebsockets' callbacks: libwebsockets sets
 * its libuv timer again only after its next event. */
void workaround_see_timeouts(struct lws_context *context);

/* Makes |wsi| go on as if its socket were ready for |events|, when poll() will not say so: for
 * bytes that were already read, or for writing. False: the connection is gone. */
bool workaround_pretend(struct lws *wsi, short events);

/* Writes a close frame with |code| and |reason|, of at most WORKAROUND_REASON_BYTES_MAX, into
 * |frame|, which has LWS_PRE bytes before it, and sends it. Debian's libwebsockets is a debug
 * build, in which a connection whose writable callback returns -1 is closed a second time at once,
 * before the frame that lws_close_reason prepares can go out. The rest of the closing handshake is
 * then ours too. False: the connection is broken. */
bool workaround_write_close(struct lws *wsi, unsigned char frame[WORKAROUND_CLOSE_BYTES],
                            uint16_t code, const char *reason);

/* Sends a ping with one byte, since libwebsockets reports only pongs with a payload. |payload| has
 * LWS_PRE bytes before it. False: the connection is broken. */
bool workaround_write_ping(struct lws *wsi, unsigned char payload[1]);

/* Reads the query, which libwebsockets keeps in pieces, some of them empty, into |buffer| of |size|
 * bytes, joined with "&". False: it does not fit. */
bool workaround_read_query(struct lws *wsi, char *buffer, size_t size, struct slice *query);

/* Destroys |*context|. It closes its handles over several turns of |loop|, so the loop must run,
 * and the context must be destroyed again if it still exists. */
void workaround_destroy_context(struct lws_context **context, uv_loop_t *loop);

#endif
