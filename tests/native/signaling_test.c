/* The way to the server: what it dials when, and what a refusal means. No server, no clock. */
#include "signaling.h"

#include "arrival.h"
#include "chat_debug.h"
#include "cmocka_all.h"
#include "error.h"
#include "poll_stub.h"

#include <stdio.h>

static struct chat *chat;

static enum action_kind dialed; /* the last action of the server's kind */
static uint32_t dialed_transport;
static uint32_t joined_as; /* the number of the last join */
static struct poll_stub polling;

static void note_join(struct slice bytes) {
    struct wire_message message;
    assert_int_equal(wire_read(bytes, WIRE_TO_SERVER, &message), PARLEY_OK);
    if (message.type == WIRE_JOIN)
        joined_as = message.number;
    wire_message_deinit(&message);
}

static void note(enum action_kind kind, enum event_transport way) {
    dialed = kind;
    dialed_transport = way;
}

static void take_polling(const struct action *action, uint64_t now_ms) {
    struct poll_stub_wish wish = poll_stub_take(&polling, action, now_ms);
    if (wish.connect)
        note(ACTION_SERVER_CONNECT, EVENT_TRANSPORT_POLLING);
    for (struct slice line; slice_cut(&wish.messages, '\n', &line);) {
        note_join(line);
        note(ACTION_SERVER_SEND, EVENT_TRANSPORT_POLLING);
    }
    if (wish.close)
        note(ACTION_SERVER_CLOSE, EVENT_TRANSPORT_POLLING);
}

static void take(const struct action *action, uint64_t now_ms) {
    bool server = action->kind >= ACTION_SERVER_CONNECT && action->kind <= ACTION_SERVER_CLOSE;
    if (action->kind == ACTION_SERVER_SEND)
        note_join(action->a);
    if (server || action->kind == ACTION_TRANSPORT_STORE)
        note(action->kind, (enum event_transport)action->code);
    take_polling(action, now_ms);
}

static void give_by(enum event_transport way, enum event_kind kind, uint64_t now_ms,
                    const char *a) {
    static const char random[EVENT_RANDOM_BYTES] = "0123456789012345678901234567890";
    struct event event = {.kind = kind, .a = slice_of(a)};
    if (kind == EVENT_START)
        event.c = (struct slice){random, sizeof random};
    if (way == EVENT_TRANSPORT_POLLING)
        event = poll_stub_event(&polling, kind, slice_of(a));
    dialed = ACTION_COUNT;
    do {
        event.now_ms = now_ms;
        assert_int_equal(chat_handle(chat, &event), 0);
        for (const struct action *action; (action = chat_next_action(chat));)
            take(action, now_ms);
    } while (poll_stub_next(&polling, now_ms, &event));
}

static void give(enum event_kind kind, uint64_t now_ms, const char *a) {
    give_by(EVENT_TRANSPORT_WEBSOCKET, kind, now_ms, a);
}

static void poll(enum event_kind kind, uint64_t now_ms, const char *a) {
    give_by(EVENT_TRANSPORT_POLLING, kind, now_ms, a);
}

static int setup(void **state) {
    (void)state;
    polling = (struct poll_stub){0};
    return chat_create(&chat);
}

static int teardown(void **state) {
    (void)state;
    chat_destroy(chat);
    return 0;
}

#define WELCOME                                                                                    \
    "{\"type\":\"welcome\",\"version\":2,\"room\":\"lobby\",\"you\":\"AAAAAAAAAAAAAAAAAAAAAA\","   \
    "\"members\":[],\"iceServers\":[],\"roomMembersMax\":9}"

static void assert_dials(enum event_transport transport) {
    assert_int_equal(dialed, ACTION_SERVER_CONNECT);
    assert_int_equal(dialed_transport, transport);
}

/* Joins at |now_ms|. The connection ends |after_ms| later, after |error|; "": without an error. */
static void join_and_lose(uint64_t now_ms, uint64_t after_ms, const char *error) {
    give(EVENT_SERVER_OPENED, now_ms, "");
    give(EVENT_SERVER_MESSAGE, now_ms, WELCOME);
    if (*error)
        give(EVENT_SERVER_MESSAGE, now_ms + after_ms, error);
    give(EVENT_SERVER_CLOSED, now_ms + after_ms, "");
}

/* Dials again when it is due. */
static uint64_t dial_again(void) {
    uint64_t due_ms = 0;
    for (dialed = ACTION_COUNT; dialed != ACTION_SERVER_CONNECT;) {
        due_ms = chat_deadline_ms(chat);
        assert_true(due_ms != NO_DEADLINE);
        give(EVENT_TICK, due_ms, "");
    }
    return due_ms;
}

#define ERROR(code) "{\"type\":\"error\",\"code\":\"" code "\",\"message\":\"x\"}"

static void a_websocket_that_does_not_open_is_followed_by_polling(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    assert_dials(EVENT_TRANSPORT_WEBSOCKET);
    give(EVENT_TICK, ARRIVAL_MS_MAX, "");
    assert_int_equal(chat_deadline_ms(chat), DIALING_ALONE_MS);
    give(EVENT_TICK, DIALING_ALONE_MS, "");
    assert_dials(EVENT_TRANSPORT_POLLING);
    poll(EVENT_SERVER_OPENED, 3100, "");
    assert_int_equal(dialed, ACTION_SERVER_SEND);
    poll(EVENT_SERVER_MESSAGE, 3200, WELCOME);
    assert_int_equal(dialed, ACTION_TRANSPORT_STORE);
    poll(EVENT_SERVER_CLOSED, 8000, "");
    give(EVENT_TICK, chat_deadline_ms(chat), "");
    assert_dials(EVENT_TRANSPORT_POLLING); /* it is known to work */
}

static void a_websocket_that_is_refused_is_followed_by_polling_at_once(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    give(EVENT_SERVER_CLOSED, 10, "");
    assert_dials(EVENT_TRANSPORT_POLLING);
    poll(EVENT_SERVER_CLOSED, 20, ""); /* the server is away */
    assert_int_equal(dialed, ACTION_COUNT);
    give(EVENT_TICK, chat_deadline_ms(chat), "");
    assert_dials(EVENT_TRANSPORT_WEBSOCKET);
}

static void a_websocket_that_dies_twice_is_followed_by_polling(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    give(EVENT_SERVER_OPENED, 10, "");
    give(EVENT_SERVER_CLOSED, 20, "");
    assert_dials(EVENT_TRANSPORT_WEBSOCKET);
    give(EVENT_SERVER_OPENED, 30, "");
    give(EVENT_SERVER_CLOSED, 40, "");
    assert_dials(EVENT_TRANSPORT_POLLING);
}

static void polling_is_the_exception_once_a_websocket_worked(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    give(EVENT_SERVER_OPENED, 10, "");
    give(EVENT_SERVER_MESSAGE, 20, WELCOME);
    give(EVENT_SERVER_CLOSED, 30000, "");
    int polls = 0;
    for (int i = 0; i < 40; i++) {
        uint64_t due_ms = dial_again();
        polls += dialed_transport == EVENT_TRANSPORT_POLLING;
        give_by((enum event_transport)dialed_transport, EVENT_SERVER_CLOSED, due_ms + 1, "");
        assert_in_range(chat_deadline_ms(chat) - due_ms, DIALING_PAUSE_FIRST_MS / 2,
                        DIALING_PAUSE_MAX_MS + 1);
    }
    assert_int_equal(polls, 10);
}

static void waking_dials_at_once(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    for (uint64_t at_ms = 1; at_ms < 1000000; at_ms = chat_deadline_ms(chat)) {
        if (dialed != ACTION_SERVER_CONNECT)
            give(EVENT_TICK, at_ms, "");
        give_by((enum event_transport)dialed_transport, EVENT_SERVER_CLOSED, at_ms, "");
    }
    give(EVENT_WAKE, 1000000, "");
    assert_true(chat_deadline_ms(chat) <= 1000000);
    give(EVENT_TICK, 1000000, "");
    assert_int_equal(dialed, ACTION_SERVER_CONNECT);
}

static enum join_state server(void) {
    struct status_view view;
    chat_status_view(chat, &view);
    return view.server;
}

static void a_server_that_says_nothing_is_asked_and_then_given_up(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    give(EVENT_SERVER_OPENED, 0, "");
    give(EVENT_SERVER_MESSAGE, 0, WELCOME);
    give(EVENT_TICK, SIGNALING_QUIET_MS, "");
    assert_int_equal(dialed, ACTION_SERVER_SEND);
    give(EVENT_SERVER_MESSAGE, SIGNALING_QUIET_MS + 1, "{\"type\":\"pong\"}");
    give(EVENT_TICK, 2 * SIGNALING_QUIET_MS + 1, "");
    assert_int_equal(dialed, ACTION_SERVER_SEND);
    give(EVENT_TICK, 2 * SIGNALING_QUIET_MS + 1 + SIGNALING_ANSWER_MS, "");
    assert_int_equal(dialed, ACTION_SERVER_CLOSE);
    assert_int_equal(server(), JOIN_STATE_LOST);
}

/* Another window has replaced it. The hub refuses this window's older joins. */
static void a_replaced_page_rests(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    join_and_lose(0, 1, ERROR("replaced"));
    assert_int_equal(server(), JOIN_STATE_REFUSED);
    assert_true(chat_deadline_ms(chat) == NO_DEADLINE);
}

/* Either the clock of another page with this token was wrong, or ours is. */
static void a_join_refused_as_old_is_followed_by_a_greater_number(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    give(EVENT_SERVER_OPENED, 0, "");
    assert_int_equal(joined_as, 1);
    give(EVENT_SERVER_MESSAGE, 0,
         "{\"type\":\"error\",\"code\":\"old_join\",\"number\":4294967290,\"message\":\"x\"}");
    give(EVENT_SERVER_CLOSED, 0, "");
    uint64_t again_ms = dial_again();
    assert_dials(EVENT_TRANSPORT_WEBSOCKET);
    give(EVENT_SERVER_OPENED, again_ms, "");
    assert_int_equal(joined_as, 4294967291);
    give(EVENT_SERVER_MESSAGE, again_ms, WELCOME);
    assert_int_equal(server(), JOIN_STATE_JOINED);
}

static void a_websocket_that_dies_twice_after_the_welcome_is_followed_by_polling(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    join_and_lose(10, DIALING_STEADY_MS - 1, "");
    uint64_t again_ms = dial_again();
    assert_dials(EVENT_TRANSPORT_WEBSOCKET);
    join_and_lose(again_ms, DIALING_STEADY_MS - 1, "");
    dial_again();
    assert_dials(EVENT_TRANSPORT_POLLING);
}

static void a_websocket_that_ends_late_or_with_a_reason_is_a_good_one(void **state) {
    (void)state;
    static const struct {
        uint64_t after_ms;
        const char *error;
    } ends[] = {{DIALING_STEADY_MS, ""}, {10, ERROR("shutting_down")}};
    uint64_t now_ms = 0;
    give(EVENT_START, 0, "lobby");
    for (int i = 0; i < 8; i++) {
        join_and_lose(now_ms, ends[i / 4].after_ms, ends[i / 4].error);
        now_ms = dial_again();
        assert_dials(EVENT_TRANSPORT_WEBSOCKET);
    }
}

static void waking_begins_a_dial_that_waits_again(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    give(EVENT_TICK, ARRIVAL_MS_MAX, "");
    give(EVENT_WAKE, DIALING_STALE_MS - 1, "");
    assert_int_equal(dialed, ACTION_COUNT);
    give(EVENT_WAKE, DIALING_STALE_MS, "");
    assert_dials(EVENT_TRANSPORT_WEBSOCKET);
    assert_int_equal(chat_deadline_ms(chat), DIALING_STALE_MS + DIALING_ALONE_MS);
}

static void a_returning_page_that_finds_the_room_full_says_so_and_tries_on(void **state) {
    (void)state;
    struct status_view view;
    give(EVENT_START, 0, "lobby");
    join_and_lose(0, 60000, "");
    uint64_t now_ms = dial_again();
    give(EVENT_SERVER_OPENED, now_ms, "");
    give(EVENT_SERVER_MESSAGE, now_ms, ERROR("room_full"));
    give(EVENT_SERVER_CLOSED, now_ms, "");
    chat_status_view(chat, &view);
    assert_int_equal(view.server, JOIN_STATE_LOST);
    assert_memory_equal(view.text.bytes, "The room filled up while you were away.", 39);
    now_ms = dial_again();
    give_by((enum event_transport)dialed_transport, EVENT_SERVER_CLOSED, now_ms, "");
    give(EVENT_TICK, 60000 + DIALING_UNSAID_MS, ""); /* the server is out of reach for so long */
    chat_status_view(chat, &view);
    assert_memory_equal(view.text.bytes, "The server is out of reach.", 27);
}

/* A welcome with |count| members "M00...", as the server would send it. */
static const char *welcome_with(int count) {
    static char text[4096];
    int len = snprintf(text, sizeof text, "%s",
                       "{\"type\":\"welcome\",\"version\":2,\"room\":\"lobby\",\"you\":"
                       "\"AAAAAAAAAAAAAAAAAAAAAA\",\"iceServers\":[],\"roomMembersMax\":64,"
                       "\"members\":[");
    for (int i = 0; i < count; i++)
        len += snprintf(text + len, sizeof text - (size_t)len, "%s\"M%02dAAAAAAAAAAAAAAAAAAA\"",
                        i ? "," : "", i);
    snprintf(text + len, sizeof text - (size_t)len, "]}");
    return text;
}

static void a_listed_member_takes_the_place_of_an_unlisted_one(void **state) {
    (void)state;
    struct member_view view;
    give(EVENT_START, 0, "lobby");
    give(EVENT_SERVER_OPENED, 0, "");
    give(EVENT_SERVER_MESSAGE, 0, welcome_with(WIRE_ROOM_MEMBERS_MAX - 1));
    give(EVENT_SERVER_CLOSED, 10000, "");
    dial_again();
    give(EVENT_SERVER_OPENED, 20000, "");
    give(EVENT_SERVER_MESSAGE, 20000, welcome_with(0)); /* the server was restarted */
    give(EVENT_SERVER_MESSAGE, 20001,
         "{\"type\":\"joined\",\"member\":\"BAAAAAAAAAAAAAAAAAAAAA\"}");
    give(EVENT_SERVER_MESSAGE, 20002,
         "{\"type\":\"joined\",\"member\":\"CAAAAAAAAAAAAAAAAAAAAA\"}");
    assert_int_equal(chat_member_view(chat, WIRE_ROOM_MEMBERS_MAX, &view), PARLEY_OK);
    assert_int_equal(view.peer, WIRE_ROOM_MEMBERS_MAX + 1);
}

static void assert_says(const char *text) {
    struct status_view view;
    chat_status_view(chat, &view);
    if (!slice_equal(view.text, slice_of(text)))
        fail_msg("not \"%s\" but \"%.*s\"", text, (int)view.text.len, view.text.bytes);
}

static void be_refused(uint64_t now_ms, const char *error) {
    assert_dials(EVENT_TRANSPORT_WEBSOCKET);
    give(EVENT_SERVER_OPENED, now_ms, "");
    give(EVENT_SERVER_MESSAGE, now_ms, error);
    give(EVENT_SERVER_CLOSED, now_ms, "");
}

/* This is not taken for a fault of WebSockets. */
static void a_newcomer_in_a_crowd_is_told_and_comes_again(void **state) {
    (void)state;
    uint64_t now_ms = 0;
    give(EVENT_START, 0, "lobby");
    for (int times = 0; times < 3; times++) {
        be_refused(now_ms, ERROR("too_many_joins"));
        assert_int_equal(dialed, ACTION_COUNT); /* not at once */
        assert_says("Too many people came from this network at once. Parley keeps trying.");
        now_ms = dial_again();
    }
    give_by((enum event_transport)dialed_transport, EVENT_SERVER_CLOSED, now_ms,
            ""); /* now it really is away */
    assert_says("The server is out of reach. Parley keeps trying.");
}

static void a_page_that_was_too_fast_comes_back(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    join_and_lose(10, 20, ERROR("too_fast"));
    assert_says("This page sent more than the server takes. Parley keeps trying; until then nobody "
                "can find you here.");
    dial_again();
    assert_dials(EVENT_TRANSPORT_WEBSOCKET);
}

/* As long as others of the network stay, a newcomer is told so; an earlier member tries again. */
static void a_full_network_keeps_newcomers_out(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    be_refused(0, ERROR("address_full"));
    assert_says(wire_error_sentence(WIRE_ERROR_ADDRESS_FULL));
    assert_true(chat_deadline_ms(chat) == NO_DEADLINE);
}

static void a_full_network_lets_who_was_here_try_again(void **state) {
    (void)state;
    give(EVENT_START, 0, "lobby");
    join_and_lose(10, 20, "");
    be_refused(dial_again(), ERROR("address_full"));
    assert_says("Too many people are connected from this network. Parley keeps trying; until then "
                "nobody can find you here.");
    assert_true(chat_deadline_ms(chat) != NO_DEADLINE);
}

/* The server spells a room as its first member did. It is still the room that was asked for. */
static void a_room_is_the_one_that_was_asked_for_in_any_case(void **state) {
    (void)state;
    give(EVENT_START, 0, "LOBBY");
    give(EVENT_SERVER_OPENED, 10, "");
    give(EVENT_SERVER_MESSAGE, 20, WELCOME);
    assert_int_equal(chat_debug(chat).signaling->dialing.state, JOIN_STATE_JOINED);
    chat_destroy(chat);
    assert_int_equal(setup(state), 0);
    give(EVENT_START, 0, "lobby1");
    give(EVENT_SERVER_OPENED, 10, "");
    give(EVENT_SERVER_MESSAGE, 20, WELCOME);
    assert_says("The server did not open the room that was asked for.");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_websocket_that_does_not_open_is_followed_by_polling),
        TEST(a_websocket_that_is_refused_is_followed_by_polling_at_once),
        TEST(a_websocket_that_dies_twice_is_followed_by_polling),
        TEST(a_websocket_that_dies_twice_after_the_welcome_is_followed_by_polling),
        TEST(a_websocket_that_ends_late_or_with_a_reason_is_a_good_one),
        TEST(polling_is_the_exception_once_a_websocket_worked),
        TEST(waking_dials_at_once),
        TEST(waking_begins_a_dial_that_waits_again),
        TEST(a_server_that_says_nothing_is_asked_and_then_given_up),
        TEST(a_replaced_page_rests),
        TEST(a_join_refused_as_old_is_followed_by_a_greater_number),
        TEST(a_newcomer_in_a_crowd_is_told_and_comes_again),
        TEST(a_page_that_was_too_fast_comes_back),
        TEST(a_full_network_keeps_newcomers_out),
        TEST(a_full_network_lets_who_was_here_try_again),
        TEST(a_room_is_the_one_that_was_asked_for_in_any_case),
        TEST(a_returning_page_that_finds_the_room_full_says_so_and_tries_on),
        TEST(a_listed_member_takes_the_place_of_an_unlisted_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
