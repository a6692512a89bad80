#define _GNU_SOURCE /* memmem */

#include "check.h"

#include "chat_debug.h"
#include "error.h"
#include "hub_debug.h"
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define LONG_ABSENCE_MS (HOST_GRACE_MS - 1000)
#define TICKS_PER_SECOND_MAX 120
#define NEWS_MS 90000
#define LINK_WELL_MS 20000

/* Growing tables */

static void *grown(void *items, uint32_t count, uint32_t *capacity, size_t size) {
    if (count < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : 16;
    items = realloc(items, *capacity * size);
    PARLEY_CHECK(items);
    return items;
}

/* Identities */

bool check_in_room(const struct page *page, const struct room_id *id) {
    return slice_equal(room_id_text(&chat_debug(page->chat).room->id), room_id_text(id));
}

bool check_same_room(const struct page *one, const struct page *other) {
    return one->alive && other->alive && chat_debug(one->chat).room->id.len > 0 &&
           check_in_room(one, &chat_debug(other->chat).room->id);
}

struct page *check_find_page(const struct page *page, const struct member_id *id) {
    struct sim *sim = page->sim;
    for (uint32_t i = 0; i < sim->page_count; i++) {
        struct page *other = &sim->pages[i];
        if (other != page && check_same_room(page, other) &&
            member_id_equal(&chat_debug(other->chat).room->self_id, id))
            return other;
    }
    return NULL;
}

struct known *check_find_known(struct page *page, uint32_t number) {
    struct watch *watch = &page->watch;
    for (uint32_t i = watch->known_count; i-- > 0;)
        if (watch->known[i].number == number)
            return &watch->known[i];
    return NULL;
}

static bool is_stranger(const struct watch *watch, const struct member *member) {
    for (uint32_t i = watch->room_since; i < watch->known_count; i++)
        if (member_id_equal(&watch->known[i].id, &member->link.member_id))
            return false;
    return true;
}

static void meet(struct page *page, const struct member *member) {
    struct watch *watch = &page->watch;
    watch->strangers += is_stranger(watch, member);
    const struct page *who = check_find_page(page, &member->link.member_id);
    watch->known =
        grown(watch->known, watch->known_count, &watch->known_capacity, sizeof *watch->known);
    struct known *known = &watch->known[watch->known_count++];
    *known = (struct known){.number = member->number,
                            .id = member->link.member_id,
                            .page = who ? who->index : CHECK_PAGES_MAX,
                            .life = who ? who->life : 0,
                            .met_ms = page->sim->now_ms,
                            .first_ms = page->sim->now_ms};
}

/* The same member is on a new page, in another life. */
static void meet_again(struct page *page) {
    const struct room *room = chat_debug(page->chat).room;
    for (uint32_t i = 0; i < room->member_count; i++) {
        const struct member *member = room->members[i];
        struct known *known = check_find_known(page, member->number);
        if (!known || known->session == member->session.theirs)
            continue;
        const struct page *who = check_find_page(page, &member->link.member_id);
        if (known->session && who) {
            known->life = who->life;
            known->met_ms = page->sim->now_ms;
        }
        known->session = member->session.theirs;
    }
}

static void meet_new(struct page *page) {
    const struct room *room = chat_debug(page->chat).room;
    uint32_t last = page->watch.last_number;
    if (room->gone_count < page->watch.gone_count)
        page->watch.room_since = page->watch.known_count;
    page->watch.gone_count = room->gone_count;
    if (room->last_number == last)
        return;
    for (uint32_t i = 0; i < room->member_count; i++)
        if (room->members[i]->number > last)
            meet(page, room->members[i]);
    page->watch.last_number = room->last_number;
}

/* A page may have been met before it knew its own id. */
static void identify(struct page *page, struct known *known) {
    if (known->page != CHECK_PAGES_MAX)
        return;
    const struct page *who = check_find_page(page, &known->id);
    known->page = who ? who->index : CHECK_PAGES_MAX;
    known->life = who ? who->life : 0;
}

/* Presence in the hub */

void check_present(struct page *page, struct socket *socket) {
    struct watch *watch = &page->watch;
    uint64_t now_ms = page->sim->now_ms;
    if (socket->life != page->life)
        return;
    if (!watch->hub_socket && watch->absent_ms && now_ms >= watch->absent_ms + LONG_ABSENCE_MS)
        watch->long_absence_ms = now_ms;
    watch->hub_socket = socket;
}

void check_absent(struct page *page) {
    if (!page->watch.hub_socket)
        return;
    page->watch.hub_socket = NULL;
    page->watch.absent_ms = page->sim->now_ms;
}

/* True if others may think that |page| has gone. */
static bool was_away(const struct page *page, uint64_t since_ms) {
    const struct watch *watch = &page->watch;
    uint64_t now_ms = page->sim->now_ms;
    if (page->shared || page->hostile || page->sim->host.small)
        return true;
    if (!watch->hub_socket && now_ms >= watch->absent_ms + LONG_ABSENCE_MS)
        return true;
    return watch->long_absence_ms > since_ms;
}

/* Texts */

struct slice check_next_text(const struct page *page, char *out) {
    int len = snprintf(out, CHECK_TEXT_BYTES, "t%u of page %u", page->sim->ledger.text_count,
                       page->index);
    return (struct slice){out, (size_t)len};
}

static void expect_receipt(struct page *page, struct text *text, const struct member *member) {
    struct ledger *ledger = &page->sim->ledger;
    const struct page *who = check_find_page(page, &member->link.member_id);
    if (!who || who->hostile)
        return;
    ledger->receipts = grown(ledger->receipts, ledger->receipt_count, &ledger->receipt_capacity,
                             sizeof *ledger->receipts);
    ledger->receipts[ledger->receipt_count++] =
        (struct receipt){.page = who->index, .life = who->life, .number = member->number};
    text->receipt_count++;
}

void check_said(struct page *page) {
    struct ledger *ledger = &page->sim->ledger;
    const struct room *room = chat_debug(page->chat).room;
    ledger->texts =
        grown(ledger->texts, ledger->text_count, &ledger->text_capacity, sizeof *ledger->texts);
    struct text *text = &ledger->texts[ledger->text_count++];
    *text = (struct text){.page = page->index,
                          .life = page->life,
                          .at_ms = page->sim->now_ms,
                          .room = room->id,
                          .receipts = ledger->receipt_count};
    for (uint32_t i = 0; i < room->member_count; i++)
        expect_receipt(page, text, room->members[i]);
}

static void mark_received(const struct page *page, const struct text *text) {
    struct receipt *receipts = page->sim->ledger.receipts + text->receipts;
    for (uint32_t i = 0; i < text->receipt_count; i++)
        if (receipts[i].page == page->index && receipts[i].life == page->life)
            receipts[i].received = true;
}

/* True if the speaker had met the listener, in any of its lives, before it said |text|. */
static bool was_meant_for(struct page *from, const struct text *text, const struct page *to) {
    if (from->shared || to->shared || from->life != text->life)
        return true;
    for (uint32_t i = 0; i < from->watch.known_count; i++) {
        struct known *known = &from->watch.known[i];
        identify(from, known);
        if (known->page == to->index && known->first_ms <= text->at_ms)
            return true;
    }
    return false;
}

static void hear_text(struct page *page, const struct known *known, struct slice words) {
    struct sim *sim = page->sim;
    char copy[CHECK_TEXT_BYTES];
    size_t len = words.len < sizeof copy ? words.len : sizeof copy - 1;
    memcpy(copy, words.bytes, len);
    copy[len] = '\0';
    char *end = copy;
    uint32_t number = copy[0] == 't' ? (uint32_t)strtoul(copy + 1, &end, 10) : UINT32_MAX;
    uint32_t from = strncmp(end, " of page ", 9) == 0 ? (uint32_t)strtoul(end + 9, NULL, 10) : 0;
    if (number >= sim->ledger.text_count || sim->ledger.texts[number].page != from) {
        sim_complain(sim, "page %u hears what nobody said: %s", page->index, copy);
        return;
    }
    const struct text *text = &sim->ledger.texts[number];
    if (known->page != from && !sim->pages[from].shared && !sim->pages[known->page].shared)
        sim_complain(sim, "page %u takes %s for page %u's", page->index, copy, known->page);
    /* One answer of polling can bring a text and take the page out of the room. */
    if (chat_debug(page->chat).room->id.len && !check_in_room(page, &text->room))
        sim_complain(sim, "page %u hears a text of another room: %s", page->index, copy);
    if (number < page->watch.heard[from] && !sim->pages[from].shared)
        sim_complain(sim, "page %u hears a text twice or too late: %s, after t%u", page->index,
                     copy, page->watch.heard[from] - 1);
    page->watch.heard[from] = number + 1;
    if (!was_meant_for(&sim->pages[from], text, page))
        sim_complain(sim, "page %u hears what was said before it came: %s", page->index, copy);
    mark_received(page, text);
}

/* The server */

static bool has(struct slice bytes, struct slice words) {
    return words.len && memmem(bytes.bytes, bytes.len, words.bytes, words.len);
}

void check_server_learns(const struct socket *socket, struct slice bytes) {
    const struct page *page = socket->page;
    if (has(bytes, slice_of(" of page ")) || has(bytes, (struct slice){page->name, page->name_len}))
        sim_complain(page->sim, "page %u tells the server: %.*s", page->index, (int)bytes.len,
                     bytes.bytes);
}

/* Lines */

static bool begins_with(struct slice text, const char *words) {
    size_t len = strlen(words);
    return text.len >= len && memcmp(text.bytes, words, len) == 0;
}

static void see_arrival(struct page *page, struct known *known) {
    if (known->arrived)
        sim_complain(page->sim, "page %u says twice that %u arrived", page->index, known->number);
    known->arrived = true;
}

bool check_is_sure(const struct page *who, const struct known *known) {
    return who->life == 1 || known->met_ms > who->watch.began_ms + NEWS_MS;
}

/* True if |who| really is connected to |page|. */
static bool is_in_touch(struct page *who, const struct page *page) {
    const struct room *room = chat_debug(who->chat).room;
    const struct member *member = room_find_id(room, &chat_debug(page->chat).room->self_id);
    const struct connection *connection =
        member ? browser_find(who, link_peer(&member->link)) : NULL;
    if (!connection || !connection->mate || connection->mate->page != page ||
        connection->mate->closed || who->shared || who->hostile || who->slow || page->slow ||
        who->stopped || page->sim->now_ms < page->went_on_ms + LINK_WELL_MS ||
        page->sim->now_ms < who->went_on_ms + LINK_WELL_MS)
        return false;
    return member_connected(member) && connection->ice == EVENT_PEER_STATE_CONNECTED &&
           connection->mate->ice == EVENT_PEER_STATE_CONNECTED &&
           connection->channel == CHANNEL_OPEN && connection->mate->channel == CHANNEL_OPEN &&
           !connection->out.stalled_ms && !connection->mate->out.stalled_ms &&
           chat_debug(who->chat).now_ms > member->link.well_ms + LINK_WELL_MS &&
           sim_passes(page->sim, who, page) && sim_passes(page->sim, page, who);
}

/* True if the server counts |who| as present: otherwise those whom it reaches only through the
 * server lose it. */
static bool is_present(const struct page *who) {
    const struct room *room = chat_debug(who->chat).room;
    struct hub_debug_member members[WIRE_ROOM_MEMBERS_MAX];
    size_t count =
        who->sim->host.hub ? hub_debug_members(who->sim->host.hub, &room->id, members) : 0;
    for (size_t i = 0; i < count; i++)
        if (member_id_equal(&members[i].id, &room->self_id))
            return !members[i].absent;
    return false;
}

static void see_departure(struct page *page, struct known *known) {
    struct sim *sim = page->sim;
    if (known->left || !known->arrived)
        sim_complain(sim, "page %u says that %u left: arrived %d, left %d", page->index,
                     known->number, known->arrived, known->left);
    known->left = true;
    if (page->hostile || page->jumped || known->page == CHECK_PAGES_MAX || liar_is_believed(sim))
        return;
    struct page *who = &sim->pages[known->page];
    if (check_same_room(page, who) && who->life == known->life && check_is_sure(who, known) &&
        is_in_touch(who, page))
        sim_complain(sim, "page %u says that page %u left, to which it was connected", page->index,
                     who->index);
    if (check_same_room(page, who) && who->life == known->life && check_is_sure(who, known) &&
        !was_away(who, known->met_ms) && is_present(who) &&
        sim->now_ms >= page->went_on_ms + LINK_WELL_MS)
        sim_complain(sim, "page %u says that page %u left, which is there and was", page->index,
                     who->index);
}

/* If a member came and went within one answer to a poll, this check did not see it. A line can
 * still report that its messages made no sense. */
static bool may_be_unseen(const struct event *event, const struct line *line) {
    return event->kind == EVENT_HTTP_ANSWERED && line->kind == LINE_LOST;
}

static void see_line(struct page *page, const struct event *event, const struct line *line) {
    struct known *known = line->peer ? check_find_known(page, line->peer) : NULL;
    SIM_TRACE(page->sim, "%u.%u   line %d: %.*s", page->index, page->life, (int)line->kind,
              (int)line->text.len, line->text.bytes);
    if (!known) {
        if (line->peer && !may_be_unseen(event, line))
            sim_complain(page->sim, "page %u: a line about nobody: %.*s", page->index,
                         (int)line->text.len, line->text.bytes);
        return;
    }
    identify(page, known);
    bool hostile = known->page == CHECK_PAGES_MAX || page->sim->pages[known->page].hostile;
    if (line->kind == LINE_TEXT && !hostile && !page->hostile)
        hear_text(page, known, line->text);
    else if (line->kind == LINE_JOINED ||
             (line->kind == LINE_HERE && !begins_with(line->text, "Connected to ")))
        see_arrival(page, known);
    else if (line->kind == LINE_LEFT)
        see_departure(page, known);
    else if (line->kind == LINE_LOST && begins_with(line->text, "Some messages will"))
        known->excused_to = true;
    else if (line->kind == LINE_LOST && begins_with(line->text, "Some messages from"))
        known->excused_from = true;
    else if (line->kind == LINE_WARNING && !hostile)
        sim_complain(page->sim, "page %u takes page %u's words for garbage", page->index,
                     known->page);
}

static void see_lines(struct page *page, const struct event *event) {
    const struct transcript *transcript = chat_debug(page->chat).transcript;
    struct watch *watch = &page->watch;
    while (watch->line_seen < transcript->end) {
        const struct line *line = transcript_find(transcript, watch->line_seen++);
        if (line)
            see_line(page, event, line);
    }
}

/* Limits */

static bool is_spent(const struct page *page, const struct rate *rate, uint64_t step_ms,
                     uint32_t at_once) {
    uint64_t due_ms = rate_due(rate, step_ms, at_once);
    return due_ms && due_ms + step_ms > chat_debug(page->chat).now_ms;
}

bool check_is_broke(const struct page *page) {
    const struct budget *budget = chat_debug(page->chat).budget;
    return is_spent(page, &budget->known, BUDGET_KNOWN_MS,
                    BUDGET_KNOWN_AT_ONCE - BUDGET_KNOWN_RESERVE) ||
           is_spent(page, &budget->strangers, BUDGET_STRANGERS_MS, BUDGET_STRANGERS_AT_ONCE);
}

/* Chrome allows 500 connections in a page's life. The budget's common shares limit some of them,
 * and each person's own share limits the others. */
static void check_opens(struct page *page) {
    const struct watch *watch = &page->watch;
    uint64_t lived_ms =
        chat_debug(page->chat).now_ms - (uint64_t)((int64_t)watch->began_ms + page->clock_ms);
    uint64_t common_max = BUDGET_FIRSTS_AT_ONCE + BUDGET_STRANGERS_AT_ONCE + BUDGET_KNOWN_AT_ONCE +
                          lived_ms / BUDGET_FIRST_MS + lived_ms / BUDGET_STRANGERS_MS +
                          lived_ms / BUDGET_KNOWN_MS + 3;
    uint64_t own_max = watch->strangers * (BUDGET_OWN_AT_ONCE + lived_ms / BUDGET_OWN_MS + 1);
    if (watch->opens > common_max + own_max)
        sim_complain(page->sim, "page %u opened %u connections to %u people", page->index,
                     watch->opens, watch->strangers);
}

static void check_connections(struct page *page) {
    const struct room *room = chat_debug(page->chat).room;
    for (uint32_t i = 0; i < page->connection_count; i++)
        if (!room_find_peer(room, page->connections[i]->peer))
            sim_complain(page->sim, "page %u forgot to close peer %u", page->index,
                         page->connections[i]->peer);
    for (uint32_t i = 0; i < room->member_count; i++) {
        const struct member *member = room->members[i];
        uint32_t peer = link_peer(&member->link);
        if (peer && !browser_find(page, peer))
            sim_complain(page->sim, "page %u believes in peer %u", page->index, peer);
        const struct negotiation *negotiation = &member->link.negotiation;
        if (negotiation->remote.count > CANDIDATE_QUEUE_MAX ||
            negotiation->local.count > CANDIDATE_QUEUE_MAX)
            sim_complain(page->sim, "page %u keeps too many candidates", page->index);
    }
    check_opens(page);
}

static void check_limits(struct page *page) {
    const struct chat *chat = page->chat;
    if (chat_debug(chat).outbox->bytes > OUTBOX_BYTES_MAX ||
        chat_debug(chat).outbox->end - chat_debug(chat).outbox->first > OUTBOX_MESSAGES_MAX)
        sim_complain(page->sim, "page %u's outbox is beyond its limit", page->index);
    if (chat_debug(chat).keyring->pair_count > KEYRING_PAIRS_MAX)
        sim_complain(page->sim, "page %u has too many pairs", page->index);
    if (chat_debug(chat).transcript->count > TRANSCRIPT_LINES_MAX)
        sim_complain(page->sim, "page %u's transcript is beyond its limit", page->index);
}

static void check_ticks(struct page *page) {
    uint64_t second = page->sim->now_ms / 1000;
    struct watch *watch = &page->watch;
    if (watch->second != second) {
        watch->second = second;
        watch->ticks = 0;
    }
    if (++watch->ticks > TICKS_PER_SECOND_MAX)
        sim_complain(page->sim, "page %u ticks without end", page->index);
}

static void check_result(struct page *page, const struct event *event, int result) {
    bool may_refuse = event->kind == EVENT_SAY && result == PARLEY_ERR_STATE;
    if (result != PARLEY_OK && !may_refuse)
        sim_complain(page->sim, "page %u refused event %d with %d", page->index, (int)event->kind,
                     result);
}

void check_begin(struct page *page) {
    free(page->watch.known);
    page->watch = (struct watch){.began_ms = page->sim->now_ms, .absent_ms = page->sim->now_ms};
}

void check_turn(struct page *page, const struct event *event, int result) {
    check_result(page, event, result);
    meet_new(page);
    if (event->kind == EVENT_CHANNEL_MESSAGE)
        meet_again(page);
    see_lines(page, event);
    if (event->kind == EVENT_TICK)
        check_ticks(page);
    if (event->kind != EVENT_CHANNEL_MESSAGE && event->kind != EVENT_CHANNEL_BUFFERED)
        check_connections(page);
    else
        check_limits(page);
}

void check_deinit(struct sim *sim) {
    for (uint32_t i = 0; i < SIM_PAGES_MAX; i++)
        free(sim->pages[i].watch.known);
    free(sim->ledger.texts);
    free(sim->ledger.receipts);
}
