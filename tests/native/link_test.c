/* The repair of one link, stage by stage: what it tries when, and how it ends. */
#include "link_driver.h"

/* The stages */

static void a_hint_is_given_a_grace(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_DISCONNECTED);
    assert_int_equal(link.state, LINK_GRACE);
    assert_true(link_state_is_up(link.state));
    pass(LINK_GRACE_MS - 1);
    assert_told("");
    be(EVENT_PEER_STATE_CONNECTED);
    assert_int_equal(link.state, LINK_CONNECTED);
    pass(LINK_GRACE_MS);
    assert_told("");
}

static void anything_heard_ends_the_grace(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_DISCONNECTED);
    link_heard(&link, &env);
    assert_int_equal(link.state, LINK_CONNECTED);
}

static void after_the_grace_ice_is_restarted_on_the_same_connection(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_DISCONNECTED);
    pass(LINK_GRACE_MS);
    assert_told("restart describe ");
    assert_int_equal(link.state, LINK_RECONNECTING);
    agree(5);
    be(EVENT_PEER_STATE_CONNECTED);
    assert_int_equal(link.state, LINK_CONNECTED);
    assert_int_equal(last_peer, 1);
}

static void failed_and_silent_wait_for_no_grace(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_FAILED);
    assert_told("restart describe ");
    begin(false);
    connected();
    link_silent(&link, &env);
    assert_told("restart describe ");
    assert_int_equal(link.reason, LINK_REASON_SILENT);
}

static void
a_restart_that_leads_to_nothing_is_followed_by_a_new_connection_then_by_pauses(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_FAILED);
    agree(5);
    drained();
    pass_to_deadline(); /* the restart is given up */
    assert_told("");
    pass_to_deadline();
    assert_told("close open describe ");
    uint64_t pause_before_ms = 0;
    for (int i = 0; i < 12; i++) {
        agree(6);
        be(EVENT_PEER_STATE_FAILED);
        assert_int_equal(link.state, LINK_RECONNECTING_PAUSED);
        uint64_t pause_ms = link_deadline_ms(&link) - env.now_ms;
        assert_in_range(pause_ms, LINK_PAUSE_FIRST_MS / 2, LINK_PAUSE_MAX_MS);
        assert_true(2 * pause_ms >= pause_before_ms);
        pause_before_ms = pause_ms;
        pass_to_deadline();
    }
    assert_true(pause_before_ms >= LINK_PAUSE_MAX_MS / 2);
}

/* Seen in the simulator: in an outage soon after a long one, a link paused for a minute. */
static void an_outage_soon_after_another_begins_with_short_pauses(void **state) {
    (void)state;
    connected();
    for (int i = 0; i < 10; i++) {
        be(EVENT_PEER_STATE_FAILED);
        pass_to_deadline();
        agree(5);
    }
    link.connection = LINK_CONNECTION_CHANNEL;
    link_heard(&link, &env);
    assert_int_equal(link.state, LINK_CONNECTED);
    env.now_ms += LINK_STEADY_MS - 1;
    be(EVENT_PEER_STATE_FAILED);
    assert_int_equal(link.state, LINK_RECONNECTING_PAUSED);
    assert_in_range(link_deadline_ms(&link) - env.now_ms, 0, 2 * LINK_PAUSE_FIRST_MS);
}

static void a_channel_that_closed_needs_a_new_connection(void **state) {
    (void)state;
    connected();
    link.expense.common.booked = UINT64_MAX / 2; /* earlier costs do not count once it is steady */
    happen(EVENT_CHANNEL_CLOSED, 0, "");
    assert_told("close open describe ");
    assert_int_equal(link.state, LINK_RECONNECTING);
    agree(9);
    happen(EVENT_CHANNEL_OPENED, 0, "");
    assert_int_equal(link.state, LINK_CONNECTED);
}

static void a_refused_description_breaks_the_connection_not_the_link(void **state) {
    (void)state;
    connected();
    receive(WIRE_OFFER, 5, 0);
    happen(EVENT_PEER_FAILED, 0, "error");
    assert_told("accept close open describe ");
    assert_int_equal(link.reason, LINK_REASON_SETUP_FAILED);
    happen(EVENT_PEER_NOT_OPENED, 0, "error");
    assert_int_equal(link.reason, LINK_REASON_NOT_OPENED);
}

/* A slow machine makes slow progress. Bytes from the other side do not count as progress. */
static void an_attempt_continues_while_our_browser_makes_progress(void **state) {
    (void)state;
    offer();
    uint64_t begun_ms = env.now_ms;
    for (int i = 0; i < 3; i++) {
        env.now_ms += LINK_ATTEMPT_MS - 1;
        receive(WIRE_CANDIDATE, 5, 0);
        assert_true(link_deadline_ms(&link) == env.now_ms + 1);
        be(EVENT_PEER_STATE_CONNECTING);
        uint64_t last_ms = begun_ms + LINK_ATTEMPT_MAX_MS;
        assert_true(link_deadline_ms(&link) == env.now_ms + LINK_ATTEMPT_MS ||
                    link_deadline_ms(&link) == last_ms);
    }
    env.now_ms = begun_ms + LINK_ATTEMPT_MAX_MS - 1;
    be(EVENT_PEER_STATE_CONNECTING);
    pass(1);
    assert_int_equal(link.failures, 1);
}

static void a_link_that_waits_for_its_turn_does_not_fail(void **state) {
    (void)state;
    crowded = true;
    begin(true);
    receive(WIRE_OFFER, 5, 0);
    receive(WIRE_CANDIDATE, 5, 0);
    assert_told("");
    assert_int_equal(link_peer(&link), 0);
    for (int i = 0; i < 3; i++)
        pass_to_deadline();
    assert_int_equal(link.failures, 0);
    receive(WIRE_OFFER, 6, 0); /* they began again meanwhile, which costs nothing */
    assert_told("");
    link_take_turn(&link, &env);
    assert_told("open accept ");
    link_close(&link, &env, LINK_REASON_GONE);
    assert_told("close ");
}

static void an_offer_that_nobody_answers_is_made_again_without_a_new_connection(void **state) {
    (void)state;
    offer();
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, "o");
    assert_told("open describe offer ");
    for (int i = 0; i < 20; i++) {
        pass_to_deadline(); /* given up */
        assert_int_equal(link.reason, LINK_REASON_NO_ANSWER);
        pass_to_deadline(); /* tried again */
        happen(EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, "o");
        assert_told("describe offer ");
    }
    assert_int_equal(last_peer, 1);
}

static void without_the_server_it_waits_for_it(void **state) {
    (void)state;
    connected();
    env.server_up = false;
    be(EVENT_PEER_STATE_FAILED);
    assert_told("");
    assert_int_equal(link.reason, LINK_REASON_NO_SERVER);
    assert_true(link_deadline_ms(&link) == NO_DEADLINE);
    env.server_up = true;
    env.now_ms += LINK_RETRY_MS;
    retry(false);
    assert_told("restart describe ");
}

/* Retries */

static void a_retry_ends_a_pause_but_attempts_stay_apart(void **state) {
    (void)state;
    connected();
    for (int i = 0; i < 8; i++) {
        be(EVENT_PEER_STATE_FAILED);
        pass_to_deadline();
        agree(5);
        pass_to_deadline();
    }
    drained();
    assert_int_equal(link.state, LINK_RECONNECTING_PAUSED);
    assert_true(link_deadline_ms(&link) > env.now_ms + LINK_RETRY_MS);
    link.attempted_ms = env.now_ms;
    retry(false);
    assert_told("");
    assert_true(link_deadline_ms(&link) == env.now_ms + LINK_RETRY_MS);
    env.now_ms += LINK_RETRY_MS;
    retry(false);
    assert_int_equal(link.state, LINK_RECONNECTING);
    assert_string_not_equal(drained(), "");
    retry(false);
    assert_told("");
}

static void a_retry_does_nothing_while_the_link_is_up(void **state) {
    (void)state;
    connected();
    retry(false);
    assert_told("");
    assert_int_equal(link.state, LINK_CONNECTED);
}

/* Ends */

static void ways_to_fail_have_their_reasons(void **state) {
    (void)state;
    static const enum link_reason reasons[] = {LINK_REASON_NO_PATH, LINK_REASON_NO_PATH_RELAYED,
                                               LINK_REASON_RELAY_REFUSED};
    for (int relay = 0; relay < 3; relay++) {
        env.no_path = reasons[relay];
        begin(false);
        offer();
        agree(5);
        be(EVENT_PEER_STATE_FAILED);
        assert_int_equal(link.reason, reasons[relay]);
        assert_int_equal(link.state, LINK_CONNECTING_PAUSED);
    }
    begin(true);
    pass_to_deadline();
    assert_int_equal(link.reason, LINK_REASON_NO_ANSWER);
    for (int reason = LINK_REASON_NO_ANSWER; reason <= LINK_REASON_MISBEHAVED; reason++)
        assert_true(strlen(link_reason_text((enum link_reason)reason)) > 10);
}

static void a_closed_link_does_nothing_more(void **state) {
    (void)state;
    connected();
    link_close(&link, &env, LINK_REASON_GONE);
    assert_told("close ");
    uint32_t entries = link.log.count;
    receive(WIRE_OFFER, 5, 0);
    receive(WIRE_ASK, 5, 0);
    be(EVENT_PEER_STATE_CONNECTED);
    happen(EVENT_CHANNEL_OPENED, 0, "");
    happen(EVENT_CHANNEL_CLOSED, 0, "");
    link_heard(&link, &env);
    retry(false);
    offer();
    link_begin(&link, &env);
    env.now_ms = UINT64_MAX - 1;
    link_tick(&link, &env);
    assert_told("");
    assert_int_equal(link.state, LINK_CLOSED);
    assert_int_equal(link.log.count, entries);
    assert_int_equal(link_peer(&link), 0);
}

/* When Chromium reports that it is connected, it may still change its route. */
static void the_route_is_asked_for_again_after_a_while(void **state) {
    (void)state;
    offer();
    agree(5);
    happen(EVENT_CHANNEL_OPENED, 0, "");
    int asked = 0;
    for (int i = 0; i < 20; i++) {
        for (const struct action *action; (action = actions_next(&actions));)
            asked += action->kind == ACTION_PEER_ASK_ROUTE;
        actions_begin(&actions);
        env.now_ms += 1000;
        link_heard(&link, &env);
    }
    assert_int_equal(asked, 2);
}

static void a_route_is_direct_unless_either_end_is_a_relay(void **state) {
    (void)state;
    static const struct {
        const char *local, *remote;
        bool relayed;
    } cases[] = {{"host", "srflx", false}, {"host", "relay", true}, {"relay", "prflx", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(false);
        connected();
        struct event event = {.kind = EVENT_PEER_ROUTE,
                              .a = slice_of(cases[i].local),
                              .b = slice_of(cases[i].remote)};
        link_handle(&link, &env, &event);
        assert_int_equal(link.route, cases[i].relayed ? ROUTE_RELAYED : ROUTE_DIRECT);
        uint32_t entries = link.log.count;
        link_handle(&link, &env, &event); /* no news */
        assert_int_equal(link.log.count, entries);
    }
    uint32_t entries = link.log.count;
    happen(EVENT_PEER_ROUTE, 0, "");
    assert_int_equal(link.log.count, entries);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_hint_is_given_a_grace),
        TEST(anything_heard_ends_the_grace),
        TEST(after_the_grace_ice_is_restarted_on_the_same_connection),
        TEST(failed_and_silent_wait_for_no_grace),
        TEST(a_restart_that_leads_to_nothing_is_followed_by_a_new_connection_then_by_pauses),
        TEST(an_outage_soon_after_another_begins_with_short_pauses),
        TEST(a_channel_that_closed_needs_a_new_connection),
        TEST(a_refused_description_breaks_the_connection_not_the_link),
        TEST(an_attempt_continues_while_our_browser_makes_progress),
        TEST(a_link_that_waits_for_its_turn_does_not_fail),
        TEST(an_offer_that_nobody_answers_is_made_again_without_a_new_connection),
        TEST(without_the_server_it_waits_for_it),
        TEST(a_retry_ends_a_pause_but_attempts_stay_apart),
        TEST(a_retry_does_nothing_while_the_link_is_up),
        TEST(ways_to_fail_have_their_reasons),
        TEST(a_closed_link_does_nothing_more),
        TEST(the_route_is_asked_for_again_after_a_while),
        TEST(a_route_is_direct_unless_either_end_is_a_relay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
