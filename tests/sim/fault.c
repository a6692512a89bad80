#include "fault.h"

#include "error.h"
#include "ice.h"
#include "liar.h"
#include "patrol.h"
#include "room_secret.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>

/* Open, and sealed. */
static const char *const rooms[] = {"sim-room", "#1AAAAAAAAAAAAAAAAAAAAAA"};
static const char *const other_rooms[] = {"sim-other-room", "#1AQAAAAAAAAAAAAAAAAAAAA"};

#define SHUT_DOWN_MS 100

static struct page *page_of(struct sim *sim, const struct fault *fault) {
    return &sim->pages[fault->page];
}

static struct page *other_of(struct sim *sim, const struct fault *fault) {
    return &sim->pages[fault->other];
}

/* Pages come and go */

static void go_to(struct page *page, const char *room) {
    page->room_len = strlen(room);
    memcpy(page->room, room, page->room_len);
}

static void start(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    if (page->alive)
        return;
    go_to(page, fault->extra & START_FRESH_ROOM   ? ""
                : fault->extra & START_OTHER_ROOM ? other_rooms[sim->sealed]
                                                  : rooms[sim->sealed]);
    page->token_len = fault->extra & START_TOKEN ? WIRE_TOKEN_BYTES : 0;
    for (int i = 0; i < WIRE_TOKEN_BYTES; i++)
        page->token[i] = (char)('A' + sim_draw(sim, 0, 25));
    page->token[WIRE_TOKEN_BYTES - 1] = 'A';
    if (fault->extra & START_NAMED)
        page->name_len = (size_t)snprintf(page->name, sizeof page->name, "Page %u", page->index);
    page_start(page);
}

/* An earlier member comes back. */
static void start_again(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    if (fault->hit && !page->alive)
        page_start(page);
}

static void unload(struct page *page) {
    if (page->stopped)
        page_kill(page, false);
    else
        page_unload(page);
}

static void close_tab(struct sim *sim, struct fault *fault) {
    fault->hit = page_of(sim, fault)->alive;
    unload(page_of(sim, fault));
}

static void kill(struct sim *sim, struct fault *fault) {
    fault->hit = page_of(sim, fault)->alive;
    page_kill(page_of(sim, fault), fault->extra & 1);
}

static void leave(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    fault->hit = page->alive && !page->stopped;
    if (fault->hit)
        page_tell(page, EVENT_LEAVE, 0, 0);
}

static void come_back(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    if (!page->alive || !fault->hit)
        return;
    unload(page);
    go_to(page, rooms[sim->sealed]);
    page_start(page);
}

static void duplicate(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault), *copy = other_of(sim, fault);
    if (!page->alive || copy->alive)
        return;
    if (copy->hostile && !page->hostile)
        return; /* a text for the hostile page would count as one for this page */
    memcpy(copy->token, page->token, sizeof copy->token);
    memcpy(copy->room, page->room, sizeof copy->room);
    copy->room_len = page->room_len;
    copy->token_len = page->token_len;
    memcpy(copy->device, page->device, sizeof copy->device);
    copy->device_len = page->device_len;
    page_start(copy);
    page->shared = copy->shared = fault->hit = true;
    copy->hostile = page->hostile;
    copy->twist_percent = page->twist_percent;
}

static void end_duplicate(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    if (!fault->hit)
        return;
    if (fault->extra)
        unload(other_of(sim, fault));
    if (fault->extra == 2 && page->alive) {
        unload(page);
        page_start(page);
    }
}

/* Paths */

static void cut(struct sim *sim, uint32_t from, uint32_t to, int by) {
    sim->cuts[from][to] = (uint8_t)(sim->cuts[from][to] + by);
}

static void cut_pair(struct sim *sim, struct fault *fault, int by) {
    cut(sim, fault->page, fault->other, by);
    if (fault->kind == FAULT_CUT)
        cut(sim, fault->other, fault->page, by);
    sim_paths_changed(sim, page_of(sim, fault));
}

static void begin_cut(struct sim *sim, struct fault *fault) {
    cut_pair(sim, fault, 1);
}

static void end_cut(struct sim *sim, struct fault *fault) {
    cut_pair(sim, fault, -1);
}

static void isolate_page(struct sim *sim, struct page *page, int by) {
    for (uint32_t i = 0; i < SIM_PAGES_MAX; i++) {
        cut(sim, page->index, i, by);
        cut(sim, i, page->index, by);
    }
    sim_paths_changed(sim, page);
}

static void isolate(struct sim *sim, struct fault *fault) {
    isolate_page(sim, page_of(sim, fault), 1);
}

static void end_isolation(struct sim *sim, struct fault *fault) {
    isolate_page(sim, page_of(sim, fault), -1);
}

static void cut_server(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->up_cut += fault->extra & 1;
    page_of(sim, fault)->down_cut += fault->extra >> 1 & 1;
}

static void end_cut_server(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->up_cut -= fault->extra & 1;
    page_of(sim, fault)->down_cut -= fault->extra >> 1 & 1;
}

static void lose_socket(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    for (int i = 0; page->alive && i < EVENT_TRANSPORT_COUNT; i++)
        if (page->sockets[i])
            socket_lose(page->sockets[i], fault->extra & 1, fault->extra & 2);
}

static void block_websocket(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->websocket = (enum websocket_fate)fault->extra;
}

static void unblock_websocket(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->websocket = WEBSOCKET_WORKS;
}

static void never(struct sim *sim, struct fault *fault) {
    sim->never[fault->page][fault->other] = sim->never[fault->other][fault->page] = true;
}

static void slow_down(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->slow += fault->extra;
}

static void speed_up(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->slow -= fault->extra;
}

/* The server */

static void kill_server(struct sim *sim, struct fault *fault) {
    (void)fault;
    host_kill(sim);
}

static void start_server(struct sim *sim, struct fault *fault) {
    (void)fault;
    host_start(sim);
}

static void process_ends(struct sim *sim, void *object, uint32_t serial) {
    (void)object;
    (void)serial;
    host_kill(sim);
}

static void shut_down(struct sim *sim, struct fault *fault) {
    if (!sim->host.hub)
        return;
    host_shut_down(sim);
    sim_after(sim, fault->ms > SHUT_DOWN_MS ? SHUT_DOWN_MS : fault->ms / 2, process_ends, NULL, 0);
}

static void seal_rooms(struct sim *sim, struct fault *fault) {
    (void)fault;
    sim->sealed = true;
}

static void make_small(struct sim *sim, struct fault *fault) {
    struct hub_config *config = &sim->host.config;
    sim->host.small = true;
    if (fault->extra == 0)
        config->room_members_max = 3;
    else if (fault->extra == 1)
        config->connections_max = 3;
    else if (fault->extra == 2)
        config->rooms_max = 1;
    else
        config->grace_ms = 0;
    if (sim->host.hub) {
        host_kill(sim);
        host_start(sim);
    }
}

static void lie(struct sim *sim, struct fault *fault) {
    fault->hit = !sim->liar.lies;
    if (fault->hit)
        liar_begin(sim, fault->extra, fault->extra / (LIES_ALL + 1));
}

static void be_honest(struct sim *sim, struct fault *fault) {
    if (fault->hit)
        liar_end(sim);
}

/* The device */

static void fall_asleep(struct sim *sim, struct fault *fault) {
    page_stop(page_of(sim, fault), true);
}

static void wake_up(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    page_go_on(page, true, fault->extra & 1);
    if (sim_chance(sim, 50))
        page_wake(page, EVENT_WAKE_VISIBLE);
}

static void freeze(struct sim *sim, struct fault *fault) {
    page_stop(page_of(sim, fault), false);
}

static void thaw(struct sim *sim, struct fault *fault) {
    page_go_on(page_of(sim, fault), false, false);
    if (sim_chance(sim, 50))
        page_wake(page_of(sim, fault), EVENT_WAKE_VISIBLE);
}

static void jump_clock(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    (void)sim;
    page->jumped = true;
    page->clock_ms += (int64_t)fault->ms * (fault->extra ? 60 : 1);
    page_rearm(page);
}

static void jump_wall(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->wall_ms += fault->extra ? -(int64_t)fault->ms : (int64_t)fault->ms;
}

static void go_offline(struct sim *sim, struct page *page, int by) {
    page->offline += (uint32_t)by;
    page->up_cut += (uint32_t)by;
    page->down_cut += (uint32_t)by;
    isolate_page(sim, page, by);
}

static void wake(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    if (fault->extra == EVENT_WAKE_OFFLINE)
        go_offline(sim, page, 1);
    page_wake(page, (enum event_wake)fault->extra);
}

static void end_wake(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    if (fault->extra != EVENT_WAKE_OFFLINE)
        return;
    go_offline(sim, page, -1);
    page_wake(page, EVENT_WAKE_ONLINE);
}

static void be_late(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->late_ms = fault->extra;
}

static void be_in_time(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->late_ms = 0;
}

/* People */

static void rename_person(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    char name[32];
    snprintf(name, sizeof name, "Name %u", sim_draw(sim, 0, 99));
    if (page->alive && !page->stopped)
        page_hand_in(page, NULL, &(struct event){.kind = EVENT_RENAME, .a = slice_of(name)});
}

static void hide(struct sim *sim, struct fault *fault) {
    page_tell(page_of(sim, fault), EVENT_HIDE_ADDRESS, 0, !fault->extra);
}

static void say_one(struct page *page, uint32_t longer) {
    char text[CHECK_TEXT_BYTES + 4000];
    struct slice words = check_next_text(page, text);
    uint32_t length = longer * 40 < 3900 ? longer * 40 : 3900;
    memset(text + words.len, ' ', 1);
    memset(text + words.len + 1, 'x', length);
    words.len += length ? length + 1 : 0;
    if (page_hand_in(page, NULL, &(struct event){.kind = EVENT_SAY, .a = words}) == PARLEY_OK)
        check_said(page);
}

static void say(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    for (uint32_t i = 0; i < fault->extra; i++)
        if (page->alive && !page->stopped && !sim->failure[0])
            say_one(page, fault->other);
}

static void make_hostile(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->hostile = true;
    page_of(sim, fault)->twist_percent = fault->extra;
}

static void burden(struct sim *sim, struct fault *fault) {
    sim->operation_ms = fault->extra;
    sim->burdened = true;
}

static void unburden(struct sim *sim, struct fault *fault) {
    (void)fault;
    sim->operation_ms = 0;
}

/* The id of the room where people meet. */
static struct room_id room_for_server(const struct sim *sim) {
    struct room_id room;
    struct room_secret secret;
    struct room_root root;
    if (!sim->sealed) {
        PARLEY_CHECK(room_id_read(slice_of(rooms[0]), &room));
        return room;
    }
    PARLEY_CHECK(room_secret_read(slice_of(rooms[1] + 1), &secret) == PARLEY_OK);
    room_root_of(&secret, &root);
    return room_root_id(&root);
}

static void begin_flood(struct sim *sim, struct fault *fault) {
    const struct room_id room = room_for_server(sim);
    (void)fault;
    flood_begin(sim, &room);
}

static void end_flood(struct sim *sim, struct fault *fault) {
    (void)fault;
    flood_end(sim);
}

/* Browsers */

static void fail_operations(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->failing_operations = fault->extra;
}

static void fail_no_more(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->failing_operations = page_of(sim, fault)->failing_candidates = 0;
}

static void fail_candidates(struct sim *sim, struct fault *fault) {
    page_of(sim, fault)->failing_candidates = fault->extra;
}

static void break_channel(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    for (uint32_t i = 0; i < page->connection_count; i++) {
        struct connection *connection = page->connections[i];
        if (!connection->mate || connection->mate->page->index != fault->other)
            continue;
        ice_end_channel(connection, sim_draw(sim, 0, 2000));
        if (!fault->extra)
            ice_end_channel(connection->mate, sim_draw(sim, 0, 2000));
    }
}

static void wedge(struct sim *sim, struct fault *fault) {
    struct page *page = page_of(sim, fault);
    for (uint32_t i = 0; i < page->connection_count; i++) {
        struct connection *connection = page->connections[i];
        if (!connection->mate || connection->mate->page->index != fault->other)
            continue;
        connection->wedged = connection->mate->wedged = true;
        ice_look(connection);
    }
}

/* All of them */

typedef void fault_fn(struct sim *sim, struct fault *fault);

static const struct {
    fault_fn *begin, *end;
} deeds[FAULT_COUNT] = {
    [FAULT_START] = {start, NULL},
    [FAULT_SAY] = {say, NULL},
    [FAULT_SEALED] = {seal_rooms, NULL},
    [FAULT_SMALL_HOST] = {make_small, NULL},
    [FAULT_HOSTILE] = {make_hostile, NULL},
    [FAULT_BURDEN] = {burden, unburden},
    [FAULT_FLOOD] = {begin_flood, end_flood},
    [FAULT_NEVER] = {never, NULL},
    [FAULT_BLOCK_WEBSOCKET] = {block_websocket, unblock_websocket},
    [FAULT_CUT] = {begin_cut, end_cut},
    [FAULT_CUT_ONE_WAY] = {begin_cut, end_cut},
    [FAULT_ISOLATE] = {isolate, end_isolation},
    [FAULT_CUT_SERVER] = {cut_server, end_cut_server},
    [FAULT_LOSE_SOCKET] = {lose_socket, NULL},
    [FAULT_KILL_SERVER] = {kill_server, start_server},
    [FAULT_SHUT_DOWN] = {shut_down, start_server},
    [FAULT_KILL] = {kill, NULL},
    [FAULT_CRASH] = {kill, start_again},
    [FAULT_CLOSE] = {close_tab, NULL},
    [FAULT_RELOAD] = {close_tab, start_again},
    [FAULT_LEAVE] = {leave, come_back},
    [FAULT_SLEEP] = {fall_asleep, wake_up},
    [FAULT_FREEZE] = {freeze, thaw},
    [FAULT_JUMP_CLOCK] = {jump_clock, NULL},
    [FAULT_JUMP_WALL] = {jump_wall, NULL},
    [FAULT_WAKE] = {wake, end_wake},
    [FAULT_HIDE] = {hide, NULL},
    [FAULT_RENAME] = {rename_person, NULL},
    [FAULT_FAIL_OPERATIONS] = {fail_operations, fail_no_more},
    [FAULT_FAIL_CANDIDATES] = {fail_candidates, fail_no_more},
    [FAULT_DUPLICATE] = {duplicate, end_duplicate},
    [FAULT_BREAK_CHANNEL] = {break_channel, NULL},
    [FAULT_WEDGE] = {wedge, NULL},
    [FAULT_LIE] = {lie, be_honest},
    [FAULT_SLOW] = {slow_down, speed_up},
    [FAULT_LATE] = {be_late, be_in_time},
};

static void end_fault(struct sim *sim, void *object, uint32_t serial) {
    struct fault *fault = object;
    (void)serial;
    SIM_TRACE(sim, "end of fault %u", (unsigned)(fault - sim->script.faults));
    patrol_trouble(sim);
    deeds[fault->kind].end(sim, fault);
}

void fault_strike(struct sim *sim, void *object, uint32_t serial) {
    struct fault *fault = object;
    (void)serial;
    SIM_TRACE(sim, "fault %u: kind %d page %u other %u ms %u extra %u",
              (unsigned)(fault - sim->script.faults), (int)fault->kind, fault->page, fault->other,
              fault->ms, fault->extra);
    if (fault->kind != FAULT_SAY && fault->kind != FAULT_RENAME)
        patrol_trouble(sim);
    deeds[fault->kind].begin(sim, fault);
    if (deeds[fault->kind].end)
        sim_after(sim, fault->ms, end_fault, fault, 0);
}
