#include "id.h"

void id_make_member(const uint8_t random[ID_MEMBER_RANDOM_BYTES], char out[WIRE_MEMBER_ID_BYTES]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    int have = 0;
    size_t at = 0;
    for (int i = 0; i < ID_MEMBER_RANDOM_BYTES; i++) {
        bits = bits << 8 | random[i];
        for (have += 8; have >= 6; have -= 6)
            out[at++] = digits[bits >> (have - 6) & 63];
    }
    out[at] = digits[bits << (6 - have) & 63];
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
