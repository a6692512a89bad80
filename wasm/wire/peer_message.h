/* peer_message.h - the messages between two browsers, on their data channel or through the server
 * (server_path.h), built and read here.
 *
 * A message is one JSON object, on a channel in one text message, at most PEER_MESSAGE_BYTES_MAX
 * bytes (16 KiB is safe between all browsers, RFC 8831, 6.6). The channel is ordered and reliable.
 * A reader ignores unknown fields; an unknown type is an error.
 *
 * PEER_MESSAGES below lists the types with their fields.
 *
 *   field    kind
 *     session  number, not 0: a random number that each page draws when it starts
 *     name     1 to PEER_NAME_CHARACTERS_MAX characters
 *     text     1 to PEER_TEXT_CHARACTERS_MAX characters
 *     number   number: counts the texts that the session sends to anybody
 *     first    number: of the first text that the writer still has for the reader
 *     next     number: of the next text that is wanted; all before it have arrived
 *     got      number, not 0: one more than that of the first text that has not come. Those before
 *              it may wait to be shown. The server can lose what goes through it (server_path.h)
 *     heard    number: the session of the other side that "next" counts in; 0 or absent: none
 *     members  array of member ids, at most WIRE_ROOM_MEMBERS_MAX
 *     route    the candidate type at the writer's end of the route in use: host, srflx, prflx or
 *              relay; any other counts as absent
 *     proof    see proof.h. Required between members who share keys, whose connection ends without
 *              it
 *     answer   true: it answers a hello that came after the first of this connection, and needs no
 *              answer itself
 *     back     true: the page is closed or reloaded, and may be back within seconds
 *
 * A writer sends at most INBOX_TEXTS_MAX texts, or INBOX_BYTES_MAX of their messages, that the
 * reader has not confirmed with "next"; more ends the connection. The reader confirms the texts
 * that it has shown, at a limited rate (inbox.h); the others wait with their writer.
 *
 * Texts are lost with a connection that breaks. On the next one each side says in its hello which
 * texts it has, and the other goes on from there, so every text arrives once, and in order. If
 * numbers are missing, texts were lost for good; a person who was away for too long is told.
 *
 * No peer is trusted: names and texts are cleaned (text.h) when they are read.
 */
#ifndef PARLEY_PEER_MESSAGE_H
#define PARLEY_PEER_MESSAGE_H

#include "buffer.h"
#include "candidate.h"
#include "proof.h"
#include "wire.h"

#include <stdint.h>

#define PEER_MESSAGE_VERSION 2
#define PEER_MESSAGE_BYTES_MAX 16384
#define PEER_TEXT_CHARACTERS_MAX 4000
#define PEER_NAME_CHARACTERS_MAX 32
#define PEER_NAME_BYTES_MAX (4 * PEER_NAME_CHARACTERS_MAX)

/* Type, name on the wire, required fields, optional fields. */
#define PEER_MESSAGES(X)                                                                           \
    /* begins a path, and may be repeated; with heard it has next */                               \
    X(HELLO, "hello", VERSION | SESSION | FIRST | NAME, HEARD | PROOF | ANSWER)                    \
    /* a text of the person */                                                                     \
    X(TEXT, "text", NUMBER | TEXT, NONE)                                                           \
    /* the person has another name */                                                              \
    X(NAME, "name", NAME, NONE)                                                                    \
    /* is anybody there? the answer is pong */                                                     \
    X(PING, "ping", NEXT, ROUTE | GOT)                                                             \
    /* also sent without a ping, after many texts, and when the route changed */                   \
    X(PONG, "pong", NEXT, ROUTE | GOT)                                                             \
    /* whom the writer is connected to */                                                          \
    X(REACH, "reach", MEMBERS, NONE)                                                               \
    /* a real goodbye: the channel is closed on purpose */                                         \
    X(BYE, "bye", NONE, BACK)

#define PEER_MESSAGE_ENUM(name, ...) PEER_MESSAGE_##name,
enum peer_message_type { PEER_MESSAGES(PEER_MESSAGE_ENUM) PEER_MESSAGE_TYPE_COUNT };
#undef PEER_MESSAGE_ENUM

struct peer_message {
    enum peer_message_type type;
    uint32_t version;                /* hello; a writer sets ours */
    uint32_t session, heard;         /* hello; heard: 0 when it was not given */
    uint32_t number;                 /* text */
    uint32_t first;                  /* hello */
    struct proof proof;              /* hello */
    uint32_t next;                   /* hello, ping, pong */
    uint32_t got;                    /* ping, pong; 0: not given */
    enum candidate_type route;       /* ping, pong; CANDIDATE_UNKNOWN: not given */
    bool back;                       /* bye */
    bool answer;                     /* hello */
    struct slice text;               /* text: what was said; hello and name: the name; cleaned */
    const struct member_id *members; /* reach; the writer's; of a read message, its own */
    size_t member_count;
    struct buffer memory; /* of a message that was read: its text */
};

/* Reads one channel message. After success call peer_message_deinit; |bytes| is not kept.
 * PARLEY_ERR_TOO_BIG, PARLEY_ERR_UTF8, PARLEY_ERR_JSON, PARLEY_ERR_TYPE, PARLEY_ERR_FIELD,
 * PARLEY_ERR_EMPTY or PARLEY_ERR_TOO_LONG (the text or name), PARLEY_ERR_NO_MEMORY. */
int peer_message_read(struct slice bytes, struct peer_message *message);
void peer_message_deinit(struct peer_message *message);

/* Appends |message| to |out|; its text is cleaned already. PARLEY_ERR_FIELD: a field
 * breaks its limit. PARLEY_ERR_TOO_BIG; PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s. */
int peer_message_write(const struct peer_message *message, struct buffer *out);

#endif
