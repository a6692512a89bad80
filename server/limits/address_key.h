/* address_key.h - stands for a client's address and tells nothing of it: a keyed hash of the
 * address or network that counts as one client (ip_client_network), for whatever is shared by all
 * behind it. Without the secret nobody can find the address from its key, nor another address with
 * the same one. No I/O.
 */
#ifndef PARLEY_ADDRESS_KEY_H
#define PARLEY_ADDRESS_KEY_H

#include "ip.h"

#include <stdint.h>

#define ADDRESS_KEY_SECRET_BYTES 32

struct address_key_secret {
    uint8_t bytes[ADDRESS_KEY_SECRET_BYTES];
};

/* Always the same |secret| for |text|, so that keys outlive the server, and other servers with that
 * text give the same ones. */
void address_key_derive_secret(struct address_key_secret *secret, struct slice text);

/* The key of |ip|: 32 bits, so of 10,000 addresses two have the same one in one of 86 servers.
 * Never 0. */
uint32_t address_key_of(const struct address_key_secret *secret, const struct ip *ip);

#endif
