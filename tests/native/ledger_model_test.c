/* Ledgers of one room under random schedules: connections that break, lose, repeat and reorder
 * messages, reloads that keep all, damage some or lose all of what was stored, clocks that are
 * wrong, and a member who lies. After healing, all honest pages hold the same entries, everything
 * that honest people said is there, and nothing is that nobody said.
 *
 * LEDGER_MODEL_SEEDS=FIRST..LAST in the environment runs other schedules. */
#include "error.h"
#include "ledgers.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGES_MAX 5
#define SAID_MAX 400
#define STEPS 150

struct model {
    struct ledgers all;
    uint32_t liar;                  /* the last page */
    struct entry_id said[SAID_MAX]; /* by honest pages */
    uint32_t said_count;
    struct buffer seen[16]; /* messages that the liar can use again */
    uint32_t seen_count;
};

static struct model model;

static uint32_t chance(uint32_t from, uint32_t to) {
    return (uint32_t)random_between(&model.all.random, from, to);
}

static uint32_t any_page(void) {
    return chance(0, model.all.count - 1);
}

static uint32_t any_honest(void) {
    return chance(0, model.liar - 1);
}

static struct ledger *ledger_of(uint32_t page) {
    return &model.all.pages[page].ledger;
}

/* Honest steps */

static void say(uint32_t page) {
    struct env env = ledgers_env(&model.all, page);
    char text[64];
    if (model.said_count == SAID_MAX)
        return;
    (void)snprintf(text, sizeof text, "%u from %u", (unsigned)model.said_count, (unsigned)page);
    assert_int_equal(ledger_say(ledger_of(page), &env, ENTRY_TEXT, slice_of(text),
                                &model.all.pages[page].secret_key),
                     PARLEY_OK);
    model.said[model.said_count++] = ledger_of(page)->said_id;
    ledgers_check(&model.all, page);
}

/* Delivers a message, perhaps out of order, twice, or not at all. */
static void deliver(uint32_t from, uint32_t to) {
    struct ledger_mail *first = model.all.mail[from][to];
    if (first == NULL)
        return;
    if (chance(0, 9) == 0)
        ledgers_post(&model.all, from, to, (struct slice){first->bytes, first->len});
    if (to == model.liar && model.seen_count < COUNT(model.seen)) {
        struct buffer *seen = &model.seen[model.seen_count++];
        buffer_init(seen, REPLICATION_MESSAGE_BYTES_MAX);
        assert_int_equal(buffer_append(seen, (struct slice){first->bytes, first->len}), PARLEY_OK);
    }
    if (chance(0, 9) == 0) {
        model.all.mail[from][to] = first->next;
        free(first);
        return;
    }
    (void)ledgers_deliver(&model.all, from, to, chance(0, 9) ? 0 : chance(0, 3));
}

/* The page comes back with all that it had stored, or with damage that another page can mend. */
static void reload(uint32_t page) {
    struct buffer stored;
    struct ledger_import import;
    buffer_init(&stored, 1 << 20);
    assert_int_equal(ledger_export(ledger_of(page), 0, &stored), ledger_count(ledger_of(page)));
    ledgers_reload(&model.all, page);
    struct env env = ledgers_env(&model.all, page);
    size_t len = stored.len;
    assert_int_equal(ledger_load(ledger_of(page), &env, buffer_slice(&stored), &import), PARLEY_OK);
    assert_int_equal(import.damaged_bytes, 0);
    assert_true(len == 0 || import.added > 0);
    ledgers_check(&model.all, page);
    buffer_deinit(&stored);
}

static void pass(uint64_t ms) {
    model.all.now_ms += ms;
    for (uint32_t i = 0; i < model.all.count; i++) {
        struct env env = ledgers_env(&model.all, i);
        ledger_tick(ledger_of(i), &env);
        ledgers_check(&model.all, i);
    }
}

/* Lies */

static void lie_with(uint32_t to, const struct entry *entry) {
    struct buffer bytes = ledgers_written(entry);
    ledgers_post(&model.all, model.liar, to, buffer_slice(&bytes));
    buffer_deinit(&bytes);
}

/* Says different things under one number to different pages. */
static void equivocate(void) {
    struct entry entry = {.run = {.bytes = {(uint8_t)chance(0, 2)}}, .body = BYTES("yes")};
    ledgers_sign(&model.all, model.liar, &entry);
    lie_with(any_honest(), &entry);
    entry.body = BYTES("no");
    entry.time = ledgers_time(&model.all, (int64_t)chance(0, 1000) - 500);
    ledgers_sign(&model.all, model.liar, &entry);
    lie_with(any_honest(), &entry);
}

/* Names entries that are not there, not its own, or not earlier. */
static void break_chain(void) {
    struct entry entry = {.sequence = chance(2, 4), .body = BYTES("chained")};
    entry.previous.hash.bytes[0] = 1;
    if (model.said_count > 0) {
        entry.previous = model.said[chance(0, model.said_count - 1)];
        entry.seen = model.said[chance(0, model.said_count - 1)];
    }
    entry.time = ledgers_time(&model.all, (int64_t)chance(0, 200000) - 100000);
    ledgers_sign(&model.all, model.liar, &entry);
    lie_with(any_honest(), &entry);
}

static void claim_wrong_time(void) {
    static const int64_t ahead_ms[] = {
        100000, 130000, 200000, INT64_C(3000000000000), -1000000, -LEDGERS_BEGIN_MS / 2};
    struct entry entry = {.body = BYTES("when?"),
                          .run = {.bytes = {(uint8_t)chance(0, 255)}},
                          .time = ledgers_time(&model.all, ahead_ms[chance(0, 5)])};
    ledgers_sign(&model.all, model.liar, &entry);
    lie_with(any_honest(), &entry);
}

static void replay_or_alter(void) {
    if (model.seen_count == 0)
        return;
    struct buffer *seen = &model.seen[chance(0, model.seen_count - 1)];
    size_t at = chance(0, (uint32_t)seen->len - 1);
    char before = seen->bytes[at];
    if (chance(0, 1))
        seen->bytes[at] = (char)(before ^ 1 << chance(0, 7));
    ledgers_post(&model.all, model.liar, any_honest(), buffer_slice(seen));
    seen->bytes[at] = before;
}

static void flood(void) {
    uint32_t to = any_honest();
    for (uint32_t i = chance(1, 90); i > 0; i--) {
        struct entry entry = {.body = BYTES("flood"), .run = {.bytes = {1, (uint8_t)i}}};
        ledgers_sign(&model.all, model.liar, &entry);
        lie_with(to, &entry);
    }
}

/* Acknowledges what it does not hold, and asks for everything. */
static void claim_to_hold(void) {
    struct sync_receipt receipt = {.count = 1};
    struct buffer bytes;
    uint32_t to = any_honest();
    buffer_init(&bytes, 100);
    if (model.said_count > 0)
        memcpy(receipt.ids[0], &model.said[chance(0, model.said_count - 1)], ENTRY_SHORT_ID_BYTES);
    assert_int_equal(sync_put_receipt(&bytes, &receipt), PARLEY_OK);
    ledgers_post(&model.all, model.liar, to, buffer_slice(&bytes));
    ledgers_post(&model.all, model.liar, to, BYTES("pls1\2\0\0"));
    ledgers_post(&model.all, model.liar, to, BYTES("pls1\0\0"));
    buffer_deinit(&bytes);
}

/* Passes nothing on for now. */
static void withhold(void) {
    for (uint32_t i = 0; i < model.liar; i++)
        while (model.all.mail[model.liar][i] != NULL) {
            struct ledger_mail *first = model.all.mail[model.liar][i];
            model.all.mail[model.liar][i] = first->next;
            free(first);
        }
}

static void lie(void) {
    static void (*const lies[])(void) = {equivocate,    break_chain,     claim_wrong_time, flood,
                                         claim_to_hold, replay_or_alter, withhold};
    lies[chance(0, COUNT(lies) - 1)]();
}

/* Schedules */

static void step(void) {
    uint32_t one = any_page(), other = any_page();
    uint32_t what = chance(0, 99);
    if (what < 15) {
        say(any_honest());
    } else if (what < 20) {
        lie();
    } else if (what < 25) {
        if (one != other)
            ledgers_cut(&model.all, one, other);
    } else if (what < 35) {
        if (one != other)
            ledgers_connect(&model.all, one, other);
    } else if (what < 36) {
        reload(any_honest());
    } else if (what < 45) {
        pass(chance(0, 9) ? chance(1, 3000) : chance(1, 200000));
    } else if (what < 60) {
        ledgers_pump(&model.all, one);
    } else {
        deliver(one, other);
    }
}

/* Everything that honest people said is there, and in their name nothing else. */
static void check_what_is_there(uint32_t page) {
    uint32_t honest = 0;
    for (uint32_t i = 0; i < ledger_count(ledger_of(page)); i++) {
        const struct kept_entry *kept = ledger_get(ledger_of(page), i);
        bool is_liars = memcmp(&kept->entry.author, &model.all.pages[model.liar].public_key,
                               sizeof kept->entry.author) == 0;
        assert_true(kept->entry.time <= ledgers_time(&model.all, LEDGER_EARLY_MS + 10000));
        assert_true(is_liars || kept->marks == 0);
        honest += !is_liars;
        assert_int_equal(entry_verify(&kept->entry, &ledger_of(page)->room), PARLEY_OK);
    }
    assert_int_equal(honest, model.said_count);
    for (uint32_t i = 0; i < model.said_count; i++)
        assert_non_null(entry_set_find(&ledger_of(page)->store.set, model.said[i].hash.bytes));
}

/* The author of an entry knows that all honest pages hold it. */
static void check_delivery(uint32_t page) {
    for (uint32_t i = 0; i < ledger_count(ledger_of(page)); i++) {
        const struct kept_entry *kept = ledger_get(ledger_of(page), i);
        if (memcmp(&kept->entry.author, &model.all.pages[page].public_key,
                   sizeof kept->entry.author) != 0)
            continue;
        for (uint32_t j = 0; j < model.liar; j++)
            assert_true(j == page || (kept->holders >> model.all.pages[page].places[j] & 1) != 0);
    }
}

static void heal(void) {
    for (uint32_t i = 0; i < model.liar; i++)
        ledgers_cut(&model.all, i, model.liar); /* otherwise there would be something new */
    for (uint32_t i = 0; i < model.liar; i++)
        for (uint32_t j = 0; j < i; j++)
            ledgers_connect(&model.all, j, i);
    ledgers_pass(&model.all, 5 * 60000);
    for (uint32_t i = 0; i < model.liar; i++) {
        assert_true(ledgers_agree(&model.all, 0, i));
        check_what_is_there(i);
        check_delivery(i);
    }
}

static void run(uint64_t seed) {
    model = (struct model){0};
    ledgers_init(&model.all, 2 + (uint32_t)(seed % (PAGES_MAX - 1)), seed);
    model.liar = model.all.count - 1;
    for (uint32_t i = 0; i < model.all.count; i++)
        model.all.pages[i].clock_error_ms = (int64_t)chance(0, 10000) - 5000;
    for (uint32_t i = 0; i < STEPS; i++)
        step();
    heal();
    while (model.seen_count > 0)
        buffer_deinit(&model.seen[--model.seen_count]);
    ledgers_deinit(&model.all);
}

static void honest_pages_agree_after_healing(void **state) {
    (void)state;
    unsigned first = 1, last = 60;
    const char *seeds = getenv("LEDGER_MODEL_SEEDS");
    if (seeds != NULL)
        assert_int_equal(sscanf(seeds, "%u..%u", &first, &last), 2);
    for (unsigned seed = first; seed <= last; seed++) {
        if (seeds != NULL && seed % 100 == 0)
            print_message("  %u\n", seed);
        run(seed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_pages_agree_after_healing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
