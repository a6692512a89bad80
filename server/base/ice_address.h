/* ice_address.h - finds addresses of ICE servers that some browsers reject or never use. Without
 * these checks the operator would learn of them only from people who cannot connect. Pure. */
#ifndef PARLEY_ICE_ADDRESS_H
#define PARLEY_ICE_ADDRESS_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define ICE_ADDRESS_USERNAME_BYTES_MAX 509 /* what browsers accept (RFC 8489, 14.3: below 509) */

/* Why browsers reject |url|, which wire_ice_url_valid accepts (RFC 7064, RFC 7065): the end of a
 * sentence about it. NULL: they accept it. Never freed. */
const char *ice_address_fault(struct slice url);

/* True if browsers block |port|, also for STUN, so that no page can make them talk to another
 * service (Fetch, 2.9, "bad port"). */
bool ice_address_port_blocked(uint32_t port);

#endif
