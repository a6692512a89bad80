/* The ledger and its members: limits, reconciling, delivery. */
#include "error.h"
#include "ledgers.h"
#include "reconcile.h"

#include <stdlib.h>

#define MINUTE_MS 60000

static struct ledgers all;

static const struct kept_entry *entry_at(uint32_t page, uint32_t place) {
    return ledger_get(&all.pages[page].ledger, place);
}

static uint32_t count_of(uint32_t page) {
    return ledger_count(&all.pages[page].ledger);
}

static int hear(uint32_t from, uint32_t page, const struct entry *entry) {
    return ledgers_hear_entry(&all, from, page, entry);
}

/* Limits */

static void say_many(uint32_t page, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        ledgers_say(&all, page, "and");
}

static void one_page_says_no_more_than_the_others_hear(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    ledgers_connect_all(&all);
    ledgers_settle(&all);
    say_many(0, LEDGER_SAYS_AT_ONCE + 10);
    ledgers_settle(&all);
    assert_int_equal(count_of(1), LEDGER_SAYS_AT_ONCE);
    ledgers_pass(&all, 5 * LEDGER_SAY_MS);
    assert_int_equal(count_of(1), LEDGER_SAYS_AT_ONCE + 5);
    ledgers_pass(&all, 5 * LEDGER_SAY_MS);
    assert_int_equal(count_of(1), LEDGER_SAYS_AT_ONCE + 10);
    ledgers_deinit(&all);
}

/* A page that says more at once is heard later, and slows nobody else. */
static void what_is_too_much_is_heard_later(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    ledgers_connect_all(&all);
    ledgers_settle(&all);
    say_many(1, 100);
    struct ledger *liar = &all.pages[1].ledger;
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(hear(1, 0, &ledger_get(liar, i)->entry), PARLEY_OK);
    assert_int_equal(count_of(0), LEDGER_HEARD_AT_ONCE);
    assert_in_range(all.pages[0].ledger.replication.members[0].ask_due_ms, all.now_ms,
                    all.now_ms + LEDGER_RETRY_MS);
    assert_int_equal(ledger_accepts_ms(&all.pages[0].ledger, &all.pages[1].public_key),
                     all.now_ms + LEDGER_SAY_MS);
    assert_true(ledger_accepts_ms(&all.pages[0].ledger, &all.pages[2].public_key) <= all.now_ms);
    ledgers_say(&all, 2, "me too");
    ledgers_settle(&all);
    assert_int_equal(count_of(0), LEDGER_HEARD_AT_ONCE + 1);
    ledgers_pass(&all, 2 * MINUTE_MS);
    assert_int_equal(count_of(0), 101);
    ledgers_deinit(&all);
}

/* A forged entry does not count against the one it names. */
static void nobody_uses_up_the_share_of_another(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    struct entry entry = {.body = BYTES("forged")};
    ledgers_sign(&all, 1, &entry);
    for (uint32_t i = 0; i < 2 * LEDGER_HEARD_AT_ONCE; i++) {
        entry.signature.bytes[0]++;
        (void)hear(2, 0, &entry);
    }
    assert_int_equal(ledger_accepts_ms(&all.pages[0].ledger, &all.pages[1].public_key), 0);
    ledgers_deinit(&all);
}

/* The entry number |i| of people who have left, in an hour that has passed; its body is long. */
static struct entry stranger(uint32_t i) {
    static char body[ENTRY_BODY_BYTES_MAX];
    uint8_t seed[SIGN_SEED_BYTES] = {0xff, (uint8_t)(i / 50), (uint8_t)(i / 50 >> 8)};
    struct sign_secret_key key;
    struct entry entry = {.kind = ENTRY_TEXT,
                          .sequence = 1,
                          .run = {.bytes = {(uint8_t)i}},
                          .time = ledgers_time(&all, (int64_t)i - 60 * MINUTE_MS),
                          .body = {body, sizeof body}};
    sign_key_pair(seed, &entry.author, &key);
    assert_int_equal(entry_sign(&entry, &all.pages[0].ledger.room, &key), PARLEY_OK);
    return entry;
}

/* Hears strangers' entries from |first| on until one is not taken; returns its number. */
static uint32_t hear_strangers(uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) {
        struct entry entry = stranger(i);
        struct entry_id id = entry_id(&entry);
        struct buffer bytes = ledgers_written(&entry);
        struct env env = ledgers_env(&all, 0);
        assert_int_equal(
            ledger_hear(&all.pages[0].ledger, &env, all.pages[0].places[1], buffer_slice(&bytes)),
            PARLEY_OK);
        buffer_deinit(&bytes);
        if (entry_set_find(&all.pages[0].ledger.store.set, id.hash.bytes) == NULL)
            return i;
    }
    return end;
}

/* Once the room is full, a connection brings other authors' entries at a limited rate only. */
static void made_up_authors_push_history_out_slowly(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    uint32_t full = 0;
    while (!ledger_starts_later(&all.pages[0].ledger))
        full = hear_strangers(full, full + 1);
    uint32_t refused = hear_strangers(full, full + 2 * LEDGER_CROWD_AT_ONCE);
    assert_int_equal(refused, full + LEDGER_CROWD_AT_ONCE);
    assert_in_range(count_of(0), full - 1, full + 1);
    assert_int_equal(hear_strangers(refused, refused + 1), refused);
    ledgers_check(&all, 0);
    all.now_ms += 2 * (uint64_t)LEDGER_CROWD_MS;
    assert_int_equal(hear_strangers(refused, refused + 5), refused + 2);
    ledgers_say(&all, 1, "somebody who is here");
    assert_int_equal(hear(1, 0, &entry_at(1, 0)->entry), PARLEY_OK);
    assert_slice(entry_at(0, count_of(0) - 1)->entry.body, "somebody who is here");
    ledgers_deinit(&all);
}

/* What would be dropped at once is not even verified. */
static void what_is_too_old_is_refused(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    uint32_t i = 1;
    while (!ledger_starts_later(&all.pages[0].ledger))
        i = hear_strangers(i, i + 1);
    uint32_t count = count_of(0);
    struct entry oldest = stranger(0);
    oldest.signature.bytes[0] ^= 1;
    assert_int_equal(hear(1, 0, &oldest), PARLEY_OK);
    assert_int_equal(count_of(0), count);
    ledgers_deinit(&all);
}

/* Page 0 and page 1 have got different parts of a history that is too long for either. */
static void two_full_pages_agree(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    for (uint32_t i = 300; i < 900; i++)
        (void)hear_strangers(i, i + 1);
    struct ledger newer = all.pages[0].ledger;
    ledger_init(&all.pages[0].ledger, &newer.room, &newer.own,
                &(struct env){.random = &all.random});
    for (uint32_t i = 0; i < 2; i++)
        (void)ledger_join(&all.pages[0].ledger, &all.pages[i + 1].public_key);
    all.pages[0].mirror_count = 0;
    for (uint32_t i = 0; i < 700; i += 1 + i % 3)
        (void)hear_strangers(i, i + 1);
    ledgers_check(&all, 0);
    ledger_deinit(&all.pages[1].ledger);
    all.pages[1].ledger = newer;
    ledgers_check(&all, 1);
    assert_false(ledgers_agree(&all, 0, 1));
    ledgers_connect(&all, 0, 1);
    ledgers_pass(&all, MINUTE_MS);
    assert_true(ledgers_agree(&all, 0, 1));
    assert_true(ledger_starts_later(&all.pages[0].ledger));
    ledgers_connect(&all, 1, 2); /* one who comes knows it too */
    ledgers_pass(&all, MINUTE_MS);
    assert_true(ledgers_agree(&all, 0, 2));
    assert_true(ledger_starts_later(&all.pages[2].ledger));
    ledgers_deinit(&all);
}

/* A mark goes with the entry that gave the reason for it. */
static void a_contradiction_is_forgotten_with_half_of_it(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    struct ledger *ledger = &all.pages[0].ledger;
    struct entry older = stranger(0), newer = older; /* as long as those that push them out */
    older.time = ledgers_time(&all, -61 * MINUTE_MS);
    newer.time = older.time + 1;
    ledgers_sign(&all, 1, &older);
    ledgers_sign(&all, 1, &newer);
    struct entry_id older_id = entry_id(&older), newer_id = entry_id(&newer);
    assert_int_equal(hear(1, 0, &older), PARLEY_OK);
    assert_int_equal(hear(1, 0, &newer), PARLEY_OK);
    for (uint32_t i = 0; entry_set_find(&ledger->store.set, older_id.hash.bytes) != NULL; i++)
        (void)hear_strangers(i, i + 1);
    ledgers_check(&all, 0);
    assert_int_equal(entry_set_find(&ledger->store.set, newer_id.hash.bytes)->marks, 0);
    ledgers_deinit(&all);
}

/* Reconciling */

static void a_newcomer_gets_the_history(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    ledgers_connect(&all, 0, 1);
    for (uint32_t i = 0; i < 40; i++) {
        ledgers_say(&all, i % 2, "and");
        ledgers_settle(&all);
    }
    ledgers_connect(&all, 0, 2);
    ledgers_settle(&all);
    assert_int_equal(count_of(2), 40);
    assert_true(ledgers_agree(&all, 0, 2));
    ledgers_deinit(&all);
}

/* Whatever got lost comes at the next question. */
static void a_hole_is_filled(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    ledgers_connect_all(&all);
    ledgers_settle(&all);
    ledgers_say(&all, 0, "one");
    ledgers_pump(&all, 0);
    ledgers_cut(&all, 0, 1);
    ledgers_say(&all, 1, "two");
    assert_int_equal(count_of(0) + count_of(1), 2);
    ledgers_connect_all(&all);
    ledgers_settle(&all);
    assert_int_equal(count_of(0), 2);
    assert_true(ledgers_agree(&all, 0, 1));
    ledgers_deinit(&all);
}

/* The connection stays up, and a message on it is lost. */
static void a_lost_message_is_found_by_asking_now_and_then(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    ledgers_connect_all(&all);
    ledgers_pass(&all, MINUTE_MS);
    ledgers_say(&all, 0, "lost");
    ledgers_pump(&all, 0);
    struct ledger_mail *lost = all.mail[0][1];
    all.mail[0][1] = lost->next;
    free(lost);
    ledgers_settle(&all);
    assert_int_equal(count_of(1), 0);
    ledgers_pass(&all, REPLICATION_ASK_MS);
    assert_int_equal(count_of(1), 1);
    ledgers_deinit(&all);
}

static void a_heartbeat_that_differs_twice_leads_to_a_question(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    ledgers_connect_all(&all);
    ledgers_pass(&all, MINUTE_MS);
    ledgers_say(&all, 0, "lost");
    ledgers_pump(&all, 0);
    struct ledger_mail *lost = all.mail[0][1];
    all.mail[0][1] = lost->next;
    free(lost);
    for (uint32_t i = 0; i < 2; i++) { /* nothing else leads to one */
        struct replica *replica = &all.pages[i].ledger.replication.members[0];
        replica->awaited_until_ms = 0;
        replica->ask_due_ms = NO_DEADLINE;
    }
    struct env env = ledgers_env(&all, 0);
    struct sync_fingerprint theirs = ledger_fingerprint(&all.pages[1].ledger);
    ledger_hear_fingerprint(&all.pages[0].ledger, &env, all.pages[0].places[1], &theirs);
    assert_true(ledger_deadline_ms(&all.pages[0].ledger, &env) > all.now_ms);
    ledgers_pump(&all, 0);
    assert_null(all.mail[0][1]);
    ledger_hear_fingerprint(&all.pages[0].ledger, &env, all.pages[0].places[1], &theirs);
    ledgers_settle(&all);
    assert_int_equal(count_of(1), 1);
    ledgers_deinit(&all);
}

/* Seven bytes that list nothing want everything: a second time, it comes slowly. */
static void asking_for_everything_again_and_again_gets_little(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    for (uint32_t i = 0; i < 200; i++)
        (void)hear_strangers(i, i + 1);
    struct env env = ledgers_env(&all, 0);
    ledger_up(&all.pages[0].ledger, &env, all.pages[0].places[1], false);
    all.up[0][1] = true;
    size_t whole = 200 * (size_t)ENTRY_BYTES_MAX;
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(ledgers_hear(&all, 1, 0, BYTES("pls1\2\0\0")), PARLEY_OK);
        ledgers_pump(&all, 0);
    }
    assert_in_range(all.bytes, whole, whole + (2u << 20) + 2 * ENTRY_BYTES_MAX);
    all.bytes = 0;
    all.now_ms += 1000;
    assert_int_equal(ledgers_hear(&all, 1, 0, BYTES("pls1\2\0\0")), PARLEY_OK);
    ledgers_pump(&all, 0);
    assert_in_range(all.bytes, 1, 1000 * REPLICATION_REPEAT_BYTES_IN_MS + 2 * ENTRY_BYTES_MAX);
    ledgers_deinit(&all);
}

static void questions_are_answered_at_a_limited_rate(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    ledgers_connect_all(&all);
    ledgers_settle(&all);
    all.messages = 0;
    struct buffer ask;
    buffer_init(&ask, 100);
    assert_int_equal(reconcile_ask(&all.pages[1].ledger.store.set, &ask), PARLEY_OK);
    for (uint32_t i = 0; i < 2 * REPLICATION_REPLIES_AT_ONCE; i++) {
        (void)ledgers_hear(&all, 1, 0, buffer_slice(&ask));
        ledgers_pump(&all, 0);
    }
    assert_in_range(all.messages, REPLICATION_REPLIES_AT_ONCE - 2, REPLICATION_REPLIES_AT_ONCE);
    buffer_deinit(&ask);
    ledgers_deinit(&all);
}

/* Delivery */

static void it_is_known_who_holds_what_one_said(void **state) {
    (void)state;
    ledgers_init(&all, 3, 1);
    struct ledger *ledger = &all.pages[0].ledger;
    ledgers_say(&all, 0, "hello");
    assert_int_equal(ledger_delivery(ledger, 0).held, 0);
    assert_int_equal(ledger_delivery(ledger, 0).of, 2);
    ledgers_connect(&all, 0, 1);
    ledgers_settle(&all);
    assert_int_equal(ledger_delivery(ledger, 0).held, 1);
    ledgers_connect(&all, 1, 2); /* 2 has it, which only 2 can say */
    ledgers_pass(&all, MINUTE_MS);
    assert_int_equal(count_of(2), 1);
    assert_int_equal(ledger_delivery(ledger, 0).held, 1);
    ledgers_connect(&all, 0, 2);
    ledgers_settle(&all);
    assert_int_equal(ledger_delivery(ledger, 0).held, 2);
    assert_int_equal(all.pages[0].held_told, 2);
    ledger_leave(ledger, all.pages[0].places[2]);
    assert_int_equal(ledger_delivery(ledger, 0).of, 1);
    assert_int_equal(ledger_delivery(ledger, 0).held, 1);
    all.up[0][2] = all.up[2][0] = false;
    ledgers_deinit(&all);
}

/* Not before the other page has stored it. */
static void sent_is_not_delivered(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    ledgers_connect_all(&all);
    ledgers_settle(&all);
    ledgers_say(&all, 0, "hello");
    ledgers_pump(&all, 0);
    assert_int_equal(ledger_delivery(&all.pages[0].ledger, 0).held, 0);
    assert_true(ledgers_deliver(&all, 0, 1, 0));
    assert_int_equal(ledger_delivery(&all.pages[0].ledger, 0).held, 0);
    ledgers_pump(&all, 1);
    assert_true(ledgers_deliver(&all, 1, 0, 0));
    assert_int_equal(ledger_delivery(&all.pages[0].ledger, 0).held, 1);
    ledgers_deinit(&all);
}

/* A reloaded page learns again what the others hold. */
static void after_a_reload_it_is_known_again(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    ledgers_connect_all(&all);
    for (uint32_t i = 0; i < 5; i++)
        ledgers_say(&all, 0, "and");
    ledgers_settle(&all);
    ledgers_reload(&all, 0);
    ledgers_connect_all(&all);
    ledgers_pass(&all, MINUTE_MS);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(ledger_delivery(&all.pages[0].ledger, i).held, 1);
    ledgers_deinit(&all);
}

/* A person with two pages is one. */
static void delivery_counts_people(void **state) {
    (void)state;
    ledgers_init(&all, 2, 1);
    struct ledger *ledger = &all.pages[0].ledger;
    uint32_t second = ledger_join(ledger, &all.pages[1].public_key);
    uint32_t unknown = ledger_join(ledger, NULL), another = ledger_join(ledger, NULL);
    uint32_t own = ledger_join(ledger, &all.pages[0].public_key);
    ledgers_say(&all, 0, "hello");
    assert_int_equal(ledger_delivery(ledger, 0).of, 3);
    struct kept_entry *kept = ledger->store.set.order.items[0];
    replication_hold(&ledger->replication, kept, second);
    replication_hold(&ledger->replication, kept, own);
    assert_int_equal(ledger_delivery(ledger, 0).held, 1);
    replication_hold(&ledger->replication, kept, all.pages[0].places[1]);
    assert_int_equal(ledger_delivery(ledger, 0).held, 1);
    replication_hold(&ledger->replication, kept, unknown);
    assert_int_equal(ledger_delivery(ledger, 0).held, 2);
    replication_hold(&ledger->replication, kept, another);
    assert_int_equal(ledger_delivery(ledger, 0).held, 3);
    ledgers_deinit(&all);
}

static void members_have_places_until_they_leave(void **state) {
    (void)state;
    ledgers_init(&all, 1, 1);
    struct ledger *ledger = &all.pages[0].ledger;
    for (uint32_t i = 0; i < REPLICATION_MEMBERS_MAX; i++)
        assert_int_equal(ledger_join(ledger, NULL), i);
    assert_int_equal(ledger_join(ledger, NULL), REPLICATION_NOBODY);
    ledger_leave(ledger, 5);
    assert_int_equal(ledger_join(ledger, NULL), 5);
    ledgers_deinit(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_page_says_no_more_than_the_others_hear),
        cmocka_unit_test(what_is_too_much_is_heard_later),
        cmocka_unit_test(nobody_uses_up_the_share_of_another),
        cmocka_unit_test(made_up_authors_push_history_out_slowly),
        cmocka_unit_test(what_is_too_old_is_refused),
        cmocka_unit_test(two_full_pages_agree),
        cmocka_unit_test(a_contradiction_is_forgotten_with_half_of_it),
        cmocka_unit_test(a_newcomer_gets_the_history),
        cmocka_unit_test(a_hole_is_filled),
        cmocka_unit_test(a_lost_message_is_found_by_asking_now_and_then),
        cmocka_unit_test(a_heartbeat_that_differs_twice_leads_to_a_question),
        cmocka_unit_test(asking_for_everything_again_and_again_gets_little),
        cmocka_unit_test(questions_are_answered_at_a_limited_rate),
        cmocka_unit_test(it_is_known_who_holds_what_one_said),
        cmocka_unit_test(sent_is_not_delivered),
        cmocka_unit_test(after_a_reload_it_is_known_again),
        cmocka_unit_test(delivery_counts_people),
        cmocka_unit_test(members_have_places_until_they_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
