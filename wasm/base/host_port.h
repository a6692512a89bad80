/* host_port.h - "HOST", "HOST:PORT", "[IPv6]" or "[IPv6]:PORT", split into host and port (RFC 3986,
 * 3.2). Callers check the host; this module only finds its bounds. */
#ifndef PARLEY_HOST_PORT_H
#define PARLEY_HOST_PORT_H

#include "slice.h"

struct host_port {
    struct slice host; /* without brackets */
    struct slice port; /* the text behind the colon; empty: none, perhaps without a colon */
    bool is_bracketed;
    bool has_port; /* there is a colon */
};

/* Splits |text|. Without brackets, a text with several colons is a host, such as a bare IPv6
 * address. False: there is no host, a bracket is not closed, or something other than a port follows
 * it. */
bool host_port_split(struct slice text, struct host_port *parts);

/* Reads the port, from |min| to 65535; |otherwise| if there is no colon. False: it is not a
 * port. */
bool host_port_number(const struct host_port *parts, uint16_t min, uint16_t otherwise,
                      uint16_t *port);

#endif
