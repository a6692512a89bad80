#include "peer_message.h"

#include "error.h"
#include "text.h"
#include "wire_fields.h"

#define CLEANED_BYTES_MAX (3 * PEER_MESSAGE_BYTES_MAX) /* one harmful byte becomes U+FFFD */

#define FRAME_BYTES 64 /* around a text or a list, with the longest number */

_Static_assert(4 * PEER_TEXT_CHARACTERS_MAX + FRAME_BYTES <= PEER_MESSAGE_BYTES_MAX,
               "the longest text has a message");
_Static_assert(WIRE_ROOM_MEMBERS_MAX *(WIRE_MEMBER_ID_BYTES + 3) + FRAME_BYTES <=
                   PEER_MESSAGE_BYTES_MAX,
               "everybody in a room can be reached");
_Static_assert(sizeof(enum peer_message_type) == sizeof(uint32_t), "read as a FIELD_NAME");
_Static_assert(sizeof(enum candidate_type) == sizeof(uint32_t), "read as a FIELD_NAME");

_Static_assert(sizeof(struct proof) == PROOF_CHARACTERS, "read as a FIELD_ID");

static bool is_proof(struct slice text) {
    return text.len == PROOF_CHARACTERS && id_bytes_valid(text);
}

/* The rows */

#define TYPE_NAME(name, text, ...) FIELD_NAMED(text),
static const struct slice type_names[] = {PEER_MESSAGES(TYPE_NAME)};

/* Name, key, place in the message, and the rest of its row, in the order of writing. */
#define FIELDS(X)                                                                                  \
    X(TYPE, "type", type, FIELD_IS_NAME(1, type_names))                                            \
    X(VERSION, "version", version, FIELD_IS_NUMBER(0, UINT32_MAX))                                 \
    X(SESSION, "session", session, FIELD_IS_NUMBER(1, UINT32_MAX))                                 \
    X(FIRST, "first", first, FIELD_IS_NUMBER(0, UINT32_MAX))                                       \
    X(HEARD, "heard", heard, FIELD_IS_NUMBER(0, UINT32_MAX))                                       \
    X(NUMBER, "number", number, FIELD_IS_NUMBER(0, UINT32_MAX))                                    \
    X(NEXT, "next", next, FIELD_IS_NUMBER(0, UINT32_MAX))                                          \
    X(GOT, "got", got, FIELD_IS_NUMBER(0, UINT32_MAX))                                             \
    X(ROUTE, "route", route, FIELD_IS_NAME(0, candidate_type_names))                               \
    X(PROOF, "proof", proof, FIELD_IS_ID(PROOF_CHARACTERS, PROOF_CHARACTERS, is_proof))            \
    X(ANSWER, "answer", answer, FIELD_IS_FLAG)                                                     \
    X(BACK, "back", back, FIELD_IS_FLAG)                                                           \
    X(MEMBERS, "members", members,                                                                 \
      FIELD_IS_LIST(wire_member_ids, offsetof(struct peer_message, member_count),                  \
                    WIRE_ROOM_MEMBERS_MAX))                                                        \
    X(NAME, "name", text, FIELD_IS_TEXT(0, UINT32_MAX))                                            \
    X(TEXT, "text", text, FIELD_IS_TEXT(0, UINT32_MAX))

#define ROW(name, key, place, ...)                                                                 \
    FIELD_ROW(key, .at = offsetof(struct peer_message, place), __VA_ARGS__),
static const struct field rows[] = {FIELDS(ROW)};

#define PLACE(name, ...) PLACE_##name,
#define BIT(name, ...) name = 1 << PLACE_##name,
enum { FIELDS(PLACE) ROW_COUNT };
enum { NONE = 0, FIELDS(BIT) };
_Static_assert(ROW_COUNT <= FIELDS_MAX, "a set has a bit for each");

#define SET(name, text, required, optional) {TYPE | (required), (optional)},
static const struct field_set sets[] = {PEER_MESSAGES(SET)};

/* Reading */

/* Cleans the text into the message's own memory. */
static int clean(struct peer_message *message) {
    int error = PARLEY_OK;
    switch (message->type) {
    case PEER_MESSAGE_TEXT:
        error = text_clean_message(message->text, PEER_TEXT_CHARACTERS_MAX, &message->memory);
        break;
    case PEER_MESSAGE_HELLO:
    case PEER_MESSAGE_NAME:
        error = text_clean_name(message->text, PEER_NAME_CHARACTERS_MAX, &message->memory);
        break;
    case PEER_MESSAGE_PING: /* these have no text */
    case PEER_MESSAGE_PONG:
    case PEER_MESSAGE_REACH:
    case PEER_MESSAGE_BYE:
    case PEER_MESSAGE_TYPE_COUNT:
        break;
    }
    message->text = buffer_slice(&message->memory);
    return error;
}

static int read_fields(const cJSON *object, struct peer_message *message) {
    static const struct field_set type_only = {.required = TYPE}, next_only = {.required = NEXT};
    int error = fields_read(rows, type_only, object, message);
    if (error || message->type == PEER_MESSAGE_TYPE_COUNT)
        return error ? error : PARLEY_ERR_TYPE;
    error = fields_read(rows, sets[message->type], object, message);
    if (!error && message->heard)
        error = fields_read(rows, next_only, object, message);
    return error ? error : clean(message);
}

int peer_message_read(struct slice bytes, struct peer_message *message) {
    cJSON *object;
    *message = (struct peer_message){0};
    buffer_init(&message->memory, CLEANED_BYTES_MAX);
    if (bytes.len > PEER_MESSAGE_BYTES_MAX)
        return PARLEY_ERR_TOO_BIG;
    int error = json_read(bytes, &object);
    if (error)
        return error;
    error = read_fields(object, message);
    cJSON_Delete(object);
    if (error)
        peer_message_deinit(message);
    return error;
}

void peer_message_deinit(struct peer_message *message) {
    static const struct field_set members_only = {.required = MEMBERS};
    fields_free(rows, members_only, message);
    buffer_deinit(&message->memory);
    message->text = (struct slice){0};
}

/* Writing */

int peer_message_write(const struct peer_message *message, struct buffer *out) {
    PARLEY_CHECK((unsigned)message->type < PEER_MESSAGE_TYPE_COUNT);
    struct peer_message filled = *message;
    struct field_set set = sets[message->type];
    struct json_writer writer;
    filled.version = PEER_MESSAGE_VERSION;
    if (set.optional & HEARD && message->heard)
        set.required |= NEXT;
    json_begin(&writer, out, PEER_MESSAGE_BYTES_MAX);
    fields_write(rows, set, &filled, &writer);
    return json_end(&writer);
}
