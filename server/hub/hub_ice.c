#include "hub_state.h"

static bool has_relay(const struct hub *hub) {
    return hub->config.turn && hub->config.turn->url_count > 0;
}

static void add_turn(const struct hub *hub, uint32_t address_key,
                     struct turn_credential *credential, struct wire_message *message) {
    if (!has_relay(hub))
        return;
    turn_make_credential(hub->config.turn, address_key, credential);
    turn_offer(hub->config.turn, credential, message);
}

/* Somebody alone has no use for a relay, and is told that there will be one. The absent count:
 * there may be a conversation with them that only the server does not see. */
static void add_turn_for(const struct hub *hub, uint32_t index, struct turn_credential *credential,
                         struct wire_message *message) {
    const struct hub_member *member = &hub->members[index];
    if (hub->rooms[member->room].member_count > 1)
        add_turn(hub, member->address_key, credential, message);
    else if (has_relay(hub))
        message->ice_seconds = hub->config.turn->seconds;
}

/* Our own first: where it answers, nobody else need have been there. */
static void add_configured(const struct hub *hub, struct slice stun_url,
                           struct wire_message *message) {
    if (stun_url.len > 0)
        message->ice_servers[message->ice_server_count++].url = stun_url;
    for (size_t i = 0; i < hub->config.ice_server_count; i++)
        message->ice_servers[message->ice_server_count++] = hub->config.ice_servers[i];
}

void hub_add_ice_servers(const struct hub *hub, uint32_t index, struct slice stun_url,
                         struct turn_credential *credential, struct wire_message *message) {
    add_configured(hub, stun_url, message);
    add_turn_for(hub, index, credential, message);
}

void hub_add_all_ice_servers(const struct hub *hub, struct slice stun_url,
                             struct turn_credential *credential, struct wire_message *message) {
    add_configured(hub, stun_url, message);
    add_turn(hub, 0, credential, message);
}

bool hub_offers_relay(const struct hub *hub, uint32_t index) {
    for (size_t i = 0; i < hub->config.ice_server_count; i++)
        if (wire_ice_url_is_turn(hub->config.ice_servers[i].url))
            return true;
    return has_relay(hub) && hub->rooms[hub->members[index].room].member_count > 1;
}

void hub_send_relays(struct hub *hub, uint32_t index) {
    struct turn_credential credential;
    struct wire_message message = {.type = WIRE_CREDENTIALS};
    for (size_t i = 0; i < hub->config.ice_server_count; i++)
        if (wire_ice_url_is_turn(hub->config.ice_servers[i].url))
            message.ice_servers[message.ice_server_count++] = hub->config.ice_servers[i];
    add_turn_for(hub, index, &credential, &message);
    hub_send_stored(hub, index, hub_store(hub, &message));
}

void hub_end_solitude(struct hub *hub, uint32_t index, const struct hub_room *room) {
    uint32_t other = room->members.first;
    if (has_relay(hub) && room->member_count == 2 && other != index &&
        hub->members[other].state == IN_ROOM)
        hub_send_relays(hub, other);
}
