#include "link.h"

#include "backoff.h"
#include "error.h"

#include <string.h>

static void step(struct link *link, const struct link_env *env, enum step_kind kind) {
    steps_add(&link->steps, env->now_ms, kind);
}

static struct slice member_id(const struct link *link) {
    return (struct slice){link->member_id, WIRE_MEMBER_ID_BYTES};
}

static struct negotiation_env negotiation_env(struct link *link, const struct link_env *env) {
    return (struct negotiation_env){.actions = env->actions,
                                    .steps = &link->steps,
                                    .member_id = member_id(link),
                                    .now_ms = env->now_ms,
                                    .server_up = env->server_up,
                                    .hiding = env->hiding};
}

uint32_t link_peer(const struct link *link) {
    return link->open ? link->negotiation.peer : 0;
}

/* Life */

void link_init(struct link *link, struct slice id, bool polite, uint64_t now_ms) {
    PARLEY_CHECK(id.len == WIRE_MEMBER_ID_BYTES);
    *link = (struct link){.polite = polite,
                          .rung = LINK_TRYING,
                          .attempted_ms = now_ms,
                          .due_ms = now_ms + LINK_ATTEMPT_MS};
    memcpy(link->member_id, id.bytes, id.len);
    steps_init(&link->steps, now_ms);
}

void link_deinit(struct link *link) {
    negotiation_deinit(&link->negotiation);
}

/* The connection */

static void close_connection(struct link *link, const struct link_env *env) {
    if (link->open)
        actions_push(env->actions, ACTION_PEER_CLOSE, link->negotiation.peer,
                     link->reason == LINK_REASON_MISBEHAVED);
    link->open = link->channel_open = false;
    negotiation_deinit(&link->negotiation);
}

static void open_connection(struct link *link, const struct link_env *env, uint32_t theirs) {
    if (link->open)
        step(link, env, STEP_RENEWED);
    close_connection(link, env);
    negotiation_init(&link->negotiation, ++*env->last_peer, random_name(env->random), theirs,
                     link->polite);
    link->open = true;
    link->unpaired = false;
    link->opened_ms = env->now_ms;
    route_begin(&link->route);
    link->exposed = !env->hiding;
    link->told = link->told || link->exposed;
    actions_push_text(env->actions, ACTION_PEER_OPEN, link->negotiation.peer, 0,
                      env->configuration);
}

void link_configure(struct link *link, const struct link_env *env) {
    if (link->open)
        actions_push_text(env->actions, ACTION_PEER_CONFIGURE, link->negotiation.peer, 0,
                          env->configuration);
}

void link_close(struct link *link, const struct link_env *env, enum link_reason reason) {
    if (link->phase == LINK_CLOSED)
        return;
    step(link, env, STEP_CLOSED);
    link->reason = reason;
    close_connection(link, env);
    link->phase = LINK_CLOSED;
    link->due_ms = LINK_NO_DEADLINE;
}

/* The rungs */

static bool is_up(const struct link *link) {
    return link->rung == LINK_WELL || link->rung == LINK_GRACE;
}

static void climb(struct link *link, enum link_rung rung, uint64_t due_ms) {
    link->rung = rung;
    link->due_ms = due_ms;
    link->again = false;
    if (link->phase == LINK_CONNECTED && !is_up(link))
        link->phase = LINK_RECONNECTING;
}

static void begin_attempt(struct link *link, const struct link_env *env) {
    link->attempted_ms = env->now_ms;
    climb(link, LINK_TRYING, env->now_ms + LINK_ATTEMPT_MS);
}

static void become_well(struct link *link, const struct link_env *env) {
    if (link->rung == LINK_WELL && link->phase == LINK_CONNECTED)
        return;
    if (link->phase == LINK_RECONNECTING)
        step(link, env, STEP_RECOVERED);
    link->phase = LINK_CONNECTED;
    link->reason = LINK_REASON_NONE;
    link->offered = false;
    link->well_ms = env->now_ms;
    link->settled = false;
    climb(link, LINK_WELL, LINK_NO_DEADLINE);
    actions_push(env->actions, ACTION_PEER_ASK_ROUTE, link->negotiation.peer, 0);
}

static void pause(struct link *link, const struct link_env *env) {
    if (!env->server_up) {
        link->reason = LINK_REASON_NO_SERVER;
        climb(link, LINK_PAUSED, LINK_NO_DEADLINE); /* its return is a nudge */
        return;
    }
    uint64_t pause_ms = 0;
    if (link->failures > 1)
        pause_ms = backoff_pause_ms(link->failures - 1, LINK_PAUSE_FIRST_MS, LINK_PAUSE_MAX_MS,
                                    env->random);
    if (link->polite)
        pause_ms += LINK_POLITE_PAUSE_MS;
    climb(link, LINK_PAUSED, env->now_ms + pause_ms);
}

/* Attempts */

static void ask(struct link *link, const struct link_env *env) {
    struct wire_message message = {.type = WIRE_ASK, .member = member_id(link)};
    if (link->open) {
        message.connection = link->negotiation.own;
        message.target = link->negotiation.theirs;
    }
    PARLEY_CHECK(actions_push_message(env->actions, 0, &message) == PARLEY_OK);
    step(link, env, STEP_ASKED);
}

/* Restarts were no help: perhaps the connection is at fault. */
static bool is_time_to_renew(const struct link *link, const struct link_env *env) {
    return link->failures == 1 ||
           (link->failures > 1 && env->now_ms >= link->opened_ms + LINK_RENEW_MS);
}

static bool is_hopeless(const struct link *link) {
    return link->failures >= LINK_WORKED_FAILURES;
}

/* When one more connection may be opened. */
static uint64_t affordable_ms(const struct link *link, const struct link_env *env) {
    return budget_due_ms(env->budget, &link->expense, is_hopeless(link));
}

static bool afford_connection(struct link *link, const struct link_env *env) {
    return budget_take(env->budget, &link->expense, is_hopeless(link), env->now_ms);
}

/* An offer that nobody answered is made again on the same connection: it cost nothing yet. */
static bool is_unanswered(const struct link *link) {
    return link->negotiation.state == NEGOTIATION_OFFERED && !link->negotiation.remote_accepted;
}

static void offer(struct link *link, const struct link_env *env, bool anew) {
    bool wanted = !link->open || (anew && !is_unanswered(link));
    if (wanted && afford_connection(link, env))
        open_connection(link, env, 0);
    if (!link->open) {
        link->reason = LINK_REASON_SPENT;
        climb(link, LINK_PAUSED, affordable_ms(link, env));
        return;
    }
    bool restart = link->negotiation.remote_accepted;
    struct negotiation_env inner = negotiation_env(link, env);
    if (negotiation_offer(&link->negotiation, &inner, restart) && restart)
        step(link, env, STEP_ICE_RESTART);
}

static void attempt(struct link *link, const struct link_env *env) {
    if (!env->server_up) {
        pause(link, env);
        return;
    }
    begin_attempt(link, env);
    link->offered = false;
    if (link->polite)
        ask(link, env);
    else
        offer(link, env, link->unpaired || is_time_to_renew(link, env));
}

void link_begin(struct link *link, const struct link_env *env) {
    if (link->phase != LINK_CLOSED && !link->open)
        attempt(link, env);
}

void link_offer(struct link *link, const struct link_env *env) {
    if (link->phase == LINK_CLOSED || link->open)
        return;
    begin_attempt(link, env);
    offer(link, env, false);
}

/* An attempt has only just begun. */
static bool is_young(const struct link *link, const struct link_env *env) {
    return link->rung == LINK_TRYING && env->now_ms < link->attempted_ms + LINK_NUDGE_MS;
}

/* True while the last attempt should be left alone: it is young, or the browsers are at it. */
static bool is_under_way(const struct link *link, const struct link_env *env) {
    bool agreed = link->open && link->negotiation.remote_accepted &&
                  link->negotiation.state == NEGOTIATION_STABLE;
    return is_young(link, env) || (link->rung == LINK_TRYING && agreed);
}

/* Attempts stay apart: one that came too soon is made when it is time. */
static void attempt_when_due(struct link *link, const struct link_env *env) {
    uint64_t earliest_ms = link->attempted_ms + LINK_NUDGE_MS;
    if (env->now_ms >= earliest_ms) {
        attempt(link, env);
    } else if (link->due_ms > earliest_ms) {
        link->due_ms = earliest_ms;
        link->again = true;
    }
}

void link_nudge(struct link *link, const struct link_env *env, bool anew) {
    if (link->phase != LINK_CLOSED && !is_up(link) && (anew || !is_under_way(link, env)))
        attempt_when_due(link, env);
}

static enum link_reason no_path(const struct link *link, const struct link_env *env) {
    if (link->phase == LINK_RECONNECTING && link->failures < LINK_WORKED_FAILURES)
        return LINK_REASON_SILENT; /* there was a way, and may be again */
    if (!link->open && env->now_ms < affordable_ms(link, env))
        return LINK_REASON_SPENT;
    if (env->hiding && !env->has_relay)
        return LINK_REASON_NO_RELAY;
    if (!link->negotiation.remote_accepted)
        return LINK_REASON_NO_ANSWER;
    return env->has_relay ? LINK_REASON_NO_PATH_RELAYED : LINK_REASON_NO_PATH;
}

static void fail(struct link *link, const struct link_env *env, enum link_reason reason) {
    step(link, env, STEP_FAILED);
    link->failures++;
    link->reason = reason;
    pause(link, env);
}

/* What was well is not any more. */
static void interrupt(struct link *link, const struct link_env *env, enum link_reason reason) {
    if (env->now_ms >= link->well_ms + LINK_STEADY_MS) {
        link->failures = 0;
        budget_forgive(&link->expense);
    } else if (link->failures > LINK_UNSTEADY_FAILURES) {
        link->failures = LINK_UNSTEADY_FAILURES; /* it did work meanwhile */
    }
    link->reason = reason;
    if (link->failures == 0)
        attempt(link, env);
    else
        pause(link, env);
}

/* The connection is of no use any more, for whatever is under way on it. */
static void break_off(struct link *link, const struct link_env *env, enum link_reason reason) {
    bool was_up = is_up(link);
    close_connection(link, env);
    if (was_up)
        interrupt(link, env, reason);
    else if (link->rung == LINK_TRYING)
        fail(link, env, reason);
}

void link_rest(struct link *link, const struct link_env *env) {
    if (link->phase == LINK_CLOSED)
        return;
    close_connection(link, env);
    link->failures = 0;
    link->reason = LINK_REASON_NONE;
    climb(link, LINK_PAUSED, LINK_NO_DEADLINE);
}

void link_hide(struct link *link, const struct link_env *env) {
    if (!link->open || !link->exposed)
        return;
    bool was_up = is_up(link);
    step(link, env, STEP_RENEWED);
    close_connection(link, env);
    if (was_up)
        interrupt(link, env, LINK_REASON_NONE);
    else if (link->rung == LINK_TRYING)
        attempt(link, env);
}

/* What the other side sends */

/* Whether one more of their offers, or asks, is dealt with. */
static bool allow_offer(struct link *link, const struct link_env *env) {
    return pace_take(&link->offers, env->now_ms, LINK_OFFERS_MS, LINK_OFFERS_AT_ONCE);
}

/* Whether one more new connection is opened because of them. */
static bool allow_renewal(struct link *link, const struct link_env *env) {
    return pace_take(&link->renewals, env->now_ms, LINK_RENEWALS_MS, LINK_RENEWALS_AT_ONCE);
}

/* Theirs is another connection than the one that ours belongs to. */
static bool follow_renewal(struct link *link, const struct link_env *env, uint32_t theirs) {
    bool first = !link->open;
    if (!first && (link->negotiation.theirs == 0 || link->negotiation.theirs == theirs)) {
        link->negotiation.theirs = theirs;
        return true;
    }
    if (!allow_renewal(link, env) || !afford_connection(link, env))
        return false;
    open_connection(link, env, theirs);
    return true;
}

/* They offer again while we wait: what they tried before led to nothing. */
static void count_their_failure(struct link *link, const struct link_env *env) {
    if (link->rung == LINK_TRYING && link->offered) {
        link->reason = no_path(link, env);
        link->failures++;
    }
    link->offered = true;
}

/* It is for a connection of ours that is no more. They may not have heard yet of the one that is
 * paired with theirs. */
static bool is_stale(const struct link *link, const struct wire_message *message) {
    if (!message->target)
        return false;
    return !link->open || (message->target != link->negotiation.own &&
                           message->connection != link->negotiation.theirs);
}

static void receive_offer(struct link *link, const struct link_env *env,
                          const struct wire_message *message) {
    if (!allow_offer(link, env))
        return;
    if (is_stale(link, message)) {
        if (!is_up(link) && env->server_up)
            ask(link, env);
        return;
    }
    count_their_failure(link, env);
    if (!follow_renewal(link, env, message->connection))
        return;
    if (!is_up(link) || !link->channel_open)
        begin_attempt(link, env);
    struct negotiation_env inner = negotiation_env(link, env);
    if (negotiation_receive_offer(&link->negotiation, &inner, message->sdp) != PARLEY_OK)
        break_off(link, env, LINK_REASON_SETUP_FAILED);
}

static void judge_route(struct link *link, const struct link_env *env) {
    if (route_judge(&link->route, link->negotiation.remote_types))
        step(link, env, link->route.relayed ? STEP_ROUTE_RELAYED : STEP_ROUTE_DIRECT);
}

void link_hear_route(struct link *link, const struct link_env *env, enum candidate_type theirs) {
    link->route.word = theirs;
    judge_route(link, env);
}

static void receive_candidate(struct link *link, const struct link_env *env,
                              const struct wire_message *message) {
    uint32_t theirs = link->negotiation.theirs;
    if (theirs ? theirs != message->connection : is_stale(link, message))
        return;
    struct negotiation_env inner = negotiation_env(link, env);
    negotiation_receive_candidate(&link->negotiation, &inner, message->candidate, message->mid,
                                  message->ufrag);
    if (!link->route.known)
        judge_route(link, env);
}

/* They have another connection than the one that ours was paired with, or none. */
static bool is_unpaired(const struct link *link, const struct wire_message *message) {
    return link->negotiation.remote_accepted && (message->connection != link->negotiation.theirs ||
                                                 message->target != link->negotiation.own);
}

/* Our offer names one of theirs that is no more: it goes nowhere (wire.h, "for"). */
static bool is_for_nobody(const struct link *link, const struct wire_message *message) {
    const struct negotiation *own = &link->negotiation;
    return !own->remote_accepted && own->theirs != 0 && message->connection != own->theirs;
}

/* They ask though all is well here: again soon after the last time, and a restart was no help. */
static void count_ask(struct link *link, const struct link_env *env) {
    if (env->now_ms < link->attempted_ms + LINK_STEADY_MS)
        link->failures++;
    else
        link->failures = 0;
    link->attempted_ms = env->now_ms;
}

static void answer_ask(struct link *link, const struct link_env *env, bool unpaired) {
    if (is_up(link))
        count_ask(link, env);
    bool anew = unpaired || (link->open && is_time_to_renew(link, env));
    if (anew && !allow_renewal(link, env)) {
        if (unpaired)
            return;
        anew = false;
    }
    if (!is_up(link) || anew)
        begin_attempt(link, env);
    offer(link, env, anew);
}

/* It met an offer in the making, which they can do nothing with. */
static void answer_ask_when_due(struct link *link, const struct link_env *env, bool unpaired) {
    if (unpaired && !link->unpaired)
        link->unpaired = allow_renewal(link, env);
    attempt_when_due(link, env);
}

static void receive_ask(struct link *link, const struct link_env *env,
                        const struct wire_message *message) {
    bool unpaired = link->open && is_unpaired(link, message);
    bool in_vain = link->open && is_for_nobody(link, message);
    if (link->open && !link->negotiation.remote_accepted)
        link->negotiation.theirs = message->connection; /* for the next offer */
    if (link->polite || !env->server_up || (!unpaired && !in_vain && is_under_way(link, env)) ||
        !allow_offer(link, env))
        return;
    step(link, env, STEP_ASKED_BY);
    if (is_young(link, env))
        answer_ask_when_due(link, env, unpaired);
    else
        answer_ask(link, env, unpaired);
}

void link_receive(struct link *link, const struct link_env *env,
                  const struct wire_message *message) {
    if (link->phase == LINK_CLOSED)
        return;
    if (message->type == WIRE_OFFER) {
        receive_offer(link, env, message);
    } else if (message->type == WIRE_ASK) {
        receive_ask(link, env, message);
    } else if (!link->open) {
        return;
    } else if (message->type == WIRE_CANDIDATE) {
        receive_candidate(link, env, message);
    } else if (message->type == WIRE_ANSWER && message->target == link->negotiation.own) {
        struct negotiation_env inner = negotiation_env(link, env);
        negotiation_receive_answer(&link->negotiation, &inner, message->connection, message->sdp);
    }
}

/* What the browser says */

/* ICE found nothing (more). The connection itself can still be restarted. */
static void ice_failed(struct link *link, const struct link_env *env) {
    if (is_up(link))
        interrupt(link, env, no_path(link, env));
    else if (link->rung == LINK_TRYING)
        fail(link, env, no_path(link, env));
}

static void ice_disconnected(struct link *link, const struct link_env *env) {
    step(link, env, STEP_INTERRUPTED);
    if (link->rung == LINK_WELL)
        climb(link, LINK_GRACE, env->now_ms + LINK_GRACE_MS);
}

static void handle_state(struct link *link, const struct link_env *env,
                         enum event_peer_state state) {
    if (state == EVENT_PEER_STATE_CONNECTED) {
        step(link, env, STEP_PATH_FOUND);
        if (link->channel_open)
            become_well(link, env);
    } else if (state == EVENT_PEER_STATE_DISCONNECTED) {
        ice_disconnected(link, env);
    } else if (state == EVENT_PEER_STATE_FAILED) {
        ice_failed(link, env);
    } else if (state == EVENT_PEER_STATE_CLOSED) {
        break_off(link, env, LINK_REASON_CHANNEL_CLOSED);
    }
}

static void handle_route(struct link *link, const struct link_env *env, struct slice local,
                         struct slice remote) {
    enum candidate_type own = candidate_type_named(local);
    if (own == CANDIDATE_UNKNOWN)
        return;
    link->route.own = own;
    link->route.theirs = candidate_type_named(remote);
    judge_route(link, env);
}

static void handle_described(struct link *link, const struct link_env *env,
                             const struct event *event) {
    struct negotiation_env inner = negotiation_env(link, env);
    if (negotiation_described(&link->negotiation, &inner, (enum event_sdp)event->code, event->a))
        break_off(link, env, LINK_REASON_SETUP_FAILED);
}

static void handle_channel_opened(struct link *link, const struct link_env *env) {
    if (link->channel_open)
        return;
    step(link, env, STEP_CHANNEL_OPEN);
    link->channel_open = true;
    become_well(link, env);
}

void link_handle(struct link *link, const struct link_env *env, const struct event *event) {
    if (link->phase == LINK_CLOSED)
        return;
    struct negotiation_env inner = negotiation_env(link, env);
    switch (event->kind) {
    case EVENT_PEER_DESCRIBED:
        handle_described(link, env, event);
        break;
    case EVENT_PEER_DONE:
        negotiation_done(&link->negotiation, &inner);
        break;
    case EVENT_PEER_FAILED:
        break_off(link, env, LINK_REASON_SETUP_FAILED);
        break;
    case EVENT_PEER_NOT_OPENED:
        break_off(link, env, LINK_REASON_NOT_OPENED);
        break;
    case EVENT_PEER_CANDIDATE:
        negotiation_local_candidate(&link->negotiation, &inner, event->a, event->b, event->c);
        break;
    case EVENT_PEER_CANDIDATE_FAILED:
        step(link, env, STEP_CANDIDATE_FAILED);
        break;
    case EVENT_PEER_STATE:
        handle_state(link, env, (enum event_peer_state)event->code);
        break;
    case EVENT_PEER_ROUTE:
        handle_route(link, env, event->a, event->b);
        break;
    case EVENT_CHANNEL_OPENED:
        handle_channel_opened(link, env);
        break;
    default:
        break_off(link, env, LINK_REASON_CHANNEL_CLOSED);
        break;
    }
}

/* ICE may have moved since it was well. */
static void settle(struct link *link, const struct link_env *env) {
    link->settled = link->expense.talked = true;
    actions_push(env->actions, ACTION_PEER_ASK_ROUTE, link->negotiation.peer, 0);
}

void link_heard(struct link *link, const struct link_env *env) {
    if (!link->channel_open)
        return;
    become_well(link, env);
    if (!link->settled && env->now_ms >= link->well_ms + LINK_TALKED_MS)
        settle(link, env);
}

void link_silent(struct link *link, const struct link_env *env) {
    step(link, env, STEP_SILENT);
    if (is_up(link))
        interrupt(link, env, LINK_REASON_SILENT);
}

void link_tick(struct link *link, const struct link_env *env) {
    if (env->now_ms < link->due_ms)
        return;
    if (link->rung == LINK_GRACE)
        interrupt(link, env, LINK_REASON_SILENT);
    else if (link->rung == LINK_TRYING && !link->again)
        fail(link, env, no_path(link, env));
    else
        attempt(link, env);
}

uint64_t link_deadline_ms(const struct link *link) {
    return link->due_ms;
}
