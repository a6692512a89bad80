#include "hub_model.h"

#include "error.h"
#include "script.h"

#include <string.h>

/* --- lists of ids ----------------------------------------------------------------------------- */

/* The index of |id|; the count if it is not in the list. */
static uint32_t list_find(const struct model_list *list, const struct member_id *id) {
    uint32_t at = 0;
    while (at < list->count && !member_id_equal(&list->ids[at], id))
        at++;
    return at;
}

static bool list_has(const struct model_list *list, const struct member_id *id) {
    return list_find(list, id) < list->count;
}

static void list_add(struct model_list *list, const struct member_id *id) {
    FUZZ_CHECK(member_id_valid(member_id_text(id)) && !list_has(list, id) &&
               list->count < WIRE_ROOM_MEMBERS_MAX);
    list->ids[list->count++] = *id;
}

static void list_remove_at(struct model_list *list, uint32_t at) {
    FUZZ_CHECK(at < list->count);
    list->count--;
    memmove(&list->ids[at], &list->ids[at + 1], (list->count - at) * sizeof *list->ids);
}

/* --- rooms, from the notes -------------------------------------------------------------------- */

static struct model_room *find_room(struct model *model, const struct room_id *id) {
    for (size_t i = 0; i <= MODEL_ROOMS_MAX; i++) {
        struct model_room *room = &model->rooms[i];
        if (room_id_compare(&room->id, id) != 0)
            continue;
        FUZZ_CHECK(slice_equal(room_id_text(&room->id),
                               room_id_text(id))); /* the hub keeps the first spelling */
        return room;
    }
    return NULL;
}

static struct model_room *take_room(struct model *model, const struct room_id *id) {
    struct model_room *room = find_room(model, id);
    if (room)
        return room;
    room = find_room(model, &(struct room_id){0});
    FUZZ_CHECK(room && room_id_valid(room_id_text(id)));
    *room = (struct model_room){.id = *id};
    return room;
}

static void note_joined(struct model *model, struct model_room *room,
                        const struct hub_action *action) {
    list_add(&room->members, action->member);
    room->places[room->members.count - 1] =
        (struct model_place){.handle = action->to, .number = model->number};
    FUZZ_CHECK(room->members.count <= model->config.room_members_max);
}

static void note_left(struct model_room *room, uint32_t at) {
    list_remove_at(&room->members, at);
    memmove(&room->places[at], &room->places[at + 1],
            (room->members.count - at) * sizeof *room->places);
    if (room->members.count == 0)
        room->id = (struct room_id){0};
}

/* An older join never replaces a newer one. A join without a number has no order. */
static void note_back(const struct model *model, struct model_place *place,
                      const struct hub_action *action) {
    FUZZ_CHECK(model->number == 0 || model->number >= place->number);
    *place = (struct model_place){.handle = action->to, .number = model->number};
}

static void note_away(const struct model *model, struct model_place *place,
                      const struct hub_action *action) {
    FUZZ_CHECK(!place->absent && model->config.grace_ms > 0 && !model->draining);
    place->handle = action->to;
    place->absent = true;
    place->leaving = model->leaving;
    place->absent_ms = model->now_ms;
}

static void take_room_note(struct model *model, const struct hub_action *action) {
    struct model_room *room = take_room(model, action->room);
    uint32_t at = list_find(&room->members, action->member);
    if (action->note == HUB_NOTE_JOINED) {
        note_joined(model, room, action);
    } else if (action->note == HUB_NOTE_LEFT) {
        note_left(room, at);
    } else {
        FUZZ_CHECK(at < room->members.count);
        if (action->note == HUB_NOTE_BACK)
            note_back(model, &room->places[at], action);
        else
            note_away(model, &room->places[at], action);
    }
    FUZZ_CHECK(action->members == room->members.count);
    if (action->note == HUB_NOTE_JOINED || action->note == HUB_NOTE_BACK) {
        model->connections[action->to].id = *action->member;
        model->entered = room;
    }
}

/* --- what members are told -------------------------------------------------------------------- */

/* How many members of |room| the others know. */
static uint32_t count_known(const struct model_room *room) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < room->members.count; i++)
        count += !room->places[i].leaving;
    return count;
}

/* A welcome lists everybody else in the room, in the order of arrival. */
static void hear_welcome(struct model *model, struct model_connection *connection,
                         const struct wire_message *message) {
    const struct model_room *room = find_room(model, &message->room);
    FUZZ_CHECK(room && !model->draining);
    FUZZ_CHECK(member_id_equal(&message->member, &connection->id));
    FUZZ_CHECK(message->member_count + 1 == count_known(room));
    FUZZ_CHECK(message->hello_count == 0 || message->hello_count == message->member_count);
    connection->in_room = true;
    connection->heard = (struct model_list){0};
    for (uint32_t i = 0, k = 0; i < room->members.count; i++) {
        const struct member_id *id = &room->members.ids[i];
        if (member_id_equal(id, &message->member) || room->places[i].leaving)
            continue;
        FUZZ_CHECK(member_id_equal(&message->members[k++], id));
        list_add(&connection->heard, id);
    }
}

/* Nobody gets relay credentials while alone in a room. */
static void check_relays(struct model *model, const struct wire_message *message,
                         const struct model_connection *connection) {
    size_t relays = 0;
    uint32_t others = 0;
    for (size_t i = 0; i < message->ice_server_count; i++)
        relays += wire_ice_url_is_turn(message->ice_servers[i].url);
    for (size_t i = 0; i <= MODEL_ROOMS_MAX; i++)
        if (list_has(&model->rooms[i].members, &connection->id))
            others = model->rooms[i].members.count - 1;
    FUZZ_CHECK((relays > 0) == (model->config.turn && others > 0));
}

static void hear(struct model *model, struct model_connection *connection,
                 const struct wire_message *message) {
    struct model_list *heard = &connection->heard;
    FUZZ_CHECK(connection->in_room || message->type == WIRE_WELCOME || message->type == WIRE_PONG ||
               message->type == WIRE_ERROR);
    if (message->type == WIRE_WELCOME || message->type == WIRE_CREDENTIALS)
        check_relays(model, message, connection);
    switch (message->type) {
    case WIRE_WELCOME:
        hear_welcome(model, connection, message);
        break;
    case WIRE_JOINED:
        if (!message->back || !list_has(heard, &message->member))
            list_add(heard, &message->member);
        break;
    case WIRE_LEFT:
        list_remove_at(heard, list_find(heard, &message->member));
        break;
    case WIRE_PONG:
    case WIRE_ERROR:
        break;
    case WIRE_CREDENTIALS:
        FUZZ_CHECK(!message->ice_seconds == !model->config.turn);
        break;

        WIRE_SIGNALS(WIRE_CASE) /* from a member of the same room */
    case WIRE_RELAY:
        FUZZ_CHECK(list_has(heard, &message->member));
        break;
    case WIRE_JOIN: /* these go to the server */
    case WIRE_LEAVE:
    case WIRE_PING:
    case WIRE_RELAY_FAILED:
    case WIRE_TYPE_COUNT:
        FUZZ_CHECK(false);
    }
}

/* The rate of joins that others are told of is limited. */
static void count_join(struct model *model) {
    struct model_room *room = model->entered;
    if (!room)
        return; /* another member's message already counted it */
    model->entered = NULL;
    if (room->joins_heard++ == 0)
        room->joins_since_ms = model->now_ms;
    uint64_t steps = (model->now_ms - room->joins_since_ms) / HUB_JOIN_STEP_MS;
    FUZZ_CHECK(room->joins_heard <= HUB_JOINS_AT_ONCE * model->config.room_members_max +
                                        HUB_RETURNS_KEPT + HUB_JOINS_KEPT + steps);
}

static bool is_signal(enum wire_type type) {
    return wire_type_goes(type, WIRE_TO_SERVER) && wire_type_goes(type, WIRE_TO_PAGE) &&
           type != WIRE_CREDENTIALS;
}

static void take_send(struct model *model, struct model_connection *connection,
                      const struct hub_action *action) {
    struct wire_message message;
    FUZZ_CHECK(wire_read(action->bytes, WIRE_TO_PAGE, &message) == PARLEY_OK);
    FUZZ_CHECK((action->from != HUB_NOBODY) == is_signal(message.type));
    if (message.type == WIRE_JOINED)
        count_join(model);
    hear(model, connection, &message);
    wire_message_deinit(&message);
}

static void take_close(struct model_connection *connection, const struct hub_action *action) {
    FUZZ_CHECK(action->error == WIRE_ERROR_COUNT
                   ? action->close_code == 1000
                   : action->close_code == wire_error_close_code(action->error));
    connection->closed = true;
    connection->in_room = false;
}

static void take(struct model *model, const struct hub_action *action) {
    FUZZ_CHECK(action->to < MODEL_HANDLES);
    struct model_connection *connection = &model->connections[action->to];
    if (action->kind != HUB_NOTE)
        FUZZ_CHECK(connection->connected && !connection->closed);
    FUZZ_CHECK((uintptr_t)action->transport == (connection->connected ? connection->transport : 0));
    if (action->kind == HUB_SEND)
        take_send(model, connection, action);
    else if (action->kind == HUB_CLOSE)
        take_close(connection, action);
    else if (action->note <= HUB_NOTE_BACK)
        take_room_note(model, action);
}

/* --- comparing -------------------------------------------------------------------------------- */

static void compare_stats(const struct model *model) {
    struct hub_stats stats = hub_stats(model->hub), own = {0};
    for (size_t i = 0; i < MODEL_HANDLES; i++)
        own.connections += model->connections[i].connected;
    for (size_t i = 0; i <= MODEL_ROOMS_MAX; i++) {
        own.rooms += model->rooms[i].id.len > 0;
        own.members += model->rooms[i].members.count;
        for (uint32_t k = 0; k < model->rooms[i].members.count; k++)
            own.absent += model->rooms[i].places[k].absent;
    }
    FUZZ_CHECK(stats.connections == own.connections && stats.rooms == own.rooms);
    FUZZ_CHECK(stats.members == own.members && stats.absent == own.absent);
    FUZZ_CHECK(own.connections <= model->config.connections_max);
    FUZZ_CHECK(own.rooms <= model->config.rooms_max);
    FUZZ_CHECK(own.absent <= model->config.connections_max);
}

/* Checks that |connection|, the member |at| of the room, was told of everybody else in it. */
static void compare_heard(const struct model_connection *connection, const struct model_room *room,
                          uint32_t at) {
    for (uint32_t i = 0; i < room->members.count; i++)
        FUZZ_CHECK((i == at || room->places[i].leaving) !=
                   list_has(&connection->heard, &room->members.ids[i]));
}

/* Returns how many members are present. */
static uint32_t compare_room(const struct model *model, const struct model_room *room) {
    uint32_t present = 0;
    for (uint32_t i = 0; i < room->members.count; i++) {
        const struct model_place *place = &room->places[i];
        if (place->absent)
            continue;
        const struct model_connection *connection = &model->connections[place->handle];
        FUZZ_CHECK(connection->connected && connection->in_room);
        FUZZ_CHECK(model->draining || connection->heard.count + 1 == count_known(room));
        compare_heard(connection, room, i);
        present++;
    }
    return present;
}

static void compare(const struct model *model) {
    uint32_t in_rooms = 0, present = 0;
    compare_stats(model);
    for (size_t i = 0; i <= MODEL_ROOMS_MAX; i++)
        present += compare_room(model, &model->rooms[i]);
    for (size_t i = 0; i < MODEL_HANDLES; i++)
        in_rooms += model->connections[i].connected && model->connections[i].in_room;
    FUZZ_CHECK(in_rooms == present);
}

void model_follow(struct model *model) {
    struct hub_action action;
    model->entered = NULL;
    while (hub_next_action(model->hub, &action))
        take(model, &action);
    compare(model);
}

/* --- inputs ----------------------------------------------------------------------------------- */

void model_connect(struct model *model, const uint8_t random[HUB_RANDOM_BYTES]) {
    bool full = hub_stats(model->hub).connections == model->config.connections_max;
    uintptr_t transport = ++model->last_transport;
    hub_handle handle;
    int error = hub_connect(model->hub, model->now_ms, (void *)transport, random, &handle);
    FUZZ_CHECK(error == (full ? PARLEY_ERR_FULL : PARLEY_OK));
    if (!error) {
        FUZZ_CHECK(handle < 2 * model->config.connections_max);
        FUZZ_CHECK(!model->connections[handle].connected);
        hub_set_address_key(model->hub, handle, random[0] % 3);
        model->connections[handle] =
            (struct model_connection){.connected = true, .transport = transport};
    }
    model_follow(model);
}

void model_receive(struct model *model, hub_handle handle, struct slice bytes) {
    struct wire_message message;
    bool is_read = wire_read(bytes, WIRE_TO_SERVER, &message) == PARLEY_OK;
    model->number = is_read && message.type == WIRE_JOIN ? message.number : 0;
    model->leaving = is_read && message.type == WIRE_LEAVE && message.back;
    if (is_read)
        wire_message_deinit(&message);
    hub_receive(model->hub, model->now_ms, handle, bytes);
    model_follow(model);
    model->leaving = false;
}

static uint32_t grace_ms(const struct model *model, bool leaving) {
    uint32_t lost_ms = model->config.grace_ms;
    return leaving && lost_ms > HUB_LEAVING_MS ? HUB_LEAVING_MS : lost_ms;
}

void model_check_waiting(const struct model *model) {
    for (size_t i = 0; i <= MODEL_ROOMS_MAX; i++)
        for (uint32_t k = 0; k < model->rooms[i].members.count; k++) {
            const struct model_place *place = &model->rooms[i].places[k];
            FUZZ_CHECK(!place->absent ||
                       model->now_ms < place->absent_ms + grace_ms(model, place->leaving));
        }
}

void model_disconnect(struct model *model, hub_handle handle) {
    model->connections[handle] = (struct model_connection){0};
    hub_disconnect(model->hub, model->now_ms, handle);
    model_follow(model);
}

bool model_is_connected(const struct model *model, hub_handle handle) {
    return model->connections[handle].connected;
}

struct member_id model_some_member(const struct model *model, uint32_t index) {
    for (size_t i = 0; i <= MODEL_ROOMS_MAX; i++) {
        if (index < model->rooms[i].members.count)
            return model->rooms[i].members.ids[index];
        index -= model->rooms[i].members.count;
    }
    return (struct member_id){0};
}
