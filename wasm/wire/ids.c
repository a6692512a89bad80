#include "ids.h"

#include "text.h"

#include <string.h>

bool id_byte_valid(char byte) {
    return slice_is_letter(byte) || slice_is_digit(byte) || byte == '_' || byte == '-';
}

bool id_bytes_valid(struct slice text) {
    for (size_t i = 0; i < text.len; i++)
        if (!id_byte_valid(text.bytes[i]))
            return false;
    return true;
}

bool member_id_valid(struct slice text) {
    return text.len == WIRE_MEMBER_ID_BYTES && id_bytes_valid(text);
}

bool room_id_valid(struct slice text) {
    return text.len >= WIRE_ROOM_ID_BYTES_MIN && text.len <= WIRE_ROOM_ID_BYTES_MAX &&
           id_bytes_valid(text);
}

bool token_secret_valid(struct slice text) {
    return text.len == WIRE_TOKEN_BYTES && id_bytes_valid(text);
}

bool member_id_read(struct slice text, struct member_id *id) {
    bool valid = member_id_valid(text);
    *id = (struct member_id){0};
    if (valid)
        memcpy(id->bytes, text.bytes, sizeof id->bytes);
    return valid;
}

bool room_id_read(struct slice text, struct room_id *id) {
    bool valid = room_id_valid(text);
    *id = (struct room_id){0};
    if (valid) {
        memcpy(id->bytes, text.bytes, text.len);
        id->len = (uint8_t)text.len;
    }
    return valid;
}

bool token_secret_read(struct slice text, struct token_secret *secret) {
    bool valid = token_secret_valid(text);
    *secret = (struct token_secret){0};
    if (valid)
        memcpy(secret->bytes, text.bytes, sizeof secret->bytes);
    return valid;
}

struct slice member_id_text(const struct member_id *id) {
    return (struct slice){id->bytes, *id->bytes ? sizeof id->bytes : 0};
}

struct slice room_id_text(const struct room_id *id) {
    return (struct slice){id->bytes, id->len};
}

bool member_id_equal(const struct member_id *one, const struct member_id *other) {
    return member_id_compare(one, other) == 0;
}

int member_id_compare(const struct member_id *one, const struct member_id *other) {
    return memcmp(one->bytes, other->bytes, sizeof one->bytes);
}

int room_id_compare(const struct room_id *one, const struct room_id *other) {
    for (size_t i = 0; i < one->len && i < other->len; i++) {
        int order = text_lower(one->bytes[i]) - text_lower(other->bytes[i]);
        if (order)
            return order;
    }
    return one->len - other->len;
}
