/* Which connection to the server is opened when, and which one is used. No server, no clock. */
#include "signaling.h"

#include "error.h"
#include "lone_page.h"
#include "poll_stub.h"

#include <string.h>

#define WEBSOCKET EVENT_TRANSPORT_WEBSOCKET
#define POLLING EVENT_TRANSPORT_POLLING
#define PONG "{\"type\":\"pong\"}"
#define REPLACED "{\"type\":\"error\",\"code\":\"replaced\",\"message\":\"x\"}"
#define WELCOME                                                                                    \
    "{\"type\":\"welcome\",\"version\":2,\"room\":\"lobby\",\"you\":\"AAAAAAAAAAAAAAAAAAAAAA\","   \
    "\"members\":[],\"iceServers\":[],\"roomMembersMax\":9}"

/* The effects of the last event, by transport. */
static struct {
    bool connect, close;
    enum wire_type sent; /* WIRE_TYPE_COUNT: nothing */
    int stored;          /* TRANSPORT_STORE; -1: none */
} asked[EVENT_TRANSPORT_COUNT];
static int stored;
static bool shown; /* the status */
static struct poll_stub polling;

static void take_sent(enum event_transport way, struct slice bytes) {
    struct wire_message message;
    assert_int_equal(wire_read(bytes, WIRE_TO_SERVER, &message), PARLEY_OK);
    asked[way].sent = message.type;
    wire_message_deinit(&message);
}

static void take_polling(const struct action *action) {
    struct poll_stub_wish wish = poll_stub_take(&polling, action, now_ms);
    asked[POLLING].connect |= wish.connect;
    asked[POLLING].close |= wish.close;
    for (struct slice line; slice_cut(&wish.messages, '\n', &line);)
        take_sent(POLLING, line);
}

static void take(const struct action *action) {
    if (action->kind == ACTION_TRANSPORT_STORE)
        stored = (int)action->code;
    shown |= action->kind == ACTION_SHOW_STATUS;
    asked[WEBSOCKET].connect |= action->kind == ACTION_SERVER_CONNECT;
    asked[WEBSOCKET].close |= action->kind == ACTION_SERVER_CLOSE;
    if (action->kind == ACTION_SERVER_SEND)
        take_sent(WEBSOCKET, action->a);
    take_polling(action);
}

static void give(enum event_transport way, enum event_kind kind, const char *a) {
    struct event event = {.kind = kind, .a = slice_of(a)};
    memset(asked, 0, sizeof asked);
    shown = false;
    asked[WEBSOCKET].sent = asked[POLLING].sent = WIRE_TYPE_COUNT;
    if (way == POLLING)
        event = poll_stub_event(&polling, kind, slice_of(a));
    lone_page_give(kind == EVENT_START ? lone_page_start() : event, take);
    while (poll_stub_next(&polling, now_ms, &event))
        lone_page_give(event, take);
}

static void opened(enum event_transport way) {
    give(way, EVENT_SERVER_OPENED, "");
}

static void hear(enum event_transport way, const char *message) {
    give(way, EVENT_SERVER_MESSAGE, message);
}

static void closed(enum event_transport way) {
    give(way, EVENT_SERVER_CLOSED, "");
}

/* Ticks at the next deadline. */
static void tick(void) {
    assert_true(chat_deadline_ms(chat) != NO_DEADLINE);
    now_ms = chat_deadline_ms(chat);
    give(WEBSOCKET, EVENT_TICK, "");
}

static void tick_until_dialed(enum event_transport way) {
    do
        tick();
    while (!asked[way].connect);
}

static int setup(void **state) {
    stored = -1;
    polling = (struct poll_stub){0};
    int error = lone_page_setup(state);
    if (!error)
        give(WEBSOCKET, EVENT_START, "");
    return error;
}

static void assert_says(const char *text) {
    struct slice said = lone_page_status().text;
    if (!slice_equal(said, slice_of(text)))
        fail_msg("not \"%s\" but \"%.*s\"", text, (int)said.len, said.bytes);
}

#define ALONE "Nobody else is here yet. Share the link to invite people."

static void assert_in(enum event_transport way) {
    assert_int_equal(lone_page_status().server, JOIN_STATE_JOINED);
    assert_int_equal(chat_debug(chat).signaling->dialing.ways[way].state, WAY_JOINED);
    assert_int_equal(chat_debug(chat).signaling->dialing.ways[1 - way].state, WAY_CLOSED);
}

/* Comes in by a WebSocket, or by polling, since no WebSocket opens. */
static void come_in_by(enum event_transport way) {
    if (way == POLLING)
        closed(WEBSOCKET);
    opened(way);
    hear(way, WELCOME);
    assert_in(way);
}

/* Both transports at once */

static void begin_both(void) {
    opened(WEBSOCKET);
    assert_int_equal(asked[WEBSOCKET].sent, WIRE_JOIN);
    now_ms += DIALING_ALONE_MS - 1;
    give(WEBSOCKET, EVENT_TICK, "");
    assert_false(asked[POLLING].connect);
    now_ms++;
    give(WEBSOCKET, EVENT_TICK, "");
    assert_true(asked[POLLING].connect && !asked[WEBSOCKET].close);
    opened(POLLING);
    assert_int_equal(asked[POLLING].sent, WIRE_JOIN);
}

static void a_websocket_that_passes_nothing_is_left_for_polling(void **state) {
    (void)state;
    begin_both();
    hear(POLLING, WELCOME);
    assert_true(asked[WEBSOCKET].close);
    assert_in(POLLING);
    assert_int_equal(now_ms, DIALING_ALONE_MS);
    assert_int_equal(stored, POLLING);
}

static void a_websocket_that_is_only_slow_may_win(void **state) {
    (void)state;
    begin_both();
    hear(WEBSOCKET, WELCOME);
    assert_true(asked[POLLING].close);
    assert_in(WEBSOCKET);
    assert_int_equal(stored, -1);
}

/* The server had our join by polling last, and replaces the other connection. */
static void a_page_that_replaced_itself_comes_back_without_a_word(void **state) {
    (void)state;
    begin_both();
    hear(WEBSOCKET, WELCOME);
    hear(WEBSOCKET, REPLACED);
    closed(WEBSOCKET);
    assert_says(ALONE);
    tick_until_dialed(WEBSOCKET);
    opened(WEBSOCKET);
    hear(WEBSOCKET, WELCOME);
    assert_in(WEBSOCKET);
    hear(WEBSOCKET, REPLACED); /* by somebody else */
    assert_int_equal(lone_page_status().server, JOIN_STATE_REFUSED);
}

static void the_attempt_is_over_when_both_have_failed(void **state) {
    (void)state;
    for (int first = 0; first < 2; first++) {
        begin_both();
        closed((enum event_transport)first);
        assert_int_equal(lone_page_status().server, JOIN_STATE_CONNECTING);
        closed((enum event_transport)(1 - first));
        assert_int_equal(lone_page_status().server, JOIN_STATE_LOST);
        lone_page_teardown(state);
        setup(state);
    }
}

static void a_silent_websocket_is_not_trusted_even_after_one_worked(void **state) {
    (void)state;
    come_in_by(WEBSOCKET);
    now_ms = 60000;
    closed(WEBSOCKET);
    tick_until_dialed(WEBSOCKET);
    opened(WEBSOCKET);
    tick_until_dialed(POLLING);
    opened(POLLING);
    hear(POLLING, WELCOME);
    assert_in(POLLING);
    assert_int_equal(stored, -1); /* a reload begins with a WebSocket all the same */
}

/* From polling back to a WebSocket */

static void a_websocket_that_works_again_takes_over_in_silence(void **state) {
    (void)state;
    come_in_by(POLLING);
    assert_int_equal(stored, POLLING);
    tick_until_dialed(WEBSOCKET);
    assert_true(now_ms <= DIALING_TRIAL_FIRST_MS);
    opened(WEBSOCKET);
    assert_int_equal(asked[WEBSOCKET].sent, WIRE_PING); /* a test whether messages pass */
    assert_in_range(chat_debug(chat).signaling->dialing.ways[POLLING].state, WAY_JOINED,
                    WAY_JOINED);
    hear(WEBSOCKET, PONG);
    assert_int_equal(asked[WEBSOCKET].sent, WIRE_JOIN);
    hear(POLLING, REPLACED); /* by us */
    assert_says(ALONE);
    hear(WEBSOCKET, WELCOME);
    assert_true(asked[POLLING].close);
    assert_in(WEBSOCKET);
    assert_int_equal(stored, WEBSOCKET);
}

static void the_old_way_may_end_before_the_new_one_is_in(void **state) {
    (void)state;
    come_in_by(POLLING);
    tick_until_dialed(WEBSOCKET);
    opened(WEBSOCKET);
    hear(WEBSOCKET, PONG);
    hear(POLLING, REPLACED);
    closed(POLLING);
    assert_says(ALONE);
    hear(WEBSOCKET, WELCOME);
    assert_in(WEBSOCKET);
}

static void assert_goodbye(enum event_transport way) {
    give(WEBSOCKET, EVENT_UNLOAD, "");
    assert_int_equal(asked[way].sent, WIRE_LEAVE);
    assert_true(asked[way].close);
}

/* The join may arrive after the goodbye by the other transport. */
static void a_goodbye_goes_wherever_a_join_went(void **state) {
    (void)state;
    come_in_by(POLLING);
    tick_until_dialed(WEBSOCKET);
    opened(WEBSOCKET);
    hear(WEBSOCKET, PONG);
    assert_goodbye(WEBSOCKET);
    assert_int_equal(asked[POLLING].sent, WIRE_LEAVE);
}

static void leaving_before_the_welcome_sends_a_goodbye(void **state) {
    (void)state;
    opened(WEBSOCKET);
    assert_goodbye(WEBSOCKET);
    assert_int_equal(asked[POLLING].sent, WIRE_TYPE_COUNT);
}

static void trials_in_vain_grow_rare_and_are_not_noticed(void **state) {
    (void)state;
    uint64_t pause_ms = 0;
    come_in_by(POLLING);
    for (int i = 0; i < 12; i++) {
        uint64_t began_ms = now_ms;
        do {
            tick();
            if (asked[POLLING].sent == WIRE_PING)
                hear(POLLING, PONG);
        } while (!asked[WEBSOCKET].connect);
        pause_ms = now_ms - began_ms;
        closed(WEBSOCKET);
        assert_in(POLLING);
        assert_says(ALONE);
    }
    assert_in_range(pause_ms, DIALING_TRIAL_MAX_MS / 2, DIALING_TRIAL_MAX_MS);
}

static void a_silent_tunnel_is_not_taken(void **state) {
    (void)state;
    come_in_by(POLLING);
    tick_until_dialed(WEBSOCKET);
    opened(WEBSOCKET);
    do {
        tick();
        assert_int_equal(asked[WEBSOCKET].sent, WIRE_TYPE_COUNT); /* so it replaces nobody */
    } while (!asked[WEBSOCKET].close);
    assert_in(POLLING);
}

/* Cuts of silent connections */

/* The connection is silent for |ms|, then cut; the page dials again, and comes in. */
static void be_cut_after(uint64_t ms) {
    now_ms += ms;
    closed(WEBSOCKET);
    tick_until_dialed(WEBSOCKET);
    opened(WEBSOCKET);
    hear(WEBSOCKET, WELCOME);
    assert_in(WEBSOCKET);
}

static uint64_t asks_after_ms(void) {
    uint64_t joined_ms = now_ms;
    tick();
    assert_int_equal(asked[WEBSOCKET].sent, WIRE_PING);
    return now_ms - joined_ms;
}

static void two_cuts_after_the_same_silence_make_the_page_ping_sooner(void **state) {
    (void)state;
    come_in_by(WEBSOCKET);
    be_cut_after(15000);
    be_cut_after(15400);
    assert_true(now_ms < 60000); /* the page learns it within a minute */
    assert_in_range(asks_after_ms(), 9000, 11000);
}

/* The device may have left the proxy, or the server may have crashed. */
static void the_longer_silence_is_tried_again(void **state) {
    (void)state;
    come_in_by(WEBSOCKET);
    be_cut_after(15000);
    be_cut_after(15000);
    for (uint64_t learned_ms = now_ms; now_ms - learned_ms < IDLE_CUT_TRUST_MS;) {
        assert_in_range(asks_after_ms(), 9000, 11000);
        hear(WEBSOCKET, PONG);
    }
    asks_after_ms();
    hear(WEBSOCKET, PONG);
    assert_int_equal(asks_after_ms(), SIGNALING_QUIET_MS);
}

static void a_silence_that_went_well_between_two_ends_is_no_proxy(void **state) {
    (void)state;
    come_in_by(WEBSOCKET);
    be_cut_after(8000);
    now_ms += 8000;
    hear(WEBSOCKET, PONG);
    be_cut_after(8000);
    assert_int_equal(asks_after_ms(), SIGNALING_QUIET_MS);
}

static void a_late_answer_is_no_silence(void **state) {
    (void)state;
    come_in_by(WEBSOCKET);
    be_cut_after(8000);
    give(WEBSOCKET, EVENT_WAKE, "");
    tick();
    assert_int_equal(asked[WEBSOCKET].sent, WIRE_PING);
    now_ms += 8000;
    hear(WEBSOCKET, PONG);
    be_cut_after(8000);
    assert_in_range(asks_after_ms(), 5000, 6000);
}

static void other_ends_teach_nothing(void **state) {
    (void)state;
    static const uint64_t silences_ms[] = {15000, 8000, 2000, 2000, 20000};
    come_in_by(WEBSOCKET);
    for (size_t i = 0; i < sizeof silences_ms / sizeof *silences_ms; i++)
        be_cut_after(silences_ms[i]);
    assert_int_equal(asks_after_ms(), SIGNALING_QUIET_MS);
}

/* Sentences */

static void a_short_outage_is_not_said(void **state) {
    (void)state;
    come_in_by(WEBSOCKET);
    now_ms = 60000;
    closed(WEBSOCKET);
    assert_int_equal(lone_page_status().server, JOIN_STATE_LOST);
    assert_says(ALONE);
    assert_int_equal(lone_page_status().tone, STATUS_TONE_QUIET);
    while (now_ms < 60000 + DIALING_UNSAID_MS) {
        assert_says(ALONE);
        tick();
        for (int way = 0; way < EVENT_TRANSPORT_COUNT; way++)
            if (asked[way].connect)
                closed((enum event_transport)way);
    }
    assert_says("The server is out of reach. Parley keeps trying; until then nobody can find you "
                "here.");
}

#define KEEPS " Parley keeps trying."

static void a_refusal_of_the_page_is_shown(void **state) {
    (void)state;
    static const struct {
        const char *answer, *words;
    } cases[] = {
        {"403 Go away.\n",
         "The server, or a proxy before it, refused this page (403). It says: Go away." KEEPS},
        {"403 ", "The server, or a proxy before it, refused this page (403)." KEEPS},
        {"404 ", "There is no Parley server at this address, or a proxy hides it (404)." KEEPS},
        {"413   a \n  b",
         "The server, or a proxy before it, refused this page (413). It says: a b" KEEPS},
        {"302 ",
         "A proxy before the server sends this page elsewhere, perhaps to sign in. Reload the "
         "page." KEEPS},
        {"429 Later.", "The server is out of reach." KEEPS},
        {"502 Bad gateway", "The server is out of reach." KEEPS},
        {"410 There is no such session.", "The server is out of reach." KEEPS},
        {"4", "The server is out of reach." KEEPS},
        {"", "The server is out of reach." KEEPS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        closed(WEBSOCKET);
        give(POLLING, EVENT_SERVER_CLOSED, cases[i].answer);
        assert_int_equal(lone_page_status().server, JOIN_STATE_LOST);
        assert_says(cases[i].words);
        tick_until_dialed(WEBSOCKET);
        closed(WEBSOCKET); /* a WebSocket never gives the reason */
        assert_says(cases[i].words);
        give(POLLING, EVENT_SERVER_CLOSED, "");
        assert_says("The server is out of reach." KEEPS);
        tick_until_dialed(WEBSOCKET);
        come_in_by(POLLING); /* somebody fixed it */
        assert_says(ALONE);
        lone_page_teardown(state);
        setup(state);
    }
}

/* It is shown at once, although the WebSocket may still succeed. */
static void a_refusal_of_polling_beside_a_websocket_is_shown(void **state) {
    (void)state;
    closed(WEBSOCKET);
    closed(POLLING);
    tick_until_dialed(WEBSOCKET);
    begin_both();
    assert_says("The server is out of reach." KEEPS);
    give(POLLING, EVENT_SERVER_CLOSED, "403 ");
    assert_int_equal(lone_page_status().server, JOIN_STATE_LOST);
    assert_says("The server, or a proxy before it, refused this page (403)." KEEPS);
    assert_true(shown);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, lone_page_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_websocket_that_passes_nothing_is_left_for_polling),
        TEST(a_websocket_that_is_only_slow_may_win),
        TEST(a_page_that_replaced_itself_comes_back_without_a_word),
        TEST(the_attempt_is_over_when_both_have_failed),
        TEST(a_silent_websocket_is_not_trusted_even_after_one_worked),
        TEST(a_websocket_that_works_again_takes_over_in_silence),
        TEST(the_old_way_may_end_before_the_new_one_is_in),
        TEST(a_goodbye_goes_wherever_a_join_went),
        TEST(leaving_before_the_welcome_sends_a_goodbye),
        TEST(trials_in_vain_grow_rare_and_are_not_noticed),
        TEST(a_silent_tunnel_is_not_taken),
        TEST(two_cuts_after_the_same_silence_make_the_page_ping_sooner),
        TEST(the_longer_silence_is_tried_again),
        TEST(other_ends_teach_nothing),
        TEST(a_silence_that_went_well_between_two_ends_is_no_proxy),
        TEST(a_late_answer_is_no_silence),
        TEST(a_short_outage_is_not_said),
        TEST(a_refusal_of_the_page_is_shown),
        TEST(a_refusal_of_polling_beside_a_websocket_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
