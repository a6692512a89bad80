/* A member's page sends signals, and opens connections, as no honest page does: real cores and the
 * real hub (world.h). */
#include "chat_debug.h"
#include "error.h"
#include "mesh.h"
#include "people.h"
#include "sdp_text.h"
#include "signals.h"

#include <stdio.h>
#include <string.h>

#define ACTIVE "candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active"

/* The server passes a signal from page 1 to page 0, with |fields|. */
static void tell(const char *type, const char *fields) {
    char text[4096];
    uint32_t connection = chat_debug(world->pages[1].chat).room->members[0]->link.negotiation.own;
    uint32_t target = chat_debug(world->pages[0].chat).room->members[0]->link.negotiation.own;
    snprintf(text, sizeof text, "{\"type\":\"%s\",\"connection\":%u,\"for\":%u,%s}", type,
             (unsigned)(connection ? connection : 1), (unsigned)(target ? target : 1), fields);
    world_do(world, 0, EVENT_SERVER_MESSAGE, passed_on(1, 0, text));
}

static bool has_logged(const char *text) {
    struct connection_log_view entry;
    for (uint32_t i = 0; chat_connection_log_view(world->pages[0].chat, 1, i, &entry) == PARLEY_OK;
         i++)
        if (entry.text.len >= strlen(text) && memcmp(entry.text.bytes, text, strlen(text)) == 0)
            return true;
    return false;
}

static void assert_hung_up(void) {
    assert_int_equal(member(0, 1).state, CONTACT_LOST);
    assert_int_equal(member(0, 1).connection, 0);
    assert_same(member(0, 1).reason, "Their browser kept sending messages that make no sense.");
    assert_int_equal(lines(0, LINE_LOST,
                           "The connection to Bea was closed. Their browser kept sending messages "
                           "that make no sense."),
                     1);
    tell("offer", "\"sdp\":\"" SDP_JSON("x") "\"");
    assert_int_equal(member(0, 1).connection, 0);
}

static void again(void **state) {
    people_teardown(state);
    people_setup(state);
    meet(2);
}

static void a_member_who_opens_another_channel_is_hung_up_on(void **state) {
    (void)state;
    meet(2);
    world_do_peer(world, 0, world_peer(world, 0, 1), EVENT_PEER_UNASKED, 0, (struct slice){0});
    assert_hung_up();
}

/* Firefox buffers these messages, and does not tell the page. */
static void a_member_whose_messages_nobody_hears_is_disconnected(void **state) {
    (void)state;
    meet(2);
    uint32_t peer = world_peer(world, 0, 1);
    world_do_peer(world, 0, peer, EVENT_PEER_ROUTE, SESSION_LOAD_KILOBYTES, slice_of("host"));
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
    world_do_peer(world, 0, peer, EVENT_PEER_ROUTE, SESSION_LOAD_KILOBYTES + 8, slice_of("host"));
    assert_hung_up();
}

static void a_member_who_describes_another_section_is_hung_up_on(void **state) {
    static const char *const sdps[] = {
        "\"sdp\":\"" SDP_JSON("x") "m=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\n\"",
        "\"sdp\":\"" SDP_JSON("x") "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\\r\\n\"",
        "\"sdp\":\"nonsense\"",
    };
    meet(2);
    for (size_t i = 0; i < sizeof sdps / sizeof *sdps; i++) {
        tell(i ? "offer" : "answer", sdps[i]);
        assert_hung_up();
        again(state);
    }
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
}

static void candidates_that_must_not_be_tried_are_left_out(void **state) {
    static const char *const candidates[] = {
        "\"candidate\":\"candidate:1 1 tcp 1 127.0.0.1 6379 typ host tcptype passive\"",
        "\"candidate\":\"candidate:1 1 udp 1 attacker.example 50000 typ host\"",
        "\"candidate\":\"x\"",
        "\"candidate\":\"" ACTIVE "\",\"ufrag\":\"\\r\\na=x\"",
        "\"candidate\":\"" ACTIVE "\",\"ufrag\":\"abc\"",
        "\"candidate\":\"\",\"ufrag\":\"ab\\n\"",
    };
    meet(2);
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        tell("candidate", candidates[i]);
        assert_true(has_logged("Their candidate left out"));
        assert_false(has_logged("Their candidate: "));
        again(state);
    }
    tell("candidate", "\"candidate\":\"" ACTIVE "\"");
    tell("candidate", "\"candidate\":\"\"");
    assert_true(has_logged("Their candidate: host"));
    assert_true(has_logged("Their candidates complete"));
    assert_false(has_logged("Their candidate left out"));
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
}

/* Otherwise a member could make our browser search our network. */
static void candidates_of_one_member_are_bounded(void **state) {
    (void)state;
    meet(2);
    for (int i = 0; i < SIGNALS_CANDIDATES_AT_ONCE; i++)
        tell("candidate", "\"candidate\":\"" ACTIVE "\"");
    const uint32_t entries = member(0, 1).connection_log_count;
    tell("candidate", "\"candidate\":\"" ACTIVE "\"");
    tell("candidate", "\"candidate\":\"x\"");
    assert_int_equal(member(0, 1).connection_log_count, entries);
    world_pass(world, SIGNALS_CANDIDATES_MS);
    tell("answer", "\"sdp\":\"" SDP_JSON("x") "a=" ACTIVE "\\r\\na=" ACTIVE "\"");
    const struct link *link = &chat_debug(world->pages[0].chat).room->members[0]->link;
    assert_int_equal(rate_left(&link->candidates, chat_debug(world->pages[0].chat).now_ms,
                               SIGNALS_CANDIDATES_MS, SIGNALS_CANDIDATES_AT_ONCE),
                     0);
    assert_int_equal(member(0, 1).state, CONTACT_CONNECTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, people_setup, people_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_member_who_opens_another_channel_is_hung_up_on),
        TEST(a_member_whose_messages_nobody_hears_is_disconnected),
        TEST(a_member_who_describes_another_section_is_hung_up_on),
        TEST(candidates_that_must_not_be_tried_are_left_out),
        TEST(candidates_of_one_member_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
