/* candidate.h - ICE candidates as texts (candidate-attribute, RFC 8839, 5.1; TCP: RFC 6544, 4.5):
 * read strictly, and rewritten from the parsed fields.
 *
 * Our browser sends to the address in somebody else's candidate. So a candidate is accepted only if
 * a browser may have made it: other spellings are refused, and the browser gets nothing that was
 * not understood here.
 *
 *   field       accepted
 *   ---------   ---------------------------------------------------------------------------------
 *   component   1: there is one data section
 *   transport   UDP; TCP with tcptype active or passive, and no others
 *   address     IPv4: four decimal numbers without leading zeros; IPv6 (RFC 4291, 2.2) without a
 *               zone; a browser's name in the local network, a UUID in lower case and ".local"
 *               (draft-ietf-mmusic-mdns-ice-candidates, 3.1.1): no other name is resolved
 *   port        1024 to 65535: browsers' sockets have no lower port, and NATs map them to none
 *               (RFC 4787, REQ-3); active TCP: also 9
 *   type        host, srflx, prflx, relay
 *
 * Of the pairs behind the type, tcptype, generation, ufrag, network-id and network-cost are kept.
 * The related address (raddr) is for diagnostics only (RFC 8839, 5.1): nobody sends to it, and it
 * is replaced by 0.0.0.0 or ::, port 9. Remote peer-reflexive candidates (RFC 8445, 7.3.1.3) never
 * pass through here: the browser discovers them itself, from packets with the right password.
 */
#ifndef PARLEY_CANDIDATE_H
#define PARLEY_CANDIDATE_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define CANDIDATE_WRITTEN_BYTES_MAX 1400 /* of one of at most WIRE_CANDIDATE_BYTES_MAX */

/* RTCIceCandidateType (W3C WebRTC, 4.8.1.3; RFC 8445, 5.1.1). */
enum candidate_type {
    CANDIDATE_HOST,
    CANDIDATE_SRFLX,
    CANDIDATE_PRFLX,
    CANDIDATE_RELAY,
    CANDIDATE_UNKNOWN
};

enum candidate_address { CANDIDATE_IPV4, CANDIDATE_IPV6, CANDIDATE_LOCAL_NAME };

/* Views of the text that was read. Empty: not given. */
struct candidate {
    struct slice foundation, priority, address;
    enum candidate_address address_kind;
    uint8_t ip[16]; /* IPv4 in the first four */
    uint32_t port;
    enum candidate_type type;
    struct slice tcptype; /* given: TCP */
    struct slice generation, ufrag, network_id, network_cost;
};

/* Reads |text|, "candidate:..." without "a=", by the table above. False: it is not accepted. */
bool candidate_read(struct slice text, struct candidate *candidate);

/* True if our browser may send to the address: it is not loopback, unspecified, link-local (its
 * zone has a meaning on one machine only), multicast, broadcast or reserved, and not IPv4 embedded
 * in IPv6, which no interface has as its own (mapped, compatible, translated, NAT64); 6to4 counts
 * as the address that it embeds. RFC 6890, RFC 4291, RFC 6052, RFC 3056. */
bool candidate_is_reachable(const struct candidate *candidate);

/* Appends |candidate|, "candidate:...", at most CANDIDATE_WRITTEN_BYTES_MAX. Errors of |out|; then
 * it is as it was. */
int candidate_write(const struct candidate *candidate, struct buffer *out);

/* Appends |text|, a candidate of somebody else, rewritten. False: it must not be tried, or |out|
 * has no room; nothing is appended. */
bool candidate_take(struct slice text, struct buffer *out);

/* True for a valid user name fragment beside a candidate (RFC 8839, 5.4): 4 to 256 of ice-char, or
 * empty. */
bool candidate_ufrag_valid(struct slice ufrag);

/* Their names. */
extern const struct slice candidate_type_names[CANDIDATE_UNKNOWN];

/* The type of that name, such as "relay". */
enum candidate_type candidate_type_named(struct slice name);

/* The name of |type|, which is not CANDIDATE_UNKNOWN. */
struct slice candidate_type_name(enum candidate_type type);

/* The type that a candidate names. */
enum candidate_type candidate_type_of(struct slice candidate);

#endif
