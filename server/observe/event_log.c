#include "event_log.h"

#include "log.h"

#define EVENTS_WINDOW_MS 60000
#define MESSAGES_WINDOW_MS 1000
#define RELAY_LINES_MAX 6
#define FIELDS_MAX 6

/* A line before it is written. */
struct event_line {
    struct log_field fields[FIELDS_MAX];
    size_t count;
};

static void add_text(struct event_line *line, const char *name, struct slice text) {
    line->fields[line->count++] = log_text(name, text);
}

static void add_number(struct event_line *line, const char *name, uint64_t number) {
    line->fields[line->count++] = log_number(name, number);
}

static void write_person(uint64_t now_ms, const char *event, const struct event_line *line) {
    static struct log_limiter limiter = {.lines_max = EVENT_LOG_LINES_MAX,
                                         .window_ms = EVENTS_WINDOW_MS};
    log_limited(&limiter, now_ms, LOG_LEVEL_INFO, event, line->fields, line->count);
}

static void write_message(uint64_t now_ms, const char *event, const struct event_line *line) {
    static struct log_limiter limiter = {.lines_max = EVENT_LOG_MESSAGES_MAX,
                                         .window_ms = MESSAGES_WINDOW_MS};
    log_limited(&limiter, now_ms, LOG_LEVEL_DEBUG, event, line->fields, line->count);
}

static struct slice member_text(const struct member_id *id) {
    return id != NULL ? member_id_text(id) : slice_of("");
}

static void log_move(uint64_t now_ms, const char *event, const struct hub_action *note,
                     uint32_t connection, const char *transport) {
    struct event_line line = {.count = 0};
    add_text(&line, "room", log_short_id(room_id_text(note->room)));
    add_text(&line, "member", log_short_id(member_text(note->member)));
    add_number(&line, "members", note->members);
    if (transport != NULL)
        add_text(&line, "transport", slice_of(transport));
    if (connection != 0)
        add_number(&line, "connection", connection);
    write_person(now_ms, event, &line);
}

static void log_message(uint64_t now_ms, const struct hub_action *note, uint32_t connection) {
    struct event_line line = {.count = 0};
    bool came = note->note == HUB_NOTE_MESSAGE;
    add_text(&line, "type", slice_of(wire_type_name(note->type)));
    if (came)
        add_text(&line, "from", member_text(note->member));
    add_text(&line, "to", member_text(came ? note->target : note->member));
    add_number(&line, "bytes", note->bytes_len);
    if (connection != 0)
        add_number(&line, "connection", connection);
    write_message(now_ms, came ? "message" : "sent", &line);
}

static const char *relay_hint(uint32_t status) {
    return status == WIRE_STATUS_NO_ANSWER
               ? "it does not answer where that browser is: down, or the "
                 "way to it is blocked"
           : status == 401 || status == 441
               ? "it takes none of our credentials: another secret, or another time of day"
           : status == 486 || status == 508 ? "it has no room for more: a quota"
                                            : "see RFC 8656, 19";
}

static void log_relay(uint64_t now_ms, const struct hub_action *note, uint32_t connection) {
    static struct log_limiter limiter = {.lines_max = RELAY_LINES_MAX,
                                         .window_ms = EVENTS_WINDOW_MS};
    struct event_line line = {.count = 0};
    add_number(&line, "status", note->status);
    add_text(&line, "hint", slice_of(relay_hint(note->status)));
    if (connection != 0)
        add_number(&line, "connection", connection);
    bool silent = note->status == WIRE_STATUS_NO_ANSWER;
    log_limited(&limiter, now_ms, LOG_LEVEL_WARN, silent ? "relay_silent" : "relay_refuses",
                line.fields, line.count);
}

void event_log_note(uint64_t now_ms, const struct hub_action *note, uint32_t connection,
                    const char *transport) {
    switch (note->note) {
    case HUB_NOTE_JOINED:
        log_move(now_ms, "joined", note, connection, transport);
        break;
    case HUB_NOTE_BACK:
        log_move(now_ms, "back", note, connection, transport);
        break;
    case HUB_NOTE_LEFT:
        log_move(now_ms, "left", note, connection, NULL);
        break;
    case HUB_NOTE_AWAY:
        log_move(now_ms, "away", note, connection, NULL);
        break;
    case HUB_NOTE_REFUSED:
        log_refusal(now_ms, wire_error_code(note->error), log_short_id(member_text(note->member)),
                    connection);
        break;
    case HUB_NOTE_RELAY_FAILED:
        log_relay(now_ms, note, connection);
        break;
    case HUB_NOTE_MESSAGE:
    case HUB_NOTE_SENT:
        log_message(now_ms, note, connection);
        break;
    }
}

void event_log_silence(uint64_t now_ms, uint32_t connection, uint64_t after_seconds) {
    struct event_line line = {.count = 0};
    add_number(&line, "after_seconds", after_seconds);
    add_number(&line, "connection", connection);
    write_person(now_ms, "no_answer", &line);
}

void event_log_forgotten(uint64_t now_ms, uint32_t connection, const char *why) {
    struct event_line line = {.count = 0};
    add_text(&line, "why", slice_of(why));
    add_number(&line, "connection", connection);
    write_message(now_ms, "forgotten", &line);
}
