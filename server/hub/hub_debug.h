/* hub_debug.h - read access to the hub's rooms, for the simulator. Nothing of the server itself
 * uses it. */
#ifndef PARLEY_HUB_DEBUG_H
#define PARLEY_HUB_DEBUG_H

#include "hub.h"

struct hub_debug_member {
    struct member_id id;
    bool absent;
};

/* The members of |room|, without those who said that they leave, at most WIRE_ROOM_MEMBERS_MAX;
 * returns how many. */
size_t hub_debug_members(struct hub *hub, const struct room_id *room, struct hub_debug_member *out);

#endif
