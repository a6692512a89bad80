/* ip.h - addresses of clients and proxies, and ranges of them. IPv4 addresses are stored as
 * IPv4-mapped IPv6 addresses (::ffff:192.0.2.1; RFC 4291, 2.5.5.2), so that there is one kind.
 */
#ifndef PARLEY_IP_H
#define PARLEY_IP_H

#include "buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define IP_BYTES 16
#define IP_IPV4_AT 12        /* where the 4 bytes of an IPv4 address are */
#define IP_TEXT_BYTES_MAX 46 /* with its NUL */

struct ip {
    uint8_t bytes[IP_BYTES];
};

struct ip_range {
    struct ip first;
    uint8_t bits; /* of the first that count, 0 to 128 */
};

/* Reads "192.0.2.1" or "2001:db8::1". False for anything else, also with port or brackets. */
bool ip_read(struct slice text, struct ip *ip);

/* The address of a socket. False for families other than IPv4 and IPv6. */
bool ip_of_socket(const struct sockaddr *address, struct ip *ip);

/* True for an IPv4 address, also if it comes from an IPv6 socket. */
bool ip_is_ipv4(const struct ip *ip);

/* Reads "192.0.2.0/24", "2001:db8::/32", or one address. Bits beyond the prefix must be 0. */
bool ip_range_read(struct slice text, struct ip_range *range);
bool ip_range_has(const struct ip_range *range, const struct ip *ip);

/* True when one of |ranges| contains it. */
bool ip_ranges_have(const struct ip_range *ranges, size_t count, const struct ip *ip);

/* The network that counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address,
 * since a home or office gets at least a /64 (RFC 6177). */
struct ip ip_client_network(const struct ip *ip);

/* True for this machine's own (127.0.0.0/8, ::1). */
bool ip_is_loopback(const struct ip *ip);

/* True for those, and for addresses of private networks (RFC 1918, RFC 4193). */
bool ip_is_private(const struct ip *ip);

#endif
