#include "dialing.h"

#include "backoff.h"

#define POLLING_EVERY 4 /* attempts, where a WebSocket once worked */
#define SUDDEN_ENDS_MAX 2

void dialing_init(struct dialing *dialing, bool polling, uint32_t last_request) {
    *dialing = (struct dialing){.state = JOIN_STATE_IDLE,
                                .polling_works = polling,
                                .polling_stored = polling,
                                .told = WIRE_ERROR_COUNT,
                                .due_ms = NO_DEADLINE,
                                .unsaid_until_ms = NO_DEADLINE};
    dialing->transport = polling ? EVENT_TRANSPORT_POLLING : EVENT_TRANSPORT_WEBSOCKET;
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        dialing->ways[i].due_ms = NO_DEADLINE;
    poll_client_init(&dialing->poll, last_request);
}

void dialing_deinit(struct dialing *dialing) {
    poll_client_deinit(&dialing->poll);
}

static void set_state(struct dialing *dialing, const struct env *env, enum join_state state) {
    dialing->state = state;
    outcomes_push(env->outcomes, OUTCOME_JOIN_STATE)->state = state;
    actions_show(env->actions, ACTION_SHOW_STATUS);
}

void dialing_hear(struct dialing *dialing, const struct env *env, enum wire_error told) {
    dialing->told = told;
    actions_show(env->actions, ACTION_SHOW_STATUS);
}

bool dialing_is_unsaid(const struct dialing *dialing) {
    return dialing->unsaid_until_ms != NO_DEADLINE;
}

/* Ways */

static void open_way(struct dialing *dialing, const struct env *env, enum event_transport way) {
    switch (way) {
    case EVENT_TRANSPORT_POLLING:
        poll_client_open(&dialing->poll, env);
        break;
    case EVENT_TRANSPORT_WEBSOCKET:
        actions_push(env->actions, ACTION_SERVER_CONNECT, 0, 0);
        break;
    case EVENT_TRANSPORT_COUNT:
        break;
    }
}

static void close_way(struct dialing *dialing, const struct env *env, enum event_transport way) {
    switch (way) {
    case EVENT_TRANSPORT_POLLING:
        poll_client_close(&dialing->poll, env);
        break;
    case EVENT_TRANSPORT_WEBSOCKET:
        actions_push(env->actions, ACTION_SERVER_CLOSE, 0, 0);
        break;
    case EVENT_TRANSPORT_COUNT:
        break;
    }
}

static void forget_way(struct way *way) {
    *way = (struct way){.due_ms = NO_DEADLINE};
}

void dialing_hang_up(struct dialing *dialing, const struct env *env, enum event_transport way) {
    if (dialing->ways[way].state == WAY_CLOSED)
        return;
    forget_way(&dialing->ways[way]);
    close_way(dialing, env, way);
}

static void hang_up_all(struct dialing *dialing, const struct env *env) {
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        dialing_hang_up(dialing, env, (enum event_transport)i);
}

void dialing_rest(struct dialing *dialing, const struct env *env, enum join_state state) {
    hang_up_all(dialing, env);
    dialing->due_ms = dialing->unsaid_until_ms = NO_DEADLINE;
    set_state(dialing, env, state);
}

static bool any_under_way(const struct dialing *dialing) {
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (dialing->ways[i].state != WAY_CLOSED)
            return true;
    return false;
}

/* True while an attempt has not led to a welcome. */
static bool is_under_way(const struct dialing *dialing) {
    return dialing->state != JOIN_STATE_JOINED && any_under_way(dialing);
}

static void dial(struct dialing *dialing, const struct env *env, enum event_transport way) {
    dialing->ways[way] =
        (struct way){.state = WAY_OPENING, .due_ms = env->now_ms + DIALING_OPEN_MS};
    open_way(dialing, env, way);
}

/* Attempts */

static void begin(struct dialing *dialing, const struct env *env) {
    bool first = dialing->transport == EVENT_TRANSPORT_WEBSOCKET && !dialing->websocket_works;
    dialing->dialed_ms = env->now_ms;
    dialing->due_ms = first ? env->now_ms + DIALING_ALONE_MS : NO_DEADLINE;
    dial(dialing, env, dialing->transport);
}

void dialing_connect(struct dialing *dialing, const struct env *env) {
    set_state(dialing, env, JOIN_STATE_CONNECTING);
    begin(dialing, env);
}

static void wait(struct dialing *dialing, const struct env *env) {
    dialing->due_ms = env->now_ms + backoff_pause_ms(dialing->failures, DIALING_PAUSE_FIRST_MS,
                                                     DIALING_PAUSE_MAX_MS, env->random);
    set_state(dialing, env, JOIN_STATE_LOST);
}

/* Chooses what to try next after |dialing|'s transport did not lead to a welcome. */
static enum event_transport next_transport(const struct dialing *dialing) {
    bool polling = dialing->transport == EVENT_TRANSPORT_POLLING;
    if (dialing->websocket_works)
        return dialing->failures % POLLING_EVERY == POLLING_EVERY - 1 ? EVENT_TRANSPORT_POLLING
                                                                      : EVENT_TRANSPORT_WEBSOCKET;
    if (polling)
        return dialing->polling_works && dialing->failures < POLLING_EVERY
                   ? EVENT_TRANSPORT_POLLING
                   : EVENT_TRANSPORT_WEBSOCKET;
    return dialing->sudden_ends == 1 ? EVENT_TRANSPORT_WEBSOCKET : EVENT_TRANSPORT_POLLING;
}

/* A WebSocket that repeatedly ends soon after it opens does not work: something in between cuts
 * it. */
static void count_end(struct dialing *dialing, enum event_transport way, bool sudden) {
    if (way != EVENT_TRANSPORT_WEBSOCKET)
        return;
    bool counts = sudden && dialing->told == WIRE_ERROR_COUNT;
    dialing->sudden_ends = counts ? dialing->sudden_ends + 1 : 0;
    if (dialing->sudden_ends >= SUDDEN_ENDS_MAX)
        dialing->websocket_works = false;
}

static void attempt_failed(struct dialing *dialing, const struct env *env) {
    bool first_half = dialing->transport == EVENT_TRANSPORT_WEBSOCKET && !dialing->websocket_works;
    if (!first_half)
        dialing->failures++;
    dialing->transport = next_transport(dialing);
    if (first_half)
        begin(dialing, env); /* the other half of the same attempt */
    else
        wait(dialing, env);
}

/* The attempt continues by the other way if that is under way. */
static void dial_failed(struct dialing *dialing, const struct env *env, enum event_transport way,
                        bool opened) {
    count_end(dialing, way, opened);
    if (!opened)
        dialing_hear(dialing, env, WIRE_ERROR_COUNT);
    if (!any_under_way(dialing))
        attempt_failed(dialing, env);
}

/* A WebSocket that is late or silent may still pass messages, so both ways are tried from now
 * on. */
static void dial_beside(struct dialing *dialing, const struct env *env) {
    if (dialing->ways[EVENT_TRANSPORT_POLLING].state != WAY_CLOSED)
        return;
    dialing->transport = EVENT_TRANSPORT_POLLING;
    dial(dialing, env, EVENT_TRANSPORT_POLLING);
}

/* A WebSocket beside polling */

static void plan_trial(struct dialing *dialing, const struct env *env) {
    dialing->due_ms = env->now_ms + backoff_pause_ms(dialing->trials + 1, DIALING_TRIAL_FIRST_MS,
                                                     DIALING_TRIAL_MAX_MS, env->random);
}

static void begin_trial(struct dialing *dialing, const struct env *env) {
    if (dialing->ways[EVENT_TRANSPORT_WEBSOCKET].state != WAY_CLOSED)
        return;
    dialing->dialed_ms = env->now_ms;
    dial(dialing, env, EVENT_TRANSPORT_WEBSOCKET);
}

static void trial_failed(struct dialing *dialing, const struct env *env) {
    dialing->trials++;
    plan_trial(dialing, env);
}

/* Events of a way */

enum dialing_next dialing_opened(struct dialing *dialing, const struct env *env,
                                 enum event_transport way) {
    struct way *self = &dialing->ways[way];
    if (self->state != WAY_OPENING)
        return DIALING_NOTHING;
    if (dialing->state != JOIN_STATE_JOINED)
        return DIALING_JOIN;
    self->state = WAY_PROBED;
    self->due_ms = env->now_ms + DIALING_PROBE_MS;
    return DIALING_PROBE;
}

void dialing_joining(struct dialing *dialing, const struct env *env, enum event_transport way,
                     uint32_t join) {
    dialing->ways[way] = (struct way){
        .state = WAY_JOINING, .join = join, .due_ms = env->now_ms + DIALING_WELCOME_MS};
    dialing_hear(dialing, env, WIRE_ERROR_COUNT);
    if (dialing->state == JOIN_STATE_JOINED || way != EVENT_TRANSPORT_WEBSOCKET)
        return;
    dialing->due_ms = env->now_ms + DIALING_ALONE_MS;
}

static void note_working(struct dialing *dialing, const struct env *env, enum event_transport way) {
    bool polling = way == EVENT_TRANSPORT_POLLING;
    if (polling)
        dialing->polling_works = true;
    else
        dialing->websocket_works = true;
    bool store = polling && !dialing->websocket_works;
    if (store != dialing->polling_stored)
        actions_push(env->actions, ACTION_TRANSPORT_STORE, 0,
                     store ? EVENT_TRANSPORT_POLLING : EVENT_TRANSPORT_WEBSOCKET);
    dialing->polling_stored = store;
    dialing_hear(dialing, env, WIRE_ERROR_COUNT);
}

void dialing_joined(struct dialing *dialing, const struct env *env, enum event_transport way) {
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (i != (int)way)
            dialing_hang_up(dialing, env, (enum event_transport)i);
    dialing->ways[way].state = WAY_JOINED;
    dialing->ways[way].due_ms = dialing->due_ms = NO_DEADLINE;
    dialing->transport = way;
    actions_send_by(env->actions, way);
    dialing->joined_ms = env->now_ms;
    dialing->unsaid_until_ms = NO_DEADLINE;
    note_working(dialing, env, way);
    if (way == EVENT_TRANSPORT_POLLING)
        plan_trial(dialing, env);
    set_state(dialing, env, JOIN_STATE_JOINED);
}

enum dialing_next dialing_ended(struct dialing *dialing, const struct env *env,
                                enum event_transport way) {
    struct way *self = &dialing->ways[way];
    enum way_state before = self->state;
    forget_way(self);
    if (before == WAY_JOINED)
        return DIALING_LOSE;
    if (before == WAY_CLOSED)
        return DIALING_NOTHING;
    if (dialing->state == JOIN_STATE_JOINED)
        trial_failed(dialing, env);
    else
        dial_failed(dialing, env, way, before == WAY_JOINING);
    return DIALING_NOTHING;
}

static bool was_joined_for(const struct dialing *dialing, const struct env *env, uint64_t ms) {
    return env->now_ms >= dialing->joined_ms + ms;
}

void dialing_lost(struct dialing *dialing, const struct env *env, enum event_transport way) {
    bool steady = was_joined_for(dialing, env, DIALING_STEADY_MS);
    if (steady)
        dialing->failures = 0;
    dialing->failures++;
    if (way == EVENT_TRANSPORT_WEBSOCKET)
        dialing->trials =
            was_joined_for(dialing, env, DIALING_LASTING_MS) ? 0 : dialing->trials + 1;
    count_end(dialing, way, !steady);
    if (dialing->sudden_ends >= SUDDEN_ENDS_MAX)
        dialing->transport = EVENT_TRANSPORT_POLLING;
    dialing->unsaid_until_ms = env->now_ms + DIALING_UNSAID_MS;
    wait(dialing, env);
}

/* Time */

static void begin_afresh(struct dialing *dialing, const struct env *env) {
    if (env->now_ms < dialing->dialed_ms + DIALING_STALE_MS)
        return;
    hang_up_all(dialing, env);
    begin(dialing, env);
}

static void hasten_trial(struct dialing *dialing) {
    uint64_t soon_ms = dialing->dialed_ms + DIALING_TRIAL_FIRST_MS;
    if (dialing->due_ms != NO_DEADLINE && dialing->due_ms > soon_ms)
        dialing->due_ms = soon_ms;
}

/* An attempt from before the network changed may wait for an answer that cannot come. */
void dialing_wake(struct dialing *dialing, const struct env *env) {
    if (dialing->state == JOIN_STATE_JOINED)
        hasten_trial(dialing);
    else if (is_under_way(dialing))
        begin_afresh(dialing, env);
    else if (dialing->state == JOIN_STATE_LOST)
        dialing->due_ms = env->now_ms;
}

static void fall_due(struct dialing *dialing, const struct env *env) {
    dialing->due_ms = NO_DEADLINE;
    if (dialing->state == JOIN_STATE_JOINED)
        begin_trial(dialing, env);
    else if (any_under_way(dialing))
        dial_beside(dialing, env);
    else
        begin(dialing, env);
}

static void give_up(struct dialing *dialing, const struct env *env, enum event_transport way) {
    close_way(dialing, env, way);
    dialing_ended(dialing, env, way);
}

void dialing_tick(struct dialing *dialing, const struct env *env) {
    poll_client_tick(&dialing->poll, env);
    if (env->now_ms >= dialing->unsaid_until_ms) {
        dialing->unsaid_until_ms = NO_DEADLINE;
        actions_show(env->actions, ACTION_SHOW_STATUS);
    }
    if (env->now_ms >= dialing->due_ms)
        fall_due(dialing, env);
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (env->now_ms >= dialing->ways[i].due_ms)
            give_up(dialing, env, (enum event_transport)i);
}

uint64_t dialing_deadline_ms(const struct dialing *dialing) {
    uint64_t due_ms = deadline_earlier(dialing->due_ms, dialing->unsaid_until_ms);
    due_ms = deadline_earlier(due_ms, poll_client_deadline_ms(&dialing->poll));
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        due_ms = deadline_earlier(due_ms, dialing->ways[i].due_ms);
    return due_ms;
}
