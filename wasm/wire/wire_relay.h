/* wire_relay.h - a signal on its way through the server, seen through without being taken apart.
 *
 * Nearly all that a server hears is offers, answers, candidates and asks that wire_write has
 * written, to be passed on with "from" in the place of "to". Read by wire_read and written again by
 * wire_write, such a message comes out as it went in but for that. So it need not be parsed:
 *
 *   {"type":"offer","to":"MEMBER","sdp":"...","connection":1}
 *   | before       |     | member |  after                  |
 *
 * wire_read and wire_write remain the specification: what is taken here, they take, and what they
 * make of it is the same byte by byte (tests/fuzz/wire_fuzz.c holds them to it). What is not plain
 * (ASCII, and no escape but \r and \n), is in another order, or has white space or unknown fields,
 * is not taken here but there.
 */
#ifndef PARLEY_WIRE_RELAY_H
#define PARLEY_WIRE_RELAY_H

#include "wire.h"

struct wire_relay {
    enum wire_type type;
    struct slice before; /* up to the key "to" */
    struct slice member; /* to whom */
    struct slice after;  /* from the quote behind the member on */
};

/* True where |bytes|, a message to the server, is a signal just as wire_write writes it, and fits
 * into a message on its way on, too. |relay| then points into |bytes|. False: ask wire_read. */
bool wire_relay_read(struct slice bytes, struct wire_relay *relay);

/* Appends what wire_write would write to the page: the signal as it came, from |from|, a valid
 * member id. PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s; then |out| is as it was. */
int wire_relay_write(const struct wire_relay *relay, struct slice from, struct buffer *out);

#endif
