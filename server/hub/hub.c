#include "hub_state.h"

#include "error.h"

#include <stdlib.h>
#include <string.h>

#define ACTIONS_PER_TICK 256 /* about: keeps one tick's messages within the arena */
#define ARENA_BYTES_MAX (8u * WIRE_MESSAGE_BYTES_MAX + WIRE_WELCOME_BYTES_MAX)

_Static_assert(HUB_RANDOM_BYTES == ID_ROOM_RANDOM_BYTES, "what a room id is made of");
_Static_assert(HUB_BAD_MESSAGES_MAX < 16 && CLOSING < 16, "four bits each in struct hub_member");
_Static_assert(HUB_STUN_URL_BYTES_MAX <= WIRE_ICE_FIELD_BYTES_MAX, "a message carries it");
_Static_assert(TURN_USERNAME_BYTES_MAX <= WIRE_ICE_FIELD_BYTES_MAX, "and this");

void hub_close_member(struct hub *hub, uint32_t index, uint16_t code, enum wire_error error,
                      enum hub_departure departure) {
    hub_take_out(hub, index, departure);
    hub_push_close(hub, index, code, error);
}

/* A member that reads too slowly, or writes too fast, may come back to its place; one that broke
 * the rules may not. */
void hub_refuse(struct hub *hub, uint32_t index, enum wire_error error) {
    uint16_t code = wire_error_close_code(error);
    hub_note_refused(hub, index, error);
    hub_send_error(hub, index, error);
    if (code)
        hub_close_member(hub, index, code, error,
                         error == WIRE_ERROR_TOO_SLOW || error == WIRE_ERROR_TOO_FAST ? LOST
                                                                                      : GONE);
}

/* Messages */

/* The receiver of a signal of |index|: one member of its own room. HUB_NONE: the signal is
 * refused. */
static uint32_t find_target(struct hub *hub, uint32_t index, const struct member_id *id) {
    const struct hub_member *member = &hub->members[index];
    uint32_t target = HUB_NONE;
    if (member->state == IN_ROOM)
        target = hub_find_member(hub, &hub->rooms[member->room], id);
    if (target != HUB_NONE && target != index && !hub->members[target].leaving)
        return target;
    hub_refuse(hub, index,
               member->state == IN_ROOM ? WIRE_ERROR_NO_SUCH_MEMBER : WIRE_ERROR_JOIN_FIRST);
    return HUB_NONE;
}

/* Two members have met when one answers the other. Sealed signals that go both ways are taken for
 * an offer and its answer. */
static void note_meeting(struct hub_member *from, struct hub_member *to, enum wire_type type) {
    from->sealed |= type == WIRE_SEALED;
    if (type == WIRE_ANSWER || (type == WIRE_SEALED && to->sealed))
        from->met = to->met = true;
}

/* Passes on a signal or a relay, which now has the true sender. Those to an absent member are
 * dropped: they would be stale later, when both start anew. */
static void pass_on(struct hub *hub, uint32_t target, struct hub_message stored) {
    if (stored.type == WIRE_RELAY && !hub_may_relay(hub, stored.from, stored.len))
        return;
    note_meeting(&hub->members[stored.from], &hub->members[target], stored.type);
    if (hub->members[target].state == IN_ROOM)
        hub_send_stored(hub, target, stored);
}

static void relay(struct hub *hub, uint32_t index, struct wire_message *message) {
    uint32_t target = find_target(hub, index, &message->member);
    if (target == HUB_NONE)
        return;
    message->member = hub->members[index].id;
    struct hub_message stored;
    if (hub_store_foreign(hub, message, index, &stored)) /* "from" is longer than "to" was */
        hub_refuse(hub, index, WIRE_ERROR_TOO_BIG);
    else
        pass_on(hub, target, stored);
}

/* The same for one that goes on as it came. */
static void relay_as_it_is(struct hub *hub, uint32_t index, const struct wire_relay *signal) {
    uint32_t target = find_target(hub, index, &signal->member);
    if (target != HUB_NONE)
        pass_on(hub, target, hub_store_relay(hub, signal, index));
}

static void answer_ping(struct hub *hub, uint32_t index) {
    hub_send_stored(hub, index, hub_store(hub, &(struct wire_message){.type = WIRE_PONG}));
}

static void answer_credentials(struct hub *hub, uint32_t index) {
    if (hub->members[index].state == IN_ROOM)
        hub_send_relays(hub, index);
    else
        hub_refuse(hub, index, WIRE_ERROR_JOIN_FIRST);
}

/* Notes a page's report about a relay, if it has one; the log has its own limit. */
static void note_relay(struct hub *hub, uint32_t index, uint32_t status) {
    if (hub->members[index].state != IN_ROOM)
        hub_refuse(hub, index, WIRE_ERROR_JOIN_FIRST);
    else if (hub_offers_relay(hub, index))
        hub_note_relay_failed(hub, index, status);
}

static void receive_message(struct hub *hub, uint32_t index, struct wire_message *message) {
    switch (message->type) {
    case WIRE_JOIN:
        hub_receive_join(hub, index, message);
        break;
    case WIRE_LEAVE:
        hub_close_member(hub, index, 1000, WIRE_ERROR_COUNT, message->back ? UNLOAD : GOODBYE);
        break;
    case WIRE_PING:
        answer_ping(hub, index);
        break;
    case WIRE_CREDENTIALS:
        answer_credentials(hub, index);
        break;
    case WIRE_RELAY_FAILED:
        note_relay(hub, index, message->status);
        break;
        WIRE_SIGNALS(WIRE_CASE)
    case WIRE_RELAY:
        relay(hub, index, message);
        break;
    case WIRE_WELCOME:
    case WIRE_JOINED:
    case WIRE_LEFT:
    case WIRE_PONG:
    case WIRE_ERROR:
    case WIRE_TYPE_COUNT: /* wire_read refuses these */
        break;
    }
}

static enum wire_error error_for(int read_error) {
    return read_error == PARLEY_ERR_ROOM      ? WIRE_ERROR_BAD_ROOM
           : read_error == PARLEY_ERR_UTF8    ? WIRE_ERROR_NOT_UTF8
           : read_error == PARLEY_ERR_TOO_BIG ? WIRE_ERROR_TOO_BIG
                                              : WIRE_ERROR_BAD_MESSAGE;
}

static void refuse_unread(struct hub *hub, uint32_t index, int read_error) {
    struct hub_member *member = &hub->members[index];
    bool too_many = member->bad_messages == HUB_BAD_MESSAGES_MAX;
    if (!too_many)
        member->bad_messages++;
    hub_refuse(hub, index, too_many ? WIRE_ERROR_TOO_MANY_BAD : error_for(read_error));
}

/* Inputs */

static void begin_input(struct hub *hub, uint64_t now_ms) {
    PARLEY_CHECK(hub->queue_head ==
                 hub->queue_len); /* the contract: drained before the next input */
    hub->queue_head = hub->queue_len = 0;
    hub->now_ms = now_ms;
    buffer_clear(&hub->arena);
}

static struct hub_member *connected_member(struct hub *hub, hub_handle handle) {
    PARLEY_CHECK(handle < hub->members_used && hub->members[handle].connected);
    return &hub->members[handle];
}

static bool is_heard(const struct hub_member *member) {
    return member->state == NEW || member->state == IN_ROOM;
}

int hub_connect(struct hub *hub, uint64_t now_ms, void *transport,
                const uint8_t random[HUB_RANDOM_BYTES], hub_handle *handle) {
    begin_input(hub, now_ms);
    if (hub->stats.connections == hub->config.connections_max)
        return PARLEY_ERR_FULL;
    *handle = hub_take_slot(hub);
    hub->members[*handle].transport = transport;
    memcpy(hub->members[*handle].room_random, random, HUB_RANDOM_BYTES);
    return PARLEY_OK;
}

void hub_set_address_key(struct hub *hub, hub_handle handle, uint32_t address_key) {
    connected_member(hub, handle)->address_key = address_key;
}

int hub_set_stun(struct hub *hub, hub_handle handle, struct slice url) {
    struct hub_member *member = connected_member(hub, handle);
    PARLEY_CHECK(member->state == NEW);
    if (url.len > HUB_STUN_URL_BYTES_MAX || !wire_ice_url_valid(url))
        return PARLEY_ERR_ARGUMENT;
    char *copy = hub_copy_text(url);
    if (!copy)
        return PARLEY_ERR_NO_MEMORY;
    free(member->stun_url);
    member->stun_url = copy;
    return PARLEY_OK;
}

/* All but signals as wire_write writes them. */
static void receive_other(struct hub *hub, uint32_t index, struct slice bytes) {
    struct wire_message message;
    int error = wire_read(bytes, WIRE_TO_SERVER, &message);
    if (error) {
        refuse_unread(hub, index, error);
        return;
    }
    hub->received[message.type]++;
    if (hub->config.trace)
        hub_note_message(hub, index, message.type, &message.member, bytes.len);
    receive_message(hub, index, &message);
    wire_message_deinit(&message);
}

void hub_receive(struct hub *hub, uint64_t now_ms, hub_handle handle, struct slice bytes) {
    struct wire_relay signal;
    begin_input(hub, now_ms);
    if (!is_heard(connected_member(hub, handle)))
        return;
    if (!wire_relay_read(bytes, &signal)) {
        receive_other(hub, handle, bytes);
        return;
    }
    hub->received[signal.type]++;
    if (hub->config.trace)
        hub_note_message(hub, handle, signal.type, &signal.member, bytes.len);
    relay_as_it_is(hub, handle, &signal);
}

void hub_violation(struct hub *hub, uint64_t now_ms, hub_handle handle, enum wire_error error) {
    begin_input(hub, now_ms);
    if (is_heard(connected_member(hub, handle)))
        hub_refuse(hub, handle, error);
}

bool hub_is_in_room(const struct hub *hub, hub_handle handle) {
    PARLEY_CHECK(handle < hub->members_used);
    return hub->members[handle].state == IN_ROOM;
}

/* The place in a room that |join| is for; HUB_NONE: there is none. */
static uint32_t find_place_of(struct hub *hub, const struct wire_message *join) {
    struct member_id id;
    struct hub_room *room = join->room.len == 0 ? NULL : hub_find_room(hub, &join->room);
    if (!room)
        return HUB_NONE;
    member_id_of(&join->room, &join->token, &id);
    return hub_find_member(hub, room, &id);
}

bool hub_returns(struct hub *hub, uint64_t now_ms, struct slice bytes) {
    struct wire_message message;
    uint32_t place = HUB_NONE;
    if (wire_read(bytes, WIRE_TO_SERVER, &message))
        return false;
    if (message.type == WIRE_JOIN)
        place = find_place_of(hub, &message);
    wire_message_deinit(&message);
    return place != HUB_NONE &&
           now_ms / 1000 >= (uint64_t)hub->members[place].joined_s + HUB_RETURN_SECONDS;
}

void hub_disconnect(struct hub *hub, uint64_t now_ms, hub_handle handle) {
    begin_input(hub, now_ms);
    PARLEY_CHECK(connected_member(hub, handle)->state != FREE);
    hub_lose_connection(hub, handle);
}

static uint64_t deadline_of(const struct hub *hub, const struct hub_list *list) {
    return list->first == HUB_NONE ? NO_DEADLINE : hub->members[list->first].deadline_ms;
}

/* When to send the next one away: the first at once, and the last before the end. */
static uint64_t drain_due_ms(const struct drain *drain) {
    return drain->told == drain->people
               ? NO_DEADLINE
               : drain->start_ms + drain->duration_ms * drain->told / drain->people;
}

/* Tells somebody to go elsewhere; the rest of the room hears nothing. */
static void send_away(struct hub *hub, uint32_t index) {
    hub_send_error(hub, index, WIRE_ERROR_RESTARTING);
    hub_close_member(hub, index, wire_error_close_code(WIRE_ERROR_RESTARTING),
                     WIRE_ERROR_RESTARTING, SILENT);
}

/* Members who left since they were counted are passed over. */
static void drain_next(struct hub *hub) {
    struct drain *drain = &hub->drain;
    while (drain->next < hub->members_used && hub->members[drain->next].state != IN_ROOM)
        drain->next++;
    if (drain->next == hub->members_used) {
        drain->told = drain->people;
        return;
    }
    drain->told++;
    send_away(hub, drain->next);
}

void hub_tick(struct hub *hub, uint64_t now_ms) {
    begin_input(hub, now_ms);
    while (hub_deadline_ms(hub) <= now_ms && hub->queue_len < ACTIONS_PER_TICK) {
        if (deadline_of(hub, &hub->waiting) <= now_ms)
            hub_refuse(hub, hub->waiting.first, WIRE_ERROR_JOIN_TIMEOUT);
        else if (deadline_of(hub, &hub->absent) <= now_ms)
            hub_take_out(hub, hub->absent.first, GONE);
        else if (deadline_of(hub, &hub->leaving) <= now_ms)
            hub_take_out(hub, hub->leaving.first, GONE);
        else
            drain_next(hub);
    }
}

static void forget_absent(struct hub *hub) {
    while (hub->absent.first != HUB_NONE)
        hub_take_out(hub, hub->absent.first, SILENT);
    while (hub->leaving.first != HUB_NONE)
        hub_take_out(hub, hub->leaving.first, SILENT);
}

void hub_drain(struct hub *hub, uint64_t now_ms, uint64_t duration_ms) {
    begin_input(hub, now_ms);
    if (hub->drain.on)
        return;
    forget_absent(hub);
    hub->drain = (struct drain){
        .on = true, .start_ms = now_ms, .duration_ms = duration_ms, .people = hub->stats.members};
}

bool hub_is_draining(const struct hub *hub) {
    return hub->drain.on;
}

void hub_shut_down(struct hub *hub, uint64_t now_ms) {
    begin_input(hub, now_ms);
    struct wire_message message = wire_error_message(WIRE_ERROR_SHUTTING_DOWN);
    struct hub_message goodbye = hub_store(hub, &message);
    forget_absent(hub);
    for (uint32_t i = 0; i < hub->members_used; i++) {
        if (!is_heard(&hub->members[i]))
            continue;
        hub_send_stored(hub, i, goodbye);
        hub_close_member(hub, i, wire_error_close_code(WIRE_ERROR_SHUTTING_DOWN),
                         WIRE_ERROR_SHUTTING_DOWN, SILENT);
    }
}

/* Outputs */

bool hub_next_action(struct hub *hub, struct hub_action *action) {
    if (hub->queue_head == hub->queue_len)
        return false;
    const struct queued *queued = &hub->queue[hub->queue_head++];
    *action = queued->action;
    switch (action->kind) {
    case HUB_SEND:
        action->bytes.bytes = hub->arena.bytes + queued->bytes_at;
        break;
    case HUB_NOTE:
        if (action->target)
            action->target = (const struct member_id *)(hub->arena.bytes + queued->bytes_at);
        break;
    case HUB_CLOSE:
        break;
    }
    return true;
}

uint64_t hub_deadline_ms(const struct hub *hub) {
    uint64_t join_ms = deadline_of(hub, &hub->waiting);
    uint64_t grace_ms = deadline_of(hub, &hub->absent);
    uint64_t leaving_ms = deadline_of(hub, &hub->leaving);
    uint64_t drain_ms = drain_due_ms(&hub->drain);
    return deadline_earlier(deadline_earlier(join_ms, grace_ms),
                            deadline_earlier(leaving_ms, drain_ms));
}

struct hub_stats hub_stats(const struct hub *hub) {
    return hub->stats;
}

const uint64_t *hub_received(const struct hub *hub) {
    return hub->received;
}

/* Life */

static bool config_valid(const struct hub_config *config) {
    size_t turn_urls = config->turn ? config->turn->url_count : 0;
    return config->connections_max > 0 &&
           config->connections_max < HUB_NONE / HUB_SLOTS_PER_CONNECTION && config->rooms_max > 0 &&
           config->rooms_max < HUB_NONE && config->room_members_max > 0 &&
           config->room_members_max <= WIRE_ROOM_MEMBERS_MAX && turn_urls <= HUB_ICE_SERVERS_MAX &&
           config->ice_server_count <= HUB_ICE_SERVERS_MAX - turn_urls;
}

/* The largest possible welcome must fit, or nobody could join. */
static int try_welcome(struct hub *hub) {
    char stun_url[HUB_STUN_URL_BYTES_MAX];
    struct turn_offer offer;
    memset(stun_url, 'a', sizeof stun_url);
    memcpy(stun_url, "stun:", strlen("stun:"));
    hub_offer_all_ice_servers(hub, (struct slice){stun_url, sizeof stun_url}, &offer);
    struct wire_message message = {.type = WIRE_WELCOME,
                                   .version = WIRE_VERSION,
                                   .room = {.len = WIRE_ROOM_ID_BYTES_MAX},
                                   .members = hub->others,
                                   .member_count = hub->config.room_members_max - 1,
                                   .ice_servers = offer.servers,
                                   .ice_server_count = offer.count,
                                   .ice_seconds = offer.seconds,
                                   .room_members_max = hub->config.room_members_max};
    memset(message.room.bytes, 'a', sizeof message.room.bytes);
    memset(message.member.bytes, 'a', sizeof message.member.bytes);
    for (size_t i = 0; i < message.member_count; i++)
        hub->others[i] = message.member;
    struct hub_message stored;
    int error = hub_store_foreign(hub, &message, HUB_NONE, &stored);
    struct wire_message read;
    if (!error)
        error = wire_read(buffer_slice(&hub->arena), WIRE_TO_PAGE, &read);
    if (!error)
        wire_message_deinit(&read);
    return error ? PARLEY_ERR_ARGUMENT : PARLEY_OK;
}

/* calloc: pages that were never written cost nothing, however many people could connect. */
static int take_memory(struct hub *hub) {
    const struct hub_config *config = &hub->config;
    buffer_init(&hub->arena, ARENA_BYTES_MAX);
    hub->waiting = hub->absent = hub->leaving = hub->deserted =
        (struct hub_list){HUB_NONE, HUB_NONE};
    hub->free_member = hub->free_room = HUB_NONE;
    size_t slots = (size_t)HUB_SLOTS_PER_CONNECTION * config->connections_max;
    hub->members = calloc(slots, sizeof *hub->members);
    hub->hellos = calloc(slots, sizeof *hub->hellos);
    hub->relayed_by = calloc(slots, sizeof *hub->relayed_by);
    hub->rooms = calloc((size_t)config->rooms_max + 1, sizeof *hub->rooms);
    hub->others = calloc(config->room_members_max, sizeof *hub->others);
    hub->others_hellos = calloc(config->room_members_max, sizeof *hub->others_hellos);
    return hub->members && hub->hellos && hub->relayed_by && hub->rooms && hub->others &&
                   hub->others_hellos
               ? PARLEY_OK
               : PARLEY_ERR_NO_MEMORY;
}

int hub_create(struct hub **out, const struct hub_config *config) {
    *out = NULL;
    if (!config_valid(config))
        return PARLEY_ERR_ARGUMENT;
    struct hub *hub = calloc(1, sizeof *hub);
    if (!hub)
        return PARLEY_ERR_NO_MEMORY;
    hub->config = *config;
    int error = take_memory(hub);
    if (!error)
        error = try_welcome(hub);
    if (error) {
        hub_destroy(hub);
        return error;
    }
    *out = hub;
    return PARLEY_OK;
}

void hub_destroy(struct hub *hub) {
    if (!hub)
        return;
    hub_forget_rooms(hub);
    for (uint32_t i = 0; i < hub->members_used; i++) {
        if (hub->members[i].state == NEW)
            free(hub->members[i].stun_url);
        free(hub->hellos[i]);
    }
    buffer_deinit(&hub->arena);
    free(hub->queue);
    free(hub->others_hellos);
    free(hub->others);
    free(hub->rooms);
    free(hub->relayed_by);
    free(hub->hellos);
    free(hub->members);
    free(hub);
}
