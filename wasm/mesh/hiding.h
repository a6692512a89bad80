/* hiding.h - keeps the network addresses of somebody who hides theirs out of what their page says:
 * texts only, no state.
 *
 * The browser is told to use relays alone (iceTransportPolicy, W3C WebRTC, 4.2.5), so that it has
 * nothing else to tell. This looks again, whatever the browser: of candidates only relays leave the
 * page, and without the address behind the relay (candidate.h). Both are filters for sdp_filter,
 * which takes the addresses out of the rest of a description.
 *
 * What comes in counts as well: a name of the local network (".local") in a candidate of theirs
 * would be asked for on that network, by us. A relay could not reach it anyway.
 */
#ifndef PARLEY_HIDING_H
#define PARLEY_HIDING_H

#include "buffer.h"

#include <stdbool.h>

/* Appends what may be told of the own |candidate|. False: nothing may, and nothing is appended; or
 * |out| has no room. */
bool hiding_tell_candidate(struct slice candidate, struct buffer *out);

/* Appends what may be tried of |candidate|, of theirs. False as above. */
bool hiding_take_candidate(struct slice candidate, struct buffer *out);

#endif
