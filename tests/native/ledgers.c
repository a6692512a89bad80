#include "ledgers.h"

#include "error.h"

#include <stdlib.h>

static const struct entry_room room = {.id = {.bytes = "lobby", .len = 5}, .is_sealed = true};

struct env ledgers_env(struct ledgers *all, uint32_t page) {
    return (struct env){.random = &all->random,
                        .now_ms = all->now_ms,
                        .wall_ms = LEDGERS_BEGIN_MS + (int64_t)all->now_ms +
                                   all->pages[page].clock_error_ms};
}

uint64_t ledgers_time(const struct ledgers *all, int64_t add_ms) {
    return (uint64_t)(LEDGERS_BEGIN_MS + (int64_t)all->now_ms + add_ms) * 65536;
}

static void begin(struct ledgers *all, uint32_t index) {
    struct ledger_page *page = &all->pages[index];
    struct env env = ledgers_env(all, index);
    ledger_init(&page->ledger, &room, &page->public_key, &env);
    for (uint32_t i = 0; i < all->count; i++)
        if (i != index)
            page->places[i] = ledger_join(&page->ledger, &all->pages[i].public_key);
    page->mirror_count = 0;
}

void ledgers_init(struct ledgers *all, uint32_t count, uint64_t seed) {
    uint8_t bytes[8];
    memcpy(bytes, &seed, sizeof bytes);
    *all = (struct ledgers){.count = count, .now_ms = 1000000};
    random_init(&all->random, bytes);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t key_seed[SIGN_SEED_BYTES] = {(uint8_t)(i + 1), (uint8_t)seed};
        sign_key_pair(key_seed, &all->pages[i].public_key, &all->pages[i].secret_key);
    }
    for (uint32_t i = 0; i < count; i++)
        begin(all, i);
}

static void end(struct ledger_page *page) {
    ledger_deinit(&page->ledger);
    free(page->mirror);
    free(page->marks);
    page->mirror = NULL;
    page->marks = NULL;
    page->mirror_count = page->mirror_capacity = 0;
}

static void lose_mail(struct ledgers *all, uint32_t from, uint32_t to) {
    while (all->mail[from][to] != NULL) {
        struct ledger_mail *first = all->mail[from][to];
        all->mail[from][to] = first->next;
        free(first);
    }
}

void ledgers_deinit(struct ledgers *all) {
    for (uint32_t i = 0; i < all->count; i++) {
        end(&all->pages[i]);
        for (uint32_t j = 0; j < all->count; j++)
            lose_mail(all, i, j);
    }
}

void ledgers_reload(struct ledgers *all, uint32_t page) {
    for (uint32_t i = 0; i < all->count; i++)
        if (i != page)
            ledgers_cut(all, page, i);
    end(&all->pages[page]);
    begin(all, page);
}

void ledgers_connect(struct ledgers *all, uint32_t one, uint32_t other) {
    if (all->up[one][other])
        return;
    struct env env = ledgers_env(all, one);
    ledger_up(&all->pages[one].ledger, &env, all->pages[one].places[other], one < other);
    env = ledgers_env(all, other);
    ledger_up(&all->pages[other].ledger, &env, all->pages[other].places[one], other < one);
    all->up[one][other] = all->up[other][one] = true;
}

void ledgers_connect_all(struct ledgers *all) {
    for (uint32_t i = 0; i < all->count; i++)
        for (uint32_t j = 0; j < i; j++)
            ledgers_connect(all, j, i);
}

void ledgers_cut(struct ledgers *all, uint32_t one, uint32_t other) {
    if (!all->up[one][other])
        return;
    all->up[one][other] = all->up[other][one] = false;
    ledger_down(&all->pages[one].ledger, all->pages[one].places[other]);
    ledger_down(&all->pages[other].ledger, all->pages[other].places[one]);
    lose_mail(all, one, other);
    lose_mail(all, other, one);
}

/* The mirror */

static void grow(struct ledger_page *page) {
    if (page->mirror_count < page->mirror_capacity)
        return;
    page->mirror_capacity = page->mirror_capacity ? 2 * page->mirror_capacity : 64;
    page->mirror = realloc(page->mirror, page->mirror_capacity * sizeof *page->mirror);
    page->marks = realloc(page->marks, page->mirror_capacity);
    assert_non_null(page->mirror);
    assert_non_null(page->marks);
}

static void move(struct ledger_page *page, uint32_t to, uint32_t from) {
    memmove(page->mirror + to, page->mirror + from,
            (page->mirror_count - from) * sizeof *page->mirror);
    memmove(page->marks + to, page->marks + from, page->mirror_count - from);
}

/* The id is known only once all outcomes are applied; ADDED leaves a hole. */
static void apply(struct ledger_page *page, const struct ledger_outcome *outcome) {
    grow(page);
    switch (outcome->kind) {
    case LEDGER_ADDED:
        assert_true(outcome->place <= page->mirror_count);
        move(page, outcome->place + 1, outcome->place);
        page->mirror_count++;
        page->mirror[outcome->place] = (struct entry_id){0};
        page->marks[outcome->place] = 0xff;
        break;
    case LEDGER_REMOVED:
        assert_true(outcome->place < page->mirror_count);
        move(page, outcome->place, outcome->place + 1);
        page->mirror_count--;
        break;
    case LEDGER_MARKED:
        assert_true(outcome->place < page->mirror_count);
        page->marks[outcome->place] = 0xff; /* is read anew */
        break;
    case LEDGER_HELD:
        page->held_told++;
        break;
    }
}

void ledgers_check(struct ledgers *all, uint32_t index) {
    struct ledger_page *page = &all->pages[index];
    struct ledger_outcome outcome;
    while (ledger_take_outcome(&page->ledger, &outcome))
        apply(page, &outcome);
    assert_int_equal(page->mirror_count, ledger_count(&page->ledger));
    for (uint32_t i = 0; i < page->mirror_count; i++) {
        const struct kept_entry *kept = ledger_get(&page->ledger, i);
        if (entry_id_is_none(&page->mirror[i]))
            page->mirror[i] = kept->id;
        assert_memory_equal(&page->mirror[i], &kept->id, sizeof kept->id);
        if (page->marks[i] == 0xff)
            page->marks[i] = kept->marks;
        assert_int_equal(page->marks[i], entry_store_marks(&page->ledger.store, kept));
    }
}

/* Messages */

void ledgers_say(struct ledgers *all, uint32_t page, const char *text) {
    struct env env = ledgers_env(all, page);
    assert_int_equal(ledger_say(&all->pages[page].ledger, &env, ENTRY_TEXT, slice_of(text),
                                &all->pages[page].secret_key),
                     PARLEY_OK);
    ledgers_check(all, page);
}

void ledgers_post(struct ledgers *all, uint32_t from, uint32_t to, struct slice bytes) {
    struct ledger_mail *mail = malloc(sizeof *mail + bytes.len);
    assert_non_null(mail);
    mail->next = NULL;
    mail->len = bytes.len;
    memcpy(mail->bytes, bytes.bytes, bytes.len);
    struct ledger_mail **at = &all->mail[from][to];
    while (*at != NULL)
        at = &(*at)->next;
    *at = mail;
}

void ledgers_pump(struct ledgers *all, uint32_t page) {
    struct env env = ledgers_env(all, page);
    struct buffer out;
    buffer_init(&out, REPLICATION_MESSAGE_BYTES_MAX);
    for (uint32_t i = 0; i < all->count; i++)
        while (all->up[page][i] &&
               ledger_next(&all->pages[page].ledger, &env, all->pages[page].places[i], &out)) {
            all->messages++;
            all->bytes += out.len;
            ledgers_post(all, page, i, buffer_slice(&out));
            buffer_clear(&out);
        }
    buffer_deinit(&out);
}

int ledgers_hear(struct ledgers *all, uint32_t from, uint32_t to, struct slice bytes) {
    struct env env = ledgers_env(all, to);
    int error = ledger_hear(&all->pages[to].ledger, &env, all->pages[to].places[from], bytes);
    ledgers_check(all, to);
    if (error)
        all->error = error;
    return error;
}

bool ledgers_deliver(struct ledgers *all, uint32_t from, uint32_t to, uint32_t at) {
    struct ledger_mail **place = &all->mail[from][to];
    if (*place == NULL)
        return false;
    for (; at > 0 && (*place)->next != NULL; at--)
        place = &(*place)->next;
    struct ledger_mail *mail = *place;
    *place = mail->next;
    (void)ledgers_hear(all, from, to, (struct slice){mail->bytes, mail->len});
    free(mail);
    return true;
}

void ledgers_settle(struct ledgers *all) {
    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        for (uint32_t i = 0; i < all->count; i++)
            ledgers_pump(all, i);
        for (uint32_t i = 0; i < all->count; i++)
            for (uint32_t j = 0; j < all->count; j++)
                goes_on |= ledgers_deliver(all, i, j, 0);
    }
}

void ledgers_pass(struct ledgers *all, uint64_t ms) {
    uint64_t end_ms = all->now_ms + ms;
    for (;;) {
        uint64_t next_ms = end_ms;
        ledgers_settle(all);
        for (uint32_t i = 0; i < all->count; i++) {
            struct env env = ledgers_env(all, i);
            uint64_t due_ms = ledger_deadline_ms(&all->pages[i].ledger, &env);
            assert_true(due_ms > all->now_ms);
            next_ms = deadline_earlier(next_ms, due_ms);
        }
        all->now_ms = next_ms;
        for (uint32_t i = 0; i < all->count; i++) {
            struct env env = ledgers_env(all, i);
            ledger_tick(&all->pages[i].ledger, &env);
            ledgers_check(all, i);
        }
        if (next_ms == end_ms)
            break;
    }
    ledgers_settle(all);
}

bool ledgers_agree(struct ledgers *all, uint32_t one, uint32_t other) {
    struct sync_fingerprint left = ledger_fingerprint(&all->pages[one].ledger);
    struct sync_fingerprint right = ledger_fingerprint(&all->pages[other].ledger);
    return memcmp(&left, &right, sizeof left) == 0;
}

void ledgers_sign(struct ledgers *all, uint32_t page, struct entry *entry) {
    if (entry->kind == 0)
        entry->kind = ENTRY_TEXT;
    if (entry->sequence == 0)
        entry->sequence = 1;
    if (entry->time == 0)
        entry->time = ledgers_time(all, 0);
    entry->author = all->pages[page].public_key;
    assert_int_equal(entry_sign(entry, &room, &all->pages[page].secret_key), PARLEY_OK);
}

struct buffer ledgers_written(const struct entry *entry) {
    struct buffer bytes;
    buffer_init(&bytes, ENTRY_BYTES_MAX);
    assert_int_equal(entry_write(entry, &bytes), PARLEY_OK);
    return bytes;
}

int ledgers_hear_entry(struct ledgers *all, uint32_t from, uint32_t page,
                       const struct entry *entry) {
    struct buffer bytes = ledgers_written(entry);
    int error = ledgers_hear(all, from, page, buffer_slice(&bytes));
    buffer_deinit(&bytes);
    return error;
}
