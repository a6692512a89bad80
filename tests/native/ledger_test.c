/* The ledger: saying, hearing, the rules for entries, time, storage. */
#include "error.h"
#include "ledgers.h"
#include "room_clock.h"

#include <stdlib.h>

#define MINUTE_MS 60000

static struct ledgers all;

static const struct kept_entry *entry_at(uint32_t page, uint32_t place) {
    return ledger_get(&all.pages[page].ledger, place);
}

static uint32_t count_of(uint32_t page) {
    return ledger_count(&all.pages[page].ledger);
}

static void assert_says(uint32_t page, uint32_t place, const char *text) {
    struct buffer out;
    buffer_init(&out, 16000);
    assert_int_equal(ledger_read(&entry_at(page, place)->entry, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), text);
    buffer_deinit(&out);
}

static int hear(uint32_t from, uint32_t page, const struct entry *entry) {
    return ledgers_hear_entry(&all, from, page, entry);
}

/* Saying and hearing */

static void what_one_says_everybody_hears(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    ledgers_connect_all(&all);
    ledgers_settle(&all);
    ledgers_say(&all, 0, "one");
    ledgers_say(&all, 0, "two");
    ledgers_settle(&all);
    ledgers_say(&all, 2, "three");
    ledgers_settle(&all);
    for (uint32_t page = 0; page < 3; page++) {
        assert_int_equal(count_of(page), 3);
        assert_says(page, 0, "one");
        assert_says(page, 1, "two");
        assert_says(page, 2, "three");
    }
    const struct entry *two = &entry_at(1, 1)->entry, *three = &entry_at(1, 2)->entry;
    assert_int_equal(two->sequence, 2);
    assert_true(entry_id_equal(&two->previous, &entry_at(1, 0)->id));
    assert_true(entry_id_equal(&three->seen, &entry_at(1, 1)->id));
    assert_int_equal(all.error, PARLEY_OK);
    ledgers_deinit(&all);
}

/* In a full mesh nobody passes on what everybody got from its author. */
static void in_a_full_mesh_an_entry_goes_once_to_each(void **state) {
    (void)state;
    ledgers_init(&all, 4, 1);
    ledgers_connect_all(&all);
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t j = 0; j < 4; j++)
            if (i != j)
                ledger_reaches(&all.pages[i].ledger, all.pages[i].places[j], UINT64_MAX);
    ledgers_pass(&all, 10 * MINUTE_MS);
    all.messages = 0;
    ledgers_say(&all, 0, "hello");
    ledgers_settle(&all);
    assert_int_equal(all.messages, 3 + 3); /* and a receipt from each */
    assert_int_equal(count_of(3), 1);
    ledgers_deinit(&all);
}

static void two_without_a_path_hear_each_other_through_a_third(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    ledgers_connect(&all, 0, 1);
    ledgers_connect(&all, 1, 2);
    ledgers_settle(&all);
    ledgers_say(&all, 0, "can you hear me");
    ledgers_settle(&all);
    assert_int_equal(count_of(2), 1);
    ledgers_say(&all, 2, "yes");
    ledgers_settle(&all);
    assert_says(0, 1, "yes");
    ledgers_deinit(&all);
}

/* Two pages of one person, who cannot agree on numbers. */
static void two_pages_of_one_author_do_not_contradict_each_other(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    all.pages[1].public_key = all.pages[0].public_key;
    all.pages[1].secret_key = all.pages[0].secret_key;
    ledgers_reload(&all, 0);
    ledgers_reload(&all, 1);
    ledgers_say(&all, 0, "from the first page");
    ledgers_say(&all, 1, "from the second");
    ledgers_connect_all(&all);
    ledgers_settle(&all);
    assert_int_equal(count_of(0), 2);
    assert_int_equal(entry_at(0, 0)->marks | entry_at(0, 1)->marks, 0);
    ledgers_say(&all, 0, "and on");
    assert_int_equal(entry_at(0, 2)->entry.sequence, 2);
    assert_int_equal(entry_at(0, 2)->marks, 0);
    ledgers_deinit(&all);
}

/* A copy of a whole page, with its run, is noticed when it speaks. */
static void a_page_that_was_copied_begins_another_run(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    ledgers_connect_all(&all);
    ledgers_say(&all, 0, "one");
    struct entry copied = {.run = all.pages[0].ledger.run,
                           .sequence = 2,
                           .time = ledgers_time(&all, 1),
                           .previous = entry_at(0, 0)->id,
                           .body = BYTES("said by the copy")};
    ledgers_sign(&all, 0, &copied);
    assert_int_equal(hear(1, 0, &copied), PARLEY_OK);
    ledgers_say(&all, 0, "two");
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(entry_at(0, i)->marks, 0);
    ledgers_deinit(&all);
}

static void what_nobody_signed_is_refused(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    struct entry entry = {.body = BYTES("hello")};
    ledgers_sign(&all, 1, &entry);
    entry.signature.bytes[0] ^= 1;
    assert_int_equal(hear(1, 0, &entry), PARLEY_ERR_FORGED);
    ledgers_sign(&all, 1, &entry);
    entry.author = all.pages[0].public_key;
    assert_int_equal(hear(1, 0, &entry), PARLEY_ERR_FORGED);
    ledgers_sign(&all, 1, &entry);
    entry.body = BYTES("hullo");
    assert_int_equal(hear(1, 0, &entry), PARLEY_ERR_FORGED);
    assert_int_equal(count_of(0), 0);
    ledgers_deinit(&all);
}

static void what_is_no_message_is_refused(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    assert_int_equal(ledgers_hear(&all, 1, 0, BYTES("")), PARLEY_ERR_TYPE);
    assert_int_equal(ledgers_hear(&all, 1, 0, BYTES("{}")), PARLEY_ERR_TYPE);
    assert_int_equal(ledgers_hear(&all, 1, 0, BYTES("ple2....")), PARLEY_ERR_TYPE);
    assert_int_equal(ledgers_hear(&all, 1, 0, BYTES("ple1")), PARLEY_ERR_FIELD);
    assert_int_equal(ledgers_hear(&all, 1, 0, BYTES("plr1")), PARLEY_ERR_FIELD);
    assert_int_equal(ledgers_hear(&all, 1, 0, BYTES("plr1123")), PARLEY_ERR_FIELD);
    assert_int_equal(ledgers_hear(&all, 1, 0, BYTES("pls1\7\0")), PARLEY_ERR_FIELD);
    ledgers_deinit(&all);
}

static void what_a_newer_page_says_is_kept_and_passed_on(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    ledgers_connect(&all, 0, 1);
    ledgers_connect(&all, 1, 2);
    ledgers_settle(&all);
    struct entry kind = {.kind = 77, .body = BYTES("\1\2")};
    struct entry flagged = {.flags = 1, .run = {.bytes = {1}}, .body = BYTES("hello")};
    ledgers_sign(&all, 0, &kind);
    ledgers_sign(&all, 0, &flagged);
    assert_int_equal(hear(0, 1, &kind), PARLEY_OK);
    assert_int_equal(hear(0, 1, &flagged), PARLEY_OK);
    ledgers_settle(&all);
    assert_int_equal(count_of(2), 2);
    assert_false(ledger_knows(&entry_at(2, 0)->entry));
    assert_false(ledger_knows(&entry_at(2, 1)->entry));
    ledgers_deinit(&all);
}

/* The body stays as it was signed. */
static void a_body_is_cleaned_only_for_showing(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    ledgers_connect_all(&all);
    ledgers_say(&all, 0, "\n\n a\r\nb\xe2\x80\xae  ");
    ledgers_settle(&all);
    assert_slice(entry_at(1, 0)->entry.body, "\n\n a\r\nb\xe2\x80\xae  ");
    assert_says(1, 0, " a\nb\xef\xbf\xbd");
    struct entry name = {.kind = ENTRY_NAME, .body = BYTES("  A  b ")};
    ledgers_sign(&all, 0, &name);
    assert_true(ledger_knows(&name));
    struct buffer out;
    buffer_init(&out, 100);
    assert_int_equal(ledger_read(&name, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), "A b");
    name.body = BYTES("\xff");
    assert_int_equal(ledger_read(&name, &out), PARLEY_ERR_UTF8);
    buffer_deinit(&out);
    ledgers_deinit(&all);
}

/* Marks */

static void both_of_two_that_contradict_each_other_are_marked(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    struct entry one = {.body = BYTES("yes")}, other = {.body = BYTES("no")};
    ledgers_sign(&all, 1, &one);
    ledgers_sign(&all, 1, &other);
    assert_int_equal(hear(1, 0, &one), PARLEY_OK);
    assert_int_equal(entry_at(0, 0)->marks, 0);
    assert_int_equal(hear(1, 0, &other), PARLEY_OK);
    assert_int_equal(count_of(0), 2);
    assert_int_equal(entry_at(0, 0)->marks, ENTRY_MARK_CONTRADICTED);
    assert_int_equal(entry_at(0, 1)->marks, ENTRY_MARK_CONTRADICTED);
    ledgers_deinit(&all);
}

/* Hears |first| and |second| in one order and then the other; returns the marks of |second|. */
static unsigned marks_after(const struct entry *first, const struct entry *second) {
    unsigned marks[2];
    struct entry_id id = entry_id(second);
    for (unsigned order = 0; order < 2; order++) {
        ledgers_reload(&all, 0);
        assert_int_equal(hear(1, 0, order ? first : second), PARLEY_OK);
        assert_int_equal(hear(1, 0, order ? second : first), PARLEY_OK);
        marks[order] = entry_set_find(&all.pages[0].ledger.store.set, id.hash.bytes)->marks;
    }
    assert_int_equal(marks[0], marks[1]);
    return marks[0];
}

static void an_entry_that_does_not_follow_its_previous_is_marked(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    struct entry first = {.body = BYTES("first"), .time = ledgers_time(&all, 0)};
    ledgers_sign(&all, 1, &first);
    struct entry second = {.body = BYTES("second"),
                           .sequence = 2,
                           .time = first.time + 1,
                           .previous = entry_id(&first)};
    ledgers_sign(&all, 1, &second);
    assert_int_equal(marks_after(&first, &second), 0);
    second.time = first.time;
    ledgers_sign(&all, 1, &second);
    assert_int_equal(marks_after(&first, &second), ENTRY_MARK_UNCHAINED);
    second.time = first.time + 1;
    second.sequence = 3;
    ledgers_sign(&all, 1, &second);
    assert_int_equal(marks_after(&first, &second), ENTRY_MARK_UNCHAINED);
    second.sequence = 2;
    second.run.bytes[0] = 1;
    ledgers_sign(&all, 1, &second);
    assert_int_equal(marks_after(&first, &second), ENTRY_MARK_UNCHAINED);
    second.run.bytes[0] = 0;
    ledgers_sign(&all, 2, &second);
    assert_int_equal(marks_after(&first, &second), ENTRY_MARK_UNCHAINED);
    second.previous.hash.bytes[0] ^= 1; /* another first one, which nobody has shown */
    ledgers_sign(&all, 1, &second);
    assert_int_equal(marks_after(&first, &second), ENTRY_MARK_UNCHAINED);
    ledgers_deinit(&all);
}

static void an_entry_not_later_than_what_it_has_seen_is_marked(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    struct entry seen = {.body = BYTES("question"), .time = ledgers_time(&all, 0)};
    ledgers_sign(&all, 2, &seen);
    struct entry entry = {.body = BYTES("answer"), .time = seen.time + 1, .seen = entry_id(&seen)};
    ledgers_sign(&all, 1, &entry);
    assert_int_equal(marks_after(&seen, &entry), 0);
    entry.time = seen.time;
    ledgers_sign(&all, 1, &entry);
    assert_int_equal(marks_after(&seen, &entry), ENTRY_MARK_UNCHAINED);
    ledgers_deinit(&all);
}

/* Time */

static void an_answer_stands_below_its_question(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    all.pages[0].clock_error_ms = MINUTE_MS;
    ledgers_connect_all(&all);
    ledgers_say(&all, 0, "question");
    ledgers_settle(&all);
    ledgers_say(&all, 1, "answer");
    assert_says(1, 1, "answer");
    ledgers_say(&all, 1, "and more");
    assert_says(1, 2, "and more");
    ledgers_deinit(&all);
}

static void a_wrong_clock_is_corrected_by_the_rooms(void **state) {
    (void)state;
    ledgers_init(&all, 1, 1);
    all.pages[0].clock_error_ms = 50000 * (int64_t)MINUTE_MS;
    ledger_set_offset(&all.pages[0].ledger, -50000 * (int64_t)MINUTE_MS);
    ledgers_say(&all, 0, "now");
    assert_int_equal(entry_at(0, 0)->entry.time, ledgers_time(&all, 0));
    ledgers_deinit(&all);
}

static void the_rooms_time_is_the_median_of_its_clocks(void **state) {
    (void)state;
    const int64_t now = LEDGERS_BEGIN_MS, day = INT64_C(86400000);
    const int64_t liars[] = {now + 70 * 365 * day, now, now + 70 * 365 * day, now + 2};
    assert_int_equal(room_clock_offset_ms(now, NULL, 0), 0);
    assert_int_equal(room_clock_offset_ms(now, liars, 4), 2);             /* of five, the third */
    assert_int_equal(room_clock_offset_ms(now - day, liars + 1, 1), day); /* of two, the later: */
    assert_int_equal(room_clock_offset_ms(now, (const int64_t[]){now - day}, 1), 0); /* the same */
    assert_int_equal(room_clock_offset_ms(0, liars + 1, 1), now); /* 1970 does not count, */
    assert_int_equal(room_clock_offset_ms(now, (const int64_t[]){0, 0, 0}, 3), 0); /* anywhere */
    assert_int_equal(room_clock_offset_ms(now, (const int64_t[]){INT64_MAX, INT64_MIN}, 2), 0);
    int64_t many[200];
    for (unsigned i = 0; i < 200; i++)
        many[i] = now + 100;
    assert_int_equal(room_clock_offset_ms(now, many, 200), 100);
}

static void what_comes_from_the_future_waits_for_its_time(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    ledgers_connect_all(&all);
    ledgers_settle(&all);
    struct entry entry = {.body = BYTES("soon"),
                          .time = ledgers_time(&all, LEDGER_EARLY_MS + 5000)};
    ledgers_sign(&all, 2, &entry);
    assert_int_equal(hear(2, 0, &entry), PARLEY_OK);
    assert_int_equal(hear(2, 0, &entry), PARLEY_OK);
    assert_int_equal(all.pages[0].ledger.early.count, 1);
    ledgers_pass(&all, 4900);
    assert_int_equal(count_of(0) + count_of(1), 0);
    ledgers_pass(&all, 200);
    assert_int_equal(count_of(0), 1);
    assert_int_equal(count_of(1), 1);
    struct entry tolerated = {.body = BYTES("a clock that is fast"),
                              .run = {.bytes = {1}},
                              .time = ledgers_time(&all, LEDGER_EARLY_MS)};
    ledgers_sign(&all, 2, &tolerated);
    assert_int_equal(hear(2, 0, &tolerated), PARLEY_OK);
    assert_int_equal(count_of(0), 2);
    ledgers_deinit(&all);
}

/* Few are kept: the earliest, and a few of each author. */
static void little_from_the_future_is_kept(void **state) {
    (void)state;
    struct early_entries early = {.count = 0};
    struct entry entry = {.body = BYTES("x"), .body_bytes = 1};
    for (uint32_t i = 0; i < 20; i++) {
        entry.time = 1000 - i;
        struct entry_id id = entry_id(&entry);
        assert_int_equal(early_entries_add(&early, &entry, &id), PARLEY_OK);
        assert_true(early_entries_has(&early, &id));
    }
    assert_int_equal(early.count, EARLY_AUTHOR_MAX);
    assert_int_equal(early_entries_first(&early)->entry.time, 981);
    entry.time = 1000;
    struct entry_id late = entry_id(&entry);
    assert_int_equal(early_entries_add(&early, &entry, &late), PARLEY_ERR_FULL);
    for (uint32_t i = 0; i < 100; i++) {
        entry.author.bytes[0] = (uint8_t)(i + 1);
        entry.time = 2000 - i;
        struct entry_id id = entry_id(&entry);
        assert_int_equal(early_entries_add(&early, &entry, &id), PARLEY_OK);
    }
    assert_int_equal(early.count, EARLY_ENTRIES_MAX);
    assert_int_equal(early.items[EARLY_ENTRIES_MAX - 1]->entry.time,
                     1901 + EARLY_ENTRIES_MAX - EARLY_AUTHOR_MAX - 1);
    early_entries_deinit(&early);
}

/* Storage */

static void say_many(uint32_t page, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        ledgers_say(&all, page, "and");
}

static struct buffer exported(uint32_t page) {
    struct buffer out;
    buffer_init(&out, 1 << 20);
    assert_int_equal(ledger_export(&all.pages[page].ledger, 0, &out), count_of(page));
    return out;
}

static struct ledger_import load(uint32_t page, struct slice bytes) {
    struct ledger_import import;
    struct env env = ledgers_env(&all, page);
    assert_int_equal(ledger_load(&all.pages[page].ledger, &env, bytes, &import), PARLEY_OK);
    ledgers_check(&all, page);
    return import;
}

static void what_is_stored_comes_back(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    say_many(0, 10);
    struct buffer bytes = exported(0);
    struct sync_fingerprint before = ledger_fingerprint(&all.pages[0].ledger);
    ledgers_reload(&all, 0);
    ledgers_say(&all, 0, "meanwhile");
    struct ledger_import import = load(0, buffer_slice(&bytes));
    assert_int_equal(import.added, 10);
    assert_int_equal(import.damaged_bytes, 0);
    assert_int_equal(load(0, buffer_slice(&bytes)).added, 0);
    assert_int_equal(count_of(0), 11);
    ledgers_reload(&all, 0);
    (void)load(0, buffer_slice(&bytes));
    struct sync_fingerprint after = ledger_fingerprint(&all.pages[0].ledger);
    assert_memory_equal(&before, &after, sizeof before);
    struct buffer small;
    buffer_init(&small, 2 * bytes.len / 10);
    assert_int_equal(ledger_export(&all.pages[0].ledger, 3, &small), 5);
    buffer_deinit(&small);
    buffer_deinit(&bytes);
    ledgers_deinit(&all);
}

static void damage_costs_only_what_is_damaged(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    say_many(0, 10);
    struct buffer bytes = exported(0);
    size_t one = bytes.len / 10;
    for (size_t at = 0; at < bytes.len; at += 7) {
        bytes.bytes[at] = (char)(bytes.bytes[at] ^ 0x20);
        ledgers_reload(&all, 0);
        struct ledger_import import = load(0, buffer_slice(&bytes));
        assert_int_equal(import.added, 9);
        assert_int_equal(import.damaged_bytes, one);
        bytes.bytes[at] = (char)(bytes.bytes[at] ^ 0x20);
    }
    ledgers_reload(&all, 0);
    assert_int_equal(load(0, slice_first(buffer_slice(&bytes), bytes.len - 1)).damaged_bytes,
                     one - 1);
    assert_int_equal(load(0, slice_drop(buffer_slice(&bytes), one / 2)).damaged_bytes,
                     one - one / 2);
    buffer_deinit(&bytes);
    ledgers_deinit(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_says_everybody_hears),
        cmocka_unit_test(in_a_full_mesh_an_entry_goes_once_to_each),
        cmocka_unit_test(two_without_a_path_hear_each_other_through_a_third),
        cmocka_unit_test(two_pages_of_one_author_do_not_contradict_each_other),
        cmocka_unit_test(a_page_that_was_copied_begins_another_run),
        cmocka_unit_test(what_nobody_signed_is_refused),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(what_a_newer_page_says_is_kept_and_passed_on),
        cmocka_unit_test(a_body_is_cleaned_only_for_showing),
        cmocka_unit_test(both_of_two_that_contradict_each_other_are_marked),
        cmocka_unit_test(an_entry_that_does_not_follow_its_previous_is_marked),
        cmocka_unit_test(an_entry_not_later_than_what_it_has_seen_is_marked),
        cmocka_unit_test(an_answer_stands_below_its_question),
        cmocka_unit_test(a_wrong_clock_is_corrected_by_the_rooms),
        cmocka_unit_test(the_rooms_time_is_the_median_of_its_clocks),
        cmocka_unit_test(what_comes_from_the_future_waits_for_its_time),
        cmocka_unit_test(little_from_the_future_is_kept),
        cmocka_unit_test(what_is_stored_comes_back),
        cmocka_unit_test(damage_costs_only_what_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
