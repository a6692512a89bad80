#include "ice.h"

#include "error.h"
#include "mesh.h"
#include "sim.h"

#include <stdlib.h>

#define DISCONNECTED_AFTER_MS 5000
#define FAILED_AFTER_MS 30000
#define RETRY_MAX_MS 8000
#define LINGER_MS 3000               /* how long a closed connection still tries to send */
#define BUFFER_BYTES_MAX (16u << 20) /* Chrome's: a send beyond it closes the channel */

static bool is_gone(const struct connection *connection) {
    return connection->closed || connection->dead;
}

static struct connection *find_mate(const struct connection *connection) {
    struct sim *sim = connection->page->sim;
    uint32_t id = connection->remote.connection;
    if (id == 0 || id >= sim->connection_count)
        return NULL;
    struct connection *mate = sim->connections[id];
    return mate->id == id && mate->page != connection->page ? mate : NULL;
}

/* Paths */

static bool fits(const struct connection *giver, const struct connection *taker) {
    return giver->local.connection == taker->remote.connection &&
           giver->local.generation == taker->remote.generation && taker->candidates > 0 &&
           giver->local.generation > giver->failed_generation;
}

static bool has_path(const struct connection *one, const struct connection *other) {
    return sim_passes(one->page->sim, one->page, other->page) &&
           sim_passes(one->page->sim, other->page, one->page);
}

/* True if both agree on credentials, or still have a path from earlier ones. */
static bool belong_together(const struct connection *one, const struct connection *other) {
    if (one->established && other->established && one->mate == other)
        return true;
    return fits(one, other) && fits(other, one);
}

static bool works(const struct connection *connection) {
    const struct connection *mate = find_mate(connection);
    if (connection->mate && mate != connection->mate)
        return false; /* another certificate: a connection continues only with its first mate */
    return mate && !connection->wedged && !is_gone(mate) && belong_together(connection, mate) &&
           has_path(connection, mate);
}

/* The state machine: the next state, and when it begins */

static void connected(struct connection *connection);

static void apply(struct sim *sim, void *object, uint32_t serial) {
    struct connection *connection = object;
    if (is_gone(connection) || serial != connection->plan_serial)
        return;
    enum event_peer_state state = connection->planned;
    connection->ice = state;
    if (state == EVENT_PEER_STATE_CONNECTING) {
        connection->checking_ms = sim->now_ms;
        connection->checked_generation = connection->local.generation;
    }
    if (state == EVENT_PEER_STATE_FAILED) {
        connection->established = false;
        connection->failed_generation = connection->local.generation;
    }
    if (state == EVENT_PEER_STATE_CONNECTED)
        connected(connection);
    ice_look(connection);
    page_tell(connection->page, EVENT_PEER_STATE, connection->peer, state);
}

static void plan(struct connection *connection, enum event_peer_state state, uint64_t at_ms) {
    struct sim *sim = connection->page->sim;
    if (connection->planned == state)
        return;
    connection->planned = state;
    uint64_t wait_ms = at_ms > sim->now_ms ? at_ms - sim->now_ms : 0;
    sim_after(sim, wait_ms, apply, connection, ++connection->plan_serial);
}

/* Stays in its state. */
static void plan_nothing(struct connection *connection) {
    if (connection->planned == connection->ice)
        return;
    connection->planned = connection->ice;
    connection->plan_serial++;
}

static void look_connecting(struct connection *connection, bool well) {
    struct sim *sim = connection->page->sim;
    if (well)
        plan(connection, EVENT_PEER_STATE_CONNECTED, sim->now_ms + sim_draw(sim, 10, 400));
    else
        plan(connection, EVENT_PEER_STATE_FAILED,
             connection->checking_ms + connection->fail_after_ms);
}

static void look_connected(struct connection *connection, bool well) {
    struct sim *sim = connection->page->sim;
    if (well) {
        connection->broken_ms = 0;
        plan_nothing(connection);
    } else {
        if (!connection->broken_ms)
            connection->broken_ms = sim->now_ms;
        if (!connection->deaf)
            plan(connection, EVENT_PEER_STATE_DISCONNECTED,
                 connection->broken_ms + DISCONNECTED_AFTER_MS);
    }
}

/* True if both sides have new credentials. */
static bool may_check_anew(const struct connection *connection) {
    return connection->state == NEGOTIATING_STABLE &&
           connection->current_local.generation > connection->checked_generation;
}

static void look_disconnected(struct connection *connection, bool well) {
    struct sim *sim = connection->page->sim;
    if (well)
        plan(connection, EVENT_PEER_STATE_CONNECTED, sim->now_ms + sim_draw(sim, 10, 2500));
    else if (may_check_anew(connection))
        plan(connection, EVENT_PEER_STATE_CONNECTING, sim->now_ms);
    else
        plan(connection, EVENT_PEER_STATE_FAILED, connection->broken_ms + FAILED_AFTER_MS);
}

static void look_alone(struct connection *connection) {
    struct sim *sim = connection->page->sim;
    bool well = works(connection);
    bool described = connection->local.connection && connection->remote.connection;
    switch (connection->ice) {
    case EVENT_PEER_STATE_NEW:
        if (described)
            plan(connection, EVENT_PEER_STATE_CONNECTING, sim->now_ms);
        break;
    case EVENT_PEER_STATE_CONNECTING:
        look_connecting(connection, well);
        break;
    case EVENT_PEER_STATE_CONNECTED:
        look_connected(connection, well);
        break;
    case EVENT_PEER_STATE_DISCONNECTED:
        look_disconnected(connection, well);
        break;
    case EVENT_PEER_STATE_FAILED:
    case EVENT_PEER_STATE_CLOSED:
    case EVENT_PEER_STATE_COUNT:
        if (may_check_anew(connection))
            plan(connection, EVENT_PEER_STATE_CONNECTING, sim->now_ms);
        break;
    }
}

void ice_look(struct connection *connection) {
    struct connection *mate = find_mate(connection);
    if (!is_gone(connection))
        look_alone(connection);
    if (mate && !is_gone(mate))
        look_alone(mate);
    if (connection->mate && connection->mate != mate && !is_gone(connection->mate))
        look_alone(connection->mate);
}

/* The channel */

static void open_channel(struct sim *sim, void *object, uint32_t serial) {
    struct connection *connection = object;
    (void)serial;
    if (is_gone(connection) || connection->channel != CHANNEL_NONE)
        return;
    if (!works(connection)) {
        sim_after(sim, 500, open_channel, connection, 0);
        return;
    }
    connection->channel = CHANNEL_OPEN;
    page_tell(connection->page, EVENT_CHANNEL_OPENED, connection->peer, 0);
}

static void pump(struct sim *sim, void *object, uint32_t serial);

static void schedule_pump(struct connection *connection, uint64_t at_ms) {
    struct sim *sim = connection->page->sim;
    queue_push(&sim->queue, at_ms > sim->now_ms ? at_ms : sim->now_ms, pump, connection,
               ++connection->out.serial);
}

static void connected(struct connection *connection) {
    struct sim *sim = connection->page->sim;
    struct connection *mate = find_mate(connection);
    connection->broken_ms = 0;
    connection->established = true;
    if (!connection->mate)
        connection->mate = mate;
    if (mate && mate->established && connection->mate == mate && mate->mate == connection &&
        !connection->channel_begun) {
        connection->channel_begun = mate->channel_begun = true;
        sim_after(sim, sim_draw(sim, 20, 200), open_channel, connection, 0);
        sim_after(sim, sim_draw(sim, 20, 200), open_channel, mate, 0);
    }
    if (connection->out.first)
        schedule_pump(connection, connection->out.first->at_ms);
    if (connection->mate && connection->mate->out.first)
        schedule_pump(connection->mate, connection->mate->out.first->at_ms);
}

static void shut(struct sim *sim, void *object, uint32_t serial) {
    struct connection *connection = object;
    (void)sim;
    (void)serial;
    if (is_gone(connection) || connection->channel == CHANNEL_SHUT)
        return;
    connection->channel = CHANNEL_SHUT;
    stream_clear(&connection->out);
    page_tell(connection->page, EVENT_CHANNEL_CLOSED, connection->peer, 0);
}

void ice_end_channel(struct connection *connection, uint32_t after_ms) {
    sim_after(connection->page->sim, after_ms, shut, connection, 0);
}

/* The end of the channel takes the same way as the messages before it. */
static void put_end(struct connection *connection) {
    struct sim *sim = connection->page->sim;
    uint64_t at_ms = sim->now_ms + page_delay(connection->page);
    stream_put(&connection->out, at_ms, PARCEL_CLOSED, 0, (struct slice){0});
    schedule_pump(connection, connection->out.first->at_ms);
}

void ice_closed(struct connection *connection) {
    struct sim *sim = connection->page->sim;
    bool may_speak = connection->channel == CHANNEL_OPEN && connection->mate;
    connection->closed = true;
    if (!may_speak || sim_chance(sim, 30))
        stream_clear(&connection->out); /* the last messages are lost */
    if (may_speak)
        put_end(connection);
    ice_look(connection);
}

void ice_send(struct connection *connection, struct slice bytes) {
    struct sim *sim = connection->page->sim;
    if (connection->channel == CHANNEL_OPEN &&
        connection->out.bytes + bytes.len > BUFFER_BYTES_MAX) {
        stream_clear(&connection->out);
        put_end(connection);
        ice_end_channel(connection, 0);
    } else if (connection->channel == CHANNEL_OPEN && connection->mate) {
        uint64_t at_ms =
            sim->now_ms + page_delay(connection->page) + page_delay(connection->mate->page);
        bool idle = !connection->out.first;
        stream_put(&connection->out, at_ms, PARCEL_MESSAGE, 0, bytes);
        if (idle)
            schedule_pump(connection, connection->out.first->at_ms);
    } else {
        ice_end_channel(connection, 0); /* send() throws: the page treats it as closed */
    }
}

/* True if a packet of |from| reaches its mate. */
static bool flows(const struct connection *from) {
    const struct connection *to = from->mate;
    bool ready = from->closed || from->established;
    return ready && !from->wedged && to->established && to->channel != CHANNEL_NONE &&
           sim_passes(from->page->sim, from->page, to->page);
}

static void drained(struct connection *connection) {
    if (is_gone(connection) || !connection->full ||
        connection->out.bytes > SESSION_BUFFER_LOW_BYTES)
        return;
    connection->full = false;
    page_tell(connection->page, EVENT_CHANNEL_BUFFERED, connection->peer,
              (uint32_t)connection->out.bytes);
}

static void deliver(struct connection *connection, const struct parcel *parcel) {
    struct connection *mate = connection->mate;
    struct event event = {
        .kind = EVENT_CHANNEL_MESSAGE, .peer = mate->peer, .a = parcel_bytes(parcel)};
    if (is_gone(mate) || mate->channel != CHANNEL_OPEN)
        return;
    if (parcel->kind == PARCEL_CLOSED)
        ice_end_channel(mate, 0);
    else
        page_hand_in(mate->page, NULL, &event);
}

static void stall(struct sim *sim, struct connection *connection) {
    uint64_t again_ms = stream_stall(&connection->out, sim->now_ms, RETRY_MAX_MS);
    uint64_t since_ms = sim->now_ms - connection->out.stalled_ms;
    if (since_ms > (connection->closed ? LINGER_MS : connection->give_up_ms)) {
        stream_clear(&connection->out);
        if (!connection->closed)
            ice_end_channel(connection, 0);
        return;
    }
    schedule_pump(connection, again_ms);
}

static void pump(struct sim *sim, void *object, uint32_t serial) {
    struct connection *connection = object;
    if (serial != connection->out.serial)
        return;
    while (connection->out.first && connection->out.first->at_ms <= sim->now_ms) {
        if (is_gone(connection->mate) || !flows(connection)) {
            stall(sim, connection);
            return;
        }
        struct parcel *parcel = stream_take(&connection->out);
        deliver(connection, parcel);
        stream_free(parcel);
        drained(connection);
    }
    if (connection->out.first)
        schedule_pump(connection, connection->out.first->at_ms);
}
