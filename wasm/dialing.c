#include "dialing.h"

#include "backoff.h"
#include "error.h"
#include "relay.h"

#define POLLING_EVERY 4 /* attempts, where a WebSocket once worked */
#define SUDDEN_ENDS_MAX 2

void dialing_init(struct signaling *signaling, bool polling) {
    *signaling = (struct signaling){.polling_works = polling,
                                    .polling_stored = polling,
                                    .told = WIRE_ERROR_COUNT,
                                    .due_ms = CHAT_NO_DEADLINE,
                                    .unsaid_until_ms = CHAT_NO_DEADLINE};
    signaling->transport = polling ? EVENT_TRANSPORT_POLLING : EVENT_TRANSPORT_WEBSOCKET;
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        signaling->ways[i].due_ms = CHAT_NO_DEADLINE;
    heartbeat_stop(&signaling->heartbeat);
}

void dialing_set_server(struct chat *chat, enum join_state state) {
    chat->server = state;
    if (state != JOIN_STATE_JOINED)
        relay_rest(chat);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

void dialing_hear(struct chat *chat, enum wire_error told) {
    chat->signaling.told = told;
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

bool dialing_is_unsaid(const struct chat *chat) {
    return chat->signaling.unsaid_until_ms != CHAT_NO_DEADLINE;
}

/* Ways */

static void close_way(struct way *way) {
    *way = (struct way){.due_ms = CHAT_NO_DEADLINE};
}

void dialing_hang_up(struct chat *chat, enum event_transport way) {
    if (chat->signaling.ways[way].state == WAY_CLOSED)
        return;
    close_way(&chat->signaling.ways[way]);
    actions_push(&chat->actions, ACTION_SERVER_CLOSE, 0, way);
}

void dialing_hang_up_all(struct chat *chat) {
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        dialing_hang_up(chat, (enum event_transport)i);
}

static bool any_under_way(const struct signaling *signaling) {
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (signaling->ways[i].state != WAY_CLOSED)
            return true;
    return false;
}

bool dialing_is_under_way(const struct chat *chat) {
    return chat->server != JOIN_STATE_JOINED && any_under_way(&chat->signaling);
}

static void dial(struct chat *chat, enum event_transport way) {
    chat->signaling.ways[way] =
        (struct way){.state = WAY_OPENING, .due_ms = chat->now_ms + DIALING_OPEN_MS};
    actions_push(&chat->actions, ACTION_SERVER_CONNECT, 0, way);
}

/* Attempts */

void dialing_begin(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    bool first = signaling->transport == EVENT_TRANSPORT_WEBSOCKET && !signaling->websocket_works;
    signaling->dialed_ms = chat->now_ms;
    signaling->due_ms = first ? chat->now_ms + DIALING_ALONE_MS : CHAT_NO_DEADLINE;
    dial(chat, signaling->transport);
}

static void wait(struct chat *chat) {
    chat->signaling.due_ms =
        chat->now_ms + backoff_pause_ms(chat->signaling.failures, DIALING_PAUSE_FIRST_MS,
                                        DIALING_PAUSE_MAX_MS, &chat->random);
    dialing_set_server(chat, JOIN_STATE_LOST);
}

/* What to try next, after |signaling|'s transport did not lead to a welcome. */
static enum event_transport next_transport(const struct signaling *signaling) {
    bool polling = signaling->transport == EVENT_TRANSPORT_POLLING;
    if (signaling->websocket_works)
        return signaling->failures % POLLING_EVERY == POLLING_EVERY - 1 ? EVENT_TRANSPORT_POLLING
                                                                        : EVENT_TRANSPORT_WEBSOCKET;
    if (polling)
        return signaling->polling_works && signaling->failures < POLLING_EVERY
                   ? EVENT_TRANSPORT_POLLING
                   : EVENT_TRANSPORT_WEBSOCKET;
    return signaling->sudden_ends == 1 ? EVENT_TRANSPORT_WEBSOCKET : EVENT_TRANSPORT_POLLING;
}

/* One that ends again and again as soon as it is open is none: something in between cuts it. */
static void count_end(struct signaling *signaling, enum event_transport way, bool sudden) {
    if (way != EVENT_TRANSPORT_WEBSOCKET)
        return;
    bool counts = sudden && signaling->told == WIRE_ERROR_COUNT;
    signaling->sudden_ends = counts ? signaling->sudden_ends + 1 : 0;
    if (signaling->sudden_ends >= SUDDEN_ENDS_MAX)
        signaling->websocket_works = false;
}

static void attempt_failed(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    bool first_half =
        signaling->transport == EVENT_TRANSPORT_WEBSOCKET && !signaling->websocket_works;
    if (!first_half)
        signaling->failures++;
    signaling->transport = next_transport(signaling);
    if (first_half)
        dialing_begin(chat); /* the other half of the same attempt */
    else
        wait(chat);
}

/* The attempt goes on by the other way, where that is under way. */
static void dial_failed(struct chat *chat, enum event_transport way, bool opened) {
    count_end(&chat->signaling, way, opened);
    if (!opened)
        dialing_hear(chat, WIRE_ERROR_COUNT);
    if (!any_under_way(&chat->signaling))
        attempt_failed(chat);
}

/* What opened too late, or passes nothing, may still: both are under way from now on. */
static void dial_beside(struct chat *chat) {
    if (chat->signaling.ways[EVENT_TRANSPORT_POLLING].state != WAY_CLOSED)
        return;
    chat->signaling.transport = EVENT_TRANSPORT_POLLING;
    dial(chat, EVENT_TRANSPORT_POLLING);
}

/* A WebSocket beside polling */

static void plan_trial(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    signaling->due_ms =
        chat->now_ms + backoff_pause_ms(signaling->trials + 1, DIALING_TRIAL_FIRST_MS,
                                        DIALING_TRIAL_MAX_MS, &chat->random);
}

static void begin_trial(struct chat *chat) {
    if (chat->signaling.ways[EVENT_TRANSPORT_WEBSOCKET].state != WAY_CLOSED)
        return;
    chat->signaling.dialed_ms = chat->now_ms;
    dial(chat, EVENT_TRANSPORT_WEBSOCKET);
}

static void trial_failed(struct chat *chat) {
    chat->signaling.trials++;
    plan_trial(chat);
}

/* Events of a way */

enum dialing_next dialing_opened(struct chat *chat, enum event_transport way) {
    struct way *self = &chat->signaling.ways[way];
    if (self->state != WAY_OPENING)
        return DIALING_NOTHING;
    if (chat->server != JOIN_STATE_JOINED)
        return DIALING_JOIN;
    self->state = WAY_PROBED;
    self->due_ms = chat->now_ms + DIALING_PROBE_MS;
    return DIALING_PROBE;
}

void dialing_joining(struct chat *chat, enum event_transport way) {
    struct signaling *signaling = &chat->signaling;
    signaling->ways[way] = (struct way){.state = WAY_JOINING,
                                        .join = chat->token.joins,
                                        .due_ms = chat->now_ms + DIALING_WELCOME_MS};
    dialing_hear(chat, WIRE_ERROR_COUNT);
    if (chat->server == JOIN_STATE_JOINED || way != EVENT_TRANSPORT_WEBSOCKET)
        return;
    signaling->due_ms = chat->now_ms + DIALING_ALONE_MS;
}

static void note_working(struct chat *chat, enum event_transport way) {
    struct signaling *signaling = &chat->signaling;
    bool polling = way == EVENT_TRANSPORT_POLLING;
    if (polling)
        signaling->polling_works = true;
    else
        signaling->websocket_works = true;
    bool store = polling && !signaling->websocket_works;
    if (store != signaling->polling_stored)
        actions_push(&chat->actions, ACTION_TRANSPORT_STORE, 0,
                     store ? EVENT_TRANSPORT_POLLING : EVENT_TRANSPORT_WEBSOCKET);
    signaling->polling_stored = store;
    dialing_hear(chat, WIRE_ERROR_COUNT);
}

void dialing_joined(struct chat *chat, enum event_transport way) {
    struct signaling *signaling = &chat->signaling;
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (i != (int)way)
            dialing_hang_up(chat, (enum event_transport)i);
    signaling->ways[way].state = WAY_JOINED;
    signaling->ways[way].due_ms = signaling->due_ms = CHAT_NO_DEADLINE;
    signaling->transport = way;
    actions_send_by(&chat->actions, way);
    signaling->joined_ms = chat->now_ms;
    signaling->unsaid_until_ms = CHAT_NO_DEADLINE;
    note_working(chat, way);
    if (way == EVENT_TRANSPORT_POLLING)
        plan_trial(chat);
    dialing_set_server(chat, JOIN_STATE_JOINED);
}

enum dialing_next dialing_ended(struct chat *chat, enum event_transport way) {
    struct way *self = &chat->signaling.ways[way];
    enum way_state before = self->state;
    close_way(self);
    if (before == WAY_JOINED)
        return DIALING_LOSE;
    if (before == WAY_CLOSED)
        return DIALING_NOTHING;
    if (chat->server == JOIN_STATE_JOINED)
        trial_failed(chat);
    else
        dial_failed(chat, way, before == WAY_JOINING);
    return DIALING_NOTHING;
}

static bool was_joined_for(const struct chat *chat, uint64_t ms) {
    return chat->now_ms >= chat->signaling.joined_ms + ms;
}

void dialing_lost(struct chat *chat, enum event_transport way) {
    struct signaling *signaling = &chat->signaling;
    bool steady = was_joined_for(chat, DIALING_STEADY_MS);
    if (steady)
        signaling->failures = 0;
    signaling->failures++;
    if (way == EVENT_TRANSPORT_WEBSOCKET)
        signaling->trials = was_joined_for(chat, DIALING_LASTING_MS) ? 0 : signaling->trials + 1;
    count_end(signaling, way, !steady);
    if (signaling->sudden_ends >= SUDDEN_ENDS_MAX)
        signaling->transport = EVENT_TRANSPORT_POLLING;
    signaling->unsaid_until_ms = chat->now_ms + DIALING_UNSAID_MS;
    wait(chat);
}

/* Time */

static void begin_afresh(struct chat *chat) {
    if (chat->now_ms < chat->signaling.dialed_ms + DIALING_STALE_MS)
        return;
    dialing_hang_up_all(chat);
    dialing_begin(chat);
}

static void hasten_trial(struct chat *chat) {
    uint64_t soon_ms = chat->signaling.dialed_ms + DIALING_TRIAL_FIRST_MS;
    if (chat->signaling.due_ms != CHAT_NO_DEADLINE && chat->signaling.due_ms > soon_ms)
        chat->signaling.due_ms = soon_ms;
}

/* What was dialed before the network changed may wait for an answer that cannot come. */
void dialing_wake(struct chat *chat) {
    if (chat->server == JOIN_STATE_JOINED)
        hasten_trial(chat);
    else if (dialing_is_under_way(chat))
        begin_afresh(chat);
    else if (chat->server == JOIN_STATE_LOST)
        chat->signaling.due_ms = chat->now_ms;
}

static void fall_due(struct chat *chat) {
    chat->signaling.due_ms = CHAT_NO_DEADLINE;
    if (chat->server == JOIN_STATE_JOINED)
        begin_trial(chat);
    else if (any_under_way(&chat->signaling))
        dial_beside(chat);
    else
        dialing_begin(chat);
}

static void give_up(struct chat *chat, enum event_transport way) {
    actions_push(&chat->actions, ACTION_SERVER_CLOSE, 0, way);
    dialing_ended(chat, way);
}

void dialing_tick(struct chat *chat) {
    struct signaling *signaling = &chat->signaling;
    if (chat->now_ms >= signaling->unsaid_until_ms) {
        signaling->unsaid_until_ms = CHAT_NO_DEADLINE;
        actions_show(&chat->actions, ACTION_SHOW_STATUS);
    }
    if (chat->now_ms >= signaling->due_ms)
        fall_due(chat);
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (chat->now_ms >= signaling->ways[i].due_ms)
            give_up(chat, (enum event_transport)i);
}

uint64_t dialing_deadline_ms(const struct chat *chat) {
    const struct signaling *signaling = &chat->signaling;
    uint64_t due_ms = signaling->due_ms < signaling->unsaid_until_ms ? signaling->due_ms
                                                                     : signaling->unsaid_until_ms;
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (signaling->ways[i].due_ms < due_ms)
            due_ms = signaling->ways[i].due_ms;
    return due_ms;
}
