/* The limits of a room: which entries are kept depends only on which came, not on their order. */
#include "entry_store.h"

#include "error.h"
#include "random.h"
#include "slices.h"

#define ENTRIES 900
#define AUTHORS 9

static char body[ENTRY_BODY_BYTES_MAX];

/* What there is, from the oldest to the newest, and what the definition keeps of it. */
struct universe {
    struct entry entries[ENTRIES];
    bool keeps[ENTRIES];
};

static uint32_t author_of(const struct entry *entry) {
    return entry->author.bytes[0];
}

/* The definition in entry_store.h, as it is written there. */
static void define(struct universe *universe) {
    uint32_t of_author[AUTHORS] = {0};
    for (uint32_t i = ENTRIES; i > 0; i--) {
        const struct entry *entry = &universe->entries[i - 1];
        uint32_t all = 0;
        for (uint32_t j = 0; j < AUTHORS; j++)
            all += of_author[j] > ENTRY_AUTHOR_WEIGHT ? ENTRY_AUTHOR_ENTRIES_MAX * ENTRY_WEIGHT_MIN
                                                      : of_author[j];
        universe->keeps[i - 1] =
            of_author[author_of(entry)] <= ENTRY_AUTHOR_WEIGHT && all <= ENTRY_STORE_WEIGHT;
        of_author[author_of(entry)] += entry_weight(entry);
    }
}

/* Some authors write most, and some only long entries. */
static void make(struct universe *universe, struct random *random) {
    for (uint32_t i = 0; i < ENTRIES; i++) {
        uint32_t author = (uint32_t)random_between(random, 0, AUTHORS - 1);
        if (author >= AUTHORS / 2)
            author = (uint32_t)random_between(random, 0, AUTHORS - 1);
        uint32_t bytes =
            author % 3 ? (uint32_t)random_between(random, 0, sizeof body) : (uint32_t)sizeof body;
        universe->entries[i] = (struct entry){.kind = ENTRY_TEXT,
                                              .time = i,
                                              .sequence = 1,
                                              .body_bytes = (uint16_t)bytes,
                                              .author = {.bytes = {(uint8_t)author}},
                                              .body = {body, bytes}};
    }
    define(universe);
}

static void add(struct entry_store *store, const struct entry *entry) {
    struct entry_id id = entry_id(entry);
    struct entry_key key = entry_key(entry, &id);
    const struct kept_entry *excess;
    uint32_t place;
    if (entry_store_refuses(store, &entry->author, &key))
        return;
    int error = entry_store_add(store, entry, &id, &place);
    assert_true(error == PARLEY_OK || error == PARLEY_ERR_STATE);
    while ((excess = entry_store_excess(store, &entry->author)) != NULL)
        entry_store_remove(store, entry_set_place_of(&store->set, excess));
}

static size_t bytes_of(const struct entry_store *store) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < store->set.order.count; i++)
        bytes += ENTRY_HEADER_BYTES + SIGNATURE_BYTES + store->set.order.items[i]->entry.body.len;
    return bytes;
}

static void assert_keeps(const struct entry_store *store, const struct universe *universe) {
    uint32_t place = 0;
    for (uint32_t i = 0; i < ENTRIES; i++)
        if (universe->keeps[i]) {
            assert_true(place < store->set.order.count);
            assert_int_equal(store->set.order.items[place++]->entry.time, i);
        }
    assert_int_equal(store->set.order.count, place);
    assert_true(bytes_of(store) <= ENTRY_STORE_BYTES_MAX);
}

/* Adds all, each at least once, in a random order, some of them again and again. */
static void add_all(struct entry_store *store, const struct universe *universe,
                    struct random *random) {
    uint32_t order[ENTRIES];
    for (uint32_t i = 0; i < ENTRIES; i++) {
        uint32_t at = (uint32_t)random_between(random, 0, i);
        order[i] = order[at];
        order[at] = i;
    }
    for (uint32_t i = 0; i < ENTRIES; i++) {
        add(store, &universe->entries[order[i]]);
        add(store, &universe->entries[order[random_between(random, 0, i)]]);
    }
}

static void the_order_in_which_entries_come_does_not_matter(void **state) {
    (void)state;
    static struct universe universe;
    struct random random;
    uint32_t dropped = 0;
    random_init(&random, (const uint8_t[8]){7});
    for (uint32_t round = 0; round < 8; round++) {
        make(&universe, &random);
        for (uint32_t again = 0; again < 2; again++) {
            struct entry_store store = {0};
            add_all(&store, &universe, &random);
            assert_keeps(&store, &universe);
            dropped += ENTRIES - store.set.order.count;
            entry_store_deinit(&store);
        }
    }
    assert_true(dropped > 8 * 2 * 50); /* the limits were reached */
}

/* A page that got only what another one keeps refuses the same afterwards. */
static void a_page_that_joins_late_agrees(void **state) {
    (void)state;
    static struct universe universe;
    struct random random;
    random_init(&random, (const uint8_t[8]){8});
    for (uint32_t round = 0; round < 8; round++) {
        struct entry_store first = {0}, second = {0};
        make(&universe, &random);
        for (uint32_t i = 0; i < ENTRIES; i++)
            if (random_between(&random, 0, 2) > 0)
                add(&first, &universe.entries[i]);
        for (uint32_t i = 0; i < first.set.order.count; i++)
            add(&second, &first.set.order.items[i]->entry);
        add_all(&second, &universe, &random);
        assert_keeps(&second, &universe);
        entry_store_deinit(&first);
        entry_store_deinit(&second);
    }
}

static void add_short(struct entry_store *store, uint32_t author, uint32_t first, uint32_t end) {
    for (uint32_t i = first; i < end; i++) {
        struct entry entry = {.kind = ENTRY_TEXT, .time = i, .sequence = 1};
        entry.author.bytes[0] = (uint8_t)author;
        add(store, &entry);
    }
}

static void short_entries_are_counted(void **state) {
    (void)state;
    struct entry_store store = {0};
    struct sign_public_key author = {{3}}, other = {{4}};
    add_short(&store, 3, 100, 100 + ENTRY_AUTHOR_ENTRIES_MAX);
    assert_int_equal(store.set.order.count, ENTRY_AUTHOR_ENTRIES_MAX);
    assert_true(entry_store_is_crowded(&store, &author));
    assert_false(entry_store_is_crowded(&store, &other));
    add_short(&store, 3, 50, 51); /* older than all */
    assert_int_equal(store.set.order.items[0]->entry.time, 100);
    add_short(&store, 3, 5000, 5001);
    assert_int_equal(store.set.order.count, ENTRY_AUTHOR_ENTRIES_MAX);
    assert_int_equal(store.set.order.items[0]->entry.time, 101);
    for (uint32_t i = 4; i < 20; i++)
        add_short(&store, i, 10000 + 1000 * i, 11000 + 1000 * i);
    assert_int_equal(store.set.order.count, ENTRY_STORE_ENTRIES_MAX);
    assert_int_equal(store.set.order.items[0]->entry.time, 20000);
    assert_true(entry_store_is_crowded(&store, &other));
    entry_store_deinit(&store);
}

/* Nothing is left of an author without entries. */
static void authors_go_with_their_entries(void **state) {
    (void)state;
    struct entry_store store = {0};
    struct sign_public_key author = {{3}};
    add_short(&store, 3, 1, 4);
    assert_int_equal(entry_authors_find(&store.authors, &author)->weight, 3 * ENTRY_WEIGHT_MIN);
    for (uint32_t i = 3; i > 0; i--)
        entry_store_remove(&store, i - 1);
    assert_int_equal(store.authors.count, 0);
    assert_int_equal(store.authors.weight, 0);
    entry_store_deinit(&store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_in_which_entries_come_does_not_matter),
        cmocka_unit_test(a_page_that_joins_late_agrees),
        cmocka_unit_test(short_entries_are_counted),
        cmocka_unit_test(authors_go_with_their_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
