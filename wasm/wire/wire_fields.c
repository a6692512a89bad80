#include "wire_fields.h"

#include "error.h"

/* The bytes of a list's item beside its texts: quotes and a comma, and keys. */
#define ID_JSON_BYTES (WIRE_MEMBER_ID_BYTES + 3)
#define ICE_SERVER_JSON_BYTES (sizeof "{\"urls\":\"\",\"username\":\"\",\"credential\":\"\"},")
#define ICE_SERVER_JSON_VALUES 10
#define HELLOS_JSON_BYTES (sizeof ",\"hellos\":[]")

_Static_assert(WIRE_ROOM_MEMBERS_MAX *ID_JSON_BYTES +
                       WIRE_ICE_SERVERS_MAX *
                           (ICE_SERVER_JSON_BYTES + 3 * WIRE_ICE_FIELD_BYTES_MAX) <
                   WIRE_MESSAGE_BYTES_MAX,
               "a welcome without hellos names everybody and every server");
_Static_assert(WIRE_WELCOME_BYTES_MAX - WIRE_MESSAGE_BYTES_MAX >=
                   HELLOS_JSON_BYTES + (WIRE_ROOM_MEMBERS_MAX - 1) * (WIRE_HELLO_BYTES_MAX + 3),
               "and then has place for everybody's hello");
_Static_assert(2 * WIRE_ROOM_MEMBERS_MAX + WIRE_ICE_SERVERS_MAX * ICE_SERVER_JSON_VALUES +
                       2 * WIRE_FIELD_COUNT <
                   JSON_VALUES_MAX,
               "and is read");
_Static_assert(WIRE_SDP_BYTES_MAX < WIRE_MESSAGE_BYTES_MAX &&
                   WIRE_SEALED_BYTES_MAX < WIRE_MESSAGE_BYTES_MAX &&
                   WIRE_CANDIDATE_BYTES_MAX + WIRE_MID_BYTES_MAX + WIRE_UFRAG_BYTES_MAX <
                       WIRE_MESSAGE_BYTES_MAX,
               "a signal has place for the longest text");
_Static_assert(WIRE_FIELD_COUNT <= FIELDS_MAX, "a set has a bit for each");
_Static_assert(sizeof(struct member_id) == WIRE_MEMBER_ID_BYTES &&
                   sizeof(struct token_secret) == WIRE_TOKEN_BYTES &&
                   offsetof(struct room_id, len) == WIRE_ROOM_ID_BYTES_MAX,
               "read as a FIELD_ID");
_Static_assert(sizeof(enum wire_type) == sizeof(uint32_t), "read as a FIELD_NAME");
_Static_assert(sizeof(enum wire_error) == sizeof(uint32_t), "read as a FIELD_NAME");

/* Lists */

#define IS_MEMBER_ID FIELD_IS_ID(WIRE_MEMBER_ID_BYTES, WIRE_MEMBER_ID_BYTES, member_id_valid)
static const struct field member_id_rows[] = {{IS_MEMBER_ID}};
const struct field_items wire_member_ids = {
    .rows = member_id_rows, .bytes = sizeof(struct member_id), .bare = true};

#define IS_HELLO(bytes_min) FIELD_IS_TEXT(bytes_min, WIRE_HELLO_BYTES_MAX), .valid = id_bytes_valid
static const struct field hello_rows[] = {{IS_HELLO(0)}};
static const struct field_items hellos = {
    .rows = hello_rows, .bytes = sizeof(struct slice), .bare = true};

#define ICE_ROW(key, name, ...)                                                                    \
    FIELD_ROW(key, .at = offsetof(struct wire_ice_server, name), __VA_ARGS__)
static const struct field ice_server_rows[] = {
    ICE_ROW("urls", url, FIELD_IS_TEXT(1, WIRE_ICE_FIELD_BYTES_MAX), .valid = wire_ice_url_valid),
    ICE_ROW("username", username, FIELD_IS_TEXT(0, WIRE_ICE_FIELD_BYTES_MAX)),
    ICE_ROW("credential", credential, FIELD_IS_TEXT(0, WIRE_ICE_FIELD_BYTES_MAX)),
};
static const struct field_items ice_servers = {.rows = ice_server_rows,
                                               .set = {.required = 1, .optional = 2 | 4},
                                               .bytes = sizeof(struct wire_ice_server)};

/* Fields */

#define ERROR_CODE(name, code, ...) FIELD_NAMED(code),
#define TYPE_NAME(name, text, ...) FIELD_NAMED(text),
const struct slice wire_error_codes[] = {WIRE_ERRORS(ERROR_CODE)};
const struct slice wire_type_names[] = {WIRE_SIGNALS(TYPE_NAME) WIRE_OTHERS(TYPE_NAME)};

#define COUNT_AT(name) offsetof(struct wire_message, name)
#define ROW(name, key, place, ...)                                                                 \
    FIELD_ROW(key, .at = offsetof(struct wire_message, place), __VA_ARGS__),
const struct field wire_fields[] = {WIRE_FIELDS(ROW)};

/* Types */

#define BIT(name, ...) name = 1 << WIRE_FIELD_##name,
enum { NONE = 0, WIRE_FIELDS(BIT) };

/* The server passes on what stands behind the member as it is. */
#define FOLLOWS(name, text, required, optional)                                                    \
    _Static_assert((((required) | (optional)) & (2 * FROM - 1)) == 0, "behind to and from");
WIRE_SIGNALS(FOLLOWS)
FOLLOWS(RELAY, "relay", RELAYED, NONE)

#define HAS(required, optional)                                                                    \
    { TYPE | (required), (optional) }
#define NEVER                                                                                      \
    { 0, 0 }
#define SIGNAL(name, text, required, optional)                                                     \
    {HAS(TO | (required), optional), HAS(FROM | (required), optional)},
#define OTHER(name, text, to_server, to_page) {to_server, to_page},
static const struct {
    struct field_set to_server, to_page;
} types[] = {WIRE_SIGNALS(SIGNAL) WIRE_OTHERS(OTHER)};

struct field_set wire_fields_of(enum wire_type type, enum wire_direction direction) {
    return direction == WIRE_TO_SERVER ? types[type].to_server : types[type].to_page;
}

const char *wire_type_name(enum wire_type type) {
    PARLEY_CHECK((unsigned)type < WIRE_TYPE_COUNT);
    return wire_type_names[type].bytes;
}
