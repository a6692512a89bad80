#include "peer_message.h"

#include "error.h"
#include "json.h"
#include "text.h"

#define CLEANED_BYTES_MAX (3 * PEER_MESSAGE_BYTES_MAX) /* one harmful byte becomes U+FFFD */

enum has {
    HAS_NOTHING,
    HAS_SIGN = 1,
    HAS_NUMBER = 2,
    HAS_MEMBERS = 4,
    HAS_SESSION = 8,
    HAS_BACK = 16
};

static const struct {
    const char *name;
    const char *key; /* of its text; NULL: it has none */
    unsigned has;    /* bits of enum has */
} types[PEER_MESSAGE_TYPE_COUNT] = {
    [PEER_MESSAGE_HELLO] = {"hello", "name", HAS_SESSION},
    [PEER_MESSAGE_TEXT] = {"text", "text", HAS_NUMBER},
    [PEER_MESSAGE_NAME] = {"name", "name", HAS_NOTHING},
    [PEER_MESSAGE_PING] = {"ping", NULL, HAS_SIGN},
    [PEER_MESSAGE_PONG] = {"pong", NULL, HAS_SIGN},
    [PEER_MESSAGE_REACH] = {"reach", NULL, HAS_MEMBERS},
    [PEER_MESSAGE_BYE] = {"bye", NULL, HAS_BACK},
};

/* Reading */

static int read_type(const cJSON *object, enum peer_message_type *type) {
    struct slice name;
    int error = json_get_string(object, "type", 1, PEER_MESSAGE_BYTES_MAX, true, &name);
    if (error)
        return error;
    for (int i = 0; i < PEER_MESSAGE_TYPE_COUNT; i++) {
        if (!slice_equal(name, slice_of(types[i].name)))
            continue;
        *type = (enum peer_message_type)i;
        return PARLEY_OK;
    }
    return PARLEY_ERR_TYPE;
}

/* Reads and cleans the text into the message's own memory. */
static int read_text(const cJSON *object, struct peer_message *message) {
    struct slice raw;
    const char *key = types[message->type].key;
    int error = json_get_string(object, key, 0, PEER_MESSAGE_BYTES_MAX, true, &raw);
    if (error)
        return error;
    switch (message->type) {
    case PEER_MESSAGE_TEXT:
        error = text_clean_message(raw, PEER_TEXT_CHARACTERS_MAX, &message->memory);
        break;
    case PEER_MESSAGE_HELLO:
    case PEER_MESSAGE_NAME:
        error = text_clean_name(raw, PEER_NAME_CHARACTERS_MAX, &message->memory);
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

/* Copies the ids: at most WIRE_ROOM_MEMBERS_MAX times WIRE_MEMBER_ID_BYTES. */
static int read_members(const cJSON *object, struct peer_message *message) {
    const cJSON *members = cJSON_GetObjectItemCaseSensitive(object, "members");
    const cJSON *member;
    if (!cJSON_IsArray(members))
        return PARLEY_ERR_FIELD;
    int error = buffer_reserve(&message->memory, WIRE_ROOM_MEMBERS_MAX * WIRE_MEMBER_ID_BYTES);
    cJSON_ArrayForEach(member, members) {
        if (error)
            return error;
        if (!cJSON_IsString(member) || !wire_member_id_valid(slice_of(member->valuestring)) ||
            message->member_count == WIRE_ROOM_MEMBERS_MAX)
            return PARLEY_ERR_FIELD;
        size_t at = message->memory.len;
        error = buffer_append(&message->memory, slice_of(member->valuestring));
        message->members[message->member_count++] =
            (struct slice){message->memory.bytes + at, WIRE_MEMBER_ID_BYTES};
    }
    return error;
}

static int read_session(const cJSON *object, struct peer_message *message) {
    int error = json_get_number(object, "version", &message->version);
    if (!error)
        error = json_get_number(object, "session", &message->session);
    if (!error && message->session == 0)
        error = PARLEY_ERR_FIELD;
    if (!error)
        error = json_get_number(object, "first", &message->first);
    if (error || !cJSON_GetObjectItemCaseSensitive(object, "heard"))
        return error;
    error = json_get_number(object, "heard", &message->heard);
    return error ? error : json_get_number(object, "next", &message->next);
}

/* A route of another name is as good as none. */
static int read_sign(const cJSON *object, struct peer_message *message) {
    struct slice route;
    int error = json_get_number(object, "next", &message->next);
    if (!error)
        error = json_get_string(object, "route", 0, PEER_MESSAGE_BYTES_MAX, false, &route);
    if (error)
        return error;
    message->route = candidate_type_named(route);
    message->has_route = message->route != CANDIDATE_UNKNOWN;
    return PARLEY_OK;
}

static int read_object(const cJSON *object, struct peer_message *message) {
    int error = read_type(object, &message->type);
    if (error)
        return error;
    unsigned has = types[message->type].has;
    if (!error && has & HAS_SESSION)
        error = read_session(object, message);
    if (!error && has & HAS_NUMBER)
        error = json_get_number(object, "number", &message->number);
    if (!error && has & HAS_SIGN)
        error = read_sign(object, message);
    if (!error && has & HAS_BACK)
        error = json_get_flag(object, "back", &message->back);
    if (!error && has & HAS_MEMBERS)
        error = read_members(object, message);
    if (!error && types[message->type].key)
        error = read_text(object, message);
    return error;
}

int peer_message_read(struct slice bytes, struct peer_message *message) {
    *message = (struct peer_message){0};
    buffer_init(&message->memory, CLEANED_BYTES_MAX);
    if (bytes.len > PEER_MESSAGE_BYTES_MAX)
        return PARLEY_ERR_TOO_BIG;
    cJSON *object;
    int error = json_read(bytes, &object);
    if (error)
        return error;
    error = read_object(object, message);
    cJSON_Delete(object);
    if (error)
        peer_message_deinit(message);
    return error;
}

void peer_message_deinit(struct peer_message *message) {
    buffer_deinit(&message->memory);
    message->text = (struct slice){0};
    message->member_count = 0;
}

/* Writing */

static void put_session(struct json_writer *writer, const struct peer_message *message) {
    json_put_number(writer, "version", PEER_MESSAGE_VERSION);
    json_put_number(writer, "session", message->session);
    json_put_number(writer, "first", message->first);
    if (message->heard == 0)
        return;
    json_put_number(writer, "heard", message->heard);
    json_put_number(writer, "next", message->next);
}

static void put_members(struct json_writer *writer, const struct peer_message *message) {
    json_open(writer, "members", '[');
    for (size_t i = 0; i < message->member_count; i++)
        json_put_string(writer, NULL, message->members[i]);
    json_close(writer, ']');
}

static void put_sign(struct json_writer *writer, const struct peer_message *message) {
    json_put_number(writer, "next", message->next);
    if (message->has_route)
        json_put_string(writer, "route", candidate_type_name(message->route));
}

int peer_message_write(const struct peer_message *message, struct buffer *out) {
    PARLEY_CHECK((unsigned)message->type < PEER_MESSAGE_TYPE_COUNT);
    unsigned has = types[message->type].has;
    struct json_writer writer;
    json_begin(&writer, out, PEER_MESSAGE_BYTES_MAX);
    json_open(&writer, NULL, '{');
    json_put_string(&writer, "type", slice_of(types[message->type].name));
    if (has & HAS_SESSION)
        put_session(&writer, message);
    if (has & HAS_NUMBER)
        json_put_number(&writer, "number", message->number);
    if (has & HAS_SIGN)
        put_sign(&writer, message);
    json_put_flag(&writer, "back", has & HAS_BACK && message->back);
    if (has & HAS_MEMBERS)
        put_members(&writer, message);
    if (types[message->type].key)
        json_put_string(&writer, types[message->type].key, message->text);
    json_close(&writer, '}');
    return json_end(&writer);
}
