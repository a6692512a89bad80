/* wire_relay.h - passes a signal through the server without parsing it.
 *
 * Nearly all messages to a server are signals and relays (WIRE_SIGNALS, RELAY) that wire_write has
 * written, to be passed on with "from" in place of "to". wire_read followed by wire_write would
 * change nothing else in such a message. So it does not have to be parsed:
 *
 *   {"type":"offer","to":"MEMBER","sdp":"...","connection":1}
 *   | before       |     | member |  after                  |
 *
 * wire_read and wire_write remain the specification: they accept every message that is accepted
 * here, and produce the same bytes (tests/fuzz/wire_fuzz.c checks this). A message is left to them
 * if it is not plain (ASCII, with no escapes but \r and \n), has another order, white space or
 * unknown fields.
 */
#ifndef PARLEY_WIRE_RELAY_H
#define PARLEY_WIRE_RELAY_H

#include "wire.h"

struct wire_relay {
    enum wire_type type;
    struct slice before;     /* up to the key "to" */
    struct member_id member; /* to whom */
    struct slice after;      /* from the quote behind the member on */
};

/* True if |bytes|, a message to the server, is one of these exactly as wire_write writes it, and
 * still fits into a message when passed on. |relay| then points into |bytes|. False: use
 * wire_read. */
bool wire_relay_read(struct slice bytes, struct wire_relay *relay);

/* Appends what wire_write would write to the page: the signal as it arrived, from |from|.
 * PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s; then |out| is as it was. */
int wire_relay_write(const struct wire_relay *relay, const struct member_id *from,
                     struct buffer *out);

#endif
