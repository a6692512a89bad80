/* pack.h - writes and reads the fields of binary formats, one after the other. Each function moves
 * |at| to the end of its field. The caller must have checked that there is room, or that there are
 * enough bytes. */
#ifndef PARLEY_PACK_H
#define PARLEY_PACK_H

#include "ids.h"

#include <stdint.h>
#include <string.h>

/* Unsigned and big-endian, in |bytes| bytes. */
static inline void pack_number(uint8_t **at, uint64_t number, unsigned bytes) {
    while (bytes-- > 0)
        *(*at)++ = (uint8_t)(number >> 8 * bytes);
}

static inline uint64_t unpack_number(const uint8_t **at, unsigned bytes) {
    uint64_t number = 0;
    while (bytes-- > 0)
        number = number << 8 | *(*at)++;
    return number;
}

static inline void pack_bytes(uint8_t **at, const void *bytes, size_t len) {
    memcpy(*at, bytes, len);
    *at += len;
}

static inline void unpack_bytes(const uint8_t **at, void *bytes, size_t len) {
    memcpy(bytes, *at, len);
    *at += len;
}

/* pack_room writes the id's length as one byte, and the id in lower case, since ids of rooms are
 * compared without case. Neither id may be none. */
void pack_room(uint8_t **at, const struct room_id *room);
void pack_member(uint8_t **at, const struct member_id *member);

/* The bytes from |begin| to |at|. */
static inline struct slice packed(const uint8_t *begin, const uint8_t *at) {
    return (struct slice){(const char *)begin, (size_t)(at - begin)};
}

#endif
