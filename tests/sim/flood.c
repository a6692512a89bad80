#include "flood.h"

#include "error.h"
#include "hub_debug.h"
#include "sim.h"

#include <string.h>

#define STEP_MS 250
#define OFFERS_A_STEP 14 /* 540 in 10 seconds */
#define CHURN_PERCENT 4  /* of the sockets, each step */

static bool is_joined(const struct flood *flood, uint32_t which) {
    return flood->sockets[which] && flood->sockets[which]->at_hub && flood->joined[which];
}

static void join(struct sim *sim, uint32_t which) {
    struct flood *flood = &sim->flood;
    char token[WIRE_TOKEN_BYTES + 1], text[256];
    for (int i = 0; i < WIRE_TOKEN_BYTES; i++)
        token[i] = (char)('A' + sim_draw(sim, 0, 25));
    token[WIRE_TOKEN_BYTES - 1] = 'A';
    token[WIRE_TOKEN_BYTES] = '\0';
    snprintf(text, sizeof text,
             "{\"type\":\"join\",\"version\":%d,\"room\":\"%.*s\",\"token\":\"%s\"}", WIRE_VERSION,
             (int)flood->room.len, flood->room.bytes, token);
    socket_send(flood->sockets[which], slice_of(text));
    flood->joined[which] = true;
}

static void leave(struct sim *sim, uint32_t which) {
    struct flood *flood = &sim->flood;
    if (is_joined(flood, which))
        socket_send(flood->sockets[which], slice_of("{\"type\":\"leave\"}"));
    if (flood->sockets[which])
        socket_close(flood->sockets[which]);
    flood->sockets[which] = NULL;
    flood->joined[which] = false;
}

static void keep_up(struct sim *sim, uint32_t which) {
    struct flood *flood = &sim->flood;
    struct socket *socket = flood->sockets[which];
    if (socket && socket->at_hub && !flood->joined[which])
        join(sim, which);
    else if (socket && flood->joined[which] && (!socket->at_hub || sim_chance(sim, CHURN_PERCENT)))
        leave(sim, which);
    else if (!socket)
        flood->sockets[which] = socket_dial(&flood->page);
}

static void forge(struct sim *sim, const struct hub_debug_member *member) {
    static const struct {
        const char *type, *sdp, *key;
    } forged[] = {
        {"offer", "\"sdp\":\"v=0 c1g1n1\",", "connection"}, /* of some connection, and of none */
        {"offer", "\"sdp\":\"v=0 c0g1n1\",", "connection"},
        {"ask", "", "connection"},
        {"ask", "", "for"},
    };
    struct flood *flood = &sim->flood;
    uint32_t which = sim_draw(sim, 0, FLOOD_SOCKETS - 1);
    uint32_t kind = sim_draw(sim, 0, sizeof forged / sizeof *forged - 1);
    char text[256];
    if (!is_joined(flood, which))
        return;
    snprintf(text, sizeof text, "{\"type\":\"%s\",\"to\":\"%.*s\",%s\"%s\":%u}", forged[kind].type,
             WIRE_MEMBER_ID_BYTES, member->id.bytes, forged[kind].sdp, forged[kind].key,
             sim_draw(sim, 1, 1000));
    socket_send(flood->sockets[which], slice_of(text));
}

static void step(struct sim *sim, void *object, uint32_t serial) {
    struct hub_debug_member members[WIRE_ROOM_MEMBERS_MAX];
    struct flood *flood = &sim->flood;
    size_t count = 0;
    (void)object;
    (void)serial;
    if (!flood->on)
        return;
    if (sim->host.hub)
        count = hub_debug_members(sim->host.hub, &flood->room, members);
    for (uint32_t i = 0; i < FLOOD_SOCKETS; i++)
        keep_up(sim, i);
    for (uint32_t i = 0; count > 0 && i < OFFERS_A_STEP; i++)
        forge(sim, &members[sim_draw(sim, 0, (uint32_t)count - 1)]);
    sim_after(sim, STEP_MS, step, NULL, 0);
}

void flood_begin(struct sim *sim, const struct room_id *room) {
    struct flood *flood = &sim->flood;
    if (flood->on)
        return;
    flood->page.sim = sim;
    flood->room = *room;
    flood->on = true;
    step(sim, NULL, 0);
}

void flood_end(struct sim *sim) {
    sim->flood.on = false;
    for (uint32_t i = 0; i < FLOOD_SOCKETS; i++)
        leave(sim, i);
}
