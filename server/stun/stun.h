/* stun.h - tells who asks from which address it was asked: a STUN server's Binding method
 * (RFC 8489, sections 5, 6.3 and 14). Bytes in, bytes out: no socket, no clock.
 *
 * An answer goes to whatever address the request claims to come from, so that it must not be worth
 * forging one. RFC 8489 leaves no room for an answer that is never longer than the request: what
 * browsers ask with is a bare header, 20 bytes, and a success response has 32 bytes for IPv4 and 44
 * for IPv6. What holds instead: an answer is at most STUN_EXCESS_BYTES_MAX longer than its request,
 * without SOFTWARE, a reason in words or anything else that could be left out, and stun_limit.h
 * bounds how many an address is sent.
 *
 * Authentication, indications and redirection do not exist here. Attributes of these are known and
 * ignored; others that a server would have to understand are answered with 420 and their types.
 *
 * Clients of RFC 3489 (no magic cookie) get MAPPED-ADDRESS (RFC 5389, 12.2). Their CHANGE-REQUEST
 * is understood where it asks for no change.
 */
#ifndef PARLEY_STUN_H
#define PARLEY_STUN_H

#include <stddef.h>
#include <stdint.h>

#define STUN_HEADER_BYTES 20
#define STUN_EXCESS_BYTES_MAX 24    /* of an answer over its request: a XOR-MAPPED-ADDRESS */
#define STUN_REQUEST_BYTES_MAX 1280 /* no path carries more for certain; longer is not answered */
#define STUN_UNKNOWN_MAX 6          /* types that one answer lists */
#define STUN_ANSWER_BYTES_MAX 52    /* IPv6 and a fingerprint; all types listed: the same */

#define STUN_FINGERPRINT_XOR 0x5354554Eu /* RFC 8489, 14.7 */

enum stun_family { STUN_IPV4 = 1, STUN_IPV6 = 2 }; /* as on the wire, RFC 8489, 14.1 */

struct stun_address {
    enum stun_family family;
    uint16_t port;
    uint8_t ip[16]; /* in network order; of IPv4 the first 4 */
};

/* Writes the answer to |request|, which came |from| there, and returns its length in bytes; 0: it
 * is no Binding request, and is not to be answered. */
size_t stun_answer(const uint8_t *request, size_t len, const struct stun_address *from,
                   uint8_t answer[STUN_ANSWER_BYTES_MAX]);

/* The CRC-32 of RFC 8489, 14.7 (ITU V.42), not yet combined with STUN_FINGERPRINT_XOR. */
uint32_t stun_crc32(const uint8_t *bytes, size_t len);

#endif
