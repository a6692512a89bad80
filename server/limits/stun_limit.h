/* stun_limit.h - how many answers an address is sent: a token bucket for each IPv4 address and each
 * IPv6 network of 64 bits (ip_client_network). No I/O, no clock.
 *
 * There are STUN_LIMIT_BUCKETS buckets, and a keyed hash of the address says which one is its own.
 * None is ever given up for another: nobody gets a full bucket by crowding others out, and an
 * address that is forged as a source is sent at most STUN_LIMIT_BURST answers at once and
 * STUN_LIMIT_PER_SECOND a second, 2.6 KB a second on the wire's payload, whoever else asks. Two
 * addresses may meet in one bucket, and share it then; which ones, strangers cannot find out.
 *
 * A page asks once a connection, address and server, and again every 10 seconds (Chromium): 32
 * people of one room behind one address are about 1,000 requests when they begin, most of which are
 * sent again until they are answered, and 100 a second later on. A page that is refused still has
 * the addresses that other connections of the page were told.
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
