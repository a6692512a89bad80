#include "hub_debug.h"

#include "hub_state.h"

size_t hub_debug_members(struct hub *hub, const struct room_id *room_id,
                         struct hub_debug_member *out) {
    const struct hub_room *room = hub_find_room(hub, room_id);
    size_t count = 0;
    if (!room)
        return 0;
    for (uint32_t i = room->members.first; i != HUB_NONE; i = hub->members[i].arrival.next) {
        if (hub->members[i].leaving)
            continue;
        out[count].id = hub->members[i].id;
        out[count++].absent = hub->members[i].state == ABSENT;
    }
    return count;
}
