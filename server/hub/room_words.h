/* room_words.h - words for the names of rooms: to be said on the phone and spelled without asking.
 * Of 3 to 7 letters a to z, in alphabetical order; common words, none that sounds like another of
 * them, is spelled in two ways, or that one would not say to anybody. */
#ifndef PARLEY_ROOM_WORDS_H
#define PARLEY_ROOM_WORDS_H

#define ROOM_WORDS 1536 /* 10.58 bits */
#define ROOM_WORD_BYTES_MAX 7

extern const char room_words[ROOM_WORDS][ROOM_WORD_BYTES_MAX + 1];

#endif
