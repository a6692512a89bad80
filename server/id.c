#include "id.h"

#include "error.h"
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
    memcpy(text + at, room.bytes, room.len);
    memcpy(text + at + room.len, token.bytes, token.len);
    at += room.len + token.len;
    PARLEY_CHECK(SHA256((const uint8_t *)text, at, hash));
    text_base64url(hash, HASHED_BYTES, out);
}

size_t id_make_room(const uint8_t random[ID_ROOM_RANDOM_BYTES], char out[WIRE_ROOM_ID_BYTES_MAX]) {
    static const char consonants[] = "bdfghjklmnprstvz", vowels[] = "aiou";
    char *at = out;
    for (int word = 0; word < ID_ROOM_WORDS; word++) {
        unsigned bits = (unsigned)random[2 * word] << 8 | random[2 * word + 1];
        if (word)
            *at++ = '-';
        *at++ = consonants[bits >> 12 & 15];
        *at++ = vowels[bits >> 10 & 3];
        *at++ = consonants[bits >> 6 & 15];
        *at++ = vowels[bits >> 4 & 3];
        *at++ = consonants[bits & 15];
    }
    return (size_t)(at - out);
}
