/* peer_message.h - what two browsers say to each other over their data channel, built and read
 * here.
 *
 * A message is one JSON object in one text message of the channel, at most PEER_MESSAGE_BYTES_MAX
 * bytes (16 KiB is safe between all browsers, RFC 8831, 6.6). The channel is ordered and reliable.
 * Fields that a reader does not know are ignored; a type it does not know is an error.
 *
 *   hello  version, name   the first message, once; its writer is a person from then on
 *   text   text            what the person said: 1 to PEER_TEXT_CHARACTERS_MAX characters
 *   name   name            the person has another name: 1 to PEER_NAME_CHARACTERS_MAX characters
 *   bye                    a real goodbye: what closes now was closed on purpose
 *
 * Nobody's text is trusted: names and texts are cleaned (text.h) when they are read.
 */
#ifndef PARLEY_PEER_MESSAGE_H
#define PARLEY_PEER_MESSAGE_H

#include "buffer.h"

#include <stdint.h>

#define PEER_MESSAGE_VERSION 1
#define PEER_MESSAGE_BYTES_MAX 16384
#define PEER_TEXT_CHARACTERS_MAX 4000
#define PEER_NAME_CHARACTERS_MAX 32
#define PEER_NAME_BYTES_MAX (4 * PEER_NAME_CHARACTERS_MAX)

enum peer_message_type {
    PEER_MESSAGE_HELLO,
    PEER_MESSAGE_TEXT,
    PEER_MESSAGE_NAME,
    PEER_MESSAGE_BYE,
    PEER_MESSAGE_TYPE_COUNT
};

struct peer_message {
    enum peer_message_type type;
    uint32_t version;     /* hello */
    struct slice text;    /* text: what was said; hello and name: the name; cleaned */
    struct buffer memory; /* what a read message's text points into; owned by the message */
};

/* Reads one channel message. After success call peer_message_deinit; |bytes| is not kept.
 * PARLEY_ERR_TOO_BIG, PARLEY_ERR_UTF8, PARLEY_ERR_JSON, PARLEY_ERR_TYPE, PARLEY_ERR_FIELD,
 * PARLEY_ERR_EMPTY or PARLEY_ERR_TOO_LONG (the text or name). */
int peer_message_read(struct slice bytes, struct peer_message *message);
void peer_message_deinit(struct peer_message *message);

/* Appends a message of |type| to |out|; |text| is its text or name, cleaned already, and not read
 * for a bye. PARLEY_ERR_TOO_BIG; PARLEY_ERR_FULL, PARLEY_ERR_NO_MEMORY: |out|'s. */
int peer_message_write(enum peer_message_type type, struct slice text, struct buffer *out);

#endif
