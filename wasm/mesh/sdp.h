/* sdp.h - session descriptions (RFC 8866) with one data channel section (RFC 8841). They are read
 * strictly and rewritten from their parsed parts, so nothing that we did not parse reaches a
 * browser.
 *
 *   line             taken                                        written
 *   ---------------  -------------------------------------------  -------------------------------
 *   v= s= t=         once each; v=0 first                         v=0, s=-, t=0 0
 *   o=               once                                         without an address
 *   c=               at most once                                 c=IN IP4 0.0.0.0
 *   m=               exactly once: application, UDP/DTLS/SCTP or  the same on port 9, which with
 *                    TCP/DTLS/SCTP, webrtc-datachannel; port 0,   c= above says 'see candidates'
 *                    a section that is rejected, is not taken     (RFC 8840, 4.1.1)
 *   a=candidate      see candidate.h                              those that the filter takes
 *   a=max-message-size  RFC 8841, 6                               PEER_MESSAGE_BYTES_MAX: we send
 *                    no more; a page that takes less breaks peer_message.h, and its browser or ours
 *                    would end the connection with our first long text
 *   a=group, ice-options, fingerprint, setup, ice-ufrag, ice-pwd, mid, sctp-port,
 *     end-of-candidates                                           the same
 *   others           passed over (RFC 8866, 5.13): no browser needs them for a data channel
 *
 * A description with another section, none, or two, with a line that is no "LETTER=...", or with
 * what is no visible ASCII is refused as a whole. Lines end in "\r\n" or "\n". The browser judges
 * the values of the attributes that are taken.
 */
#ifndef PARLEY_SDP_H
#define PARLEY_SDP_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends a replacement for |candidate|, without "a=". False: the candidate is left out, so nothing
 * is appended; or |out| has no room. candidate_take, address_filter_incoming,
 * address_filter_outgoing. */
typedef bool sdp_candidate_filter(struct slice candidate, struct buffer *out);

/* Appends |sdp|, written anew, at most SDP_WRITTEN_BYTES_MAX, with the first |*candidates_left| of
 * its candidates, which counts down. PARLEY_ERR_FIELD: it is refused. Other errors are |out|'s.
 * After an error |out| holds nothing that is of use. */
int sdp_filter(struct slice sdp, sdp_candidate_filter *filter, uint32_t *candidates_left,
               struct buffer *out);

/* For descriptions of at most WIRE_SDP_BYTES_MAX: each candidate may grow. */
#define SDP_WRITTEN_BYTES_MAX 32768

/* The value of the first "fingerprint" attribute (RFC 8122, 5) in |sdp|, a description of our
 * browser's or one that sdp_filter wrote; empty if it has none. */
struct slice sdp_fingerprint(struct slice sdp);

#endif
