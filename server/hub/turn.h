/* turn.h - credentials for a TURN server that expire, without any I/O.
 *
 * The TURN REST convention (draft-uberti-behave-turn-rest-00, 2.2; coturn: use-auth-secret): only
 * the two servers know a secret. A user name is its time of expiry, in seconds since 1970-01-01
 * UTC, a colon, and its user; the credential is the base64 of an HMAC-SHA1 of it. The two servers'
 * clocks must agree; browsers' clocks do not matter.
 *
 * The user is an address, named by its key (address_key.h): with an identity that costs nothing,
 * such as a member's, a stranger could have any number of the relay's quotas. An address gets the
 * same credential throughout a quarter of its lifetime, so nobody has more than one new name in
 * that time, however often they ask.
 */
#ifndef PARLEY_TURN_H
#define PARLEY_TURN_H

#include "wire.h"

#include <stddef.h>
#include <stdint.h>

#define TURN_ADDRESS_KEY_DIGITS 8 /* hexadecimal */
#define TURN_USERNAME_BYTES_MAX (20 + 1 + TURN_ADDRESS_KEY_DIGITS)
#define TURN_STEPS 4             /* of a life, in each of which an address has one credential */
#define TURN_CREDENTIAL_BYTES 28 /* base64 (RFC 4648, 4) of 20 bytes */

/* The relay, as a hub knows it. The texts are the owner's, who may change |secret| between two
 * inputs of the hub, and keeps |unix_s| up to date. */
struct turn {
    const struct slice *urls; /* "turn:..." and "turns:..." (RFC 7065) */
    size_t url_count;         /* 0: there is no relay */
    struct slice secret;
    uint32_t seconds; /* how long a credential lives at least; up to one step more */
    uint64_t unix_s;  /* the time of day: seconds since 1970-01-01 UTC */
};

struct turn_credential {
    char username[TURN_USERNAME_BYTES_MAX];
    size_t username_len;
    char credential[TURN_CREDENTIAL_BYTES];
    uint32_t seconds; /* until it ends */
};

/* ICE servers that somebody is told of. Those of the relay point to |credential|, so that it stays
 * where it is. */
struct turn_offer {
    struct wire_ice_server servers[WIRE_ICE_SERVERS_MAX];
    size_t count;
    uint32_t seconds; /* until the credentials end; 0: they do not */
    struct turn_credential credential;
};

/* Makes the credential of an address by its key. coturn's quotas count user names with the same
 * text after the colon as one user. */
void turn_make_credential(const struct turn *turn, uint32_t address_key,
                          struct turn_credential *out);

/* Appends |turn|'s URLs to |offer|, with the credential of |address_key|; |offer| must have room
 * for them. Does nothing without a relay. */
void turn_offer_relay(const struct turn *turn, uint32_t address_key, struct turn_offer *offer);

#endif
