/* hub.h - rooms and routing, without any I/O: who is in which room, and who may say what to whom.
 *
 * The contract: after each input (hub_connect, hub_receive, hub_violation, hub_disconnect,
 * hub_tick, hub_drain, hub_shut_down), take every action with hub_next_action before the next
 * input. The hub reads no clock and makes no random bytes; the caller passes both in. hub_create
 * allocates the tables of members and rooms once.
 *
 *   state      what happens                                  next
 *   -          hub_connect                                   NEW
 *   NEW        join                                          IN A ROOM
 *   NEW        refused, no join within join_timeout_ms       CLOSING
 *   IN A ROOM  leave, refused, replaced                      CLOSING
 *   IN A ROOM  hub_disconnect, too slow or fast              ABSENT, for at most grace_ms
 *   IN A ROOM  leave with back                               ABSENT, for at most HUB_LEAVING_MS
 *   ABSENT     its time is over, joined again, or let go     - or, if not yet closed, CLOSING
 *   CLOSING    hub_disconnect                                -
 *
 * A CLOSING connection is in no room, and the hub ignores its messages. HUB_CLOSE tells the
 * transport to close the socket; the transport then calls hub_disconnect, as for every socket that
 * ends by itself.
 *
 * Room ids that differ only in case name the same room. Its id keeps the spelling of the first
 * member; every welcome has it.
 *
 * A member's id is a hash of the room and of the token in its join (member_id.h). Anyone with the
 * token is the same member, on any connection and after a restart; nobody else can be. A lost
 * socket is not a departure: the member becomes ABSENT and nobody is told. It keeps its place in
 * the room and in the order of members, and counts for room_members_max; messages to it are
 * dropped. The hub waits only for members who have met somebody: they answered an offer, or theirs
 * was answered (of sealed signals: both sent one), on this page or the one that it replaces, or
 * they joined with back. The others are told so:
 *
 *   the grace is over, or there is none                 left
 *   leave                                               left with goodbye, at once; with back, too,
 *                                                       where the leave has it
 *   the hub closes it for breaking the rules            left, at once
 *   a join of the same token, with back                 joined with back; the place stays the same
 *   a join of the same token, without back              left, joined; the place is the last
 *   a join with back of somebody unknown to the hub     joined with back; the place is the last
 *
 * The hub keeps the hello of a member's last join for as long as the member has its place.
 *
 * A page that is closed or reloaded sends a leave with back. The others are told at once, but the
 * member keeps its place, for which it would have to compete in a full room. It is ABSENT for
 * HUB_LEAVING_MS, but gone for everybody else: no welcome lists it, no signal reaches it, and
 * nobody is told when its time is over.
 *
 * Joins of a token are ordered. If a join has a smaller number than the member, present or absent,
 * the hub refuses it with WIRE_ERROR_OLD_JOIN and the member's number, and nothing changes.
 *
 * If an older connection of the token is still open, it is told WIRE_ERROR_REPLACED and closed.
 *
 * People who keep joining and leaving must not keep the others busy. Joins that others in the room
 * are told of are limited: HUB_JOINS_AT_ONCE times room_members_max at once, then one every
 * HUB_JOIN_STEP_MS. One more is refused with WIRE_ERROR_ROOM_BUSY and changes nothing; a connection
 * that it would have replaced stays.
 *
 * Nor must they keep others out. Some joins beyond that limit are reserved. HUB_RETURNS_KEPT are
 * for people who come back, or whose address is in the room already, because they reload the page
 * or share a router (for each address HUB_QUOTA_RETURNS_AT_ONCE, then one every
 * HUB_QUOTA_RETURN_STEP_MS). Another HUB_JOINS_KEPT are for the first member of an address that has
 * nobody in the room (for each address HUB_QUOTA_AT_ONCE, then one every HUB_QUOTA_STEP_MS): it
 * takes 40 addresses that do nothing else to use them up. All connections with the same key
 * (hub_set_address_key) count as one address.
 *
 * In a full room the address with the most members gives a place to another address that then still
 * has fewer than it had. It gives the place of a member who is absent, or who met nobody, the
 * latest arrival first. If it has more than half of all places, it gives any of them to an address
 * that has nobody in the room. A member that loses its place is refused with WIRE_ERROR_ROOM_FULL.
 *
 * Relays (wire.h) are passed on like signals, within two budgets, of their sender and of the room.
 * Each counts the bytes of the messages: HUB_RELAY_BYTES_PER_SECOND, with HUB_RELAY_BURST_BYTES at
 * once, and the same for a room. One that finds no room in both is dropped; its sender is told
 * WIRE_ERROR_RELAY_BUSY and how long to wait, and stays.
 *
 * Only members who are not alone get credentials for a relay (turn.h). A member alone in a room is
 * told that there will be some (wire.h, iceSeconds), and gets them when a second one joins.
 *
 * Absent members must not keep others out. At most connections_max members are absent, and a room
 * in which all are absent is removed when another room needs its place. The member absent for
 * longest, or the room deserted for longest, goes first.
 */
#ifndef PARLEY_HUB_H
#define PARLEY_HUB_H

#include "deadline.h"
#include "turn.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define HUB_RANDOM_BYTES 8     /* for one connection: perhaps it wants a room made */
#define HUB_BAD_MESSAGES_MAX 8 /* the next one closes the connection */
#define HUB_LEAVING_MS 5000    /* grace_ms where that is less; see leave with back */
#define HUB_JOINS_AT_ONCE 2    /* times room_members_max: all are back after a restart, twice */
#define HUB_JOIN_STEP_MS 500
#define HUB_JOINS_KEPT 32   /* for addresses that are not there yet */
#define HUB_RETURNS_KEPT 16 /* for those that are */
#define HUB_QUOTAS_MAX 64   /* addresses that are remembered, of a room that is busy */
#define HUB_QUOTA_AT_ONCE 2 /* newcomers */
#define HUB_QUOTA_STEP_MS 20000
#define HUB_QUOTA_RETURNS_AT_ONCE 4
#define HUB_QUOTA_RETURN_STEP_MS 5000
#define HUB_RETURN_SECONDS 5
#define HUB_RELAY_BYTES_PER_SECOND 4096 /* of a member; see relays */
#define HUB_RELAY_BURST_BYTES 65536
#define HUB_RELAY_ROOM_BYTES_PER_SECOND 65536
#define HUB_RELAY_ROOM_BURST_BYTES 262144
#define HUB_NOBODY UINT32_MAX
#define HUB_ICE_SERVERS_MAX (WIRE_ICE_SERVERS_MAX - 1) /* besides the one of hub_set_stun */
#define HUB_STUN_URL_BYTES_MAX 280                     /* a name of 253 characters, and more */

struct hub;

/* A connection's handle: an index below twice connections_max. After hub_disconnect the hub may
 * keep an absent member under it, but the transport must not use it until hub_connect returns it
 * again. */
typedef uint32_t hub_handle;

struct hub_config {
    uint32_t connections_max;
    uint32_t rooms_max;
    uint32_t room_members_max; /* at most WIRE_ROOM_MEMBERS_MAX */
    uint32_t join_timeout_ms;  /* from hub_connect to a join */
    uint32_t grace_ms;         /* for an absent member to come back; 0: it is gone at once */
    bool relay;                /* pass on relays */
    bool trace;                /* note every message, not only what people want to know */
    const struct wire_ice_server *ice_servers; /* the caller's, must outlive the hub */
    size_t ice_server_count;                   /* with |turn|'s at most HUB_ICE_SERVERS_MAX */
    const struct turn *turn;                   /* the caller's, as the servers; NULL: no relay */
};

enum hub_action_kind {
    HUB_SEND,  /* write |bytes| to |to| as one text message */
    HUB_CLOSE, /* close |to| after what was sent: |close_code|, and |error|'s code as the reason
                  (WIRE_ERROR_COUNT: no reason) */
    HUB_NOTE   /* something for the log; see |note| */
};

enum hub_note {
    HUB_NOTE_JOINED,  /* |to| came into |room|, in which there are now |members| */
    HUB_NOTE_LEFT,    /* |to| left |room|, in which there are now |members| */
    HUB_NOTE_AWAY,    /* |to| lost its connection, or is loaded anew, and is absent from |room| */
    HUB_NOTE_BACK,    /* |to| came back into |room|, or took the place of an older connection */
    HUB_NOTE_REFUSED, /* |to| was refused with |error| */
    HUB_NOTE_RELAY_FAILED, /* |to| reports that a relay does not work for it: |status| of wire.h */
    HUB_NOTE_MESSAGE,      /* trace: |to| sent a |type| of |bytes_len|, for |target| if not NULL */
    HUB_NOTE_SENT          /* trace: |to| is sent a |type| of |bytes_len| */
};

struct hub_action {
    enum hub_action_kind kind;
    hub_handle to;
    void *transport;    /* what hub_connect was given for |to|; NULL in a note about one that has no
                           connection any more */
    struct slice bytes; /* HUB_SEND; valid until the next input */
    uint32_t from; /* HUB_SEND: the author; HUB_NOBODY: the hub itself. If |to| reads too slowly,
                           drop members' messages; or one member could have another disconnected */
    uint16_t close_code;
    enum wire_error error;
    enum hub_note note;
    enum wire_type type; /* of a message: HUB_SEND, and notes of it */
    size_t bytes_len;
    uint32_t status; /* HUB_NOTE_RELAY_FAILED */
    /* Valid until the next input; NULL: none. */
    const struct member_id *member; /* |to|'s; none before it joined */
    const struct member_id *target; /* HUB_NOTE_MESSAGE */
    const struct room_id *room;
    uint32_t members;
};

struct hub_stats {
    uint32_t connections; /* connected, in a room or not */
    uint32_t rooms;
    uint32_t members; /* in a room, the absent included */
    uint32_t absent;
};

/* Relays since the hub was made, and those over a budget. */
struct hub_relayed {
    uint64_t messages, bytes;
    uint64_t refused_messages, refused_bytes;
};

/* Makes a hub and sets |out|. Free it with hub_destroy.
 * PARLEY_ERR_ARGUMENT: a limit is 0 or above its bound, or the ICE servers are not what wire.h
 * allows, or so long that a welcome would not fit into a message. PARLEY_ERR_NO_MEMORY. */
int hub_create(struct hub **out, const struct hub_config *config);
void hub_destroy(struct hub *hub);

/* A transport has a new connection. Every action for it has |transport|. |random|: fresh bytes of a
 * cryptographic generator. Sets |handle| on success.
 * PARLEY_ERR_FULL: connections_max is reached; refuse the connection with WIRE_ERROR_SERVER_FULL.
 */
int hub_connect(struct hub *hub, uint64_t now_ms, void *transport,
                const uint8_t random[HUB_RANDOM_BYTES], hub_handle *handle);

/* Sets the key of the client's address (address_key.h); 0 until then. Members with the same key
 * share what is limited by address. Not an input: there are no actions. */
void hub_set_address_key(struct hub *hub, hub_handle handle, uint32_t address_key);

/* When |handle|, which has not joined, joins, it is offered the STUN server |url| (RFC 7064; at
 * most HUB_STUN_URL_BYTES_MAX) before all others. Not an input: there are no actions.
 * PARLEY_ERR_ARGUMENT: not such a URL; PARLEY_ERR_NO_MEMORY: no memory for a copy. Then it is not
 * offered. */
int hub_set_stun(struct hub *hub, hub_handle handle, struct slice url);

/* One complete text message arrived from |handle|. It may hold anything: an error affects only the
 * sender. */
void hub_receive(struct hub *hub, uint64_t now_ms, hub_handle handle, struct slice bytes);

/* True if |bytes| are a join by somebody who has a place in that room, present or absent, and whose
 * last join is more than HUB_RETURN_SECONDS ago: such a join does not have to wait. Not an input:
 * there are no actions. */
bool hub_returns(struct hub *hub, uint64_t now_ms, struct slice bytes);

/* The transport caught |handle| breaking a rule below the messages (binary, not UTF-8, too big, too
 * slow, too fast): it is told |error| and closed if the error has a close code. */
void hub_violation(struct hub *hub, uint64_t now_ms, hub_handle handle, enum wire_error error);

/* True from its welcome until it is absent, closing or gone. */
bool hub_is_in_room(const struct hub *hub, hub_handle handle);

/* The connection is gone, in whatever state it was. |handle| must not be used again until
 * hub_connect returns it. The only actions for it from now on are notes. */
void hub_disconnect(struct hub *hub, uint64_t now_ms, hub_handle handle);

/* Time has passed. Call it at hub_deadline_ms (which may be due again at once); calls at other
 * times are harmless. */
void hub_tick(struct hub *hub, uint64_t now_ms);

/* Another server will take over: sends everybody there, spread evenly over |duration_ms|, so that
 * they do not all arrive at once. From now on joins are refused with WIRE_ERROR_RESTARTING. Members
 * in rooms are told the same, one by one, and closed. The others are not told of it: their
 * conversations go on, and they meet again on the other server. Absent members, who will come back
 * there, are forgotten. A second call changes nothing. */
void hub_drain(struct hub *hub, uint64_t now_ms, uint64_t duration_ms);
bool hub_is_draining(const struct hub *hub);

/* Tells everybody WIRE_ERROR_SHUTTING_DOWN and closes them; the absent are forgotten. */
void hub_shut_down(struct hub *hub, uint64_t now_ms);

/* Takes the next action out of the queue; false when it is empty. */
bool hub_next_action(struct hub *hub, struct hub_action *action);

/* When hub_tick is next due, on the clock of the inputs; NO_DEADLINE for never. */
uint64_t hub_deadline_ms(const struct hub *hub);

struct hub_stats hub_stats(const struct hub *hub);

/* How many messages were received, by enum wire_type: WIRE_TYPE_COUNT numbers, owned by the hub.
 * Messages that cannot be read do not count. */
const uint64_t *hub_received(const struct hub *hub);

/* Owned by the hub. */
const struct hub_relayed *hub_relayed(const struct hub *hub);

#endif
