/* signals.h - the one place through which signals pass, in both directions: the messages that pages
 * send each other through the server (wire.h: offer, answer, candidate, ask).
 *
 * A member's signals tell our browser where to connect. So each is rewritten here from its parsed
 * fields (sdp.h, candidate.h), and the browser gets nothing else of it. Our browser sends packets
 * to every candidate. The number of candidates is limited, so that a stranger cannot use it to scan
 * our network; the rest are dropped.
 */
#ifndef PARLEY_SIGNALS_H
#define PARLEY_SIGNALS_H

#include "action.h"
#include "rate.h"
#include "wire.h"

#define SIGNALS_CANDIDATES_MS 500      /* so often a member's candidate is taken, */
#define SIGNALS_CANDIDATES_AT_ONCE 256 /* or so many at once, in descriptions or one by one */

enum signals_verdict {
    SIGNALS_TAKEN,
    SIGNALS_DROPPED, /* there were too many */
    SIGNALS_UNSAFE,  /* a candidate that must not be tried */
    SIGNALS_HOSTILE  /* a description that no browser makes */
};

/* A signal of theirs, rewritten. */
struct signals_heard {
    struct wire_message message; /* its texts are in |memory| where they are not the server's */
    struct buffer memory;
};

/* Reads |message|, one of WIRE_SIGNALS, into |heard|. Free it with signals_deinit, whatever the
 * verdict. |candidates| limits the sender's candidates. |hide_address|: our address is hidden, see
 * address_filter.h. */
enum signals_verdict signals_read(struct signals_heard *heard, const struct wire_message *message,
                                  struct rate *candidates, bool hide_address, uint64_t now_ms);
void signals_deinit(struct signals_heard *heard);

/* Sends |message|, one of WIRE_SIGNALS, about the connection |peer|; 0: about none. Errors of
 * wire_write; then nothing is sent. */
int signals_send(struct actions *actions, uint32_t peer, const struct wire_message *message);

#endif
