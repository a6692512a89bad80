/* id.h - ids of rooms that nobody can guess, from random bytes. Those of members: member_id.h. */
#ifndef PARLEY_ID_H
#define PARLEY_ID_H

#include "wire.h"

#include <stdint.h>

/* Four of 1,536 words are 42.3 bits. An address that waits in line may try 2,400 names a minute
 * (rate_limits.h): it finds one particular room in 2,200 years on average, and one of 10,000
 * existing rooms in 160 days. */
#define ID_ROOM_WORDS 4
#define ID_ROOM_RANDOM_BYTES 8 /* a number, of which the words are digits */

/* Makes an id that can be read out: ID_ROOM_WORDS words (room_words.h), joined by "-". */
void id_make_room(const uint8_t random[ID_ROOM_RANDOM_BYTES], struct room_id *out);

/* Another room's id, if that one is taken, for which |random| becomes the next number. */
void id_try_another_room(uint8_t random[ID_ROOM_RANDOM_BYTES]);

#endif
