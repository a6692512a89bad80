/* audit.h - does everybody in the room reach everybody? Members tell each other whom they reach
 * (peer_message.h, "reach"); here it is put together. Private to the core. */
#ifndef PARLEY_AUDIT_H
#define PARLEY_AUDIT_H

#include "room.h"

#define AUDIT_SETTLE_MS 10000 /* connecting takes a while: younger differences say nothing */

/* Two of the others who do not reach each other, or one of them who reaches somebody unknown to
 * us. */
struct audit {
    const struct member *one, *other; /* both NULL: all is well; |other| NULL: somebody unknown */
    uint32_t count;                   /* of such pairs */
    uint64_t due_ms; /* when to look again; LINK_NO_DEADLINE: not before a change */
};

struct audit audit_room(const struct room *room, uint64_t now_ms);

#endif
