#define _GNU_SOURCE /* libwebsockets.h, getrandom */
#include "exchange.h"

#include "error.h"
#include "event_log.h"
#include "log.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static const char *const transport_names[TRANSPORT_KINDS] = {
    [TRANSPORT_WEBSOCKET] = "websocket", [TRANSPORT_POLLING] = "polling"};

_Static_assert(HUB_NOBODY == FRAME_FROM_NOBODY, "an action's sender is a frame's");

uint64_t exchange_now_ms(const struct exchange *exchange) {
    return uv_now(exchange->loop);
}

/* Goes round every 71 minutes; a join takes 30 seconds at most. */
static uint32_t now_us(void) {
    return (uint32_t)(uv_hrtime() / 1000);
}

/* --- actions ---------------------------------------------------------------------------------- */

static const struct transport *transport_of(const struct exchange *exchange,
                                            const struct connection *connection) {
    return &exchange->transports[connection->kind];
}

static void on_timer(uv_timer_t *timer);

/* The timer may be early, never late: moving it for every message would cost more than a turn. */
static void set_timer(struct exchange *exchange) {
    uint64_t deadline_ms = hub_deadline_ms(exchange->hub);
    uint64_t liveness_ms = liveness_deadline_ms(&exchange->liveness);
    uint64_t limits_ms = rate_limits_deadline_ms(exchange->limits);
    if (liveness_ms < deadline_ms)
        deadline_ms = liveness_ms;
    if (limits_ms < deadline_ms)
        deadline_ms = limits_ms;
    if (deadline_ms >= exchange->timer_ms || exchange->shutting_down)
        return;
    uint64_t now = exchange_now_ms(exchange);
    exchange->timer_ms = deadline_ms;
    uv_timer_start(&exchange->timer, on_timer, deadline_ms > now ? deadline_ms - now : 0, 0);
}

static void close_connection(struct exchange *exchange, struct connection *connection,
                             const struct hub_action *action) {
    const struct transport *transport = transport_of(exchange, connection);
    connection->open = false;
    rate_limits_withdraw(exchange->limits, &connection->quota);
    transport->close(transport->user, connection, action->close_code, action->error);
}

static void send_message(struct exchange *exchange, struct connection *connection,
                         const struct hub_action *action) {
    const struct transport *transport = transport_of(exchange, connection);
    struct metrics *metrics = &exchange->metrics;
    transport->send(transport->user, connection, action->bytes, action->from);
    metrics->sent[action->type]++;
    metrics->sent_bytes += action->bytes.len;
    if (!metrics->timed)
        return;
    if (action->type == WIRE_WELCOME)
        metrics_observe(&metrics->join, 1000 * (uint64_t)(now_us() - connection->connected_us));
    else if (action->from != HUB_NOBODY && exchange->received_ns != 0)
        metrics_observe(&metrics->relay, uv_hrtime() - exchange->received_ns);
}

/* Of whoever leaves at this moment the hub has no connection any more, and we still do. */
static void take_note(struct exchange *exchange, const struct hub_action *action) {
    const struct connection *connection = action->transport;
    if (connection == NULL && exchange->leaving != NULL && exchange->leaving->handle == action->to)
        connection = exchange->leaving;
    if (action->note == HUB_NOTE_REFUSED)
        exchange->metrics.refusals[action->error]++;
    event_log_note(exchange_now_ms(exchange), action, connection == NULL ? 0 : connection->id,
                   connection == NULL ? NULL : transport_names[connection->kind]);
}

static void carry_out(struct exchange *exchange, const struct hub_action *action) {
    struct connection *connection = action->transport;
    switch (action->kind) {
    case HUB_SEND:
        if (connection->open)
            send_message(exchange, connection, action);
        break;
    case HUB_CLOSE:
        if (connection->open)
            close_connection(exchange, connection, action);
        break;
    case HUB_NOTE:
        take_note(exchange, action);
        break;
    }
}

static void carry_out_all(struct exchange *exchange) {
    struct hub_action action;
    while (hub_next_action(exchange->hub, &action))
        carry_out(exchange, &action);
    for (size_t i = 0; i < TRANSPORT_KINDS; i++) {
        if (exchange->transports[i].flush != NULL)
            exchange->transports[i].flush(exchange->transports[i].user);
    }
}

/* After every input. Dropping a slow member is an input itself and tells its room, in which
 * others may turn out to be slow. */
static void finish_input(struct exchange *exchange) {
    carry_out_all(exchange);
    while (exchange->slow != NULL) {
        struct connection *connection = exchange->slow;
        const struct transport *transport = transport_of(exchange, connection);
        exchange->slow = connection->next_slow;
        if (!connection->open)
            continue;
        transport->clear(transport->user, connection);
        hub_violation(exchange->hub, exchange_now_ms(exchange), connection->handle,
                      WIRE_ERROR_TOO_SLOW);
        carry_out_all(exchange);
    }
    set_timer(exchange);
}

void exchange_no_room(struct exchange *exchange, struct connection *connection, uint32_t from) {
    if (from != FRAME_FROM_NOBODY)
        exchange->metrics.dropped_messages++;
    if (from != FRAME_FROM_NOBODY || connection->slow)
        return;
    connection->slow = true;
    connection->next_slow = exchange->slow;
    exchange->slow = connection;
}

size_t exchange_queue_bytes_max(const struct exchange *exchange, uint32_t from) {
    bool scarce = exchange->queued.bytes > EXCHANGE_QUEUED_IN_ALL_MAX;
    size_t bytes_max = scarce ? EXCHANGE_SCARCE_BYTES_MAX
                              : (size_t)exchange->config->member_queue_kilobytes * 1024;
    return from == FRAME_FROM_NOBODY ? bytes_max : bytes_max / 2; /* room for the server's own */
}

int exchange_refuse(struct exchange *exchange, enum wire_error error, struct buffer *out) {
    const struct wire_message message = {.type = WIRE_ERROR, .error = error};
    exchange->metrics.refusals[error]++;
    log_refusal(exchange_now_ms(exchange), wire_error_code(error), slice_of(""), 0);
    return wire_write(&message, WIRE_TO_PAGE, out);
}

/* --- inputs ----------------------------------------------------------------------------------- */

/* Where the page found us it finds our STUN server. Without memory, or where the header is no host,
 * it is not offered. */
static void offer_stun(struct exchange *exchange, struct connection *connection,
                       struct slice host) {
    char url[STUN_OFFER_BYTES_MAX];
    if (stun_offer_write(exchange->stun, host, url))
        hub_set_stun(exchange->hub, connection->handle, slice_of(url));
}

static bool enter_hub(struct exchange *exchange, struct connection *connection,
                      const struct ip *client, struct slice host) {
    uint8_t random[HUB_RANDOM_BYTES];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return false;
    int err = hub_connect(exchange->hub, exchange_now_ms(exchange), connection, random,
                          &connection->handle);
    if (err == PARLEY_OK) {
        hub_set_address_key(exchange->hub, connection->handle,
                            address_key_of(&exchange->address_key_secret, client));
        offer_stun(exchange, connection, host);
    }
    finish_input(exchange);
    return err == PARLEY_OK;
}

/* 0 is none. */
static uint32_t next_id(struct exchange *exchange) {
    exchange->last_id += exchange->last_id == UINT32_MAX ? 2 : 1;
    return exchange->last_id;
}

static struct connection *connection_of_quota(struct rate_limits_quota *quota) {
    return CHAIN_OWNER(quota, struct connection, quota);
}

/* A newcomer goes before a connection that only holds a place. */
static enum wire_error admit(struct exchange *exchange, const struct ip *client,
                             struct rate_limits_quota *quota) {
    uint64_t now_ms = exchange_now_ms(exchange);
    enum wire_error error = rate_limits_admit(exchange->limits, now_ms, client, quota);
    struct rate_limits_quota *silent = error == WIRE_ERROR_ADDRESS_FULL
                                           ? rate_limits_longest_silent(exchange->limits, client)
                                           : NULL;
    if (silent == NULL)
        return error;
    rate_limits_dismiss(exchange->limits, now_ms, silent);
    exchange_violate(exchange, connection_of_quota(silent), WIRE_ERROR_JOIN_TIMEOUT);
    return rate_limits_admit(exchange->limits, now_ms, client, quota);
}

enum wire_error exchange_connect(struct exchange *exchange, struct connection *connection,
                                 enum transport_kind kind, const struct ip *client,
                                 struct slice host) {
    uint64_t now_ms = exchange_now_ms(exchange);
    *connection = (struct connection){.kind = (uint8_t)kind,
                                      .id = next_id(exchange),
                                      .connected_us = exchange->metrics.timed ? now_us() : 0};
    enum wire_error error = admit(exchange, client, &connection->quota);
    if (error != WIRE_ERROR_COUNT)
        return error;
    if (!enter_hub(exchange, connection, client, host)) {
        rate_limits_dismiss(exchange->limits, now_ms, &connection->quota);
        return WIRE_ERROR_SERVER_FULL;
    }
    connection->in_hub = connection->open = connection->watched = true;
    exchange->in_hub[kind]++;
    liveness_add(&exchange->liveness, &connection->liveness, now_ms);
    set_timer(exchange);
    return WIRE_ERROR_COUNT;
}

static void violate(struct exchange *exchange, const struct connection *connection,
                    enum wire_error error) {
    hub_violation(exchange->hub, exchange_now_ms(exchange), connection->handle, error);
}

static void hold(struct exchange *exchange, struct connection *connection, struct slice message) {
    if (connection->held == NULL)
        connection->held = calloc(1, sizeof *connection->held);
    if (connection->held != NULL)
        connection->held->total = &exchange->queued;
    if (connection->held == NULL ||
        frame_queue_add(connection->held, message, EXCHANGE_HELD_BYTES_MAX, FRAME_FROM_NOBODY) !=
            PARLEY_OK)
        violate(exchange, connection, WIRE_ERROR_TOO_FAST);
}

static void forget_held(struct connection *connection) {
    if (connection->held != NULL)
        frame_queue_clear(connection->held);
    free(connection->held);
    connection->held = NULL;
}

/* |turn| of one that says |message|. Members who come back do not wait. */
static void hear(struct exchange *exchange, struct connection *connection,
                 enum rate_limits_verdict turn, struct slice message) {
    uint64_t now_ms = exchange_now_ms(exchange);
    if (turn != RATE_LIMITS_NOW && connection->held == NULL &&
        hub_returns(exchange->hub, now_ms, message)) {
        rate_limits_pass(exchange->limits, &connection->quota);
        turn = RATE_LIMITS_NOW;
    }
    switch (turn) {
    case RATE_LIMITS_NOW:
        hub_receive(exchange->hub, now_ms, connection->handle, message);
        break;
    case RATE_LIMITS_LATER:
        hold(exchange, connection, message);
        break;
    case RATE_LIMITS_NEVER:
        violate(exchange, connection, WIRE_ERROR_TOO_MANY_JOINS);
        break;
    }
}

void exchange_receive(struct exchange *exchange, struct connection *connection,
                      struct slice message) {
    uint64_t now_ms = exchange_now_ms(exchange);
    PARLEY_CHECK(connection->open);
    exchange->metrics.received_bytes += message.len;
    exchange->received_ns = exchange->metrics.timed ? uv_hrtime() : 0;
    if (exchange->turn.url_count > 0)
        exchange->turn.unix_s = (uint64_t)time(NULL);
    if (rate_limits_allows_message(exchange->limits, now_ms, &connection->quota))
        hear(exchange, connection, rate_limits_speak(exchange->limits, now_ms, &connection->quota),
             message);
    else
        violate(exchange, connection, WIRE_ERROR_TOO_FAST);
    finish_input(exchange);
    exchange->received_ns = 0;
}

bool exchange_is_waiting(const struct connection *connection) {
    return rate_limits_is_waiting(&connection->quota);
}

/* Its turn has come. */
static void hear_held(struct exchange *exchange, struct connection *connection) {
    struct frame_queue held = *connection->held;
    struct frame *frame;
    free(connection->held);
    connection->held = NULL;
    while ((frame = frame_queue_take(&held)) != NULL) {
        if (connection->open)
            hub_receive(exchange->hub, exchange_now_ms(exchange), connection->handle,
                        (struct slice){frame->bytes, frame->len});
        finish_input(exchange);
        free(frame);
    }
}

void exchange_violate(struct exchange *exchange, struct connection *connection,
                      enum wire_error error) {
    PARLEY_CHECK(connection->open);
    violate(exchange, connection, error);
    finish_input(exchange);
}

void exchange_heard(struct exchange *exchange, struct connection *connection) {
    if (connection->watched)
        liveness_heard(&exchange->liveness, &connection->liveness, exchange_now_ms(exchange));
}

void exchange_unwatch(struct exchange *exchange, struct connection *connection) {
    if (connection->watched)
        liveness_remove(&exchange->liveness, &connection->liveness);
    connection->watched = false;
}

void exchange_leave(struct exchange *exchange, struct connection *connection) {
    exchange_unwatch(exchange, connection);
    connection->open = false;
    forget_held(connection);
    if (!connection->in_hub)
        return;
    connection->in_hub = false;
    exchange->in_hub[connection->kind]--;
    rate_limits_dismiss(exchange->limits, exchange_now_ms(exchange), &connection->quota);
    exchange->leaving = connection;
    hub_disconnect(exchange->hub, exchange_now_ms(exchange), connection->handle);
    finish_input(exchange);
    exchange->leaving = NULL;
}

/* --- time ------------------------------------------------------------------------------------- */

static struct connection *connection_of(struct liveness_entry *entry) {
    return CHAIN_OWNER(entry, struct connection, liveness);
}

static void give_up(struct exchange *exchange, struct connection *connection) {
    const struct transport *transport = transport_of(exchange, connection);
    connection->watched = false;
    if (connection->open) {
        event_log_silence(exchange_now_ms(exchange), connection->id,
                          2 * (uint64_t)exchange->config->ping_seconds);
    }
    exchange_leave(exchange, connection);
    transport->give_up(transport->user, connection);
}

static void hear_those_who_waited(struct exchange *exchange) {
    struct rate_limits_quota *quota;
    if (exchange->turn.url_count > 0)
        exchange->turn.unix_s = (uint64_t)time(NULL);
    while ((quota = rate_limits_next(exchange->limits, exchange_now_ms(exchange))) != NULL)
        hear_held(exchange, connection_of_quota(quota));
}

static void on_timer(uv_timer_t *timer) {
    struct exchange *exchange = timer->data;
    struct liveness_entry *entry;
    enum liveness_verdict verdict;
    exchange->timer_ms = UINT64_MAX;
    hub_tick(exchange->hub, exchange_now_ms(exchange));
    finish_input(exchange);
    hear_those_who_waited(exchange);
    while ((entry = liveness_next_due(&exchange->liveness, exchange_now_ms(exchange), &verdict))) {
        struct connection *connection = connection_of(entry);
        const struct transport *transport = transport_of(exchange, connection);
        if (verdict == LIVENESS_PING)
            transport->ping(transport->user, connection);
        else
            give_up(exchange, connection);
    }
    set_timer(exchange);
    lws_cancel_service(exchange->context); /* or it would not see the timeouts set here */
}

/* --- life ------------------------------------------------------------------------------------- */

void exchange_set_turn_secret(struct exchange *exchange, struct slice secret) {
    exchange->turn.secret = secret;
    if (secret.len > 0)
        address_key_derive_secret(&exchange->address_key_secret, secret);
}

/* Without a secret nobody else need know the keys. */
static int make_address_key_secret(struct exchange *exchange, struct slice turn_secret) {
    struct address_key_secret *secret = &exchange->address_key_secret;
    if (getrandom(secret->bytes, sizeof secret->bytes, 0) != (ssize_t)sizeof secret->bytes)
        return PARLEY_ERR_STATE;
    exchange_set_turn_secret(exchange, turn_secret);
    return PARLEY_OK;
}

int exchange_init(struct exchange *exchange, const struct config *config, struct slice turn_secret,
                  struct rate_limits *limits, uv_loop_t *loop) {
    *exchange = (struct exchange){.config = config,
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
                                          .join_timeout_ms = EXCHANGE_JOIN_TIMEOUT_MS,
                                          .grace_ms = config->grace_seconds * 1000,
                                          .trace = log_enabled(LOG_LEVEL_DEBUG),
                                          .ice_servers = config->ice_servers,
                                          .ice_server_count = config->ice_server_count,
                                          .turn = &exchange->turn};
    int err = make_address_key_secret(exchange, turn_secret);
    if (err == PARLEY_OK)
        err = hub_create(&exchange->hub, &hub_config);
    if (err != PARLEY_OK)
        return err;
    liveness_init(&exchange->liveness, (uint64_t)config->ping_seconds * 1000);
    uv_timer_init(loop, &exchange->timer);
    exchange->timer.data = exchange;
    return PARLEY_OK;
}

void exchange_deinit(struct exchange *exchange) {
    uv_close((uv_handle_t *)&exchange->timer, NULL);
    hub_destroy(exchange->hub);
}

void exchange_count(struct exchange *exchange) {
    exchange->connections++;
}

void exchange_uncount(struct exchange *exchange) {
    exchange->connections--;
    if (exchange->on_empty != NULL && exchange->connections == 0)
        exchange->on_empty(exchange->user);
}

void exchange_drain(struct exchange *exchange, uint64_t duration_ms, void (*on_empty)(void *user),
                    void *user) {
    exchange->on_empty = on_empty;
    exchange->user = user;
    hub_drain(exchange->hub, exchange_now_ms(exchange), duration_ms);
    finish_input(exchange);
    if (exchange->connections == 0)
        on_empty(user);
}

void exchange_shut_down(struct exchange *exchange, void (*on_empty)(void *user), void *user) {
    exchange->shutting_down = true;
    exchange->on_empty = on_empty;
    exchange->user = user;
    uv_timer_stop(&exchange->timer); /* the server has a deadline of its own now */
    hub_shut_down(exchange->hub, exchange_now_ms(exchange));
    finish_input(exchange);
    lws_cancel_service(exchange->context);
    if (exchange->connections == 0)
        on_empty(user);
}
