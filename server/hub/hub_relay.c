#include "hub_state.h"

/* Budgets as rates (rate.h) in microseconds: how long the bytes take. */
static uint64_t us_for(uint64_t bytes, uint32_t per_second) {
    return bytes * 1000000 / per_second;
}

#define MEMBER_BURST_US us_for(HUB_RELAY_BURST_BYTES, HUB_RELAY_BYTES_PER_SECOND)
#define ROOM_BURST_US us_for(HUB_RELAY_ROOM_BURST_BYTES, HUB_RELAY_ROOM_BYTES_PER_SECOND)

static void refuse(struct hub *hub, uint32_t index, enum wire_error error, uint64_t wait_us) {
    struct wire_message message = wire_error_message(error);
    message.number = (uint32_t)((wait_us + 999) / 1000);
    hub_note_refused(hub, index, error);
    hub_send_stored(hub, index, hub_store(hub, &message));
}

bool hub_may_relay(struct hub *hub, uint32_t index, size_t bytes) {
    struct rate *member = &hub->relayed_by[index];
    struct rate *room = &hub->rooms[hub->members[index].room].relayed;
    uint64_t now_us = hub->now_ms * 1000;
    uint64_t due_us = rate_spend_due(member, MEMBER_BURST_US);
    uint64_t room_due_us = rate_spend_due(room, ROOM_BURST_US);
    if (room_due_us > due_us)
        due_us = room_due_us;
    if (hub->config.relay && due_us <= now_us) {
        rate_spend(member, now_us, us_for(bytes, HUB_RELAY_BYTES_PER_SECOND), MEMBER_BURST_US);
        rate_spend(room, now_us, us_for(bytes, HUB_RELAY_ROOM_BYTES_PER_SECOND), ROOM_BURST_US);
        hub->relayed.messages++;
        hub->relayed.bytes += bytes;
        return true;
    }
    hub->relayed.refused_messages++;
    hub->relayed.refused_bytes += bytes;
    if (hub->config.relay)
        refuse(hub, index, WIRE_ERROR_RELAY_BUSY, due_us - now_us);
    else
        refuse(hub, index, WIRE_ERROR_RELAY_OFF, 0);
    return false;
}

const struct hub_relayed *hub_relayed(const struct hub *hub) {
    return &hub->relayed;
}
