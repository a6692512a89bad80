/* Reconciliation: any two sets become the same, with few messages and few bytes. */
#include "reconcile.h"

#include "error.h"
#include "random.h"
#include "slices.h"
#include "vectors.h"

#define MESSAGE_BYTES_MAX 8192

/* The cost of one reconciliation. */
struct effort {
    uint32_t messages;
    size_t bytes;
};

/* An entry for a set, which does not check signatures. */
static struct entry entry_number(uint32_t number) {
    struct entry entry = {.kind = ENTRY_TEXT, .time = 1000 + number / 3, .sequence = 1};
    memcpy(entry.author.bytes, &number, sizeof number);
    return entry;
}

static void add(struct entry_set *set, const struct entry *entry) {
    uint32_t at;
    struct entry_id id = entry_id(entry);
    int error = entry_set_add(set, entry, &id, &at);
    assert_true(error == PARLEY_OK || error == PARLEY_ERR_STATE);
}

static void add_numbers(struct entry_set *set, uint32_t first, uint32_t end) {
    for (uint32_t number = first; number < end; number++) {
        struct entry entry = entry_number(number);
        add(set, &entry);
    }
}

static void assert_same(const struct entry_set *left, const struct entry_set *right) {
    assert_int_equal(left->order.count, right->order.count);
    for (uint32_t i = 0; i < left->order.count; i++)
        assert_memory_equal(&left->order.items[i]->key, &right->order.items[i]->key,
                            sizeof left->order.items[i]->key);
}

/* The other side has this bit in sets of members. */
#define OTHER 4u

/* Hands over what |to| lacks. It fails if |to| has such an entry already. */
static void hand_over(const struct entry_set *from, struct entry_set *to) {
    for (uint32_t i = 0; i < from->order.count; i++) {
        struct kept_entry *kept = from->order.items[i];
        uint32_t at;
        if (kept->wanted == 0)
            continue;
        assert_int_equal(kept->wanted, OTHER);
        kept->wanted = 0;
        assert_int_equal(entry_set_add(to, &kept->entry, &kept->id, &at), PARLEY_OK);
    }
}

/* |one| asks; both answer until nothing is left to ask. */
static struct effort reconcile(struct entry_set *one, struct entry_set *other, size_t bytes_max) {
    struct entry_set *sides[] = {one, other};
    struct buffer message, reply;
    struct effort effort = {1, 0};
    buffer_init(&message, bytes_max);
    assert_int_equal(reconcile_ask(one, &message), PARLEY_OK);
    for (unsigned reader = 1;; reader = !reader) {
        buffer_init(&reply, bytes_max);
        effort.bytes += message.len;
        assert_int_equal(reconcile_answer(sides[reader], buffer_slice(&message), &reply, OTHER),
                         PARLEY_OK);
        hand_over(sides[reader], sides[!reader]);
        buffer_deinit(&message);
        message = reply;
        if (reply.len == 0) {
            buffer_deinit(&reply);
            break;
        }
        assert_true(++effort.messages < 1000);
    }
    assert_same(one, other);
    return effort;
}

static void add_vector(const cJSON *vector, const char *field, struct entry_set *set) {
    struct entry entry;
    assert_int_equal(entry_read(vector_bytes(vector, field), &entry), PARLEY_OK);
    add(set, &entry);
}

static void check_fingerprint(const cJSON *vector) {
    struct entry_set set = {0};
    add_vector(vector, "first", &set);
    add_vector(vector, "second", &set);
    add_vector(vector, "third", &set);
    struct sync_fingerprint found = entry_set_fingerprint(&set, 0, set.order.count);
    assert_vector_bytes(vector, "fingerprint", found.bytes, sizeof found.bytes);
    entry_set_deinit(&set);
}

static void fingerprints_are_those_of_the_vectors(void **state) {
    (void)state;
    for_each_vector("fingerprint", check_fingerprint);
}

static void equal_sets_take_one_message(void **state) {
    (void)state;
    struct entry_set one = {0}, other = {0};
    add_numbers(&one, 0, 10000);
    add_numbers(&other, 0, 10000);
    struct effort effort = reconcile(&one, &other, MESSAGE_BYTES_MAX);
    assert_int_equal(effort.messages, 1);
    assert_int_equal(effort.bytes, 4 + 2 + SYNC_FINGERPRINT_BYTES);
    entry_set_deinit(&one);
    entry_set_deinit(&other);
}

/* Entries that arrived while one side was away. */
static void the_newest_are_found(void **state) {
    (void)state;
    struct entry_set one = {0}, other = {0};
    add_numbers(&one, 0, 10000);
    add_numbers(&other, 0, 9500);
    struct effort effort = reconcile(&other, &one, MESSAGE_BYTES_MAX);
    assert_true(effort.messages <= 6);
    assert_true(effort.bytes < 2500);
    entry_set_deinit(&one);
    entry_set_deinit(&other);
}

static void empty_sets_are_equal(void **state) {
    (void)state;
    struct entry_set one = {0}, other = {0};
    assert_int_equal(reconcile(&one, &other, MESSAGE_BYTES_MAX).messages, 1);
}

static void a_newcomer_gets_everything(void **state) {
    (void)state;
    for (unsigned newcomer_asks = 0; newcomer_asks < 2; newcomer_asks++) {
        struct entry_set full = {0}, empty = {0};
        add_numbers(&full, 0, 10000);
        struct effort effort = newcomer_asks ? reconcile(&empty, &full, MESSAGE_BYTES_MAX)
                                             : reconcile(&full, &empty, MESSAGE_BYTES_MAX);
        assert_true(effort.messages <= 3);
        assert_true(effort.bytes < 1000);
        entry_set_deinit(&full);
        entry_set_deinit(&empty);
    }
}

static void one_missing_is_found(void **state) {
    (void)state;
    struct entry_set one = {0}, other = {0};
    add_numbers(&one, 0, 10000);
    add_numbers(&other, 0, 6789);
    add_numbers(&other, 6790, 10000);
    struct effort effort = reconcile(&one, &other, MESSAGE_BYTES_MAX);
    assert_true(effort.messages <= 5);
    assert_true(effort.bytes < 2500);
    entry_set_deinit(&one);
    entry_set_deinit(&other);
}

/* Each side lacks about a third of what the other has. */
static void sides_that_differ_everywhere_agree(void **state) {
    (void)state;
    struct random random;
    random_init(&random, (const uint8_t[8]){1});
    for (uint32_t count = 0; count < 400; count += 1 + count / 4) {
        struct entry_set one = {0}, other = {0};
        for (uint32_t number = 0; number < count; number++) {
            struct entry entry = entry_number(number);
            uint64_t who = random_between(&random, 0, 2);
            if (who != 0)
                add(&one, &entry);
            if (who != 1)
                add(&other, &entry);
        }
        reconcile(&one, &other, count % 2 ? MESSAGE_BYTES_MAX : RECONCILE_BYTES_MIN);
        entry_set_deinit(&one);
        entry_set_deinit(&other);
    }
}

/* Ranges that do not fit into a small message come later. */
static void small_messages_suffice(void **state) {
    (void)state;
    struct entry_set one = {0}, other = {0};
    for (uint32_t number = 0; number < 3000; number += 2)
        add_numbers(number % 4 ? &one : &other, number, number + 2);
    reconcile(&one, &other, RECONCILE_BYTES_MIN);
    assert_int_equal(one.order.count, 3000);
    entry_set_deinit(&one);
    entry_set_deinit(&other);
}

/* Ranges that are the same and ranges that differ take turns; a message ends at every place. */
static void messages_of_every_length_suffice(void **state) {
    (void)state;
    for (size_t bytes_max = RECONCILE_BYTES_MIN; bytes_max < MESSAGE_BYTES_MAX; bytes_max += 29) {
        struct entry_set one = {0}, other = {0};
        for (uint32_t number = 0; number < 1600; number++)
            add_numbers(number / 50 % 2 && number % 2 ? &one : &other, number, number + 1);
        for (uint32_t number = 0; number < 1600; number++)
            if (number / 50 % 2 == 0)
                add_numbers(&one, number, number + 1);
        reconcile(&one, &other, bytes_max);
        entry_set_deinit(&one);
        entry_set_deinit(&other);
    }
}

/* Two entries of one author with the same sequence and time: a set holds both, ordered by id. */
static void two_that_contradict_each_other_are_both_held(void **state) {
    (void)state;
    struct entry_set one = {0}, other = {0};
    struct entry left = entry_number(1), right = entry_number(1);
    left.body_hash.bytes[0] = 1;
    right.body_hash.bytes[0] = 2;
    add(&one, &left);
    add(&other, &right);
    reconcile(&one, &other, MESSAGE_BYTES_MAX);
    assert_int_equal(one.order.count, 2);
    entry_set_deinit(&one);
    entry_set_deinit(&other);
}

static void an_entry_is_held_once(void **state) {
    (void)state;
    struct entry_set set = {0};
    uint32_t at;
    add_numbers(&set, 0, 10);
    struct entry again = entry_number(5);
    struct entry_id id = entry_id(&again);
    assert_int_equal(entry_set_add(&set, &again, &id, &at), PARLEY_ERR_STATE);
    assert_int_equal(set.order.count, 10);
    entry_set_deinit(&set);
}

/* The side that answers learns what the other holds: what it lists, and equal ranges. */
static void it_is_noted_what_the_other_side_holds(void **state) {
    (void)state;
    struct entry_set one = {0}, other = {0};
    add_numbers(&one, 0, 200);
    add_numbers(&other, 0, 100);
    add_numbers(&other, 101, 200);
    reconcile(&one, &other, MESSAGE_BYTES_MAX);
    unsigned known = 0;
    for (uint32_t i = 0; i < 200; i++)
        known += one.order.items[i]->holders == OTHER;
    assert_in_range(known, 150, 199);
    assert_int_equal(one.order.items[100]->holders, 0);
    entry_set_deinit(&one);
    entry_set_deinit(&other);
}

/* It would drop that at once. */
static void a_full_set_asks_for_nothing_older(void **state) {
    (void)state;
    struct entry_set full = {0}, other = {0};
    struct buffer question, answer;
    buffer_init(&question, MESSAGE_BYTES_MAX);
    buffer_init(&answer, MESSAGE_BYTES_MAX);
    add_numbers(&full, 300, 310);
    add_numbers(&other, 0, 5);
    full.refuses_older = true;
    struct sync_part list = {.kind = SYNC_LIST, .count = 1};
    list.end = sync_end_between(&other.order.items[4]->key, &full.order.items[0]->key);
    assert_int_equal(sync_begin(&question), PARLEY_OK);
    assert_int_equal(sync_put(&question, &list), PARLEY_OK);
    assert_int_equal(reconcile_answer(&full, buffer_slice(&question), &answer, OTHER), PARLEY_OK);
    assert_int_equal(answer.len, 0);
    full.refuses_older = false;
    assert_int_equal(reconcile_answer(&full, buffer_slice(&question), &answer, OTHER), PARLEY_OK);
    assert_int_not_equal(answer.len, 0);
    buffer_deinit(&question);
    buffer_deinit(&answer);
    entry_set_deinit(&full);
    entry_set_deinit(&other);
}

static void assert_refused(struct slice message) {
    struct entry_set set = {0};
    struct buffer out;
    buffer_init(&out, MESSAGE_BYTES_MAX);
    add_numbers(&set, 0, 5);
    assert_int_equal(reconcile_answer(&set, message, &out, OTHER), PARLEY_ERR_FIELD);
    buffer_deinit(&out);
    entry_set_deinit(&set);
}

static void assert_too_many_ids_refused(void) {
    struct buffer message;
    buffer_init(&message, MESSAGE_BYTES_MAX);
    assert_int_equal(buffer_append(&message, BYTES("pls1\2\0\101")), PARLEY_OK);
    append_times(&message, "0123456789abcdef", SYNC_IDS_MAX + 1);
    assert_refused(buffer_slice(&message));
    buffer_deinit(&message);
}

static void what_breaks_the_format_is_refused(void **state) {
    (void)state;
    assert_refused(BYTES(""));
    assert_refused(BYTES("pls2"));
    assert_refused(BYTES("pls1\4\0"));           /* no such kind */
    assert_refused(BYTES("pls1\0\1\5\0\1\5"));   /* the same end twice */
    assert_refused(BYTES("pls1\0\1\5\0\2\5\0")); /* the same end: a missing byte counts as zero */
    assert_refused(BYTES("pls1\0\0\0\0"));       /* another part after the last */
    assert_refused(BYTES("pls1\0\2\1"));         /* cut off: in the end, ... */
    assert_refused(BYTES("pls1\1\0012345"));     /* ... the fingerprint, ... */
    assert_refused(BYTES("pls1\2\0\1abc"));      /* ... an id, ... */
    assert_refused(BYTES("pls1\2\0"));           /* ... before the count */
    assert_too_many_ids_refused();
    assert_refused(BYTES("pls1\2\0\101")); /* more ids than are allowed */
    assert_refused(BYTES("pls1\0\105"));   /* a longer end than keys have */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fingerprints_are_those_of_the_vectors),
        cmocka_unit_test(equal_sets_take_one_message),
        cmocka_unit_test(empty_sets_are_equal),
        cmocka_unit_test(a_newcomer_gets_everything),
        cmocka_unit_test(one_missing_is_found),
        cmocka_unit_test(the_newest_are_found),
        cmocka_unit_test(sides_that_differ_everywhere_agree),
        cmocka_unit_test(small_messages_suffice),
        cmocka_unit_test(messages_of_every_length_suffice),
        cmocka_unit_test(two_that_contradict_each_other_are_both_held),
        cmocka_unit_test(an_entry_is_held_once),
        cmocka_unit_test(it_is_noted_what_the_other_side_holds),
        cmocka_unit_test(a_full_set_asks_for_nothing_older),
        cmocka_unit_test(what_breaks_the_format_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
