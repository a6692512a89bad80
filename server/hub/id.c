#include "id.h"

#include "room_words.h"

#include <string.h>

_Static_assert(ID_ROOM_WORDS *(ROOM_WORD_BYTES_MAX + 1) - 1 <= WIRE_ROOM_ID_BYTES_MAX,
               "the longest words are an id");

/* 2^64 is two million times as many as there are names, so none is likelier than another. */
void id_make_room(const uint8_t random[ID_ROOM_RANDOM_BYTES], struct room_id *out) {
    uint64_t number = 0;
    size_t len = 0;
    *out = (struct room_id){0};
    for (size_t i = 0; i < ID_ROOM_RANDOM_BYTES; i++)
        number = number << 8 | random[i];
    for (int i = 0; i < ID_ROOM_WORDS; i++, number /= ROOM_WORDS) {
        const char *word = room_words[number % ROOM_WORDS];
        if (i > 0)
            out->bytes[len++] = '-';
        memcpy(out->bytes + len, word, strlen(word));
        len += strlen(word);
    }
    out->len = (uint8_t)len;
}

void id_try_another_room(uint8_t random[ID_ROOM_RANDOM_BYTES]) {
    for (size_t i = ID_ROOM_RANDOM_BYTES; i > 0 && ++random[i - 1] == 0; i--) {
    }
}
