#include "negotiation.h"

#include "address_filter.h"
#include "error.h"
#include "sdp.h"
#include "signals.h"

#include <stdlib.h>
#include <string.h>

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
    message->member = *env->member_id;
    message->connection = negotiation->own;
    message->target = negotiation->theirs;
    return signals_send(env->actions, env->keyring, negotiation->peer, message);
}

/* Candidates */

static void add_candidate(const struct negotiation *negotiation, const struct negotiation_env *env,
                          const struct ice_candidate *candidate) {
    actions_push_texts(env->actions, ACTION_PEER_ADD_CANDIDATE, negotiation->peer, 0,
                       candidate->text, candidate->mid, candidate->ufrag);
}

/* Adds the candidates whose description is accepted now. Candidates of a waiting offer keep
 * waiting. */
static void add_waiting_candidates(struct negotiation *negotiation,
                                   const struct negotiation_env *env) {
    uint32_t count = negotiation->remote.count - negotiation->candidates_of_waiting;
    for (uint32_t i = 0; i < count; i++)
        add_candidate(negotiation, env, &negotiation->remote.items[i]);
    candidate_queue_drop(&negotiation->remote, 0, count);
}

static void signal_candidate(const struct negotiation *negotiation,
                             const struct negotiation_env *env, struct slice text,
                             const struct ice_candidate *candidate) {
    if (text.len)
        connection_log_add_candidate(env->log, env->now_ms, CONNECTION_LOG_LOCAL_CANDIDATE, text);
    else
        log_event(env, CONNECTION_LOG_LOCAL_END);
    signal_peer(negotiation, env,
                &(struct wire_message){.type = WIRE_CANDIDATE,
                                       .candidate = text,
                                       .mid = candidate->mid,
                                       .ufrag = candidate->ufrag});
}

/* Only what may be told leaves. */
static void tell_candidate(const struct negotiation *negotiation, const struct negotiation_env *env,
                           const struct ice_candidate *candidate) {
    struct buffer told;
    bool hide = env->hide_address && candidate->text.len;
    buffer_init(&told, CANDIDATE_WRITTEN_BYTES_MAX);
    if (!hide || address_filter_outgoing(candidate->text, &told))
        signal_candidate(negotiation, env, hide ? buffer_slice(&told) : candidate->text, candidate);
    buffer_deinit(&told);
}

static void drop_held_candidates(struct negotiation *negotiation) {
    candidate_queue_drop(&negotiation->local, 0, negotiation->local.count);
}

static void tell_held_candidates(struct negotiation *negotiation,
                                 const struct negotiation_env *env) {
    for (uint32_t i = 0; i < negotiation->local.count; i++)
        tell_candidate(negotiation, env, &negotiation->local.items[i]);
    drop_held_candidates(negotiation);
}

/* Operations: each leads to one state, which waits for its answer */

static void describe(struct negotiation *negotiation, const struct negotiation_env *env,
                     enum event_sdp kind, enum negotiation_state next) {
    actions_push(env->actions, ACTION_PEER_DESCRIBE, negotiation->peer, kind);
    negotiation->operation_ms = env->now_ms;
    negotiation->ended = false; /* it may gather anew */
    negotiation->state = next;
}

static void close_for_another(struct negotiation *negotiation, const struct negotiation_env *env) {
    log_event(env, CONNECTION_LOG_OFFER_WITHDRAWN);
    actions_push(env->actions, ACTION_PEER_CLOSE, negotiation->peer, 0);
    ice_candidate_deinit(&negotiation->last);
    negotiation->peer = 0;
    negotiation->state = NEGOTIATION_WAITING;
}

/* Takes our offer back, and its candidates with it. */
static void yield(struct negotiation *negotiation, const struct negotiation_env *env) {
    drop_held_candidates(negotiation);
    if (negotiation->remote_accepted || !env->may_renew)
        describe(negotiation, env, EVENT_SDP_ROLLBACK, NEGOTIATION_YIELDING);
    else
        close_for_another(negotiation, env);
}

/* |theirs|: the connection that |sdp| is about. Other signals may change negotiation->theirs before
 * the connection is there; its proof (proof.h) is about this one. */
static void accept(struct negotiation *negotiation, const struct negotiation_env *env,
                   enum event_sdp kind, uint32_t theirs, struct slice sdp) {
    negotiation->ignoring = false;
    negotiation->their_end = (struct proof_end){proof_fingerprint_of(sdp_fingerprint(sdp)), theirs};
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
    candidate_queue_drop(&negotiation->remote,
                         negotiation->remote.count - negotiation->candidates_of_waiting,
                         negotiation->candidates_of_waiting);
    negotiation->candidates_of_waiting = 0;
    char *copy = malloc(sdp.len + 1);
    if (!copy)
        return PARLEY_ERR_NO_MEMORY;
    if (sdp.len)
        memcpy(copy, sdp.bytes, sdp.len);
    negotiation->waiting_offer = (struct slice){copy, sdp.len};
    negotiation->waiting_theirs = negotiation->theirs;
    return PARLEY_OK;
}

static void accept_waiting_offer(struct negotiation *negotiation,
                                 const struct negotiation_env *env) {
    accept(negotiation, env, EVENT_SDP_OFFER, negotiation->waiting_theirs,
           negotiation->waiting_offer);
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
    candidate_queue_deinit(&negotiation->remote);
    candidate_queue_deinit(&negotiation->local);
    ice_candidate_deinit(&negotiation->last);
    *negotiation = (struct negotiation){.polite = negotiation->polite};
}

bool negotiation_offer(struct negotiation *negotiation, const struct negotiation_env *env,
                       bool restart) {
    if (negotiation->state != NEGOTIATION_STABLE && negotiation->state != NEGOTIATION_OFFERED)
        return false;
    if (restart) {
        actions_push(env->actions, ACTION_PEER_RESTART, negotiation->peer, 0);
        ice_candidate_deinit(&negotiation->last); /* the next ones have another ufrag */
    }
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
        yield(negotiation, env);
    return error;
}

int negotiation_receive_offer(struct negotiation *negotiation, const struct negotiation_env *env,
                              struct slice sdp) {
    if (negotiation->state == NEGOTIATION_OFFERING || negotiation->state == NEGOTIATION_OFFERED)
        return receive_offer_in_glare(negotiation, env, sdp);
    log_event(env, CONNECTION_LOG_OFFER_RECEIVED);
    if (negotiation->state != NEGOTIATION_STABLE)
        return keep_offer(negotiation, sdp);
    accept(negotiation, env, EVENT_SDP_OFFER, negotiation->theirs, sdp);
    return PARLEY_OK;
}

void negotiation_receive_answer(struct negotiation *negotiation, const struct negotiation_env *env,
                                uint32_t theirs, struct slice sdp) {
    bool expected = !negotiation->remote_accepted || negotiation->theirs == theirs;
    if (negotiation->state != NEGOTIATION_OFFERED || !expected)
        return;
    negotiation->theirs = theirs;
    log_event(env, CONNECTION_LOG_ANSWER_RECEIVED);
    accept(negotiation, env, EVENT_SDP_ANSWER, theirs, sdp);
}

/* True when the description that the next candidates belong to is not accepted yet. */
static bool must_wait(const struct negotiation *negotiation) {
    return !negotiation->remote_accepted || negotiation->waiting_offer.bytes ||
           negotiation->state == NEGOTIATION_ACCEPTING_OFFER ||
           negotiation->state == NEGOTIATION_ACCEPTING_ANSWER;
}

void negotiation_receive_candidate(struct negotiation *negotiation,
                                   const struct negotiation_env *env,
                                   const struct ice_candidate *candidate) {
    if (negotiation->ignoring)
        return;
    if (candidate->text.len) {
        negotiation->remote_types |= 1u << candidate_type_of(candidate->text);
        connection_log_add_candidate(env->log, env->now_ms, CONNECTION_LOG_REMOTE_CANDIDATE,
                                     candidate->text);
    } else {
        log_event(env, CONNECTION_LOG_REMOTE_END);
    }
    if (!must_wait(negotiation))
        add_candidate(negotiation, env, candidate);
    else if (candidate_queue_add(&negotiation->remote, candidate) &&
             negotiation->waiting_offer.bytes)
        negotiation->candidates_of_waiting++;
}

/* Answers of the browser */

/* Only what may be told leaves. */
static int send_description(struct negotiation *negotiation, const struct negotiation_env *env,
                            enum wire_type type, struct slice sdp) {
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
    tell_held_candidates(negotiation, env);
    return PARLEY_OK;
}

int negotiation_described(struct negotiation *negotiation, const struct negotiation_env *env,
                          enum event_sdp kind, struct slice sdp) {
    int error = PARLEY_OK;
    negotiation->own_fingerprint = proof_fingerprint_of(sdp_fingerprint(sdp));
    if (kind == EVENT_SDP_ANSWER && negotiation->state == NEGOTIATION_ANSWERING) {
        error = send_description(negotiation, env, WIRE_ANSWER, sdp);
        if (!error)
            become_stable(negotiation, env);
    } else if (kind == EVENT_SDP_OFFER && negotiation->state == NEGOTIATION_OFFERING) {
        if (negotiation->waiting_offer.bytes) {
            yield(negotiation, env);
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

static void remember_last(struct negotiation *negotiation, const struct ice_candidate *found) {
    ice_candidate_deinit(&negotiation->last);
    negotiation->last = (struct ice_candidate){.mid = found->mid, .ufrag = found->ufrag};
    if (!ice_candidate_own(&negotiation->last))
        negotiation->last = (struct ice_candidate){0};
}

/* Every browser ends with one that names nothing; some say before which section ends. One end is
 * enough, and names what the last candidate did. */
void negotiation_local_candidate(struct negotiation *negotiation, const struct negotiation_env *env,
                                 const struct ice_candidate *found) {
    bool end = found->text.len == 0;
    if (end && negotiation->ended)
        return;
    negotiation->ended = end;
    if (end)
        found = &negotiation->last;
    else
        remember_last(negotiation, found);
    if (negotiation->state == NEGOTIATION_OFFERING || negotiation->state == NEGOTIATION_ANSWERING)
        candidate_queue_add(&negotiation->local, found);
    else if (negotiation->state != NEGOTIATION_YIELDING)
        tell_candidate(negotiation, env, found);
}
