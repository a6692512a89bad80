#include "chain.h"

#include "cmocka_all.h"

#define ITEMS 3

struct item {
    int number;
    struct chain_link link;
};

static struct chain chain;
static struct item items[ITEMS];

static int setup(void **state) {
    (void)state;
    chain = (struct chain){0};
    for (int i = 0; i < ITEMS; i++)
        items[i] = (struct item){.number = i};
    return 0;
}

static char digit_of(struct chain_link *link) {
    return (char)('0' + CHAIN_OWNER(link, struct item, link)->number);
}

/* Asserts that the chain has the items |numbers|, a digit each, in both directions. */
static void assert_chain(const char *numbers) {
    char forward[ITEMS + 1] = "", backward[ITEMS + 1] = "";
    size_t at = 0;
    for (struct chain_link *link = chain.first; link != NULL && at < ITEMS; link = link->next)
        forward[at++] = digit_of(link);
    assert_string_equal(forward, numbers);
    at = ITEMS;
    for (struct chain_link *link = chain.last; link != NULL && at > 0; link = link->prev)
        backward[--at] = digit_of(link);
    assert_string_equal(backward + at, numbers);
}

static void fill(void) {
    for (int i = 0; i < ITEMS; i++)
        chain_append(&chain, &items[i].link);
}

static void test_links_hang_in_order(void **state) {
    (void)state;
    assert_chain("");
    fill();
    assert_chain("012");
}

static void test_each_is_removed_wherever_it_is(void **state) {
    (void)state;
    static const char *const rest[] = {"12", "02", "01"};
    for (int i = 0; i < ITEMS; i++) {
        setup(NULL);
        fill();
        chain_remove(&chain, &items[i].link);
        assert_chain(rest[i]);
        assert_null(items[i].link.next);
        assert_null(items[i].link.prev);
    }
}

static void test_one_that_was_removed_comes_again_as_the_last(void **state) {
    (void)state;
    fill();
    chain_remove(&chain, &items[0].link);
    chain_append(&chain, &items[0].link);
    assert_chain("120");
    for (int i = 0; i < ITEMS; i++)
        chain_remove(&chain, &items[i].link);
    assert_chain("");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_links_hang_in_order, setup),
        cmocka_unit_test_setup(test_each_is_removed_wherever_it_is, setup),
        cmocka_unit_test_setup(test_one_that_was_removed_comes_again_as_the_last, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
