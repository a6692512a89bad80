#include "verdict.h"

#include "chat_debug.h"
#include "hub_debug.h"
#include "sim.h"

/* True if |page| is not judged: it has no place in a room, or gave it to another tab. */
static bool is_out(const struct page *page) {
    bool excused = page->hostile || page->sim->host.small;
    return !page->alive || (excused && !signaling_is_joined(chat_debug(page->chat).signaling)) ||
           (page->shared && chat_debug(page->chat).signaling->dialing.state == JOIN_STATE_REFUSED);
}

static bool never_meet(const struct page *left, const struct page *right) {
    return left->sim->never[left->index][right->index];
}

static void judge_pair(struct page *page, const struct page *other, const struct member *member) {
    struct sim *sim = page->sim;
    bool connected = member && member_connected(member);
    if (page->hostile || other->hostile || check_is_broke(page) || check_is_broke(other))
        return;
    if (!member)
        sim_complain(sim, "page %u does not know page %u", page->index, other->index);
    else if (never_meet(page, other) == link_state_is_up(member->link.state))
        sim_complain(sim,
                     "page %u has a link to page %u without a path, or none with one: state %d",
                     page->index, other->index, (int)member->link.state);
    else if (never_meet(page, other) && member->link.reason == LINK_REASON_NONE)
        sim_complain(sim, "page %u does not say why page %u is out of direct reach", page->index,
                     other->index);
    else if (!connected)
        sim_complain(sim, "page %u is not connected to page %u: state %d, %u failures", page->index,
                     other->index, (int)member->link.state, member->link.failures);
    else if (connected && !member->session.greeted)
        sim_complain(sim, "page %u was never greeted by page %u", page->index, other->index);
}

/* True if |id| is no honest page's and there is a hostile page: it may even alter its token, and so
 * have several ids. */
static bool is_hostile(const struct sim *sim, const struct member_id *id) {
    bool hostile = false;
    for (uint32_t i = 0; i < sim->page_count; i++) {
        const struct page *page = &sim->pages[i];
        if (!page->alive)
            continue;
        if (page->hostile)
            hostile = true;
        else if (member_id_equal(&chat_debug(page->chat).room->self_id, id))
            return false;
    }
    return hostile;
}

static bool has(const struct hub_debug_member *members, size_t count, const struct member_id *id) {
    for (size_t i = 0; i < count; i++)
        if (member_id_equal(&members[i].id, id))
            return true;
    return false;
}

static void judge_roster(struct page *page) {
    struct sim *sim = page->sim;
    const struct room *room = chat_debug(page->chat).room;
    struct hub_debug_member members[WIRE_ROOM_MEMBERS_MAX];
    size_t count = hub_debug_members(sim->host.hub, &room->id, members);
    const struct member_id *self = &room->self_id;
    for (size_t i = 0; i < count; i++) {
        const struct member_id *id = &members[i].id;
        if (!member_id_equal(self, id) && !room_find_id(room, id) && !is_hostile(sim, id))
            sim_complain(sim, "page %u does not know %.*s, whom the hub has", page->index,
                         WIRE_MEMBER_ID_BYTES, id->bytes);
        if (members[i].absent && !is_hostile(sim, id))
            sim_complain(sim, "%.*s is still absent", WIRE_MEMBER_ID_BYTES, id->bytes);
    }
    if (!page->hostile && !has(members, count, self))
        sim_complain(sim, "the hub does not know page %u", page->index);
    for (uint32_t i = 0; i < room->member_count; i++)
        if (!has(members, count, &room->members[i]->link.member_id) &&
            !is_hostile(sim, &room->members[i]->link.member_id))
            sim_complain(sim, "page %u knows %.*s, whom the hub does not have", page->index,
                         WIRE_MEMBER_ID_BYTES, room->members[i]->link.member_id.bytes);
}

static bool has_trouble(const struct page *page) {
    const struct sim *sim = page->sim;
    for (uint32_t i = 0; i < sim->page_count; i++)
        for (uint32_t k = 0; k < sim->page_count; k++)
            if (check_same_room(page, &sim->pages[i]) &&
                (sim->pages[i].hostile || sim->never[i][k] || check_is_broke(&sim->pages[i])))
                return true;
    return false;
}

static void judge_status(struct page *page) {
    struct sim *sim = page->sim;
    struct status_view status;
    chat_status_view(page->chat, &status);
    if (status.tone != STATUS_TONE_QUIET && !has_trouble(page) && !sim->host.small)
        sim_complain(sim, "page %u says: %.*s", page->index, (int)status.text.len,
                     status.text.bytes);
}

/* True if the page is alone in the room for the server, even if it is still connected to others. */
static bool is_alone(const struct page *page) {
    const struct room *room = chat_debug(page->chat).room;
    for (uint32_t i = 0; i < room->member_count; i++)
        if (room->members[i]->presence.listed)
            return false;
    return true;
}

/* The server's credentials expire, and the page asks for new ones before. It gets them unless it is
 * alone. A hostile page may have altered its own request. */
static void judge_credentials(const struct page *page) {
    struct sim *sim = page->sim;
    if (page->hostile || is_alone(page))
        return;
    for (uint32_t i = 0; i < page->connection_count; i++)
        if (page->connections[i]->ends_s <= sim->now_ms / 1000)
            sim_complain(sim, "page %u has credentials that ended", page->index);
}

static void judge_page(struct page *page) {
    struct sim *sim = page->sim;
    if (!signaling_is_joined(chat_debug(page->chat).signaling)) {
        sim_complain(sim, "page %u is not in a room: server state %d", page->index,
                     (int)chat_debug(page->chat).signaling->dialing.state);
        return;
    }
    if (!sim->host.small)
        judge_roster(page);
    for (uint32_t i = 0; i < sim->page_count; i++) {
        struct page *other = &sim->pages[i];
        if (other == page || is_out(other) || !check_same_room(page, other))
            continue;
        judge_pair(
            page, other,
            room_find_id(chat_debug(page->chat).room, &chat_debug(other->chat).room->self_id));
    }
    judge_status(page);
    judge_credentials(page);
}

/* Texts */

static bool may_miss(struct page *from, struct page *to) {
    for (uint32_t i = 0; i < to->watch.known_count; i++)
        if (to->watch.known[i].page == from->index && to->watch.known[i].excused_from)
            return true;
    return from->shared || to->shared || from->hostile || check_is_broke(from) ||
           check_is_broke(to);
}

static void judge_receipt(struct sim *sim, uint32_t number, const struct receipt *receipt) {
    const struct text *text = &sim->ledger.texts[number];
    struct page *from = &sim->pages[text->page], *to = &sim->pages[receipt->page];
    if (receipt->received || from->life != text->life || to->life != receipt->life ||
        is_out(from) || is_out(to) || !check_same_room(from, to) || may_miss(from, to))
        return;
    if (!check_in_room(from, &text->room))
        return;
    const struct member *member =
        room_find_id(chat_debug(from->chat).room, &chat_debug(to->chat).room->self_id);
    const struct known *known = check_find_known(from, receipt->number);
    if (!member || member->number != receipt->number || (known && known->excused_to))
        return;
    sim_complain(sim, "t%u of page %u never came to page %u", number, from->index, to->index);
}

/* A core must not give up attempts that make progress, even on a slow machine: few may fail. */
static void judge_patience(struct sim *sim) {
    uint32_t links = 0, failed = 0;
    for (uint32_t i = 0; i < sim->page_count; i++) {
        const struct page *page = &sim->pages[i];
        for (uint32_t k = 0; page->alive && k < chat_debug(page->chat).room->member_count; k++) {
            const struct connection_log *log = &chat_debug(page->chat).room->members[k]->link.log;
            links++;
            for (uint32_t n = 0; n < log->count; n++)
                failed += log->entries[n].kind == CONNECTION_LOG_FAILED ? log->entries[n].count : 0;
        }
    }
    if (failed > links / 4)
        sim_complain(sim, "%u attempts failed on a slow machine with %u links", failed, links);
}

void verdict(struct sim *sim) {
    if (sim->burdened)
        judge_patience(sim);
    for (uint32_t i = 0; i < sim->page_count; i++)
        if (!is_out(&sim->pages[i]))
            judge_page(&sim->pages[i]);
    for (uint32_t i = 0; i < sim->ledger.text_count; i++)
        for (uint32_t k = 0; k < sim->ledger.texts[i].receipt_count; k++)
            judge_receipt(sim, i, &sim->ledger.receipts[sim->ledger.texts[i].receipts + k]);
}
