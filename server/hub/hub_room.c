#include "hub_state.h"

#include "error.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

/* Lists through the links of members and rooms */

static struct hub_list_node *node_of(struct hub *hub, enum hub_order order, uint32_t index) {
    struct hub_list_node *node = NULL;
    switch (order) {
    case BY_ARRIVAL:
        node = &hub->members[index].arrival;
        break;
    case BY_DEADLINE:
        node = &hub->members[index].deadline;
        break;
    case BY_DESERTION:
        node = &hub->rooms[index].desertion;
        break;
    }
    return node;
}

/* |node|'s neighbours, and the ends of |list|, point at |index| from now on or, for HUB_NONE, past
 * it. */
static void relink(struct hub *hub, enum hub_order order, struct hub_list *list,
                   struct hub_list_node node, uint32_t index) {
    uint32_t *from_prev =
        node.prev == HUB_NONE ? &list->first : &node_of(hub, order, node.prev)->next;
    uint32_t *from_next =
        node.next == HUB_NONE ? &list->last : &node_of(hub, order, node.next)->prev;
    *from_prev = index == HUB_NONE ? node.next : index;
    *from_next = index == HUB_NONE ? node.prev : index;
}

static void list_append(struct hub *hub, enum hub_order order, struct hub_list *list,
                        uint32_t index) {
    struct hub_list_node node = {.next = HUB_NONE, .prev = list->last};
    *node_of(hub, order, index) = node;
    relink(hub, order, list, node, index);
}

static void list_remove(struct hub *hub, enum hub_order order, struct hub_list *list,
                        uint32_t index) {
    relink(hub, order, list, *node_of(hub, order, index), HUB_NONE);
}

/* Slots */

uint32_t hub_take_slot(struct hub *hub) {
    uint32_t index = hub->free_member;
    if (index != HUB_NONE) {
        hub->free_member = hub->members[index].arrival.next;
    } else {
        PARLEY_CHECK(hub->members_used < HUB_SLOTS_PER_CONNECTION * hub->config.connections_max);
        index = hub->members_used++;
    }
    struct hub_member *member = &hub->members[index];
    PARLEY_CHECK(member->state == FREE);
    *member = (struct hub_member){
        .state = NEW, .connected = true, .deadline_ms = hub->now_ms + hub->config.join_timeout_ms};
    list_append(hub, BY_DEADLINE, &hub->waiting, index);
    hub->stats.connections++;
    return index;
}

char *hub_copy_text(struct slice text) {
    char *copy = calloc(1, text.len + 1);
    if (copy != NULL && text.len > 0)
        memcpy(copy, text.bytes, text.len);
    return copy;
}

bool hub_keep_hello(struct hub *hub, uint32_t index, struct slice hello) {
    if (hub->hellos[index] == NULL && hello.len == 0)
        return true; /* memory that was never written costs nothing */
    free(hub->hellos[index]);
    hub->hellos[index] = hello.len == 0 ? NULL : hub_copy_text(hello);
    return hello.len == 0 || hub->hellos[index] != NULL;
}

struct slice hub_hello_of(const struct hub *hub, uint32_t index) {
    return slice_of(hub->hellos[index] == NULL ? "" : hub->hellos[index]);
}

/* Frees a slot that is in no list. */
static void release_slot(struct hub *hub, uint32_t index) {
    struct hub_member *member = &hub->members[index];
    hub_keep_hello(hub, index, slice_of(""));
    if (hub->relayed_by[index].booked != 0) /* memory that was never written costs nothing */
        hub->relayed_by[index] = (struct rate){0};
    member->state = CLOSING;
    if (member->connected)
        return;
    member->state = FREE;
    member->arrival.next = hub->free_member;
    hub->free_member = index;
}

/* Rooms */

static int compare_rooms(const void *left, const void *right) {
    const struct hub_room *one = left, *other = right;
    return room_id_compare(&one->id, &other->id);
}

struct hub_room *hub_find_room(struct hub *hub, const struct room_id *id) {
    struct hub_room key;
    key.id = *id;
    struct hub_room **found = tfind(&key, &hub->room_tree, compare_rooms);
    return found ? *found : NULL;
}

static uint32_t index_of(const struct hub *hub, const struct hub_room *room) {
    return (uint32_t)(room - hub->rooms);
}

static void put_back(struct hub *hub, struct hub_room *room) {
    room->desertion.next = hub->free_room;
    hub->free_room = index_of(hub, room);
}

/* There is one room more than the limit: a room that is replaced keeps its name for the notes.
 */
static struct hub_room *take_room(struct hub *hub) {
    uint32_t index = hub->free_room;
    if (index == HUB_NONE) {
        PARLEY_CHECK(hub->rooms_used <= hub->config.rooms_max);
        return &hub->rooms[hub->rooms_used++];
    }
    hub->free_room = hub->rooms[index].desertion.next;
    return &hub->rooms[index];
}

static void free_room(struct hub *hub, struct hub_room *room) {
    PARLEY_CHECK(!room->deserted && tdelete(room, &hub->room_tree, compare_rooms));
    free(room->crowd);
    put_back(hub, room);
    hub->stats.rooms--;
}

/* Nobody is there to be told. */
static void drop_deserted_room(struct hub *hub) {
    struct hub_room *room = &hub->rooms[hub->deserted.first];
    for (uint32_t left = room->member_count; left > 0; left--)
        hub_take_out(hub, room->members.first, SILENT);
}

struct hub_room *hub_make_room(struct hub *hub, const struct room_id *id) {
    bool full = hub->stats.rooms == hub->config.rooms_max;
    if (full && hub->deserted.first == HUB_NONE)
        return NULL;
    struct hub_room *room = take_room(hub);
    *room = (struct hub_room){.members = {HUB_NONE, HUB_NONE}, .id = *id};
    if (!tsearch(room, &hub->room_tree, compare_rooms)) {
        put_back(hub, room);
        return NULL;
    }
    hub->stats.rooms++;
    if (full)
        drop_deserted_room(hub);
    return room;
}

/* After every change of who is there. */
static void sort_in(struct hub *hub, struct hub_room *room) {
    bool deserted = room->member_count > 0 && room->present_count == 0;
    PARLEY_CHECK(room->present_count <= room->member_count);
    if (deserted == room->deserted)
        return;
    room->deserted = deserted;
    if (deserted)
        list_append(hub, BY_DESERTION, &hub->deserted, index_of(hub, room));
    else
        list_remove(hub, BY_DESERTION, &hub->deserted, index_of(hub, room));
}

void hub_forget_rooms(struct hub *hub) {
    while (hub->room_tree) {
        struct hub_room *room = *(struct hub_room **)hub->room_tree;
        free(room->crowd);
        tdelete(room, &hub->room_tree, compare_rooms);
    }
}

/* Members */

uint32_t hub_find_member(const struct hub *hub, const struct hub_room *room,
                         const struct member_id *id) {
    uint32_t i = room->members.first;
    while (i != HUB_NONE && !member_id_equal(&hub->members[i].id, id))
        i = hub->members[i].arrival.next;
    return i;
}

/* A NEW slot becomes a member; the caller gives it its place, and has its |stun_url|. */
static void give_place(struct hub *hub, uint32_t index, struct hub_room *room,
                       const struct member_id *id) {
    struct hub_member *member = &hub->members[index];
    PARLEY_CHECK(member->state == NEW);
    list_remove(hub, BY_DEADLINE, &hub->waiting, index);
    member->state = IN_ROOM;
    member->joined_s = (uint32_t)(hub->now_ms / 1000);
    member->room = index_of(hub, room);
    member->id = *id;
    room->present_count++;
}

void hub_enter(struct hub *hub, uint32_t index, struct hub_room *room, const struct member_id *id) {
    give_place(hub, index, room, id);
    list_append(hub, BY_ARRIVAL, &room->members, index);
    room->member_count++;
    hub->stats.members++;
    sort_in(hub, room);
}

static struct hub_list *absent_list(struct hub *hub, uint32_t index) {
    return hub->members[index].leaving ? &hub->leaving : &hub->absent;
}

/* A member that was in |room| and is not present there any more. */
static void uncount(struct hub *hub, uint32_t index, struct hub_room *room) {
    if (hub->members[index].state == ABSENT) {
        list_remove(hub, BY_DEADLINE, absent_list(hub, index), index);
        hub->stats.absent--;
    } else {
        PARLEY_CHECK(hub->members[index].state == IN_ROOM && room->present_count > 0);
        room->present_count--;
    }
}

void hub_take_place(struct hub *hub, uint32_t index, uint32_t old) {
    struct hub_room *room = &hub->rooms[hub->members[old].room];
    uncount(hub, old, room);
    give_place(hub, index, room, &hub->members[old].id);
    hub->members[index].met = hub->members[old].met;
    hub->members[index].arrival = hub->members[old].arrival;
    relink(hub, BY_ARRIVAL, &room->members, hub->members[old].arrival, index);
    sort_in(hub, room);
    release_slot(hub, old);
}

/* The others were told when a member began to leave. */
static void tell_left(struct hub *hub, uint32_t index, enum hub_departure departure) {
    const struct hub_member *member = &hub->members[index];
    struct wire_message message = {.type = WIRE_LEFT, .member = member->id};
    switch (departure) {
    case SILENT:
        return;
    case LOST:
    case GONE:
        break;
    case REPLACED:
        message.back = true;
        break;
    case GOODBYE:
        message.goodbye = true;
        break;
    case UNLOAD:
        message.goodbye = message.back = true;
        break;
    }
    if (!member->leaving)
        hub_send_to_room(hub, &hub->rooms[member->room], index, &message);
}

/* Its place and, unless it still has a connection, its slot are free again. */
static void leave_room(struct hub *hub, uint32_t index, enum hub_departure departure) {
    struct hub_member *member = &hub->members[index];
    struct hub_room *room = &hub->rooms[member->room];
    uncount(hub, index, room);
    list_remove(hub, BY_ARRIVAL, &room->members, index);
    room->member_count--;
    hub->stats.members--;
    sort_in(hub, room);
    hub_note_room(hub, HUB_NOTE_LEFT, index, room);
    if (room->member_count == 0)
        free_room(hub, room);
    else
        tell_left(hub, index, departure);
    release_slot(hub, index);
}

/* How long its place is kept. All members in one list wait equally long. */
static uint32_t grace_ms(const struct hub *hub, bool leaving) {
    uint32_t lost_ms = hub->config.grace_ms;
    return leaving && lost_ms > HUB_LEAVING_MS ? HUB_LEAVING_MS : lost_ms;
}

/* It keeps its place. If too many are absent, the one absent for longest loses its place, first
 * among those who said goodbye. */
static void become_absent(struct hub *hub, uint32_t index, bool leaving) {
    struct hub_member *member = &hub->members[index];
    struct hub_room *room = &hub->rooms[member->room];
    uncount(hub, index, room);
    member->state = ABSENT;
    member->leaving = leaving;
    member->deadline_ms = hub->now_ms + grace_ms(hub, leaving);
    list_append(hub, BY_DEADLINE, absent_list(hub, index), index);
    hub->stats.absent++;
    sort_in(hub, room);
    hub_note_room(hub, HUB_NOTE_AWAY, index, room);
    if (hub->stats.absent > hub->config.connections_max)
        leave_room(hub, hub->leaving.first != HUB_NONE ? hub->leaving.first : hub->absent.first,
                   GONE);
}

/* The hub waits only for members who may come back to somebody, and to this server. */
static bool keeps_place(const struct hub *hub, const struct hub_member *member) {
    return member->state == IN_ROOM && member->met && hub->config.grace_ms > 0 && !hub->drain.on;
}

/* It never joined. */
static void forget_new(struct hub *hub, uint32_t index) {
    struct hub_member *member = &hub->members[index];
    list_remove(hub, BY_DEADLINE, &hub->waiting, index);
    free(member->stun_url);
    member->id = (struct member_id){0};
    release_slot(hub, index);
}

void hub_take_out(struct hub *hub, uint32_t index, enum hub_departure departure) {
    struct hub_member *member = &hub->members[index];
    if (departure == LOST && hub->drain.on)
        departure = SILENT; /* it comes back on another server */
    if (keeps_place(hub, member) && (departure == LOST || departure == UNLOAD)) {
        if (departure == UNLOAD)
            tell_left(hub, index, departure);
        become_absent(hub, index, departure == UNLOAD);
        return;
    }
    switch ((enum hub_member_state)member->state) {
    case IN_ROOM:
    case ABSENT:
        leave_room(hub, index, departure);
        break;
    case NEW:
        forget_new(hub, index);
        break;
    case FREE:
    case CLOSING:
        PARLEY_CHECK(false); /* there is nothing to take it out of */
    }
}

void hub_lose_connection(struct hub *hub, uint32_t index) {
    struct hub_member *member = &hub->members[index];
    member->connected = false;
    hub->stats.connections--;
    if (member->state == CLOSING)
        release_slot(hub, index);
    else if (member->state != ABSENT)
        hub_take_out(hub, index, LOST);
}
