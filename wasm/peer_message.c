#include "peer_message.h"

#include "error.h"
#include "json.h"
#include "text.h"

#define CLEANED_BYTES_MAX (3 * PEER_MESSAGE_BYTES_MAX) /* one harmful byte becomes U+FFFD */

static const struct {
    const char *name;
    const char *key; /* of its text; NULL: it has none */
} types[PEER_MESSAGE_TYPE_COUNT] = {
    [PEER_MESSAGE_HELLO] = {"hello", "name"},
    [PEER_MESSAGE_TEXT] = {"text", "text"},
    [PEER_MESSAGE_NAME] = {"name", "name"},
    [PEER_MESSAGE_BYE] = {"bye", NULL},
};

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
    if (message->type == PEER_MESSAGE_TEXT)
        error = text_clean_message(raw, PEER_TEXT_CHARACTERS_MAX, &message->memory);
    else
        error = text_clean_name(raw, PEER_NAME_CHARACTERS_MAX, &message->memory);
    message->text = buffer_slice(&message->memory);
    return error;
}

static int read_object(const cJSON *object, struct peer_message *message) {
    int error = read_type(object, &message->type);
    if (!error && message->type == PEER_MESSAGE_HELLO)
        error = json_get_number(object, "version", &message->version);
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
}

int peer_message_write(enum peer_message_type type, struct slice text, struct buffer *out) {
    PARLEY_CHECK((unsigned)type < PEER_MESSAGE_TYPE_COUNT);
    cJSON *object = cJSON_CreateObject();
    int error = json_add_string(object, "type", slice_of(types[type].name));
    if (!error && type == PEER_MESSAGE_HELLO)
        error = json_add(object, "version", cJSON_CreateNumber(PEER_MESSAGE_VERSION));
    if (!error && types[type].key)
        error = json_add_string(object, types[type].key, text);
    if (!error)
        error = json_write(object, PEER_MESSAGE_BYTES_MAX, out);
    cJSON_Delete(object);
    return error;
}
