/* room_words.h - words for the names of rooms, easy to say on the phone and to spell. They have 3
 * to 7 letters a to z and are in alphabetical order. All are common words; none sounds like
 * another, has two spellings, or is offensive. */
#ifndef PARLEY_ROOM_WORDS_H
#define PARLEY_ROOM_WORDS_H

#define ROOM_WORDS 1536 /* 10.58 bits */
#define ROOM_WORD_BYTES_MAX 7

extern const char room_words[ROOM_WORDS][ROOM_WORD_BYTES_MAX + 1];

#endif
