/* guard.h - who may do how much: connections, joins and messages by address. No I/O, no clock.
 *
 * Every address, or IPv6 network of 64 bits, that has something open or did much lately has an
 * account; it is forgotten when there is nothing left to remember. Accounts are bounded: the table
 * has a place for everybody who is connected; of the others, the one that has been gone for longest
 * goes where another needs its place.
 *
 * Joins beyond the pace of an address are not refused: they wait, with whatever else is said, in a
 * line of that address. It is first come, first served, and moves GUARD_LINE_SPEED times as fast as
 * the pace. It has as many places as get in within GUARD_WAIT_SECONDS, and none where the pace is
 * below GUARD_LINE_JOINS_MIN a minute. A connection that says nothing has no place in it, and makes
 * way where the address may have no more people: the longest silent first.
 *
 * Nor does anybody fill an address, or the server, with sockets that nobody needs: where there may
 * be no more of them, one goes that is no member's, in the order of lru.h.
 *
 * Some have no account (NULL) and no limit: a trusted proxy's sockets, since what counts is whose
 * requests it passes on; and this machine itself, which may be a proxy, unless the operator said
 * which proxies there are.
 */
#ifndef PARLEY_GUARD_H
#define PARLEY_GUARD_H

#include "bucket.h"
#include "chain.h"
#include "config.h"
#include "fair_queue.h"
#include "ip.h"
#include "lru.h"
#include "wire.h"

#include <stdint.h>

#define GUARD_JOIN_BURST_SECONDS 60      /* of the rate */
#define GUARD_HANDSHAKE_BURST_SECONDS 15 /* a class of 200 opens its pages at once */
#define GUARD_MESSAGE_BURST_SECONDS 20   /* a newcomer among 63 says some 1,300 words at once */
#define GUARD_SOCKETS_PER_CONNECTION 2u  /* a page is loaded over a few, then keeps one */
#define GUARD_HANDSHAKES_PER_JOIN 8u     /* a browser opens up to six connections at once */
#define GUARD_LINE_SPEED 4u
#define GUARD_WAIT_SECONDS 15u   /* less than a page waits for its welcome (dialing.h) */
#define GUARD_LINE_JOINS_MIN 60u /* a minute; who allows fewer would have people wait for ages */
#define GUARD_SILENT_SPARED 8u   /* who say nothing yet: pages that are about to */
#define GUARD_SOCKETS_SPARE 64u  /* so that even a limit of 1 lets a page load */

struct guard;
struct guard_account;

/* A socket that may make way for another one of its address, or of all. Zero-initialise it. */
struct guard_socket {
    struct lru_entry of_address, of_all;
};

/* How far somebody is. */
enum guard_stage {
    GUARD_IN,     /* what they say is heard */
    GUARD_SILENT, /* they said nothing yet */
    GUARD_LATE,   /* the same, and when they came the pace was used up */
    GUARD_WAITING /* in line */
};

/* One member's own share. All fields are the module's. */
struct guard_member {
    struct guard_account *account;
    struct bucket messages;
    struct chain_link link; /* of the silent, or of the line, of the account */
    enum guard_stage stage;
};

enum guard_turn { GUARD_NOW, GUARD_LATER, GUARD_NEVER };

/* Reads its limits from |config|, which must outlive it; |entries_max|: how many sockets and people
 * there can be at once, at least 1. NULL: no memory. */
struct guard *guard_create(const struct config *config, uint32_t entries_max);
void guard_destroy(struct guard *guard);

/* A socket of |ip| was accepted. PARLEY_ERR_FULL: it has too many. PARLEY_ERR_NO_MEMORY. Else
 * |account| is set, for guard_close_socket. */
int guard_open_socket(struct guard *guard, uint64_t now_ms, const struct ip *ip,
                      struct guard_account **account);
void guard_close_socket(struct guard *guard, uint64_t now_ms, struct guard_account *account);

/* |socket|, of |account| (NULL: one without limits), may make way for another one. */
void guard_use_socket(struct guard *guard, struct guard_account *account,
                      struct guard_socket *socket, enum lru_use use);

/* |socket| is a member's from now on, or closed. Harmless when repeated. */
void guard_keep_socket(struct guard_socket *socket);

/* Which socket of |ip|, or of all (NULL), makes way for another one; NULL: none. */
struct guard_socket *guard_oldest_socket(const struct guard *guard, const struct ip *ip);

/* A socket of |account| (NULL: one without limits) begins a TLS handshake, which costs the
 * server more than anything else that a stranger may ask for. False: too many from its address, at
 * a pace that follows --address-joins-per-minute. */
bool guard_allows_handshake(struct guard *guard, uint64_t now_ms, struct guard_account *account);

/* Where a socket of |account| waits for its turn to do so. All without limits share one line. */
struct fair_line *guard_handshake_line(struct guard *guard, struct guard_account *account);

/* Somebody at |ip| wants in. Sets |member|, which must stay where it is until guard_dismiss, and
 * returns WIRE_ERROR_COUNT; or returns what to refuse it with. */
enum wire_error guard_admit(struct guard *guard, uint64_t now_ms, const struct ip *ip,
                            struct guard_member *member);
void guard_dismiss(struct guard *guard, uint64_t now_ms, struct guard_member *member);

/* It says something. GUARD_LATER: that has to wait until guard_next returns |member|, and so has
 * whatever else it says until then. GUARD_NEVER: there is no place in the line, refuse it with
 * WIRE_ERROR_TOO_MANY_JOINS. */
enum guard_turn guard_speak(struct guard *guard, uint64_t now_ms, struct guard_member *member);

/* It is to be heard, whatever the pace. */
void guard_pass(struct guard *guard, struct guard_member *member);

/* It is not listened to any more: it leaves the line, and is no silent one. Harmless when
 * repeated. */
void guard_hush(struct guard *guard, struct guard_member *member);

bool guard_is_waiting(const struct guard_member *member);

/* Takes out who is next of those that wait; NULL: nobody, for now. */
struct guard_member *guard_next(struct guard *guard, uint64_t now_ms);

/* When guard_next will have somebody; UINT64_MAX where nobody waits. */
uint64_t guard_deadline_ms(const struct guard *guard);

/* Who at |ip| has said nothing for longest; NULL where no more than GUARD_SILENT_SPARED are
 * silent. */
struct guard_member *guard_longest_silent(const struct guard *guard, const struct ip *ip);

/* It sent a message. False: too many, from it or from its address. */
bool guard_allows_message(struct guard *guard, uint64_t now_ms, struct guard_member *member);

/* Accounts that are remembered. */
uint32_t guard_account_count(const struct guard *guard);

#endif
