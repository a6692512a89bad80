/* address_key.h - a key that stands for a client's address without revealing it: a keyed hash of
 * the address or network that counts as one client (ip_client_network), for what all clients behind
 * it share. Without the secret nobody can find the address from its key, or another address with
 * the same key. No I/O.
 */
#ifndef PARLEY_ADDRESS_KEY_H
#define PARLEY_ADDRESS_KEY_H

#include "ip.h"

#include <stdint.h>

#define ADDRESS_KEY_SECRET_BYTES 32

struct address_key_secret {
    uint8_t bytes[ADDRESS_KEY_SECRET_BYTES];
};

/* Makes |secret| from |text|, always the same, so that keys survive a restart and other servers
 * with that text make the same ones. */
void address_key_derive_secret(struct address_key_secret *secret, struct slice text);

/* The key of |ip|, never 0. It has 32 bits, so among 10,000 addresses two share a key on one server
 * in 86. */
uint32_t address_key_of(const struct address_key_secret *secret, const struct ip *ip);

#endif
