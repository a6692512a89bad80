/* id.h - ids that nobody guesses: rooms' made of random bytes, members' of what only they know. */
#ifndef PARLEY_ID_H
#define PARLEY_ID_H

#include "wire.h"

#include <stdint.h>

#define ID_ROOM_WORDS 5 /* of 16 bits each: nobody guesses 80 */
#define ID_ROOM_RANDOM_BYTES (2 * ID_ROOM_WORDS)

/* Writes the id of the member of |room| whose secret is |token|, both valid: the first 16 bytes of
 * SHA-256(prefix, length of the room id as one byte, room id, token) in base64url without padding
 * (RFC 4648, 5). Whoever knows the id learns nothing of the token, and the server, which keeps
 * neither, makes the same id again after a restart. */
void id_make_member(struct slice room, struct slice token, char out[WIRE_MEMBER_ID_BYTES]);

/* Writes 80 bits as an id that can be read out: pronounceable words of 16 bits each ("proquints",
 * D. S. Wilkerson), joined by "-". Returns its length. */
size_t id_make_room(const uint8_t random[ID_ROOM_RANDOM_BYTES], char out[WIRE_ROOM_ID_BYTES_MAX]);

#endif
