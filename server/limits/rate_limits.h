/* rate_limits.h - how much an address may do: connections, joins and messages. No I/O, no clock.
 *
 * Every address, or IPv6 network of 64 bits, that has something open or was active lately has an
 * account; it is forgotten when its limits are full again. The number of accounts is limited: the
 * table has a place for everybody who is connected; of the others, the one that has been gone for
 * longest is replaced when another needs its place.
 *
 * Joins beyond the rate of an address are not refused: they wait, with the connection's other
 * messages, in a line of that address. It is first come, first served, and moves
 * RATE_LIMITS_LINE_SPEED times as fast as the rate. It has as many places as it serves within
 * RATE_LIMITS_WAIT_SECONDS, and none if the rate is below RATE_LIMITS_LINE_JOINS_MIN a minute. A
 * silent connection has no place in it; when the address may have no more people, the connection
 * silent for longest is closed for a new one.
 *
 * Unused sockets cannot fill an address, or the server: when there may be no more sockets, one that
 * is no member's is closed, in the order of lru.h.
 *
 * Some have no account (NULL) and no limit: a trusted proxy's sockets, since the clients behind it
 * count instead; and this machine itself, which may be a proxy, unless the operator has named the
 * proxies.
 */
#ifndef PARLEY_RATE_LIMITS_H
#define PARLEY_RATE_LIMITS_H

#include "bucket.h"
#include "chain.h"
#include "config.h"
#include "fair_queue.h"
#include "ip.h"
#include "lru.h"
#include "wire.h"

#include <stdint.h>

#define RATE_LIMITS_JOIN_BURST_SECONDS 60      /* of the rate */
#define RATE_LIMITS_HANDSHAKE_BURST_SECONDS 15 /* a class of 200 opens its pages at once */
#define RATE_LIMITS_MESSAGE_BURST_SECONDS 20 /* a newcomer among 63 says some 1,300 words at once */
#define RATE_LIMITS_SOCKETS_PER_CONNECTION 2u /* a page is loaded over a few, then keeps one */
#define RATE_LIMITS_HANDSHAKES_PER_JOIN 8u    /* a browser opens up to six connections at once */
#define RATE_LIMITS_LINE_SPEED 4u
#define RATE_LIMITS_WAIT_SECONDS 15u   /* a page waits longer (server_herd_test.c) */
#define RATE_LIMITS_LINE_JOINS_MIN 60u /* a minute; below it people would wait too long */
#define RATE_LIMITS_SILENT_SPARED 8u   /* silent connections: pages that are about to join */
#define RATE_LIMITS_SOCKETS_SPARE 64u  /* so that even a limit of 1 lets a page load */

struct rate_limits;
struct rate_limits_account;

/* A socket that may make way for another one of its address, or of all. Zero-initialise it. */
struct rate_limits_socket {
    struct lru_entry of_address, of_all;
};

/* The state of a connection. */
enum rate_limits_stage {
    RATE_LIMITS_IN,     /* its messages are accepted */
    RATE_LIMITS_SILENT, /* it has sent nothing yet */
    RATE_LIMITS_LATE,   /* the same, and the rate was used up when it arrived */
    RATE_LIMITS_WAITING /* in line */
};

/* The rates of one member. All fields are the module's. */
struct rate_limits_quota {
    struct rate_limits_account *account;
    struct bucket messages;
    struct chain_link link; /* of the silent, or of the line, of the account */
    enum rate_limits_stage stage;
};

enum rate_limits_verdict { RATE_LIMITS_NOW, RATE_LIMITS_LATER, RATE_LIMITS_NEVER };

/* Reads its limits from |config|, which must outlive it; |entries_max|: how many sockets and people
 * there can be at once, at least 1. NULL: no memory. */
struct rate_limits *rate_limits_create(const struct config *config, uint32_t entries_max);
void rate_limits_destroy(struct rate_limits *limits);

/* A socket of |ip| was accepted. PARLEY_ERR_FULL: it has too many. PARLEY_ERR_NO_MEMORY. Else
 * |account| is set, for rate_limits_close_socket. */
int rate_limits_open_socket(struct rate_limits *limits, uint64_t now_ms, const struct ip *ip,
                            struct rate_limits_account **account);
void rate_limits_close_socket(struct rate_limits *limits, uint64_t now_ms,
                              struct rate_limits_account *account);

/* |socket|, of |account| (NULL: one without limits), may be closed for another one. */
void rate_limits_use_socket(struct rate_limits *limits, struct rate_limits_account *account,
                            struct rate_limits_socket *socket, enum lru_use use);

/* |socket| is a member's from now on, or closed. Harmless when repeated. */
void rate_limits_keep_socket(struct rate_limits_socket *socket);

/* The socket of |ip|, or of all (NULL), to close for another one; NULL: none. */
struct rate_limits_socket *rate_limits_oldest_socket(const struct rate_limits *limits,
                                                     const struct ip *ip);

/* A socket of |account| (NULL: one without limits) begins a TLS handshake, the most expensive thing
 * that a stranger can ask for. False: too many from its address; the rate follows
 * --address-joins-per-minute. */
bool rate_limits_allows_handshake(struct rate_limits *limits, uint64_t now_ms,
                                  struct rate_limits_account *account);

/* The line in which a socket of |account| waits for its handshake. All without limits share one
 * line. */
struct fair_line *rate_limits_handshake_line(struct rate_limits *limits,
                                             struct rate_limits_account *account);

/* Somebody at |ip| connects. Sets |quota|, which must stay where it is until rate_limits_dismiss,
 * and returns WIRE_ERROR_COUNT; or returns the error to refuse it with. */
enum wire_error rate_limits_admit(struct rate_limits *limits, uint64_t now_ms, const struct ip *ip,
                                  struct rate_limits_quota *quota);
void rate_limits_dismiss(struct rate_limits *limits, uint64_t now_ms,
                         struct rate_limits_quota *quota);

/* It sends a message. RATE_LIMITS_LATER: this and all further messages must wait until
 * rate_limits_next returns |quota|. RATE_LIMITS_NEVER: there is no place in the line; refuse it
 * with WIRE_ERROR_TOO_MANY_JOINS. */
enum rate_limits_verdict rate_limits_speak(struct rate_limits *limits, uint64_t now_ms,
                                           struct rate_limits_quota *quota);

/* Accepts its messages, whatever the rate. */
void rate_limits_pass(struct rate_limits *limits, struct rate_limits_quota *quota);

/* Its messages are ignored from now on: it leaves the line, and the silent ones. Harmless when
 * repeated. */
void rate_limits_withdraw(struct rate_limits *limits, struct rate_limits_quota *quota);

bool rate_limits_is_waiting(const struct rate_limits_quota *quota);

/* Takes out the next one that waits; NULL: nobody, for now. */
struct rate_limits_quota *rate_limits_next(struct rate_limits *limits, uint64_t now_ms);

/* When rate_limits_next will have somebody; UINT64_MAX where nobody waits. */
uint64_t rate_limits_deadline_ms(const struct rate_limits *limits);

/* The one at |ip| that has been silent for longest; NULL if at most RATE_LIMITS_SILENT_SPARED are
 * silent. */
struct rate_limits_quota *rate_limits_longest_silent(const struct rate_limits *limits,
                                                     const struct ip *ip);

/* It sent a message. False: too many, from it or from its address. */
bool rate_limits_allows_message(struct rate_limits *limits, uint64_t now_ms,
                                struct rate_limits_quota *quota);

/* Accounts that are remembered. */
uint32_t rate_limits_account_count(const struct rate_limits *limits);

#endif
