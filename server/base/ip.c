#define _POSIX_C_SOURCE 200809L /* inet_pton */
#include "ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define IPV4_BITS_AT (8 * IP_IPV4_AT)
#define CLIENT_NETWORK_BYTES 8

static const uint8_t ipv4_prefix[IP_IPV4_AT] = {[10] = 0xff, [11] = 0xff};

bool ip_is_ipv4(const struct ip *ip) {
    return memcmp(ip->bytes, ipv4_prefix, IP_IPV4_AT) == 0;
}

bool ip_read(struct slice text, struct ip *ip) {
    char copy[IP_TEXT_BYTES_MAX];
    if (text.len == 0 || text.len >= sizeof copy || slice_has(text, '\0'))
        return false;
    memcpy(copy, text.bytes, text.len);
    copy[text.len] = '\0';
    memcpy(ip->bytes, ipv4_prefix, IP_IPV4_AT);
    return inet_pton(AF_INET, copy, ip->bytes + IP_IPV4_AT) == 1 ||
           inet_pton(AF_INET6, copy, ip->bytes) == 1;
}

bool ip_of_socket(const struct sockaddr *address, struct ip *ip) {
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;
    if (address->sa_family == AF_INET6) {
        memcpy(&ipv6, address, sizeof ipv6);
        memcpy(ip->bytes, &ipv6.sin6_addr, IP_BYTES);
        return true;
    }
    if (address->sa_family != AF_INET)
        return false;
    memcpy(&ipv4, address, sizeof ipv4);
    memcpy(ip->bytes, ipv4_prefix, IP_IPV4_AT);
    memcpy(ip->bytes + IP_IPV4_AT, &ipv4.sin_addr, IP_BYTES - IP_IPV4_AT);
    return true;
}

/* --- ranges ----------------------------------------------------------------------------------- */

/* |ip| with all bits after the first |bits| cleared. */
static struct ip prefix_of(const struct ip *ip, unsigned bits) {
    struct ip prefix = {{0}};
    size_t whole = bits / 8;
    memcpy(prefix.bytes, ip->bytes, whole);
    if (bits % 8 != 0)
        prefix.bytes[whole] = (uint8_t)(ip->bytes[whole] & (0xff00u >> bits % 8));
    return prefix;
}

static bool equal(const struct ip *left, const struct ip *right) {
    return memcmp(left->bytes, right->bytes, IP_BYTES) == 0;
}

static bool read_bits(struct slice text, unsigned max, unsigned *bits) {
    uint64_t number;
    bool is_read = text.len <= 3 && slice_read_number(text, max, &number);
    if (is_read)
        *bits = (unsigned)number;
    return is_read;
}

bool ip_range_read(struct slice text, struct ip_range *range) {
    struct slice rest = text, address;
    if (!slice_cut(&rest, '/', &address) || !ip_read(address, &range->first))
        return false;
    bool dotted = !slice_has(address, ':');
    unsigned bits = dotted ? 8 * IP_BYTES - IPV4_BITS_AT : 8 * IP_BYTES;
    if (address.len < text.len && !read_bits(rest, bits, &bits))
        return false;
    range->bits = (uint8_t)(dotted ? IPV4_BITS_AT + bits : bits);
    struct ip prefix = prefix_of(&range->first, range->bits);
    return equal(&prefix, &range->first);
}

bool ip_range_has(const struct ip_range *range, const struct ip *ip) {
    struct ip prefix = prefix_of(ip, range->bits);
    return equal(&prefix, &range->first);
}

bool ip_ranges_have(const struct ip_range *ranges, size_t count, const struct ip *ip) {
    for (size_t i = 0; i < count; i++)
        if (ip_range_has(&ranges[i], ip))
            return true;
    return false;
}

/* --- kinds ------------------------------------------------------------------------------------ */

struct ip ip_client_network(const struct ip *ip) {
    return ip_is_ipv4(ip) ? *ip : prefix_of(ip, 8 * CLIENT_NETWORK_BYTES);
}

bool ip_is_loopback(const struct ip *ip) {
    static const struct ip ipv6 = {{[15] = 1}};
    return equal(ip, &ipv6) || (ip_is_ipv4(ip) && ip->bytes[IP_IPV4_AT] == 127);
}

bool ip_is_private(const struct ip *ip) {
    const uint8_t *ipv4 = ip->bytes + IP_IPV4_AT;
    if (ip_is_loopback(ip))
        return true;
    if (!ip_is_ipv4(ip))
        return (ip->bytes[0] & 0xfe) == 0xfc;
    return ipv4[0] == 10 || (ipv4[0] == 172 && (ipv4[1] & 0xf0) == 16) ||
           (ipv4[0] == 192 && ipv4[1] == 168);
}
