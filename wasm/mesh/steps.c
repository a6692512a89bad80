#include "steps.h"

#include "error.h"

void steps_init(struct steps *steps, uint64_t now_ms) {
    *steps = (struct steps){.started_ms = now_ms};
    steps_add(steps, now_ms, STEP_MET);
}

static void add(struct steps *steps, uint64_t now_ms, enum step_kind kind,
                enum candidate_type type) {
    for (uint32_t i = 0; i < steps->count; i++) {
        struct step *step = &steps->list[i];
        if (step->kind != kind || step->type != type)
            continue;
        if (step->count < UINT16_MAX)
            step->count++;
        return;
    }
    if (steps->count == STEPS_MAX)
        return;
    uint64_t at_ms = now_ms - steps->started_ms;
    steps->list[steps->count++] =
        (struct step){.kind = (uint8_t)kind,
                      .type = (uint8_t)type,
                      .count = 1,
                      .at_ms = at_ms < UINT32_MAX ? (uint32_t)at_ms : UINT32_MAX};
}

void steps_add(struct steps *steps, uint64_t now_ms, enum step_kind kind) {
    add(steps, now_ms, kind, CANDIDATE_UNKNOWN);
}

void steps_add_candidate(struct steps *steps, uint64_t now_ms, enum step_kind kind,
                         struct slice candidate) {
    add(steps, now_ms, kind, candidate_type_of(candidate));
}

bool steps_have(const struct steps *steps, enum step_kind kind) {
    for (uint32_t i = 0; i < steps->count; i++)
        if (steps->list[i].kind == kind)
            return true;
    return false;
}

/* Words */

static const char *step_name(enum step_kind kind) {
    static const char *const names[] = {[STEP_MET] = "In the room together",
                                        [STEP_OFFER_SENT] = "Offer sent",
                                        [STEP_OFFER_RECEIVED] = "Offer received",
                                        [STEP_OFFER_IGNORED] = "Offers crossed: theirs ignored",
                                        [STEP_OFFER_WITHDRAWN] = "Offers crossed: ours withdrawn",
                                        [STEP_ANSWER_SENT] = "Answer sent",
                                        [STEP_ANSWER_RECEIVED] = "Answer received",
                                        [STEP_LOCAL_CANDIDATE] = "Own candidate: ",
                                        [STEP_REMOTE_CANDIDATE] = "Their candidate: ",
                                        [STEP_LOCAL_END] = "Own candidates complete",
                                        [STEP_REMOTE_END] = "Their candidates complete",
                                        [STEP_CANDIDATE_FAILED] = "Candidate refused",
                                        [STEP_CANDIDATE_UNSAFE] = "Their candidate left out",
                                        [STEP_RELAY_REFUSED] = "The relay refused us",
                                        [STEP_RELAY_SILENT] = "The relay did not answer",
                                        [STEP_SERVER_LEFT_OUT] = "Your browser left out a server",
                                        [STEP_PATH_FOUND] = "Path found",
                                        [STEP_INTERRUPTED] = "Interrupted",
                                        [STEP_CHANNEL_OPEN] = "Channel open",
                                        [STEP_ROUTE_DIRECT] = "Connected directly",
                                        [STEP_ROUTE_RELAYED] = "Connected through a relay",
                                        [STEP_GARBAGE] = "Senseless message ignored",
                                        [STEP_SILENT] = "No sign of life",
                                        [STEP_ASKED] = "Asked them to reconnect",
                                        [STEP_ASKED_BY] = "They asked to reconnect",
                                        [STEP_ICE_RESTART] = "Looking for a new path",
                                        [STEP_RENEWED] = "Connecting anew",
                                        [STEP_RECOVERED] = "Reconnected",
                                        [STEP_FAILED] = "An attempt failed",
                                        [STEP_CLOSED] = "Closed"};
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

int step_text(const struct step *step, struct buffer *out) {
    int error = buffer_append(out, slice_of(step_name((enum step_kind)step->kind)));
    bool typed = step->kind == STEP_LOCAL_CANDIDATE || step->kind == STEP_REMOTE_CANDIDATE;
    if (!error && typed)
        error = buffer_append(out, type_name((enum candidate_type)step->type));
    if (!error && step->count > 1)
        error = append_count(step->count, out);
    return error;
}
