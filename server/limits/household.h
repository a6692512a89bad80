/* household.h - a name for an address that tells nothing of it: a keyed hash of its household
 * (ip.h), for whatever is shared by all who live there. Without the key nobody can find the address
 * from the name, nor another address with the same one. No I/O.
 */
#ifndef PARLEY_HOUSEHOLD_H
#define PARLEY_HOUSEHOLD_H

#include "ip.h"

#include <stdint.h>

#define HOUSEHOLD_KEY_BYTES 32

struct household_key {
    uint8_t bytes[HOUSEHOLD_KEY_BYTES];
};

/* A key that is always the same for |secret|, so that names outlive the server, and other servers
 * with the secret give the same ones. */
void household_key_of(struct household_key *key, struct slice secret);

/* The name of the household of |ip|: 32 bits, so of 10,000 households two have the same one in one
 * of 86 servers. Never 0. */
uint32_t household_name(const struct household_key *key, const struct ip *ip);

#endif
