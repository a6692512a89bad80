/* A long history: what it costs to hand it to a newcomer, and to find that nothing is missing. */
#include "error.h"
#include "ledgers.h"

#include <stdlib.h>

#define ENTRIES 5000
#define AUTHORS 10

static struct ledgers all;

static void hear(uint32_t page, struct slice bytes) {
    struct env env = ledgers_env(&all, page);
    assert_int_equal(
        ledger_hear(&all.pages[page].ledger, &env, all.pages[page].places[!page], bytes),
        PARLEY_OK);
}

/* Page 0 hears |count| entries of people who have left. */
static void fill(uint32_t count) {
    struct entry_id previous[AUTHORS] = {0};
    for (uint32_t i = 0; i < count; i++) {
        struct sign_secret_key key;
        struct entry entry = {.kind = ENTRY_TEXT,
                              .sequence = i / AUTHORS + 1,
                              .time = ledgers_time(&all, (int64_t)i * 100 - 3600000),
                              .previous = previous[i % AUTHORS],
                              .body = BYTES("What people say is about as long as this line is.")};
        sign_key_pair((const uint8_t[SIGN_SEED_BYTES]){0xff, (uint8_t)(i % AUTHORS)}, &entry.author,
                      &key);
        assert_int_equal(entry_sign(&entry, &all.pages[0].ledger.room, &key), PARLEY_OK);
        previous[i % AUTHORS] = entry_id(&entry);
        struct buffer bytes = ledgers_written(&entry);
        hear(0, buffer_slice(&bytes));
        buffer_deinit(&bytes);
    }
    assert_int_equal(ledger_count(&all.pages[0].ledger), count);
    all.now_ms += REPLICATION_NEWS_MS; /* the history has come */
}

/* The next messages of one page go to the other, until there are none. */
static void talk(void) {
    struct buffer out;
    buffer_init(&out, REPLICATION_MESSAGE_BYTES_MAX);
    for (uint32_t silent = 0, page = 0; silent < 2; page = !page) {
        struct env env = ledgers_env(&all, page);
        silent++;
        while (ledger_next(&all.pages[page].ledger, &env, all.pages[page].places[!page], &out)) {
            silent = 0;
            all.messages++;
            all.bytes += out.len;
            hear(!page, buffer_slice(&out));
            buffer_clear(&out);
        }
    }
    buffer_deinit(&out);
}

static void a_newcomer_gets_five_thousand_entries(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    fill(ENTRIES);
    ledgers_connect_all(&all);
    talk();
    print_message("  %u messages, %u bytes\n", (unsigned)all.messages, (unsigned)all.bytes);
    assert_int_equal(ledger_count(&all.pages[1].ledger), ENTRIES);
    assert_true(ledgers_agree(&all, 0, 1));
    size_t entries = ENTRIES * (ENTRY_HEADER_BYTES + SIGNATURE_BYTES + 49);
    assert_in_range(all.bytes, entries, entries + 2000);
    assert_in_range(all.messages, 80, 95);
    ledgers_deinit(&all);
}

static void equal_histories_take_two_messages(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    fill(2 * ENTRIES);
    struct buffer stored;
    struct ledger_import import;
    buffer_init(&stored, 8 << 20);
    (void)ledger_export(&all.pages[0].ledger, 0, &stored);
    struct env env = ledgers_env(&all, 1);
    assert_int_equal(ledger_load(&all.pages[1].ledger, &env, buffer_slice(&stored), &import),
                     PARLEY_OK);
    assert_int_equal(import.added, 2 * ENTRIES);
    buffer_deinit(&stored);
    ledgers_connect_all(&all);
    talk();
    assert_int_equal(all.messages, 2);
    assert_int_equal(all.bytes, 2 * (SYNC_LABEL_BYTES + 2 + SYNC_FINGERPRINT_BYTES));
    ledgers_deinit(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newcomer_gets_five_thousand_entries),
        cmocka_unit_test(equal_histories_take_two_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
