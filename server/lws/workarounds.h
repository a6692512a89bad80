/* workarounds.h - small things that libwebsockets (4.1.6) does otherwise than it should, or cannot
 * be told: one function each. README.md lists them, and the files beside this one, each with the
 * version that ends it. */
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

/* Closes a connection from outside of its callbacks, where nothing can be returned to say so. At
 * once: it is gone when this returns. Soon: when the loop comes round, so that a callback of the
 * connection may go on. */
void workaround_close_now(struct lws *wsi);
void workaround_close_soon(struct lws *wsi);

/* Has the loop see timeouts that were set outside of libwebsockets' callbacks: its timer in libuv's
 * loop is set anew only after it has served something. */
void workaround_see_timeouts(struct lws_context *context);

/* Has |wsi| go on as if its socket were ready for |events|, where poll() will not say so: bytes
 * that were read before, or room to write that it waits for in vain. False: the connection is
 * gone. */
bool workaround_pretend(struct lws *wsi, short events);

/* Writes a close frame with |code| and |reason|, of at most WORKAROUND_REASON_BYTES_MAX, into
 * |frame|, which has LWS_PRE bytes before it, and sends it. Debian's libwebsockets is a debug
 * build, in which a connection whose writable callback returns -1 is closed a second time at once,
 * before the frame that lws_close_reason prepares can go out. The rest of the closing handshake is
 * then ours too. False: the connection is broken. */
bool workaround_write_close(struct lws *wsi, unsigned char frame[WORKAROUND_CLOSE_BYTES],
                            uint16_t code, const char *reason);

/* Sends a ping, with one byte, since libwebsockets tells only of pongs that carry something.
 * |payload| has LWS_PRE bytes before it. False: the connection is broken. */
bool workaround_write_ping(struct lws *wsi, unsigned char payload[1]);

/* Reads what stands behind "?", which is kept in pieces, some of them empty, into |buffer| of
 * |size| bytes, divided by "&". False: it does not fit. */
bool workaround_read_query(struct lws *wsi, char *buffer, size_t size, struct slice *query);

/* Destroys |*context|, which closes what is left over several turns of |loop|: it has to be run,
 * and the context destroyed again where it is still there. */
void workaround_destroy_context(struct lws_context **context, uv_loop_t *loop);

#endif
