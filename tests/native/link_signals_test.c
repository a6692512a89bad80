/* One link, the other side's signals, and the cost of its connections. */
#include "link_driver.h"

/* The polite side */

static void the_polite_side_asks(void **state) {
    (void)state;
    begin(true);
    connected_by_their_offer();
    be(EVENT_PEER_STATE_FAILED);
    assert_told("ask ");
    assert_int_equal(link.state, LINK_RECONNECTING);
    receive(WIRE_OFFER, 5, link.negotiation.own);
    assert_told("accept ");
    happen(EVENT_PEER_DONE, 0, "");
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_ANSWER, "a");
    be(EVENT_PEER_STATE_CONNECTED);
    assert_int_equal(link.state, LINK_CONNECTED);
}

static void an_ask_without_a_connection_says_so(void **state) {
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
    assert_int_equal(link.state, LINK_RECONNECTING);
    assert_int_not_equal(link.negotiation.own, own);
    assert_int_equal(link.negotiation.theirs, 6);
}

/* Sends the polite side's first offer. */
static void offered_first(void) {
    begin(true);
    offer();
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, "o");
    assert_told("open describe offer ");
}

static void crossing_first_offers_cost_one_more_connection(void **state) {
    (void)state;
    offered_first();
    uint32_t own = link.negotiation.own, before = link_peer(&link);
    receive(WIRE_OFFER, 5, 0);
    assert_told("close open accept ");
    assert_int_equal(link_peer(&link), before + 1);
    assert_int_equal(link.negotiation.own, own);
    assert_true(link_turn_ends_ms(&link) > env.now_ms);
    happen(EVENT_PEER_DONE, 0, "");
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_ANSWER, "a");
    assert_told("describe answer ");
    uint32_t left = 0;
    while (budget_take(&budget, &link.expense, false, env.now_ms))
        left++;
    assert_int_equal(left, BUDGET_EACH_STRANGER_AT_ONCE); /* what was their own is spent */
}

static void crossing_offers_are_rolled_back_where_no_connection_is_left(void **state) {
    (void)state;
    offered_first();
    uint32_t before = link_peer(&link);
    while (budget_take(&budget, &link.expense, false, env.now_ms))
        continue;
    receive(WIRE_OFFER, 5, 0);
    assert_told("describe ");
    happen(EVENT_PEER_DONE, 0, "");
    assert_told("accept ");
    assert_int_equal(link_peer(&link), before);
}

/* Their offer comes while ours is being made. */
static void an_offer_in_the_making_is_taken_back_as_well(void **state) {
    (void)state;
    begin(true);
    offer();
    receive(WIRE_OFFER, 5, 0);
    assert_told("open describe ");
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, "o");
    assert_told("close open accept ");
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
    receive(WIRE_ASK, 5, link.negotiation.own); /* the polite side does not offer here */
    assert_told("");
}

/* Seen in the simulator: a link that was asked before its attempt failed never tried another. */
static void an_ask_blocks_no_attempt_and_useless_restarts_lead_to_a_new_connection(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_FAILED);
    agree(5);
    drained();
    env.now_ms += 2 * LINK_RETRY_MS;
    receive(WIRE_ASK, 5, link.negotiation.own);
    assert_told(""); /* the browsers are trying */
    begin(false);
    connected();
    receive(WIRE_ASK, 5, link.negotiation.own); /* it works for us, but not for them */
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
    uint32_t own = BUDGET_OWN_AT_ONCE + 24u * 3600 * 1000 / BUDGET_OWN_MS;
    assert_in_range(last_peer, 10,
                    1 + own + 24u * 3600 * 1000 / BUDGET_EACH_MS + BUDGET_EACH_AT_ONCE);
}

/* Both sides hear each other for a while. */
static void talked(void) {
    connected();
    link_heard(&link, &env);
    assert_true(link.expense.talked);
}

/* Spends the shares of members that nobody has talked to. */
static void spend_on_strangers(void) {
    for (uint32_t i = 0; i < BUDGET_FIRSTS_AT_ONCE + 2 * BUDGET_STRANGERS_AT_ONCE; i++) {
        struct expense stranger = {0};
        budget_take(&budget, &stranger, false, env.now_ms);
        budget_take(&budget, &stranger, false, env.now_ms);
        budget_take(&budget, &stranger, false, env.now_ms);
    }
    struct expense stranger = {.met = true, .own.booked = UINT64_MAX};
    assert_true(budget_due_ms(&budget, &stranger, false) > env.now_ms);
}

static void strangers_leave_enough_for_those_who_talked(void **state) {
    (void)state;
    talked();
    spend_on_strangers();
    for (int i = 0; i < 3; i++) {
        happen(EVENT_CHANNEL_CLOSED, 0, "");
        assert_told("close open describe ");
        agree(5);
        happen(EVENT_CHANNEL_OPENED, 0, "");
        drained();
        env.now_ms += LINK_STEADY_MS;
    }
}

/* An answer with a=max-message-size:50 opens a channel that cannot carry a message. */
static void a_channel_that_only_opens_is_no_talk(void **state) {
    (void)state;
    spend_on_strangers();
    link.expense.met = true;
    offer();
    while (link.reason != LINK_REASON_SPENT) {
        if (link.negotiation.state == NEGOTIATION_OFFERING) {
            agree(5);
            happen(EVENT_CHANNEL_OPENED, 0, "");
            link_heard(&link, &env);
            happen(EVENT_CHANNEL_CLOSED, 0, "");
        }
        drained();
        if (link.reason != LINK_REASON_SPENT)
            pass_to_deadline();
    }
    assert_false(link.expense.talked);
    assert_int_equal(last_peer, BUDGET_OWN_AT_ONCE - 1); /* the share that is only theirs */
}

static void come_again(bool polite) {
    begin(polite);
    link.expense.met = link.expense.talked = true;
    spend_on_strangers();
    budget.known.booked = UINT64_MAX / 2;
}

static void a_reload_needs_no_share_of_the_others(void **state) {
    (void)state;
    come_again(false);
    offer();
    assert_told("open describe ");
    come_again(true);
    receive(WIRE_OFFER, 5, 0);
    assert_told("open accept ");
    come_again(false);
    link.expense.own.booked = UINT64_MAX / 2;
    offer();
    assert_told("");
    assert_int_equal(link.reason, LINK_REASON_SPENT);
}

static void the_waiting_side_learns_that_the_others_attempts_fail(void **state) {
    (void)state;
    begin(true);
    answered_by_us(5);
    answered_by_us(6);
    assert_int_equal(link.failures, 1);
    assert_int_equal(link.reason, LINK_REASON_NO_PATH);
}

/* Signals of another connection */

static void signals_for_a_connection_that_is_no_more_are_ignored(void **state) {
    (void)state;
    connected();
    receive(WIRE_OFFER, 77, link.negotiation.own + 1);
    receive(WIRE_ANSWER, 5, link.negotiation.own + 1);
    receive(WIRE_CANDIDATE, 77, link.negotiation.own + 1);
    receive(WIRE_CANDIDATE, 77, link.negotiation.own);
    assert_told("");
    receive(WIRE_CANDIDATE, 5, link.negotiation.own);
    assert_told("add ");
}

/* They did not know our new connection yet, and named the one before. */
static void signals_of_the_paired_connection_count(void **state) {
    (void)state;
    begin(true);
    connected_by_their_offer();
    receive(WIRE_CANDIDATE, 5, link.negotiation.own + 1);
    assert_told("add ");
    receive(WIRE_OFFER, 5, link.negotiation.own + 1);
    assert_told("accept ");
}

/* Seen behind NATs: an ask that came while an offer was being made was dropped, which cost 15 s. */
static void an_ask_that_comes_too_soon_is_answered_when_it_is_time(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_FAILED);
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, "o");
    assert_told("restart describe offer ");
    env.now_ms += LINK_RETRY_MS / 2;
    receive(WIRE_ASK, 0, 0); /* they have none any more */
    assert_told("");
    pass_to_deadline();
    assert_told("close open describe ");
    assert_int_equal(link.failures, 0);
    assert_true(env.now_ms == link.attempted_ms);
}

/* Its signals were sent on a dead socket. */
static void an_attempt_begun_before_the_server_was_back_is_void(void **state) {
    (void)state;
    connected();
    be(EVENT_PEER_STATE_FAILED);
    agree(5); /* our signals arrived, but their candidates did not */
    drained();
    env.now_ms += LINK_RETRY_MS;
    retry(false);
    assert_told("");
    retry(true);
    assert_told("restart describe ");
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, "o");
    drained();
    retry(true); /* but not sooner than the pause allows */
    assert_told("");
    pass(LINK_RETRY_MS);
    assert_told("restart describe ");
    assert_int_equal(link.failures, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_polite_side_asks),
        TEST(an_ask_without_a_connection_says_so),
        TEST(a_new_connection_of_theirs_replaces_ours),
        TEST(crossing_first_offers_cost_one_more_connection),
        TEST(crossing_offers_are_rolled_back_where_no_connection_is_left),
        TEST(an_offer_in_the_making_is_taken_back_as_well),
        TEST(the_impolite_side_offers_when_asked),
        TEST(an_ask_blocks_no_attempt_and_useless_restarts_lead_to_a_new_connection),
        TEST(asking_again_and_again_costs_few_connections),
        TEST(renewing_again_and_again_costs_few_connections),
        TEST(a_bad_day_costs_few_connections),
        TEST(strangers_leave_enough_for_those_who_talked),
        TEST(a_channel_that_only_opens_is_no_talk),
        TEST(a_reload_needs_no_share_of_the_others),
        TEST(the_waiting_side_learns_that_the_others_attempts_fail),
        TEST(signals_for_a_connection_that_is_no_more_are_ignored),
        TEST(signals_of_the_paired_connection_count),
        TEST(an_ask_that_comes_too_soon_is_answered_when_it_is_time),
        TEST(an_attempt_begun_before_the_server_was_back_is_void),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
