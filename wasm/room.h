/* room.h - the roster: who is in the room, with what name and colour, and each one's link.
 *
 * The roster follows the server's word (and a member's own bye) about who is here; a link that
 * broke leaves its member in the roster, as lost, until then.
 */
#ifndef PARLEY_ROOM_H
#define PARLEY_ROOM_H

#include "link.h"
#include "pace.h"
#include "peer_message.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define ROOM_COLOURS 12
#define ROOM_LOST_GRACE_MS 3000 /* a broken link waits so long for the server to say 'left' */

struct member {
    struct link link;
    char name_bytes[PEER_NAME_BYTES_MAX];
    size_t name_len; /* 0 until the hello */
    uint32_t colour;
    bool was_here;     /* before us */
    bool announced;    /* the transcript says that they came */
    bool name_due;     /* our name changed since they were told */
    bool may_send;     /* the channel is open and its buffer is known to have room */
    uint32_t next_out; /* the outbox message they get next */
    uint32_t garbage;  /* messages that made no sense */
    struct pace renames_heard, renames_told; /* see channel.h */
    uint64_t lost_due_ms; /* when the transcript is to say that the link broke; LINK_NO_DEADLINE */
};

struct room {
    char id[WIRE_ROOM_ID_BYTES_MAX]; /* empty: in no room */
    size_t id_len;
    char self_id[WIRE_MEMBER_ID_BYTES];
    uint32_t self_colour;                          /* ROOM_COLOURS until it is chosen */
    struct member *members[WIRE_ROOM_MEMBERS_MAX]; /* in the order of arrival */
    uint32_t member_count;
    uint32_t last_peer; /* peer numbers are never used twice */
};

/* Makes an empty roster. */
void room_init(struct room *room);

/* Removes everybody (links are not closed: do that before) and forgets the room; peer numbers go
 * on. */
void room_clear(struct room *room);

/* Enters room |id| as member |self_id|. Both were checked by wire.h. */
void room_enter(struct room *room, struct slice id, struct slice self_id);

/* Gives oneself a colour, once those who were here before have theirs: so everybody chooses in the
 * order of arrival and sees the same colours, as long as nobody has left. */
void room_choose_own_colour(struct room *room);

/* Adds member |id| with a link that has not begun, which has the server's checked form.
 * |out| is set on success; the member stays the room's.
 * PARLEY_ERR_ARGUMENT: it is oneself or here already. PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY. */
int room_add(struct room *room, struct slice id, uint64_t now_ms, struct member **out);

/* Removes and frees |member|. */
void room_remove(struct room *room, struct member *member);

/* The member with that peer number or id; NULL when there is none. */
struct member *room_find_peer(const struct room *room, uint32_t peer);
struct member *room_find_id(const struct room *room, struct slice id);

struct slice room_id(const struct room *room);

/* A member's name; "Somebody" until it is known. */
struct slice member_name(const struct member *member);

/* Sets a cleaned name of at most PEER_NAME_BYTES_MAX bytes. */
void member_set_name(struct member *member, struct slice name);

#endif
