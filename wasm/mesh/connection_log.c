#include "connection_log.h"

#include "error.h"

void connection_log_init(struct connection_log *log, uint64_t now_ms) {
    *log = (struct connection_log){.started_ms = now_ms};
    connection_log_add(log, now_ms, CONNECTION_LOG_MET);
}

static void add(struct connection_log *log, uint64_t now_ms, enum connection_log_kind kind,
                enum candidate_type type) {
    for (uint32_t i = 0; i < log->count; i++) {
        struct connection_log_entry *entry = &log->entries[i];
        if (entry->kind != kind || entry->type != type)
            continue;
        if (entry->count < UINT16_MAX)
            entry->count++;
        return;
    }
    if (log->count == CONNECTION_LOG_ENTRIES_MAX)
        return;
    uint64_t at_ms = now_ms - log->started_ms;
    log->entries[log->count++] =
        (struct connection_log_entry){.kind = (uint8_t)kind,
                                      .type = (uint8_t)type,
                                      .count = 1,
                                      .at_ms = at_ms < UINT32_MAX ? (uint32_t)at_ms : UINT32_MAX};
}

void connection_log_add(struct connection_log *log, uint64_t now_ms,
                        enum connection_log_kind kind) {
    add(log, now_ms, kind, CANDIDATE_UNKNOWN);
}

void connection_log_add_candidate(struct connection_log *log, uint64_t now_ms,
                                  enum connection_log_kind kind, struct slice candidate) {
    add(log, now_ms, kind, candidate_type_of(candidate));
}

bool connection_log_has(const struct connection_log *log, enum connection_log_kind kind) {
    for (uint32_t i = 0; i < log->count; i++)
        if (log->entries[i].kind == kind)
            return true;
    return false;
}

/* Words */

static const char *name_of(enum connection_log_kind kind) {
    static const char *const names[] = {
        [CONNECTION_LOG_MET] = "In the room together",
        [CONNECTION_LOG_OFFER_SENT] = "Offer sent",
        [CONNECTION_LOG_OFFER_RECEIVED] = "Offer received",
        [CONNECTION_LOG_OFFER_IGNORED] = "Offers crossed: theirs ignored",
        [CONNECTION_LOG_OFFER_WITHDRAWN] = "Offers crossed: ours withdrawn",
        [CONNECTION_LOG_ANSWER_SENT] = "Answer sent",
        [CONNECTION_LOG_ANSWER_RECEIVED] = "Answer received",
        [CONNECTION_LOG_LOCAL_CANDIDATE] = "Own candidate: ",
        [CONNECTION_LOG_REMOTE_CANDIDATE] = "Their candidate: ",
        [CONNECTION_LOG_LOCAL_END] = "Own candidates complete",
        [CONNECTION_LOG_REMOTE_END] = "Their candidates complete",
        [CONNECTION_LOG_CANDIDATE_FAILED] = "Candidate refused",
        [CONNECTION_LOG_CANDIDATE_UNSAFE] = "Their candidate left out",
        [CONNECTION_LOG_RELAY_REFUSED] = "The relay refused us",
        [CONNECTION_LOG_RELAY_SILENT] = "The relay did not answer",
        [CONNECTION_LOG_SERVER_LEFT_OUT] = "Your browser left out a server",
        [CONNECTION_LOG_PATH_FOUND] = "Path found",
        [CONNECTION_LOG_INTERRUPTED] = "Interrupted",
        [CONNECTION_LOG_CHANNEL_OPEN] = "Channel open",
        [CONNECTION_LOG_ROUTE_DIRECT] = "Connected directly",
        [CONNECTION_LOG_ROUTE_RELAYED] = "Connected through a relay",
        [CONNECTION_LOG_GARBAGE] = "Senseless message ignored",
        [CONNECTION_LOG_SERVER_PATH] = "Through the server, sealed",
        [CONNECTION_LOG_REFUSED] = "Refused a signal that is not theirs",
        [CONNECTION_LOG_PROVED] = "Both ends proved",
        [CONNECTION_LOG_UNPROVED] = "Somebody may be between you",
        [CONNECTION_LOG_SILENT] = "No sign of life",
        [CONNECTION_LOG_ASKED] = "Asked them to reconnect",
        [CONNECTION_LOG_ASKED_BY] = "They asked to reconnect",
        [CONNECTION_LOG_ICE_RESTART] = "Looking for a new path",
        [CONNECTION_LOG_RENEWED] = "Connecting anew",
        [CONNECTION_LOG_RECOVERED] = "Reconnected",
        [CONNECTION_LOG_FAILED] = "An attempt failed",
        [CONNECTION_LOG_CLOSED] = "Closed"};
    return names[kind];
}

static struct slice type_name(enum candidate_type type) {
    return type == CANDIDATE_UNKNOWN ? slice_of("other") : candidate_type_name(type);
}

static int append_count(uint16_t count, struct buffer *out) {
    int error = buffer_append(out, slice_of(" ("));
    if (!error)
        error = buffer_append_number(out, count);
    return error ? error : buffer_append(out, slice_of(")"));
}

int connection_log_entry_text(const struct connection_log_entry *entry, struct buffer *out) {
    int error = buffer_append(out, slice_of(name_of((enum connection_log_kind)entry->kind)));
    bool typed = entry->kind == CONNECTION_LOG_LOCAL_CANDIDATE ||
                 entry->kind == CONNECTION_LOG_REMOTE_CANDIDATE;
    if (!error && typed)
        error = buffer_append(out, type_name((enum candidate_type)entry->type));
    if (!error && entry->count > 1)
        error = append_count(entry->count, out);
    return error;
}
