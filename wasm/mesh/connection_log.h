/* connection_log.h - what happened to a connection, when, and how often: for the panel of
 * connection details. */
#ifndef PARLEY_CONNECTION_LOG_H
#define PARLEY_CONNECTION_LOG_H

#include "buffer.h"
#include "candidate.h"

#include <stdbool.h>
#include <stdint.h>

#define CONNECTION_LOG_ENTRIES_MAX 40

enum connection_log_kind {
    CONNECTION_LOG_MET,
    CONNECTION_LOG_OFFER_SENT,
    CONNECTION_LOG_OFFER_RECEIVED,
    CONNECTION_LOG_OFFER_IGNORED,
    CONNECTION_LOG_OFFER_WITHDRAWN,
    CONNECTION_LOG_ANSWER_SENT,
    CONNECTION_LOG_ANSWER_RECEIVED,
    CONNECTION_LOG_LOCAL_CANDIDATE,
    CONNECTION_LOG_REMOTE_CANDIDATE,
    CONNECTION_LOG_LOCAL_END,
    CONNECTION_LOG_REMOTE_END,
    CONNECTION_LOG_CANDIDATE_FAILED,
    CONNECTION_LOG_CANDIDATE_UNSAFE, /* one of theirs that must not be tried */
    CONNECTION_LOG_RELAY_REFUSED,    /* us: credentials, quota */
    CONNECTION_LOG_RELAY_SILENT,     /* it cannot be reached */
    CONNECTION_LOG_SERVER_LEFT_OUT,  /* an ICE server, by our browser */
    CONNECTION_LOG_PATH_FOUND,
    CONNECTION_LOG_INTERRUPTED,
    CONNECTION_LOG_CHANNEL_OPEN,
    CONNECTION_LOG_ROUTE_DIRECT,
    CONNECTION_LOG_ROUTE_RELAYED,
    CONNECTION_LOG_GARBAGE,     /* a message that made no sense */
    CONNECTION_LOG_SERVER_PATH, /* what we say goes through the server */
    CONNECTION_LOG_REFUSED,     /* a signal that was not sealed by them */
    CONNECTION_LOG_PROVED,      /* both ends of the connection */
    CONNECTION_LOG_UNPROVED,    /* they did not prove their end of it */
    CONNECTION_LOG_SILENT,      /* no answer to a heartbeat */
    CONNECTION_LOG_ASKED,       /* we asked for an offer */
    CONNECTION_LOG_ASKED_BY,    /* they asked for one */
    CONNECTION_LOG_ICE_RESTART, /* ours */
    CONNECTION_LOG_RENEWED,     /* a new connection, after the first */
    CONNECTION_LOG_RECOVERED,
    CONNECTION_LOG_FAILED, /* an attempt */
    CONNECTION_LOG_CLOSED
};

struct connection_log_entry {
    uint8_t kind; /* enum connection_log_kind */
    uint8_t type; /* enum candidate_type, of entries about candidates */
    uint16_t count;
    uint32_t at_ms; /* since connection_log_init, of the first */
};

struct connection_log {
    struct connection_log_entry entries[CONNECTION_LOG_ENTRIES_MAX];
    uint32_t count;
    uint64_t started_ms;
};

/* Begins with CONNECTION_LOG_MET. */
void connection_log_init(struct connection_log *log, uint64_t now_ms);

/* Logs an event. If the log has the event already, its count grows. */
void connection_log_add(struct connection_log *log, uint64_t now_ms, enum connection_log_kind kind);

/* The same for a candidate. Its type is read from its text (candidate-attribute, RFC 8839, 5.1). */
void connection_log_add_candidate(struct connection_log *log, uint64_t now_ms,
                                  enum connection_log_kind kind, struct slice candidate);

bool connection_log_has(const struct connection_log *log, enum connection_log_kind kind);

/* Appends the entry in words, such as "Own candidate: host (2)". Errors of |out|. */
int connection_log_entry_text(const struct connection_log_entry *entry, struct buffer *out);

#endif
