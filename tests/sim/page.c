#include "page.h"

#include "browser.h"
#include "chat_debug.h"
#include "error.h"
#include "hostile.h"
#include "patrol.h"
#include "record.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define START_OF_TIME_MS 1700000000000 /* on the wall clocks */

struct deferred {
    struct deferred *next;
    struct socket *socket;
    struct event event; /* followed by its text */
};

static void rearm(struct page *page);

/* Actions */

/* A candidate that is sent before its description is useless. */
static void check_order(const struct page *page, const struct action *action) {
    struct slice text = action->a;
    if (slice_skip(&text, "{\"type\":\"candidate\"") && browser_is_describing(page, action->peer))
        sim_complain(page->sim, "page %u tells a candidate before its description", page->index);
}

static void send_by(struct page *page, struct socket *socket, const struct action *action) {
    check_order(page, action);
    if (!socket || !socket->told)
        sim_complain(page->sim, "page %u sends on a socket that is not open: %.*s", page->index,
                     (int)action->a.len, action->a.bytes);
    else
        hostile_send(page, socket, action->a);
}

static void carry_out_server(struct page *page, const struct action *action) {
    struct socket **socket = &page->sockets[EVENT_TRANSPORT_WEBSOCKET];
    switch (action->kind) {
    case ACTION_HTTP_POST:
        http_post(page, action);
        break;
    case ACTION_HTTP_ABORT:
        http_abort(page, action->peer);
        break;
    case ACTION_SERVER_CONNECT:
        if (*socket)
            sim_complain(page->sim, "page %u connects to the server twice", page->index);
        *socket = socket_dial(page);
        break;
    case ACTION_SERVER_SEND:
        send_by(page, *socket, action);
        break;
    case ACTION_SERVER_CLOSE:
        if (*socket)
            socket_close(*socket);
        *socket = NULL;
        break;
    case ACTION_TAB_TELL:
    case ACTION_COUNT:
        ACTIONS_OF_PEER(ACTION_CASE)
        ACTIONS_OF_PAGE(ACTION_CASE)
        break;
    }
}

static void keep(char *out, size_t *len, size_t max, struct slice text) {
    PARLEY_CHECK(text.len <= max);
    if (text.len)
        memcpy(out, text.bytes, text.len);
    *len = text.len;
}

static void carry_out(struct page *page, const struct action *action) {
    SIM_TRACE(page->sim, "%u.%u    -> action %d peer %u code %u %.*s", page->index, page->life,
              (int)action->kind, action->peer, action->code, (int)action->a.len, action->a.bytes);
    switch (action->kind) {
        ACTIONS_OF_SERVER(ACTION_CASE)
        carry_out_server(page, action);
        break;
        ACTIONS_OF_PEER(ACTION_CASE)
        browser_carry_out(page, action);
        break;
    case ACTION_ROOM_NAMED:
        keep(page->room, &page->room_len, sizeof page->room, action->a);
        break;
    case ACTION_NAME_STORE:
        keep(page->name, &page->name_len, sizeof page->name, action->a);
        break;
    case ACTION_TRANSPORT_STORE:
        page->polling = action->code == EVENT_TRANSPORT_POLLING;
        break;
    case ACTION_TOKEN_STORE:
        keep(page->token, &page->token_len, sizeof page->token, action->a);
        break;
    case ACTION_DEVICE_STORE:
        keep(page->device, &page->device_len, sizeof page->device, action->a);
        break;
    case ACTION_HIDE_ADDRESS_STORE: /* the views are read after each turn */
    case ACTION_LINE_CHANGED:
    case ACTION_SHOW_STATUS:
    case ACTION_SHOW_DRAFT:
    case ACTION_SHOW_MEMBERS:
    case ACTION_SHOW_LINES:
    case ACTION_COUNT:
        break;
    }
}

/* Turns */

static int take_turn(struct page *page, struct event *event) {
    struct sim *sim = page->sim;
    if (event->kind == EVENT_UNLOAD || event->kind == EVENT_LEAVE)
        patrol_goodbye(page);
    event->now_ms = (uint64_t)((int64_t)sim->now_ms + page->clock_ms);
    event->wall_ms = START_OF_TIME_MS + (int64_t)sim->now_ms + page->wall_ms;
    event->utc_offset_min = (int32_t)(page->index % 24) * 60 - 660;
    SIM_TRACE(sim, "%u.%u event %d peer %u code %u %.*s", page->index, page->life, (int)event->kind,
              event->peer, event->code, (int)event->a.len, event->a.bytes);
    sim->turns++;
    record_event(page, event);
    int result = chat_handle(page->chat, event);
    for (const struct action *action; (action = chat_next_action(page->chat));) {
        record_action(page, action);
        carry_out(page, action);
    }
    record_result(page, result);
    check_turn(page, event, result);
    return result;
}

static int run(struct page *page, struct event *event) {
    int result = take_turn(page, event);
    for (struct event report; browser_report_buffered(page, &report);)
        take_turn(page, &report);
    rearm(page);
    return result;
}

static void defer(struct page *page, struct socket *socket, const struct event *event) {
    struct deferred *waiting = malloc(sizeof *waiting + event->a.len + event->b.len + event->c.len);
    PARLEY_CHECK(waiting);
    *waiting = (struct deferred){.socket = socket, .event = *event};
    char *at = (char *)(waiting + 1);
    struct slice *texts[] = {&waiting->event.a, &waiting->event.b, &waiting->event.c};
    for (int i = 0; i < 3; i++) {
        if (texts[i]->len)
            memcpy(at, texts[i]->bytes, texts[i]->len);
        texts[i]->bytes = at;
        at += texts[i]->len;
    }
    if (page->last)
        page->last->next = waiting;
    else
        page->first = waiting;
    page->last = waiting;
}

static int hand_in_now(struct page *page, struct socket *socket, struct event *event) {
    if (socket && socket != page->sockets[socket->transport])
        return 0;
    if (socket && event->kind == EVENT_SERVER_CLOSED)
        page->sockets[socket->transport] = NULL;
    else if (socket && event->kind == EVENT_SERVER_OPENED)
        socket->told = true;
    return run(page, event);
}

int page_hand_in(struct page *page, struct socket *socket, struct event *event) {
    if (!page->alive)
        return 0;
    if (!page->stopped)
        return hand_in_now(page, socket, event);
    defer(page, socket, event);
    return 0;
}

void page_tell(struct page *page, enum event_kind kind, uint32_t peer, uint32_t code) {
    page_hand_in(page, NULL, &(struct event){.kind = kind, .peer = peer, .code = code});
}

void page_wake(struct page *page, enum event_wake what) {
    page_tell(page, EVENT_WAKE, page->offline > 0, what);
}

/* Time */

static void tick(struct sim *sim, void *object, uint32_t serial) {
    struct page *page = object;
    if (!page->alive || serial != page->tick_serial)
        return;
    page->armed_ms = NO_DEADLINE;
    if (page->stopped)
        return; /* armed again when the page continues */
    (void)sim;
    page_tell(page, EVENT_TICK, 0, 0);
}

static void rearm(struct page *page) {
    struct sim *sim = page->sim;
    if (!page->alive)
        return;
    uint64_t due_ms = chat_deadline_ms(page->chat);
    if (due_ms == page->armed_ms)
        return;
    page->armed_ms = due_ms;
    page->tick_serial++;
    if (due_ms == NO_DEADLINE)
        return;
    int64_t wait_ms = (int64_t)due_ms - (int64_t)sim->now_ms - page->clock_ms;
    uint64_t late_ms = page->late_ms ? sim_draw(sim, 0, page->late_ms) : sim_draw(sim, 0, 3);
    sim_after(sim, (wait_ms > 0 ? (uint64_t)wait_ms : 0) + late_ms, tick, page, page->tick_serial);
}

void page_rearm(struct page *page) {
    page->armed_ms = 0;
    if (!page->stopped)
        rearm(page);
}

/* Stopping */

void page_stop(struct page *page, bool asleep) {
    if (!page->stopped++)
        page->stopped_ms = page->sim->now_ms;
    if (asleep && !page->asleep)
        page->asleep_ms = page->sim->now_ms;
    page->asleep += asleep;
    if (asleep)
        sim_paths_changed(page->sim, page);
}

static struct deferred *take_deferred(struct page *page) {
    struct deferred *waiting = page->first;
    page->first = waiting->next;
    if (!page->first)
        page->last = NULL;
    return waiting;
}

static void hand_in_deferred(struct page *page) {
    while (page->first) {
        struct deferred *waiting = take_deferred(page);
        hand_in_now(page, waiting->socket, &waiting->event);
        free(waiting);
    }
}

void page_go_on(struct page *page, bool asleep, bool clock_stood) {
    page->stopped--;
    page->went_on_ms = page->sim->now_ms;
    page->asleep -= asleep;
    if (clock_stood && !page->asleep)
        page->clock_ms -= (int64_t)(page->sim->now_ms - page->asleep_ms);
    if (page->wants_start && !page->stopped)
        page_start(page);
    if (asleep)
        sim_paths_changed(page->sim, page);
    if (page->alive && !page->stopped) {
        hand_in_deferred(page);
        page_rearm(page);
    }
}

/* Life */

static void end_life(struct page *page) {
    page->alive = page->wants_start = false;
    page->ended_ms = page->sim->now_ms;
    browser_forget(page);
    chat_destroy(page->chat);
    page->chat = NULL;
    memset(page->sockets, 0, sizeof page->sockets);
    page->tick_serial++;
    check_absent(page);
    while (page->first)
        free(take_deferred(page));
}

/* Random bytes, the tab's token and the device's secret, for START. */
static size_t write_kept(struct page *page, char *out) {
    size_t len = 0;
    for (; len < EVENT_RANDOM_BYTES; len++)
        out[len] = (char)sim_draw(page->sim, 0, 255);
    memcpy(out + len, page->token, page->token_len);
    len += page->token_len;
    out[len++] = '\n';
    memcpy(out + len, page->device, page->device_len);
    return len + page->device_len;
}

void page_start(struct page *page) {
    struct sim *sim = page->sim;
    char kept[EVENT_RANDOM_BYTES + TOKEN_KEPT_BYTES + 1 + KEYRING_DEVICE_CHARACTERS];
    page->wants_start = page->stopped;
    if (page->stopped)
        return;
    size_t kept_len = write_kept(page, kept);
    PARLEY_CHECK(!page->alive && chat_create(&page->chat) == PARLEY_OK);
    page->alive = true;
    page->life++;
    page->armed_ms = NO_DEADLINE;
    bool had_token = page->token_len > 0;
    page->clock_ms = (int64_t)sim_draw(sim, 1, 1000000) - (int64_t)sim->now_ms;
    page->last_peer = 0;
    page->failing_operations = page->failing_candidates = 0;
    page->core = sim->core_count++;
    check_begin(page);
    struct event start = {.kind = EVENT_START,
                          .a = {page->room, page->room_len},
                          .b = {page->name, page->name_len},
                          .c = {kept, kept_len},
                          .code = page->polling ? EVENT_START_POLLING : 0};
    run(page, &start);
    if (memcmp(chat_debug(page->chat).signaling->token.secret.bytes, kept + EVENT_RANDOM_BYTES,
               WIRE_TOKEN_BYTES) != 0 &&
        had_token)
        sim_complain(sim, "page %u does not come back as itself", page->index);
}

void page_unload(struct page *page) {
    if (!page->alive)
        return;
    take_turn(page, &(struct event){.kind = EVENT_UNLOAD});
    end_life(page);
}

void page_kill(struct page *page, bool silent) {
    if (!page->alive)
        return;
    for (int i = 0; i < EVENT_TRANSPORT_COUNT; i++)
        if (page->sockets[i])
            socket_abandon(page->sockets[i], silent);
    end_life(page);
}

uint32_t page_delay(const struct page *page) {
    uint32_t ms = page->latency_ms + sim_draw(page->sim, 0, 20);
    return ms * (1 + page->slow);
}

void page_deinit(struct page *page) {
    if (page->alive)
        end_life(page);
}
