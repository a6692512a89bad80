/* signals.h - the one place through which signals pass: what we say to another page through the
 * server, and what another page says to us in this way (wire.h: offer, answer, candidate, ask).
 *
 * A member's page decides where our browser looks for it. So what comes is written anew here from
 * what was understood (sdp.h, candidate.h), and a browser is given nothing else of it. A candidate
 * is an address that our browser sends to: their number is what keeps a stranger from having it
 * look through our network, and further ones are dropped.
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

/* A signal of theirs, as far as it was understood. */
struct signals_heard {
    struct wire_message message; /* its texts are in |memory| where they are not the server's */
    struct buffer memory;
};

/* Reads |message|, one of WIRE_SIGNALS, into |heard|, to be freed by signals_deinit whatever the
 * verdict is. |candidates|: how many of its sender's were taken. |hide_address|: our address is hidden,
 * see address_filter.h. */
enum signals_verdict signals_read(struct signals_heard *heard, const struct wire_message *message,
                                  struct rate *candidates, bool hide_address, uint64_t now_ms);
void signals_deinit(struct signals_heard *heard);

/* Sends |message|, one of WIRE_SIGNALS, about the connection |peer|; 0: about none. Errors of
 * wire_write; nothing is sent then. */
int signals_send(struct actions *actions, uint32_t peer, const struct wire_message *message);

#endif
