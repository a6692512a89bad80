#include "member_id.h"

#include "error.h"
#include "hash.h"
#include "pack.h"
#include "text.h"

#define LABEL "parley member id"
#define LABEL_BYTES (sizeof LABEL - 1)
#define ID_BYTES 16

void member_id_of(const struct room_id *room, const struct token_secret *token,
                  struct member_id *out) {
    PARLEY_CHECK(*token->bytes);
    uint8_t bytes[LABEL_BYTES + 1 + WIRE_ROOM_ID_BYTES_MAX + WIRE_TOKEN_BYTES];
    uint8_t *at = bytes, id[ID_BYTES];
    pack_bytes(&at, LABEL, LABEL_BYTES);
    pack_room(&at, room);
    pack_bytes(&at, token->bytes, sizeof token->bytes);
    hash_of(NULL, packed(bytes, at), id, sizeof id);
    text_base64url(id, sizeof id, out->bytes);
}
