/* peer_message.h - what two browsers say to each other over their data channel, built and read
 * here.
 *
 * A message is one JSON object in one text message of the channel, at most PEER_MESSAGE_BYTES_MAX
 * bytes (16 KiB is safe between all browsers, RFC 8831, 6.6). The channel is ordered and reliable.
 * Fields that a reader does not know are ignored; a type it does not know is an error.
 *
 *   hello  version, name, session, first, [heard, next]   the first message of a connection, once;
 *                          its writer is a person from the first one on
 *   text   text, number    what the person said: 1 to PEER_TEXT_CHARACTERS_MAX characters
 *   name   name            the person has another name: 1 to PEER_NAME_CHARACTERS_MAX characters
 *   ping   next, [route]   is anybody there? the answer is pong
 *   pong   next, [route]   also unasked for, after many texts, and when the route changed
 *   reach  members         whom the writer is connected to: at most WIRE_ROOM_MEMBERS_MAX ids
 *   bye    [back]          a real goodbye: what closes now was closed on purpose
 *
 *   field    kind
 *     session  number, not 0: drawn by each page when it starts
 *     number   number: counts up with each text that the session says to anybody
 *     first    number: of the first text that the writer still has for the reader
 *     next     number: of the next text that is wanted; all before it came
 *     heard    number: the session of the other side that "next" counts in
 *     route    the type of the writer's end of the route in use: host, srflx, prflx or relay
 *     back     true: the page is closed or loaded anew, and may be back within seconds
 *
 * A writer sends no more than INBOX_TEXTS_MAX texts, or INBOX_BYTES_MAX in their messages, that the
 * reader has not confirmed by "next"; more ends the connection. The reader confirms what it has
 * shown, which it does at a pace (inbox.h): what is above waits with its writer.
 *
 * A connection that breaks takes texts along. On the next one each side says in its hello what it
 * has, and the other goes on from there: so every text comes once, and in order. Where numbers are
 * left out, texts were lost for good: whoever was away for too long is told.
 *
 * Nobody's text is trusted: names and texts are cleaned (text.h) when they are read.
 */
#ifndef PARLEY_PEER_MESSAGE_H
#define PARLEY_PEER_MESSAGE_H

#include "buffer.h"
#include "candidate.h"
#include "wire.h"

#include <stdint.h>

#define PEER_MESSAGE_VERSION 2
#define PEER_MESSAGE_BYTES_MAX 16384
#define PEER_TEXT_CHARACTERS_MAX 4000
#define PEER_NAME_CHARACTERS_MAX 32
#define PEER_NAME_BYTES_MAX (4 * PEER_NAME_CHARACTERS_MAX)

enum peer_message_type {
    PEER_MESSAGE_HELLO,
    PEER_MESSAGE_TEXT,
    PEER_MESSAGE_NAME,
    PEER_MESSAGE_PING,
    PEER_MESSAGE_PONG,
    PEER_MESSAGE_REACH,
    PEER_MESSAGE_BYE,
    PEER_MESSAGE_TYPE_COUNT
};

struct peer_message {
    enum peer_message_type type;
    uint32_t version;        /* hello */
    uint32_t session, heard; /* hello; heard: 0 when it was not given */
    uint32_t number;         /* text */
    uint32_t first;          /* hello */
    uint32_t next;           /* hello, ping, pong */
    bool has_route, back;    /* ping and pong, bye */
    enum candidate_type route;
    struct slice text; /* text: what was said; hello and name: the name; cleaned */
    struct slice members[WIRE_ROOM_MEMBERS_MAX]; /* reach */
    size_t member_count;
    struct buffer memory; /* what a read message's texts point into; owned by the message */
};

/* Reads one channel message. After success call peer_message_deinit; |bytes| is not kept.
 * PARLEY_ERR_TOO_BIG, PARLEY_ERR_UTF8, PARLEY_ERR_JSON, PARLEY_ERR_TYPE, PARLEY_ERR_FIELD,
 * PARLEY_ERR_EMPTY or PARLEY_ERR_TOO_LONG (the text or name). */
int peer_message_read(struct slice bytes, struct peer_message *message);
void peer_message_deinit(struct peer_message *message);

/* Appends |message| to |out|; its text is cleaned already. PARLEY_ERR_TOO_BIG; PARLEY_ERR_FULL,
 * PARLEY_ERR_NO_MEMORY: |out|'s. */
int peer_message_write(const struct peer_message *message, struct buffer *out);

#endif
