/* The ladder of one link, rung by rung, without any browser or other side. */
#include "cmocka_all.h"
#include "error.h"
#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_ID "BBBBBBBBBBBBBBBBBBBBBB"

static struct link link;
static struct actions actions;
static struct random source;
static struct pace budget;
static uint32_t last_peer;
static struct link_env env;

/* The actions of one call in short: "open describe offer". */
static char told[4096];

static void tell(const char *word) {
    strncat(told, word, sizeof told - strlen(told) - 1);
    strncat(told, " ", sizeof told - strlen(told) - 1);
}

static void tell_signal(struct slice bytes) {
    struct wire_message message;
    assert_int_equal(wire_read(bytes, WIRE_TO_SERVER, &message), PARLEY_OK);
    tell(wire_type_name(message.type));
    if (message.type == WIRE_ASK && message.connection == 0)
        tell("(none)");
    wire_message_deinit(&message);
}

static void tell_action(const struct action *action) {
    static const struct {
        enum action_kind kind;
        const char *word;
    } words[] = {{ACTION_PEER_OPEN, "open"},         {ACTION_PEER_RESTART, "restart"},
                 {ACTION_PEER_DESCRIBE, "describe"}, {ACTION_PEER_ACCEPT, "accept"},
                 {ACTION_PEER_CLOSE, "close"},       {ACTION_PEER_ADD_CANDIDATE, "add"}};
    if (action->kind == ACTION_SERVER_SEND)
        tell_signal(action->a);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].kind == action->kind)
            tell(words[i].word);
}

/* What the last call asked for; PEER_ASK_ROUTE is left out. */
static const char *drained(void) {
    told[0] = '\0';
    for (const struct action *action; (action = actions_next(&actions));)
        tell_action(action);
    actions_begin(&actions);
    return told;
}
#define assert_told(expected) assert_string_equal(drained(), expected)

static void begin(bool polite) {
    link_deinit(&link);
    link_init(&link, slice_of(OTHER_ID), polite, env.now_ms);
    budget = (struct pace){0};
}

static int setup(void **state) {
    (void)state;
    static const uint8_t seed[8] = {1};
    actions_init(&actions);
    random_init(&source, seed);
    last_peer = 0;
    env = (struct link_env){.actions = &actions,
                            .random = &source,
                            .budget = &budget,
                            .last_peer = &last_peer,
                            .now_ms = 1000000,
                            .server_up = true,
                            .configuration = {"{}", 2}};
    memset(&link, 0, sizeof link);
    begin(false);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    link_deinit(&link);
    actions_deinit(&actions);
    return 0;
}

static void happen(enum event_kind kind, uint32_t code, const char *a) {
    struct event event = {.kind = kind, .code = code, .a = slice_of(a)};
    link_handle(&link, &env, &event);
}

static void be(enum event_peer_state state) {
    happen(EVENT_PEER_STATE, state, "");
}

static void receive(enum wire_type type, uint32_t theirs, uint32_t ours) {
    struct wire_message message = {
        .type = type, .connection = theirs, .target = ours, .sdp = slice_of("sdp")};
    link_receive(&link, &env, &message);
}

/* The browser carries out whatever is under way, and the other side answers as |theirs|. */
static void agree(uint32_t theirs) {
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, "o");
    receive(WIRE_ANSWER, theirs, link.negotiation.own);
    happen(EVENT_PEER_DONE, 0, "");
    assert_int_equal(link.negotiation.state, NEGOTIATION_STABLE);
    assert_true(link.negotiation.remote_accepted);
}

static void connected(void) {
    link_offer(&link, &env);
    agree(5);
    happen(EVENT_CHANNEL_OPENED, 0, "");
    drained();
    assert_true(link_deadline_ms(&link) == LINK_NO_DEADLINE);
    env.now_ms += LINK_STEADY_MS;
}

static void answered_by_us(uint32_t theirs) {
    receive(WIRE_OFFER, theirs, 0);
    happen(EVENT_PEER_DONE, 0, "");
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_ANSWER, "a");
}

static void connected_by_their_offer(void) {
    answered_by_us(5);
    happen(EVENT_CHANNEL_OPENED, 0, "");
    drained();
    env.now_ms += LINK_STEADY_MS;
}

static void pass(uint64_t ms) {
    env.now_ms += ms;
    link_tick(&link, &env);
}

static void pass_to_deadline(void) {
    assert_true(link_deadline_ms(&link) != LINK_NO_DEADLINE);
    env.now_ms = link_deadline_ms(&link);
    link_tick(&link, &env);
}

/* The rungs */

static void a_hint_is_given_a_grace(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_DISCONNECTED);
    assert_int_equal(link.rung, LINK_GRACE);
    assert_int_equal(link.phase, LINK_CONNECTED);
    pass(LINK_GRACE_MS - 1);
    assert_told("");
    be(EVENT_PEER_STATE_CONNECTED);
    assert_int_equal(link.rung, LINK_WELL);
    pass(LINK_GRACE_MS);
    assert_told("");
}

static void anything_heard_ends_the_grace(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_DISCONNECTED);
    link_heard(&link, &env);
    assert_int_equal(link.rung, LINK_WELL);
}

static void after_the_grace_ice_is_restarted_on_the_same_connection(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_DISCONNECTED);
    pass(LINK_GRACE_MS);
    assert_told("restart describe ");
    assert_int_equal(link.phase, LINK_RECONNECTING);
    agree(5);
    be(EVENT_PEER_STATE_CONNECTED);
    assert_int_equal(link.phase, LINK_CONNECTED);
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
        assert_int_equal(link.rung, LINK_PAUSED);
        uint64_t pause_ms = link_deadline_ms(&link) - env.now_ms;
        assert_in_range(pause_ms, LINK_PAUSE_FIRST_MS / 2, LINK_PAUSE_MAX_MS);
        assert_true(2 * pause_ms >= pause_before_ms);
        pause_before_ms = pause_ms;
        pass_to_deadline();
    }
    assert_true(pause_before_ms >= LINK_PAUSE_MAX_MS / 2);
}

/* Seen in the simulator: after a long outage and a short time of peace it paused for a minute. */
static void an_outage_soon_after_another_begins_with_short_pauses(void **state) {
    (void)state;
    connected();
    for (int i = 0; i < 10; i++) {
        be(EVENT_PEER_STATE_FAILED);
        pass_to_deadline();
        agree(5);
    }
    link.channel_open = true;
    link_heard(&link, &env);
    assert_int_equal(link.rung, LINK_WELL);
    env.now_ms += LINK_STEADY_MS - 1;
    be(EVENT_PEER_STATE_FAILED);
    assert_int_equal(link.rung, LINK_PAUSED);
    assert_in_range(link_deadline_ms(&link) - env.now_ms, 0, 2 * LINK_PAUSE_FIRST_MS);
}

static void a_channel_that_closed_needs_a_new_connection(void **state) {
    (void)state;
    connected();
    link.opens.booked = UINT64_MAX / 2; /* what it cost before it was steady is forgiven */
    happen(EVENT_CHANNEL_CLOSED, 0, "");
    assert_told("close open describe ");
    assert_int_equal(link.phase, LINK_RECONNECTING);
    agree(9);
    happen(EVENT_CHANNEL_OPENED, 0, "");
    assert_int_equal(link.phase, LINK_CONNECTED);
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

static void an_offer_that_nobody_answers_is_made_again_without_a_new_connection(void **state) {
    (void)state;
    link_offer(&link, &env);
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
    assert_true(link_deadline_ms(&link) == LINK_NO_DEADLINE);
    env.server_up = true;
    env.now_ms += LINK_NUDGE_MS;
    link_nudge(&link, &env);
    assert_told("restart describe ");
}

/* Nudges */

static void a_nudge_ends_a_pause_but_attempts_stay_apart(void **state) {
    (void)state;
    connected();
    for (int i = 0; i < 8; i++) {
        be(EVENT_PEER_STATE_FAILED);
        pass_to_deadline();
        agree(5);
        pass_to_deadline();
    }
    drained();
    assert_int_equal(link.rung, LINK_PAUSED);
    assert_true(link_deadline_ms(&link) > env.now_ms + LINK_NUDGE_MS);
    link.attempted_ms = env.now_ms;
    link_nudge(&link, &env);
    assert_told("");
    assert_true(link_deadline_ms(&link) == env.now_ms + LINK_NUDGE_MS);
    env.now_ms += LINK_NUDGE_MS;
    link_nudge(&link, &env);
    assert_int_equal(link.rung, LINK_TRYING);
    assert_string_not_equal(drained(), "");
    link_nudge(&link, &env);
    assert_told("");
}

static void a_nudge_does_nothing_where_all_is_well(void **state) {
    (void)state;
    connected();
    link_nudge(&link, &env);
    assert_told("");
    assert_int_equal(link.rung, LINK_WELL);
}

/* The polite side */

static void the_polite_side_asks(void **state) {
    (void)state;
    begin(true);
    connected_by_their_offer();
    be(EVENT_PEER_STATE_FAILED);
    assert_told("ask ");
    assert_int_equal(link.phase, LINK_RECONNECTING);
    receive(WIRE_OFFER, 5, link.negotiation.own);
    assert_told("accept ");
    happen(EVENT_PEER_DONE, 0, "");
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_ANSWER, "a");
    be(EVENT_PEER_STATE_CONNECTED);
    assert_int_equal(link.phase, LINK_CONNECTED);
}

static void who_has_no_connection_left_says_so_in_asking(void **state) {
    (void)state;
    begin(true);
    connected_by_their_offer();
    happen(EVENT_CHANNEL_CLOSED, 0, "");
    assert_told("close ask (none) ");
    receive(WIRE_OFFER, 5, 12345); /* for the one that is closed */
    assert_told("ask (none) ");
}

static void a_new_connection_of_theirs_replaces_ours(void **state) {
    (void)state;
    begin(true);
    connected_by_their_offer();
    uint32_t own = link.negotiation.own;
    receive(WIRE_OFFER, 6, 0);
    assert_told("close open accept ");
    assert_int_equal(link.phase, LINK_RECONNECTING);
    assert_int_not_equal(link.negotiation.own, own);
    assert_int_equal(link.negotiation.theirs, 6);
}

static void the_impolite_side_offers_when_asked(void **state) {
    (void)state;
    connected();
    receive(WIRE_ASK, 5, link.negotiation.own);
    assert_told("restart describe ");
    begin(false);
    connected();
    receive(WIRE_ASK, 0, 0); /* they have none */
    assert_told("close open describe ");
    begin(true);
    connected_by_their_offer();
    receive(WIRE_ASK, 5, link.negotiation.own); /* it is not for the polite to offer */
    assert_told("");
}

/* Seen in the simulator: asked before its own attempt could fail, it never tried anything else. */
static void
asking_hinders_no_attempt_and_where_restarts_are_no_help_a_new_connection_comes(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_FAILED);
    agree(5);
    drained();
    env.now_ms += 2 * LINK_NUDGE_MS;
    receive(WIRE_ASK, 5, link.negotiation.own);
    assert_told(""); /* the browsers are at it */
    begin(false);
    connected();
    receive(WIRE_ASK, 5, link.negotiation.own); /* all is well here, but not there */
    assert_told("restart describe ");
    agree(5);
    drained();
    env.now_ms += LINK_ATTEMPT_MS;
    receive(WIRE_ASK, 5, link.negotiation.own);
    assert_told("close open describe ");
}

static void asking_again_and_again_costs_few_connections(void **state) {
    (void)state;
    connected();
    for (int i = 0; i < 600; i++) {
        receive(WIRE_ASK, 0, 0);
        agree(5);
        env.now_ms += 1000;
    }
    assert_in_range(last_peer, 2, 1 + LINK_RENEWALS_AT_ONCE + 600000 / LINK_RENEWALS_MS);
}

static void renewing_again_and_again_costs_few_connections(void **state) {
    (void)state;
    begin(true);
    connected_by_their_offer();
    for (uint32_t i = 0; i < 600; i++) {
        answered_by_us(100 + i);
        env.now_ms += 1000;
    }
    assert_in_range(last_peer, 2, 2 + LINK_RENEWALS_AT_ONCE + 600000 / LINK_RENEWALS_MS);
}

static void a_bad_day_costs_few_connections(void **state) {
    (void)state;
    connected();
    uint64_t end_ms = env.now_ms + 24u * 3600 * 1000;
    while (env.now_ms < end_ms) {
        if (link.negotiation.state == NEGOTIATION_OFFERING)
            agree(5);
        be(EVENT_PEER_STATE_FAILED);
        pass_to_deadline();
    }
    assert_in_range(last_peer, 10, 1 + 24u * 3600 * 1000 / LINK_OPENS_MS + LINK_OPENS_AT_ONCE);
}

/* Others have used up what links that never worked may have. */
static void spend(uint32_t connections) {
    budget.booked = env.now_ms + (uint64_t)connections * LINK_BUDGET_MS;
}

static void hopeless_links_leave_enough_for_one_that_works(void **state) {
    (void)state;
    connected();
    spend(LINK_BUDGET_AT_ONCE - LINK_BUDGET_RESERVE);
    happen(EVENT_CHANNEL_CLOSED, 0, "");
    assert_told("close open describe ");
    begin(false);
    link_offer(&link, &env);
    assert_told("open describe ");
    spend(LINK_BUDGET_AT_ONCE - LINK_BUDGET_RESERVE);
    happen(EVENT_PEER_FAILED, 0, "error");
    drained();
    pass_to_deadline();
    assert_int_equal(link.reason, LINK_REASON_SPENT);
}

static void come_again(bool polite, uint32_t spent) {
    begin(polite);
    link.met = true;
    spend(LINK_BUDGET_AT_ONCE - LINK_BUDGET_RESERVE + spent);
}

static void who_comes_again_and_again_costs_what_repairs_may(void **state) {
    (void)state;
    come_again(false, LINK_BUDGET_ARRIVALS);
    link_offer(&link, &env);
    assert_told("");
    pass_to_deadline();
    assert_told("open describe ");
    come_again(false, LINK_BUDGET_ARRIVALS - 1);
    link_offer(&link, &env);
    assert_told("open describe ");
    come_again(true, 0);
    receive(WIRE_OFFER, 5, 0);
    pass_to_deadline();
    assert_int_equal(link.reason, LINK_REASON_SPENT);
}

static void who_waits_learns_that_the_attempts_of_the_other_fail(void **state) {
    (void)state;
    begin(true);
    answered_by_us(5);
    answered_by_us(6);
    assert_int_equal(link.failures, 1);
    assert_int_equal(link.reason, LINK_REASON_NO_PATH);
}

/* What belongs to another connection */

static void signals_for_a_connection_that_is_no_more_are_ignored(void **state) {
    (void)state;
    connected();
    receive(WIRE_OFFER, 5, link.negotiation.own + 1);
    receive(WIRE_ANSWER, 5, link.negotiation.own + 1);
    receive(WIRE_CANDIDATE, 5, link.negotiation.own + 1);
    receive(WIRE_CANDIDATE, 77, link.negotiation.own);
    assert_told("");
    receive(WIRE_CANDIDATE, 5, link.negotiation.own);
    assert_told("add ");
}

/* Ends */

static void ways_to_fail_have_their_reasons(void **state) {
    (void)state;
    static const enum link_reason reasons[] = {LINK_REASON_NO_PATH, LINK_REASON_NO_PATH_RELAYED};
    for (int relay = 0; relay < 2; relay++) {
        env.has_relay = relay;
        begin(false);
        link_offer(&link, &env);
        agree(5);
        be(EVENT_PEER_STATE_FAILED);
        assert_int_equal(link.reason, reasons[relay]);
        assert_int_equal(link.phase, LINK_CONNECTING);
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
    uint32_t steps = link.steps.count;
    receive(WIRE_OFFER, 5, 0);
    receive(WIRE_ASK, 5, 0);
    be(EVENT_PEER_STATE_CONNECTED);
    happen(EVENT_CHANNEL_OPENED, 0, "");
    happen(EVENT_CHANNEL_CLOSED, 0, "");
    link_heard(&link, &env);
    link_nudge(&link, &env);
    link_offer(&link, &env);
    link_begin(&link, &env);
    env.now_ms = UINT64_MAX - 1;
    link_tick(&link, &env);
    assert_told("");
    assert_int_equal(link.phase, LINK_CLOSED);
    assert_int_equal(link.steps.count, steps);
    assert_int_equal(link_peer(&link), 0);
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
        assert_int_equal(link.relayed, cases[i].relayed);
    }
    uint32_t steps = link.steps.count;
    happen(EVENT_PEER_ROUTE, 0, "");
    assert_int_equal(link.steps.count, steps);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
        TEST(an_offer_that_nobody_answers_is_made_again_without_a_new_connection),
        TEST(without_the_server_it_waits_for_it),
        TEST(a_nudge_ends_a_pause_but_attempts_stay_apart),
        TEST(a_nudge_does_nothing_where_all_is_well),
        TEST(the_polite_side_asks),
        TEST(who_has_no_connection_left_says_so_in_asking),
        TEST(a_new_connection_of_theirs_replaces_ours),
        TEST(the_impolite_side_offers_when_asked),
        TEST(asking_hinders_no_attempt_and_where_restarts_are_no_help_a_new_connection_comes),
        TEST(asking_again_and_again_costs_few_connections),
        TEST(renewing_again_and_again_costs_few_connections),
        TEST(a_bad_day_costs_few_connections),
        TEST(hopeless_links_leave_enough_for_one_that_works),
        TEST(who_comes_again_and_again_costs_what_repairs_may),
        TEST(who_waits_learns_that_the_attempts_of_the_other_fail),
        TEST(signals_for_a_connection_that_is_no_more_are_ignored),
        TEST(ways_to_fail_have_their_reasons),
        TEST(a_closed_link_does_nothing_more),
        TEST(a_route_is_direct_unless_either_end_is_a_relay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
