#include "room.h"

#include "error.h"
#include "skeleton.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

void room_init(struct room *room) {
    *room = (struct room){0};
}

static struct member *member_at(const struct room *room, uint32_t index) {
    PARLEY_CHECK(index < room->member_count && room->members[index]);
    return room->members[index];
}

void room_clear(struct room *room) {
    while (room->member_count)
        room_remove(room, member_at(room, room->member_count - 1));
    *room = (struct room){.last_number = room->last_number,
                          .last_peer = room->last_peer,
                          .self_name = room->self_name,
                          .members = room->members,
                          .member_capacity = room->member_capacity,
                          .members_max = room->members_max,
                          .relays = room->relays,
                          .relayed = room->relayed,
                          .departed = room->departed};
    if (room->self_name.chosen_bytes)
        name_give_number(&room->self_name, 1);
}

void room_deinit(struct room *room) {
    room_clear(room);
    room_forget_departed(room);
    free(room->members);
    room_init(room);
}

static bool colour_taken(const struct room *room, uint32_t colour) {
    if (room->self_colour == colour)
        return true;
    for (uint32_t i = 0; i < room->member_count; i++)
        if (member_at(room, i)->colour == colour)
            return true;
    return false;
}

/* The same id has the same colour on every screen, unless two would share one there. */
static uint32_t wish_colour(const struct member_id *id) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < sizeof id->bytes; i++)
        hash = (hash ^ (unsigned char)id->bytes[i]) * 16777619u;
    return hash % ROOM_COLOURS;
}

static uint32_t choose_colour(const struct room *room, const struct member_id *id) {
    uint32_t wish = wish_colour(id);
    for (uint32_t i = 0; i < ROOM_COLOURS; i++)
        if (!colour_taken(room, (wish + i) % ROOM_COLOURS))
            return (wish + i) % ROOM_COLOURS;
    return wish;
}

void room_enter(struct room *room, const struct room_id *id, const struct member_id *self_id) {
    room_clear(room);
    room->id = *id;
    room->self_id = *self_id;
    room->self_colour = ROOM_COLOURS;
}

uint32_t room_own_wish(const struct room *room) {
    return wish_colour(&room->self_id);
}

void room_keep_own_colour(struct room *room, uint32_t wished, uint32_t colour) {
    if (wished == room_own_wish(room) && colour < ROOM_COLOURS)
        room->self_colour = colour;
}

void room_choose_own_colour(struct room *room) {
    if (room->self_colour == ROOM_COLOURS)
        room->self_colour = choose_colour(room, &room->self_id);
}

/* Both sides compare the same two ids, so exactly one of them is polite. */
static bool is_polite(const struct room *room, const struct member_id *other) {
    return member_id_compare(&room->self_id, other) < 0;
}

static struct gone *find_gone(struct room *room, const struct member *member) {
    for (uint32_t i = 0; i < ROOM_GONE_MAX; i++) {
        struct gone *gone = &room->gone[i];
        if (gone->order && member_id_equal(&gone->member_id, &member->link.member_id))
            return gone;
    }
    return NULL;
}

/* How important it is to remember somebody. People we have talked to come first, so that nobody can
 * displace them by coming and going. */
static int importance(const struct gone *gone) {
    return gone->expense.talked ? 2 : gone->session != 0;
}

static bool matters_less(const struct gone *one, const struct gone *other) {
    int one_importance = importance(one), other_importance = importance(other);
    return one_importance == other_importance ? one->order < other->order
                                              : one_importance < other_importance;
}

static struct gone *least_of_gone(struct room *room) {
    struct gone *least = &room->gone[0];
    for (uint32_t i = 1; i < ROOM_GONE_MAX; i++)
        if (matters_less(&room->gone[i], least))
            least = &room->gone[i];
    return least;
}

static void remember(struct room *room, const struct member *member) {
    struct gone *gone = find_gone(room, member);
    if (!gone)
        gone = least_of_gone(room);
    const struct link *link = &member->link;
    *gone = (struct gone){.member_id = link->member_id,
                          .session = member->session.theirs,
                          .next_in = member->session.next_shown,
                          .texts = member->session.inbox.rate,
                          .misses = member->session.misses,
                          .offers = link->offers,
                          .renewals = link->renewals,
                          .candidates = link->candidates,
                          .expense = link->expense,
                          .order = ++room->gone_count};
}

static void recall(struct room *room, struct member *member) {
    const struct gone *gone = find_gone(room, member);
    if (!gone)
        return;
    member->session.theirs = gone->session;
    member->session.next_in = member->session.next_shown = gone->next_in;
    member->session.inbox.rate = gone->texts;
    member->session.misses = gone->misses;
    member->link.offers = gone->offers;
    member->link.renewals = gone->renewals;
    member->link.candidates = gone->candidates;
    member->link.expense = gone->expense;
    budget_arrive(&member->link.expense);
}

static int reserve_member(struct room *room) {
    struct member **members =
        table_reserve(room->members, room->member_count, &room->member_capacity, sizeof(void *));
    if (!members)
        return PARLEY_ERR_NO_MEMORY;
    room->members = members;
    return PARLEY_OK;
}

int room_add(struct room *room, const struct member_id *id, uint32_t next_out, uint64_t now_ms,
             struct keyring *keyring, struct member **out) {
    if (member_id_equal(id, &room->self_id) || room_find_id(room, id))
        return PARLEY_ERR_ARGUMENT;
    if (room->member_count == WIRE_ROOM_MEMBERS_MAX)
        return PARLEY_ERR_FULL;
    struct member *member = reserve_member(room) == PARLEY_OK ? calloc(1, sizeof *member) : NULL;
    if (!member)
        return PARLEY_ERR_NO_MEMORY;
    link_init(&member->link, id, is_polite(room, id), now_ms);
    server_path_init(&member->server_path, &member->link.member_id, keyring, &room->relayed,
                     now_ms);
    member->number = ++room->last_number;
    session_init(&member->session, member->number, &member->name, member_path(member), next_out);
    presence_list(&member->presence);
    recall(room, member);
    member->colour = choose_colour(room, id);
    room->members[room->member_count++] = member;
    *out = member;
    return PARLEY_OK;
}

void room_remove(struct room *room, struct member *member) {
    uint32_t at = 0;
    while (room->members[at] != member)
        PARLEY_CHECK(++at < room->member_count);
    remember(room, member);
    room->member_count--;
    memmove(&room->members[at], &room->members[at + 1],
            (room->member_count - at) * sizeof(struct member *));
    member->next_departed = room->departed;
    room->departed = member;
}

static void forget(struct member *member) {
    link_deinit(&member->link);
    server_path_deinit(&member->server_path);
    session_deinit(&member->session);
    reachability_deinit(&member->reachability);
    free(member);
}

void room_forget_departed(struct room *room) {
    while (room->departed) {
        struct member *member = room->departed;
        room->departed = member->next_departed;
        forget(member);
    }
}

struct member *room_find_dispensable(const struct room *room) {
    for (uint32_t i = 0; i < room->member_count; i++)
        if (!member_at(room, i)->presence.listed && !member_connected(member_at(room, i)))
            return member_at(room, i);
    return NULL;
}

struct member *room_find_peer(const struct room *room, uint32_t peer) {
    if (peer == 0)
        return NULL;
    for (uint32_t i = 0; i < room->member_count; i++)
        if (link_peer(&member_at(room, i)->link) == peer)
            return member_at(room, i);
    return NULL;
}

struct member *room_find_id(const struct room *room, const struct member_id *id) {
    for (uint32_t i = 0; i < room->member_count; i++)
        if (member_id_equal(&member_at(room, i)->link.member_id, id))
            return member_at(room, i);
    return NULL;
}

struct member *room_find_number(const struct room *room, uint32_t number) {
    for (uint32_t i = 0; i < room->member_count; i++)
        if (member_at(room, i)->number == number)
            return member_at(room, i);
    struct member *member = room->departed;
    while (member && member->number != number)
        member = member->next_departed;
    return member;
}

struct path member_path(const struct member *member) {
    return (struct path){&member->link, &member->server_path};
}

bool member_connected(const struct member *member) {
    return path_is_up(member_path(member));
}

bool member_reaches(const struct member *member, const struct member_id *id) {
    for (uint32_t i = 0; i < member->reachability.count; i++)
        if (member_id_equal(&member->reachability.ids[i], id))
            return true;
    return false;
}

struct slice member_name(const struct member *member) {
    return member->name.chosen_bytes ? name_shown(&member->name) : slice_of("Somebody");
}

/* How many members were here before us; our name comes after theirs. */
static uint32_t own_place(const struct room *room) {
    uint32_t place = 0;
    while (place < room->member_count && member_at(room, place)->was_here)
        place++;
    return place;
}

/* The name at place |at|, at most member_count, in the order of arrival that everybody here sees.
 * It may not be known yet. |own|: own_place. */
static struct name *name_at(struct room *room, uint32_t own, uint32_t at) {
    return at == own ? &room->self_name : &member_at(room, at - (at > own))->name;
}

/* The page uses these words for people who have another name, or none yet. */
static bool is_word_of_ours(const struct name *name) {
    return name->skeleton == skeleton_of(slice_of("You")) ||
           name->skeleton == skeleton_of(slice_of("(you)")) ||
           name->skeleton == skeleton_of(slice_of("Somebody"));
}

/* True if somebody before place |at| has this name. */
static bool looks_taken(struct room *room, uint32_t own, uint32_t at, const struct name *name) {
    for (uint32_t i = 0; i < at; i++) {
        const struct name *other = name_at(room, own, i);
        if (other->chosen_bytes && other->skeleton == name->skeleton)
            return true;
    }
    return false;
}

/* The order of arrival decides, so that everybody sees the same numbers. Numbers only grow: nobody
 * takes the number of somebody who left. */
static void tell_apart(struct room *room) {
    uint32_t own = own_place(room);
    for (uint32_t i = 0; i <= room->member_count; i++) {
        struct name *name = name_at(room, own, i);
        while (name->chosen_bytes && (is_word_of_ours(name) || looks_taken(room, own, i, name)))
            name_give_number(name, name->number + 1);
    }
}

void room_set_name(struct room *room, struct member *member, struct slice name) {
    name_set(member ? &member->name : &room->self_name, name);
    tell_apart(room);
}
