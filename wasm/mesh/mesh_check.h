/* mesh_check.h - does everybody in the room reach everybody? Members tell each other whom they
 * reach (peer_message.h, "reach"); the check compares what they say. */
#ifndef PARLEY_MESH_CHECK_H
#define PARLEY_MESH_CHECK_H

#include "room.h"

#define MESH_CHECK_SETTLE_MS 10000  /* connecting takes a while: younger gaps do not count */
#define MESH_CHECK_REPORT_MS 120000 /* a pair is reported for so long in all */
#define MESH_CHECK_TURN_MS 30000    /* if there are several, each for so long in a row */
#define MESH_CHECK_PAIRS_MAX 128    /* whose time is remembered */
#define MESH_CHECK_GAPS_MAX 64      /* that are followed at once; others follow when these close */

/* |one| is a member's number. |other| is a member whom |one| does not reach, or somebody unknown to
 * us whom |one| does reach. */
struct mesh_check_gap {
    uint32_t one;
    struct member_id other;
    uint64_t since_ms;
};

/* Two ids, the smaller one first; none stands for everybody whom a member reaches and we do not
 * know. */
struct mesh_check_pair {
    struct member_id ids[2];
};

/* For how long a pair was reported. */
struct mesh_check_account {
    struct mesh_check_pair pair;
    uint64_t reported_ms;
};

/* A zeroed one has seen nothing yet. */
struct mesh_check {
    struct mesh_check_gap gaps[MESH_CHECK_GAPS_MAX];
    uint32_t gap_count;
    struct mesh_check_account accounts[MESH_CHECK_PAIRS_MAX]; /* the oldest first */
    uint32_t account_count;
    bool reporting;                  /* the last check found something: */
    struct mesh_check_pair reported; /* this, */
    uint64_t reported_since_ms;      /* then */
};

/* A gap that is MESH_CHECK_SETTLE_MS old. Of several it is the one with the fewest turns, then the
 * first in the order of the roster. */
struct mesh_check_finding {
    const struct member *one, *other; /* both NULL: no gap; |other| NULL: somebody unknown */
    uint64_t due_ms;                  /* when to check again; NO_DEADLINE: after a change */
};

/* Checks the room. There is a gap if two members both say that they do not reach each other, or if
 * one says that somebody unknown is there. Nobody else can verify that. Therefore each pair is
 * reported for MESH_CHECK_REPORT_MS in all, even if one of them leaves and comes back meanwhile;
 * all strangers whom one member names count as one pair with that member. Each pair has its own
 * allowance: a member who lies, or refuses another, uses up only the allowance of these two.
 *
 * A liar with k ids in a room of n others is in fewer than k * (n + k) pairs, each with its own
 * MESH_CHECK_REPORT_MS; the server limits how many ids one person may bring. When all accounts are
 * taken, the pair that was reported least, then the oldest, is forgotten. So an allowance begins
 * anew only after MESH_CHECK_PAIRS_MAX others were used up, which takes over four hours. A new gap
 * between others has its first turn before any of the liar's has a second.
 *
 * A gap that the last check found too keeps its age, whatever happens to other members. */
struct mesh_check_finding mesh_check_run(struct mesh_check *check, const struct room *room,
                                         uint64_t now_ms);

/* For how long, up to the last check, it was reported that |one| and |other| do not reach each
 * other. |other| none: strangers. */
uint64_t mesh_check_reported_ms(const struct mesh_check *check, const struct member_id *one,
                                const struct member_id *other);

#endif
