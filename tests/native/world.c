#include "world.h"

#include "error.h"
#include "sdp_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world_event {
    struct world_event *next;
    int page;
    uint32_t socket;    /* for a server's event, the page's socket at that time */
    struct event event; /* followed by its texts */
};

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The code of these events is the transport. */
static bool is_of_server(enum event_kind kind) {
    return kind >= EVENT_SERVER_OPENED && kind <= EVENT_SERVER_CLOSED;
}

static void queue(struct world *world, int page, enum event_kind kind, uint32_t peer, uint32_t code,
                  struct slice a) {
    struct world_event *waiting = calloc(1, sizeof *waiting + a.len + 1);
    CHECK(waiting);
    char *text = (char *)(waiting + 1);
    if (a.len)
        memcpy(text, a.bytes, a.len);
    waiting->page = page;
    if (page >= 0 && is_of_server(kind))
        waiting->socket = world->pages[page].sockets[code].number;
    waiting->event = (struct event){.kind = kind, .peer = peer, .code = code, .a = {text, a.len}};
    if (world->last)
        world->last->next = waiting;
    else
        world->first = waiting;
    world->last = waiting;
}

static void queue_bare(struct world *world, int page, enum event_kind kind, uint32_t peer,
                       uint32_t code) {
    queue(world, page, kind, peer, code, (struct slice){0});
}

struct page_way {
    int page; /* -1: nobody's */
    enum event_transport by;
};

static struct world_socket *socket_of(struct world *world, struct page_way way) {
    return &world->pages[way.page].sockets[way.by];
}

static struct page_way way_of(const struct world *world, hub_handle handle) {
    for (int i = 0; i < WORLD_PAGES_MAX; i++)
        for (int by = 0; by < EVENT_TRANSPORT_COUNT; by++) {
            const struct world_socket *socket = &world->pages[i].sockets[by];
            if (socket->connected && socket->handle == handle)
                return (struct page_way){i, (enum event_transport)by};
        }
    return (struct page_way){.page = -1};
}

enum event_transport world_way(const struct world *world, int page) {
    int by = 0;
    while (by < EVENT_TRANSPORT_COUNT && !world->pages[page].sockets[by].connected)
        by++;
    return (enum event_transport)by;
}

/* The server's side */

static void drop(struct world *world, struct page_way way);

static void carry_out_hub(struct world *world) {
    struct hub_action action;
    struct page_way closing[EVENT_TRANSPORT_COUNT * WORLD_PAGES_MAX];
    int closing_count = 0;
    while (hub_next_action(world->hub, &action)) {
        struct page_way way = way_of(world, action.to);
        if (action.kind == HUB_NOTE || way.page < 0)
            continue;
        if (action.kind == HUB_SEND)
            queue(world, way.page, EVENT_SERVER_MESSAGE, 0, way.by, action.bytes);
        else
            closing[closing_count++] = way;
        if (action.kind == HUB_CLOSE)
            queue_bare(world, way.page, EVENT_SERVER_CLOSED, 0, way.by);
    }
    for (int i = 0; i < closing_count; i++)
        drop(world, closing[i]);
}

static void drop(struct world *world, struct page_way way) {
    struct world_socket *socket = socket_of(world, way);
    if (!socket->connected)
        return;
    socket->connected = false;
    if (!world->hub)
        return;
    hub_disconnect(world->hub, world->now_ms, socket->handle);
    carry_out_hub(world);
}

void world_drop_socket(struct world *world, int page) {
    for (int by = 0; by < EVENT_TRANSPORT_COUNT; by++)
        drop(world, (struct page_way){page, (enum event_transport)by});
}

static void connect_page(struct world *world, struct page_way way) {
    struct world_socket *socket = socket_of(world, way);
    bool blocked = way.by == EVENT_TRANSPORT_WEBSOCKET && world->pages[way.page].websockets_blocked;
    CHECK(!socket->connected);
    socket->number++;
    if (!world->hub || blocked) {
        queue_bare(world, way.page, EVENT_SERVER_CLOSED, 0, way.by);
        return;
    }
    static uint8_t draw;
    uint8_t random[HUB_RANDOM_BYTES];
    memset(random, ++draw, sizeof random);
    CHECK(hub_connect(world->hub, world->now_ms, NULL, random, &socket->handle) == PARLEY_OK);
    socket->connected = true;
    queue_bare(world, way.page, EVENT_SERVER_OPENED, 0, way.by);
}

static void send_to_hub(struct world *world, struct page_way way, struct slice bytes) {
    const struct world_socket *socket = socket_of(world, way);
    world->pages[way.page].signals_sent++;
    struct slice rest = bytes;
    if (!socket->connected || (world->no_relay && slice_skip(&rest, "{\"type\":\"relay\"")))
        return; /* the page does not know yet that it is closed */
    hub_receive(world->hub, world->now_ms, socket->handle, bytes);
    carry_out_hub(world);
}

/* Closes a connection without another event. */
static void close_way(struct world *world, struct page_way way) {
    socket_of(world, way)->number++;
    drop(world, way);
}

/* The browsers' side */

static struct world_connection *find(struct world *world, int page, uint32_t peer) {
    for (int i = 0; i < WORLD_CONNECTIONS_MAX; i++)
        if (world->pages[page].connections[i].peer == peer)
            return &world->pages[page].connections[i];
    return NULL;
}

static void open_peer(struct world *world, int page, uint32_t peer) {
    struct world_connection *free_one = find(world, page, 0);
    CHECK(free_one && peer && !find(world, page, peer));
    *free_one = (struct world_connection){.peer = peer, .mate_page = -1};
}

static struct world_connection *mate_of(struct world *world, const struct world_connection *self) {
    return self->mate_page < 0 ? NULL : find(world, self->mate_page, self->mate_peer);
}

static void close_peer(struct world *world, int page, uint32_t peer) {
    struct world_connection *self = find(world, page, peer);
    CHECK(self);
    struct world_connection *mate = mate_of(world, self);
    if (mate && mate->open)
        queue_bare(world, mate->cut ? -1 : self->mate_page, EVENT_CHANNEL_CLOSED, mate->peer, 0);
    if (mate)
        mate->open = false;
    *self = (struct world_connection){0};
}

/* A description names its owner. */
static void describe(struct world *world, int page, const struct action *action) {
    char sdp[SDP_BYTES_MAX];
    snprintf(sdp, sizeof sdp, SDP_OF("page%d.peer%u"), page, action->peer);
    CHECK(find(world, page, action->peer));
    if (action->code == EVENT_SDP_ROLLBACK)
        queue_bare(world, page, EVENT_PEER_DONE, action->peer, 0);
    else
        queue(world, page, EVENT_PEER_DESCRIBED, action->peer, action->code, slice_of(sdp));
}

static void open_channels(struct world *world, int page, struct world_connection *self) {
    struct world_connection *mate = mate_of(world, self);
    if (!mate || !mate->accepted || self->open)
        return;
    self->open = mate->open = true;
    queue_bare(world, page, EVENT_CHANNEL_OPENED, self->peer, 0);
    queue_bare(world, self->mate_page, EVENT_CHANNEL_OPENED, mate->peer, 0);
}

static void accept(struct world *world, int page, const struct action *action) {
    struct world_connection *self = find(world, page, action->peer);
    char sdp[SDP_BYTES_MAX];
    CHECK(self && action->a.len < sizeof sdp);
    memcpy(sdp, action->a.bytes, action->a.len);
    sdp[action->a.len] = '\0';
    CHECK(sscanf(sdp, SDP_START "page%d.peer%u", &self->mate_page, &self->mate_peer) == 2);
    self->accepted = true;
    queue_bare(world, page, EVENT_PEER_DONE, self->peer, 0);
    open_channels(world, page, self);
}

static void send(struct world *world, int page, const struct action *action) {
    struct world_connection *self = find(world, page, action->peer);
    CHECK(self);
    struct world_connection *mate = mate_of(world, self);
    if (mate && self->open && !self->frozen && !self->cut)
        queue(world, self->mate_page, EVENT_CHANNEL_MESSAGE, mate->peer, 0,
              world->altered ? world->altered(page, action->a) : action->a);
    queue_bare(world, page, EVENT_CHANNEL_BUFFERED, self->peer, self->frozen ? 1u << 20 : 0);
}

static void copy(struct slice text, char *out, size_t size) {
    CHECK(text.len < size);
    memcpy(out, text.bytes, text.len);
    out[text.len] = '\0';
}

static void carry_out_peer(struct world *world, int page, const struct action *action) {
    if (action->kind == ACTION_PEER_OPEN)
        open_peer(world, page, action->peer);
    else if (action->kind == ACTION_PEER_CLOSE)
        close_peer(world, page, action->peer);
    else if (action->kind == ACTION_PEER_DESCRIBE && !world->hold_answers)
        describe(world, page, action);
    else if (action->kind == ACTION_PEER_ACCEPT && !world->hold_answers)
        accept(world, page, action);
    else if (action->kind == ACTION_CHANNEL_SEND)
        send(world, page, action);
}

static void carry_out_polling(struct world *world, int page, const struct action *action) {
    struct page_way way = {page, EVENT_TRANSPORT_POLLING};
    struct poll_stub *stub = &world->pages[page].polling;
    struct poll_stub_wish wish = poll_stub_take(stub, action, world->now_ms);
    if (wish.connect)
        connect_page(world, way);
    for (struct slice line; slice_cut(&wish.messages, '\n', &line);)
        send_to_hub(world, way, line);
    if (wish.close)
        close_way(world, way);
}

static void carry_out(struct world *world, int page, const struct action *action) {
    struct world_page *self = &world->pages[page];
    struct page_way way = {page, EVENT_TRANSPORT_WEBSOCKET};
    switch (action->kind) {
    case ACTION_SERVER_CONNECT:
        connect_page(world, way);
        break;
    case ACTION_SERVER_SEND:
        send_to_hub(world, way, action->a);
        break;
    case ACTION_SERVER_CLOSE:
        close_way(world, way);
        break;
    case ACTION_HTTP_POST:
    case ACTION_HTTP_ABORT:
        carry_out_polling(world, page, action);
        break;
    case ACTION_ROOM_NAMED:
        copy(action->a, self->room_named, sizeof self->room_named);
        break;
    case ACTION_TOKEN_STORE:
        CHECK(action->a.len == sizeof self->token);
        memcpy(self->token, action->a.bytes, action->a.len);
        self->token_len = action->a.len;
        break;
    case ACTION_DEVICE_STORE:
        CHECK(action->a.len == sizeof self->device);
        memcpy(self->device, action->a.bytes, action->a.len);
        self->device_len = action->a.len;
        break;
    case ACTION_NAME_STORE:
        copy(action->a, self->name_stored, sizeof self->name_stored);
        self->name_stored_code = action->code;
        break;
        ACTIONS_OF_PEER(ACTION_CASE)
        carry_out_peer(world, page, action);
        break;
    case ACTION_TRANSPORT_STORE:
    case ACTION_HIDE_ADDRESS_STORE:
    case ACTION_TAB_TELL:
    case ACTION_LINE_CHANGED:
    case ACTION_SHOW_STATUS:
    case ACTION_SHOW_DRAFT:
    case ACTION_SHOW_MEMBERS:
    case ACTION_SHOW_LINES:
    case ACTION_COUNT:
        break;
    }
}

/* Events */

static int hand_in(struct world *world, int page, struct event *event) {
    event->now_ms = world->now_ms;
    event->wall_ms = 1700000000000 + (int64_t)world->now_ms;
    struct chat *chat = world->pages[page].chat;
    int result = chat_handle(chat, event);
    for (const struct action *action; (action = chat_next_action(chat));)
        carry_out(world, page, action);
    for (struct event next; poll_stub_next(&world->pages[page].polling, world->now_ms, &next);)
        hand_in(world, page, &next);
    return result;
}

/* By polling, the event comes as an answer, and the page's next requests are answered as well. */
static int hand_in_of_server(struct world *world, int page, struct event *event) {
    struct poll_stub *stub = &world->pages[page].polling;
    if (event->code == EVENT_TRANSPORT_POLLING)
        *event = poll_stub_event(stub, event->kind, event->a);
    return hand_in(world, page, event);
}

void world_run(struct world *world) {
    while (world->first) {
        struct world_event *next = world->first;
        world->first = next->next;
        if (!world->first)
            world->last = NULL;
        if (next->page < 0 || world->pages[next->page].asleep) {
            free(next);
            continue;
        }
        const struct event *event = &next->event;
        if (!is_of_server(event->kind))
            hand_in(world, next->page, &next->event);
        else if (next->socket == world->pages[next->page].sockets[event->code].number)
            hand_in_of_server(world, next->page, &next->event);
        free(next);
    }
}

static int do_event(struct world *world, int page, struct event event) {
    int result = is_of_server(event.kind) ? hand_in_of_server(world, page, &event)
                                          : hand_in(world, page, &event);
    world_run(world);
    return result;
}

int world_do(struct world *world, int page, enum event_kind kind, const char *a) {
    return do_event(world, page, (struct event){.kind = kind, .a = slice_of(a)});
}

int world_do_peer(struct world *world, int page, uint32_t peer, enum event_kind kind, uint32_t code,
                  struct slice a) {
    return do_event(world, page, (struct event){.kind = kind, .peer = peer, .code = code, .a = a});
}

void world_start(struct world *world, int page, const char *name, const char *room) {
    struct world_page *self = &world->pages[page];
    char random[EVENT_RANDOM_BYTES + TOKEN_KEPT_BYTES + 1 + KEYRING_DEVICE_CHARACTERS];
    size_t len = EVENT_RANDOM_BYTES;
    memset(random, page + 2, EVENT_RANDOM_BYTES);
    random[EVENT_RANDOM_BYTES - 1] = (char)self->starts++;
    memcpy(random + len, self->token, self->token_len);
    len += self->token_len;
    random[len++] = '\n';
    memcpy(random + len, self->device, self->device_len);
    do_event(world, page,
             (struct event){.kind = EVENT_START,
                            .a = slice_of(room ? room : ""),
                            .b = slice_of(name),
                            .c = {random, len + self->device_len}});
}

static uint64_t next_deadline_ms(const struct world *world) {
    uint64_t deadline_ms = world->hub ? hub_deadline_ms(world->hub) : NO_DEADLINE;
    for (int i = 0; i < WORLD_PAGES_MAX; i++) {
        uint64_t page_ms = chat_deadline_ms(world->pages[i].chat);
        if (!world->pages[i].asleep && page_ms < deadline_ms)
            deadline_ms = page_ms;
    }
    return deadline_ms;
}

static void tick_all(struct world *world) {
    if (world->hub && hub_deadline_ms(world->hub) <= world->now_ms) {
        hub_tick(world->hub, world->now_ms);
        carry_out_hub(world);
    }
    for (int i = 0; i < WORLD_PAGES_MAX; i++)
        if (!world->pages[i].asleep && chat_deadline_ms(world->pages[i].chat) <= world->now_ms)
            world_do(world, i, EVENT_TICK, "");
    world_run(world);
}

void world_pass(struct world *world, uint64_t ms) {
    uint64_t end_ms = world->now_ms + ms;
    for (int turns = 0; next_deadline_ms(world) <= end_ms; turns++) {
        CHECK(turns < 1000000); /* otherwise a deadline stays in the past */
        if (next_deadline_ms(world) > world->now_ms)
            world->now_ms = next_deadline_ms(world);
        tick_all(world);
    }
    world->now_ms = end_ms;
}

void world_kill_server(struct world *world) {
    hub_destroy(world->hub);
    world->hub = NULL;
    for (int i = 0; i < WORLD_PAGES_MAX; i++)
        for (int by = 0; by < EVENT_TRANSPORT_COUNT; by++) {
            struct world_socket *socket = &world->pages[i].sockets[by];
            if (socket->connected)
                queue_bare(world, i, EVENT_SERVER_CLOSED, 0, (uint32_t)by);
            socket->connected = false;
        }
    world_run(world);
}

uint32_t world_peer(struct world *world, int page, int other) {
    for (int i = 0; i < WORLD_CONNECTIONS_MAX; i++) {
        const struct world_connection *one = &world->pages[page].connections[i];
        if (one->peer && one->mate_page == other)
            return one->peer;
    }
    return 0;
}

static void cut_one_way(struct world *world, int page, int other, bool cut) {
    struct world_connection *self = find(world, page, world_peer(world, page, other));
    CHECK(self);
    self->cut = cut;
}

void world_cut(struct world *world, int page, int other, bool cut) {
    const int ends[] = {page, other};
    for (int i = 0; i < 2; i++)
        cut_one_way(world, ends[i], ends[1 - i], cut);
}

void world_start_server(struct world *world) {
    struct hub_config config = {.connections_max = 64,
                                .rooms_max = 8,
                                .room_members_max = WORLD_PAGES_MAX - 1,
                                .join_timeout_ms = 10000,
                                .relay = true,
                                .grace_ms = WORLD_GRACE_MS};
    CHECK(hub_create(&world->hub, &config) == PARLEY_OK);
}

void world_drain_server(struct world *world, uint64_t duration_ms) {
    hub_drain(world->hub, world->now_ms, duration_ms);
    carry_out_hub(world);
    world_run(world);
}

void world_init(struct world *world) {
    *world = (struct world){0};
    world_start_server(world);
    for (int i = 0; i < WORLD_PAGES_MAX; i++)
        CHECK(chat_create(&world->pages[i].chat) == PARLEY_OK);
}

void world_deinit(struct world *world) {
    while (world->first) {
        struct world_event *next = world->first->next;
        free(world->first);
        world->first = next;
    }
    for (int i = 0; i < WORLD_PAGES_MAX; i++)
        chat_destroy(world->pages[i].chat);
    hub_destroy(world->hub);
}
