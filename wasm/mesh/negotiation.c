#include "negotiation.h"

#include "address_filter.h"
#include "error.h"
#include "sdp.h"
#include "signals.h"

#include <stdlib.h>
#include <string.h>

struct negotiation_candidate {
    char *bytes; /* owned: candidate, mid, ufrag in a row */
    size_t candidate_len, mid_len, ufrag_len;
};

static void log_event(const struct negotiation_env *env, enum connection_log_kind kind) {
    connection_log_add(env->log, env->now_ms, kind);
}

/* Signaling */

/* Sends |message| to the peer through the server. While the server is away, messages are lost; the
 * next attempt sends them again. Errors of wire_write. */
static int signal_peer(const struct negotiation *negotiation, const struct negotiation_env *env,
                       struct wire_message *message) {
    if (!env->server_up)
        return PARLEY_OK;
    message->member = env->member_id;
    message->connection = negotiation->own;
    message->target = negotiation->theirs;
    return signals_send(env->actions, negotiation->peer, message);
}

/* Remote candidates that wait */

/* Drops the last |count|. */
static void drop_candidates(struct negotiation *negotiation, uint32_t count) {
    while (count--)
        free(negotiation->candidates[--negotiation->candidate_count].bytes);
}

static char *append(char *to, struct slice piece) {
    if (piece.len)
        memcpy(to, piece.bytes, piece.len);
    return to + piece.len;
}

static void keep_candidate(struct negotiation *negotiation, struct slice candidate,
                           struct slice mid, struct slice ufrag) {
    if (!negotiation->candidates)
        negotiation->candidates =
            calloc(NEGOTIATION_CANDIDATES_MAX, sizeof *negotiation->candidates);
    if (!negotiation->candidates || negotiation->candidate_count == NEGOTIATION_CANDIDATES_MAX)
        return;
    char *bytes = malloc(candidate.len + mid.len + ufrag.len + 1);
    if (!bytes)
        return;
    append(append(append(bytes, candidate), mid), ufrag);
    negotiation->candidates[negotiation->candidate_count++] =
        (struct negotiation_candidate){bytes, candidate.len, mid.len, ufrag.len};
    if (negotiation->waiting_offer.bytes)
        negotiation->candidates_of_waiting++;
}

static void add_candidate(const struct negotiation *negotiation, const struct negotiation_env *env,
                          const struct negotiation_candidate *waiting) {
    const char *mid = waiting->bytes + waiting->candidate_len;
    actions_push_texts(env->actions, ACTION_PEER_ADD_CANDIDATE, negotiation->peer, 0,
                       (struct slice){waiting->bytes, waiting->candidate_len},
                       (struct slice){mid, waiting->mid_len},
                       (struct slice){mid + waiting->mid_len, waiting->ufrag_len});
}

/* Adds the candidates whose description is accepted now. Candidates of a waiting offer keep
 * waiting. */
static void add_waiting_candidates(struct negotiation *negotiation,
                                   const struct negotiation_env *env) {
    uint32_t count = negotiation->candidate_count - negotiation->candidates_of_waiting;
    for (uint32_t i = 0; i < count; i++) {
        add_candidate(negotiation, env, &negotiation->candidates[i]);
        free(negotiation->candidates[i].bytes);
    }
    negotiation->candidate_count -= count;
    for (uint32_t i = 0; i < negotiation->candidate_count; i++)
        negotiation->candidates[i] = negotiation->candidates[count + i];
}

/* Operations: each leads to one state, which waits for its answer */

static void describe(struct negotiation *negotiation, const struct negotiation_env *env,
                     enum event_sdp kind, enum negotiation_state next) {
    actions_push(env->actions, ACTION_PEER_DESCRIBE, negotiation->peer, kind);
    negotiation->operation_ms = env->now_ms;
    negotiation->state = next;
}

static void accept(struct negotiation *negotiation, const struct negotiation_env *env,
                   enum event_sdp kind, struct slice sdp) {
    negotiation->ignoring = false;
    actions_push_text(env->actions, ACTION_PEER_ACCEPT, negotiation->peer, kind, sdp);
    negotiation->operation_ms = env->now_ms;
    negotiation->state =
        kind == EVENT_SDP_OFFER ? NEGOTIATION_ACCEPTING_OFFER : NEGOTIATION_ACCEPTING_ANSWER;
}

static void drop_waiting_offer(struct negotiation *negotiation) {
    free((char *)(uintptr_t)negotiation->waiting_offer.bytes);
    negotiation->waiting_offer = (struct slice){0};
}

/* Keeps an offer until it can be accepted; the newest replaces an older one and its candidates. */
static int keep_offer(struct negotiation *negotiation, struct slice sdp) {
    drop_waiting_offer(negotiation);
    drop_candidates(negotiation, negotiation->candidates_of_waiting);
    negotiation->candidates_of_waiting = 0;
    char *copy = malloc(sdp.len + 1);
    if (!copy)
        return PARLEY_ERR_NO_MEMORY;
    append(copy, sdp);
    negotiation->waiting_offer = (struct slice){copy, sdp.len};
    return PARLEY_OK;
}

static void accept_waiting_offer(struct negotiation *negotiation,
                                 const struct negotiation_env *env) {
    accept(negotiation, env, EVENT_SDP_OFFER, negotiation->waiting_offer);
    drop_waiting_offer(negotiation);
    negotiation->candidates_of_waiting = 0;
}

static void become_stable(struct negotiation *negotiation, const struct negotiation_env *env) {
    negotiation->state = NEGOTIATION_STABLE;
    if (negotiation->waiting_offer.bytes)
        accept_waiting_offer(negotiation, env);
}

/* Life */

void negotiation_init(struct negotiation *negotiation, uint32_t own, uint32_t theirs, bool polite) {
    *negotiation = (struct negotiation){.own = own, .theirs = theirs, .polite = polite};
}

void negotiation_begin(struct negotiation *negotiation, const struct negotiation_env *env,
                       uint32_t peer) {
    PARLEY_CHECK(negotiation->state == NEGOTIATION_WAITING);
    negotiation->peer = peer;
    negotiation->state = NEGOTIATION_STABLE;
    if (negotiation->waiting_offer.bytes)
        accept_waiting_offer(negotiation, env);
    else
        negotiation_offer(negotiation, env, false);
}

void negotiation_deinit(struct negotiation *negotiation) {
    drop_waiting_offer(negotiation);
    drop_candidates(negotiation, negotiation->candidate_count);
    free(negotiation->candidates);
    *negotiation = (struct negotiation){.polite = negotiation->polite};
}

bool negotiation_offer(struct negotiation *negotiation, const struct negotiation_env *env,
                       bool restart) {
    if (negotiation->state != NEGOTIATION_STABLE && negotiation->state != NEGOTIATION_OFFERED)
        return false;
    if (restart)
        actions_push(env->actions, ACTION_PEER_RESTART, negotiation->peer, 0);
    describe(negotiation, env, EVENT_SDP_OFFER, NEGOTIATION_OFFERING);
    return true;
}

/* Messages of the other side */

static int receive_offer_in_glare(struct negotiation *negotiation,
                                  const struct negotiation_env *env, struct slice sdp) {
    if (!negotiation->polite) {
        log_event(env, CONNECTION_LOG_OFFER_IGNORED);
        negotiation->ignoring = true;
        return PARLEY_OK;
    }
    log_event(env, CONNECTION_LOG_OFFER_RECEIVED);
    int error = keep_offer(negotiation, sdp);
    if (!error && negotiation->state == NEGOTIATION_OFFERED)
        describe(negotiation, env, EVENT_SDP_ROLLBACK, NEGOTIATION_YIELDING);
    return error;
}

int negotiation_receive_offer(struct negotiation *negotiation, const struct negotiation_env *env,
                              struct slice sdp) {
    if (negotiation->state == NEGOTIATION_OFFERING || negotiation->state == NEGOTIATION_OFFERED)
        return receive_offer_in_glare(negotiation, env, sdp);
    log_event(env, CONNECTION_LOG_OFFER_RECEIVED);
    if (negotiation->state != NEGOTIATION_STABLE)
        return keep_offer(negotiation, sdp);
    accept(negotiation, env, EVENT_SDP_OFFER, sdp);
    return PARLEY_OK;
}

void negotiation_receive_answer(struct negotiation *negotiation, const struct negotiation_env *env,
                                uint32_t theirs, struct slice sdp) {
    bool expected = !negotiation->remote_accepted || negotiation->theirs == theirs;
    if (negotiation->state != NEGOTIATION_OFFERED || !expected)
        return;
    negotiation->theirs = theirs;
    log_event(env, CONNECTION_LOG_ANSWER_RECEIVED);
    accept(negotiation, env, EVENT_SDP_ANSWER, sdp);
}

/* True when the description that the next candidates belong to is not accepted yet. */
static bool must_wait(const struct negotiation *negotiation) {
    return !negotiation->remote_accepted || negotiation->waiting_offer.bytes ||
           negotiation->state == NEGOTIATION_ACCEPTING_OFFER ||
           negotiation->state == NEGOTIATION_ACCEPTING_ANSWER;
}

void negotiation_receive_candidate(struct negotiation *negotiation,
                                   const struct negotiation_env *env, struct slice candidate,
                                   struct slice mid, struct slice ufrag) {
    if (negotiation->ignoring)
        return;
    if (candidate.len)
        negotiation->remote_types |= 1u << candidate_type_of(candidate);
    if (candidate.len)
        connection_log_add_candidate(env->log, env->now_ms, CONNECTION_LOG_REMOTE_CANDIDATE,
                                     candidate);
    else
        log_event(env, CONNECTION_LOG_REMOTE_END);
    if (must_wait(negotiation))
        keep_candidate(negotiation, candidate, mid, ufrag);
    else
        actions_push_texts(env->actions, ACTION_PEER_ADD_CANDIDATE, negotiation->peer, 0, candidate,
                           mid, ufrag);
}

/* Answers of the browser */

/* Removes our addresses if they are hidden. */
static int send_description(const struct negotiation *negotiation,
                            const struct negotiation_env *env, enum wire_type type,
                            struct slice sdp) {
    struct buffer told;
    uint32_t candidates_left = UINT32_MAX;
    int error = PARLEY_OK;
    buffer_init(&told, SDP_WRITTEN_BYTES_MAX);
    if (env->hide_address) {
        error = sdp_filter(sdp, address_filter_outgoing, &candidates_left, &told);
        sdp = buffer_slice(&told);
    }
    if (!error)
        error = signal_peer(negotiation, env, &(struct wire_message){.type = type, .sdp = sdp});
    buffer_deinit(&told);
    if (error)
        return PARLEY_ERR_TOO_BIG;
    log_event(env, type == WIRE_OFFER ? CONNECTION_LOG_OFFER_SENT : CONNECTION_LOG_ANSWER_SENT);
    return PARLEY_OK;
}

int negotiation_described(struct negotiation *negotiation, const struct negotiation_env *env,
                          enum event_sdp kind, struct slice sdp) {
    int error = PARLEY_OK;
    if (kind == EVENT_SDP_ANSWER && negotiation->state == NEGOTIATION_ANSWERING) {
        error = send_description(negotiation, env, WIRE_ANSWER, sdp);
        if (!error)
            become_stable(negotiation, env);
    } else if (kind == EVENT_SDP_OFFER && negotiation->state == NEGOTIATION_OFFERING) {
        if (negotiation->waiting_offer.bytes) {
            describe(negotiation, env, EVENT_SDP_ROLLBACK, NEGOTIATION_YIELDING);
            return PARLEY_OK;
        }
        error = send_description(negotiation, env, WIRE_OFFER, sdp);
        negotiation->state = NEGOTIATION_OFFERED;
    }
    return error;
}

static void accepted(struct negotiation *negotiation, const struct negotiation_env *env) {
    negotiation->remote_accepted = true;
    add_waiting_candidates(negotiation, env);
}

void negotiation_done(struct negotiation *negotiation, const struct negotiation_env *env) {
    if (negotiation->state == NEGOTIATION_YIELDING) {
        log_event(env, CONNECTION_LOG_OFFER_WITHDRAWN);
        accept_waiting_offer(negotiation, env);
    } else if (negotiation->state == NEGOTIATION_ACCEPTING_OFFER) {
        accepted(negotiation, env);
        describe(negotiation, env, EVENT_SDP_ANSWER, NEGOTIATION_ANSWERING);
    } else if (negotiation->state == NEGOTIATION_ACCEPTING_ANSWER) {
        accepted(negotiation, env);
        become_stable(negotiation, env);
    }
}

static void tell_candidate(const struct negotiation *negotiation, const struct negotiation_env *env,
                           struct slice candidate, struct slice mid, struct slice ufrag) {
    if (candidate.len)
        connection_log_add_candidate(env->log, env->now_ms, CONNECTION_LOG_LOCAL_CANDIDATE,
                                     candidate);
    else
        log_event(env, CONNECTION_LOG_LOCAL_END);
    signal_peer(negotiation, env,
                &(struct wire_message){
                    .type = WIRE_CANDIDATE, .candidate = candidate, .mid = mid, .ufrag = ufrag});
}

void negotiation_local_candidate(struct negotiation *negotiation, const struct negotiation_env *env,
                                 struct slice candidate, struct slice mid, struct slice ufrag) {
    struct buffer told;
    if (!env->hide_address || candidate.len == 0) {
        tell_candidate(negotiation, env, candidate, mid, ufrag);
        return;
    }
    buffer_init(&told, CANDIDATE_WRITTEN_BYTES_MAX);
    if (address_filter_outgoing(candidate, &told))
        tell_candidate(negotiation, env, buffer_slice(&told), mid, ufrag);
    buffer_deinit(&told);
}
