/* A page's ledger, at the mercy of three members who say whatever the input says: raw messages;
 * entries that they sign, with any fields; and stored bytes. The outcomes describe what is held,
 * marks are those of the whole set, memory stays bounded, nothing that nobody signed is held, and
 * deadlines lie ahead. */
#include "error.h"
#include "ledger.h"
#include "script.h"

#include <string.h>

#define MEMBERS 3
#define BEGIN_MS INT64_C(1800000000000)
#define STEPS_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct author {
    struct sign_public_key public_key;
    struct sign_secret_key secret_key;
};

struct page {
    struct ledger ledger;
    struct random random;
    uint64_t now_ms;
    uint32_t count;                     /* of entries, by the outcomes */
    struct author authors[MEMBERS + 1]; /* the last is the page's own */
    uint32_t places[MEMBERS];
};

static const struct entry_room room = {.id = {.bytes = "lobby", .len = 5}};

static struct env lend(struct page *page) {
    return (struct env){.random = &page->random,
                        .now_ms = page->now_ms,
                        .wall_ms = BEGIN_MS + (int64_t)page->now_ms};
}

static void begin(struct page *page) {
    static struct author authors[MEMBERS + 1];
    for (uint8_t i = 0; authors[MEMBERS].public_key.bytes[0] == 0 && i <= MEMBERS; i++)
        sign_key_pair((const uint8_t[SIGN_SEED_BYTES]){i}, &authors[i].public_key,
                      &authors[i].secret_key);
    *page = (struct page){.now_ms = 1000};
    memcpy(page->authors, authors, sizeof authors);
    struct env env = lend(page);
    ledger_init(&page->ledger, &room, &authors[MEMBERS].public_key, &env);
    for (uint32_t i = 0; i < MEMBERS; i++)
        page->places[i] = ledger_join(&page->ledger, i ? &authors[i].public_key : NULL);
}

static void check_entry(const struct page *page, uint32_t place) {
    const struct ledger *ledger = &page->ledger;
    const struct kept_entry *kept = ledger_get(ledger, place);
    FUZZ_CHECK(place == 0 ||
               memcmp(&ledger_get(ledger, place - 1)->key, &kept->key, sizeof kept->key) < 0);
    FUZZ_CHECK(kept->marks == entry_store_marks(&ledger->store, kept));
    FUZZ_CHECK((kept->holders | kept->wanted | kept->owed) >> MEMBERS == 0);
}

static void check(struct page *page) {
    struct ledger_outcome outcome;
    struct env env = lend(page);
    while (ledger_take_outcome(&page->ledger, &outcome)) {
        page->count += outcome.kind == LEDGER_ADDED;
        page->count -= outcome.kind == LEDGER_REMOVED;
        FUZZ_CHECK(outcome.place < page->count + (outcome.kind == LEDGER_REMOVED));
    }
    FUZZ_CHECK(page->count == ledger_count(&page->ledger));
    FUZZ_CHECK(page->ledger.early.count <= EARLY_ENTRIES_MAX);
    FUZZ_CHECK(ledger_deadline_ms(&page->ledger, &env) > page->now_ms ||
               page->ledger.offered < page->ledger.sequence);
    for (uint32_t i = 0; i < page->count; i++)
        check_entry(page, i);
}

/* The id of an entry that is held, or one that is not. */
static struct entry_id named(const struct page *page, struct script *script) {
    struct entry_id id = {0};
    uint32_t place = script_byte(script);
    if (place < ledger_count(&page->ledger))
        return ledger_get(&page->ledger, place)->id;
    id.hash.bytes[0] = (uint8_t)(place & 1);
    return id;
}

static struct entry read_entry(struct page *page, struct script *script) {
    const struct author *author = &page->authors[script_below(script, MEMBERS + 1)];
    int64_t ahead_ms = (int64_t)script_below(script, 256) * 2000 - 300000;
    struct entry entry = {.kind = script_byte(script),
                          .flags = script_once_in(script, 8),
                          .sequence = script_below(script, 5),
                          .run = {.bytes = {(uint8_t)script_below(script, 3)}},
                          .time = (uint64_t)(BEGIN_MS + (int64_t)page->now_ms + ahead_ms) * 65536 +
                                  script_below(script, 3),
                          .author = author->public_key,
                          .previous = named(page, script),
                          .seen = named(page, script),
                          .body = script_text(script)};
    if (entry.sequence == 1)
        entry.previous = (struct entry_id){0};
    if (script_once_in(script, 16))
        entry.run = page->ledger.run;
    if (entry_sign(&entry, &room, &author->secret_key) != PARLEY_OK)
        entry.kind = 0;
    return entry;
}

static void hear_entry(struct page *page, struct script *script, uint32_t member) {
    struct entry entry = read_entry(page, script);
    struct buffer *bytes = script_scratch();
    struct env env = lend(page);
    if (entry.kind == 0)
        return;
    bytes->bytes_max = ENTRY_BYTES_MAX;
    FUZZ_CHECK(entry_write(&entry, bytes) == PARLEY_OK);
    struct slice copy = script_copy(script, buffer_slice(bytes));
    if (script_once_in(script, 8))
        FUZZ_CHECK(ledger_load(&page->ledger, &env, copy, &(struct ledger_import){0}) == PARLEY_OK);
    else
        FUZZ_CHECK(ledger_hear(&page->ledger, &env, page->places[member], copy) == PARLEY_OK);
}

static void hear_bytes(struct page *page, struct script *script, uint32_t member) {
    static const char *const labels[] = {"ple1", "pls1", "plr1", ""};
    struct buffer *bytes = script_scratch();
    struct env env = lend(page);
    bytes->bytes_max = 2 * REPLICATION_MESSAGE_BYTES_MAX;
    (void)buffer_append(bytes, slice_of(labels[script_below(script, 4)]));
    (void)buffer_append(bytes, script_text(script));
    struct slice copy = script_copy(script, buffer_slice(bytes));
    if (script_once_in(script, 8))
        (void)ledger_load(&page->ledger, &env, copy, &(struct ledger_import){0});
    else
        (void)ledger_hear(&page->ledger, &env, page->places[member], copy);
}

/* Every message can be read, and fits. */
static void send(struct page *page, uint32_t member) {
    static struct buffer out;
    struct env env = lend(page);
    out.bytes_max = REPLICATION_MESSAGE_BYTES_MAX;
    buffer_clear(&out);
    for (uint32_t i = 0; i < 8 && ledger_next(&page->ledger, &env, page->places[member], &out);
         i++) {
        FUZZ_CHECK(out.len > 4 && out.len <= REPLICATION_MESSAGE_BYTES_MAX);
        buffer_clear(&out);
    }
}

static void come_and_go(struct page *page, struct script *script, uint32_t member) {
    struct env env = lend(page);
    switch (script_below(script, 4)) {
    case 0:
        ledger_up(&page->ledger, &env, page->places[member], script_once_in(script, 2));
        break;
    case 1:
        ledger_down(&page->ledger, page->places[member]);
        break;
    case 2:
        ledger_reaches(&page->ledger, page->places[member], script_byte(script));
        break;
    default:
        ledger_leave(&page->ledger, page->places[member]);
        page->places[member] = ledger_join(
            &page->ledger, &page->authors[script_below(script, MEMBERS + 1)].public_key);
    }
}

static void step(struct page *page, struct script *script) {
    uint32_t member = script_below(script, MEMBERS);
    switch (script_below(script, 6)) {
    case 0:
        hear_entry(page, script, member);
        break;
    case 1:
        hear_bytes(page, script, member);
        break;
    case 2:
        come_and_go(page, script, member);
        break;
    case 3: {
        struct env env = lend(page);
        (void)ledger_say(&page->ledger, &env, ENTRY_TEXT, script_text(script),
                         &page->authors[MEMBERS].secret_key);
        break;
    }
    case 4:
        page->now_ms += script_number(script);
        break;
    default:
        send(page, member);
    }
    struct env env = lend(page);
    ledger_tick(&page->ledger, &env);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static struct page page;
    struct script script = script_of(bytes, len);
    begin(&page);
    for (uint32_t i = 0; i < STEPS_MAX && script.left > 0; i++) {
        step(&page, &script);
        script_free_texts(&script);
        check(&page);
    }
    ledger_deinit(&page.ledger);
    return 0;
}
