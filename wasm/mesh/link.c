#include "link.h"

#include "backoff.h"
#include "error.h"
#include "link_internal.h"
#include "signals.h"

_Static_assert(LINK_ATTEMPT_MS <= LINK_ATTEMPT_MAX_MS && LINK_TURN_MS <= LINK_TURN_MAX_MS &&
                   LINK_PAUSE_FIRST_MS <= LINK_PAUSE_MAX_MS,
               "what grows begins below its bound");
_Static_assert(LINK_RETRY_MS < LINK_ATTEMPT_MS && LINK_TURN_MAX_MS < LINK_ATTEMPT_MS,
               "an attempt outlasts its turn, and what keeps it apart from the next");
_Static_assert(LINK_TALKED_MS < LINK_STEADY_MS, "nobody is steady who does not hear us");
_Static_assert(LINK_UNSTEADY_FAILURES < LINK_WORKED_FAILURES,
               "what worked a moment ago is no way that counts as none");

void link_log(struct link *link, const struct link_env *env, enum connection_log_kind kind) {
    connection_log_add(&link->log, env->now_ms, kind);
}

/* Whether the link leaves the budget's reserve to others. |unasked|: the member has just come. */
static bool yields(const struct link *link, bool unasked) {
    return link->expense.talked ? link->failures >= LINK_WORKED_FAILURES : unasked;
}

/* When one more connection may be opened. */
static uint64_t affordable_ms(const struct link *link, const struct link_env *env) {
    return budget_due_ms(env->budget, &link->expense, yields(link, false));
}

struct negotiation_env link_negotiation_env(struct link *link, const struct link_env *env) {
    return (struct negotiation_env){.actions = env->actions,
                                    .log = &link->log,
                                    .member_id = &link->member_id,
                                    .keyring = env->keyring,
                                    .now_ms = env->now_ms,
                                    .server_up = env->server_up,
                                    .hide_address = env->hide_address,
                                    .may_renew = env->now_ms >= affordable_ms(link, env)};
}

uint32_t link_peer(const struct link *link) {
    return link_has_connection(link) ? link->negotiation.peer : 0;
}

/* Life */

void link_init(struct link *link, const struct member_id *member_id, bool polite, uint64_t now_ms) {
    *link = (struct link){.member_id = *member_id,
                          .polite = polite,
                          .attempted_ms = now_ms,
                          .due_ms = now_ms + LINK_ATTEMPT_MS};
    connection_log_init(&link->log, now_ms);
}

void link_deinit(struct link *link) {
    negotiation_deinit(&link->negotiation);
}

/* The states */

bool link_state_is_well(enum link_state state) {
    return state == LINK_CONNECTED || state == LINK_SETTLED;
}

bool link_state_is_up(enum link_state state) {
    return link_state_is_well(state) || state == LINK_GRACE;
}

bool link_is_up(const struct link *link) {
    return link_state_is_up(link->state);
}

bool link_is_trying(const struct link *link) {
    return link->state == LINK_CONNECTING || link->state == LINK_RECONNECTING;
}

bool link_has_connection(const struct link *link) {
    return link->connection != LINK_CONNECTION_NONE;
}

static void enter_state(struct link *link, enum link_state state, uint64_t due_ms) {
    link->state = state;
    link->due_ms = due_ms;
    link->again = false;
}

static bool has_worked(const struct link *link) {
    return link->state != LINK_CONNECTING && link->state != LINK_CONNECTING_PAUSED;
}

static void enter_attempt(struct link *link, uint64_t due_ms) {
    enter_state(link, has_worked(link) ? LINK_RECONNECTING : LINK_CONNECTING, due_ms);
}

static void enter_pause(struct link *link, uint64_t due_ms) {
    enter_state(link, has_worked(link) ? LINK_RECONNECTING_PAUSED : LINK_CONNECTING_PAUSED, due_ms);
}

/* The connection */

static void close_connection(struct link *link, const struct link_env *env) {
    if (link_has_connection(link) && !link_waits(link))
        actions_push(env->actions, ACTION_PEER_CLOSE, link->negotiation.peer,
                     link->reason == LINK_REASON_MISBEHAVED ||
                         link->reason == LINK_REASON_UNPROVED);
    link->connection = LINK_CONNECTION_NONE;
    negotiation_deinit(&link->negotiation);
}

void link_open_connection(struct link *link, const struct link_env *env, uint32_t theirs) {
    if (link_has_connection(link))
        link_log(link, env, CONNECTION_LOG_RENEWED);
    close_connection(link, env);
    negotiation_init(&link->negotiation, random_name(env->random), theirs, link->polite);
    link->connection = LINK_CONNECTION_OPEN;
    link->unpaired = false;
    if (link->exposure == LINK_EXPOSED)
        link->exposure = LINK_EXPOSED_BEFORE;
    link->ends = route_ends_unknown;
    link->route = ROUTE_UNKNOWN;
}

void link_configure(struct link *link, const struct link_env *env) {
    if (link_has_connection(link) && !link_waits(link))
        actions_push_text(env->actions, ACTION_PEER_CONFIGURE, link->negotiation.peer, 0,
                          env->configuration);
}

void link_close(struct link *link, const struct link_env *env, enum link_reason reason) {
    if (link->state == LINK_CLOSED)
        return;
    link_log(link, env, CONNECTION_LOG_CLOSED);
    link->reason = reason;
    close_connection(link, env);
    enter_state(link, LINK_CLOSED, NO_DEADLINE);
}

/* A slow device makes the other side wait too, so each side allows for its own slowness. */
static uint64_t attempt_ends_ms(const struct link *link, const struct link_env *env) {
    uint64_t slow_ms = LINK_OPERATIONS * *env->operation_ms;
    uint64_t last_ms = link->attempted_ms + LINK_ATTEMPT_MAX_MS + slow_ms;
    uint64_t due_ms = link->progress_ms + LINK_ATTEMPT_MS + slow_ms;
    return due_ms < last_ms ? due_ms : last_ms;
}

void link_begin_attempt(struct link *link, const struct link_env *env) {
    link->attempted_ms = link->progress_ms = env->now_ms;
    enter_attempt(link, attempt_ends_ms(link, env));
}

static void become_well(struct link *link, const struct link_env *env) {
    if (link_state_is_well(link->state))
        return;
    if (has_worked(link) && link->state != LINK_GRACE)
        link_log(link, env, CONNECTION_LOG_RECOVERED);
    link->reason = LINK_REASON_NONE;
    link->offered = false;
    link->well_ms = env->now_ms;
    enter_state(link, LINK_CONNECTED, NO_DEADLINE);
    actions_push(env->actions, ACTION_PEER_ASK_ROUTE, link->negotiation.peer, 0);
}

static void pause(struct link *link, const struct link_env *env) {
    if (!env->server_up) {
        link->reason = LINK_REASON_NO_SERVER;
        enter_pause(link, NO_DEADLINE); /* its return ends the pause */
        return;
    }
    uint64_t pause_ms = 0;
    if (link->failures > 1)
        pause_ms = backoff_pause_ms(link->failures - 1, LINK_PAUSE_FIRST_MS, LINK_PAUSE_MAX_MS,
                                    env->random);
    if (link->polite)
        pause_ms += LINK_POLITE_PAUSE_MS;
    enter_pause(link, env->now_ms + pause_ms);
}

/* Attempts */

void link_ask(struct link *link, const struct link_env *env) {
    struct wire_message message = {.type = WIRE_ASK, .member = link->member_id};
    if (link_has_connection(link)) {
        message.connection = link->negotiation.own;
        message.target = link->negotiation.theirs;
    }
    PARLEY_CHECK(signals_send(env->actions, env->keyring, 0, &message) == PARLEY_OK);
    link_log(link, env, CONNECTION_LOG_ASKED);
}

bool link_should_renew(const struct link *link, const struct link_env *env) {
    return link->failures == 1 ||
           (link->failures > 1 && env->now_ms >= link->opened_ms + LINK_RENEW_MS);
}

bool link_afford(struct link *link, const struct link_env *env, bool unasked) {
    bool paid = link->prepaid ||
                budget_take(env->budget, &link->expense, yields(link, unasked), env->now_ms);
    link->prepaid = false;
    return paid;
}

/* Pauses until the budget has a connection for this link. */
static void save_up(struct link *link, const struct link_env *env) {
    link->reason = LINK_REASON_SPENT;
    enter_pause(link, affordable_ms(link, env));
}

/* An offer that nobody answered is made again on the same connection: it cost nothing yet. */
static bool is_unanswered(const struct link *link) {
    return link->negotiation.state == NEGOTIATION_OFFERED && !link->negotiation.remote_accepted;
}

void link_make_offer(struct link *link, const struct link_env *env, bool anew, bool unasked) {
    bool wanted = !link_has_connection(link) || (anew && !is_unanswered(link));
    if (wanted && link_afford(link, env, unasked))
        link_open_connection(link, env, 0);
    if (!link_has_connection(link)) {
        save_up(link, env);
        return;
    }
    if (link_waits(link))
        return;
    bool restart = link->negotiation.remote_accepted;
    struct negotiation_env inner = link_negotiation_env(link, env);
    if (negotiation_offer(&link->negotiation, &inner, restart) && restart)
        link_log(link, env, CONNECTION_LOG_ICE_RESTART);
}

void link_extend_attempt(struct link *link, const struct link_env *env) {
    link->progress_ms = env->now_ms;
    link->due_ms = attempt_ends_ms(link, env);
}

static void attempt(struct link *link, const struct link_env *env) {
    if (!env->server_up) {
        pause(link, env);
        return;
    }
    link_begin_attempt(link, env);
    link->offered = false;
    if (!link->polite)
        link_make_offer(link, env, link->unpaired || link_should_renew(link, env), false);
    else if (link_has_connection(link) || (link->prepaid = link_afford(link, env, false)))
        link_ask(link, env);
    else
        save_up(link, env);
}

void link_begin(struct link *link, const struct link_env *env) {
    if (link->state != LINK_CLOSED && !link_has_connection(link))
        attempt(link, env);
}

void link_offer(struct link *link, const struct link_env *env) {
    if (link->state == LINK_CLOSED || link_has_connection(link))
        return;
    link_begin_attempt(link, env);
    link_make_offer(link, env, false, true);
}

bool link_is_young(const struct link *link, const struct link_env *env) {
    return link_is_trying(link) && env->now_ms < link->attempted_ms + LINK_RETRY_MS;
}

bool link_is_under_way(const struct link *link, const struct link_env *env) {
    bool agreed = link_has_connection(link) && link->negotiation.remote_accepted &&
                  link->negotiation.state == NEGOTIATION_STABLE;
    return link_is_young(link, env) || (link_is_trying(link) && agreed);
}

/* Attempts stay apart: one that came too soon is made when it is time. */
void link_attempt_when_due(struct link *link, const struct link_env *env) {
    uint64_t earliest_ms = link->attempted_ms + LINK_RETRY_MS;
    if (env->now_ms >= earliest_ms) {
        attempt(link, env);
    } else if (link->due_ms > earliest_ms) {
        link->due_ms = earliest_ms;
        link->again = true;
    }
}

void link_retry(struct link *link, const struct link_env *env, bool anew) {
    if (link->state != LINK_CLOSED && !link_is_up(link) && (anew || !link_is_under_way(link, env)))
        link_attempt_when_due(link, env);
}

enum link_reason link_no_path_reason(const struct link *link, const struct link_env *env) {
    if (has_worked(link) && !link_is_up(link) && link->failures < LINK_WORKED_FAILURES)
        return LINK_REASON_SILENT; /* there was a way, and may be again */
    if (!link_has_connection(link) && env->now_ms < affordable_ms(link, env))
        return LINK_REASON_SPENT;
    if (env->hide_address && env->no_path == LINK_REASON_NO_PATH)
        return LINK_REASON_NO_RELAY;
    if (!link->negotiation.remote_accepted)
        return LINK_REASON_NO_ANSWER;
    return env->no_path;
}

static void fail(struct link *link, const struct link_env *env, enum link_reason reason) {
    link_log(link, env, CONNECTION_LOG_FAILED);
    link->failures++;
    link->reason = reason;
    pause(link, env);
}

/* The link was up and is not any more. */
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

void link_break_off(struct link *link, const struct link_env *env, enum link_reason reason) {
    bool was_up = link_is_up(link);
    close_connection(link, env);
    if (was_up)
        interrupt(link, env, reason);
    else if (link_is_trying(link))
        fail(link, env, reason);
}

void link_rest(struct link *link, const struct link_env *env) {
    if (link->state == LINK_CLOSED)
        return;
    close_connection(link, env);
    link->failures = 0;
    link->reason = LINK_REASON_NONE;
    enter_pause(link, NO_DEADLINE);
}

void link_hide_address(struct link *link, const struct link_env *env) {
    if (!link_has_connection(link) || link->exposure != LINK_EXPOSED)
        return;
    bool was_up = link_is_up(link);
    link_log(link, env, CONNECTION_LOG_RENEWED);
    close_connection(link, env);
    if (was_up)
        interrupt(link, env, LINK_REASON_NONE);
    else if (link_is_trying(link))
        attempt(link, env);
}

/* The route */

void link_update_route(struct link *link, const struct link_env *env) {
    enum route before = link->route;
    link->route = route_between(&link->ends, link->negotiation.remote_types);
    if (link->route != before && link->route != ROUTE_UNKNOWN)
        link_log(link, env,
                 link->route == ROUTE_RELAYED ? CONNECTION_LOG_ROUTE_RELAYED
                                              : CONNECTION_LOG_ROUTE_DIRECT);
}

void link_hear_route(struct link *link, const struct link_env *env, enum candidate_type theirs) {
    link->ends.word = theirs;
    link_update_route(link, env);
}

/* Events of the browser */

/* ICE found no path, or lost it. The connection can still restart ICE. */
static void ice_failed(struct link *link, const struct link_env *env) {
    if (link_is_up(link))
        interrupt(link, env, link_no_path_reason(link, env));
    else if (link_is_trying(link))
        fail(link, env, link_no_path_reason(link, env));
}

static void ice_disconnected(struct link *link, const struct link_env *env) {
    link_log(link, env, CONNECTION_LOG_INTERRUPTED);
    if (link_state_is_well(link->state))
        enter_state(link, LINK_GRACE, env->now_ms + LINK_GRACE_MS);
}

static void handle_state(struct link *link, const struct link_env *env,
                         enum event_peer_state state) {
    switch (state) {
    case EVENT_PEER_STATE_CONNECTED:
        link_log(link, env, CONNECTION_LOG_PATH_FOUND);
        if (link->connection == LINK_CONNECTION_CHANNEL)
            become_well(link, env);
        break;
    case EVENT_PEER_STATE_DISCONNECTED:
        ice_disconnected(link, env);
        break;
    case EVENT_PEER_STATE_FAILED:
        ice_failed(link, env);
        break;
    case EVENT_PEER_STATE_CLOSED:
        link_break_off(link, env, LINK_REASON_CHANNEL_CLOSED);
        break;
    case EVENT_PEER_STATE_NEW:
    case EVENT_PEER_STATE_CONNECTING:
    case EVENT_PEER_STATE_COUNT:
        break;
    }
}

static void handle_route(struct link *link, const struct link_env *env, struct slice local,
                         struct slice remote) {
    enum candidate_type own = candidate_type_named(local);
    if (own == CANDIDATE_UNKNOWN)
        return;
    link->ends.own = own;
    link->ends.theirs = candidate_type_named(remote);
    link_update_route(link, env);
}

static void handle_described(struct link *link, const struct link_env *env,
                             const struct event *event) {
    struct negotiation_env inner = link_negotiation_env(link, env);
    bool waited = link_waits(link);
    if (negotiation_described(&link->negotiation, &inner, (enum event_sdp)event->code, event->a))
        link_break_off(link, env, LINK_REASON_SETUP_FAILED);
    else if (!waited)
        link_follow_closing(link, env);
}

static void handle_channel_opened(struct link *link, const struct link_env *env) {
    if (link->connection == LINK_CONNECTION_CHANNEL)
        return;
    link_log(link, env, CONNECTION_LOG_CHANNEL_OPEN);
    link->connection = LINK_CONNECTION_CHANNEL;
    become_well(link, env);
}

/* Events that show that the browser makes progress. */
static bool is_progress(const struct event *event) {
    return event->kind == EVENT_PEER_DESCRIBED || event->kind == EVENT_PEER_DONE ||
           (event->kind == EVENT_PEER_STATE && event->code != EVENT_PEER_STATE_FAILED) ||
           (event->kind == EVENT_PEER_CANDIDATE && event->a.len > 0);
}

/* The estimate rises at once and falls slowly. */
static void note_operation(const struct link *link, const struct link_env *env) {
    uint64_t took_ms = env->now_ms - link->negotiation.operation_ms;
    if (took_ms > LINK_OPERATION_MAX_MS)
        took_ms = LINK_OPERATION_MAX_MS;
    if (took_ms >= *env->operation_ms)
        *env->operation_ms = took_ms;
    else
        *env->operation_ms -= (*env->operation_ms - took_ms + 7) / 8;
}

void link_handle(struct link *link, const struct link_env *env, const struct event *event) {
    if (link->state == LINK_CLOSED)
        return;
    if (event->kind == EVENT_PEER_DESCRIBED || event->kind == EVENT_PEER_DONE)
        note_operation(link, env);
    struct negotiation_env inner = link_negotiation_env(link, env);
    switch (event->kind) {
    case EVENT_PEER_DESCRIBED:
        handle_described(link, env, event);
        break;
    case EVENT_PEER_DONE:
        negotiation_done(&link->negotiation, &inner);
        break;
    case EVENT_PEER_FAILED:
        link_break_off(link, env, LINK_REASON_SETUP_FAILED);
        break;
    case EVENT_PEER_NOT_OPENED:
        link_break_off(link, env, LINK_REASON_NOT_OPENED);
        break;
    case EVENT_PEER_CANDIDATE:
        negotiation_local_candidate(&link->negotiation, &inner,
                                    &(struct ice_candidate){event->a, event->b, event->c});
        break;
    case EVENT_PEER_CANDIDATE_FAILED:
        link_log(link, env, CONNECTION_LOG_CANDIDATE_FAILED);
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
    case EVENT_CHANNEL_CLOSED:
        link_break_off(link, env, LINK_REASON_CHANNEL_CLOSED);
        break;
    case EVENT_COUNT:
        EVENTS_OF_PAGE(EVENT_CASE)
        EVENTS_OF_SERVER(EVENT_CASE)
        EVENTS_OF_MEMBER(EVENT_CASE)
        break;
    }
    if (is_progress(event))
        link_note_progress(link, env);
}

/* ICE may have switched to another path since the link connected. */
static void settle(struct link *link, const struct link_env *env) {
    enter_state(link, LINK_SETTLED, NO_DEADLINE);
    link->expense.talked = true;
    actions_push(env->actions, ACTION_PEER_ASK_ROUTE, link->negotiation.peer, 0);
}

void link_heard(struct link *link, const struct link_env *env) {
    if (link->connection != LINK_CONNECTION_CHANNEL)
        return;
    become_well(link, env);
    if (link->state == LINK_CONNECTED && env->now_ms >= link->well_ms + LINK_TALKED_MS)
        settle(link, env);
}

void link_silent(struct link *link, const struct link_env *env) {
    link_log(link, env, CONNECTION_LOG_SILENT);
    if (link_is_up(link))
        interrupt(link, env, LINK_REASON_SILENT);
}

/* The attempt's end may have moved while it ran. */
static void end_attempt(struct link *link, const struct link_env *env) {
    if (link->again)
        attempt(link, env);
    else if (link_waits(link))
        link->due_ms = env->now_ms + LINK_ATTEMPT_MS; /* that its turn comes late is no failure */
    else if (env->now_ms < attempt_ends_ms(link, env))
        link->due_ms = attempt_ends_ms(link, env);
    else
        fail(link, env, link_no_path_reason(link, env));
}

void link_tick(struct link *link, const struct link_env *env) {
    if (env->now_ms < link->due_ms)
        return;
    switch (link->state) {
    case LINK_GRACE:
        interrupt(link, env, LINK_REASON_SILENT);
        break;
    case LINK_CONNECTING:
    case LINK_RECONNECTING:
        end_attempt(link, env);
        break;
    case LINK_CONNECTING_PAUSED:
    case LINK_RECONNECTING_PAUSED:
        attempt(link, env);
        break;
    case LINK_CONNECTED: /* these are never due */
    case LINK_SETTLED:
    case LINK_CLOSED:
        break;
    }
}

uint64_t link_deadline_ms(const struct link *link) {
    return link->due_ms;
}
