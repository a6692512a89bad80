/* wire.h - the signaling protocol: every message between a page and the server, built and read only
 * here. The server links this natively, the page through WebAssembly.
 *
 * A message is one JSON object (RFC 8259) in one WebSocket text message (RFC 6455), UTF-8, at most
 * WIRE_MESSAGE_BYTES_MAX bytes (a welcome: see hellos). "type" names it. A reader ignores unknown
 * fields, so that an older page works with a newer server; an unknown type is an error.
 *
 * WIRE_SIGNALS and WIRE_OTHERS below are the types with their fields.
 *
 *   field           kind, limit
 *     version       number, WIRE_VERSION. The other fields of a join or welcome of another version
 *                   are not read, so that an older page can be told "bad_version"
 *     room          4 to 64 characters of A-Z a-z 0-9 _ -, case-insensitive: the welcome has it as
 *                   the first member spelled it
 *     token         WIRE_TOKEN_BYTES characters of base64url: the secret of the page. The member's
 *                   id is a hash of room and token (member_id.h), so anyone with the token is that
 *                   member, even after a lost socket or a restart of the server, and nobody else
 *                   can be
 *     back          true: this page was in the room before and still has its conversations. A join
 *                   with the token of a member takes its place; without back the old one is
 *                   reported as left first, with back. In leave and left: the page was closed or
 *                   reloaded; a join within seconds, without back, is the same person, whose place
 *                   in the room is kept until then
 *     number        number: orders the joins of one token. A join with a smaller number than the
 *                   member in the room has is late, and is refused with "old_join" and the member's
 *                   number. Absent or 0: the page does not number its joins, and all of them count.
 *                   In a "relay_busy": how many milliseconds to wait
 *     goodbye       true: they left on purpose; otherwise they were silent for too long
 *     member, you, to, from    WIRE_MEMBER_ID_BYTES characters of base64url: 128 bits
 *     members       array of member ids without the receiver's, in the order in which they came
 *     hello         1 to WIRE_HELLO_BYTES_MAX characters of base64url: what the page says of itself
 *                   (hello.h; opaque here). The server keeps the one of a member's last join for as
 *                   long as the member has its place
 *     hellos        array: the hello of each of members, in the same order; "" for one without.
 *                   Absent if nobody has one. Only a page that sent a hello gets them: its reader
 *                   accepts a welcome of up to WIRE_WELCOME_BYTES_MAX, and an older page's does not
 *     sealed        1 to WIRE_SEALED_BYTES_MAX bytes: an envelope in base64url (envelope.h; opaque
 *                   here). Its text is another signal, without from
 *                   In a relay: 1 to WIRE_RELAYED_BYTES_MAX, and the text is another page's message
 *     relay         true: the server passes relays on. They are for two members whose browsers find
 *                   no path to each other
 *     sdp           1 to WIRE_SDP_BYTES_MAX bytes (RFC 8866; opaque here)
 *     candidate     0 to WIRE_CANDIDATE_BYTES_MAX bytes (candidate-attribute, RFC 8839, 5.1)
 *     mid           0 to WIRE_MID_BYTES_MAX bytes; ufrag: 0 to WIRE_UFRAG_BYTES_MAX (RFC 8839, 5.4)
 *     connection    number: names the sender's RTCPeerConnection; never 0 where it must be given
 *     for           number: the receiver's, as last known; absent: none is known. A signal for a
 *                   connection that no longer exists is ignored
 *     iceServers    array of at most WIRE_ICE_SERVERS_MAX of {urls, [username], [credential]}
 *     iceSeconds    number: the credentials in iceServers expire this many seconds after they were
 *                   sent; a page that still needs them asks for new ones before. Absent or 0: they
 *                   do not expire, and the page does not ask, so that a newer page works with an
 *                   older server. Without a relay in iceServers: nobody else is in the room; when
 *                   somebody joins, the server sends relays in an unrequested "credentials"
 *     status        number, WIRE_STATUS_MIN to WIRE_STATUS_MAX: what the relay answered (STUN error
 *                   codes, RFC 8489, 14.8, RFC 8656, 19), or WIRE_STATUS_NO_ANSWER (W3C WebRTC,
 *                   4.8.3)
 *     roomMembersMax  number: how many people the server lets into one room
 *
 * Only one of two members (see link.h) sends offers to repair their connection. The other sends
 * "ask"; without "connection" it asks for a new connection, since it has none to repair.
 */
#ifndef PARLEY_WIRE_H
#define PARLEY_WIRE_H

#include "buffer.h"
#include "ids.h"

#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION 2
#define WIRE_MESSAGE_BYTES_MAX 16384 /* across all fragments; safe between all browsers too */
#define WIRE_ROOM_MEMBERS_MAX 64     /* a full mesh: browsers do not handle more well */
#define WIRE_SDP_BYTES_MAX 12288
#define WIRE_CANDIDATE_BYTES_MAX 1024
#define WIRE_MID_BYTES_MAX 64
#define WIRE_UFRAG_BYTES_MAX 256
#define WIRE_HELLO_BYTES_MAX 512
#define WIRE_SEALED_BYTES_MAX 16128
#define WIRE_RELAYED_BYTES_MAX 10923 /* base64url of 8 KiB */
#define WIRE_ICE_SERVERS_MAX 9
#define WIRE_ICE_FIELD_BYTES_MAX 512
#define WIRE_STATUS_MIN 300
#define WIRE_STATUS_MAX 799
#define WIRE_STATUS_NO_ANSWER 701
/* A message, and for each member a hello, quotes and a comma. */
#define WIRE_WELCOME_BYTES_MAX                                                                     \
    (WIRE_MESSAGE_BYTES_MAX + WIRE_ROOM_MEMBERS_MAX * (WIRE_HELLO_BYTES_MAX + 3))

/* Name, code on the wire, WebSocket close code (0: the connection stays open), sentence. Close
 * codes: RFC 6455, 7.4.1, and the IANA registry (1013, try again later). */
#define WIRE_ERRORS(X)                                                                             \
    X(BAD_MESSAGE, "bad_message", 0, "The server did not understand a message from this page.")    \
    X(TOO_MANY_BAD, "too_many_bad_messages", 1008, "Too many messages made no sense.")             \
    X(BAD_VERSION, "bad_version", 1008,                                                            \
      "This page and the server are of different versions. "                                       \
      "Reload the page.")                                                                          \
    X(BAD_ROOM, "bad_room", 1008,                                                                  \
      "Names of rooms have 4 to 64 letters (a to z), digits, hyphens or underscores; "             \
      "perhaps the link was cut off.")                                                             \
    X(ROOM_FULL, "room_full", 1008, "This room is full.")                                          \
    X(ROOM_BUSY, "room_busy", 1013, "Too many people are entering this room just now.")            \
    X(TOO_MANY_ROOMS, "too_many_rooms", 1013,                                                      \
      "The server has no place for another room. "                                                 \
      "Try again later.")                                                                          \
    X(SERVER_FULL, "server_full", 1013, "The server is full. Try again later.")                    \
    X(ADDRESS_FULL, "address_full", 1013,                                                          \
      "Too many people are connected from this network. Try again later.")                         \
    X(TOO_MANY_JOINS, "too_many_joins", 1013, "Too many people came from this network at once.")   \
    X(TOO_FAST, "too_fast", 1013, "This page sent more than the server takes.")                    \
    X(JOIN_FIRST, "join_first", 1008, "Join a room before sending anything else.")                 \
    X(JOIN_TIMEOUT, "join_timeout", 1008, "No room was joined in time.")                           \
    X(JOINED_ALREADY, "joined_already", 0, "This page is in a room already.")                      \
    X(NO_SUCH_MEMBER, "no_such_member", 0, "That person is not in this room.")                     \
    X(RELAY_BUSY, "relay_busy", 0, "The server passes on only so much at once.")                   \
    X(RELAY_OFF, "relay_off", 0, "The server passes on no conversations.")                         \
    X(NOT_TEXT, "not_text", 1003, "Signaling messages are text, not binary.")                      \
    X(NOT_UTF8, "not_utf8", 1007, "A message was not UTF-8.")                                      \
    X(TOO_BIG, "too_big", 1009, "A message was larger than 16 KiB.")                               \
    X(TOO_SLOW, "too_slow", 1008, "This page did not read what the server sent it.")               \
    X(REPLACED, "replaced", 1008, "This conversation goes on in another window.")                  \
    X(OLD_JOIN, "old_join", 1013, "A newer connection of this page is in the room.")               \
    X(SHUTTING_DOWN, "shutting_down", 1001, "The server is shutting down.")                        \
    X(RESTARTING, "restarting", 1012, "The server is about to restart.")

#define WIRE_ERROR_ENUM(name, code, close_code, sentence) WIRE_ERROR_##name,
enum wire_error { WIRE_ERRORS(WIRE_ERROR_ENUM) WIRE_ERROR_COUNT };
#undef WIRE_ERROR_ENUM

/* From a page to another of the same room: type, name on the wire, required fields, optional
 * fields. To the server each also has "to"; to the page it has "from" instead: the server writes
 * the true sender. */
#define WIRE_SIGNALS(X)                                                                            \
    X(OFFER, "offer", SDP | CONNECTION, FOR)                                                       \
    X(ANSWER, "answer", SDP | CONNECTION | FOR, NONE)                                              \
    /* candidate "" is end-of-candidates (RFC 8838, 13) */                                         \
    X(CANDIDATE, "candidate", CANDIDATE | CONNECTION, MID | UFRAG | FOR)                           \
    /* asks the other to send an offer: see above */                                               \
    X(ASK, "ask", NONE, CONNECTION | FOR)                                                          \
    /* one of these four, which only the receiver can read */                                      \
    X(SEALED, "sealed", SEALED, NONE)

/* Between a page and the server: the same, first the fields to the server, then those to the page.
 */
#define WIRE_OTHERS(X)                                                                             \
    /* the first message; without room the server makes one */                                     \
    X(JOIN, "join", HAS(VERSION | TOKEN, ROOM | BACK | NUMBER | HELLO), NEVER)                     \
    /* a real goodbye, before the socket is closed */                                              \
    X(LEAVE, "leave", HAS(NONE, BACK), NEVER)                                                      \
    /* is anybody there? the answer is pong */                                                     \
    X(PING, "ping", HAS(NONE, NONE), NEVER)                                                        \
    /* the answer to join */                                                                       \
    X(WELCOME, "welcome", NEVER,                                                                   \
      HAS(VERSION | ROOM | YOU | MEMBERS | ICE_SERVERS | MEMBERS_MAX,                              \
          ICE_SECONDS | HELLOS | RELAYS))                                                          \
    /* somebody joined: the receivers send offers to them */                                       \
    X(JOINED, "joined", NEVER, HAS(MEMBER, BACK | HELLO))                                          \
    /* somebody left */                                                                            \
    X(LEFT, "left", NEVER, HAS(MEMBER, GOODBYE | BACK))                                            \
    X(PONG, "pong", NEVER, HAS(NONE, NONE))                                                        \
    /* what one member says to another who is not reached otherwise */                             \
    X(RELAY, "relay", HAS(TO | RELAYED, NONE), HAS(FROM | RELAYED, NONE))                          \
    /* asks for new relays (see iceSeconds); the answer: relays, which replace those before */     \
    X(CREDENTIALS, "credentials", HAS(NONE, NONE), HAS(ICE_SERVERS, ICE_SECONDS))                  \
    /* a relay of the iceServers does not work here */                                             \
    X(RELAY_FAILED, "relay_failed", HAS(STATUS, NONE), NEVER)                                      \
    /* a code of WIRE_ERRORS and a sentence for people */                                          \
    X(ERROR, "error", NEVER, HAS(CODE, MESSAGE | NUMBER))

#define WIRE_ENUM(name, ...) WIRE_##name,
enum wire_type { WIRE_SIGNALS(WIRE_ENUM) WIRE_OTHERS(WIRE_ENUM) WIRE_TYPE_COUNT };
#undef WIRE_ENUM

/* The case labels of a whole list, in a switch: WIRE_SIGNALS(WIRE_CASE). */
#define WIRE_CASE(name, ...) case WIRE_##name:

enum wire_direction { WIRE_TO_SERVER, WIRE_TO_PAGE };

/* One ICE server as RTCIceServer has it (W3C WebRTC, 4.2.4). Empty: not given. */
struct wire_ice_server {
    struct slice url; /* "stun:host:port", "turn:...", "turns:..." */
    struct slice username;
    struct slice credential;
};

/* One message in either direction; its type determines which fields count, see above. */
struct wire_message {
    enum wire_type type;
    uint32_t version;
    struct room_id room;     /* none in a join: the server makes one */
    struct member_id member; /* to or from; joined and left: who; welcome: you */
    struct token_secret token;
    bool back, goodbye;
    bool relays;                 /* "relay" in a welcome */
    uint32_t number;             /* of a join; 0: not given */
    uint32_t connection, target; /* "connection", "for"; 0: not given */
    struct slice sdp;
    struct slice candidate;
    struct slice mid;
    struct slice ufrag;
    struct slice hello;
    struct slice sealed;
    const struct member_id *members; /* the writer's; of a message that was read, its own */
    size_t member_count;
    const struct slice *hellos; /* likewise; as many as members, or none */
    size_t hello_count;
    const struct wire_ice_server *ice_servers; /* likewise */
    size_t ice_server_count;
    uint32_t ice_seconds; /* 0: not given */
    uint32_t status;
    uint32_t room_members_max;
    enum wire_error error; /* WIRE_ERROR_COUNT: a code this version does not know */
    struct slice sentence;
    void *json; /* what a read message's views point into; owned by the message */
};

/* Reads |bytes|, a message sent in |direction|, into |message|. Its views are valid until
 * wire_message_deinit, which must be called after success (and may be called after an error).
 * |bytes| is not kept.
 * PARLEY_ERR_TOO_BIG, PARLEY_ERR_UTF8, PARLEY_ERR_JSON, PARLEY_ERR_TYPE, PARLEY_ERR_FIELD;
 * PARLEY_ERR_ROOM: the room id is no room id. PARLEY_ERR_NO_MEMORY. */
int wire_read(struct slice bytes, enum wire_direction direction, struct wire_message *message);

/* Frees what wire_read allocated; harmless for a message that was not read. */
void wire_message_deinit(struct wire_message *message);

/* Appends |message|, for |direction|, to |out|.
 * PARLEY_ERR_FIELD: a field breaks its limit. PARLEY_ERR_TYPE: not a type of that direction.
 * PARLEY_ERR_TOO_BIG; PARLEY_ERR_FULL: |out| cannot hold WIRE_MESSAGE_BYTES_MAX more (with hellos:
 * WIRE_WELCOME_BYTES_MAX), reserved before the length is known; PARLEY_ERR_NO_MEMORY. Then |out| is
 * as it was. */
int wire_write(const struct wire_message *message, enum wire_direction direction,
               struct buffer *out);

/* Appends |servers| as the JSON array that RTCConfiguration.iceServers takes. Errors as wire_write.
 */
int wire_write_ice_servers(const struct wire_ice_server *servers, size_t count, struct buffer *out);

/* True for "stun:", "stuns:", "turn:" or "turns:", a host, and at most a port and a transport
 * (RFC 7064, RFC 7065). */
bool wire_ice_url_valid(struct slice url);

/* True for a valid "turn:" or "turns:" address: a relay. */
bool wire_ice_url_is_turn(struct slice url);

/* True when messages of that type are sent in that direction. */
bool wire_type_goes(enum wire_type type, enum wire_direction direction);

/* The type's name on the wire, such as "offer". */
const char *wire_type_name(enum wire_type type);

/* An error with its sentence. */
struct wire_message wire_error_message(enum wire_error error);

/* The error's code on the wire, its sentence, and the WebSocket close code (0: stays open). */
const char *wire_error_code(enum wire_error error);
const char *wire_error_sentence(enum wire_error error);
uint16_t wire_error_close_code(enum wire_error error);

#endif
