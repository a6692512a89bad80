#include "id.h"

#include "error.h"
#include "pack.h"
#include "room_words.h"
#include "text.h"

#include <openssl/sha.h>
#include <string.h>

#define MEMBER_PREFIX "parley member id" /* no other hash of ours begins so */
#define HASHED_BYTES 16                  /* of the 32 that there are */

void id_make_member(const struct room_id *room, const struct token_secret *token,
                    struct member_id *out) {
    PARLEY_CHECK(room->len > 0 && token->bytes[0]);
    uint8_t hash[SHA256_DIGEST_LENGTH];
    uint8_t bytes[sizeof MEMBER_PREFIX + WIRE_ROOM_ID_BYTES_MAX + WIRE_TOKEN_BYTES];
    uint8_t *at = bytes;
    pack_bytes(&at, MEMBER_PREFIX, sizeof MEMBER_PREFIX - 1);
    pack_room(&at, room);
    pack_bytes(&at, token->bytes, sizeof token->bytes);
    PARLEY_CHECK(SHA256(bytes, (size_t)(at - bytes), hash));
    text_base64url(hash, HASHED_BYTES, out->bytes);
}

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
