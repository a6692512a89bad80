#include "pack.h"

#include "error.h"
#include "text.h"

void pack_room(uint8_t **at, const struct room_id *room) {
    PARLEY_CHECK(room->len);
    pack_number(at, room->len, 1);
    for (size_t i = 0; i < room->len; i++)
        *(*at)++ = (uint8_t)text_lower(room->bytes[i]);
}

void pack_member(uint8_t **at, const struct member_id *member) {
    PARLEY_CHECK(*member->bytes);
    pack_bytes(at, member->bytes, sizeof member->bytes);
}
