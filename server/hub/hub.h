/* hub.h - rooms and routing, without any I/O: who is in which room, and who may say what to whom.
 *
 * The contract: one input (hub_connect, hub_receive, hub_violation, hub_disconnect, hub_tick,
 * hub_drain, hub_shut_down), then take every action with hub_next_action, then the next input. The
 * hub reads no clock and makes no random bytes; both come in. The tables of members and rooms are
 * taken once, in hub_create.
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
 * A connection that is CLOSING is in no room and is not heard any more; the transport, told by
 * HUB_CLOSE, closes the socket and then calls hub_disconnect, as it does for every socket that ends
 * by itself.
 *
 * Ids of rooms that differ in case alone are one room's, which is called as the first who came
 * spelled it; everybody is told so in their welcome.
 *
 * A member's id is a hash of the room and of the token in its join (id.h): with the token it is the
 * same member on any connection and after a restart; without it nobody is. A lost socket is no
 * departure: its member is ABSENT, nobody is told, it keeps its place in the room and in the order
 * of its members, counts for room_members_max, and what is sent to it is dropped. Only those are
 * waited for who have met somebody: they answered an offer, or theirs was answered, on this page or
 * the one that it replaces, or they came with back. What the others hear:
 *
 *   the grace is over, or there is none                 left
 *   leave                                               left with goodbye, at once; with back, too,
 *                                                       where the leave has it
 *   the hub closes it for breaking the rules            left, at once
 *   a join of the same token, with back                 joined with back; the place stays the same
 *   a join of the same token, without back              left, joined; the place is the last
 *   a join with back of somebody unknown to the hub     joined with back; the place is the last
 *
 * A leave with back is a page that is closed or loaded anew: the others are told of it at once, and
 * the member keeps its place, for which it would have to compete in a full room. For HUB_LEAVING_MS
 * it is ABSENT, but as gone to everybody else: no welcome lists it, no signal finds it, and nobody
 * is told when its time is over.
 *
 * Joins of a token are in order: one with a smaller number than that of the member, present or
 * absent, is refused with WIRE_ERROR_OLD_JOIN and that number, and changes nothing.
 *
 * Where the older connection of the token still lives, it is told WIRE_ERROR_REPLACED and closed.
 *
 * People who come and go all the time must not keep the others busy. Joins that somebody else in
 * the room hears of have a pace: HUB_JOINS_AT_ONCE times room_members_max of them, and from there
 * on one in HUB_JOIN_STEP_MS. One more is refused with WIRE_ERROR_ROOM_BUSY and changes nothing; a
 * connection that it would have replaced stays.
 *
 * Nor must they keep others out. Beyond that pace HUB_RETURNS_KEPT joins are kept for those who
 * come back, or whose address is there already: they load the page anew, or share a router
 * (HUB_QUOTA_RETURNS_AT_ONCE an address, then one in HUB_QUOTA_RETURN_STEP_MS). And beyond these
 * HUB_JOINS_KEPT for the first of an address that has nobody in the room (HUB_QUOTA_AT_ONCE, then
 * one in HUB_QUOTA_STEP_MS): it takes 40 addresses that do nothing else to use them up. Here an
 * address is what has one key (hub_set_address_key).
 *
 * In a full room the address of most members gives a place to another one that has, with it, still
 * fewer: that of somebody absent, or who met nobody, the last who came first. To an address that
 * has nobody in the room it gives anybody's, where it has more than half of all places. A member
 * that loses its place is refused with WIRE_ERROR_ROOM_FULL.
 *
 * Credentials for a relay (turn.h) are made for members who have company: one that is alone in a
 * room is told that there will be some (wire.h, iceSeconds), and sent them when a second one comes.
 *
 * Absent members must not keep the living out: never more are absent than connections_max, and a
 * room in which all are absent goes where another room needs its place. The longest absent, or
 * deserted, goes first.
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
#define HUB_NOBODY UINT32_MAX
#define HUB_ICE_SERVERS_MAX (WIRE_ICE_SERVERS_MAX - 1) /* besides the one of hub_set_stun */
#define HUB_STUN_URL_BYTES_MAX 280                     /* a name of 253 characters, and more */

struct hub;

/* A connection's handle: an index below twice connections_max. After hub_disconnect the hub may
 * keep an absent member under it, but to the transport it means nothing until hub_connect returns
 * it again. */
typedef uint32_t hub_handle;

struct hub_config {
    uint32_t connections_max;
    uint32_t rooms_max;
    uint32_t room_members_max; /* at most WIRE_ROOM_MEMBERS_MAX */
    uint32_t join_timeout_ms;  /* from hub_connect to a join */
    uint32_t grace_ms;         /* for an absent member to come back; 0: it is gone at once */
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
    HUB_NOTE_RELAY_FAILED, /* |to| says that a relay is of no use there: |status| of wire.h */
    HUB_NOTE_MESSAGE,      /* trace: |to| sent a |type| of |bytes_len|, for |target| if not empty */
    HUB_NOTE_SENT          /* trace: |to| is sent a |type| of |bytes_len| */
};

struct hub_action {
    enum hub_action_kind kind;
    hub_handle to;
    void *transport;    /* what hub_connect was given for |to|; NULL in a note about one that has no
                           connection any more */
    struct slice bytes; /* HUB_SEND; valid until the next input */
    uint32_t from;      /* HUB_SEND: whose words these are. HUB_NOBODY: the hub's own. Those of
                           members are what to drop where |to| does not read, or one could have
                           another dropped */
    uint16_t close_code;
    enum wire_error error;
    enum hub_note note;
    enum wire_type type; /* of a message: HUB_SEND, and notes of it */
    size_t bytes_len;
    uint32_t status;     /* HUB_NOTE_RELAY_FAILED */
    struct slice member; /* |to|'s member id, empty before it joined; valid until the next input */
    struct slice target; /* HUB_NOTE_MESSAGE; valid until the next input */
    struct slice room;
    uint32_t members;
};

struct hub_stats {
    uint32_t connections; /* connected, in a room or not */
    uint32_t rooms;
    uint32_t members; /* in a room, the absent included */
    uint32_t absent;
};

/* Makes a hub and sets |out|. Free it with hub_destroy.
 * PARLEY_ERR_ARGUMENT: a limit is 0 or above its bound, or the ICE servers are not what wire.h
 * allows, or so long that a welcome would not fit into a message. PARLEY_ERR_NO_MEMORY. */
int hub_create(struct hub **out, const struct hub_config *config);
void hub_destroy(struct hub *hub);

/* A transport has a new connection. |transport| comes back in every action for it. |random|: fresh
 * bytes of a cryptographic generator. |handle| is set on success.
 * PARLEY_ERR_FULL: connections_max is reached; refuse the connection with WIRE_ERROR_SERVER_FULL.
 */
int hub_connect(struct hub *hub, uint64_t now_ms, void *transport,
                const uint8_t random[HUB_RANDOM_BYTES], hub_handle *handle);

/* Whose |handle| is: the key of a client's address (address_key.h), 0 until it is set. Members with
 * the same key count as one where something is shared. No input: there are no actions. */
void hub_set_address_key(struct hub *hub, hub_handle handle, uint32_t address_key);

/* |handle|, which has not joined, is offered the STUN server |url| (RFC 7064; of at most
 * HUB_STUN_URL_BYTES_MAX) when it does, before all others. No input: there are no actions.
 * PARLEY_ERR_ARGUMENT: it is none; PARLEY_ERR_NO_MEMORY: there is no place for a copy; nothing else
 * is offered then. */
int hub_set_stun(struct hub *hub, hub_handle handle, struct slice url);

/* One whole text message came from |handle|. It may hold anything: only the sender pays. */
void hub_receive(struct hub *hub, uint64_t now_ms, hub_handle handle, struct slice bytes);

/* True where |bytes| are a join of somebody who has a place in the room that it names, present or
 * absent, and did not join within HUB_RETURN_SECONDS: that need not wait. No input: there are no
 * actions. */
bool hub_returns(struct hub *hub, uint64_t now_ms, struct slice bytes);

/* The transport caught |handle| breaking a rule below the messages (binary, not UTF-8, too big, too
 * slow, too fast): it is told |error| and closed if the error has a close code. */
void hub_violation(struct hub *hub, uint64_t now_ms, hub_handle handle, enum wire_error error);

/* True from its welcome until it is absent, closing or gone. */
bool hub_is_in_room(const struct hub *hub, hub_handle handle);

/* The connection is gone, whatever it was in; |handle| must not be used again until hub_connect
 * returns it. No action for it comes any more but notes. */
void hub_disconnect(struct hub *hub, uint64_t now_ms, hub_handle handle);

/* Time has passed. Call it at hub_deadline_ms (which may be due again at once); any other time does
 * no harm. */
void hub_tick(struct hub *hub, uint64_t now_ms);

/* Another server will take over: sends everybody there, spread evenly over |duration_ms|, so that
 * they do not all come at once. From now on whoever joins is refused with WIRE_ERROR_RESTARTING;
 * who is in a room is told the same when it is their turn, and closed. The others are not told of
 * it: their conversations go on, and they meet again on the other server. The absent, who will
 * come back there, are forgotten. Once is enough: a second call changes nothing. */
void hub_drain(struct hub *hub, uint64_t now_ms, uint64_t duration_ms);
bool hub_is_draining(const struct hub *hub);

/* Tells everybody WIRE_ERROR_SHUTTING_DOWN and closes them; the absent are forgotten. */
void hub_shut_down(struct hub *hub, uint64_t now_ms);

/* Takes the next action out of the queue; false when it is empty. */
bool hub_next_action(struct hub *hub, struct hub_action *action);

/* When hub_tick is next due, on the clock of the inputs; NO_DEADLINE for never. */
uint64_t hub_deadline_ms(const struct hub *hub);

struct hub_stats hub_stats(const struct hub *hub);

/* How many messages were taken, by enum wire_type: WIRE_TYPE_COUNT numbers, the hub's. What cannot
 * be read is none. */
const uint64_t *hub_received(const struct hub *hub);

#endif
