#include "id.h"

#include "error.h"
#include "room_words.h"
#include "text.h"

#include <openssl/sha.h>
#include <string.h>

#define MEMBER_PREFIX "parley member id" /* no other hash of ours begins so */
#define HASHED_BYTES 16                  /* of the 32 that there are */

void id_make_member(struct slice room, struct slice token, char out[WIRE_MEMBER_ID_BYTES]) {
    PARLEY_CHECK(wire_room_id_valid(room) && wire_token_valid(token));
    uint8_t hash[SHA256_DIGEST_LENGTH];
    char text[sizeof MEMBER_PREFIX + WIRE_ROOM_ID_BYTES_MAX + WIRE_TOKEN_BYTES];
    size_t at = sizeof MEMBER_PREFIX - 1;
    memcpy(text, MEMBER_PREFIX, at);
    text[at++] = (char)room.len;
    for (size_t i = 0; i < room.len; i++)
        text[at + i] = text_lower(room.bytes[i]);
    memcpy(text + at + room.len, token.bytes, token.len);
    at += room.len + token.len;
    PARLEY_CHECK(SHA256((const uint8_t *)text, at, hash));
    text_base64url(hash, HASHED_BYTES, out);
}

_Static_assert(ID_ROOM_WORDS *(ROOM_WORD_BYTES_MAX + 1) - 1 <= WIRE_ROOM_ID_BYTES_MAX,
               "the longest words are an id");

/* 2^64 is two million times as many as there are names, so none is likelier than another. */
size_t id_make_room(const uint8_t random[ID_ROOM_RANDOM_BYTES], char out[WIRE_ROOM_ID_BYTES_MAX]) {
    uint64_t number = 0;
    size_t len = 0;
    for (size_t i = 0; i < ID_ROOM_RANDOM_BYTES; i++)
        number = number << 8 | random[i];
    for (int i = 0; i < ID_ROOM_WORDS; i++, number /= ROOM_WORDS) {
        const char *word = room_words[number % ROOM_WORDS];
        if (i > 0)
            out[len++] = '-';
        memcpy(out + len, word, strlen(word));
        len += strlen(word);
    }
    return len;
}

void id_try_another_room(uint8_t random[ID_ROOM_RANDOM_BYTES]) {
    for (size_t i = ID_ROOM_RANDOM_BYTES; i > 0 && ++random[i - 1] == 0; i--) {
    }
}
