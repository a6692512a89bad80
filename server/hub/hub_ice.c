#include "hub_state.h"

#include "error.h"

static bool has_relay(const struct hub *hub) {
    return hub->config.turn && hub->config.turn->url_count > 0;
}

static void add(struct turn_offer *offer, struct wire_ice_server server) {
    PARLEY_CHECK(offer->count < WIRE_ICE_SERVERS_MAX);
    offer->servers[offer->count++] = server;
}

/* A member alone has no use for a relay, and is told that there will be one. Absent members count:
 * a conversation with them may go on that the server does not see. */
static void add_turn(const struct hub *hub, uint32_t index, struct turn_offer *offer) {
    const struct hub_member *member = &hub->members[index];
    if (!has_relay(hub))
        return;
    if (hub->rooms[member->room].member_count > 1)
        turn_offer_relay(hub->config.turn, member->address_key, offer);
    else
        offer->seconds = hub->config.turn->seconds;
}

/* Our own first: if it answers, no other server is needed. */
static void add_configured(const struct hub *hub, struct slice stun_url, struct turn_offer *offer) {
    if (stun_url.len > 0)
        add(offer, (struct wire_ice_server){.url = stun_url});
    for (size_t i = 0; i < hub->config.ice_server_count; i++)
        add(offer, hub->config.ice_servers[i]);
}

void hub_offer_ice_servers(const struct hub *hub, uint32_t index, struct slice stun_url,
                           struct turn_offer *offer) {
    offer->count = 0;
    offer->seconds = 0;
    add_configured(hub, stun_url, offer);
    add_turn(hub, index, offer);
}

void hub_offer_all_ice_servers(const struct hub *hub, struct slice stun_url,
                               struct turn_offer *offer) {
    offer->count = 0;
    offer->seconds = 0;
    add_configured(hub, stun_url, offer);
    if (has_relay(hub))
        turn_offer_relay(hub->config.turn, 0, offer);
}

bool hub_offers_relay(const struct hub *hub, uint32_t index) {
    for (size_t i = 0; i < hub->config.ice_server_count; i++)
        if (wire_ice_url_is_turn(hub->config.ice_servers[i].url))
            return true;
    return has_relay(hub) && hub->rooms[hub->members[index].room].member_count > 1;
}

void hub_send_relays(struct hub *hub, uint32_t index) {
    struct turn_offer offer = {0};
    for (size_t i = 0; i < hub->config.ice_server_count; i++)
        if (wire_ice_url_is_turn(hub->config.ice_servers[i].url))
            add(&offer, hub->config.ice_servers[i]);
    add_turn(hub, index, &offer);
    hub_send_stored(hub, index,
                    hub_store(hub, &(struct wire_message){.type = WIRE_CREDENTIALS,
                                                          .ice_servers = offer.servers,
                                                          .ice_server_count = offer.count,
                                                          .ice_seconds = offer.seconds}));
}

void hub_end_solitude(struct hub *hub, uint32_t index, const struct hub_room *room) {
    uint32_t other = room->members.first;
    if (has_relay(hub) && room->member_count == 2 && other != index &&
        hub->members[other].state == IN_ROOM)
        hub_send_relays(hub, other);
}
