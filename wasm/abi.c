#include "abi.h"

#include "error.h"
#include "room.h"
#include "secret.h"
#include "session.h"

#include <math.h>
#include <stdlib.h>

#ifdef __EMSCRIPTEN__
#define EXPORT(name) __attribute__((used, export_name(name)))
#else
#define EXPORT(name)
#endif

#define LAYOUT_BYTES_MAX 8192

/* An event that is too long can be told from one that is not. */
_Static_assert(EVENT_BYTES_MAX > PEER_MESSAGE_BYTES_MAX, "from a peer");
_Static_assert(EVENT_BYTES_MAX > WIRE_WELCOME_BYTES_MAX, "from the server");
_Static_assert(EVENT_BYTES_MAX >= 4 * PEER_TEXT_CHARACTERS_MAX, "from the person");

static struct chat *chat;
static char input[EVENT_BYTES_MAX];
static struct buffer layout;

/* The layout, written once */

static void put_slice(struct slice text) {
    PARLEY_CHECK(buffer_append(&layout, text) == PARLEY_OK);
}

static void put(const char *text) {
    put_slice(slice_of(text));
}

static void put_digits(long long number) {
    PARLEY_CHECK(buffer_append_number(&layout, number) == PARLEY_OK);
}

/* A comma unless something was just opened. */
static void put_slice_key(struct slice key) {
    char last = layout.len ? layout.bytes[layout.len - 1] : '{';
    put(last == '{' ? "\"" : ",\"");
    put_slice(key);
    put("\":");
}

static void put_key(const char *key) {
    put_slice_key(slice_of(key));
}

static void put_number(const char *key, long long number) {
    put_key(key);
    put_digits(number);
}

static void open_table(const char *key) {
    put_key(key);
    put("{");
}

static void close_table(void) {
    put("}");
}

/* |names|: of the numbers from 0 on, a space behind each. */
static void put_enum(const char *key, const char *names) {
    struct slice rest = slice_of(names), name;
    open_table(key);
    for (int number = 0; slice_cut(&rest, ' ', &name) && name.len; number++) {
        put_slice_key(name);
        put_digits(number);
    }
    close_table();
}

static void put_enums(void) {
#define NAME(name) #name " "
#define START_ROW(name, bit) put_number(#name, bit);
    open_table("enums");
    put_enum("event", EVENTS(NAME));
    put_enum("action", ACTIONS(NAME));
    open_table("start");
    EVENT_STARTS(START_ROW)
    close_table();
    put_enum("wake", EVENT_WAKES(NAME));
    put_enum("transport", EVENT_TRANSPORTS(NAME));
    put_enum("sdp", EVENT_SDPS(NAME));
    put_enum("peerState", EVENT_PEER_STATES(NAME));
    put_enum("server", JOIN_STATES(NAME));
    put_enum("tone", STATUS_TONES(NAME));
    put_enum("member", CONTACTS(NAME));
    put_enum("line", LINE_KINDS(NAME));
    close_table();
}

static void put_limits(void) {
    open_table("limits");
    put_number("eventBytes", EVENT_BYTES_MAX);
    put_number("randomBytes", EVENT_RANDOM_BYTES);
    put_number("textCharacters", PEER_TEXT_CHARACTERS_MAX);
    put_number("nameCharacters", PEER_NAME_CHARACTERS_MAX);
    put_number("channelMessageBytes", PEER_MESSAGE_BYTES_MAX);
    put_number("channelBufferLowBytes", SESSION_BUFFER_LOW_BYTES);
    put_number("lines", TRANSCRIPT_LINES_MAX);
    put_number("linksInLine", TIMELINE_LINKS_MAX);
    put_number("colours", ROOM_COLOURS);
    put_number("members", WIRE_ROOM_MEMBERS_MAX);
    close_table();
}

struct view_field {
    const char *name, *type;
    size_t offset;
};

#define TYPE_OF(value)                                                                             \
    _Generic((value),                                                                              \
        struct slice: "slice",                                                                     \
        int32_t: "i32",                                                                            \
        const struct span *: "ptr",                                                                \
        default: "u32")
#define FIELD(type, member)                                                                        \
    { #member, TYPE_OF(((type *)0)->member), offsetof(type, member) }
/* To a compiler an enum is any number, so this says which. */
#define ENUM(type, member, name)                                                                   \
    { #member, name, offsetof(type, member) }

static const struct view_field action_fields[] = {
    ENUM(struct action, kind, "action"),
    FIELD(struct action, peer),
    FIELD(struct action, code),
    FIELD(struct action, a),
    FIELD(struct action, b),
    FIELD(struct action, c),
};

static const struct view_field status_fields[] = {
    ENUM(struct status_view, server, "server"),
    ENUM(struct status_view, tone, "tone"),
    FIELD(struct status_view, text),
    FIELD(struct status_view, names),
    FIELD(struct status_view, name_count),
    FIELD(struct status_view, room),
    FIELD(struct status_view, room_name),
    FIELD(struct status_view, room_kind),
    FIELD(struct status_view, name),
    FIELD(struct status_view, name_generated),
    FIELD(struct status_view, member_count),
    FIELD(struct status_view, line_first),
    FIELD(struct status_view, line_end),
    FIELD(struct status_view, draft_left),
    FIELD(struct status_view, full),
    FIELD(struct status_view, alone),
    FIELD(struct status_view, hide_address),
    FIELD(struct status_view, can_hide_address),
    FIELD(struct status_view, hide_address_text),
    FIELD(struct status_view, arriving),
    FIELD(struct status_view, can_retry),
};

static const struct view_field member_fields[] = {
    FIELD(struct member_view, peer),           FIELD(struct member_view, connection),
    ENUM(struct member_view, state, "member"), FIELD(struct member_view, colour),
    FIELD(struct member_view, name),           FIELD(struct member_view, state_text),
    FIELD(struct member_view, reason),         FIELD(struct member_view, connection_log_count),
};

static const struct view_field connection_log_fields[] = {
    FIELD(struct connection_log_view, at_ms),
    FIELD(struct connection_log_view, text),
};

static const struct view_field line_fields[] = {
    FIELD(struct line_view, sequence), ENUM(struct line_view, kind, "line"),
    FIELD(struct line_view, own),      FIELD(struct line_view, continues),
    FIELD(struct line_view, new_day),  FIELD(struct line_view, foldable),
    FIELD(struct line_view, folded),   FIELD(struct line_view, shown),
    FIELD(struct line_view, weight),   FIELD(struct line_view, run),
    FIELD(struct line_view, colour),   FIELD(struct line_view, author),
    FIELD(struct line_view, text),     FIELD(struct line_view, mark),
    FIELD(struct line_view, run_text), FIELD(struct line_view, iso),
    FIELD(struct line_view, links),    FIELD(struct line_view, link_count),
    FIELD(struct line_view, names),    FIELD(struct line_view, name_count),
};

static const struct view_field span_fields[] = {
    FIELD(struct span, start),
    FIELD(struct span, end),
};

static void put_fields(const char *key, const struct view_field *fields, size_t count) {
    open_table(key);
    for (size_t i = 0; i < count; i++) {
        put_key(fields[i].name);
        put("[");
        put_digits((long long)fields[i].offset);
        put(",\"");
        put(fields[i].type);
        put("\"]");
    }
    close_table();
}

#define PUT_FIELDS(name)                                                                           \
    put_fields(#name, name##_fields, sizeof name##_fields / sizeof(struct view_field));

EXPORT("parley_layout") const char *parley_layout(void) {
    if (layout.len)
        return layout.bytes;
    buffer_init(&layout, LAYOUT_BYTES_MAX);
    put("{");
    put_enums();
    put_limits();
    open_table("structs");
    PUT_FIELDS(action)
    PUT_FIELDS(status)
    PUT_FIELDS(member)
    PUT_FIELDS(connection_log)
    PUT_FIELDS(line)
    PUT_FIELDS(span)
    close_table();
    open_table("sizes");
    put_number("span", sizeof(struct span));
    close_table();
    put("}");
    put_slice((struct slice){"", 1});
    return layout.bytes;
}

/* The exports */

EXPORT("parley_create") int parley_create(void) {
    return chat ? PARLEY_ERR_STATE : chat_create(&chat);
}

EXPORT("parley_input") char *parley_input(void) {
    return input;
}

static uint64_t to_unsigned(double number) {
    return number >= 0 && number < 0x1p53 ? (uint64_t)number : 0;
}

static int64_t to_signed(double number) {
    return number > -0x1p53 && number < 0x1p53 ? (int64_t)number : 0;
}

EXPORT("parley_handle")
int parley_handle(uint32_t kind, uint32_t peer, uint32_t code, uint32_t a_len, uint32_t b_len,
                  uint32_t c_len, double now_ms, double wall_ms, int32_t utc_offset_min) {
    if ((uint64_t)a_len + b_len + c_len > EVENT_BYTES_MAX || kind >= EVENT_COUNT)
        return PARLEY_ERR_ARGUMENT;
    struct event event = {.kind = (enum event_kind)kind,
                          .peer = peer,
                          .code = code,
                          .a = {input, a_len},
                          .b = {input + a_len, b_len},
                          .c = {input + a_len + b_len, c_len},
                          .now_ms = to_unsigned(now_ms),
                          .wall_ms = to_signed(wall_ms),
                          .utc_offset_min = utc_offset_min};
    int error = chat_handle(chat, &event);
    if (event.kind == EVENT_START)
        secret_wipe(input, (size_t)a_len + b_len + c_len); /* secrets came in */
    return error;
}

EXPORT("parley_next_action") const struct action *parley_next_action(void) {
    return chat_next_action(chat);
}

EXPORT("parley_deadline_ms") double parley_deadline_ms(void) {
    uint64_t deadline_ms = chat_deadline_ms(chat);
    return deadline_ms == NO_DEADLINE ? (double)INFINITY : (double)deadline_ms;
}

EXPORT("parley_status") const struct status_view *parley_status(void) {
    static struct status_view view;
    chat_status_view(chat, &view);
    return &view;
}

EXPORT("parley_member") const struct member_view *parley_member(uint32_t index) {
    static struct member_view view;
    return chat_member_view(chat, index, &view) == PARLEY_OK ? &view : NULL;
}

EXPORT("parley_connection_log")
const struct connection_log_view *parley_connection_log(uint32_t index, uint32_t entry) {
    static struct connection_log_view view;
    return chat_connection_log_view(chat, index, entry, &view) == PARLEY_OK ? &view : NULL;
}

EXPORT("parley_line") const struct line_view *parley_line(uint32_t sequence) {
    static struct line_view view;
    return chat_line_view(chat, sequence, &view) == PARLEY_OK ? &view : NULL;
}

EXPORT("parley_error_text") const char *parley_error_text(uint32_t kind, int error) {
    return chat_error_text((enum event_kind)kind, error);
}

EXPORT("parley_error_place") unsigned parley_error_place(void) {
    return error_place();
}
