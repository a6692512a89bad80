#include "wire.h"

#include "error.h"
#include "json.h"
#include "text.h"

#include <string.h>

/* The fields a message can have. A member has another key in each role. */
enum {
    VERSION = 1 << 0,
    ROOM = 1 << 1,
    ROOM_OPTIONAL = 1 << 2,
    TO = 1 << 3,
    FROM = 1 << 4,
    YOU = 1 << 5,
    WHO = 1 << 6,
    SDP = 1 << 7,
    CANDIDATE = 1 << 8,
    MEMBERS = 1 << 9,
    ICE_SERVERS = 1 << 10,
    MEMBERS_MAX = 1 << 11,
    CODE = 1 << 12,
    TOKEN = 1 << 13,
    BACK = 1 << 14,
    GOODBYE = 1 << 15,
    CONNECTION = 1 << 16,
    CONNECTION_OPTIONAL = 1 << 17,
    FOR = 1 << 18,
    FOR_OPTIONAL = 1 << 19,
    EXISTS = 1 << 20,
    ICE_SECONDS = 1 << 21,
    NUMBER = 1 << 22,
    STATUS = 1 << 23
};

/* What each signal has besides its member. */
#define OFFER_FIELDS (EXISTS | SDP | CONNECTION | FOR_OPTIONAL)
#define ANSWER_FIELDS (EXISTS | SDP | CONNECTION | FOR)
#define CANDIDATE_FIELDS (EXISTS | CANDIDATE | CONNECTION | FOR_OPTIONAL)
#define ASK_FIELDS (EXISTS | CONNECTION_OPTIONAL | FOR_OPTIONAL)
#define ICE_FIELDS (ICE_SERVERS | ICE_SECONDS)

/* The protocol as a table: which fields a type has in which direction; 0: it does not travel so. */
static const struct {
    const char *name;
    unsigned to_server, to_page;
} types[WIRE_TYPE_COUNT] = {
    [WIRE_JOIN] = {"join", EXISTS | VERSION | ROOM_OPTIONAL | TOKEN | BACK | NUMBER, 0},
    [WIRE_LEAVE] = {"leave", EXISTS | BACK, 0},
    [WIRE_OFFER] = {"offer", OFFER_FIELDS | TO, OFFER_FIELDS | FROM},
    [WIRE_ANSWER] = {"answer", ANSWER_FIELDS | TO, ANSWER_FIELDS | FROM},
    [WIRE_CANDIDATE] = {"candidate", CANDIDATE_FIELDS | TO, CANDIDATE_FIELDS | FROM},
    [WIRE_ASK] = {"ask", ASK_FIELDS | TO, ASK_FIELDS | FROM},
    [WIRE_PING] = {"ping", EXISTS, 0},
    [WIRE_WELCOME] = {"welcome", 0,
                      EXISTS | VERSION | ROOM | YOU | MEMBERS | ICE_FIELDS | MEMBERS_MAX},
    [WIRE_JOINED] = {"joined", 0, EXISTS | WHO | BACK},
    [WIRE_LEFT] = {"left", 0, EXISTS | WHO | GOODBYE | BACK},
    [WIRE_PONG] = {"pong", 0, EXISTS},
    [WIRE_CREDENTIALS] = {"credentials", EXISTS, EXISTS | ICE_FIELDS},
    [WIRE_RELAY_FAILED] = {"relay_failed", EXISTS | STATUS, 0},
    [WIRE_ERROR] = {"error", 0, EXISTS | CODE | NUMBER},
};

#define ERROR_ROW(name, code, close_code, sentence) {code, sentence, close_code},
static const struct {
    const char *code, *sentence;
    uint16_t close_code;
} errors[] = {WIRE_ERRORS(ERROR_ROW)};
#undef ERROR_ROW

static unsigned fields_of(enum wire_type type, enum wire_direction direction) {
    return direction == WIRE_TO_SERVER ? types[type].to_server : types[type].to_page;
}

bool wire_type_goes(enum wire_type type, enum wire_direction direction) {
    return fields_of(type, direction) != 0;
}

static bool is_id_byte(char byte) {
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
}

static bool all_id_bytes(struct slice id) {
    for (size_t i = 0; i < id.len; i++)
        if (!is_id_byte(id.bytes[i]))
            return false;
    return true;
}

bool wire_room_id_valid(struct slice room) {
    return room.len >= WIRE_ROOM_ID_BYTES_MIN && room.len <= WIRE_ROOM_ID_BYTES_MAX &&
           all_id_bytes(room);
}

int wire_room_ids_compare(struct slice left, struct slice right) {
    for (size_t i = 0; i < left.len && i < right.len; i++) {
        int order = text_lower(left.bytes[i]) - text_lower(right.bytes[i]);
        if (order)
            return order;
    }
    return (int)left.len - (int)right.len;
}

bool wire_member_id_valid(struct slice member) {
    return member.len == WIRE_MEMBER_ID_BYTES && all_id_bytes(member);
}

bool wire_token_valid(struct slice token) {
    return token.len == WIRE_TOKEN_BYTES && all_id_bytes(token);
}

/* Reading */

static int read_room(const cJSON *object, bool required, struct wire_message *message) {
    int error =
        json_get_string(object, "room", 0, WIRE_MESSAGE_BYTES_MAX, required, &message->room);
    if (error)
        return error;
    bool absent = !required && message->room.len == 0;
    return absent || wire_room_id_valid(message->room) ? PARLEY_OK : PARLEY_ERR_ROOM;
}

static const char *member_key(unsigned fields) {
    return fields & TO ? "to" : fields & FROM ? "from" : fields & YOU ? "you" : "member";
}

/* A string of |len| bytes of base64url. */
static int read_id(const cJSON *object, const char *key, size_t len, struct slice *id) {
    int error = json_get_string(object, key, len, len, true, id);
    return error ? error : all_id_bytes(*id) ? PARLEY_OK : PARLEY_ERR_FIELD;
}

static int read_connection(const cJSON *object, const char *key, bool required, uint32_t *number) {
    if (!required && !cJSON_GetObjectItemCaseSensitive(object, key))
        return PARLEY_OK;
    int error = json_get_number(object, key, number);
    return error ? error : *number ? PARLEY_OK : PARLEY_ERR_FIELD;
}

static int read_connections(const cJSON *object, unsigned fields, struct wire_message *message) {
    int error = PARLEY_OK;
    if (fields & (CONNECTION | CONNECTION_OPTIONAL))
        error = read_connection(object, "connection", fields & CONNECTION, &message->connection);
    if (!error && fields & (FOR | FOR_OPTIONAL))
        error = read_connection(object, "for", fields & FOR, &message->target);
    return error;
}

static int read_candidate(const cJSON *object, struct wire_message *message) {
    int error = json_get_string(object, "candidate", 0, WIRE_CANDIDATE_BYTES_MAX, true,
                                &message->candidate);
    if (!error)
        error = json_get_string(object, "mid", 0, WIRE_MID_BYTES_MAX, false, &message->mid);
    if (!error)
        error = json_get_string(object, "ufrag", 0, WIRE_UFRAG_BYTES_MAX, false, &message->ufrag);
    return error;
}

static int read_members(const cJSON *object, struct wire_message *message) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "members");
    if (!cJSON_IsArray(list))
        return PARLEY_ERR_FIELD;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        if (message->member_count == WIRE_ROOM_MEMBERS_MAX || !cJSON_IsString(item))
            return PARLEY_ERR_FIELD;
        struct slice id = slice_of(item->valuestring);
        if (!wire_member_id_valid(id))
            return PARLEY_ERR_FIELD;
        message->members[message->member_count++] = id;
    }
    return PARLEY_OK;
}

static int read_ice_server(const cJSON *item, struct wire_ice_server *server) {
    if (!cJSON_IsObject(item))
        return PARLEY_ERR_FIELD;
    int error = json_get_string(item, "urls", 1, WIRE_ICE_FIELD_BYTES_MAX, true, &server->url);
    if (!error)
        error = json_get_string(item, "username", 0, WIRE_ICE_FIELD_BYTES_MAX, false,
                                &server->username);
    if (!error)
        error = json_get_string(item, "credential", 0, WIRE_ICE_FIELD_BYTES_MAX, false,
                                &server->credential);
    return error ? error : wire_ice_url_valid(server->url) ? PARLEY_OK : PARLEY_ERR_FIELD;
}

static int read_ice_servers(const cJSON *object, struct wire_message *message) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, "iceServers");
    if (!cJSON_IsArray(list))
        return PARLEY_ERR_FIELD;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) {
        if (message->ice_server_count == WIRE_ICE_SERVERS_MAX)
            return PARLEY_ERR_FIELD;
        int error = read_ice_server(item, &message->ice_servers[message->ice_server_count++]);
        if (error)
            return error;
    }
    return PARLEY_OK;
}

/* Older pages and servers do not know of it. */
static int read_later_number(const cJSON *object, const char *key, uint32_t *number) {
    return cJSON_GetObjectItemCaseSensitive(object, key) ? json_get_number(object, key, number)
                                                         : PARLEY_OK;
}

static bool status_valid(uint32_t status) {
    return status >= WIRE_STATUS_MIN && status <= WIRE_STATUS_MAX;
}

static int read_status(const cJSON *object, struct wire_message *message) {
    int error = json_get_number(object, "status", &message->status);
    return error ? error : status_valid(message->status) ? PARLEY_OK : PARLEY_ERR_FIELD;
}

static int read_error(const cJSON *object, struct wire_message *message) {
    struct slice code;
    int error = json_get_string(object, "code", 1, WIRE_MESSAGE_BYTES_MAX, true, &code);
    if (!error)
        error = json_get_string(object, "message", 0, WIRE_MESSAGE_BYTES_MAX, false,
                                &message->sentence);
    message->error = WIRE_ERROR_COUNT;
    for (int i = 0; !error && i < WIRE_ERROR_COUNT; i++)
        if (slice_equal(code, slice_of(errors[i].code)))
            message->error = (enum wire_error)i;
    return error;
}

static int read_type(const cJSON *object, enum wire_direction direction, enum wire_type *type) {
    struct slice name;
    int error = json_get_string(object, "type", 1, WIRE_MESSAGE_BYTES_MAX, true, &name);
    if (error)
        return error;
    for (int i = 0; i < WIRE_TYPE_COUNT; i++) {
        if (!fields_of((enum wire_type)i, direction) || !slice_equal(name, slice_of(types[i].name)))
            continue;
        *type = (enum wire_type)i;
        return PARLEY_OK;
    }
    return PARLEY_ERR_TYPE;
}

static int read_flags(const cJSON *object, unsigned fields, struct wire_message *message) {
    int error = PARLEY_OK;
    if (fields & BACK)
        error = json_get_flag(object, "back", &message->back);
    if (!error && fields & GOODBYE)
        error = json_get_flag(object, "goodbye", &message->goodbye);
    return error;
}

static int read_fields(const cJSON *object, unsigned fields, struct wire_message *message) {
    int error = PARLEY_OK;
    if (fields & (ROOM | ROOM_OPTIONAL))
        error = read_room(object, fields & ROOM, message);
    if (!error && fields & TOKEN)
        error = read_id(object, "token", WIRE_TOKEN_BYTES, &message->token);
    if (!error && fields & (TO | FROM | YOU | WHO))
        error = read_id(object, member_key(fields), WIRE_MEMBER_ID_BYTES, &message->member);
    if (!error && fields & SDP)
        error = json_get_string(object, "sdp", 1, WIRE_SDP_BYTES_MAX, true, &message->sdp);
    if (!error && fields & CANDIDATE)
        error = read_candidate(object, message);
    if (!error)
        error = read_connections(object, fields, message);
    if (!error && fields & MEMBERS)
        error = read_members(object, message);
    if (!error && fields & ICE_SERVERS)
        error = read_ice_servers(object, message);
    if (!error && fields & ICE_SECONDS)
        error = read_later_number(object, "iceSeconds", &message->ice_seconds);
    if (!error && fields & MEMBERS_MAX)
        error = json_get_number(object, "roomMembersMax", &message->room_members_max);
    if (!error && fields & STATUS)
        error = read_status(object, message);
    if (!error && fields & NUMBER)
        error = read_later_number(object, "number", &message->number);
    if (!error && fields & CODE)
        error = read_error(object, message);
    if (!error)
        error = read_flags(object, fields, message);
    return error;
}

/* What another version puts behind its number, only that version knows. */
static int read_known_fields(const cJSON *object, unsigned fields, struct wire_message *message) {
    int error = PARLEY_OK;
    if (fields & VERSION)
        error = json_get_number(object, "version", &message->version);
    if (error || (fields & VERSION && message->version != WIRE_VERSION))
        return error;
    return read_fields(object, fields, message);
}

int wire_read(struct slice bytes, enum wire_direction direction, struct wire_message *message) {
    *message = (struct wire_message){0};
    if (bytes.len > WIRE_MESSAGE_BYTES_MAX)
        return PARLEY_ERR_TOO_BIG;
    cJSON *object;
    int error = json_read(bytes, &object);
    if (error)
        return error;
    message->json = object;
    error = read_type(object, direction, &message->type);
    if (!error)
        error = read_known_fields(object, fields_of(message->type, direction), message);
    if (error)
        wire_message_deinit(message);
    return error;
}

void wire_message_deinit(struct wire_message *message) {
    cJSON_Delete(message->json);
    message->json = NULL;
}

/* Writing */

static void put_bounded(struct json_writer *writer, const char *key, struct slice value, size_t min,
                        size_t max) {
    if (value.len < min || value.len > max)
        json_fail(writer, PARLEY_ERR_FIELD);
    else
        json_put_string(writer, key, value);
}

static void put_optional(struct json_writer *writer, const char *key, struct slice value,
                         size_t max) {
    if (value.len)
        put_bounded(writer, key, value, 1, max);
}

static void put_valid(struct json_writer *writer, const char *key, struct slice value, bool valid) {
    if (valid)
        json_put_string(writer, key, value);
    else
        json_fail(writer, PARLEY_ERR_FIELD);
}

static void put_member(struct json_writer *writer, const char *key, struct slice member) {
    put_valid(writer, key, member, wire_member_id_valid(member));
}

static void put_room(struct json_writer *writer, bool required, struct slice room) {
    if (required || room.len)
        put_valid(writer, "room", room, wire_room_id_valid(room));
}

static void put_candidate(struct json_writer *writer, const struct wire_message *message) {
    put_bounded(writer, "candidate", message->candidate, 0, WIRE_CANDIDATE_BYTES_MAX);
    put_optional(writer, "mid", message->mid, WIRE_MID_BYTES_MAX);
    put_optional(writer, "ufrag", message->ufrag, WIRE_UFRAG_BYTES_MAX);
}

static void put_connection(struct json_writer *writer, const char *key, bool required,
                           uint32_t number) {
    if (number)
        json_put_number(writer, key, number);
    else if (required)
        json_fail(writer, PARLEY_ERR_FIELD);
}

static void put_connections(struct json_writer *writer, unsigned fields,
                            const struct wire_message *message) {
    if (fields & (CONNECTION | CONNECTION_OPTIONAL))
        put_connection(writer, "connection", fields & CONNECTION, message->connection);
    if (fields & (FOR | FOR_OPTIONAL))
        put_connection(writer, "for", fields & FOR, message->target);
}

static void put_members(struct json_writer *writer, const struct wire_message *message) {
    if (message->member_count > WIRE_ROOM_MEMBERS_MAX) {
        json_fail(writer, PARLEY_ERR_FIELD);
        return;
    }
    json_open(writer, "members", '[');
    for (size_t i = 0; i < message->member_count; i++)
        put_member(writer, NULL, message->members[i]);
    json_close(writer, ']');
}

static void put_ice_server(struct json_writer *writer, const struct wire_ice_server *server) {
    if (!wire_ice_url_valid(server->url))
        json_fail(writer, PARLEY_ERR_FIELD);
    json_open(writer, NULL, '{');
    put_bounded(writer, "urls", server->url, 1, WIRE_ICE_FIELD_BYTES_MAX);
    put_optional(writer, "username", server->username, WIRE_ICE_FIELD_BYTES_MAX);
    put_optional(writer, "credential", server->credential, WIRE_ICE_FIELD_BYTES_MAX);
    json_close(writer, '}');
}

static void put_ice_servers(struct json_writer *writer, const char *key,
                            const struct wire_ice_server *servers, size_t count) {
    if (count > WIRE_ICE_SERVERS_MAX) {
        json_fail(writer, PARLEY_ERR_FIELD);
        return;
    }
    json_open(writer, key, '[');
    for (size_t i = 0; i < count; i++)
        put_ice_server(writer, &servers[i]);
    json_close(writer, ']');
}

static void put_error(struct json_writer *writer, enum wire_error error) {
    if ((unsigned)error >= WIRE_ERROR_COUNT) {
        json_fail(writer, PARLEY_ERR_FIELD);
        return;
    }
    json_put_string(writer, "code", slice_of(errors[error].code));
    json_put_string(writer, "message", slice_of(errors[error].sentence));
}

static void put_status(struct json_writer *writer, uint32_t status) {
    if (status_valid(status))
        json_put_number(writer, "status", status);
    else
        json_fail(writer, PARLEY_ERR_FIELD);
}

static void put_fields(struct json_writer *writer, unsigned fields,
                       const struct wire_message *message) {
    if (fields & VERSION)
        json_put_number(writer, "version", message->version);
    if (fields & (ROOM | ROOM_OPTIONAL))
        put_room(writer, fields & ROOM, message->room);
    if (fields & TOKEN)
        put_valid(writer, "token", message->token, wire_token_valid(message->token));
    if (fields & (TO | FROM | YOU | WHO))
        put_member(writer, member_key(fields), message->member);
    if (fields & SDP)
        put_bounded(writer, "sdp", message->sdp, 1, WIRE_SDP_BYTES_MAX);
    if (fields & CANDIDATE)
        put_candidate(writer, message);
    put_connections(writer, fields, message);
    if (fields & MEMBERS)
        put_members(writer, message);
    if (fields & ICE_SERVERS)
        put_ice_servers(writer, "iceServers", message->ice_servers, message->ice_server_count);
    if (fields & ICE_SECONDS && message->ice_seconds)
        json_put_number(writer, "iceSeconds", message->ice_seconds);
    if (fields & MEMBERS_MAX)
        json_put_number(writer, "roomMembersMax", message->room_members_max);
    if (fields & STATUS)
        put_status(writer, message->status);
    if (fields & CODE)
        put_error(writer, message->error);
    if (fields & NUMBER && message->number)
        json_put_number(writer, "number", message->number);
    json_put_flag(writer, "back", fields & BACK && message->back);
    json_put_flag(writer, "goodbye", fields & GOODBYE && message->goodbye);
}

int wire_write(const struct wire_message *message, enum wire_direction direction,
               struct buffer *out) {
    struct json_writer writer;
    if ((unsigned)message->type >= WIRE_TYPE_COUNT || !fields_of(message->type, direction))
        return PARLEY_ERR_TYPE;
    json_begin(&writer, out, WIRE_MESSAGE_BYTES_MAX);
    json_open(&writer, NULL, '{');
    json_put_string(&writer, "type", slice_of(types[message->type].name));
    put_fields(&writer, fields_of(message->type, direction), message);
    json_close(&writer, '}');
    return json_end(&writer);
}

int wire_write_ice_servers(const struct wire_ice_server *servers, size_t count,
                           struct buffer *out) {
    struct json_writer writer;
    json_begin(&writer, out, WIRE_MESSAGE_BYTES_MAX);
    put_ice_servers(&writer, NULL, servers, count);
    return json_end(&writer);
}

/* ICE server addresses (RFC 7064, RFC 7065) */

static size_t scheme_bytes(struct slice url, bool *turn) {
    static const char *const schemes[] = {"stun:", "stuns:", "turn:", "turns:"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t len = strlen(schemes[i]);
        if (url.len > len && memcmp(url.bytes, schemes[i], len) == 0)
            return *turn = i >= 2, len;
    }
    return 0;
}

/* One past the host that starts at |at|: a name, an IPv4 address, or an IPv6 one in brackets. */
static size_t host_end(struct slice url, size_t at) {
    bool bracket = url.bytes[at] == '[';
    size_t first = at + bracket;
    for (at = first; at < url.len; at++) {
        char byte = url.bytes[at];
        if (bracket && byte == ']')
            return at > first ? at + 1 : 0;
        if (!is_id_byte(byte) && byte != '.' && !(bracket && byte == ':'))
            break;
    }
    return bracket ? 0 : at;
}

/* One past ":port" at |at|; |at| itself when there is none; 0 when it is malformed. */
static size_t port_end(struct slice url, size_t at) {
    if (at >= url.len || url.bytes[at] != ':')
        return at;
    size_t first = ++at;
    uint64_t port;
    while (at < url.len && url.bytes[at] >= '0' && url.bytes[at] <= '9' && at < first + 6)
        at++;
    slice_read_number((struct slice){url.bytes + first, at - first}, UINT16_MAX, &port);
    return port ? at : 0;
}

bool wire_ice_url_valid(struct slice url) {
    bool turn = false;
    size_t host = scheme_bytes(url, &turn);
    if (host == 0 || url.len > WIRE_ICE_FIELD_BYTES_MAX)
        return false;
    size_t end = host_end(url, host);
    if (end <= host)
        return false;
    end = port_end(url, end);
    if (end == 0)
        return false;
    struct slice rest = {url.bytes + end, url.len - end};
    return rest.len == 0 || (turn && (slice_equal(rest, slice_of("?transport=udp")) ||
                                      slice_equal(rest, slice_of("?transport=tcp"))));
}

bool wire_ice_url_is_turn(struct slice url) {
    bool turn = false;
    return wire_ice_url_valid(url) && scheme_bytes(url, &turn) && turn;
}

/* Names */

const char *wire_type_name(enum wire_type type) {
    PARLEY_CHECK((unsigned)type < WIRE_TYPE_COUNT);
    return types[type].name;
}

const char *wire_error_code(enum wire_error error) {
    PARLEY_CHECK((unsigned)error < WIRE_ERROR_COUNT);
    return errors[error].code;
}

const char *wire_error_sentence(enum wire_error error) {
    PARLEY_CHECK((unsigned)error < WIRE_ERROR_COUNT);
    return errors[error].sentence;
}

uint16_t wire_error_close_code(enum wire_error error) {
    PARLEY_CHECK((unsigned)error < WIRE_ERROR_COUNT);
    return errors[error].close_code;
}
