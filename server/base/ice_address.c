#include "ice_address.h"

#include "host_port.h"

#include <arpa/inet.h>
#include <string.h>

#define HOST_BYTES_MAX 253
#define LABEL_BYTES_MAX 63
#define PORT_UNPRIVILEGED_MIN 1024

/* As Fetch lists them, but 53, at which browsers do ask STUN and TURN servers. */
static const uint16_t blocked_ports[] = {
    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,
    42,   43,   69,   77,   79,   87,   95,   101,  102,  103,  104,  109,  110,  111,
    113,  115,  117,  119,  123,  135,  137,  139,  143,  161,  179,  389,  427,  465,
    512,  513,  514,  515,  526,  530,  531,  532,  540,  548,  554,  556,  563,  587,
    601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060,
    5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080};

bool ice_address_port_blocked(uint32_t port) {
    for (size_t i = 0; i < sizeof blocked_ports / sizeof *blocked_ports; i++)
        if (blocked_ports[i] == port)
            return true;
    return false;
}

/* Chromium's rule for relays. */
static bool is_relay_port(uint32_t port) {
    return port == 53 || port == 80 || port == 443 || port >= PORT_UNPRIVILEGED_MIN;
}

static const char *port_fault(struct slice port, bool relay) {
    uint64_t value;
    slice_read_number(port, UINT16_MAX, &value);
    uint32_t number = (uint32_t)value;
    if (ice_address_port_blocked(number))
        return "names a port that browsers block; use another, such as 3478";
    if (relay && !is_relay_port(number))
        return "names a port at which Chromium asks no relay; below 1024 it takes 53, 80 and 443";
    return NULL;
}

static bool is_ip_of_family(int family, struct slice host) {
    char text[INET6_ADDRSTRLEN];
    unsigned char address[16];
    if (host.len >= sizeof text)
        return false;
    memcpy(text, host.bytes, host.len);
    text[host.len] = '\0';
    return inet_pton(family, text, address) == 1;
}

/* A host whose last label looks like a number is an IPv4 address (URL, 3.5), or none. */
static bool looks_like_number(struct slice label) {
    bool hex = slice_skip(&label, "0x") || slice_skip(&label, "0X");
    for (size_t i = 0; i < label.len; i++)
        if (hex ? slice_hex_value(label.bytes[i]) < 0 : !slice_is_digit(label.bytes[i]))
            return false;
    return hex || label.len > 0;
}

static bool is_host_name(struct slice host) {
    struct slice rest = host, label = {0};
    if (rest.len > 0 && rest.bytes[rest.len - 1] == '.')
        rest.len--;
    if (rest.len == 0 || rest.len > HOST_BYTES_MAX || rest.bytes[rest.len - 1] == '.')
        return false;
    while (slice_cut(&rest, '.', &label))
        if (label.len == 0 || label.len > LABEL_BYTES_MAX || label.bytes[0] == '-' ||
            label.bytes[label.len - 1] == '-')
            return false;
    return !looks_like_number(label) || is_ip_of_family(AF_INET, host);
}

static bool is_host(const struct host_port *parts) {
    return parts->is_bracketed ? is_ip_of_family(AF_INET6, parts->host) : is_host_name(parts->host);
}

const char *ice_address_fault(struct slice url) {
    struct slice rest = url, authority = {0};
    struct host_port parts;
    if (slice_skip(&rest, "stuns:"))
        return "is STUN over TLS, which no browser speaks; use stun:HOST:PORT";
    bool relay = slice_skip(&rest, "turn:") || slice_skip(&rest, "turns:");
    if (!relay)
        slice_skip(&rest, "stun:");
    slice_cut(&rest, '?', &authority);
    if (!host_port_split(authority, &parts) || !is_host(&parts))
        return "names no host: a name, an IPv4 address, or an IPv6 address in brackets";
    return parts.has_port ? port_fault(parts.port, relay) : NULL;
}
