/* ice_address.h - ICE servers' addresses that some browser takes for an error, or never asks, and
 * for which an operator would find out only from people who do not connect. Pure. */
#ifndef PARLEY_ICE_ADDRESS_H
#define PARLEY_ICE_ADDRESS_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define ICE_ADDRESS_USERNAME_BYTES_MAX 509 /* what browsers take (RFC 8489, 14.3: below 509) */

/* What browsers do not take of |url|, an address that wire_ice_url_valid takes (RFC 7064, RFC
 * 7065): the end of a sentence about it. NULL: they take it. Never freed. */
const char *ice_address_fault(struct slice url);

/* True where browsers ask no STUN server at |port|: it is one that they block, so that no page can
 * make them talk to another service (Fetch, 2.9, "bad port"). */
bool ice_address_port_blocked(uint32_t port);

#endif
