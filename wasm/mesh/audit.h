/* audit.h - does everybody in the room reach everybody? Members tell each other whom they reach
 * (peer_message.h, "reach"); here it is put together. */
#ifndef PARLEY_AUDIT_H
#define PARLEY_AUDIT_H

#include "room.h"

#define AUDIT_SETTLE_MS 10000    /* connecting takes a while: younger gaps say nothing */
#define AUDIT_BELIEVED_MS 120000 /* so long in all it is told of a pair */
#define AUDIT_TURN_MS 30000      /* where there are several, so long in a row */
#define AUDIT_PAIRS_MAX 128      /* of which it is remembered for how long it was told */
#define AUDIT_GAPS_MAX 64        /* that are followed at once; others are when these close */

/* |one|, a member's number, and |other|: a member who is not reached, or somebody unknown to us who
 * is. */
struct audit_gap {
    uint32_t one;
    char other[WIRE_MEMBER_ID_BYTES];
    uint64_t since_ms;
};

/* Two ids, the smaller one first; zeros for whomever a member reaches and we do not know. */
struct audit_pair {
    char ids[2][WIRE_MEMBER_ID_BYTES];
};

/* For how long a pair was told. */
struct audit_account {
    struct audit_pair pair;
    uint64_t told_ms;
};

/* A zeroed one has seen nothing yet. */
struct audit {
    struct audit_gap gaps[AUDIT_GAPS_MAX];
    uint32_t gap_count;
    struct audit_account accounts[AUDIT_PAIRS_MAX]; /* the oldest first */
    uint32_t account_count;
    bool telling;           /* something was found at the last look: */
    struct audit_pair told; /* this, */
    uint64_t told_since_ms; /* then */
};

/* A gap that is AUDIT_SETTLE_MS old: of several the one that had the fewest turns, then the first
 * in the order of the roster. */
struct audit_finding {
    const struct member *one, *other; /* both NULL: all is well; |other| NULL: somebody unknown */
    uint64_t due_ms;                  /* when to look again; NO_DEADLINE: not before a change */
};

/* Looks at the room. A gap is found where two both say that they do not reach each other, or one
 * says that somebody unknown is there. Nobody else can know whether that is so: therefore each pair
 * is told for AUDIT_BELIEVED_MS in all, whoever leaves and comes back meanwhile; all strangers whom
 * one member names are one pair with them. No pair pays for another: who lies, or refuses somebody,
 * uses up what is told of themselves and that one.
 *
 * A liar with k ids in a room of n others is in fewer than k * (n + k) pairs, each of which has its
 * AUDIT_BELIEVED_MS; how many ids one may bring is the server's to limit. The pair that was told
 * least, then the oldest, is forgotten for a new one: so an allowance begins anew only after
 * AUDIT_PAIRS_MAX others were used up, in over four hours. A new gap between others has its first
 * turn before any of theirs has a second.
 *
 * A gap that was there at the last look is as old as it was; what happens to others does not make
 * it younger. */
struct audit_finding audit_look(struct audit *audit, const struct room *room, uint64_t now_ms);

/* For how long it was told, up to the last look, that |one| and |other| do not reach each other. */
uint64_t audit_told_ms(const struct audit *audit, struct slice one, struct slice other);

#endif
