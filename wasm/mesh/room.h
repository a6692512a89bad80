/* room.h - the members of the room: the name and colour of each, the link to them, the session with
 * them, and their presence (presence.h). */
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

struct member {
    struct link link;
    struct server_path server_path;
    struct presence presence;
    struct session session;
    uint32_t number;  /* for all who speak of them; never used twice */
    struct name name; /* unknown until the first hello */
    uint32_t colour;
    bool was_here;                    /* before us */
    struct reachability reachability; /* those they are connected to */
    bool reachability_known;
    struct member *next_departed;
};

/* The memory of a member who may come back: which of their texts we have, if they return on the
 * same page, and what they have cost us. */
struct gone {
    struct member_id member_id;
    uint32_t session, next_in;
    struct rate texts, misses;                /* the session's */
    struct rate offers, renewals, candidates; /* the link's */
    struct expense expense;
    uint32_t order; /* of leaving; 0: the place is free */
};

struct room {
    struct room_id id; /* none: in no room */
    struct member_id self_id;
    uint32_t self_colour;    /* ROOM_COLOURS until it is chosen */
    struct name self_name;   /* outlasts the room */
    struct member **members; /* in the order of arrival, at most WIRE_ROOM_MEMBERS_MAX */
    uint32_t member_count, member_capacity;
    bool relays;             /* the server passes on what members say to each other */
    uint32_t members_max;    /* whom the server lets in, oneself included */
    struct member *departed; /* removed, and not forgotten yet */
    struct gone gone[ROOM_GONE_MAX];
    uint32_t gone_count;  /* so far */
    uint32_t last_number; /* of a member */
    uint32_t last_peer;   /* of a connection */
    struct rate relayed;  /* what we sent through the server */
};

/* Makes an empty room. */
void room_init(struct room *room);

/* Removes everybody and leaves the room. Close the links first. The numbers continue. */
void room_clear(struct room *room);

/* Frees all. */
void room_deinit(struct room *room);

/* Enters room |id| as member |self_id|. */
void room_enter(struct room *room, const struct room_id *id, const struct member_id *self_id);

/* The colour that we would have if we were alone. */
uint32_t room_own_wish(const struct room *room);

/* Keeps the |colour| of the page before a reload; call it before anybody is added. After a reload
 * we come last, although we chose before some of the others. Ignored if that page |wished| for
 * another colour, because then it was in another room. Both may be any number. */
void room_keep_own_colour(struct room *room, uint32_t wished, uint32_t colour);

/* Chooses our own colour, unless one was kept; call it after the members who were here before have
 * theirs. So everybody chooses in the order of arrival and sees the same colours, as long as nobody
 * has left.
 */
void room_choose_own_colour(struct room *room);

/* Adds member |id| with a link that has not begun. |keyring| has our keys with them. Message
 * |next_out| of the outbox is the first that they get. |out| is set on success; the room owns the
 * member. PARLEY_ERR_ARGUMENT: it is our own id, or the member is here already. PARLEY_ERR_FULL,
 * PARLEY_ERR_NO_MEMORY. */
int room_add(struct room *room, const struct member_id *id, uint32_t next_out, uint64_t now_ms,
             struct keyring *keyring, struct member **out);

/* Removes |member|. room_find_number finds them until room_forget_departed. */
void room_remove(struct room *room, struct member *member);

/* Frees the removed members, once all outcomes are taken. */
void room_forget_departed(struct room *room);

/* The first member whom the server does not list and who is not connected; NULL: there is none. */
struct member *room_find_dispensable(const struct room *room);

/* The member whose connection has the number |peer|, or with that id; NULL when there is none. */
struct member *room_find_peer(const struct room *room, uint32_t peer);
struct member *room_find_id(const struct room *room, const struct member_id *id);

/* The member with that number, even if removed during this event; NULL when there is none. */
struct member *room_find_number(const struct room *room, uint32_t number);

/* The path to |member|. */
struct path member_path(const struct member *member);

/* True while messages to |member| get through. */
bool member_connected(const struct member *member);

/* True when |member| said that they are connected to |id|. */
bool member_reaches(const struct member *member, const struct member_id *id);

/* A member's name as it is shown; "Somebody" until it is known. */
struct slice member_name(const struct member *member);

/* Gives |member|, or ourselves when NULL, a cleaned name of at most PEER_NAME_BYTES_MAX bytes. If
 * names look alike, the later ones are shown with a number, which stays as long as they keep the
 * name. "You" and "Somebody", which the page uses for people, always have a number. */
void room_set_name(struct room *room, struct member *member, struct slice name);

#endif
