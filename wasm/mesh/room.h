/* room.h - the roster: who is in the room, with what name and colour, and all that there is with
 * each: the link to them, the session with them, and whether they are still there (presence.h). */
#ifndef PARLEY_ROOM_H
#define PARLEY_ROOM_H

#include "link.h"
#include "name.h"
#include "path.h"
#include "presence.h"
#include "session.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define ROOM_COLOURS 12
#define ROOM_GONE_MAX 64 /* members who are remembered after they have gone */
#define ROOM_REACHABILITY_BYTES_MAX (WIRE_ROOM_MEMBERS_MAX * WIRE_MEMBER_ID_BYTES)

/* What lines say of somebody: the log's. */
struct member_told {
    bool announced; /* that they came */
    bool lost;      /* that they are out of reach */
};

struct member {
    struct link link;
    struct presence presence;
    struct session session;
    uint32_t number;  /* for all who speak of them; never used twice */
    struct name name; /* unknown until the first hello */
    uint32_t colour;
    bool was_here;              /* before us */
    struct buffer reachability; /* ids of those they are connected to, in a row */
    bool reachability_known;
    struct member_told told;
    struct member *next_departed;
};

/* What must not be forgotten of somebody who comes back: which of their texts we have, if it is on
 * the same page, and what they have cost us. */
struct gone {
    char member_id[WIRE_MEMBER_ID_BYTES];
    uint32_t session, next_in;
    struct rate texts, misses;                /* the session's */
    struct rate offers, renewals, candidates; /* the link's */
    struct expense expense;
    uint32_t order; /* of leaving; 0: the place is free */
};

struct room {
    char id[WIRE_ROOM_ID_BYTES_MAX]; /* empty: in no room */
    size_t id_len;
    char self_id[WIRE_MEMBER_ID_BYTES];
    uint32_t self_colour;    /* ROOM_COLOURS until it is chosen */
    struct name self_name;   /* outlasts the room */
    struct member **members; /* in the order of arrival, at most WIRE_ROOM_MEMBERS_MAX */
    uint32_t member_count, member_capacity;
    uint32_t members_max;    /* whom the server lets in, oneself included */
    struct member *departed; /* removed, and not forgotten yet */
    struct gone gone[ROOM_GONE_MAX];
    uint32_t gone_count;  /* so far */
    uint32_t last_number; /* of a member */
    uint32_t last_peer;   /* of a connection */
};

/* Makes an empty roster. */
void room_init(struct room *room);

/* Removes everybody (links are not closed: do that before) and leaves the room; numbers go on. */
void room_clear(struct room *room);

/* Frees all. */
void room_deinit(struct room *room);

/* Enters room |id| as member |self_id|. Both were checked by wire.h. */
void room_enter(struct room *room, struct slice id, struct slice self_id);

/* The colour that one would have alone. */
uint32_t room_own_wish(const struct room *room);

/* Gives oneself the |colour| of the page before, before anybody is added: whoever reloads comes
 * last, and had the choice before others. Ignored where that page |wished| for another: it was in
 * another room. Both may be any number. */
void room_keep_own_colour(struct room *room, uint32_t wished, uint32_t colour);

/* Gives oneself a colour, unless one was kept, once those who were here before have theirs: so
 * everybody chooses in the order of arrival and sees the same colours, as long as nobody has left.
 */
void room_choose_own_colour(struct room *room);

/* Adds member |id|, which has the server's checked form, with a link that has not begun; message
 * |next_out| of the outbox is the first that they get. |out| is set on success; the member stays
 * the room's.
 * PARLEY_ERR_ARGUMENT: it is oneself or here already. PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY. */
int room_add(struct room *room, struct slice id, uint32_t next_out, uint64_t now_ms,
             struct member **out);

/* Removes |member|. They can be found by their number until room_forget_departed. */
void room_remove(struct room *room, struct member *member);

/* All outcomes were taken: frees those who were removed. */
void room_forget_departed(struct room *room);

/* The first member whom the server does not list and who is not connected; NULL: there is none. */
struct member *room_find_dispensable(const struct room *room);

/* The member whose connection has that number, or with that id; NULL when there is none. */
struct member *room_find_peer(const struct room *room, uint32_t peer);
struct member *room_find_id(const struct room *room, struct slice id);

/* The member of that number, who may have been removed in this event; NULL when there is none. */
struct member *room_find_number(const struct room *room, uint32_t number);

/* What carries what is said to |member|. */
struct path member_path(const struct member *member);

/* True when what is said to |member| arrives now. */
bool member_connected(const struct member *member);

/* True when |member| said that they are connected to |id|. */
bool member_reaches(const struct member *member, struct slice id);

struct slice member_id(const struct member *member);

/* Our own id. */
struct slice room_self_id(const struct room *room);

struct slice room_id(const struct room *room);

/* A member's name as it is shown; "Somebody" until it is known. */
struct slice member_name(const struct member *member);

/* Gives |member|, or oneself when NULL, a cleaned name of at most PEER_NAME_BYTES_MAX bytes. Where
 * names look alike, those who came later are shown with a number, which never falls back to none
 * for as long as they keep the name. "You" and "Somebody", which the page says of people, always
 * have one. */
void room_set_name(struct room *room, struct member *member, struct slice name);

#endif
