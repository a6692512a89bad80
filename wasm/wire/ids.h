/* ids.h - the ids of wire.h as types, so that none of them passes for another, or for a name.
 *
 * A zeroed id is none. Any other was read from a text, which was checked; nothing is added to an id
 * or cut off it. An id has no padding and no pointers: copy it by assignment.
 */
#ifndef PARLEY_IDS_H
#define PARLEY_IDS_H

#include "slice.h"

#define WIRE_MEMBER_ID_BYTES 22 /* base64url (RFC 4648, 5) of 16 bytes, without padding */
#define WIRE_TOKEN_BYTES 22     /* the same */
#define WIRE_ROOM_ID_BYTES_MIN 4
#define WIRE_ROOM_ID_BYTES_MAX 64

struct member_id {
    char bytes[WIRE_MEMBER_ID_BYTES];
};

/* A page is a member by this secret; only the page and the server know it. */
struct token_secret {
    char bytes[WIRE_TOKEN_BYTES];
};

struct room_id {
    char bytes[WIRE_ROOM_ID_BYTES_MAX]; /* zeros behind the id */
    uint8_t len;
};

/* True for a character of A-Z a-z 0-9 _ -: those of base64url (RFC 4648, 5). */
bool id_byte_valid(char byte);

/* True if |text| has no other characters. */
bool id_bytes_valid(struct slice text);

/* True for as many of these as the id has. */
bool member_id_valid(struct slice text);
bool room_id_valid(struct slice text);
bool token_secret_valid(struct slice text);

/* Reads |text|. False: it is not such an id, and |id| is none. */
bool member_id_read(struct slice text, struct member_id *id);
bool room_id_read(struct slice text, struct room_id *id);
bool token_secret_read(struct slice text, struct token_secret *secret);

/* The id as text, which is valid as long as |id|; empty: none. */
struct slice member_id_text(const struct member_id *id);
struct slice room_id_text(const struct room_id *id);

/* True for the same id. */
bool member_id_equal(const struct member_id *one, const struct member_id *other);

/* Below 0, above 0, or 0 for the same id: an order of all ids, the same everywhere. */
int member_id_compare(const struct member_id *one, const struct member_id *other);

/* The same for rooms, ignoring case: 0 if both ids name the same room. */
int room_id_compare(const struct room_id *one, const struct room_id *other);

#endif
