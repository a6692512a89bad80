#include "http.h"

#include "chain.h"
#include "error.h"
#include "hostile.h"
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PING_MS 20000 /* --ping-seconds */
#define FLEETING_MS 5000
#define BLOCKED_AGAIN_MS 1000
#define BLOCKED_MAX_MS 60000 /* then the request is dropped */
#define LATE_MAX_MS 6000
#define QUEUE_BYTES_MAX (4u << 20)

/* Of a hundred requests. */
#define LOST_PERCENT 3
#define LATE_PERCENT 4
#define REPEATED_PERCENT 3
#define REFUSED_PERCENT 2
#define UNTOLD_PERCENT 5 /* of those that are lost */

struct request {
    struct chain_link link; /* in the host's requests */
    struct page *page;
    uint32_t life, number;
    bool outlives;     /* continues when its page is gone */
    bool given_up;     /* nobody receives the answer */
    bool answer_lost;  /* on its way back */
    uint64_t asked_ms; /* when it was made */
    uint32_t status;   /* of the answer; 0: there is none yet */
    struct slice retry_after;
    struct socket *socket; /* whose session it names; NULL: none */
    struct buffer body;    /* of the request, later of the answer */
};

/* --- requests --------------------------------------------------------------------------------- */

static struct request *owner(struct chain_link *link) {
    return link ? CHAIN_OWNER(link, struct request, link) : NULL;
}

static struct request *first_of(const struct sim *sim) {
    return owner(sim->host.requests.first);
}

static struct request *next_of(const struct request *request) {
    return owner(request->link.next);
}

static void end(struct request *request) {
    chain_remove(&request->page->sim->host.requests, &request->link);
    buffer_deinit(&request->body);
    free(request);
}

/* True if the page that made the request can still receive the answer. */
static bool is_heard(const struct request *request) {
    const struct page *page = request->page;
    return !request->given_up && page->alive && page->life == request->life;
}

static bool is_stale(const struct request *request) {
    uint64_t now_ms = request->page->sim->now_ms;
    return !(request->outlives || is_heard(request)) ||
           now_ms >= request->asked_ms + BLOCKED_MAX_MS;
}

static void deliver(struct sim *sim, void *object, uint32_t serial) {
    struct request *request = object;
    struct page *page = request->page;
    (void)serial;
    if (!is_heard(request)) {
        end(request);
        return;
    }
    if (request->status != 0 && (page->down_cut || page->asleep)) {
        sim_after(sim, BLOCKED_AGAIN_MS, deliver, request, 0);
        return;
    }
    struct event event = {.kind = request->status ? EVENT_HTTP_ANSWERED : EVENT_HTTP_FAILED,
                          .peer = request->number,
                          .code = request->status,
                          .a = slice_of("text/plain"),
                          .b = request->retry_after,
                          .c = buffer_slice(&request->body)};
    page_hand_in(page, NULL, &event);
    end(request);
}

static void fail_after(struct request *request, uint64_t ms) {
    request->status = 0;
    sim_after(request->page->sim, ms, deliver, request, 0);
}

/* Answers with |request|'s body, which is the answer's by now. */
static void answer(struct request *request, uint32_t status) {
    struct sim *sim = request->page->sim;
    request->status = status;
    if (request->answer_lost)
        fail_after(request, sim_draw(sim, 0, 3000));
    else
        sim_after(sim, page_delay(request->page), deliver, request, 0);
}

static void answer_error(struct request *request, uint32_t status) {
    buffer_clear(&request->body);
    answer(request, status);
}

/* --- sessions --------------------------------------------------------------------------------- */

static struct socket *find_session(struct sim *sim, struct slice field) {
    static const char name[] = POLL_SECRET_HEADER ": ";
    uint64_t number;
    if (!slice_skip(&field, name) || !slice_read_number(field, sim->host.socket_count, &number))
        return NULL;
    return number == 0 ? NULL : sim->host.sockets[number - 1];
}

static void write_session(struct sim *sim, struct buffer *out) {
    char line[POLL_LINE_BYTES_MAX];
    snprintf(line, sizeof line, "session %0*" PRIu32 "\n", POLL_SECRET_DIGITS,
             sim->host.socket_count);
    PARLEY_CHECK(buffer_set(out, slice_of(line)) == PARLEY_OK);
}

void http_forget(struct socket *socket) {
    struct polled *polled = socket->polled;
    if (polled->gone)
        return;
    polled->gone = true;
    host_forget(socket);
    poll_session_clear(&polled->poll);
    if (polled->waiting)
        fail_after(polled->waiting, page_delay(socket->page));
    polled->waiting = NULL;
}

static void end_fleeting(struct sim *sim, void *object, uint32_t told) {
    struct socket *socket = object;
    (void)sim;
    if (told || !socket->polled->named)
        http_forget(socket);
}

static void write_messages(struct socket *socket, struct request *request) {
    bool closed;
    PARLEY_CHECK(poll_session_write(&socket->polled->poll, &request->body, &closed) == PARLEY_OK);
    if (closed)
        sim_after(socket->page->sim, FLEETING_MS, end_fleeting, socket, 1);
    answer(request, 200);
}

static void answer_waiting(struct socket *socket) {
    struct request *request = socket->polled->waiting;
    socket->polled->waiting = NULL;
    socket->polled->serial++;
    if (request)
        write_messages(socket, request);
}

static void end_wait(struct sim *sim, void *object, uint32_t serial) {
    struct socket *socket = object;
    (void)sim;
    if (serial == socket->polled->serial)
        answer_waiting(socket);
}

/* All messages that the hub sends at one time go into one answer. */
void http_put_down(struct socket *socket, enum parcel_kind kind, uint32_t code,
                   struct slice bytes) {
    struct polled *polled = socket->polled;
    if (kind == PARCEL_MESSAGE)
        PARLEY_CHECK(poll_session_send(&polled->poll, bytes, QUEUE_BYTES_MAX, FRAME_FROM_NOBODY) ==
                     PARLEY_OK);
    else if (kind == PARCEL_CLOSED)
        poll_session_close(&polled->poll, (uint16_t)code, WIRE_ERROR_COUNT);
    if (polled->waiting && kind != PARCEL_OPENED)
        sim_after(socket->page->sim, 0, end_wait, socket, polled->serial);
}

/* --- commands --------------------------------------------------------------------------------- */

static void open_session(struct request *request) {
    struct page *page = request->page;
    struct socket *socket = host_add_socket(page, EVENT_TRANSPORT_POLLING);
    socket->life = request->life;
    socket->polled = calloc(1, sizeof *socket->polled);
    PARLEY_CHECK(socket->polled);
    host_connect(socket);
    if (!socket->at_hub) { /* the hub is full, and says so */
        write_messages(socket, request);
        return;
    }
    write_session(page->sim, &request->body);
    sim_after(page->sim, FLEETING_MS, end_fleeting, socket, 0);
    answer(request, 200);
}

static void poll(struct request *request, const struct poll_request *command) {
    static const uint32_t waits_ms[] = POLL_WAITS_MS;
    struct socket *socket = request->socket;
    struct polled *polled = socket->polled;
    if (poll_session_confirm(&polled->poll, command->number) != PARLEY_OK) {
        sim_complain(request->page->sim, "page %u polls for messages that were never sent",
                     request->page->index);
        answer_error(request, 400);
        return;
    }
    answer_waiting(socket);
    if (poll_session_has_answer(&polled->poll)) {
        write_messages(socket, request);
        return;
    }
    polled->waiting = request;
    sim_after(request->page->sim, command->wait < POLL_WAITS ? waits_ms[command->wait] : PING_MS,
              end_wait, socket, polled->serial);
}

static void take_messages(struct request *request, struct poll_request *command) {
    struct socket *socket = request->socket;
    struct slice message;
    uint32_t status = poll_session_check(&socket->polled->poll, command) == PARLEY_OK ? 200 : 409;
    while (status == 200 && socket->at_hub && socket->polled->poll.close_code == 0 &&
           poll_session_next(&socket->polled->poll, command, &message))
        hostile_send(socket->page, socket, message);
    PARLEY_CHECK(poll_session_write_expected(&socket->polled->poll, &request->body) == PARLEY_OK);
    answer(request, status);
    if (status == 200 && command->command == POLL_CLOSE)
        http_forget(socket);
}

static void serve(struct request *request) {
    struct poll_request command;
    PARLEY_CHECK(poll_request_read(buffer_slice(&request->body), &command) == PARLEY_OK);
    if (command.command == POLL_OPEN) {
        open_session(request);
        return;
    }
    struct socket *socket = request->socket;
    if (!socket || socket->polled->gone) {
        answer_error(request, 410);
        return;
    }
    socket->heard_ms = request->page->sim->now_ms;
    socket->polled->named = true;
    if (command.command == POLL_POLL)
        poll(request, &command);
    else
        take_messages(request, &command);
}

/* --- the way there ---------------------------------------------------------------------------- */

static void arrive(struct sim *sim, void *object, uint32_t serial) {
    struct request *request = object;
    const struct page *page = request->page;
    (void)serial;
    if (is_stale(request))
        end(request);
    else if (page->up_cut || page->asleep)
        sim_after(sim, BLOCKED_AGAIN_MS, arrive, request, 0);
    else if (!sim->host.hub && sim_chance(sim, 50))
        answer_error(request, 502);
    else if (!sim->host.hub)
        fail_after(request, 0);
    else
        serve(request);
}

static struct request *make(struct page *page, uint32_t number, bool outlives, struct slice body) {
    struct request *request = calloc(1, sizeof *request);
    PARLEY_CHECK(request);
    *request = (struct request){.page = page,
                                .life = page->life,
                                .number = number,
                                .outlives = outlives,
                                .asked_ms = page->sim->now_ms};
    chain_append(&page->sim->host.requests, &request->link);
    buffer_init(&request->body, POLL_BODY_BYTES_MAX);
    PARLEY_CHECK(buffer_set(&request->body, body) == PARLEY_OK);
    return request;
}

/* Browsers and proxies repeat some requests on their own. */
static void repeat(const struct request *first, uint64_t delay_ms) {
    struct request *again = make(first->page, first->number, true, buffer_slice(&first->body));
    again->socket = first->socket;
    again->given_up = true;
    sim_after(first->page->sim, delay_ms, arrive, again, 0);
}

/* Requests fail only until the world settles, as faults do. */
static bool is_rough(const struct sim *sim) {
    return !sim_settles(sim) || sim->now_ms + SIM_SETTLE_MS < sim->end_ms;
}

/* Draws what goes wrong with a request. True: it is dealt with. A goodbye can only be late, since
 * nobody is left to repeat it. */
static bool mishap(struct request *request, uint64_t *delay_ms) {
    struct sim *sim = request->page->sim;
    uint32_t chance = sim_draw(sim, 0, 99);
    if (!is_rough(sim))
        return false;
    if (sim_chance(sim, LATE_PERCENT))
        *delay_ms += sim_draw(sim, 0, LATE_MAX_MS);
    if (chance < REPEATED_PERCENT && request->socket)
        repeat(request, *delay_ms + sim_draw(sim, 0, LATE_MAX_MS));
    if (request->outlives || chance >= REPEATED_PERCENT + 2 * LOST_PERCENT + REFUSED_PERCENT)
        return false;
    bool refused = chance >= REPEATED_PERCENT + 2 * LOST_PERCENT;
    request->answer_lost = chance >= REPEATED_PERCENT + LOST_PERCENT && !refused;
    if (chance < REPEATED_PERCENT || request->answer_lost)
        return false;
    request->retry_after = slice_of(refused && sim_chance(sim, 50) ? "1" : "");
    if (refused)
        answer_error(request, 503);
    else if (!sim_chance(sim, UNTOLD_PERCENT))
        fail_after(request, sim_draw(sim, 0, 3000));
    else
        end(request); /* the page gives it up in time */
    return true;
}

static void follow_session(struct page *page, struct socket *socket, struct slice body) {
    bool over = slice_skip(&body, "close") || (socket && socket->life != page->life);
    page->sockets[EVENT_TRANSPORT_POLLING] = over ? NULL : socket;
}

void http_post(struct page *page, const struct action *action) {
    uint64_t delay_ms = page_delay(page);
    struct request *request = make(page, action->peer, action->code == 1, action->a);
    request->socket = find_session(page->sim, action->b);
    follow_session(page, request->socket, action->a);
    if (!mishap(request, &delay_ms))
        sim_after(page->sim, delay_ms, arrive, request, 0);
}

static struct request *find(const struct page *page, uint32_t number) {
    struct request *request = first_of(page->sim);
    while (request && (request->page != page || request->life != page->life ||
                       request->number != number || request->given_up))
        request = next_of(request);
    return request;
}

/* The server notices only when it has an answer. */
void http_abort(struct page *page, uint32_t number) {
    struct request *request = find(page, number);
    if (request)
        request->given_up = true;
}

void http_lose(struct page *page, bool tell_page) {
    for (struct request *one = first_of(page->sim); one; one = next_of(one)) {
        if (one->page != page || !is_heard(one))
            continue;
        one->answer_lost = tell_page;
        one->given_up = !tell_page;
    }
}

void http_deinit(struct sim *sim) {
    struct request *next;
    for (struct request *one = first_of(sim); one; one = next) {
        next = next_of(one);
        end(one);
    }
    for (uint32_t i = 0; i < sim->host.socket_count; i++) {
        struct polled *polled = sim->host.sockets[i]->polled;
        if (polled)
            poll_session_clear(&polled->poll);
        free(polled);
    }
}
