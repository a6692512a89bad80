#include "host.h"

#include "error.h"
#include "id.h"
#include "sim.h"

#include <stdlib.h>

#define RELAY_DROP_PERCENT 2
#define RELAY_CALM_MS                                                                              \
    60000 /* at the end none is dropped: a page that has just lost one is judged */
#define RETRY_MAX_MS 2000
#define DIAL_AGAIN_MS 1000
#define CLOSED_ABNORMALLY 1006 /* RFC 6455, 7.4.1 */

static void drain(struct sim *sim);
static void arm(struct sim *sim);

/* Transit to the page */

static void pump_down(struct sim *sim, void *object, uint32_t serial);

static bool may_go_down(const struct socket *socket) {
    return !socket->lost && !socket->page->down_cut && !socket->page->asleep;
}

static bool may_go_up(const struct socket *socket) {
    return !socket->lost && !socket->page->up_cut && !socket->page->asleep;
}

static uint64_t arrival_ms(const struct socket *socket) {
    return socket->page->sim->now_ms + page_delay(socket->page);
}

static void schedule_down(struct socket *socket, uint64_t at_ms) {
    struct sim *sim = socket->page->sim;
    queue_push(&sim->queue, at_ms > sim->now_ms ? at_ms : sim->now_ms, pump_down, socket,
               ++socket->down.serial);
}

static void put_down(struct socket *socket, enum parcel_kind kind, uint32_t code,
                     struct slice bytes) {
    bool idle = !socket->down.first;
    if (socket->polled)
        http_put_down(socket, kind, code, bytes);
    if (socket->polled || socket->lost)
        return;
    stream_put(&socket->down, arrival_ms(socket), kind, code, bytes);
    if (idle)
        schedule_down(socket, socket->down.first->at_ms);
}

static void hand_down(struct socket *socket, const struct parcel *parcel) {
    struct page *page = socket->page;
    struct event event = {.kind = parcel->kind == PARCEL_MESSAGE  ? EVENT_SERVER_MESSAGE
                                  : parcel->kind == PARCEL_OPENED ? EVENT_SERVER_OPENED
                                                                  : EVENT_SERVER_CLOSED,
                          .a = parcel_bytes(parcel)};
    if (parcel->kind == PARCEL_CLOSED)
        socket->let_go = true;
    page_hand_in(page, socket, &event);
}

static void pump_down(struct sim *sim, void *object, uint32_t serial) {
    struct socket *socket = object;
    if (serial != socket->down.serial)
        return;
    while (socket->down.first && socket->down.first->at_ms <= sim->now_ms) {
        if (socket->let_go || socket->life != socket->page->life) {
            stream_clear(&socket->down);
            return;
        }
        if (!may_go_down(socket)) {
            schedule_down(socket, stream_stall(&socket->down, sim->now_ms, RETRY_MAX_MS));
            return;
        }
        struct parcel *parcel = stream_take(&socket->down);
        hand_down(socket, parcel);
        stream_free(parcel);
    }
    if (socket->down.first)
        schedule_down(socket, socket->down.first->at_ms);
}

/* The server's side of a socket */

void host_forget(struct socket *socket) {
    struct sim *sim = socket->page->sim;
    if (!socket->at_hub)
        return;
    socket->at_hub = false;
    sim->host.connected--;
    if (socket->page->watch.hub_socket == socket)
        check_absent(socket->page);
    if (sim->host.hub) {
        hub_disconnect(sim->host.hub, sim->now_ms, socket->handle);
        drain(sim);
    }
}

static void end_at_server(struct sim *sim, void *object, uint32_t serial) {
    struct socket *socket = object;
    (void)sim;
    (void)serial;
    host_forget(socket);
}

void host_send(struct socket *socket, struct slice bytes) {
    put_down(socket, PARCEL_MESSAGE, 0, bytes);
}

static void give_up(struct socket *socket, uint32_t code) {
    host_forget(socket);
    if (socket->polled)
        http_forget(socket);
    else if (!socket->mute)
        put_down(socket, PARCEL_CLOSED, code, (struct slice){0});
}

void host_give_up(struct socket *socket) {
    give_up(socket, CLOSED_ABNORMALLY);
}

static bool answers(const struct socket *socket) {
    const struct page *page = socket->page;
    return !socket->polled && may_go_up(socket) && may_go_down(socket) && !socket->let_go &&
           page->alive && page->life == socket->life;
}

static void watch_liveness(struct sim *sim, void *object, uint32_t serial) {
    struct socket *socket = object;
    (void)serial;
    if (!socket->at_hub)
        return;
    if (answers(socket))
        socket->heard_ms = sim->now_ms;
    if (sim->now_ms >= socket->heard_ms + HOST_SILENCE_MS)
        give_up(socket, CLOSED_ABNORMALLY);
    else
        sim_after(sim, HOST_LIVENESS_MS, watch_liveness, socket, 0);
}

/* The hub */

static void note(struct sim *sim, const struct hub_action *action) {
    struct socket *socket = action->transport;
    SIM_TRACE(sim, "hub: note %d of %.*s, %u members", (int)action->note, WIRE_MEMBER_ID_BYTES,
              action->member ? action->member->bytes : "", action->members);
    if (!socket)
        return;
    if (action->note == HUB_NOTE_JOINED || action->note == HUB_NOTE_BACK)
        check_present(socket->page, socket);
    else if ((action->note == HUB_NOTE_LEFT || action->note == HUB_NOTE_AWAY) &&
             socket->page->watch.hub_socket == socket)
        check_absent(socket->page);
}

static void drain(struct sim *sim) {
    struct hub_action action;
    while (hub_next_action(sim->host.hub, &action)) {
        struct socket *socket = action.transport;
        if (action.kind == HUB_NOTE) {
            note(sim, &action);
        } else if (action.kind == HUB_SEND) {
            liar_pass(socket, action.bytes);
        } else {
            put_down(socket, PARCEL_CLOSED, action.close_code, (struct slice){0});
            if (!socket->polled) /* the page answers the close */
                sim_after(sim, sim_draw(sim, 0, 50), end_at_server, socket, 0);
        }
    }
    struct hub_stats stats = hub_stats(sim->host.hub);
    if (stats.connections != sim->host.connected)
        sim_complain(sim, "the hub counts %u connections, there are %u", stats.connections,
                     sim->host.connected);
    if (stats.absent > sim->host.config.connections_max || stats.rooms > sim->host.config.rooms_max)
        sim_complain(sim, "the hub is beyond its limits: %u absent, %u rooms", stats.absent,
                     stats.rooms);
    arm(sim);
}

static void tick(struct sim *sim, void *object, uint32_t serial) {
    (void)object;
    if (!sim->host.hub || serial != sim->host.tick_serial)
        return;
    sim->host.armed_ms = NO_DEADLINE;
    hub_tick(sim->host.hub, sim->now_ms);
    drain(sim);
}

static void arm(struct sim *sim) {
    struct host *host = &sim->host;
    uint64_t due_ms = hub_deadline_ms(host->hub);
    if (due_ms == host->armed_ms)
        return;
    host->armed_ms = due_ms;
    host->tick_serial++;
    if (due_ms != NO_DEADLINE)
        queue_push(&sim->queue, due_ms > sim->now_ms ? due_ms : sim->now_ms, tick, NULL,
                   host->tick_serial);
}

void host_start(struct sim *sim) {
    if (sim->host.hub)
        return;
    PARLEY_CHECK(hub_create(&sim->host.hub, &sim->host.config) == PARLEY_OK);
    sim->host.armed_ms = NO_DEADLINE;
}

/* All sockets end with the process. The pages that can be reached are told. */
void host_kill(struct sim *sim) {
    struct host *host = &sim->host;
    if (!host->hub)
        return;
    hub_destroy(host->hub);
    host->hub = NULL;
    for (uint32_t i = 0; i < host->socket_count; i++)
        if (host->sockets[i]->at_hub || host->sockets[i]->polled)
            give_up(host->sockets[i], CLOSED_ABNORMALLY);
    PARLEY_CHECK(host->connected == 0);
}

void host_shut_down(struct sim *sim) {
    if (!sim->host.hub)
        return;
    hub_shut_down(sim->host.hub, sim->now_ms);
    drain(sim);
}

/* Dialing */

static void refuse_full(struct socket *socket) {
    struct buffer message;
    buffer_init(&message, 2 * WIRE_MESSAGE_BYTES_MAX);
    struct wire_message error = wire_error_message(WIRE_ERROR_SERVER_FULL);
    PARLEY_CHECK(wire_write(&error, WIRE_TO_PAGE, &message) == PARLEY_OK);
    put_down(socket, PARCEL_OPENED, 0, (struct slice){0});
    put_down(socket, PARCEL_MESSAGE, 0, buffer_slice(&message));
    put_down(socket, PARCEL_CLOSED, wire_error_close_code(WIRE_ERROR_SERVER_FULL),
             (struct slice){0});
    buffer_deinit(&message);
}

void host_connect(struct socket *socket) {
    struct sim *sim = socket->page->sim;
    uint8_t random[HUB_RANDOM_BYTES];
    for (int i = 0; i < HUB_RANDOM_BYTES; i++)
        random[i] = (uint8_t)sim_draw(sim, 0, 255);
    if (hub_connect(sim->host.hub, sim->now_ms, socket, random, &socket->handle) != PARLEY_OK) {
        refuse_full(socket);
        return;
    }
    socket->at_hub = true;
    socket->heard_ms = sim->now_ms;
    sim->host.connected++;
    put_down(socket, PARCEL_OPENED, 0, (struct slice){0});
    sim_after(sim, HOST_LIVENESS_MS, watch_liveness, socket, 0);
    drain(sim);
}

/* Applies a middlebox to a WebSocket. True: the server never sees it. */
static bool is_in_the_way(struct socket *socket) {
    enum websocket_fate fate = socket->page->websocket;
    if (fate == WEBSOCKET_WORKS)
        return false;
    if (fate == WEBSOCKET_DIES || fate == WEBSOCKET_SILENT)
        put_down(socket, PARCEL_OPENED, 0, (struct slice){0});
    if (fate == WEBSOCKET_ENDS_EARLY || fate == WEBSOCKET_DIES)
        put_down(socket, PARCEL_CLOSED, CLOSED_ABNORMALLY, (struct slice){0});
    return true;
}

static void arrive(struct sim *sim, void *object, uint32_t serial) {
    struct socket *socket = object;
    (void)serial;
    if (socket->let_go || socket->life != socket->page->life)
        return;
    if (!may_go_up(socket) || !may_go_down(socket))
        sim_after(sim, DIAL_AGAIN_MS, arrive, socket, 0);
    else if (!sim->host.hub)
        put_down(socket, PARCEL_CLOSED, CLOSED_ABNORMALLY, (struct slice){0});
    else if (!is_in_the_way(socket))
        host_connect(socket);
}

struct socket *host_add_socket(struct page *page, enum event_transport transport) {
    struct host *host = &page->sim->host;
    if (host->socket_count == host->socket_capacity) {
        host->socket_capacity = host->socket_capacity ? 2 * host->socket_capacity : 64;
        host->sockets = realloc(host->sockets, host->socket_capacity * sizeof(struct socket *));
        PARLEY_CHECK(host->sockets);
    }
    struct socket *socket = calloc(1, sizeof *socket);
    PARLEY_CHECK(socket);
    host->sockets[host->socket_count++] = socket;
    *socket = (struct socket){.page = page, .life = page->life, .transport = transport};
    return socket;
}

struct socket *socket_dial(struct page *page) {
    struct socket *socket = host_add_socket(page, EVENT_TRANSPORT_WEBSOCKET);
    socket->mute = sim_chance(page->sim, 15);
    sim_after(page->sim, page_delay(page), arrive, socket, 0);
    return socket;
}

/* Transit to the server */

static void pump_up(struct sim *sim, void *object, uint32_t serial);

static void schedule_up(struct socket *socket, uint64_t at_ms) {
    struct sim *sim = socket->page->sim;
    queue_push(&sim->queue, at_ms > sim->now_ms ? at_ms : sim->now_ms, pump_up, socket,
               ++socket->up.serial);
}

static void put_up(struct socket *socket, enum parcel_kind kind, struct slice bytes) {
    bool idle = !socket->up.first;
    if (socket->lost)
        return;
    stream_put(&socket->up, arrival_ms(socket), kind, 0, bytes);
    if (idle)
        schedule_up(socket, socket->up.first->at_ms);
}

/* A server at its limit drops some of what people say through it. */
static bool is_dropped(struct sim *sim, struct slice bytes) {
    return sim->now_ms + RELAY_CALM_MS < sim->end_ms && slice_skip(&bytes, "{\"type\":\"relay\"") &&
           sim_draw(sim, 1, 100) <= RELAY_DROP_PERCENT;
}

static void receive(struct socket *socket, struct slice bytes) {
    struct sim *sim = socket->page->sim;
    socket->heard_ms = sim->now_ms;
    check_server_learns(socket, bytes);
    if (is_dropped(sim, bytes))
        return;
    sim->host.turn.unix_s = sim->now_ms / 1000;
    hub_receive(sim->host.hub, sim->now_ms, socket->handle, bytes);
    drain(sim);
}

static void hand_up(struct socket *socket, const struct parcel *parcel) {
    if (parcel->kind == PARCEL_CLOSED)
        host_forget(socket);
    else
        receive(socket, parcel_bytes(parcel));
}

static void pump_up(struct sim *sim, void *object, uint32_t serial) {
    struct socket *socket = object;
    if (serial != socket->up.serial)
        return;
    while (socket->up.first && socket->up.first->at_ms <= sim->now_ms) {
        if (!socket->at_hub) {
            stream_clear(&socket->up);
            return;
        }
        if (!may_go_up(socket)) {
            schedule_up(socket, stream_stall(&socket->up, sim->now_ms, RETRY_MAX_MS));
            return;
        }
        struct parcel *parcel = stream_take(&socket->up);
        hand_up(socket, parcel);
        stream_free(parcel);
    }
    if (socket->up.first)
        schedule_up(socket, socket->up.first->at_ms);
}

void socket_send(struct socket *socket, struct slice bytes) {
    if (socket->polled)
        receive(socket, bytes); /* it came in a request */
    else if (!socket->let_go && socket->at_hub)
        put_up(socket, PARCEL_MESSAGE, bytes);
}

void socket_close(struct socket *socket) {
    socket->let_go = true;
    if (socket->at_hub)
        put_up(socket, PARCEL_CLOSED, (struct slice){0});
}

void socket_abandon(struct socket *socket, bool silent) {
    stream_clear(&socket->up);
    if (silent || socket->polled)
        socket->let_go = true;
    else
        socket_close(socket);
}

static void end_at_page(struct sim *sim, void *object, uint32_t serial) {
    struct socket *socket = object;
    (void)sim;
    (void)serial;
    if (socket->let_go || socket->life != socket->page->life)
        return;
    hand_down(socket, &(struct parcel){.kind = PARCEL_CLOSED, .code = CLOSED_ABNORMALLY});
}

void socket_lose(struct socket *socket, bool tell_page, bool tell_server) {
    struct sim *sim = socket->page->sim;
    if (socket->polled) {
        http_lose(socket->page, tell_page);
        return;
    }
    stream_clear(&socket->up);
    stream_clear(&socket->down);
    socket->mute = socket->lost = true;
    if (tell_page)
        sim_after(sim, sim_draw(sim, 0, 3000), end_at_page, socket, 0);
    if (tell_server)
        sim_after(sim, sim_draw(sim, 0, 3000), end_at_server, socket, 0);
}

void host_deinit(struct sim *sim) {
    struct host *host = &sim->host;
    hub_destroy(host->hub);
    http_deinit(sim);
    for (uint32_t i = 0; i < host->socket_count; i++) {
        stream_clear(&host->sockets[i]->up);
        stream_clear(&host->sockets[i]->down);
        free(host->sockets[i]);
    }
    free(host->sockets);
}
