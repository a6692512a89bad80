/* The queue of actions: in order, with texts that stay valid until the next event. */
#include "action.h"

#include "slices.h"

static struct actions actions;

static int setup(void **state) {
    (void)state;
    actions_init(&actions);
    actions_begin(&actions);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    actions_deinit(&actions);
    return 0;
}

static const struct action *expect(enum action_kind kind, uint32_t peer, uint32_t code) {
    const struct action *action = actions_next(&actions);
    assert_non_null(action);
    assert_int_equal(action->kind, kind);
    assert_int_equal(action->peer, peer);
    assert_int_equal(action->code, code);
    return action;
}

static void expect_end(void) {
    assert_null(actions_next(&actions));
    assert_true(actions_drained(&actions));
}

static void test_nothing_to_do(void **state) {
    (void)state;
    expect_end();
    expect_end();
}

static void test_actions_come_in_order(void **state) {
    (void)state;
    actions_push(&actions, ACTION_SERVER_CONNECT, 0, 0);
    actions_push(&actions, ACTION_PEER_DESCRIBE, 7, 2);
    actions_push_text(&actions, ACTION_PEER_ACCEPT, 7, 1, slice_of("v=0"));
    assert_false(actions_drained(&actions));
    const struct action *first = expect(ACTION_SERVER_CONNECT, 0, 0);
    assert_int_equal(first->a.len + first->b.len + first->c.len, 0);
    expect(ACTION_PEER_DESCRIBE, 7, 2);
    assert_slice(expect(ACTION_PEER_ACCEPT, 7, 1)->a, "v=0");
    expect_end();
}

static void test_three_texts(void **state) {
    (void)state;
    actions_push_texts(&actions, ACTION_PEER_ADD_CANDIDATE, 7, 0, slice_of("candidate"),
                       slice_of(""), slice_of("ufrag"));
    const struct action *action = expect(ACTION_PEER_ADD_CANDIDATE, 7, 0);
    assert_slice(action->a, "candidate");
    assert_slice(action->b, "");
    assert_slice(action->c, "ufrag");
}

static void test_texts_are_copied(void **state) {
    (void)state;
    char text[] = "mine";
    actions_push_text(&actions, ACTION_SERVER_SEND, 0, 0, slice_of(text));
    text[0] = '#';
    assert_slice(expect(ACTION_SERVER_SEND, 0, 0)->a, "mine");
}

static void test_texts_stay_while_the_queue_grows(void **state) {
    (void)state;
    enum { COUNT_OF_MANY = 1000 };
    for (uint32_t i = 0; i < COUNT_OF_MANY; i++)
        actions_push_text(&actions, ACTION_CHANNEL_SEND, i, 0,
                          filled("", i % 2 ? "odd " : "even ", 20, "."));
    for (uint32_t i = 0; i < COUNT_OF_MANY; i++)
        assert_true(slice_equal(expect(ACTION_CHANNEL_SEND, i, 0)->a,
                                filled("", i % 2 ? "odd " : "even ", 20, ".")));
    expect_end();
}

static void test_several_actions_share_a_stored_text(void **state) {
    (void)state;
    struct action_bytes stored = actions_store(&actions, slice_of("shared"));
    actions_push_stored(&actions, ACTION_CHANNEL_SEND, 1, 0, stored);
    actions_push_stored(&actions, ACTION_CHANNEL_SEND, 2, 0, stored);
    const char *bytes = expect(ACTION_CHANNEL_SEND, 1, 0)->a.bytes;
    const struct action *second = expect(ACTION_CHANNEL_SEND, 2, 0);
    assert_slice(second->a, "shared");
    assert_ptr_equal(second->a.bytes, bytes);
}

static void test_a_message_built_in_the_queue(void **state) {
    (void)state;
    actions_store(&actions, slice_of("before"));
    size_t at = actions_bytes(&actions)->len;
    append_times(actions_bytes(&actions), "piece ", 2);
    actions_push_stored(&actions, ACTION_SERVER_SEND, 0, 0, actions_stored(&actions, at));
    assert_slice(expect(ACTION_SERVER_SEND, 0, 0)->a, "piece piece ");
}

static void test_kept_texts_are_not_copied(void **state) {
    (void)state;
    static const char text[] = "kept elsewhere";
    actions_push_kept(&actions, ACTION_CHANNEL_SEND, 3, slice_of(text));
    assert_ptr_equal(expect(ACTION_CHANNEL_SEND, 3, 0)->a.bytes, text);
}

static void test_views_are_shown_once_and_last(void **state) {
    (void)state;
    actions_show(&actions, ACTION_SHOW_LINES);
    actions_push(&actions, ACTION_SERVER_CONNECT, 0, 0);
    actions_show(&actions, ACTION_SHOW_STATUS);
    actions_show(&actions, ACTION_SHOW_LINES);
    assert_false(actions_drained(&actions));
    expect(ACTION_SERVER_CONNECT, 0, 0);
    assert_false(actions_drained(&actions));
    expect(ACTION_SHOW_STATUS, 0, 0);
    expect(ACTION_SHOW_LINES, 0, 0);
    expect_end();
}

static void test_a_change_alone_is_something_to_do(void **state) {
    (void)state;
    actions_show(&actions, ACTION_SHOW_MEMBERS);
    assert_false(actions_drained(&actions));
    expect(ACTION_SHOW_MEMBERS, 0, 0);
    expect_end();
}

static void test_each_event_begins_with_an_empty_queue(void **state) {
    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        actions_push_text(&actions, ACTION_SERVER_SEND, 0, 0, slice_of("once"));
        actions_show(&actions, ACTION_SHOW_STATUS);
        assert_slice(expect(ACTION_SERVER_SEND, 0, 0)->a, "once");
        expect(ACTION_SHOW_STATUS, 0, 0);
        expect_end();
        actions_begin(&actions);
        assert_int_equal(actions_bytes(&actions)->len, 0);
        expect_end();
    }
}

static void test_the_memory_of_a_great_event_is_given_back(void **state) {
    (void)state;
    actions_store(&actions, filled("", "0123456789", 10000, ""));
    actions_begin(&actions);
    assert_true(actions_bytes(&actions)->capacity > 0); /* a usual one is kept */
    for (int i = 0; i < 10; i++)
        actions_store(&actions, filled("", "0123456789", 10000, ""));
    actions_begin(&actions);
    assert_int_equal(actions_bytes(&actions)->capacity, 0);
    actions_push_text(&actions, ACTION_SERVER_SEND, 0, 0, slice_of("again"));
    assert_slice(expect(ACTION_SERVER_SEND, 0, 0)->a, "again");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_to_do),
        TEST(actions_come_in_order),
        TEST(three_texts),
        TEST(texts_are_copied),
        TEST(texts_stay_while_the_queue_grows),
        TEST(several_actions_share_a_stored_text),
        TEST(a_message_built_in_the_queue),
        TEST(kept_texts_are_not_copied),
        TEST(views_are_shown_once_and_last),
        TEST(a_change_alone_is_something_to_do),
        TEST(each_event_begins_with_an_empty_queue),
        TEST(the_memory_of_a_great_event_is_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
