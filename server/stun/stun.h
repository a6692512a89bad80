/* stun.h - tells a client the address from which its request came: a STUN server's Binding method
 * (RFC 8489, sections 5, 6.3 and 14). Bytes in, bytes out: no socket, no clock.
 *
 * An answer goes to the address from which the request claims to come, so forging one must not be
 * worth it. RFC 8489 does not allow answers that are never longer than the request: browsers send a
 * bare header, 20 bytes, and a success response has 32 bytes for IPv4 and 44 for IPv6. Instead, an
 * answer is at most STUN_EXCESS_BYTES_MAX longer than its request, without SOFTWARE, reason phrases
 * or anything else that is optional, and stun_limit.h limits the answers to an address.
 *
 * Authentication, indications and redirection are not supported. Their attributes are known and
 * ignored; other attributes that a server must understand are answered with 420 and their types.
 *
 * Clients of RFC 3489 (no magic cookie) get MAPPED-ADDRESS (RFC 5389, 12.2). Their CHANGE-REQUEST
 * is accepted if it asks for no change.
 */
#ifndef PARLEY_STUN_H
#define PARLEY_STUN_H

#include <stddef.h>
#include <stdint.h>

#define STUN_HEADER_BYTES 20
#define STUN_EXCESS_BYTES_MAX 24    /* of an answer over its request: a XOR-MAPPED-ADDRESS */
#define STUN_REQUEST_BYTES_MAX 1280 /* every path carries this much; longer is not answered */
#define STUN_UNKNOWN_MAX 6          /* types that one answer lists */
#define STUN_ANSWER_BYTES_MAX 52    /* IPv6 and a fingerprint; all types listed: the same */

#define STUN_FINGERPRINT_XOR 0x5354554Eu /* RFC 8489, 14.7 */

enum stun_family { STUN_IPV4 = 1, STUN_IPV6 = 2 }; /* as on the wire, RFC 8489, 14.1 */

struct stun_address {
    enum stun_family family;
    uint16_t port;
    uint8_t ip[16]; /* in network order; of IPv4 the first 4 */
};

/* Writes the answer to |request|, which came |from| that address, and returns its length in bytes;
 * 0: it is not a Binding request and gets no answer. */
size_t stun_answer(const uint8_t *request, size_t len, const struct stun_address *from,
                   uint8_t answer[STUN_ANSWER_BYTES_MAX]);

/* The CRC-32 of RFC 8489, 14.7 (ITU V.42), not yet combined with STUN_FINGERPRINT_XOR. */
uint32_t stun_crc32(const uint8_t *bytes, size_t len);

#endif
