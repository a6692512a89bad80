#include "hello.h"

#include "error.h"
#include "pack.h"
#include "text.h"

#define LABEL "plh1"
#define LABEL_BYTES (sizeof LABEL - 1)
#define FIELDS_BYTES (LABEL_BYTES + 4 + 4 + EXCHANGE_KEY_BYTES + SIGN_PUBLIC_KEY_BYTES)
#define TEXT_BYTES (FIELDS_BYTES + SIGNATURE_BYTES)
#define PLACE_BYTES_MAX (LABEL_BYTES + 1 + WIRE_ROOM_ID_BYTES_MAX + WIRE_MEMBER_ID_BYTES)

_Static_assert(HELLO_BYTES == SEAL_NONCE_BYTES + TEXT_BYTES + SEAL_TAG_BYTES, "hello.h");
_Static_assert(HELLO_CHARACTERS == (8 * HELLO_BYTES + 5) / 6, "hello.h");

static void pack_fields(uint8_t **at, const struct hello *hello) {
    pack_bytes(at, LABEL, LABEL_BYTES);
    pack_number(at, hello->features, 4);
    pack_number(at, hello->number, 4);
    pack_bytes(at, hello->exchange.bytes, sizeof hello->exchange.bytes);
    pack_bytes(at, hello->identity.bytes, sizeof hello->identity.bytes);
}

static void pack_place(uint8_t **at, const struct hello_place *place) {
    pack_bytes(at, LABEL, LABEL_BYTES);
    pack_room(at, &place->room);
    pack_member(at, &place->member);
}

/* The signed bytes. The place in them is also the associated data. */
struct statement {
    uint8_t bytes[FIELDS_BYTES + PLACE_BYTES_MAX];
    struct slice all, place;
};

static void state(const struct hello *hello, const struct hello_place *place,
                  struct statement *statement) {
    uint8_t *at = statement->bytes;
    pack_fields(&at, hello);
    pack_place(&at, place);
    statement->all = packed(statement->bytes, at);
    statement->place = slice_drop(statement->all, FIELDS_BYTES);
}

void hello_write(const struct hello *hello, const struct hello_place *place,
                 const struct sign_secret_key *identity, const struct seal_key *key,
                 const struct seal_nonce *nonce, char out[HELLO_CHARACTERS]) {
    uint8_t bytes[HELLO_BYTES], *text = bytes + SEAL_NONCE_BYTES;
    struct statement statement;
    struct signature signature;
    state(hello, place, &statement);
    sign(identity, statement.all, &signature);
    memcpy(bytes, nonce->bytes, SEAL_NONCE_BYTES);
    memcpy(text, statement.bytes, FIELDS_BYTES);
    memcpy(text + FIELDS_BYTES, signature.bytes, SIGNATURE_BYTES);
    seal(key, nonce, statement.place, text, TEXT_BYTES);
    text_base64url(bytes, sizeof bytes, out);
}

/* Opens the sealed |bytes| in place. */
static int open_text(uint8_t bytes[HELLO_BYTES], const struct hello_place *place,
                     const struct seal_key *key) {
    struct seal_nonce nonce;
    uint8_t associated[PLACE_BYTES_MAX], *at = associated;
    memcpy(nonce.bytes, bytes, SEAL_NONCE_BYTES);
    pack_place(&at, place);
    return seal_open(key, &nonce, packed(associated, at), bytes + SEAL_NONCE_BYTES,
                     HELLO_BYTES - SEAL_NONCE_BYTES);
}

static int read_text(const uint8_t *text, const struct hello_place *place, struct hello *hello) {
    struct statement statement;
    struct signature signature;
    const uint8_t *at = text + LABEL_BYTES;
    if (memcmp(text, LABEL, LABEL_BYTES) != 0)
        return PARLEY_ERR_FIELD;
    hello->features = (uint32_t)unpack_number(&at, 4);
    hello->number = (uint32_t)unpack_number(&at, 4);
    unpack_bytes(&at, hello->exchange.bytes, sizeof hello->exchange.bytes);
    unpack_bytes(&at, hello->identity.bytes, sizeof hello->identity.bytes);
    unpack_bytes(&at, signature.bytes, sizeof signature.bytes);
    state(hello, place, &statement);
    return sign_verify(&hello->identity, statement.all, &signature) ? PARLEY_ERR_SIGNATURE
                                                                    : PARLEY_OK;
}

int hello_read(struct slice text, const struct hello_place *place, const struct seal_key *key,
               struct hello *hello) {
    uint8_t bytes[HELLO_BYTES];
    *hello = (struct hello){0};
    if (!text_base64url_read(text, bytes, sizeof bytes))
        return PARLEY_ERR_FIELD;
    int error = open_text(bytes, place, key);
    if (!error)
        error = read_text(bytes + SEAL_NONCE_BYTES, place, hello);
    if (error)
        *hello = (struct hello){0};
    return error;
}
