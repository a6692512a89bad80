/* stun_limit.h - limits the answers to an address: a token bucket for each IPv4 address and each
 * IPv6 network of 64 bits (ip_client_network). No I/O, no clock.
 *
 * There are STUN_LIMIT_BUCKETS buckets; a keyed hash of the address selects one. No bucket is ever
 * replaced, so nobody gets a full one by crowding others out. A forged source address is sent at
 * most STUN_LIMIT_BURST answers at once and STUN_LIMIT_PER_SECOND a second, 2.6 KB a second of
 * payload, whoever else asks. Two addresses may share a bucket; strangers cannot find out which
 * ones.
 *
 * A page sends a request for each connection, address and server, and repeats it every 10 seconds
 * (Chromium). 32 people of one room behind one address send about 1,000 requests when they begin,
 * most of them repeated until they are answered, and 100 a second later on. A page that is refused
 * still has the addresses that its other connections were told.
 */
#ifndef PARLEY_STUN_LIMIT_H
#define PARLEY_STUN_LIMIT_H

#include "address_key.h"
#include "bucket.h"
#include "ip.h"

#include <stdbool.h>
#include <stdint.h>

#define STUN_LIMIT_BUCKETS 4096 /* 64 KiB in all */
#define STUN_LIMIT_BURST 250
#define STUN_LIMIT_PER_SECOND 50

/* All fields are the module's. */
struct stun_limit {
    struct address_key_secret secret;
    struct bucket buckets[STUN_LIMIT_BUCKETS];
};

/* |secret|: fresh bytes of a cryptographic generator. */
void stun_limit_init(struct stun_limit *limit, const struct address_key_secret *secret);

/* True when |ip| may be sent an answer at |now_ms|, which is then counted. Times must not run
 * backwards. */
bool stun_limit_take(struct stun_limit *limit, const struct ip *ip, uint64_t now_ms);

#endif
