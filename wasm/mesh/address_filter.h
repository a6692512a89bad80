/* address_filter.h - keeps the network addresses of a person who hides them out of what their page
 * sends. Texts only, no state.
 *
 * The browser is told to use only relays (iceTransportPolicy, W3C WebRTC, 4.2.5), so it should find
 * no other candidates. This filter does not rely on that: only relay candidates leave the page,
 * without the address behind the relay (candidate.h). Both functions are filters for sdp_filter,
 * which removes the addresses from the rest of a description.
 *
 * Incoming candidates are filtered too: if one contained a name of the local network (".local"),
 * our browser would look it up on our network. A relay could not reach that name anyway.
 */
#ifndef PARLEY_ADDRESS_FILTER_H
#define PARLEY_ADDRESS_FILTER_H

#include "buffer.h"

#include <stdbool.h>

/* Appends what the others may learn of our own |candidate|. False: nothing, so nothing is appended;
 * or |out| has no room. */
bool address_filter_outgoing(struct slice candidate, struct buffer *out);

/* Appends what our browser may try of |candidate|, one of theirs. False as above. */
bool address_filter_incoming(struct slice candidate, struct buffer *out);

#endif
