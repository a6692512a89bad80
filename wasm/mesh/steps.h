/* steps.h - the way of a connection, for people who want to see it: what happened when, and how
 * often. */
#ifndef PARLEY_STEPS_H
#define PARLEY_STEPS_H

#include "buffer.h"
#include "candidate.h"

#include <stdbool.h>
#include <stdint.h>

#define STEPS_MAX 40

enum step_kind {
    STEP_MET,
    STEP_OFFER_SENT,
    STEP_OFFER_RECEIVED,
    STEP_OFFER_IGNORED,
    STEP_OFFER_WITHDRAWN,
    STEP_ANSWER_SENT,
    STEP_ANSWER_RECEIVED,
    STEP_LOCAL_CANDIDATE,
    STEP_REMOTE_CANDIDATE,
    STEP_LOCAL_END,
    STEP_REMOTE_END,
    STEP_CANDIDATE_FAILED,
    STEP_CANDIDATE_UNSAFE, /* one of theirs that must not be tried */
    STEP_RELAY_REFUSED,    /* us: credentials, quota */
    STEP_RELAY_SILENT,     /* it cannot be reached */
    STEP_SERVER_LEFT_OUT,  /* an ICE server, by our browser */
    STEP_PATH_FOUND,
    STEP_INTERRUPTED,
    STEP_CHANNEL_OPEN,
    STEP_ROUTE_DIRECT,
    STEP_ROUTE_RELAYED,
    STEP_GARBAGE,     /* a message that made no sense */
    STEP_SILENT,      /* no answer to a heartbeat */
    STEP_ASKED,       /* we asked for an offer */
    STEP_ASKED_BY,    /* they asked for one */
    STEP_ICE_RESTART, /* ours */
    STEP_RENEWED,     /* a new connection, after the first */
    STEP_RECOVERED,
    STEP_FAILED, /* an attempt */
    STEP_CLOSED
};

struct step {
    uint8_t kind; /* enum step_kind */
    uint8_t type; /* enum candidate_type, of candidate steps */
    uint16_t count;
    uint32_t at_ms; /* since steps_init, of the first */
};

struct steps {
    struct step list[STEPS_MAX];
    uint32_t count;
    uint64_t started_ms;
};

/* Begins with STEP_MET. */
void steps_init(struct steps *steps, uint64_t now_ms);

/* Notes a step; one that was taken before is counted. */
void steps_add(struct steps *steps, uint64_t now_ms, enum step_kind kind);

/* The same for a candidate, whose type stands in its text (candidate-attribute, RFC 8839, 5.1). */
void steps_add_candidate(struct steps *steps, uint64_t now_ms, enum step_kind kind,
                         struct slice candidate);

bool steps_have(const struct steps *steps, enum step_kind kind);

/* Appends the step in words, such as "Own candidate: host (2)". Errors of |out|. */
int step_text(const struct step *step, struct buffer *out);

#endif
