/* hub_state.h - what the hub remembers, and what its files do for each other; private to hub.c,
 * hub_join.c, hub_room.c, hub_action.c, hub_quota.c, hub_relay.c, hub_ice.c and hub_debug.c.
 *
 * A slot of the table is a connection, a member's place in a room, or both:
 *
 *   state      connection      place in a room   waits for
 *   FREE       no              no                hub_connect
 *   NEW        yes             no                a join, until its deadline
 *   IN_ROOM    yes             yes
 *   ABSENT     no, or closing  yes               its member to come back, until its deadline
 *   CLOSING    closing         no                hub_disconnect
 *
 * There are twice as many slots as connections, and never more absent members than connections, so
 * every connection that is allowed finds a slot.
 */
#ifndef PARLEY_HUB_STATE_H
#define PARLEY_HUB_STATE_H

#include "hub.h"
#include "id.h"
#include "member_id.h"
#include "rate.h"
#include "wire_relay.h"

#define HUB_NONE HUB_NOBODY
#define HUB_SLOTS_PER_CONNECTION 2u

enum hub_member_state { FREE, NEW, IN_ROOM, ABSENT, CLOSING };

struct hub_list_node {
    uint32_t next, prev;
};

/* Which nodes a list runs through. */
enum hub_order {
    BY_ARRIVAL,  /* members of one room, in the order in which they came; free slots */
    BY_DEADLINE, /* NEW or ABSENT members */
    BY_DESERTION /* rooms */
};

struct hub_list {
    uint32_t first, last;
};

/* Each costs memory for as long as somebody is connected, so fields that are never needed at the
 * same time share memory. */
struct hub_member {
    void *transport;
    uint64_t deadline_ms; /* NEW and ABSENT */
    union {
        char *stun_url;    /* NEW; NULL: none */
        struct {           /* IN_ROOM and ABSENT */
            uint32_t room; /* index */
            uint32_t join; /* the number of its join; 0: it has none */
        };
    };
    struct hub_list_node arrival, deadline;
    uint32_t address_key;     /* see hub_set_address_key */
    uint32_t joined_s;        /* when it came in, or came back last */
    uint8_t state : 4;        /* enum hub_member_state */
    uint8_t bad_messages : 4; /* to HUB_BAD_MESSAGES_MAX */
    bool connected : 1;
    bool met : 1;     /* it answered somebody in its room, or was answered, on whatever page */
    bool sealed : 1;  /* it sent somebody a sealed signal; its answer may have been one */
    bool leaving : 1; /* ABSENT, and everybody was told that it left: see HUB_LEAVING_MS */
    union {
        uint8_t room_random[ID_ROOM_RANDOM_BYTES]; /* NEW */
        struct member_id id;                       /* then; none where it never joined */
    };
};

struct hub_room {
    struct hub_list members;
    struct hub_list_node desertion; /* next: of a free one, the next free */
    uint32_t member_count;          /* the absent included */
    uint32_t present_count;
    struct rate joins;       /* those that others heard of */
    struct rate relayed;     /* hub_relay.c */
    struct hub_crowd *crowd; /* hub_quota.c; NULL until it is needed */
    bool deserted;           /* everybody is absent; it is in hub.deserted */
    struct room_id id;       /* as its first member spelled it */
};

/* While the server drains, everybody is sent away, in the order of their slots, and nobody can
 * join. */
struct drain {
    bool on;
    uint64_t start_ms, duration_ms;
    uint32_t people, told;
    uint32_t next; /* slot */
};

/* An action whose bytes are in the arena, which may still move. */
struct queued {
    struct hub_action action;
    size_t bytes_at;
};

struct hub {
    struct hub_config config;
    uint64_t now_ms; /* the input's */
    struct hub_member *members;
    char **hellos;           /* by slot; NULL: none. Not in a member, since not everybody has one */
    struct rate *relayed_by; /* by slot, likewise */
    struct hub_room *rooms;
    void *room_tree; /* tsearch by id: no hash table that clients could attack with their ids */
    struct hub_list waiting, absent, leaving; /* NEW, ABSENT; the earliest deadline first */
    struct hub_list deserted;                 /* rooms, the longest deserted first */
    uint32_t free_member, free_room;
    uint32_t members_used, rooms_used; /* slots beyond were never touched and cost no memory */
    struct drain drain;
    struct hub_stats stats;
    uint64_t received[WIRE_TYPE_COUNT];
    struct hub_relayed relayed;
    struct queued *queue;
    size_t queue_head, queue_len, queue_capacity;
    struct buffer arena;         /* the bytes of this input's actions */
    struct member_id *others;    /* scratch for a welcome: as many as a room has members, */
    struct slice *others_hellos; /* and as many of these */
};

/* How somebody goes, and what the others hear. */
enum hub_departure {
    SILENT,   /* nothing */
    LOST,     /* nothing yet: a member in a room may come back within the grace */
    GONE,     /* left */
    REPLACED, /* left, with back */
    GOODBYE,  /* left, with goodbye */
    UNLOAD,   /* left, with both; its place is kept for a moment, as that of LOST */
};

/* --- hub.c: inputs, and who is sent away ------------------------------------------------------ */

/* Tells somebody what was wrong, and closes it where the error says so. */
void hub_refuse(struct hub *hub, uint32_t index, enum wire_error error);

/* Takes somebody out of whatever it is in, and closes it. */
void hub_close_member(struct hub *hub, uint32_t index, uint16_t code, enum wire_error error,
                      enum hub_departure departure);

/* --- hub_join.c: the way into a room ---------------------------------------------------------- */

/* |index| wants to join. */
void hub_receive_join(struct hub *hub, uint32_t index, const struct wire_message *message);

/* --- hub_action.c: the queue of what is to be done -------------------------------------------- */

/* A message in the arena, which any number of actions may send. */
struct hub_message {
    size_t at, len;
    enum wire_type type;
    uint32_t from; /* HUB_NONE: it is the hub's own */
};

/* Writes |message| into the arena. */
struct hub_message hub_store(struct hub *hub, const struct wire_message *message);

/* The same for what |from| filled in (HUB_NONE: the operator): PARLEY_ERR_TOO_BIG is theirs. */
int hub_store_foreign(struct hub *hub, const struct wire_message *message, uint32_t from,
                      struct hub_message *stored);

/* The same for a signal that goes on as it came, but from its true sender. */
struct hub_message hub_store_relay(struct hub *hub, const struct wire_relay *signal, uint32_t from);

void hub_send_stored(struct hub *hub, uint32_t to, struct hub_message stored);

/* To everybody in the room who is not absent, but |except|. */
void hub_send_to_room(struct hub *hub, const struct hub_room *room, uint32_t except,
                      const struct wire_message *message);

void hub_send_error(struct hub *hub, uint32_t to, enum wire_error error);
void hub_push_close(struct hub *hub, uint32_t to, uint16_t code, enum wire_error error);

void hub_note_room(struct hub *hub, enum hub_note note, uint32_t index,
                   const struct hub_room *room);
void hub_note_refused(struct hub *hub, uint32_t index, enum wire_error error);
void hub_note_relay_failed(struct hub *hub, uint32_t index, uint32_t status);

/* |target|: none if it is for the hub. */
void hub_note_message(struct hub *hub, uint32_t index, enum wire_type type,
                      const struct member_id *target, size_t bytes_len);

/* --- hub_quota.c: what an address may have of a room ------------------------------------------ */

/* False if |room| had too many joins lately: see HUB_JOINS_KEPT. Joins of an empty room do not
 * count. |old| is the same member's slot, or HUB_NONE. */
bool hub_may_be_heard(struct hub *hub, struct hub_room *room, uint32_t old, uint32_t address_key);

/* Whose place in the full |room| one of |address_key| may have; HUB_NONE: nobody's. */
uint32_t hub_find_place(const struct hub *hub, const struct hub_room *room, uint32_t address_key);

/* --- hub_relay.c: what members say through the server ----------------------------------------- */

/* Books a relay of |bytes| from |index|, which is in a room. False: it is refused, and told so. */
bool hub_may_relay(struct hub *hub, uint32_t index, size_t bytes);

/* --- hub_ice.c: which ICE servers somebody is told of ----------------------------------------- */

/* Fills |offer| for the welcome of |index|, which is in a room. */
void hub_offer_ice_servers(const struct hub *hub, uint32_t index, struct slice stun_url,
                           struct turn_offer *offer);

/* The same with all that there can be. */
void hub_offer_all_ice_servers(const struct hub *hub, struct slice stun_url,
                               struct turn_offer *offer);

/* True when |index|, which is in a room, has relays to use. */
bool hub_offers_relay(const struct hub *hub, uint32_t index);

/* Sends |index|, which is in a room, the relays anew. */
void hub_send_relays(struct hub *hub, uint32_t index);

/* |index| joined |room|: a member that was alone there gets its relays now, before it is told of
 * the newcomer. */
void hub_end_solitude(struct hub *hub, uint32_t index, const struct hub_room *room);

/* --- hub_room.c: slots, rooms and who is in them ---------------------------------------------- */

/* A slot that is NEW and waits for a join. */
uint32_t hub_take_slot(struct hub *hub);

/* NULL: there is none of that id, in whatever case. */
struct hub_room *hub_find_room(struct hub *hub, const struct room_id *id);

/* A new, empty room. If there is no place, it replaces a room in which all members are absent;
 * NULL: there is no such room. */
struct hub_room *hub_make_room(struct hub *hub, const struct room_id *id);

/* A copy of |text|, ended by a NUL; the caller frees it. NULL: no memory. */
char *hub_copy_text(struct slice text);

/* Keeps a copy of |hello| for a slot; empty: none. False: no memory; then there is none. */
bool hub_keep_hello(struct hub *hub, uint32_t index, struct slice hello);

/* Empty: it has none. */
struct slice hub_hello_of(const struct hub *hub, uint32_t index);

/* HUB_NONE: nobody there has that id. A member that is leaving is found. */
uint32_t hub_find_member(const struct hub *hub, const struct hub_room *room,
                         const struct member_id *id);

/* A NEW slot joins |room| as its last member. */
void hub_enter(struct hub *hub, uint32_t index, struct hub_room *room, const struct member_id *id);

/* A NEW slot takes the place of |old|, which has the same id; |old|'s slot loses its place. */
void hub_take_place(struct hub *hub, uint32_t index, uint32_t old);

/* Takes somebody out of whatever it is in. */
void hub_take_out(struct hub *hub, uint32_t index, enum hub_departure departure);

/* The connection of a slot is over. */
void hub_lose_connection(struct hub *hub, uint32_t index);

/* Frees the rooms' tree. */
void hub_forget_rooms(struct hub *hub);

#endif
