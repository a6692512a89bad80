/* guard.h - who may do how much: connections, joins and messages by address. No I/O, no clock.
 *
 * Every address, or IPv6 network of 64 bits, that has something open or did much lately has an
 * account; it is forgotten when there is nothing left to remember. Accounts are bounded: the table
 * has a place for everybody who is connected; of the others, the one that has been gone for longest
 * goes where another needs its place.
 *
 * Some have no account (NULL) and no limit: a trusted proxy's sockets, since what counts is whose
 * requests it passes on; and this machine itself, which may be a proxy, unless the operator said
 * which proxies there are.
 */
#ifndef PARLEY_GUARD_H
#define PARLEY_GUARD_H

#include "bucket.h"
#include "config.h"
#include "ip.h"
#include "wire.h"

#include <stdint.h>

#define GUARD_JOIN_BURST_SECONDS 60     /* of the rate */
#define GUARD_MESSAGE_BURST_SECONDS 20  /* a newcomer among 63 says some 1,300 words at once */
#define GUARD_SOCKETS_PER_CONNECTION 2u /* a page is loaded over a few, then keeps one */
#define GUARD_HANDSHAKES_PER_JOIN 8u    /* a browser opens up to six connections at once */
#define GUARD_SOCKETS_SPARE 64u         /* so that even a limit of 1 lets a page load */

struct guard;
struct guard_account;

/* One member's own share. */
struct guard_member {
    struct guard_account *account;
    struct bucket messages;
};

/* Reads its limits from |config|, which must outlive it; |entries_max|: how many sockets and people
 * there can be at once, at least 1. NULL: no memory. */
struct guard *guard_create(const struct config *config, uint32_t entries_max);
void guard_destroy(struct guard *guard);

/* A socket of |ip| was accepted. PARLEY_ERR_FULL: it has too many. PARLEY_ERR_NO_MEMORY. Else
 * |account| is set, for guard_close_socket. */
int guard_open_socket(struct guard *guard, uint64_t now_ms, const struct ip *ip,
                      struct guard_account **account);
void guard_close_socket(struct guard *guard, uint64_t now_ms, struct guard_account *account);

/* A socket of |account| (NULL: of one without limits) begins a TLS handshake, which costs the
 * server more than anything else that a stranger may ask for. False: too many from its address, at
 * a pace that follows --address-joins-per-minute. */
bool guard_allows_handshake(struct guard *guard, uint64_t now_ms, struct guard_account *account);

/* Somebody at |ip| wants in. Sets |member|, for guard_dismiss, and returns WIRE_ERROR_COUNT; or
 * returns what to refuse it with. */
enum wire_error guard_admit(struct guard *guard, uint64_t now_ms, const struct ip *ip,
                            struct guard_member *member);
void guard_dismiss(struct guard *guard, uint64_t now_ms, struct guard_member *member);

/* It sent a message. False: too many, from it or from its address. */
bool guard_allows_message(struct guard *guard, uint64_t now_ms, struct guard_member *member);

/* Accounts that are remembered. */
uint32_t guard_account_count(const struct guard *guard);

#endif
