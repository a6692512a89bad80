/* audit.h - does everybody in the room reach everybody? Members tell each other whom they reach
 * (peer_message.h, "reach"); here it is put together. Private to the core. */
#ifndef PARLEY_AUDIT_H
#define PARLEY_AUDIT_H

#include "room.h"

#define AUDIT_SETTLE_MS 10000    /* connecting takes a while: younger gaps say nothing */
#define AUDIT_BELIEVED_MS 120000 /* so long in all one member's word for somebody unknown counts */
#define AUDIT_GAPS_MAX 64        /* that are followed at once; others are when these close */

/* |one|, a member's number, and |other|: a member who is not reached, or somebody unknown to us who
 * is. */
struct audit_gap {
    uint32_t one;
    char other[WIRE_MEMBER_ID_BYTES];
    uint64_t since_ms;
};

/* A zeroed one has seen nothing yet. */
struct audit {
    struct audit_gap gaps[AUDIT_GAPS_MAX];
    uint32_t gap_count;
};

/* The first gap, in the order of the roster, that is AUDIT_SETTLE_MS old. */
struct audit_finding {
    const struct member *one, *other; /* both NULL: all is well; |other| NULL: somebody unknown */
    uint64_t due_ms; /* when to look again; LINK_NO_DEADLINE: not before a change */
};

/* Looks at the room. Two who both say that they do not reach each other are believed. That somebody
 * unknown is there is one member's word against the server's: it is believed for a while, and the
 * member keeps for how long it was. A gap that was there at the last look is as old as it was; what
 * happens to others does not make it younger. */
struct audit_finding audit_look(struct audit *audit, const struct room *room, uint64_t now_ms);

#endif
