/* wire_fields.h - the messages of wire.h as tables (fields.h), by which wire.c reads and writes
 * them, and wire_relay.c scans them. Private to these two. */
#ifndef PARLEY_WIRE_FIELDS_H
#define PARLEY_WIRE_FIELDS_H

#include "fields.h"
#include "wire.h"

/* Name, key, place in the message, and the rest of its row, in the order of writing. */
#define WIRE_FIELDS(X)                                                                             \
    X(TYPE, "type", type, FIELD_IS_NAME(1, wire_type_names))                                       \
    X(VERSION, "version", version, FIELD_IS_NUMBER(0, UINT32_MAX))                                 \
    X(ROOM, "room", room,                                                                          \
      FIELD_IS_ID(WIRE_ROOM_ID_BYTES_MIN, WIRE_ROOM_ID_BYTES_MAX, room_id_valid),                  \
      .error = PARLEY_ERR_ROOM)                                                                    \
    X(TOKEN, "token", token, FIELD_IS_ID(WIRE_TOKEN_BYTES, WIRE_TOKEN_BYTES, token_secret_valid))  \
    X(TO, "to", member, IS_MEMBER_ID)                                                              \
    X(FROM, "from", member, IS_MEMBER_ID)                                                          \
    X(YOU, "you", member, IS_MEMBER_ID)                                                            \
    X(MEMBER, "member", member, IS_MEMBER_ID)                                                      \
    X(HELLO, "hello", hello, IS_HELLO(1))                                                          \
    X(SDP, "sdp", sdp, FIELD_IS_TEXT(1, WIRE_SDP_BYTES_MAX))                                       \
    X(CANDIDATE, "candidate", candidate, FIELD_IS_TEXT(0, WIRE_CANDIDATE_BYTES_MAX))               \
    X(MID, "mid", mid, FIELD_IS_TEXT(0, WIRE_MID_BYTES_MAX))                                       \
    X(UFRAG, "ufrag", ufrag, FIELD_IS_TEXT(0, WIRE_UFRAG_BYTES_MAX))                               \
    X(SEALED, "sealed", sealed, FIELD_IS_TEXT(1, WIRE_SEALED_BYTES_MAX))                           \
    X(RELAYED, "sealed", sealed, FIELD_IS_TEXT(1, WIRE_RELAYED_BYTES_MAX))                         \
    X(CONNECTION, "connection", connection, FIELD_IS_NUMBER(1, UINT32_MAX))                        \
    X(FOR, "for", target, FIELD_IS_NUMBER(1, UINT32_MAX))                                          \
    X(MEMBERS, "members", members,                                                                 \
      FIELD_IS_LIST(wire_member_ids, COUNT_AT(member_count), WIRE_ROOM_MEMBERS_MAX))               \
    X(HELLOS, "hellos", hellos,                                                                    \
      FIELD_IS_LIST(hellos, COUNT_AT(hello_count), WIRE_ROOM_MEMBERS_MAX))                         \
    X(ICE_SERVERS, "iceServers", ice_servers,                                                      \
      FIELD_IS_LIST(ice_servers, COUNT_AT(ice_server_count), WIRE_ICE_SERVERS_MAX))                \
    X(ICE_SECONDS, "iceSeconds", ice_seconds, FIELD_IS_NUMBER(0, UINT32_MAX))                      \
    X(MEMBERS_MAX, "roomMembersMax", room_members_max, FIELD_IS_NUMBER(0, UINT32_MAX))             \
    X(RELAYS, "relay", relays, FIELD_IS_FLAG)                                                      \
    X(STATUS, "status", status, FIELD_IS_NUMBER(WIRE_STATUS_MIN, WIRE_STATUS_MAX))                 \
    X(CODE, "code", error, FIELD_IS_NAME(1, wire_error_codes))                                     \
    X(MESSAGE, "message", sentence, FIELD_IS_TEXT(0, UINT32_MAX))                                  \
    X(NUMBER, "number", number, FIELD_IS_NUMBER(0, UINT32_MAX))                                    \
    X(BACK, "back", back, FIELD_IS_FLAG)                                                           \
    X(GOODBYE, "goodbye", goodbye, FIELD_IS_FLAG)

#define WIRE_FIELD_ENUM(name, ...) WIRE_FIELD_##name,
enum wire_field { WIRE_FIELDS(WIRE_FIELD_ENUM) WIRE_FIELD_COUNT };
#undef WIRE_FIELD_ENUM

extern const struct slice wire_type_names[WIRE_TYPE_COUNT], wire_error_codes[WIRE_ERROR_COUNT];

/* struct member_id. */
extern const struct field_items wire_member_ids;

extern const struct field wire_fields[WIRE_FIELD_COUNT];

/* The fields of |type| in |direction|; none if it is not sent in that direction. */
struct field_set wire_fields_of(enum wire_type type, enum wire_direction direction);

#endif
