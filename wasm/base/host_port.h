/* host_port.h - "HOST", "HOST:PORT", "[IPv6]" or "[IPv6]:PORT", taken apart (RFC 3986, 3.2). What a
 * host may be is each caller's to decide; here it is only where it begins and ends. */
#ifndef PARLEY_HOST_PORT_H
#define PARLEY_HOST_PORT_H

#include "slice.h"

struct host_port {
    struct slice host; /* without brackets */
    struct slice port; /* what stands behind the colon; empty, perhaps without any colon */
    bool is_bracketed;
    bool has_port; /* there is a colon */
};

/* Takes |text| apart. Without brackets, a text with several colons is all host, such as a bare IPv6
 * address. False: there is no host, a bracket is not closed, or something else than a port stands
 * behind it. */
bool host_port_split(struct slice text, struct host_port *parts);

/* Reads the port, from |min| to 65535; |otherwise| where there is no colon. False: it is none. */
bool host_port_number(const struct host_port *parts, uint16_t min, uint16_t otherwise,
                      uint16_t *port);

#endif
