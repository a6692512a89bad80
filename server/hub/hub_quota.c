#include "hub_state.h"

#include "error.h"

#include <stdlib.h>

/* How much an address used of the reserved joins. */
struct hub_quota {
    uint32_t address_key;
    struct rate newcomers, returns;
};

/* Allocated when a room is first busy. When it is full, the entry with the least to wait is
 * replaced. */
struct hub_crowd {
    struct hub_quota quotas[HUB_QUOTAS_MAX];
    uint32_t count;
};

/* --- how often -------------------------------------------------------------------------------- */

static uint64_t booked(const struct hub_quota *quota) {
    return quota->newcomers.booked > quota->returns.booked ? quota->newcomers.booked
                                                           : quota->returns.booked;
}

static struct hub_quota *take_quota(struct hub_crowd *crowd) {
    if (crowd->count < HUB_QUOTAS_MAX)
        return &crowd->quotas[crowd->count++];
    struct hub_quota *least = &crowd->quotas[0];
    for (uint32_t i = 1; i < HUB_QUOTAS_MAX; i++)
        if (booked(&crowd->quotas[i]) < booked(least))
            least = &crowd->quotas[i];
    return least;
}

/* NULL: no memory. */
static struct hub_quota *quota_of(struct hub_room *room, uint32_t address_key) {
    if (!room->crowd)
        room->crowd = calloc(1, sizeof *room->crowd);
    if (!room->crowd)
        return NULL;
    for (uint32_t i = 0; i < room->crowd->count; i++)
        if (room->crowd->quotas[i].address_key == address_key)
            return &room->crowd->quotas[i];
    struct hub_quota *quota = take_quota(room->crowd);
    *quota = (struct hub_quota){.address_key = address_key};
    return quota;
}

static uint32_t places_of(const struct hub *hub, const struct hub_room *room,
                          uint32_t address_key) {
    uint32_t count = 0;
    for (uint32_t i = room->members.first; i != HUB_NONE; i = hub->members[i].arrival.next)
        count += hub->members[i].address_key == address_key;
    return count;
}

/* Limited, and separate for returns, so that nobody who keeps coming back uses up newcomers'
 * joins. */
static bool take_reserved(struct hub *hub, struct hub_room *room, uint32_t old,
                          uint32_t address_key) {
    bool is_newcomer = old == HUB_NONE && places_of(hub, room, address_key) == 0;
    uint32_t kept = HUB_RETURNS_KEPT + (is_newcomer ? HUB_JOINS_KEPT : 0);
    struct hub_quota *quota = quota_of(room, address_key);
    if (!quota)
        return false;
    bool has_quota = is_newcomer ? rate_take(&quota->newcomers, hub->now_ms, HUB_QUOTA_STEP_MS,
                                             HUB_QUOTA_AT_ONCE)
                                 : rate_take(&quota->returns, hub->now_ms, HUB_QUOTA_RETURN_STEP_MS,
                                             HUB_QUOTA_RETURNS_AT_ONCE);
    return has_quota && rate_take(&room->joins, hub->now_ms, HUB_JOIN_STEP_MS,
                                  HUB_JOINS_AT_ONCE * hub->config.room_members_max + kept);
}

bool hub_may_be_heard(struct hub *hub, struct hub_room *room, uint32_t old, uint32_t address_key) {
    bool takes_over = old != HUB_NONE && hub->members[old].state == IN_ROOM;
    uint32_t hearing = room->present_count - (takes_over ? 1 : 0);
    return hearing == 0 ||
           rate_take(&room->joins, hub->now_ms, HUB_JOIN_STEP_MS,
                     HUB_JOINS_AT_ONCE * hub->config.room_members_max) ||
           take_reserved(hub, room, old, address_key);
}

/* --- places ----------------------------------------------------------------------------------- */

/* The address with the most members. */
static uint32_t largest(const struct hub *hub, const struct hub_room *room, uint32_t *count) {
    uint32_t address_key = 0;
    *count = 0;
    for (uint32_t i = room->members.first; i != HUB_NONE; i = hub->members[i].arrival.next) {
        uint32_t own = places_of(hub, room, hub->members[i].address_key);
        if (own > *count) {
            *count = own;
            address_key = hub->members[i].address_key;
        }
    }
    return address_key;
}

/* How much a member is missed: least if absent, little if it met nobody. */
static int missed(const struct hub_member *member) {
    switch ((enum hub_member_state)member->state) {
    case ABSENT:
        return 0;
    case IN_ROOM:
        return member->met ? 2 : 1;
    case FREE:
    case NEW:
    case CLOSING:
        break;
    }
    PARLEY_CHECK(false); /* it has a place in the room */
    return 0;
}

/* Among those who are missed least, the latest arrival. */
static uint32_t least_missed(const struct hub *hub, const struct hub_room *room,
                             uint32_t address_key) {
    uint32_t found = HUB_NONE;
    for (uint32_t i = room->members.first; i != HUB_NONE; i = hub->members[i].arrival.next)
        if (hub->members[i].address_key == address_key &&
            (found == HUB_NONE || missed(&hub->members[i]) <= missed(&hub->members[found])))
            found = i;
    return found;
}

uint32_t hub_find_place(const struct hub *hub, const struct hub_room *room, uint32_t address_key) {
    uint32_t most, own = places_of(hub, room, address_key);
    uint32_t other = largest(hub, room, &most);
    if (most <= own + 1)
        return HUB_NONE;
    uint32_t place = least_missed(hub, room, other);
    bool is_idle = hub->members[place].state == ABSENT || !hub->members[place].met;
    bool crowds_out = own == 0 && 2 * most > hub->config.room_members_max;
    return is_idle || crowds_out ? place : HUB_NONE;
}
