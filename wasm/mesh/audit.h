/* audit.h - does everybody in the room reach everybody? Members tell each other whom they reach
 * (peer_message.h, "reach"); here it is put together. Private to the core. */
#ifndef PARLEY_AUDIT_H
#define PARLEY_AUDIT_H

#include "room.h"

#define AUDIT_SETTLE_MS 10000    /* connecting takes a while: younger gaps say nothing */
#define AUDIT_BELIEVED_MS 120000 /* so long in all one member's word is passed on */
#define AUDIT_GAPS_MAX 64        /* that are followed at once; others are when these close */

/* |one|, a member's number, and |other|: a member who is not reached, or somebody unknown to us who
 * is. */
struct audit_gap {
    uint32_t one;
    char other[WIRE_MEMBER_ID_BYTES];
    uint64_t since_ms;
};

/* What was found at the last look. */
struct audit_told {
    uint32_t one, other; /* numbers of members; 0: nobody, or somebody unknown */
    uint64_t since_ms;
};

/* A zeroed one has seen nothing yet. */
struct audit {
    struct audit_told told;
    struct audit_gap gaps[AUDIT_GAPS_MAX];
    uint32_t gap_count;
};

/* The first gap, in the order of the roster, that is AUDIT_SETTLE_MS old. */
struct audit_finding {
    const struct member *one, *other; /* both NULL: all is well; |other| NULL: somebody unknown */
    uint64_t due_ms; /* when to look again; LINK_NO_DEADLINE: not before a change */
};

/* Looks at the room. A gap is found where two both say that they do not reach each other, or one
 * says that somebody unknown is there. Nobody else can know whether that is so: therefore a
 * member's word counts until what was found by it was told for AUDIT_BELIEVED_MS in all, and the
 * member keeps for how long it was (believed_ms). A gap that was there at the last look is as old
 * as it was; what happens to others does not make it younger. */
struct audit_finding audit_look(struct audit *audit, const struct room *room, uint64_t now_ms);

/* Counts for how long what was found is told. For the moment before one of them goes. */
void audit_charge(struct audit *audit, const struct room *room, uint64_t now_ms);

#endif
