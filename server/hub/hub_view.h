/* hub_view.h - a debug view of the hub, for the simulator: whom it has in a room. */
#ifndef PARLEY_HUB_VIEW_H
#define PARLEY_HUB_VIEW_H

#include "hub.h"

struct hub_view_member {
    char id[WIRE_MEMBER_ID_BYTES];
    bool absent;
};

/* The members of |room|, without those who said that they leave, at most WIRE_ROOM_MEMBERS_MAX;
 * returns how many. */
size_t hub_view(struct hub *hub, struct slice room, struct hub_view_member *out);

#endif
