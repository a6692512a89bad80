/* The effect of the server's messages on the people whom a page knows: no server, no browser. */
#include "error.h"
#include "lone_page.h"
#include "sdp_text.h"

#include <stdio.h>
#include <string.h>

#define PEOPLE (WIRE_ROOM_MEMBERS_MAX - 1)

static uint32_t opened, closed;     /* connections, in the last events */
static char kept[TOKEN_KEPT_BYTES]; /* the token, as the page keeps it */

static void take(const struct action *action) {
    opened += action->kind == ACTION_PEER_OPEN;
    closed += action->kind == ACTION_PEER_CLOSE;
    if (action->kind == ACTION_TOKEN_STORE)
        memcpy(kept, action->a.bytes, sizeof kept);
}

static void give_event(struct event event) {
    lone_page_give(event, take);
}

static void give(enum event_kind kind, const char *a) {
    give_event((struct event){.kind = kind, .a = slice_of(a)});
}

/* Loads a page with the token in |kept|. */
static void load(void) {
    char random[EVENT_RANDOM_BYTES + sizeof kept] = "0123456789012345678901234567890";
    memcpy(random + EVENT_RANDOM_BYTES, kept, sizeof kept);
    assert_int_equal(chat_create(&chat), PARLEY_OK);
    give_event(
        (struct event){.kind = EVENT_START, .a = slice_of("lobby"), .c = {random, sizeof random}});
}

static int setup(void **state) {
    (void)state;
    now_ms = 1000;
    opened = closed = 0;
    memset(kept, 0, sizeof kept);
    load();
    return 0;
}

/* Members |first| to |last| - 1, then |more| to |end| - 1. */
static void welcome(unsigned first, unsigned last, unsigned more, unsigned end) {
    static char text[4096];
    int at = snprintf(text, sizeof text,
                      "{\"type\":\"welcome\",\"version\":2,\"room\":\"lobby\",\"you\":"
                      "\"AAAAAAAAAAAAAAAAAAAAAA\",\"iceServers\":[],\"roomMembersMax\":64,"
                      "\"members\":[");
    for (unsigned i = first; i < end; i++)
        if (i < last || i >= more)
            at += snprintf(text + at, sizeof text - (size_t)at, "%s\"%022u\"",
                           i == first ? "" : ",", i);
    snprintf(text + at, sizeof text - (size_t)at, "]}");
    give(EVENT_SERVER_OPENED, "");
    give(EVENT_SERVER_MESSAGE, text);
}

static void lose_server(void) {
    give(EVENT_SERVER_CLOSED, "");
    now_ms = chat_deadline_ms(chat);
    give(EVENT_TICK, "");
}

static void tell(uint32_t peer, enum event_kind kind, uint32_t code, const char *a) {
    give_event((struct event){.kind = kind, .peer = peer, .code = code, .a = slice_of(a)});
}

static void offer_from(unsigned i) {
    char text[512];
    snprintf(
        text, sizeof text,
        "{\"type\":\"offer\",\"from\":\"%022u\",\"sdp\":\"" SDP_JSON("x") "\",\"connection\":%u}",
        i, i + 1);
    give(EVENT_SERVER_MESSAGE, text);
}

/* Number |i| offers, and gets connected. */
static void connect_with(unsigned i) {
    offer_from(i);
    uint32_t peer = chat_debug(chat).room->last_peer;
    tell(peer, EVENT_PEER_DONE, 0, "");
    tell(peer, EVENT_PEER_DESCRIBED, EVENT_SDP_ANSWER, "y");
    tell(peer, EVENT_CHANNEL_OPENED, 0, "");
    tell(peer, EVENT_CHANNEL_MESSAGE, 0,
         "{\"type\":\"hello\",\"version\":2,\"name\":\"x\",\"session\":5,\"first\":0,\"next\":0}");
}

static uint32_t connected_count(void) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < chat_debug(chat).room->member_count; i++)
        count += member_connected(chat_debug(chat).room->members[i]);
    return count;
}

static void fill_room(void) {
    welcome(0, PEOPLE, PEOPLE, PEOPLE);
    for (unsigned i = 0; i < PEOPLE; i++)
        connect_with(i);
    assert_int_equal(connected_count(), PEOPLE);
    opened = closed = 0;
}

/* After a restart of the server, newcomers come before earlier members. */
static void nobody_who_is_connected_makes_place_for_a_newcomer(void **state) {
    (void)state;
    fill_room();
    lose_server();
    welcome(PEOPLE, PEOPLE + 40, PEOPLE + 40, PEOPLE + 40);
    assert_int_equal(closed, 0);
    assert_int_equal(connected_count(), PEOPLE);
    lose_server();
    welcome(0, PEOPLE, PEOPLE, PEOPLE);
    assert_int_equal(closed, 0);
    assert_int_equal(connected_count(), PEOPLE);
}

static void known_and_listed_members_keep_their_places(void **state) {
    (void)state;
    fill_room();
    tell(chat_debug(chat).room->members[0]->link.negotiation.peer, EVENT_CHANNEL_CLOSED, 0, "");
    tell(chat_debug(chat).room->members[1]->link.negotiation.peer, EVENT_CHANNEL_CLOSED, 0, "");
    closed = 0;
    lose_server();
    /* Number 1 is not listed any more, and not connected; two newcomers are listed. */
    struct member_id first = chat_debug(chat).room->members[0]->link.member_id;
    struct member_id second = chat_debug(chat).room->members[1]->link.member_id;
    welcome(0, 1, 3, PEOPLE + 2);
    assert_non_null(room_find_id(chat_debug(chat).room, &first));
    assert_null(room_find_id(chat_debug(chat).room, &second));
    assert_int_equal(connected_count(), PEOPLE - 2);
    assert_int_equal(chat_debug(chat).room->member_count, WIRE_ROOM_MEMBERS_MAX);
}

static void few_connections_are_set_up_at_once(void **state) {
    (void)state;
    welcome(0, 25, 25, 25);
    for (unsigned i = 0; i < 25; i++)
        offer_from(i);
    assert_int_equal(opened, LINK_TURNS);
    for (uint32_t peer = 1; peer <= 25; peer++) {
        tell(peer, EVENT_PEER_DONE, 0, "");
        tell(peer, EVENT_PEER_DESCRIBED, EVENT_SDP_ANSWER, "y");
        assert_int_equal(opened, peer + LINK_TURNS - 1 < 25 ? peer + LINK_TURNS - 1 : 25);
        tell(peer, EVENT_CHANNEL_OPENED, 0, "");
    }
    assert_int_equal(opened, 25);
    assert_int_equal(connected_count(), 25);
}

/* Nobody makes the others wait for long, and waiting is not a failure. */
static void a_turn_without_progress_ends(void **state) {
    (void)state;
    welcome(0, 25, 25, 25);
    for (unsigned i = 0; i < 25; i++)
        offer_from(i);
    for (uint32_t turns = 1; opened < 25; turns++) {
        assert_int_equal(opened, LINK_TURNS * turns);
        now_ms += LINK_TURN_MS - 1;
        give(EVENT_TICK, "");
        assert_int_equal(opened, LINK_TURNS * turns);
        assert_true(chat_deadline_ms(chat) <= now_ms + 1);
        now_ms++;
        give(EVENT_TICK, "");
    }
    for (uint32_t i = 0; i < 25; i++)
        assert_int_equal(chat_debug(chat).room->members[i]->link.failures, 0);
}

static void reload(void) {
    chat_destroy(chat);
    load();
}

/* After a reload our page comes last, and would be the last to choose. */
static void a_reload_keeps_the_colour(void **state) {
    (void)state;
    char alone[sizeof kept];
    unsigned clashes = 0;
    welcome(0, 0, 0, 0);
    uint32_t colour = chat_debug(chat).room->self_colour;
    memcpy(alone, kept, sizeof kept);
    for (unsigned i = 0; i < PEOPLE; i++) {
        memset(kept, 0, sizeof kept);
        reload(); /* as somebody new */
        welcome(i, i + 1, i + 1, i + 1);
        clashes += chat_debug(chat).room->self_colour != colour;
        memcpy(kept, alone, sizeof kept);
        reload();
        welcome(i, i + 1, i + 1, i + 1);
        assert_int_equal(chat_debug(chat).room->self_colour, colour);
        assert_int_not_equal(chat_debug(chat).room->members[0]->colour, colour);
    }
    assert_true(clashes > 0);
}

static void a_kept_colour_counts_in_its_room_only(void **state) {
    (void)state;
    welcome(0, 0, 0, 0);
    uint32_t colour = chat_debug(chat).room->self_colour;
    kept[sizeof kept - 1] = colour == 0 ? '1' : '0';                  /* another colour */
    kept[sizeof kept - 2] = kept[sizeof kept - 2] == '0' ? '1' : '0'; /* from another room */
    reload();
    welcome(0, 0, 0, 0);
    assert_int_equal(chat_debug(chat).room->self_colour, colour);
    kept[sizeof kept - 1] = 'e'; /* there is no such colour */
    reload();
    welcome(0, 0, 0, 0);
    assert_int_equal(chat_debug(chat).room->self_colour, colour);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reload_keeps_the_colour, setup, lone_page_teardown),
        cmocka_unit_test_setup_teardown(a_kept_colour_counts_in_its_room_only, setup,
                                        lone_page_teardown),
        cmocka_unit_test_setup_teardown(few_connections_are_set_up_at_once, setup,
                                        lone_page_teardown),
        cmocka_unit_test_setup_teardown(a_turn_without_progress_ends, setup, lone_page_teardown),
        cmocka_unit_test_setup_teardown(nobody_who_is_connected_makes_place_for_a_newcomer, setup,
                                        lone_page_teardown),
        cmocka_unit_test_setup_teardown(known_and_listed_members_keep_their_places, setup,
                                        lone_page_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
