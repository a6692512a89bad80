/* How long a page stays as it was loaded. */
#include "arrival.h"
#include "lone_page.h"
#include "people.h"

#define WELCOME(members)                                                                           \
    "{\"type\":\"welcome\",\"version\":2,\"room\":\"lobby\",\"you\":\"AAAAAAAAAAAAAAAAAAAAAA\","   \
    "\"members\":[" members "],\"iceServers\":[],\"roomMembersMax\":9}"
#define BEA "\"BBBBBBBBBBBBBBBBBBBBBB\""

static bool shown;
static uint32_t request; /* the last one */

static void take(const struct action *action) {
    shown |= action->kind == ACTION_SHOW_STATUS;
    if (action->kind == ACTION_HTTP_POST)
        request = action->peer;
}

static void give(struct event event) {
    shown = false;
    lone_page_give(event, take);
}

static int setup(void **state) {
    int error = lone_page_setup(state);
    if (!error)
        give(lone_page_start());
    return error;
}

/* The WebSocket opens, and the server answers with |welcome|. */
static void be_welcomed(const char *welcome) {
    give((struct event){.kind = EVENT_SERVER_OPENED});
    give((struct event){.kind = EVENT_SERVER_MESSAGE, .a = slice_of(welcome)});
}

static void assert_arriving(bool arriving) {
    assert_int_equal(lone_page_status().arriving, arriving);
}

static void tick_at(uint64_t ms) {
    now_ms = ms;
    give((struct event){.kind = EVENT_TICK});
}

static void it_lasts_until_the_welcome_is_late(void **state) {
    (void)state;
    tick_at(ARRIVAL_MS_MAX - 1);
    assert_arriving(true);
    assert_int_equal(chat_deadline_ms(chat), ARRIVAL_MS_MAX);
    tick_at(ARRIVAL_MS_MAX);
    assert_arriving(false);
    assert_true(shown);
    be_welcomed(WELCOME(BEA));
    assert_arriving(false);
}

static void it_lasts_until_the_first_hello_is_late(void **state) {
    (void)state;
    tick_at(100);
    be_welcomed(WELCOME(BEA));
    tick_at(100 + ARRIVAL_MS_MAX - 1);
    assert_arriving(true);
    tick_at(100 + ARRIVAL_MS_MAX);
    assert_arriving(false);
    assert_true(shown);
}

static void it_ends_where_nobody_is_there(void **state) {
    (void)state;
    be_welcomed(WELCOME(""));
    assert_arriving(false);
    assert_true(shown);
}

static void it_ends_where_the_server_is_lost(void **state) {
    (void)state;
    give((struct event){.kind = EVENT_SERVER_CLOSED});
    assert_arriving(true); /* polling is tried */
    give((struct event){.kind = EVENT_HTTP_FAILED, .peer = request});
    assert_arriving(false);
    assert_true(shown);
}

static void it_does_not_begin_where_one_gets_nowhere(void **state) {
    (void)state;
    struct event start = lone_page_start();
    start.code = EVENT_START_NO_WEBRTC;
    give((struct event){.kind = EVENT_UNLOAD});
    give(start);
    assert_arriving(false);
}

static void it_ends_with_the_first_hello(void **state) {
    (void)state;
    meet(1);
    world->hold_answers = true;
    world_start(world, 1, "Bea", "lobby");
    assert_int_equal(status(1).arriving, 1);
    world_do(world, 1, EVENT_UNLOAD, "");
    world->hold_answers = false;
    world_start(world, 2, "Cyd", "lobby");
    assert_int_equal(status(2).arriving, 0);
}

#define LONE(name) cmocka_unit_test_setup_teardown(name, setup, lone_page_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        LONE(it_lasts_until_the_welcome_is_late),
        LONE(it_lasts_until_the_first_hello_is_late),
        LONE(it_ends_where_nobody_is_there),
        LONE(it_ends_where_the_server_is_lost),
        LONE(it_does_not_begin_where_one_gets_nowhere),
        TEST(it_ends_with_the_first_hello),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
