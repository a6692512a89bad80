#include "ledger.h"

#include "error.h"
#include "pack.h"
#include "peer_message.h"
#include "room_clock.h"
#include "table.h"
#include "text.h"

#include <stdlib.h>

#define TIME_PER_MS 65536

static void begin_run(struct ledger *ledger, const struct env *env) {
    uint8_t *at = ledger->run.bytes;
    pack_number(&at, random_next(env->random), 4);
    pack_number(&at, random_next(env->random), 4);
    ledger->sequence = ledger->offered = 0;
    ledger->said_id = (struct entry_id){0};
}

void ledger_init(struct ledger *ledger, const struct entry_room *room,
                 const struct sign_public_key *own, const struct env *env) {
    *ledger = (struct ledger){.room = *room, .own = *own};
    replication_init(&ledger->replication, own);
    begin_run(ledger, env);
}

void ledger_deinit(struct ledger *ledger) {
    entry_store_deinit(&ledger->store);
    early_entries_deinit(&ledger->early);
    replication_deinit(&ledger->replication);
    free(ledger->outcomes.items);
    *ledger = (struct ledger){0};
}

static bool is_own(const struct ledger *ledger, const struct entry *entry) {
    return memcmp(entry->author.bytes, ledger->own.bytes, sizeof ledger->own.bytes) == 0;
}

/* Outcomes */

/* Traps without memory: a lost outcome would be worse. */
static void push(struct ledger *ledger, enum ledger_outcome_kind kind, uint32_t place) {
    struct ledger_outcomes *outcomes = &ledger->outcomes;
    struct ledger_outcome *items =
        table_reserve(outcomes->items, outcomes->end, &outcomes->capacity, sizeof *items);
    PARLEY_CHECK(items);
    outcomes->items = items;
    items[outcomes->end++] = (struct ledger_outcome){kind, place};
}

bool ledger_take_outcome(struct ledger *ledger, struct ledger_outcome *outcome) {
    struct ledger_outcomes *outcomes = &ledger->outcomes;
    if (outcomes->head == outcomes->end) {
        outcomes->head = outcomes->end = 0;
        return false;
    }
    *outcome = outcomes->items[outcomes->head++];
    return true;
}

static void push_if_held(struct ledger *ledger, struct kept_entry *kept) {
    if (!is_own(ledger, &kept->entry) || kept->told == kept->holders)
        return;
    kept->told = kept->holders;
    push(ledger, LEDGER_HELD, entry_set_place_of(&ledger->store.set, kept));
}

static void push_all_held(struct ledger *ledger) {
    const struct entry_author *own = entry_authors_find(&ledger->store.authors, &ledger->own);
    for (uint32_t i = 0; own != NULL && i < own->by_number.count; i++)
        push_if_held(ledger, own->by_number.items[i]);
}

/* Members */

uint32_t ledger_join(struct ledger *ledger, const struct sign_public_key *identity) {
    uint32_t member = replication_join(&ledger->replication, identity);
    if (member != REPLICATION_NOBODY)
        ledger->rates[member] = (struct ledger_rates){0};
    return member;
}

void ledger_leave(struct ledger *ledger, uint32_t member) {
    replication_leave(&ledger->replication, &ledger->store.set, member);
}

void ledger_up(struct ledger *ledger, const struct env *env, uint32_t member, bool asks_first) {
    replication_up(&ledger->replication, env, member, asks_first);
}

void ledger_down(struct ledger *ledger, uint32_t member) {
    replication_down(&ledger->replication, &ledger->store.set, member);
}

void ledger_reaches(struct ledger *ledger, uint32_t member, uint64_t reached) {
    ledger->replication.members[member].reached = reached;
}

/* Time */

void ledger_set_offset(struct ledger *ledger, int64_t offset_ms) {
    ledger->offset_ms = offset_ms;
}

int64_t ledger_room_ms(const struct ledger *ledger, const struct env *env) {
    return env->wall_ms + ledger->offset_ms;
}

/* The room's time |add_ms| from now, as that of an entry. */
static uint64_t room_time(const struct ledger *ledger, const struct env *env, int64_t add_ms) {
    int64_t ms = ledger_room_ms(ledger, env) + add_ms;
    if (ms < 0)
        return 0;
    return (uint64_t)(ms > ROOM_CLOCK_MAX_MS ? ROOM_CLOCK_MAX_MS : ms) * TIME_PER_MS;
}

static uint64_t later_of(uint64_t one, uint64_t other) {
    return one > other ? one : other;
}

static uint64_t time_to_say(const struct ledger *ledger, const struct env *env) {
    const struct entry_list *order = &ledger->store.set.order;
    uint64_t newest = order->count ? order->items[order->count - 1]->entry.time : 0;
    return later_of(room_time(ledger, env, 0), later_of(newest, ledger->said_time) + 1);
}

static bool is_early(const struct ledger *ledger, const struct env *env,
                     const struct entry *entry) {
    return entry->time > room_time(ledger, env, LEDGER_EARLY_MS);
}

static bool is_live(const struct ledger *ledger, const struct env *env, const struct entry *entry) {
    return entry->time >= room_time(ledger, env, -LEDGER_LIVE_MS);
}

/* Adding */

static void refresh_marks(void *context, struct kept_entry *kept) {
    struct ledger *ledger = context;
    uint8_t marks = entry_store_marks(&ledger->store, kept);
    if (marks == kept->marks)
        return;
    kept->marks = marks;
    push(ledger, LEDGER_MARKED, entry_set_place_of(&ledger->store.set, kept));
}

static void remove_entry(struct ledger *ledger, const struct kept_entry *kept) {
    struct entry entry = kept->entry;
    struct entry_id id = kept->id;
    uint32_t place = entry_set_place_of(&ledger->store.set, kept);
    replication_forget(&ledger->replication, kept);
    entry_store_remove(&ledger->store, place);
    push(ledger, LEDGER_REMOVED, place);
    entry_store_visit_related(&ledger->store, &entry, &id, refresh_marks, ledger);
}

/* Adds an entry that is not held and not refused. */
static int add(struct ledger *ledger, const struct entry *entry, const struct entry_id *id,
               struct kept_entry **kept) {
    uint32_t place;
    int error = entry_store_add(&ledger->store, entry, id, &place);
    if (error)
        return error;
    *kept = ledger->store.set.order.items[place];
    (*kept)->marks = entry_store_marks(&ledger->store, *kept);
    push(ledger, LEDGER_ADDED, place);
    entry_store_visit_related(&ledger->store, entry, id, refresh_marks, ledger);
    return PARLEY_OK;
}

/* Makes the oldest go once there is no room. The last entry added, which |author| wrote, stays. */
static void make_room(struct ledger *ledger, const struct sign_public_key *author) {
    const struct kept_entry *excess;
    while ((excess = entry_store_excess(&ledger->store, author)) != NULL)
        remove_entry(ledger, excess);
}

/* Adds |entry|, which |source| or nobody has sent. */
static int accept(struct ledger *ledger, const struct env *env, const struct entry *entry,
                  const struct entry_id *id, uint32_t source) {
    struct kept_entry *kept;
    struct sign_public_key author = entry->author;
    int error = add(ledger, entry, id, &kept);
    if (error)
        return error;
    if (source != REPLICATION_NOBODY)
        replication_hold(&ledger->replication, kept, source);
    replication_offer(&ledger->replication, env, kept, source, is_live(ledger, env, entry));
    make_room(ledger, &author);
    return PARLEY_OK;
}

/* Saying */

static struct entry_id newest_of_others(const struct ledger *ledger) {
    const struct entry_list *order = &ledger->store.set.order;
    for (uint32_t i = order->count; i > 0; i--) {
        const struct kept_entry *kept = order->items[i - 1];
        if (!is_own(ledger, &kept->entry) ||
            memcmp(&kept->entry.run, &ledger->run, sizeof ledger->run) != 0)
            return kept->id;
    }
    return (struct entry_id){0};
}

/* Sends what was said and is due to those who are connected. */
static void offer_said(struct ledger *ledger, const struct env *env) {
    const struct entry_author *own = entry_authors_find(&ledger->store.authors, &ledger->own);
    uint32_t count;
    while (own != NULL && ledger->offered < ledger->sequence &&
           rate_take(&ledger->said, env->now_ms, LEDGER_SAY_MS, LEDGER_SAYS_AT_ONCE)) {
        struct kept_entry *const *said =
            entry_author_numbered(own, &ledger->run, ++ledger->offered, &count);
        if (count > 0)
            replication_offer(&ledger->replication, env, *said, REPLICATION_NOBODY, true);
    }
}

int ledger_say(struct ledger *ledger, const struct env *env, enum entry_kind kind,
               struct slice body, const struct sign_secret_key *key) {
    struct kept_entry *kept;
    struct entry entry = {.kind = (uint8_t)kind,
                          .time = time_to_say(ledger, env),
                          .sequence = ledger->sequence + 1,
                          .run = ledger->run,
                          .author = ledger->own,
                          .previous = ledger->said_id,
                          .seen = newest_of_others(ledger),
                          .body = body};
    int error = entry_sign(&entry, &ledger->room, key);
    if (error)
        return error;
    struct entry_id id = entry_id(&entry);
    error = add(ledger, &entry, &id, &kept);
    if (error)
        return error;
    ledger->sequence++;
    ledger->said_id = id;
    ledger->said_time = entry.time;
    offer_said(ledger, env);
    make_room(ledger, &ledger->own);
    return PARLEY_OK;
}

/* Hearing */

uint64_t ledger_accepts_ms(const struct ledger *ledger, const struct sign_public_key *author) {
    uint32_t member = replication_find(&ledger->replication, author);
    if (member == REPLICATION_NOBODY)
        return 0;
    return rate_due(&ledger->rates[member].said, LEDGER_SAY_MS, LEDGER_HEARD_AT_ONCE);
}

/* The limit that |entry| from |source| counts against. */
struct limit {
    struct rate *rate;
    uint32_t step_ms, at_once; /* step_ms 0: none */
};

static struct limit limit_of(struct ledger *ledger, const struct env *env,
                             const struct entry *entry, uint32_t source) {
    uint32_t author = replication_find(&ledger->replication, &entry->author);
    if (author != REPLICATION_NOBODY && is_live(ledger, env, entry))
        return (struct limit){&ledger->rates[author].said, LEDGER_SAY_MS, LEDGER_HEARD_AT_ONCE};
    if (entry_store_is_crowded(&ledger->store, &entry->author))
        return (struct limit){&ledger->rates[source].crowded, LEDGER_CROWD_MS,
                              LEDGER_CROWD_AT_ONCE};
    return (struct limit){0};
}

/* An entry of our own run that we did not make: there is a copy of this page, such as of a virtual
 * machine. Both go on under other numbers. */
static void check_run(struct ledger *ledger, const struct env *env, const struct entry *entry) {
    if (is_own(ledger, entry) && memcmp(&entry->run, &ledger->run, sizeof ledger->run) == 0)
        begin_run(ledger, env);
}

/* Verifies and adds an entry that is new, wanted and within |limit|. */
static int hear_new(struct ledger *ledger, const struct env *env, const struct entry *entry,
                    const struct entry_id *id, uint32_t source) {
    struct limit limit = limit_of(ledger, env, entry, source);
    if (limit.step_ms != 0) {
        uint64_t due_ms = rate_due(limit.rate, limit.step_ms, limit.at_once);
        if (due_ms > env->now_ms) {
            replication_ask_at(&ledger->replication, source,
                               later_of(due_ms, env->now_ms + LEDGER_RETRY_MS));
            return PARLEY_OK;
        }
    }
    int error = entry_verify(entry, &ledger->room);
    if (error)
        return error;
    if (limit.step_ms != 0) /* only now: nobody else can use up an author's share */
        (void)rate_take(limit.rate, env->now_ms, limit.step_ms, limit.at_once);
    check_run(ledger, env, entry);
    if (!is_early(ledger, env, entry))
        return accept(ledger, env, entry, id, source);
    error = early_entries_add(&ledger->early, entry, id);
    return error == PARLEY_ERR_FULL ? PARLEY_OK : error;
}

static int hear_entry(struct ledger *ledger, const struct env *env, uint32_t source,
                      struct slice bytes) {
    struct entry entry;
    int error = entry_read(bytes, &entry);
    if (error)
        return error;
    struct entry_id id = entry_id(&entry);
    struct entry_key key = entry_key(&entry, &id);
    struct kept_entry *kept = entry_set_find(&ledger->store.set, id.hash.bytes);
    if (kept != NULL) {
        replication_hold(&ledger->replication, kept, source);
        push_if_held(ledger, kept);
        return PARLEY_OK;
    }
    if (early_entries_has(&ledger->early, &id) ||
        entry_store_refuses(&ledger->store, &entry.author, &key))
        return PARLEY_OK;
    return hear_new(ledger, env, &entry, &id, source);
}

static int hear_entries(struct ledger *ledger, const struct env *env, uint32_t source,
                        struct slice message) {
    struct slice one;
    while (message.len > 0) {
        int error =
            entry_cut(&message, &one) ? hear_entry(ledger, env, source, one) : PARLEY_ERR_FIELD;
        if (error)
            return error;
    }
    return PARLEY_OK;
}

static int hear_receipt(struct ledger *ledger, uint32_t source, struct slice message) {
    struct sync_receipt receipt;
    int error = sync_read_receipt(message, &receipt);
    for (unsigned i = 0; i < receipt.count && !error; i++) {
        struct kept_entry *kept = entry_set_find(&ledger->store.set, receipt.ids[i]);
        if (kept == NULL)
            continue;
        replication_hold(&ledger->replication, kept, source);
        push_if_held(ledger, kept);
    }
    return error;
}

int ledger_hear(struct ledger *ledger, const struct env *env, uint32_t member,
                struct slice message) {
    static const size_t label_bytes = 4;
    struct slice label = slice_first(message, message.len < label_bytes ? 0 : label_bytes);
    if (slice_equal(label, slice_of("ple1")))
        return hear_entries(ledger, env, member, message);
    if (slice_equal(label, slice_of("plr1")))
        return hear_receipt(ledger, member, message);
    if (!slice_equal(label, slice_of("pls1")))
        return PARLEY_ERR_TYPE;
    int error =
        replication_hear_sync(&ledger->replication, env, &ledger->store.set, member, message);
    push_all_held(ledger);
    return error;
}

void ledger_hear_fingerprint(struct ledger *ledger, const struct env *env, uint32_t member,
                             const struct sync_fingerprint *fingerprint) {
    replication_hear_fingerprint(&ledger->replication, env, &ledger->store.set, member,
                                 fingerprint);
    push_all_held(ledger);
}

struct sync_fingerprint ledger_fingerprint(const struct ledger *ledger) {
    const struct entry_set *set = &ledger->store.set;
    return entry_set_fingerprint(set, 0, set->order.count);
}

bool ledger_next(struct ledger *ledger, const struct env *env, uint32_t member,
                 struct buffer *out) {
    return replication_next(&ledger->replication, env, &ledger->store.set, member, out);
}

/* Time passes */

/* Takes an entry whose time has come. It may have come again meanwhile, or be refused by now. */
static void release(struct ledger *ledger, const struct env *env, const struct early_entry *early) {
    struct entry_key key = entry_key(&early->entry, &early->id);
    if (entry_set_find(&ledger->store.set, early->id.hash.bytes) == NULL &&
        !entry_store_refuses(&ledger->store, &early->entry.author, &key))
        (void)accept(ledger, env, &early->entry, &early->id, REPLICATION_NOBODY);
}

void ledger_tick(struct ledger *ledger, const struct env *env) {
    const struct early_entry *early;
    while ((early = early_entries_first(&ledger->early)) != NULL &&
           !is_early(ledger, env, &early->entry)) {
        release(ledger, env, early);
        early_entries_drop_first(&ledger->early);
    }
    offer_said(ledger, env);
}

static uint64_t release_ms(const struct ledger *ledger, const struct env *env) {
    const struct early_entry *early = early_entries_first(&ledger->early);
    if (early == NULL)
        return NO_DEADLINE;
    uint64_t now = room_time(ledger, env, LEDGER_EARLY_MS);
    uint64_t ahead = early->entry.time > now ? early->entry.time - now : 0;
    return env->now_ms + ahead / TIME_PER_MS + 1;
}

uint64_t ledger_deadline_ms(const struct ledger *ledger, const struct env *env) {
    uint64_t earliest = deadline_earlier(replication_deadline_ms(&ledger->replication, env->now_ms),
                                         release_ms(ledger, env));
    if (ledger->offered < ledger->sequence)
        earliest =
            deadline_earlier(earliest, rate_due(&ledger->said, LEDGER_SAY_MS, LEDGER_SAYS_AT_ONCE));
    return earliest;
}

/* Reading */

uint32_t ledger_count(const struct ledger *ledger) {
    return ledger->store.set.order.count;
}

const struct kept_entry *ledger_get(const struct ledger *ledger, uint32_t place) {
    PARLEY_CHECK(place < ledger_count(ledger));
    return ledger->store.set.order.items[place];
}

bool ledger_starts_later(const struct ledger *ledger) {
    return ledger->store.set.refuses_older;
}

bool ledger_knows(const struct entry *entry) {
    return entry->flags == 0 && (entry->kind == ENTRY_TEXT || entry->kind == ENTRY_NAME);
}

int ledger_read(const struct entry *entry, struct buffer *out) {
    switch ((enum entry_kind)entry->kind) {
    case ENTRY_TEXT:
        return text_clean_message(entry->body, PEER_TEXT_CHARACTERS_MAX, out);
    case ENTRY_NAME:
        return text_clean_name(entry->body, PEER_NAME_CHARACTERS_MAX, out);
    }
    return PARLEY_ERR_ARGUMENT;
}

struct delivery ledger_delivery(const struct ledger *ledger, uint32_t place) {
    return replication_delivery(&ledger->replication, ledger_get(ledger, place));
}

/* Storage */

uint32_t ledger_export(const struct ledger *ledger, uint32_t place, struct buffer *out) {
    while (place < ledger_count(ledger) &&
           entry_write(&ledger_get(ledger, place)->entry, out) == PARLEY_OK)
        place++;
    return place;
}

/* Adds the entry in |bytes|. False: it is damaged, or of another room. */
static bool load_entry(struct ledger *ledger, const struct env *env, struct slice bytes,
                       struct ledger_import *import, int *error) {
    struct entry entry;
    if (entry_read(bytes, &entry) != PARLEY_OK)
        return false;
    struct entry_id id = entry_id(&entry);
    struct entry_key key = entry_key(&entry, &id);
    if (entry_set_find(&ledger->store.set, id.hash.bytes) != NULL ||
        entry_store_refuses(&ledger->store, &entry.author, &key))
        return true;
    if (entry_verify(&entry, &ledger->room) != PARLEY_OK)
        return false;
    *error = accept(ledger, env, &entry, &id, REPLICATION_NOBODY);
    import->added += *error == PARLEY_OK;
    return true;
}

int ledger_load(struct ledger *ledger, const struct env *env, struct slice bytes,
                struct ledger_import *import) {
    int error = PARLEY_OK;
    *import = (struct ledger_import){0};
    while (bytes.len > 0 && !error) {
        struct slice rest = bytes, one;
        if (entry_cut(&rest, &one) && load_entry(ledger, env, one, import, &error)) {
            bytes = rest;
            continue;
        }
        import->damaged_bytes++; /* the next entry begins somewhere behind it */
        bytes = slice_drop(bytes, 1);
    }
    return error;
}
