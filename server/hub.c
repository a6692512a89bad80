#include "hub.h"

#include "error.h"
#include "id.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX
#define ROOM_ID_WORDS 5      /* 16 bits each: nobody guesses 80 */
#define REFUSALS_PER_TICK 64 /* keeps one input's messages within the arena */
#define ARENA_BYTES_MAX (8u * WIRE_MESSAGE_BYTES_MAX)

enum member_state { FREE, NEW, IN_ROOM, CLOSING };

struct member {
    void *transport;
    uint64_t join_deadline_ms;
    uint32_t room;       /* index, IN_ROOM only */
    uint32_t next, prev; /* FREE: free list; NEW: by deadline; IN_ROOM: in order of arrival */
    uint8_t state;       /* enum member_state */
    uint8_t bad_messages;
    char id[WIRE_MEMBER_ID_BYTES];
    uint8_t room_random[ID_ROOM_RANDOM_BYTES];
};

struct list {
    uint32_t first, last;
};

struct room {
    struct list members;
    uint32_t member_count;
    uint32_t next_free;
    uint8_t id_len;
    char id[WIRE_ROOM_ID_BYTES_MAX];
};

/* An action whose bytes lie in the arena, which may still move. */
struct queued {
    struct hub_action action;
    size_t bytes_at;
};

struct hub {
    struct hub_config config;
    struct member *members;
    struct room *rooms;
    void *room_tree; /* tsearch by id: ids are the clients' choice, so no hash for them to attack */
    struct list waiting; /* NEW members, the earliest deadline first */
    uint32_t free_member, free_room;
    struct hub_stats stats;
    struct queued *queue;
    size_t queue_head, queue_len, queue_capacity;
    struct buffer arena; /* the bytes of this input's actions */
};

/* Lists through members' next and prev */

static void list_append(struct hub *hub, struct list *list, uint32_t index) {
    struct member *member = &hub->members[index];
    member->next = NONE;
    member->prev = list->last;
    if (list->last == NONE)
        list->first = index;
    else
        hub->members[list->last].next = index;
    list->last = index;
}

static void list_remove(struct hub *hub, struct list *list, uint32_t index) {
    struct member *member = &hub->members[index];
    if (member->prev == NONE)
        list->first = member->next;
    else
        hub->members[member->prev].next = member->next;
    if (member->next == NONE)
        list->last = member->prev;
    else
        hub->members[member->next].prev = member->prev;
}

static struct slice member_id(const struct member *member) {
    return (struct slice){member->id, member->id[0] ? WIRE_MEMBER_ID_BYTES : 0};
}

static struct slice room_id(const struct room *room) {
    return (struct slice){room->id, room->id_len};
}

/* Actions */

static void push(struct hub *hub, const struct hub_action *action, size_t bytes_at) {
    if (hub->queue_len == hub->queue_capacity) {
        size_t capacity = hub->queue_capacity ? 2 * hub->queue_capacity : 64;
        struct queued *queue = realloc(hub->queue, capacity * sizeof *queue);
        PARLEY_CHECK(queue); /* without it members would lose messages unnoticed */
        hub->queue = queue;
        hub->queue_capacity = capacity;
    }
    hub->queue[hub->queue_len++] = (struct queued){*action, bytes_at};
}

static struct hub_action action_for(const struct hub *hub, enum hub_action_kind kind,
                                    uint32_t index) {
    const struct member *member = &hub->members[index];
    return (struct hub_action){.kind = kind,
                               .to = index,
                               .transport = member->transport,
                               .member = member_id(member),
                               .error = WIRE_ERROR_COUNT};
}

/* A message in the arena, which any number of actions may send. */
struct stored {
    size_t at, len;
    enum wire_type type;
};

/* For a message that somebody else filled in: PARLEY_ERR_TOO_BIG is theirs. */
static int store_foreign(struct hub *hub, const struct wire_message *message,
                         struct stored *stored) {
    stored->at = hub->arena.len;
    stored->type = message->type;
    int error = wire_write(message, WIRE_TO_PAGE, &hub->arena);
    stored->len = hub->arena.len - stored->at;
    return error;
}

static struct stored store(struct hub *hub, const struct wire_message *message) {
    struct stored stored;
    PARLEY_CHECK(store_foreign(hub, message, &stored) == PARLEY_OK);
    return stored;
}

static bool is_relayed(enum wire_type type) {
    return type == WIRE_OFFER || type == WIRE_ANSWER || type == WIRE_CANDIDATE;
}

static void note_sent(struct hub *hub, uint32_t to, struct stored stored) {
    struct hub_action note = action_for(hub, HUB_NOTE, to);
    note.note = HUB_NOTE_SENT;
    note.type = stored.type;
    note.bytes_len = stored.len;
    push(hub, &note, 0);
}

static void send_stored(struct hub *hub, uint32_t to, struct stored stored) {
    struct hub_action action = action_for(hub, HUB_SEND, to);
    action.bytes.len = stored.len;
    action.relayed = is_relayed(stored.type);
    push(hub, &action, stored.at);
    if (hub->config.trace)
        note_sent(hub, to, stored);
}

static void send_to_room(struct hub *hub, const struct room *room, uint32_t except,
                         const struct wire_message *message) {
    struct stored stored = store(hub, message);
    for (uint32_t i = room->members.first; i != NONE; i = hub->members[i].next)
        if (i != except)
            send_stored(hub, i, stored);
}

static void note_room(struct hub *hub, enum hub_note note, uint32_t index,
                      const struct room *room) {
    struct hub_action action = action_for(hub, HUB_NOTE, index);
    action.note = note;
    action.room = room_id(room);
    action.members = room->member_count;
    push(hub, &action, 0);
}

/* The target is kept in the arena: the message that names it is gone when the note is read. */
static void note_message(struct hub *hub, uint32_t index, const struct wire_message *message,
                         size_t bytes_len) {
    struct hub_action action = action_for(hub, HUB_NOTE, index);
    size_t target_at = hub->arena.len;
    PARLEY_CHECK(buffer_append(&hub->arena, message->member) == PARLEY_OK);
    action.note = HUB_NOTE_MESSAGE;
    action.type = message->type;
    action.bytes_len = bytes_len;
    action.target.len = message->member.len;
    push(hub, &action, target_at);
}

/* Rooms */

static int compare_rooms(const void *left, const void *right) {
    const struct room *a = left, *b = right;
    int order = memcmp(a->id, b->id, a->id_len < b->id_len ? a->id_len : b->id_len);
    return order ? order : (int)a->id_len - (int)b->id_len;
}

static void set_room_id(struct room *room, struct slice id) {
    PARLEY_CHECK(id.len <= sizeof room->id);
    memcpy(room->id, id.bytes, id.len);
    room->id_len = (uint8_t)id.len;
}

static struct room *find_room(struct hub *hub, struct slice id) {
    struct room key;
    set_room_id(&key, id);
    struct room **found = tfind(&key, &hub->room_tree, compare_rooms);
    return found ? *found : NULL;
}

/* A new, empty room; NULL when there is no place for one. */
static struct room *make_room(struct hub *hub, struct slice id) {
    if (hub->free_room == NONE)
        return NULL;
    struct room *room = &hub->rooms[hub->free_room];
    uint32_t next_free = room->next_free;
    *room = (struct room){.members = {NONE, NONE}, .next_free = next_free};
    set_room_id(room, id);
    if (!tsearch(room, &hub->room_tree, compare_rooms))
        return NULL;
    hub->free_room = next_free;
    hub->stats.rooms++;
    return room;
}

static void free_room(struct hub *hub, struct room *room) {
    PARLEY_CHECK(tdelete(room, &hub->room_tree, compare_rooms));
    room->next_free = hub->free_room;
    hub->free_room = (uint32_t)(room - hub->rooms);
    hub->stats.rooms--;
}

enum farewell { SILENT, ANNOUNCED };

static void leave_room(struct hub *hub, uint32_t index, enum farewell farewell) {
    struct member *member = &hub->members[index];
    struct room *room = &hub->rooms[member->room];
    list_remove(hub, &room->members, index);
    room->member_count--;
    hub->stats.members--;
    note_room(hub, HUB_NOTE_LEFT, index, room);
    if (room->member_count == 0)
        free_room(hub, room);
    else if (farewell == ANNOUNCED)
        send_to_room(hub, room, index,
                     &(struct wire_message){.type = WIRE_LEFT, .member = member_id(member)});
}

/* Takes a member out of whatever it is in. */
static void take_out(struct hub *hub, uint32_t index, enum farewell farewell) {
    struct member *member = &hub->members[index];
    if (member->state == NEW)
        list_remove(hub, &hub->waiting, index);
    else if (member->state == IN_ROOM)
        leave_room(hub, index, farewell);
    member->state = CLOSING;
}

static void close_member(struct hub *hub, uint32_t index, uint16_t code, enum wire_error error,
                         enum farewell farewell) {
    take_out(hub, index, farewell);
    struct hub_action action = action_for(hub, HUB_CLOSE, index);
    action.close_code = code;
    action.error = error;
    push(hub, &action, 0);
}

/* Tells a member what was wrong and closes it where the error says so. */
static void refuse(struct hub *hub, uint32_t index, enum wire_error error) {
    struct hub_action note = action_for(hub, HUB_NOTE, index);
    note.note = HUB_NOTE_REFUSED;
    note.error = error;
    push(hub, &note, 0);
    send_stored(hub, index, store(hub, &(struct wire_message){.type = WIRE_ERROR, .error = error}));
    uint16_t code = wire_error_close_code(error);
    if (code)
        close_member(hub, index, code, error, ANNOUNCED);
}

/* Messages */

static void welcome(struct hub *hub, uint32_t index, const struct room *room) {
    struct wire_message message = {.type = WIRE_WELCOME,
                                   .version = WIRE_VERSION,
                                   .room = room_id(room),
                                   .member = member_id(&hub->members[index]),
                                   .ice_server_count = hub->config.ice_server_count,
                                   .room_members_max = hub->config.room_members_max};
    for (uint32_t i = room->members.first; i != NONE; i = hub->members[i].next)
        if (i != index)
            message.members[message.member_count++] = member_id(&hub->members[i]);
    for (size_t i = 0; i < hub->config.ice_server_count; i++)
        message.ice_servers[i] = hub->config.ice_servers[i];
    send_stored(hub, index, store(hub, &message));
}

static void enter(struct hub *hub, uint32_t index, struct room *room) {
    struct member *member = &hub->members[index];
    list_remove(hub, &hub->waiting, index);
    list_append(hub, &room->members, index);
    member->state = IN_ROOM;
    member->room = (uint32_t)(room - hub->rooms);
    room->member_count++;
    hub->stats.members++;
    note_room(hub, HUB_NOTE_JOINED, index, room);
    welcome(hub, index, room);
    send_to_room(hub, room, index,
                 &(struct wire_message){.type = WIRE_JOINED, .member = member_id(member)});
}

static void receive_join(struct hub *hub, uint32_t index, const struct wire_message *message) {
    struct member *member = &hub->members[index];
    if (member->state == IN_ROOM) {
        refuse(hub, index, WIRE_ERROR_JOINED_ALREADY);
        return;
    }
    if (message->version != WIRE_VERSION) {
        refuse(hub, index, WIRE_ERROR_BAD_VERSION);
        return;
    }
    char made[WIRE_ROOM_ID_BYTES_MAX];
    struct slice id = message->room;
    if (id.len == 0)
        id = (struct slice){made, id_make_room(member->room_random, made)};
    struct room *room = find_room(hub, id);
    if (!room)
        room = make_room(hub, id);
    if (!room)
        refuse(hub, index, WIRE_ERROR_TOO_MANY_ROOMS);
    else if (room->member_count >= hub->config.room_members_max)
        refuse(hub, index, WIRE_ERROR_ROOM_FULL);
    else
        enter(hub, index, room);
}

static uint32_t find_member(const struct hub *hub, const struct room *room, struct slice id) {
    uint32_t i = room->members.first;
    while (i != NONE && !slice_equal(member_id(&hub->members[i]), id))
        i = hub->members[i].next;
    return i;
}

/* An offer, answer or candidate: on to one member of the sender's own room, with the true sender.
 */
static void relay(struct hub *hub, uint32_t index, struct wire_message *message) {
    struct member *member = &hub->members[index];
    uint32_t target = find_member(hub, &hub->rooms[member->room], message->member);
    if (target == NONE || target == index) {
        refuse(hub, index, WIRE_ERROR_NO_SUCH_MEMBER);
        return;
    }
    message->member = member_id(member);
    struct stored stored;
    if (store_foreign(hub, message, &stored)) /* "from" is longer than "to" was */
        refuse(hub, index, WIRE_ERROR_TOO_BIG);
    else
        send_stored(hub, target, stored);
}

static void receive_message(struct hub *hub, uint32_t index, struct wire_message *message) {
    if (message->type == WIRE_JOIN)
        receive_join(hub, index, message);
    else if (message->type == WIRE_LEAVE)
        close_member(hub, index, 1000, WIRE_ERROR_COUNT, ANNOUNCED);
    else if (hub->members[index].state != IN_ROOM)
        refuse(hub, index, WIRE_ERROR_JOIN_FIRST);
    else
        relay(hub, index, message);
}

static enum wire_error error_for(int read_error) {
    return read_error == PARLEY_ERR_ROOM      ? WIRE_ERROR_BAD_ROOM
           : read_error == PARLEY_ERR_UTF8    ? WIRE_ERROR_NOT_UTF8
           : read_error == PARLEY_ERR_TOO_BIG ? WIRE_ERROR_TOO_BIG
                                              : WIRE_ERROR_BAD_MESSAGE;
}

static void refuse_unread(struct hub *hub, uint32_t index, int read_error) {
    struct member *member = &hub->members[index];
    bool too_many = member->bad_messages++ >= HUB_BAD_MESSAGES_MAX;
    refuse(hub, index, too_many ? WIRE_ERROR_TOO_MANY_BAD : error_for(read_error));
}

/* Inputs */

static void begin_input(struct hub *hub) {
    PARLEY_CHECK(hub->queue_head ==
                 hub->queue_len); /* the contract: drained before the next input */
    hub->queue_head = hub->queue_len = 0;
    buffer_clear(&hub->arena);
}

static struct member *used_member(struct hub *hub, hub_handle handle) {
    PARLEY_CHECK(handle < hub->config.connections_max && hub->members[handle].state != FREE);
    return &hub->members[handle];
}

int hub_connect(struct hub *hub, uint64_t now_ms, void *transport,
                const uint8_t random[HUB_RANDOM_BYTES], hub_handle *handle) {
    begin_input(hub);
    uint32_t index = hub->free_member;
    if (index == NONE)
        return PARLEY_ERR_FULL;
    struct member *member = &hub->members[index];
    hub->free_member = member->next;
    *member = (struct member){.transport = transport,
                              .join_deadline_ms = now_ms + hub->config.join_timeout_ms,
                              .state = NEW};
    id_make_member(random, member->id);
    memcpy(member->room_random, random + ID_MEMBER_RANDOM_BYTES, sizeof member->room_random);
    list_append(hub, &hub->waiting, index);
    hub->stats.connections++;
    *handle = index;
    return PARLEY_OK;
}

void hub_receive(struct hub *hub, uint64_t now_ms, hub_handle handle, struct slice bytes) {
    (void)now_ms;
    begin_input(hub);
    if (used_member(hub, handle)->state == CLOSING)
        return;
    struct wire_message message;
    int error = wire_read(bytes, WIRE_TO_SERVER, &message);
    if (error) {
        refuse_unread(hub, handle, error);
        return;
    }
    if (hub->config.trace)
        note_message(hub, handle, &message, bytes.len);
    receive_message(hub, handle, &message);
    wire_message_deinit(&message);
}

void hub_violation(struct hub *hub, uint64_t now_ms, hub_handle handle, enum wire_error error) {
    (void)now_ms;
    begin_input(hub);
    if (used_member(hub, handle)->state != CLOSING)
        refuse(hub, handle, error);
}

void hub_disconnect(struct hub *hub, uint64_t now_ms, hub_handle handle) {
    (void)now_ms;
    begin_input(hub);
    struct member *member = used_member(hub, handle);
    if (member->state != CLOSING)
        take_out(hub, handle, ANNOUNCED);
    member->state = FREE;
    member->next = hub->free_member;
    hub->free_member = handle;
    hub->stats.connections--;
}

void hub_tick(struct hub *hub, uint64_t now_ms) {
    begin_input(hub);
    for (int i = 0; i < REFUSALS_PER_TICK && hub_deadline_ms(hub) <= now_ms; i++)
        refuse(hub, hub->waiting.first, WIRE_ERROR_JOIN_TIMEOUT);
}

void hub_shut_down(struct hub *hub, uint64_t now_ms) {
    (void)now_ms;
    begin_input(hub);
    struct stored goodbye =
        store(hub, &(struct wire_message){.type = WIRE_ERROR, .error = WIRE_ERROR_SHUTTING_DOWN});
    for (uint32_t i = 0; i < hub->config.connections_max; i++) {
        if (hub->members[i].state != NEW && hub->members[i].state != IN_ROOM)
            continue;
        send_stored(hub, i, goodbye);
        close_member(hub, i, wire_error_close_code(WIRE_ERROR_SHUTTING_DOWN),
                     WIRE_ERROR_SHUTTING_DOWN, SILENT);
    }
}

/* Outputs */

bool hub_next_action(struct hub *hub, struct hub_action *action) {
    if (hub->queue_head == hub->queue_len)
        return false;
    const struct queued *queued = &hub->queue[hub->queue_head++];
    *action = queued->action;
    struct slice *in_arena = action->kind == HUB_SEND ? &action->bytes : &action->target;
    if (in_arena->len)
        in_arena->bytes = hub->arena.bytes + queued->bytes_at;
    return true;
}

uint64_t hub_deadline_ms(const struct hub *hub) {
    uint32_t first = hub->waiting.first;
    return first == NONE ? HUB_NO_DEADLINE : hub->members[first].join_deadline_ms;
}

struct hub_stats hub_stats(const struct hub *hub) {
    return hub->stats;
}

/* Life */

static bool config_valid(const struct hub_config *config) {
    return config->connections_max > 0 && config->connections_max < NONE && config->rooms_max > 0 &&
           config->rooms_max < NONE && config->room_members_max > 0 &&
           config->room_members_max <= WIRE_ROOM_MEMBERS_MAX &&
           config->ice_server_count <= WIRE_ICE_SERVERS_MAX;
}

/* The largest welcome there can be: it must fit, or the first join would be the last. */
static int try_welcome(struct hub *hub) {
    static const char ids[] = "0123456789012345678901234567890123456789012345678901234567890123";
    struct wire_message message = {.type = WIRE_WELCOME,
                                   .version = WIRE_VERSION,
                                   .room = {ids, WIRE_ROOM_ID_BYTES_MAX},
                                   .member = {ids, WIRE_MEMBER_ID_BYTES},
                                   .member_count = hub->config.room_members_max - 1,
                                   .ice_server_count = hub->config.ice_server_count,
                                   .room_members_max = hub->config.room_members_max};
    for (size_t i = 0; i < message.member_count; i++)
        message.members[i] = message.member;
    for (size_t i = 0; i < message.ice_server_count; i++)
        message.ice_servers[i] = hub->config.ice_servers[i];
    struct stored stored;
    int error = store_foreign(hub, &message, &stored);
    struct wire_message read;
    if (!error)
        error = wire_read(buffer_slice(&hub->arena), WIRE_TO_PAGE, &read);
    if (!error)
        wire_message_deinit(&read);
    return error ? PARLEY_ERR_ARGUMENT : PARLEY_OK;
}

static void link_free_lists(struct hub *hub) {
    for (uint32_t i = 0; i < hub->config.connections_max; i++)
        hub->members[i].next = i + 1 < hub->config.connections_max ? i + 1 : NONE;
    for (uint32_t i = 0; i < hub->config.rooms_max; i++)
        hub->rooms[i].next_free = i + 1 < hub->config.rooms_max ? i + 1 : NONE;
}

int hub_create(struct hub **out, const struct hub_config *config) {
    *out = NULL;
    if (!config_valid(config))
        return PARLEY_ERR_ARGUMENT;
    struct hub *hub = calloc(1, sizeof *hub);
    if (!hub)
        return PARLEY_ERR_NO_MEMORY;
    hub->config = *config;
    hub->waiting = (struct list){NONE, NONE};
    buffer_init(&hub->arena, ARENA_BYTES_MAX);
    hub->members = calloc(config->connections_max, sizeof *hub->members);
    hub->rooms = calloc(config->rooms_max, sizeof *hub->rooms);
    if (!hub->members || !hub->rooms) {
        hub_destroy(hub);
        return PARLEY_ERR_NO_MEMORY;
    }
    int error = try_welcome(hub);
    if (error) {
        hub_destroy(hub);
        return error;
    }
    link_free_lists(hub);
    *out = hub;
    return PARLEY_OK;
}

void hub_destroy(struct hub *hub) {
    if (!hub)
        return;
    while (hub->room_tree)
        tdelete(*(struct room **)hub->room_tree, &hub->room_tree, compare_rooms);
    buffer_deinit(&hub->arena);
    free(hub->queue);
    free(hub->rooms);
    free(hub->members);
    free(hub);
}
