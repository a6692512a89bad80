#include "abi.h"

#include "channel.h"
#include "error.h"
#include "room.h"

#include <math.h>
#include <stdlib.h>

#ifdef __EMSCRIPTEN__
#define EXPORT(name) __attribute__((used, export_name(name)))
/* Emscripten would import this to tell JavaScript; core.js looks at the memory anew instead. */
void emscripten_notify_memory_growth(size_t memory_index);
void emscripten_notify_memory_growth(size_t memory_index) {
    (void)memory_index;
}
#else
#define EXPORT(name)
#endif

#define LAYOUT_BYTES_MAX 8192

static struct chat *chat;
static char input[EVENT_BYTES_MAX];
static struct buffer layout;

/* The layout, written once */

static void put(const char *text) {
    PARLEY_CHECK(buffer_append(&layout, slice_of(text)) == PARLEY_OK);
}

/* A comma unless something was just opened. */
static void put_key(const char *key) {
    char last = layout.len ? layout.bytes[layout.len - 1] : '{';
    put(last == '{' ? "\"" : ",\"");
    put(key);
    put("\":");
}

static void put_number(const char *key, long long number) {
    put_key(key);
    PARLEY_CHECK(buffer_append_number(&layout, number) == PARLEY_OK);
}

static void open_table(const char *key) {
    put_key(key);
    put("{");
}

static void close_table(void) {
    put("}");
}

static void put_field(const char *key, size_t offset, const char *type) {
    put_key(key);
    put("[");
    PARLEY_CHECK(buffer_append_number(&layout, (long long)offset) == PARLEY_OK);
    put(",\"");
    put(type);
    put("\"]");
}

static void put_enums(void) {
#define ROW(prefix, name) put_number(#name, prefix##_##name);
#define EVENT_ROW(name) ROW(EVENT, name)
#define ACTION_ROW(name) ROW(ACTION, name)
#define START_ROW(name, bit) ROW(EVENT_START, name)
#define WAKE_ROW(name) ROW(EVENT_WAKE, name)
#define TRANSPORT_ROW(name) ROW(EVENT_TRANSPORT, name)
#define SDP_ROW(name) ROW(EVENT_SDP, name)
#define PEER_STATE_ROW(name) ROW(EVENT_PEER_STATE, name)
#define SERVER_ROW(name) ROW(JOIN_STATE, name)
#define TONE_ROW(name) ROW(CHAT_TONE, name)
#define MEMBER_ROW(name) ROW(CHAT_MEMBER, name)
#define LINE_ROW(name) ROW(LINE, name)
#define TABLE(key, list, row)                                                                      \
    open_table(key);                                                                               \
    list(row) close_table();
    open_table("enums");
    TABLE("event", EVENTS, EVENT_ROW)
    TABLE("action", ACTIONS, ACTION_ROW)
    TABLE("start", EVENT_STARTS, START_ROW)
    TABLE("wake", EVENT_WAKES, WAKE_ROW)
    TABLE("transport", EVENT_TRANSPORTS, TRANSPORT_ROW)
    TABLE("sdp", EVENT_SDPS, SDP_ROW)
    TABLE("peerState", EVENT_PEER_STATES, PEER_STATE_ROW)
    TABLE("server", JOIN_STATES, SERVER_ROW)
    TABLE("tone", CHAT_TONES, TONE_ROW)
    TABLE("member", CHAT_MEMBER_STATES, MEMBER_ROW)
    TABLE("line", LINE_KINDS, LINE_ROW)
    close_table();
}

static void put_limits(void) {
    open_table("limits");
    put_number("eventBytes", EVENT_BYTES_MAX);
    put_number("randomBytes", EVENT_RANDOM_BYTES);
    put_number("textCharacters", PEER_TEXT_CHARACTERS_MAX);
    put_number("nameCharacters", PEER_NAME_CHARACTERS_MAX);
    put_number("channelMessageBytes", PEER_MESSAGE_BYTES_MAX);
    put_number("channelBufferLowBytes", CHANNEL_BUFFER_LOW_BYTES);
    put_number("lines", TRANSCRIPT_LINES_MAX);
    put_number("linksInLine", CHAT_LINKS_IN_LINE_MAX);
    put_number("colours", ROOM_COLOURS);
    put_number("members", WIRE_ROOM_MEMBERS_MAX);
    close_table();
}

#define TYPE_OF(value)                                                                             \
    _Generic((value),                                                                              \
        struct slice: "slice",                                                                     \
        int32_t: "i32",                                                                            \
        const struct chat_span *: "ptr",                                                           \
        default: "u32")
#define FIELD(type, member)                                                                        \
    put_field(#member, offsetof(type, member), TYPE_OF(((type *)0)->member));

/* To a compiler an enum is any number, so this says which. */
#define ENUM(type, member, name) put_field(#member, offsetof(type, member), name);

static void put_action(void) {
    open_table("action");
    ENUM(struct action, kind, "action")
    FIELD(struct action, peer)
    FIELD(struct action, code)
    FIELD(struct action, a)
    FIELD(struct action, b)
    FIELD(struct action, c)
    close_table();
}

static void put_status(void) {
    open_table("status");
    ENUM(struct chat_status_view, server, "server")
    ENUM(struct chat_status_view, tone, "tone")
    FIELD(struct chat_status_view, text)
    FIELD(struct chat_status_view, names)
    FIELD(struct chat_status_view, name_count)
    FIELD(struct chat_status_view, room)
    FIELD(struct chat_status_view, name)
    FIELD(struct chat_status_view, name_generated)
    FIELD(struct chat_status_view, member_count)
    FIELD(struct chat_status_view, line_first)
    FIELD(struct chat_status_view, line_end)
    FIELD(struct chat_status_view, draft_left)
    FIELD(struct chat_status_view, full)
    FIELD(struct chat_status_view, alone)
    FIELD(struct chat_status_view, hiding)
    FIELD(struct chat_status_view, can_hide)
    FIELD(struct chat_status_view, hiding_text)
    FIELD(struct chat_status_view, can_retry)
    close_table();
}

static void put_member(void) {
    open_table("member");
    FIELD(struct chat_member_view, peer)
    FIELD(struct chat_member_view, connection)
    ENUM(struct chat_member_view, state, "member")
    FIELD(struct chat_member_view, colour)
    FIELD(struct chat_member_view, name)
    FIELD(struct chat_member_view, state_text)
    FIELD(struct chat_member_view, reason)
    FIELD(struct chat_member_view, step_count)
    close_table();
    open_table("step");
    FIELD(struct chat_step_view, at_ms)
    FIELD(struct chat_step_view, text)
    close_table();
}

static void put_line(void) {
    open_table("line");
    FIELD(struct chat_line_view, sequence)
    ENUM(struct chat_line_view, kind, "line")
    FIELD(struct chat_line_view, own)
    FIELD(struct chat_line_view, continues)
    FIELD(struct chat_line_view, new_day)
    FIELD(struct chat_line_view, foldable)
    FIELD(struct chat_line_view, folded)
    FIELD(struct chat_line_view, shown)
    FIELD(struct chat_line_view, weight)
    FIELD(struct chat_line_view, run)
    FIELD(struct chat_line_view, colour)
    FIELD(struct chat_line_view, author)
    FIELD(struct chat_line_view, text)
    FIELD(struct chat_line_view, mark)
    FIELD(struct chat_line_view, run_text)
    FIELD(struct chat_line_view, iso)
    FIELD(struct chat_line_view, links)
    FIELD(struct chat_line_view, link_count)
    FIELD(struct chat_line_view, names)
    FIELD(struct chat_line_view, name_count)
    close_table();
    open_table("span");
    FIELD(struct chat_span, start)
    FIELD(struct chat_span, end)
    close_table();
}

EXPORT("parley_layout") const char *parley_layout(void) {
    if (layout.len)
        return layout.bytes;
    buffer_init(&layout, LAYOUT_BYTES_MAX);
    put("{");
    put_enums();
    put_limits();
    open_table("structs");
    put_action();
    put_status();
    put_member();
    put_line();
    close_table();
    open_table("sizes");
    put_number("span", sizeof(struct chat_span));
    close_table();
    put("}");
    PARLEY_CHECK(buffer_append(&layout, (struct slice){"", 1}) == PARLEY_OK);
    return layout.bytes;
}

/* The door */

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
    return chat_handle(chat, &event);
}

EXPORT("parley_next_action") const struct action *parley_next_action(void) {
    return chat_next_action(chat);
}

EXPORT("parley_deadline_ms") double parley_deadline_ms(void) {
    uint64_t deadline_ms = chat_deadline_ms(chat);
    return deadline_ms == NO_DEADLINE ? (double)INFINITY : (double)deadline_ms;
}

EXPORT("parley_status") const struct chat_status_view *parley_status(void) {
    static struct chat_status_view view;
    chat_status_view(chat, &view);
    return &view;
}

EXPORT("parley_member") const struct chat_member_view *parley_member(uint32_t index) {
    static struct chat_member_view view;
    return chat_member_view(chat, index, &view) == PARLEY_OK ? &view : NULL;
}

EXPORT("parley_step") const struct chat_step_view *parley_step(uint32_t index, uint32_t step) {
    static struct chat_step_view view;
    return chat_step_view(chat, index, step, &view) == PARLEY_OK ? &view : NULL;
}

EXPORT("parley_line") const struct chat_line_view *parley_line(uint32_t sequence) {
    static struct chat_line_view view;
    return chat_line_view(chat, sequence, &view) == PARLEY_OK ? &view : NULL;
}

EXPORT("parley_error_text") const char *parley_error_text(uint32_t kind, int error) {
    return chat_error_text((enum event_kind)kind, error);
}
