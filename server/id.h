/* id.h - ids that nobody guesses, made of random bytes. */
#ifndef PARLEY_ID_H
#define PARLEY_ID_H

#include "wire.h"

#include <stdint.h>

#define ID_MEMBER_RANDOM_BYTES 16
#define ID_ROOM_WORDS 5 /* of 16 bits each */
#define ID_ROOM_RANDOM_BYTES (2 * ID_ROOM_WORDS)

/* Writes 128 bits in base64url without padding (RFC 4648, 5). */
void id_make_member(const uint8_t random[ID_MEMBER_RANDOM_BYTES], char out[WIRE_MEMBER_ID_BYTES]);

/* Writes 80 bits as an id that can be read out: pronounceable words of 16 bits each ("proquints",
 * D. S. Wilkerson), joined by "-". Returns its length. */
size_t id_make_room(const uint8_t random[ID_ROOM_RANDOM_BYTES], char out[WIRE_ROOM_ID_BYTES_MAX]);

#endif
