#include "error.h"
#include "link_internal.h"

/* Whether one more of their offers or asks is accepted. */
static bool allow_offer(struct link *link, const struct link_env *env) {
    return rate_take(&link->offers, env->now_ms, LINK_OFFERS_MS, LINK_OFFERS_AT_ONCE);
}

/* Whether they may cause one more new connection. */
static bool allow_renewal(struct link *link, const struct link_env *env) {
    return rate_take(&link->renewals, env->now_ms, LINK_RENEWALS_MS, LINK_RENEWALS_AT_ONCE);
}

/* Their signal names a connection that ours is not paired with. */
static bool follow_renewal(struct link *link, const struct link_env *env, uint32_t theirs) {
    bool first = !link_has_connection(link);
    if (!first &&
        (link->negotiation.theirs == 0 || link->negotiation.theirs == theirs || link_waits(link))) {
        link->negotiation.theirs = theirs;
        return true;
    }
    if (!allow_renewal(link, env) || !link_afford(link, env, true))
        return false;
    link_open_connection(link, env, theirs);
    return true;
}

/* They offer again during our attempt, so their previous attempt failed. */
static void count_their_failure(struct link *link, const struct link_env *env) {
    if (link_is_trying(link) && link->offered && !link_waits(link)) {
        link->reason = link_no_path_reason(link, env);
        link->failures++;
    }
    link->offered = true;
}

/* The signal is for a connection of ours that no longer exists. They may not know yet of the one
 * that is paired with theirs. */
static bool is_stale(const struct link *link, const struct wire_message *message) {
    if (!message->target)
        return false;
    return !link_has_connection(link) || (message->target != link->negotiation.own &&
                                          message->connection != link->negotiation.theirs);
}

static void receive_offer(struct link *link, const struct link_env *env,
                          const struct wire_message *message) {
    if (!allow_offer(link, env))
        return;
    if (is_stale(link, message)) {
        if (!link_is_up(link) && env->server_up)
            link_ask(link, env);
        return;
    }
    count_their_failure(link, env);
    if (!follow_renewal(link, env, message->connection))
        return;
    if (!link_is_up(link) || link->connection != LINK_CONNECTION_CHANNEL)
        link_begin_attempt(link, env);
    struct negotiation_env inner = link_negotiation_env(link, env);
    bool waited = link_waits(link);
    if (negotiation_receive_offer(&link->negotiation, &inner, message->sdp) != PARLEY_OK)
        link_break_off(link, env, LINK_REASON_SETUP_FAILED);
    else if (!waited)
        link_follow_closing(link, env);
}

static void receive_answer(struct link *link, const struct link_env *env,
                           const struct wire_message *message) {
    if (!link_has_connection(link) || message->target != link->negotiation.own)
        return;
    struct negotiation_env inner = link_negotiation_env(link, env);
    negotiation_receive_answer(&link->negotiation, &inner, message->connection, message->sdp);
}

static void receive_candidate(struct link *link, const struct link_env *env,
                              const struct wire_message *message) {
    uint32_t theirs = link->negotiation.theirs;
    if (!link_has_connection(link))
        return;
    if (theirs ? theirs != message->connection : is_stale(link, message))
        return;
    struct negotiation_env inner = link_negotiation_env(link, env);
    negotiation_receive_candidate(
        &link->negotiation, &inner,
        &(struct ice_candidate){message->candidate, message->mid, message->ufrag});
    if (link->route == ROUTE_UNKNOWN)
        link_update_route(link, env);
}

/* They no longer have the connection that ours was paired with. */
static bool is_unpaired(const struct link *link, const struct wire_message *message) {
    return link->negotiation.remote_accepted && (message->connection != link->negotiation.theirs ||
                                                 message->target != link->negotiation.own);
}

/* Our offer names a connection of theirs that no longer exists, so it is ignored (wire.h,
 * "for"). */
static bool is_for_nobody(const struct link *link, const struct wire_message *message) {
    const struct negotiation *own = &link->negotiation;
    return !own->remote_accepted && own->theirs != 0 && message->connection != own->theirs;
}

/* They ask although the link is up here. If they asked shortly before, the restart did not help. */
static void count_ask(struct link *link, const struct link_env *env) {
    if (env->now_ms < link->attempted_ms + LINK_STEADY_MS)
        link->failures++;
    else
        link->failures = 0;
    link->attempted_ms = env->now_ms;
}

static void answer_ask(struct link *link, const struct link_env *env, bool unpaired) {
    if (link_is_up(link))
        count_ask(link, env);
    bool anew = unpaired || (link_has_connection(link) && link_should_renew(link, env));
    if (anew && !allow_renewal(link, env)) {
        if (unpaired)
            return;
        anew = false;
    }
    if (!link_is_up(link) || anew)
        link_begin_attempt(link, env);
    link_make_offer(link, env, anew, true);
}

/* Their ask crossed an offer of ours, which they cannot use. */
static void answer_ask_when_due(struct link *link, const struct link_env *env, bool unpaired) {
    if (unpaired && !link->unpaired)
        link->unpaired = allow_renewal(link, env);
    link_attempt_when_due(link, env);
}

static void receive_ask(struct link *link, const struct link_env *env,
                        const struct wire_message *message) {
    bool unpaired = link_has_connection(link) && is_unpaired(link, message);
    bool in_vain = link_has_connection(link) && is_for_nobody(link, message);
    if (link_has_connection(link) && !link->negotiation.remote_accepted)
        link->negotiation.theirs = message->connection; /* for the next offer */
    if (link->polite || !env->server_up ||
        (!unpaired && !in_vain && link_is_under_way(link, env)) || !allow_offer(link, env))
        return;
    link_log(link, env, CONNECTION_LOG_ASKED_BY);
    if (link_is_young(link, env))
        answer_ask_when_due(link, env, unpaired);
    else
        answer_ask(link, env, unpaired);
}

void link_receive(struct link *link, const struct link_env *env,
                  const struct wire_message *message) {
    if (link->state == LINK_CLOSED)
        return;
    switch (message->type) {
    case WIRE_OFFER:
        receive_offer(link, env, message);
        break;
    case WIRE_ANSWER:
        receive_answer(link, env, message);
        break;
    case WIRE_CANDIDATE:
        receive_candidate(link, env, message);
        break;
    case WIRE_ASK:
        receive_ask(link, env, message);
        break;
    case WIRE_SEALED: /* it was opened */
    case WIRE_TYPE_COUNT:
        WIRE_OTHERS(WIRE_CASE)
        break;
    }
}
