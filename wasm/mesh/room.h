/* room.h - the roster: who is in the room, with what name and colour, and the link to each.
 *
 * Who is here is the server's word, a member's own bye, and what we see: a member whom the server
 * does not list (any more, or yet: it may have been restarted) stays as long as the link to them is
 * well, and for a grace after that.
 */
#ifndef PARLEY_ROOM_H
#define PARLEY_ROOM_H

#include "heartbeat.h"
#include "inbox.h"
#include "link.h"
#include "name.h"
#include "pace.h"
#include "peer_message.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define ROOM_COLOURS 12
#define ROOM_UNLISTED_MS 30000 /* not listed and out of reach for so long: soon gone */
#define ROOM_LEAVING_MS 5000   /* for a page to be loaded anew, before its person counts as gone */
#define ROOM_GONE_MAX 64       /* members who are remembered after they have gone */
#define ROOM_REACH_BYTES_MAX (WIRE_ROOM_MEMBERS_MAX * WIRE_MEMBER_ID_BYTES)

struct member {
    struct link link;
    uint32_t number;  /* for the view and the transcript; never used twice */
    struct name name; /* unknown until the first hello */
    uint32_t colour;
    bool was_here;            /* before us */
    bool announced;           /* the transcript says that they came */
    bool reported;            /* the transcript says that they are out of reach */
    bool listed;              /* by the server */
    uint64_t gone_due_ms;     /* not listed, not connected: when to count them as gone */
    bool gone_asked;          /* the server was asked for a sign of life before that */
    bool leaving;             /* they closed their page, or load it anew: gone when it is due */
    bool was_well;            /* and were connected until then */
    uint32_t session;         /* their page's, from its hello; 0 before the first */
    bool greeted;             /* the hello of this connection came */
    bool may_send;            /* the channel is open and its buffer is known to have room */
    bool name_due;            /* our name changed since they were told */
    bool pong_due, reach_due; /* to be sent when there is room */
    enum candidate_type told_route; /* our end of the route, as they were told */
    uint32_t next_out;              /* the outbox message they get next */
    uint32_t confirmed;             /* they have all before this one */
    uint32_t next_in;               /* the number of the text that we want next, */
    uint32_t next_shown;            /* and of the one to be shown next: others wait in the inbox */
    struct inbox inbox;
    uint32_t unconfirmed;     /* texts shown since we last said so, */
    size_t unconfirmed_bytes; /* and how long they were */
    uint32_t garbage;         /* messages that made no sense */
    uint64_t heard_bytes;     /* through this channel, */
    uint64_t heard_since_ms;  /* since it opened */
    uint64_t load_asked_ms;   /* the last PEER_ASK_ROUTE for CHANNEL_LOAD_... */
    struct heartbeat heartbeat;
    struct pace messages_heard, renames_heard, renames_told; /* see channel.h */
    struct buffer reach; /* ids of those they are connected to, in a row */
    bool reach_known;
    struct pace misses; /* told: see channel.h */
};

/* What must not be forgotten of somebody who comes back: which of their texts we have, if it is on
 * the same page, and what they have cost us. */
struct gone {
    char member_id[WIRE_MEMBER_ID_BYTES];
    uint32_t session, next_in;
    struct pace texts;                        /* the inbox's */
    struct pace offers, renewals, candidates; /* the link's */
    struct expense expense;
    struct pace misses;
    uint32_t order; /* of leaving; 0: the place is free */
};

struct room {
    char id[WIRE_ROOM_ID_BYTES_MAX]; /* empty: in no room */
    size_t id_len;
    char self_id[WIRE_MEMBER_ID_BYTES];
    uint32_t self_colour;                          /* ROOM_COLOURS until it is chosen */
    struct name self_name;                         /* outlasts the room */
    struct member *members[WIRE_ROOM_MEMBERS_MAX]; /* in the order of arrival */
    uint32_t member_count;
    struct gone gone[ROOM_GONE_MAX];
    uint32_t gone_count;  /* so far */
    uint32_t last_number; /* of a member */
    uint32_t last_peer;   /* of a connection */
};

/* Makes an empty roster. */
void room_init(struct room *room);

/* Removes everybody (links are not closed: do that before) and forgets the room; numbers go on. */
void room_clear(struct room *room);

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

/* Adds member |id| with a link that has not begun, which has the server's checked form.
 * |out| is set on success; the member stays the room's.
 * PARLEY_ERR_ARGUMENT: it is oneself or here already. PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY. */
int room_add(struct room *room, struct slice id, uint64_t now_ms, struct member **out);

/* Removes and frees |member|. */
void room_remove(struct room *room, struct member *member);

/* The first member whom the server does not list and who is not connected; NULL: there is none. */
struct member *room_find_dispensable(const struct room *room);

/* The member whose connection has that number, or with that id; NULL when there is none. */
struct member *room_find_peer(const struct room *room, uint32_t peer);
struct member *room_find_id(const struct room *room, struct slice id);

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
