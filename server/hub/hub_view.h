/* hub_view.h - a debug view of the hub, for the simulator: whom it has in a room. */
#ifndef PARLEY_HUB_VIEW_H
#define PARLEY_HUB_VIEW_H

#include "hub.h"

struct hub_view_member {
    struct member_id id;
    bool absent;
};

/* The members of |room|, without those who said that they leave, at most WIRE_ROOM_MEMBERS_MAX;
 * returns how many. */
size_t hub_view(struct hub *hub, const struct room_id *room, struct hub_view_member *out);

#endif
