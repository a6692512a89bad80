#include "browser.h"

#include "chat_debug.h"
#include "error.h"
#include "hostile.h"
#include "ice.h"
#include "mesh.h"
#include "sdp_text.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define CANDIDATES_PER_GENERATION 3
#define GATHERING_MS 400

struct connection *browser_find(const struct page *page, uint32_t peer) {
    for (uint32_t i = 0; i < page->connection_count; i++)
        if (page->connections[i]->peer == peer)
            return page->connections[i];
    return NULL;
}

bool browser_is_describing(const struct page *page, uint32_t peer) {
    const struct connection *connection = browser_find(page, peer);
    return connection && connection->describing;
}

static bool is_gone(const struct connection *connection) {
    return connection->closed || connection->dead;
}

static void tell(struct connection *connection, struct event event) {
    event.peer = connection->peer;
    if (!is_gone(connection))
        page_hand_in(connection->page, NULL, &event);
}

/* Life */

/* Gives the connection an id that descriptions can carry. No connection has 0. */
static void name(struct sim *sim, struct connection *connection) {
    if (sim->connection_count + 2 > sim->connection_capacity) {
        sim->connection_capacity = sim->connection_capacity ? 2 * sim->connection_capacity : 64;
        sim->connections =
            realloc(sim->connections, sim->connection_capacity * sizeof(struct connection *));
        PARLEY_CHECK(sim->connections);
    }
    if (sim->connection_count == 0)
        sim->connections[sim->connection_count++] = NULL;
    connection->id = sim->connection_count++;
    sim->connections[connection->id] = connection;
}

/* Reads an RTCConfiguration, but only in the form that the core writes. */
static void configure(struct connection *connection, struct slice configuration) {
    static const char username[] = "\"username\":\"", policy[] = "\"iceTransportPolicy\":\"relay\"";
    char text[4096];
    PARLEY_CHECK(configuration.len < sizeof text);
    memcpy(text, configuration.bytes, configuration.len);
    text[configuration.len] = '\0';
    const char *found = strstr(text, username);
    connection->ends_s = found ? strtoull(found + sizeof username - 1, NULL, 10) : 0;
    connection->hide_address = strstr(text, policy) != NULL;
}

static void open_connection(struct page *page, uint32_t peer, struct slice configuration) {
    struct sim *sim = page->sim;
    if (peer <= page->last_peer)
        sim_complain(sim, "page %u uses the number %u again", page->index, peer);
    if (page->connection_count == PAGE_CONNECTIONS_MAX) {
        sim_complain(sim, "page %u has too many connections open", page->index);
        return;
    }
    page->last_peer = peer;
    page->watch.opens++;
    struct connection *connection = calloc(1, sizeof *connection);
    PARLEY_CHECK(connection);
    connection->page = page;
    connection->life = page->life;
    connection->peer = peer;
    connection->fail_after_ms = sim_draw(sim, 15000, 30000);
    connection->deaf = sim_chance(sim, 8);
    connection->give_up_ms = sim_draw(sim, 60000, 600000);
    configure(connection, configuration);
    if (connection->hide_address != chat_debug(page->chat).ice->hide_address)
        sim_complain(sim, "page %u opens a connection that hides too much or little", page->index);
    name(sim, connection);
    page->connections[page->connection_count++] = connection;
}

static void close_connection(struct page *page, struct connection *connection) {
    uint32_t at = 0;
    while (page->connections[at] != connection)
        at++;
    page->connections[at] = page->connections[--page->connection_count];
    ice_closed(connection);
}

void browser_forget(struct page *page) {
    for (uint32_t i = 0; i < page->connection_count; i++) {
        page->connections[i]->dead = true;
        stream_clear(&page->connections[i]->out);
        ice_look(page->connections[i]); /* the mate's */
    }
    page->connection_count = 0;
}

/* Candidates: |serial| gives the generation and the candidate in it */

static void find_candidate(struct sim *sim, void *object, uint32_t serial) {
    struct connection *connection = object;
    uint32_t generation = serial / 16, which = serial % 16;
    char text[96], ufrag[32];
    if (is_gone(connection) || connection->local.generation != generation)
        return;
    snprintf(ufrag, sizeof ufrag, "c%ug%u", connection->id, generation);
    snprintf(text, sizeof text, "candidate:%u 1 udp 2122260223 192.0.2.%u 50000 typ %s", which,
             connection->page->index,
             connection->hide_address ? "relay raddr 192.0.2.99 rport 1"
             : which == 0             ? "host"
                                      : "srflx");
    if (which == CANDIDATES_PER_GENERATION)
        text[0] = '\0';
    else if (connection->hide_address && connection->ends_s <= sim->now_ms / 1000)
        return; /* the relay refuses us */
    else
        connection->local.candidates++;
    tell(connection, (struct event){.kind = EVENT_PEER_CANDIDATE,
                                    .a = slice_of(text),
                                    .b = slice_of("0"),
                                    .c = slice_of(ufrag)});
}

/* Gathers the candidates from number |first| on. */
static void gather(struct sim *sim, struct connection *connection, uint32_t first) {
    uint32_t at_ms = 0;
    for (uint32_t i = first; i <= CANDIDATES_PER_GENERATION; i++) {
        at_ms += sim_draw(sim, 0, i ? GATHERING_MS : 10);
        sim_after(sim, at_ms, find_candidate, connection, connection->local.generation * 16 + i);
    }
}

/* Finds some candidates before the page has the description, which does not contain them. Returns
 * how many. */
static uint32_t gather_early(struct sim *sim, struct connection *connection) {
    uint32_t count = sim_chance(sim, 20) ? sim_draw(sim, 1, CANDIDATES_PER_GENERATION + 1) : 0;
    connection->describing = true;
    for (uint32_t i = 0; i < count; i++)
        find_candidate(sim, connection, connection->local.generation * 16 + i);
    connection->describing = false;
    return count;
}

static bool read_number(const char **at, char before, uint32_t *out) {
    char *end;
    if (**at != before)
        return false;
    *out = (uint32_t)strtoul(*at + 1, &end, 10);
    *at = end;
    return true;
}

/* Reads "c12g3", followed in a description by the number of its candidates, such as "n2". False:
 * it is none of ours. */
static bool read_credentials(struct slice text, bool candidates, struct description *out) {
    char copy[64];
    if (text.len >= sizeof copy)
        return false;
    if (text.len)
        memcpy(copy, text.bytes, text.len);
    copy[text.len] = '\0';
    const char *at = copy;
    return read_number(&at, 'c', &out->connection) && read_number(&at, 'g', &out->generation) &&
           (!candidates || read_number(&at, 'n', &out->candidates)) && *at == '\0';
}

static void candidate_failed(struct sim *sim, void *object, uint32_t serial) {
    (void)sim;
    (void)serial;
    tell(object, (struct event){.kind = EVENT_PEER_CANDIDATE_FAILED, .a = slice_of("no such mid")});
}

static void add_candidate(struct connection *connection, const struct action *action) {
    struct page *page = connection->page;
    struct description whose = connection->remote;
    if (!connection->remote.connection) {
        sim_complain(page->sim, "page %u adds a candidate before a remote description",
                     page->index);
        return;
    }
    bool fits = action->c.len == 0 || (read_credentials(action->c, false, &whose) &&
                                       whose.connection == connection->remote.connection &&
                                       whose.generation == connection->remote.generation);
    if (page->failing_candidates) {
        page->failing_candidates--;
        fits = false;
    }
    if (!fits) {
        sim_after(page->sim, 1, candidate_failed, connection, 0);
    } else if (action->a.len) {
        connection->candidates++;
        ice_look(connection);
    }
}

/* Operations: they run one after the other, and each takes some time */

static const char *fault_of(const struct connection *connection,
                            const struct operation *operation) {
    if (operation->accept)
        return operation->kind == EVENT_SDP_OFFER && connection->state != NEGOTIATING_STABLE
                   ? "an offer is accepted where one is under way"
               : operation->kind == EVENT_SDP_ANSWER && connection->state != NEGOTIATING_LOCAL_OFFER
                   ? "an answer is accepted without an offer"
               : operation->kind == EVENT_SDP_ROLLBACK ? "a rollback is accepted"
                                                       : NULL;
    if (operation->kind == EVENT_SDP_OFFER)
        return connection->state == NEGOTIATING_REMOTE_OFFER ? "an offer answers an offer" : NULL;
    if (operation->kind == EVENT_SDP_ANSWER)
        return connection->state != NEGOTIATING_REMOTE_OFFER ? "an answer without an offer" : NULL;
    return connection->state != NEGOTIATING_LOCAL_OFFER ? "a rollback without an offer" : NULL;
}

static struct slice write_sdp(const struct connection *connection, char *out, size_t size) {
    int len = snprintf(out, size, SDP_OF("c%ug%un%u"), connection->local.connection,
                       connection->local.generation, connection->local.candidates);
    return (struct slice){out, (size_t)len};
}

static void describe(struct sim *sim, struct connection *connection, enum event_sdp kind) {
    bool first = connection->local.generation == 0;
    /* An answer has new credentials where the offer has (RFC 8829, 5.3.1). */
    bool renew = kind == EVENT_SDP_OFFER
                     ? connection->restart
                     : connection->remote.generation != connection->current_remote.generation;
    connection->local.connection = connection->id;
    if (first || renew) {
        connection->local.generation = ++connection->last_generation;
        connection->local.candidates = 0;
        connection->restart = false;
    }
    if (kind == EVENT_SDP_OFFER) {
        connection->state = NEGOTIATING_LOCAL_OFFER;
    } else {
        connection->state = NEGOTIATING_STABLE;
        connection->current_local = connection->local;
        connection->current_remote = connection->remote;
    }
    char sdp[SDP_BYTES_MAX];
    struct slice text = write_sdp(connection, sdp, sizeof sdp);
    uint32_t found = first || renew ? gather_early(sim, connection) : 0;
    tell(connection, (struct event){.kind = EVENT_PEER_DESCRIBED, .code = kind, .a = text});
    if (first || renew)
        gather(sim, connection, found);
}

static void roll_back(struct connection *connection) {
    connection->state = NEGOTIATING_STABLE;
    if (connection->local.generation != connection->current_local.generation)
        connection->restart = true; /* the restart has not been used */
    connection->local = connection->current_local;
    tell(connection, (struct event){.kind = EVENT_PEER_DONE});
}

static bool accept(struct connection *connection, const struct operation *operation) {
    bool changed = connection->remote.connection != operation->description.connection ||
                   connection->remote.generation != operation->description.generation;
    if (!operation->readable)
        return false;
    connection->remote = operation->description;
    if (changed)
        connection->candidates = 0;
    connection->candidates += operation->description.candidates;
    if (operation->kind == EVENT_SDP_OFFER) {
        connection->state = NEGOTIATING_REMOTE_OFFER;
    } else {
        connection->state = NEGOTIATING_STABLE;
        connection->current_local = connection->local;
        connection->current_remote = connection->remote;
    }
    tell(connection, (struct event){.kind = EVENT_PEER_DONE});
    return true;
}

static void carry_out_operation(struct sim *sim, struct connection *connection,
                                const struct operation *operation) {
    const char *fault = fault_of(connection, operation);
    struct page *page = connection->page;
    if (fault)
        sim_complain(sim, "page %u peer %u: %s", page->index, connection->peer, fault);
    bool fails = page->failing_operations > 0;
    page->failing_operations -= fails;
    if (!fails && operation->accept)
        fails = !accept(connection, operation);
    else if (!fails && operation->kind == EVENT_SDP_ROLLBACK)
        roll_back(connection);
    else if (!fails)
        describe(sim, connection, operation->kind);
    if (fails)
        tell(connection,
             (struct event){.kind = EVENT_PEER_FAILED, .a = slice_of("OperationError")});
    else if (!is_gone(connection))
        ice_look(connection);
}

static void schedule_operation(struct sim *sim, struct connection *connection);

static void operate(struct sim *sim, void *object, uint32_t serial) {
    struct connection *connection = object;
    (void)serial;
    if (is_gone(connection))
        return;
    struct operation operation = connection->operations[0];
    connection->operation_count--;
    memmove(connection->operations, connection->operations + 1,
            connection->operation_count * sizeof operation);
    if (connection->operation_count)
        schedule_operation(sim, connection);
    carry_out_operation(sim, connection, &operation);
}

/* The time until the processor has done this operation and all earlier ones. */
static uint32_t wait_for_processor(struct sim *sim) {
    if (sim->processor_free_ms < sim->now_ms)
        sim->processor_free_ms = sim->now_ms;
    sim->processor_free_ms += sim->operation_ms;
    return (uint32_t)(sim->processor_free_ms - sim->now_ms);
}

static void schedule_operation(struct sim *sim, struct connection *connection) {
    uint32_t ms = sim->operation_ms    ? wait_for_processor(sim)
                  : sim_chance(sim, 5) ? sim_draw(sim, 30, 600)
                                       : sim_draw(sim, 1, 12);
    sim_after(sim, ms, operate, connection, 0);
}

static void add_operation(struct connection *connection, const struct action *action) {
    struct sim *sim = connection->page->sim;
    if (connection->operation_count == CONNECTION_OPERATIONS_MAX) {
        sim_complain(sim, "page %u has too many operations under way", connection->page->index);
        return;
    }
    struct operation operation = {.accept = action->kind == ACTION_PEER_ACCEPT,
                                  .kind = (enum event_sdp)action->code};
    if (operation.accept) {
        struct slice sdp = action->a, user;
        operation.readable = slice_skip(&sdp, SDP_START) && slice_cut(&sdp, ' ', &user) &&
                             read_credentials(user, true, &operation.description) &&
                             operation.description.connection; /* 0: nobody's, garbled */
    }
    connection->operations[connection->operation_count++] = operation;
    if (connection->operation_count == 1)
        schedule_operation(sim, connection);
}

/* The route */

static void tell_route(struct sim *sim, void *object, uint32_t serial) {
    bool known = sim_chance(sim, 90);
    (void)serial;
    tell(object, (struct event){.kind = EVENT_PEER_ROUTE,
                                .a = slice_of(known ? "host" : ""),
                                .b = slice_of(known ? "srflx" : "")});
}

/* Actions */

void browser_send(struct connection *connection, struct slice bytes) {
    if (connection->channel == CHANNEL_NONE)
        sim_complain(connection->page->sim, "page %u sends on a channel that never opened",
                     connection->page->index);
    connection->sent = true;
    ice_send(connection, bytes);
}

void browser_carry_out(struct page *page, const struct action *action) {
    if (action->kind == ACTION_PEER_OPEN) {
        open_connection(page, action->peer, action->a);
        return;
    }
    struct connection *connection = browser_find(page, action->peer);
    if (!connection) {
        sim_complain(page->sim, "page %u: action %d for the closed peer %u", page->index,
                     (int)action->kind, action->peer);
        return;
    }
    switch (action->kind) {
    case ACTION_PEER_RESTART:
        connection->restart = true;
        break;
    case ACTION_PEER_CONFIGURE:
        configure(connection, action->a);
        break;
    case ACTION_PEER_ADD_CANDIDATE:
        add_candidate(connection, action);
        break;
    case ACTION_PEER_ASK_ROUTE:
        sim_after(page->sim, sim_draw(page->sim, 1, 50), tell_route, connection, 0);
        break;
    case ACTION_PEER_CLOSE:
        close_connection(page, connection);
        break;
    case ACTION_CHANNEL_SEND:
        hostile_say(connection, action->a);
        break;
    case ACTION_PEER_DESCRIBE:
    case ACTION_PEER_ACCEPT:
        add_operation(connection, action);
        break;
    case ACTION_PEER_OPEN: /* see above */
    case ACTION_COUNT:
        ACTIONS_OF_SERVER(ACTION_CASE)
        ACTIONS_OF_PAGE(ACTION_CASE)
        break;
    }
}

bool browser_report_buffered(struct page *page, struct event *event) {
    for (uint32_t i = 0; i < page->connection_count; i++) {
        struct connection *connection = page->connections[i];
        if (!connection->sent)
            continue;
        connection->sent = false;
        connection->full = connection->out.bytes > SESSION_BUFFER_LOW_BYTES;
        *event = (struct event){.kind = EVENT_CHANNEL_BUFFERED,
                                .peer = connection->peer,
                                .code = (uint32_t)connection->out.bytes};
        return true;
    }
    return false;
}
