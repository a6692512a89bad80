#include "hub_state.h"

#include <stdlib.h>

static void welcome(struct hub *hub, uint32_t index, const struct hub_room *room,
                    const char *stun_url) {
    struct turn_offer offer;
    size_t count = 0;
    bool has_hellos = false;
    for (uint32_t i = room->members.first; i != HUB_NONE; i = hub->members[i].arrival.next) {
        if (i == index || hub->members[i].leaving)
            continue;
        hub->others[count] = hub->members[i].id;
        hub->others_hellos[count] = hub_hello_of(hub, i);
        has_hellos |= hub->others_hellos[count++].len > 0;
    }
    has_hellos = has_hellos && hub_hello_of(hub, index).len > 0;
    hub_offer_ice_servers(hub, index, slice_of(stun_url ? stun_url : ""), &offer);
    const struct wire_message message = {.type = WIRE_WELCOME,
                                         .version = WIRE_VERSION,
                                         .room = room->id,
                                         .member = hub->members[index].id,
                                         .members = hub->others,
                                         .member_count = count,
                                         .hellos = hub->others_hellos,
                                         .hello_count = has_hellos ? count : 0,
                                         .ice_servers = offer.servers,
                                         .ice_server_count = offer.count,
                                         .ice_seconds = offer.seconds,
                                         .room_members_max = hub->config.room_members_max,
                                         .relays = hub->config.relay};
    hub_send_stored(hub, index, hub_store(hub, &message));
}

/* |stun_url| is freed: it is offered once. */
static void introduce(struct hub *hub, uint32_t index, bool back, char *stun_url) {
    const struct hub_member *member = &hub->members[index];
    const struct hub_room *room = &hub->rooms[member->room];
    welcome(hub, index, room, stun_url);
    free(stun_url);
    hub_send_to_room(hub, room, index,
                     &(struct wire_message){.type = WIRE_JOINED,
                                            .member = member->id,
                                            .hello = hub_hello_of(hub, index),
                                            .back = back});
}

static void join_as_new(struct hub *hub, uint32_t index, const struct room_id *room_id,
                        const struct member_id *id, const struct wire_message *join) {
    struct hub_room *room = hub_find_room(hub, room_id);
    if (!room)
        room = hub_make_room(hub, room_id);
    if (!room) {
        hub_refuse(hub, index, WIRE_ERROR_TOO_MANY_ROOMS);
        return;
    }
    char *stun_url = hub->members[index].stun_url;
    hub_enter(hub, index, room, id);
    hub->members[index].join = join->number;
    if (join->back) /* it met somebody on an earlier server; a liar gains only the grace */
        hub->members[index].met = true;
    hub_note_room(hub, HUB_NOTE_JOINED, index, room);
    hub_end_solitude(hub, index, room);
    introduce(hub, index, join->back, stun_url);
}

/* |old| is the same member, absent or on an older connection. */
static void join_as_known(struct hub *hub, uint32_t index, uint32_t old, uint32_t number) {
    bool alive = hub->members[old].state == IN_ROOM;
    char *stun_url = hub->members[index].stun_url;
    hub_take_place(hub, index, old);
    hub->members[index].join = number;
    if (alive) {
        hub_send_error(hub, old, WIRE_ERROR_REPLACED);
        hub_push_close(hub, old, wire_error_close_code(WIRE_ERROR_REPLACED), WIRE_ERROR_REPLACED);
    }
    hub_note_room(hub, HUB_NOTE_BACK, index, &hub->rooms[hub->members[index].room]);
    introduce(hub, index, true, stun_url);
}

/* A new page with the token of |old|: the conversations of the old page are over. */
static void end_old(struct hub *hub, uint32_t old) {
    if (hub->members[old].state == ABSENT) {
        hub_take_out(hub, old, REPLACED);
        return;
    }
    hub_send_error(hub, old, WIRE_ERROR_REPLACED);
    hub_close_member(hub, old, wire_error_close_code(WIRE_ERROR_REPLACED), WIRE_ERROR_REPLACED,
                     REPLACED);
}

/* A join that was sent before |old|'s arrived late: the page has another connection by now. */
static bool is_older(const struct hub *hub, const struct wire_message *join, uint32_t old) {
    return old != HUB_NONE && join->number != 0 && join->number < hub->members[old].join;
}

/* A page that still listens learns which number it must go beyond. */
static void refuse_older(struct hub *hub, uint32_t index, uint32_t old) {
    struct wire_message message = wire_error_message(WIRE_ERROR_OLD_JOIN);
    message.number = hub->members[old].join;
    hub_note_refused(hub, index, WIRE_ERROR_OLD_JOIN);
    hub_send_stored(hub, index, hub_store(hub, &message));
    hub_close_member(hub, index, wire_error_close_code(WIRE_ERROR_OLD_JOIN), WIRE_ERROR_OLD_JOIN,
                     GONE);
}

/* In a full room, an address with many places gives one to another address. */
static void evict(struct hub *hub, uint32_t place) {
    if (hub->members[place].state == ABSENT)
        hub_take_out(hub, place, GONE);
    else
        hub_refuse(hub, place, WIRE_ERROR_ROOM_FULL);
}

/* Why |index| may not join |room|, which may be NULL; WIRE_ERROR_COUNT: it may. */
static enum wire_error join_refusal(struct hub *hub, uint32_t index, struct hub_room *room,
                                    uint32_t old) {
    uint32_t address_key = hub->members[index].address_key, place = HUB_NONE;
    if (!room)
        return WIRE_ERROR_COUNT;
    bool is_full = old == HUB_NONE && room->member_count >= hub->config.room_members_max;
    if (is_full)
        place = hub_find_place(hub, room, address_key);
    if (is_full && place == HUB_NONE)
        return WIRE_ERROR_ROOM_FULL;
    if (!hub_may_be_heard(hub, room, old, address_key))
        return WIRE_ERROR_ROOM_BUSY;
    if (is_full)
        evict(hub, place);
    return WIRE_ERROR_COUNT;
}

/* Makes the id of a room that nobody is in. */
static void invent_room(struct hub *hub, uint8_t random[ID_ROOM_RANDOM_BYTES], struct room_id *id) {
    id_make_room(random, id);
    while (hub_find_room(hub, id)) {
        id_try_another_room(random);
        id_make_room(random, id);
    }
}

static void join(struct hub *hub, uint32_t index, const struct wire_message *message) {
    struct room_id room_id = message->room;
    struct member_id id;
    if (room_id.len == 0)
        invent_room(hub, hub->members[index].room_random, &room_id);
    member_id_of(&room_id, &message->token, &id);
    struct hub_room *room = hub_find_room(hub, &room_id);
    uint32_t old = room ? hub_find_member(hub, room, &id) : HUB_NONE;
    if (is_older(hub, message, old)) {
        refuse_older(hub, index, old);
        return;
    }
    enum wire_error error = join_refusal(hub, index, room, old);
    if (error != WIRE_ERROR_COUNT) {
        hub_refuse(hub, index, error);
        return;
    }
    if (old != HUB_NONE && message->back) {
        join_as_known(hub, index, old, message->number);
        return;
    }
    if (old != HUB_NONE) { /* the room may go with it, and is then made again as it was */
        room_id = room->id;
        hub->members[index].met = hub->members[old].met;
        end_old(hub, old);
    }
    join_as_new(hub, index, &room_id, &id, message);
}

void hub_receive_join(struct hub *hub, uint32_t index, const struct wire_message *message) {
    if (hub->members[index].state == IN_ROOM)
        hub_refuse(hub, index, WIRE_ERROR_JOINED_ALREADY);
    else if (message->version != WIRE_VERSION)
        hub_refuse(hub, index, WIRE_ERROR_BAD_VERSION);
    else if (hub->drain.on)
        hub_refuse(hub, index, WIRE_ERROR_RESTARTING);
    else if (!hub_keep_hello(hub, index, message->hello))
        hub_refuse(hub, index, WIRE_ERROR_SERVER_FULL);
    else
        join(hub, index, message);
}
