#include "wire_fields.h"

#include "error.h"
#include "host_port.h"
#include "text.h"

bool wire_type_goes(enum wire_type type, enum wire_direction direction) {
    return wire_fields_of(type, direction).required != 0;
}

static size_t bytes_max(bool may_have_hellos) {
    return may_have_hellos ? WIRE_WELCOME_BYTES_MAX : WIRE_MESSAGE_BYTES_MAX;
}

/* Reading */

#define BIT(name) (1u << WIRE_FIELD_##name)
static const struct field_set type_only = {.required = BIT(TYPE)};
static const struct field_set version_only = {.required = BIT(VERSION)};

static int read_type(const cJSON *object, enum wire_direction direction,
                     struct wire_message *message) {
    int error = fields_read(wire_fields, type_only, object, message);
    if (error)
        return error;
    return message->type != WIRE_TYPE_COUNT && wire_type_goes(message->type, direction)
               ? PARLEY_OK
               : PARLEY_ERR_TYPE;
}

/* Only another version knows what follows its number. */
static int read_fields(const cJSON *object, struct field_set set, struct wire_message *message) {
    int error = PARLEY_OK;
    bool has_version = set.required & BIT(VERSION);
    if (has_version)
        error = fields_read(wire_fields, version_only, object, message);
    if (error || (has_version && message->version != WIRE_VERSION))
        return error;
    set.required &= ~(BIT(TYPE) | BIT(VERSION));
    return fields_read(wire_fields, set, object, message);
}

int wire_read(struct slice bytes, enum wire_direction direction, struct wire_message *message) {
    *message = (struct wire_message){0};
    if (bytes.len > bytes_max(direction == WIRE_TO_PAGE))
        return PARLEY_ERR_TOO_BIG;
    cJSON *object;
    int error = json_read(bytes, &object);
    if (error)
        return error;
    message->json = object;
    error = read_type(object, direction, message);
    if (!error)
        error = read_fields(object, wire_fields_of(message->type, direction), message);
    if (error)
        wire_message_deinit(message);
    return error;
}

/* Lists come to a page only; the server reads none. */
void wire_message_deinit(struct wire_message *message) {
    if (message->json && message->type != WIRE_TYPE_COUNT)
        fields_free(wire_fields, wire_fields_of(message->type, WIRE_TO_PAGE), message);
    cJSON_Delete(message->json);
    message->json = NULL;
}

/* Writing */

int wire_write(const struct wire_message *message, enum wire_direction direction,
               struct buffer *out) {
    struct json_writer writer;
    if ((unsigned)message->type >= WIRE_TYPE_COUNT || !wire_type_goes(message->type, direction))
        return PARLEY_ERR_TYPE;
    json_begin(&writer, out, bytes_max(message->hello_count > 0));
    fields_write(wire_fields, wire_fields_of(message->type, direction), message, &writer);
    return json_end(&writer);
}

int wire_write_ice_servers(const struct wire_ice_server *servers, size_t count,
                           struct buffer *out) {
    struct json_writer writer;
    json_begin(&writer, out, WIRE_MESSAGE_BYTES_MAX);
    fields_write_list(&wire_fields[WIRE_FIELD_ICE_SERVERS], JSON_NO_KEY, servers, count, &writer);
    return json_end(&writer);
}

/* ICE server addresses (RFC 7064, RFC 7065) */

#define ICE_PORT_DIGITS_MAX 6 /* with a zero in front */

static bool skip_scheme(struct slice *rest, bool *turn) {
    *turn = slice_skip(rest, "turn:") || slice_skip(rest, "turns:");
    return *turn || slice_skip(rest, "stun:") || slice_skip(rest, "stuns:");
}

/* A name, an IPv4 address, or an IPv6 one in brackets. */
static bool is_host(const struct host_port *parts) {
    for (size_t i = 0; i < parts->host.len; i++) {
        char byte = parts->host.bytes[i];
        if (!id_byte_valid(byte) && byte != '.' && !(parts->is_bracketed && byte == ':'))
            return false;
    }
    return true;
}

bool wire_ice_url_valid(struct slice url) {
    struct slice rest = url, authority = {0};
    struct host_port parts;
    uint16_t port;
    bool turn, has_query = slice_has(url, '?');
    if (url.len > WIRE_ICE_FIELD_BYTES_MAX || !skip_scheme(&rest, &turn))
        return false;
    slice_cut(&rest, '?', &authority);
    if (!host_port_split(authority, &parts) || !is_host(&parts) ||
        parts.port.len > ICE_PORT_DIGITS_MAX || !host_port_number(&parts, 1, 1, &port))
        return false;
    return !has_query || (turn && (slice_equal(rest, slice_of("transport=udp")) ||
                                   slice_equal(rest, slice_of("transport=tcp"))));
}

bool wire_ice_url_is_turn(struct slice url) {
    struct slice rest = url;
    bool turn;
    return wire_ice_url_valid(url) && skip_scheme(&rest, &turn) && turn;
}

/* Errors */

#define ERROR_ROW(name, code, close_code, sentence) {sentence, close_code},
static const struct error_row {
    const char *sentence;
    uint16_t close_code;
} errors[] = {WIRE_ERRORS(ERROR_ROW)};
#undef ERROR_ROW

struct wire_message wire_error_message(enum wire_error error) {
    return (struct wire_message){
        .type = WIRE_ERROR, .error = error, .sentence = slice_of(wire_error_sentence(error))};
}

static const struct error_row *row_of(enum wire_error error) {
    PARLEY_CHECK((unsigned)error < WIRE_ERROR_COUNT);
    return &errors[error];
}

const char *wire_error_code(enum wire_error error) {
    PARLEY_CHECK((unsigned)error < WIRE_ERROR_COUNT);
    return wire_error_codes[error].bytes;
}

const char *wire_error_sentence(enum wire_error error) {
    return row_of(error)->sentence;
}

uint16_t wire_error_close_code(enum wire_error error) {
    return row_of(error)->close_code;
}
