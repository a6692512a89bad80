#define _GNU_SOURCE /* libwebsockets.h, getrandom */
#include "dispatcher.h"

#include "error.h"
#include "event_log.h"
#include "log.h"
#include "workarounds.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static const char *const transport_names[TRANSPORT_KINDS] = {
    [TRANSPORT_WEBSOCKET] = "websocket", [TRANSPORT_POLLING] = "polling"};

_Static_assert(RATE_LIMITS_WAIT_SECONDS * 1000 < DISPATCHER_JOIN_TIMEOUT_MS,
               "nobody is cut off in line");
_Static_assert(HUB_NOBODY == FRAME_FROM_NOBODY, "an action's sender is a frame's");
_Static_assert(DISPATCHER_SCARCE_BYTES_MAX / 2 >= WIRE_MESSAGE_BYTES_MAX,
               "others' words fit in half");
_Static_assert(DISPATCHER_SCARCE_BYTES_MAX >= WIRE_WELCOME_BYTES_MAX, "and a welcome in the whole");
_Static_assert(DISPATCHER_HELD_BYTES_MAX >= WIRE_MESSAGE_BYTES_MAX, "one that waits may say one");
_Static_assert(CONFIG_TURN_SECONDS_MIN >= TURN_STEPS, "a step of a life is a second at least");
_Static_assert(STUN_OFFER_BYTES_MAX <= HUB_STUN_URL_BYTES_MAX, "what is offered is taken");

uint64_t dispatcher_now_ms(const struct dispatcher *dispatcher) {
    return uv_now(dispatcher->loop);
}

/* Goes round every 71 minutes; a join takes 30 seconds at most. */
static uint32_t now_us(void) {
    return (uint32_t)(uv_hrtime() / 1000);
}

/* --- actions ---------------------------------------------------------------------------------- */

static const struct transport *transport_of(const struct dispatcher *dispatcher,
                                            const struct connection *connection) {
    return &dispatcher->transports[connection->kind];
}

static void on_timer(uv_timer_t *timer);

/* The timer may be early, never late: moving it for every message would cost more than a turn. */
static void set_timer(struct dispatcher *dispatcher) {
    uint64_t deadline_ms = hub_deadline_ms(dispatcher->hub);
    uint64_t liveness_ms = liveness_deadline_ms(&dispatcher->liveness);
    uint64_t limits_ms = rate_limits_deadline_ms(dispatcher->limits);
    if (liveness_ms < deadline_ms)
        deadline_ms = liveness_ms;
    if (limits_ms < deadline_ms)
        deadline_ms = limits_ms;
    if (deadline_ms >= dispatcher->timer_ms || dispatcher->shutting_down)
        return;
    uint64_t now = dispatcher_now_ms(dispatcher);
    dispatcher->timer_ms = deadline_ms;
    uv_timer_start(&dispatcher->timer, on_timer, deadline_ms > now ? deadline_ms - now : 0, 0);
}

static void close_connection(struct dispatcher *dispatcher, struct connection *connection,
                             const struct hub_action *action) {
    const struct transport *transport = transport_of(dispatcher, connection);
    connection->open = false;
    rate_limits_withdraw(dispatcher->limits, &connection->quota);
    transport->close(transport->user, connection, action->close_code, action->error);
}

static void send_message(struct dispatcher *dispatcher, struct connection *connection,
                         const struct hub_action *action) {
    const struct transport *transport = transport_of(dispatcher, connection);
    struct metrics *metrics = &dispatcher->metrics;
    transport->send(transport->user, connection, action->bytes, action->from);
    metrics->sent[action->type]++;
    metrics->sent_bytes += action->bytes.len;
    if (!metrics->timed)
        return;
    if (action->type == WIRE_WELCOME)
        metrics_observe(&metrics->join, 1000 * (uint64_t)(now_us() - connection->connected_us));
    else if (action->from != HUB_NOBODY && dispatcher->received_ns != 0)
        metrics_observe(&metrics->relay, uv_hrtime() - dispatcher->received_ns);
}

/* When somebody leaves, the hub no longer knows the connection, but we still do. */
static void take_note(struct dispatcher *dispatcher, const struct hub_action *action) {
    const struct connection *connection = action->transport;
    if (connection == NULL && dispatcher->leaving != NULL &&
        dispatcher->leaving->handle == action->to)
        connection = dispatcher->leaving;
    if (action->note == HUB_NOTE_REFUSED)
        dispatcher->metrics.refusals[action->error]++;
    event_log_note(dispatcher_now_ms(dispatcher), action, connection == NULL ? 0 : connection->id,
                   connection == NULL ? NULL : transport_names[connection->kind]);
}

static void carry_out(struct dispatcher *dispatcher, const struct hub_action *action) {
    struct connection *connection = action->transport;
    switch (action->kind) {
    case HUB_SEND:
        if (connection->open)
            send_message(dispatcher, connection, action);
        break;
    case HUB_CLOSE:
        if (connection->open)
            close_connection(dispatcher, connection, action);
        break;
    case HUB_NOTE:
        take_note(dispatcher, action);
        break;
    }
}

static void carry_out_all(struct dispatcher *dispatcher) {
    struct hub_action action;
    while (hub_next_action(dispatcher->hub, &action))
        carry_out(dispatcher, &action);
    for (size_t i = 0; i < TRANSPORT_KINDS; i++) {
        if (dispatcher->transports[i].flush != NULL)
            dispatcher->transports[i].flush(dispatcher->transports[i].user);
    }
}

/* After every input. Dropping a slow member is an input itself and tells its room, in which
 * others may turn out to be slow. */
static void finish_input(struct dispatcher *dispatcher) {
    carry_out_all(dispatcher);
    while (dispatcher->slow != NULL) {
        struct connection *connection = dispatcher->slow;
        const struct transport *transport = transport_of(dispatcher, connection);
        dispatcher->slow = connection->next_slow;
        if (!connection->open)
            continue;
        transport->clear(transport->user, connection);
        hub_violation(dispatcher->hub, dispatcher_now_ms(dispatcher), connection->handle,
                      WIRE_ERROR_TOO_SLOW);
        carry_out_all(dispatcher);
    }
    set_timer(dispatcher);
}

void dispatcher_no_room(struct dispatcher *dispatcher, struct connection *connection,
                        uint32_t from) {
    if (from != FRAME_FROM_NOBODY)
        dispatcher->metrics.dropped_messages++;
    if (from != FRAME_FROM_NOBODY || connection->slow)
        return;
    connection->slow = true;
    connection->next_slow = dispatcher->slow;
    dispatcher->slow = connection;
}

size_t dispatcher_queue_bytes_max(const struct dispatcher *dispatcher, uint32_t from) {
    bool scarce = dispatcher->queued.bytes > DISPATCHER_QUEUED_IN_ALL_MAX;
    size_t bytes_max = scarce ? DISPATCHER_SCARCE_BYTES_MAX
                              : (size_t)dispatcher->config->member_queue_kilobytes * 1024;
    return from == FRAME_FROM_NOBODY ? bytes_max : bytes_max / 2; /* room for the server's own */
}

int dispatcher_refuse(struct dispatcher *dispatcher, enum wire_error error, struct buffer *out) {
    const struct wire_message message = wire_error_message(error);
    dispatcher->metrics.refusals[error]++;
    log_refusal(dispatcher_now_ms(dispatcher), wire_error_code(error), slice_of(""), 0);
    return wire_write(&message, WIRE_TO_PAGE, out);
}

/* --- inputs ----------------------------------------------------------------------------------- */

/* The page reaches our STUN server under the name by which it reached us. Without memory, or if the
 * header is not a host, it is not offered. */
static void offer_stun(struct dispatcher *dispatcher, struct connection *connection,
                       struct slice host) {
    char url[STUN_OFFER_BYTES_MAX];
    if (stun_offer_write(dispatcher->stun, host, url))
        hub_set_stun(dispatcher->hub, connection->handle, slice_of(url));
}

static bool enter_hub(struct dispatcher *dispatcher, struct connection *connection,
                      const struct ip *client, struct slice host) {
    uint8_t random[HUB_RANDOM_BYTES];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    int err = hub_connect(dispatcher->hub, dispatcher_now_ms(dispatcher), connection, random,
                          &connection->handle);
    if (err == PARLEY_OK) {
        hub_set_address_key(dispatcher->hub, connection->handle,
                            address_key_of(&dispatcher->address_key_secret, client));
        offer_stun(dispatcher, connection, host);
    }
    finish_input(dispatcher);
    return err == PARLEY_OK;
}

/* 0 is none. */
static uint32_t next_id(struct dispatcher *dispatcher) {
    dispatcher->last_id += dispatcher->last_id == UINT32_MAX ? 2 : 1;
    return dispatcher->last_id;
}

static struct connection *connection_of_quota(struct rate_limits_quota *quota) {
    return CHAIN_OWNER(quota, struct connection, quota);
}

/* A newcomer goes before a connection that only holds a place. */
static enum wire_error admit_client(struct dispatcher *dispatcher, const struct ip *client,
                                    struct rate_limits_quota *quota) {
    uint64_t now_ms = dispatcher_now_ms(dispatcher);
    enum wire_error error = rate_limits_admit(dispatcher->limits, now_ms, client, quota);
    struct rate_limits_quota *silent = error == WIRE_ERROR_ADDRESS_FULL
                                           ? rate_limits_longest_silent(dispatcher->limits, client)
                                           : NULL;
    if (silent == NULL)
        return error;
    rate_limits_dismiss(dispatcher->limits, now_ms, silent);
    dispatcher_violate(dispatcher, connection_of_quota(silent), WIRE_ERROR_JOIN_TIMEOUT);
    return rate_limits_admit(dispatcher->limits, now_ms, client, quota);
}

enum wire_error dispatcher_connect(struct dispatcher *dispatcher, struct connection *connection,
                                   enum transport_kind kind, const struct ip *client,
                                   struct slice host) {
    uint64_t now_ms = dispatcher_now_ms(dispatcher);
    *connection = (struct connection){.kind = (uint8_t)kind,
                                      .id = next_id(dispatcher),
                                      .connected_us = dispatcher->metrics.timed ? now_us() : 0};
    enum wire_error error = admit_client(dispatcher, client, &connection->quota);
    if (error != WIRE_ERROR_COUNT)
        return error;
    if (!enter_hub(dispatcher, connection, client, host)) {
        rate_limits_dismiss(dispatcher->limits, now_ms, &connection->quota);
        return WIRE_ERROR_SERVER_FULL;
    }
    connection->in_hub = connection->open = connection->watched = true;
    dispatcher->in_hub[kind]++;
    liveness_add(&dispatcher->liveness, &connection->liveness, now_ms);
    set_timer(dispatcher);
    return WIRE_ERROR_COUNT;
}

static void violate(struct dispatcher *dispatcher, const struct connection *connection,
                    enum wire_error error) {
    hub_violation(dispatcher->hub, dispatcher_now_ms(dispatcher), connection->handle, error);
}

static void hold(struct dispatcher *dispatcher, struct connection *connection,
                 struct slice message) {
    if (connection->held == NULL)
        connection->held = calloc(1, sizeof *connection->held);
    if (connection->held != NULL)
        connection->held->total = &dispatcher->queued;
    if (connection->held == NULL ||
        frame_queue_add(connection->held, message, DISPATCHER_HELD_BYTES_MAX, FRAME_FROM_NOBODY) !=
            PARLEY_OK)
        violate(dispatcher, connection, WIRE_ERROR_TOO_FAST);
}

static void forget_held(struct connection *connection) {
    if (connection->held != NULL)
        frame_queue_clear(connection->held);
    free(connection->held);
    connection->held = NULL;
}

/* |verdict| is that of the rate limits on |message|. Members who come back do not wait. */
static void hear(struct dispatcher *dispatcher, struct connection *connection,
                 enum rate_limits_verdict verdict, struct slice message) {
    uint64_t now_ms = dispatcher_now_ms(dispatcher);
    if (verdict != RATE_LIMITS_NOW && connection->held == NULL &&
        hub_returns(dispatcher->hub, now_ms, message)) {
        rate_limits_pass(dispatcher->limits, &connection->quota);
        verdict = RATE_LIMITS_NOW;
    }
    switch (verdict) {
    case RATE_LIMITS_NOW:
        hub_receive(dispatcher->hub, now_ms, connection->handle, message);
        break;
    case RATE_LIMITS_LATER:
        hold(dispatcher, connection, message);
        break;
    case RATE_LIMITS_NEVER:
        violate(dispatcher, connection, WIRE_ERROR_TOO_MANY_JOINS);
        break;
    }
}

void dispatcher_receive(struct dispatcher *dispatcher, struct connection *connection,
                        struct slice message) {
    uint64_t now_ms = dispatcher_now_ms(dispatcher);
    PARLEY_CHECK(connection->open);
    dispatcher->metrics.received_bytes += message.len;
    dispatcher->received_ns = dispatcher->metrics.timed ? uv_hrtime() : 0;
    if (dispatcher->turn.url_count > 0)
        dispatcher->turn.unix_s = (uint64_t)time(NULL);
    if (rate_limits_allows_message(dispatcher->limits, now_ms, &connection->quota))
        hear(dispatcher, connection,
             rate_limits_speak(dispatcher->limits, now_ms, &connection->quota), message);
    else
        violate(dispatcher, connection, WIRE_ERROR_TOO_FAST);
    finish_input(dispatcher);
    dispatcher->received_ns = 0;
}

bool dispatcher_is_waiting(const struct connection *connection) {
    return rate_limits_is_waiting(&connection->quota);
}

/* Its turn has come. */
static void hear_held(struct dispatcher *dispatcher, struct connection *connection) {
    struct frame_queue held = *connection->held;
    struct frame *frame;
    free(connection->held);
    connection->held = NULL;
    while ((frame = frame_queue_take(&held)) != NULL) {
        if (connection->open)
            hub_receive(dispatcher->hub, dispatcher_now_ms(dispatcher), connection->handle,
                        (struct slice){frame->bytes, frame->len});
        finish_input(dispatcher);
        free(frame);
    }
}

void dispatcher_violate(struct dispatcher *dispatcher, struct connection *connection,
                        enum wire_error error) {
    PARLEY_CHECK(connection->open);
    violate(dispatcher, connection, error);
    finish_input(dispatcher);
}

void dispatcher_heard(struct dispatcher *dispatcher, struct connection *connection) {
    if (connection->watched)
        liveness_heard(&dispatcher->liveness, &connection->liveness, dispatcher_now_ms(dispatcher));
}

void dispatcher_unwatch(struct dispatcher *dispatcher, struct connection *connection) {
    if (connection->watched)
        liveness_remove(&dispatcher->liveness, &connection->liveness);
    connection->watched = false;
}

void dispatcher_leave(struct dispatcher *dispatcher, struct connection *connection) {
    dispatcher_unwatch(dispatcher, connection);
    connection->open = false;
    forget_held(connection);
    if (!connection->in_hub)
        return;
    connection->in_hub = false;
    dispatcher->in_hub[connection->kind]--;
    rate_limits_dismiss(dispatcher->limits, dispatcher_now_ms(dispatcher), &connection->quota);
    dispatcher->leaving = connection;
    hub_disconnect(dispatcher->hub, dispatcher_now_ms(dispatcher), connection->handle);
    finish_input(dispatcher);
    dispatcher->leaving = NULL;
}

/* --- time ------------------------------------------------------------------------------------- */

static struct connection *connection_of(struct liveness_entry *entry) {
    return CHAIN_OWNER(entry, struct connection, liveness);
}

static void give_up(struct dispatcher *dispatcher, struct connection *connection) {
    const struct transport *transport = transport_of(dispatcher, connection);
    connection->watched = false;
    if (connection->open) {
        event_log_silence(dispatcher_now_ms(dispatcher), connection->id,
                          2 * (uint64_t)dispatcher->config->ping_seconds);
    }
    dispatcher_leave(dispatcher, connection);
    transport->give_up(transport->user, connection);
}

static void hear_those_who_waited(struct dispatcher *dispatcher) {
    struct rate_limits_quota *quota;
    if (dispatcher->turn.url_count > 0)
        dispatcher->turn.unix_s = (uint64_t)time(NULL);
    while ((quota = rate_limits_next(dispatcher->limits, dispatcher_now_ms(dispatcher))) != NULL)
        hear_held(dispatcher, connection_of_quota(quota));
}

static void on_timer(uv_timer_t *timer) {
    struct dispatcher *dispatcher = timer->data;
    struct liveness_entry *entry;
    enum liveness_verdict verdict;
    dispatcher->timer_ms = UINT64_MAX;
    hub_tick(dispatcher->hub, dispatcher_now_ms(dispatcher));
    finish_input(dispatcher);
    hear_those_who_waited(dispatcher);
    while ((entry = liveness_next_due(&dispatcher->liveness, dispatcher_now_ms(dispatcher),
                                      &verdict))) {
        struct connection *connection = connection_of(entry);
        const struct transport *transport = transport_of(dispatcher, connection);
        switch (verdict) {
        case LIVENESS_PING:
            transport->ping(transport->user, connection);
            break;
        case LIVENESS_DEAD:
            give_up(dispatcher, connection);
            break;
        }
    }
    set_timer(dispatcher);
    workaround_see_timeouts(dispatcher->context);
}

/* --- life ------------------------------------------------------------------------------------- */

void dispatcher_set_turn_secret(struct dispatcher *dispatcher, struct slice secret) {
    dispatcher->turn.secret = secret;
    if (secret.len > 0)
        address_key_derive_secret(&dispatcher->address_key_secret, secret);
}

/* Without a secret nobody else need know the keys. */
static int make_address_key_secret(struct dispatcher *dispatcher, struct slice turn_secret) {
    struct address_key_secret *secret = &dispatcher->address_key_secret;
    if (getrandom(secret->bytes, sizeof secret->bytes, 0) != (ssize_t)sizeof secret->bytes)
        return PARLEY_ERR_STATE;
    dispatcher_set_turn_secret(dispatcher, turn_secret);
    return PARLEY_OK;
}

int dispatcher_init(struct dispatcher *dispatcher, const struct config *config,
                    struct slice turn_secret, struct rate_limits *limits, uv_loop_t *loop) {
    *dispatcher = (struct dispatcher){.config = config,
                                      .loop = loop,
                                      .limits = limits,
                                      .timer_ms = UINT64_MAX,
                                      .metrics = {.timed = config->metrics_host[0] != '\0'},
                                      .turn = {.urls = config->turn_urls,
                                               .url_count = config->turn_url_count,
                                               .seconds = config->turn_seconds}};
    const struct hub_config hub_config = {.connections_max = config->connections_max,
                                          .rooms_max = config->rooms_max,
                                          .room_members_max = config->room_members_max,
                                          .join_timeout_ms = DISPATCHER_JOIN_TIMEOUT_MS,
                                          .grace_ms = config->grace_seconds * 1000,
                                          .relay = config->relay,
                                          .trace = log_enabled(LOG_LEVEL_DEBUG),
                                          .ice_servers = config->ice_servers,
                                          .ice_server_count = config->ice_server_count,
                                          .turn = &dispatcher->turn};
    int err = make_address_key_secret(dispatcher, turn_secret);
    if (err == PARLEY_OK)
        err = hub_create(&dispatcher->hub, &hub_config);
    if (err != PARLEY_OK)
        return err;
    liveness_init(&dispatcher->liveness, (uint64_t)config->ping_seconds * 1000);
    uv_timer_init(loop, &dispatcher->timer);
    dispatcher->timer.data = dispatcher;
    return PARLEY_OK;
}

void dispatcher_deinit(struct dispatcher *dispatcher) {
    uv_close((uv_handle_t *)&dispatcher->timer, NULL);
    hub_destroy(dispatcher->hub);
}

void dispatcher_count(struct dispatcher *dispatcher) {
    dispatcher->connections++;
}

void dispatcher_uncount(struct dispatcher *dispatcher) {
    dispatcher->connections--;
    if (dispatcher->on_empty != NULL && dispatcher->connections == 0)
        dispatcher->on_empty(dispatcher->user);
}

void dispatcher_drain(struct dispatcher *dispatcher, uint64_t duration_ms,
                      void (*on_empty)(void *user), void *user) {
    dispatcher->on_empty = on_empty;
    dispatcher->user = user;
    hub_drain(dispatcher->hub, dispatcher_now_ms(dispatcher), duration_ms);
    finish_input(dispatcher);
    if (dispatcher->connections == 0)
        on_empty(user);
}

void dispatcher_shut_down(struct dispatcher *dispatcher, void (*on_empty)(void *user), void *user) {
    dispatcher->shutting_down = true;
    dispatcher->on_empty = on_empty;
    dispatcher->user = user;
    uv_timer_stop(&dispatcher->timer); /* the server has a deadline of its own now */
    hub_shut_down(dispatcher->hub, dispatcher_now_ms(dispatcher));
    finish_input(dispatcher);
    workaround_see_timeouts(dispatcher->context);
    if (dispatcher->connections == 0)
        on_empty(user);
}
