#include "patrol.h"

#include "chat_debug.h"
#include "error.h"
#include "hub_debug.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>

/* Vanished members */

static bool is_attentive(const struct page *page) {
    return page->alive && !page->stopped && !page->late_ms && !page->slow && !page->hostile &&
           page->sim->now_ms > page->went_on_ms + PATROL_VANISHED_MS;
}

/* The time after which that life of the page cannot have sent anything; 0: it can still send. */
static uint64_t silent_since_ms(const struct page *page, uint32_t life) {
    if (!page->alive || page->life != life)
        return page->ended_ms;
    return page->stopped ? page->stopped_ms : 0;
}

static void look_at_members(struct page *page) {
    struct sim *sim = page->sim;
    const struct room *room = chat_debug(page->chat).room;
    for (uint32_t i = 0; i < room->member_count; i++) {
        const struct known *known = check_find_known(page, room->members[i]->number);
        if (!known || known->page == CHECK_PAGES_MAX || !member_connected(room->members[i]) ||
            !check_is_sure(&sim->pages[known->page], known))
            continue;
        const struct page *who = &sim->pages[known->page];
        uint64_t page_ms = (uint64_t)((int64_t)sim->now_ms + page->clock_ms);
        if (page_ms < room->members[i]->link.well_ms + PATROL_VANISHED_MS ||
            page_ms < room->members[i]->session.heartbeat.heard_ms + PATROL_VANISHED_MS)
            continue; /* ICE can recover before the page does, and the server can be slow */
        uint64_t since_ms = silent_since_ms(who, known->life);
        if (since_ms && sim->now_ms > since_ms + PATROL_VANISHED_MS && !who->shared)
            sim_complain(sim, "page %u shows page %u as connected, which vanished at %llu s",
                         page->index, who->index, (unsigned long long)since_ms / 1000);
    }
}

/* Pages with a free path */

static bool is_ready(const struct page *page) {
    const struct sim *sim = page->sim;
    return !sim->liar.lies && page->alive &&
           signaling_is_joined(chat_debug(page->chat).signaling) && page->watch.hub_socket &&
           !page->stopped && !page->up_cut && !page->down_cut && !page->slow && !page->late_ms &&
           !page->hostile && !page->shared && !page->failing_operations && !sim->host.small &&
           !page->watch.hub_socket->lost && !check_is_broke(page);
}

static bool is_connected(const struct page *from, const struct page *to) {
    const struct member *member =
        room_find_id(chat_debug(from->chat).room, &chat_debug(to->chat).room->self_id);
    return member && member_connected(member);
}

static uint64_t bound_ms(const struct sim *sim) {
    if (sim->flood.on)
        return PATROL_FLOOD_MS;
    uint64_t oldest_ms = sim->troubles_ms[PATROL_TROUBLES - 1];
    return sim->now_ms > oldest_ms + PATROL_APART_MS ? PATROL_CALM_MS : PATROL_APART_MS;
}

void patrol_trouble(struct sim *sim) {
    memmove(sim->troubles_ms + 1, sim->troubles_ms,
            (PATROL_TROUBLES - 1) * sizeof *sim->troubles_ms);
    sim->troubles_ms[0] = sim->now_ms;
}

static void look_at_pair(struct page *one, struct page *other) {
    struct sim *sim = one->sim;
    uint64_t *since_ms = &sim->apart_ms[one->index][other->index];
    bool may = is_ready(one) && is_ready(other) && check_same_room(one, other) &&
               sim_passes(sim, one, other) && sim_passes(sim, other, one);
    bool connected = may && is_connected(one, other) && is_connected(other, one);
    if (connected && *since_ms)
        repairs_add(&sim->repairs, sim->now_ms - *since_ms);
    if (!may || connected)
        *since_ms = 0;
    else if (!*since_ms)
        *since_ms = sim->now_ms;
    else if (sim->now_ms > *since_ms + bound_ms(sim))
        sim_complain(sim, "pages %u and %u have nothing between them and are not connected",
                     one->index, other->index);
}

static void patrol(struct sim *sim, void *object, uint32_t serial) {
    (void)object;
    for (uint32_t i = 0; i < sim->page_count; i++) {
        if (serial % PATROL_MEMBERS_EVERY == 0 && is_attentive(&sim->pages[i]))
            look_at_members(&sim->pages[i]);
        for (uint32_t k = 0; k < i; k++)
            look_at_pair(&sim->pages[k], &sim->pages[i]);
    }
    sim_after(sim, PATROL_EVERY_MS, patrol, NULL, serial + 1);
}

void patrol_begin(struct sim *sim) {
    sim_after(sim, PATROL_EVERY_MS, patrol, NULL, 0);
}

/* Goodbyes */

static bool can_speak(const struct page *page) {
    const struct socket *socket = page->watch.hub_socket;
    return !page->up_cut && !page->asleep && !page->slow && socket && !socket->lost &&
           socket == page->sockets[socket->transport] && !page->hostile && !page->shared;
}

static void look_for(struct sim *sim, void *object, uint32_t serial) {
    struct page *page = object;
    struct hub_debug_member members[WIRE_ROOM_MEMBERS_MAX];
    const struct goodbye *goodbye = &page->goodbye;
    if (serial != goodbye->serial || page->life != goodbye->life || !sim->host.hub ||
        page->watch.hub_socket || page->up_cut || page->asleep ||
        page->went_on_ms + PATROL_GOODBYE_MS > sim->now_ms)
        return; /* if it was asleep, its goodbye may still be in transit */
    size_t count = hub_debug_members(sim->host.hub, &goodbye->room, members);
    for (size_t i = 0; i < count; i++)
        if (member_id_equal(&members[i].id, &goodbye->id))
            sim_complain(sim, "page %u said goodbye, and the hub still has it", page->index);
}

void patrol_goodbye(struct page *page) {
    const struct room *room = chat_debug(page->chat).room;
    struct goodbye *goodbye = &page->goodbye;
    goodbye->serial++;
    if (!signaling_is_joined(chat_debug(page->chat).signaling) || !can_speak(page))
        return;
    goodbye->id = room->self_id;
    goodbye->room = room->id;
    goodbye->life = page->life;
    sim_after(page->sim, PATROL_GOODBYE_MS, look_for, page, goodbye->serial);
}
