/* hiding.h - keeps the network addresses of somebody who hides theirs out of what their page says:
 * texts only, no state.
 *
 * The browser is told to use relays alone (iceTransportPolicy, W3C WebRTC, 4.2.5), so that it has
 * nothing else to tell. This looks again, whatever the browser: of candidates (candidate-attribute,
 * RFC 8839, 5.1) only relays leave the page, and without the address behind the relay, in place of
 * which stands what RFC 8839 has for that, 0.0.0.0 or :: and port 9.
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

/* Appends what may be told of the own description |sdp| (RFC 8866): its candidates as above, and no
 * address in "o=", "c=" and "a=rtcp:". Errors of |out|. */
int hiding_tell_sdp(struct slice sdp, struct buffer *out);

/* Whether a |candidate| of theirs may be tried. */
bool hiding_takes_candidate(struct slice candidate);

/* Appends |sdp|, of theirs, without candidates that may not be tried. Errors of |out|. */
int hiding_take_sdp(struct slice sdp, struct buffer *out);

#endif
