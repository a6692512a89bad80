/* One link, or two that negotiate with each other, without any browser. */
#include "cmocka_all.h"
#include "error.h"
#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_ID "BBBBBBBBBBBBBBBBBBBBBB"

static struct link link;
static struct actions actions;
static struct link_env env;

/* The actions of one call in short: "open describe:offer send:offer(...)". */
static char told[4096];

static const char *const sdp_names[] = {"offer", "answer", "rollback"};

static void tell(const char *format, ...) {
    size_t len = strlen(told);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(told + len, sizeof told - len, format, arguments);
    va_end(arguments);
}

static void tell_signal(struct slice bytes) {
    struct wire_message message;
    assert_int_equal(wire_read(bytes, WIRE_TO_SERVER, &message), PARLEY_OK);
    assert_true(slice_equal(message.member, slice_of(OTHER_ID)));
    struct slice body = message.type == WIRE_CANDIDATE ? message.candidate : message.sdp;
    tell("send:%s(%.*s) ", wire_type_name(message.type), (int)body.len, body.bytes);
    wire_message_deinit(&message);
}

static void tell_action(const struct action *action) {
    if (action->kind == ACTION_PEER_OPEN)
        tell("open ");
    else if (action->kind == ACTION_PEER_DESCRIBE)
        tell("describe:%s ", sdp_names[action->code]);
    else if (action->kind == ACTION_PEER_ACCEPT)
        tell("accept:%s(%.*s) ", sdp_names[action->code], (int)action->a.len, action->a.bytes);
    else if (action->kind == ACTION_PEER_ADD_CANDIDATE)
        tell("add(%.*s|%.*s|%.*s) ", (int)action->a.len, action->a.bytes, (int)action->b.len,
             action->b.bytes, (int)action->c.len, action->c.bytes);
    else if (action->kind == ACTION_SERVER_SEND)
        tell_signal(action->a);
    else if (action->kind == ACTION_PEER_ASK_ROUTE)
        tell("route ");
    else if (action->kind == ACTION_PEER_CLOSE)
        tell("close ");
    else
        fail();
}

/* What the last call asked for. */
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
    link_init(&link, 7, slice_of(OTHER_ID), polite, 0);
}

static int setup(void **state) {
    (void)state;
    actions_init(&actions);
    env = (struct link_env){.actions = &actions, .server_up = true, .ice_servers = {"[]", 2}};
    memset(&link, 0, sizeof link);
    begin(true);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    link_deinit(&link);
    actions_deinit(&actions);
    return 0;
}

static void described(enum event_sdp kind, const char *sdp) {
    link_described(&link, &env, kind, slice_of(sdp));
}

static void receive(enum event_sdp kind, const char *sdp) {
    link_receive_description(&link, &env, kind, slice_of(sdp));
}

static void candidate(const char *text) {
    link_receive_candidate(&link, &env, slice_of(text), slice_of("0"), slice_of("uf"));
}

/* Brings the link to the state after its offer was sent. */
static void offer_sent(void) {
    link_offer(&link, &env);
    described(EVENT_SDP_OFFER, "ours");
    drained();
    assert_int_equal(link.negotiation, LINK_OFFERED);
}

static void connected(void) {
    offer_sent();
    receive(EVENT_SDP_ANSWER, "theirs");
    link_done(&link, &env);
    link_channel_opened(&link, &env);
    drained();
    assert_int_equal(link.phase, LINK_CONNECTED);
}

/* Transitions */

static void offering_side_step_by_step(void **state) {
    (void)state;
    link_offer(&link, &env);
    assert_told("open describe:offer ");
    described(EVENT_SDP_OFFER, "o1");
    assert_told("send:offer(o1) ");
    receive(EVENT_SDP_ANSWER, "a1");
    assert_told("accept:answer(a1) ");
    assert_int_equal(link.negotiation, LINK_ACCEPTING_ANSWER);
    link_done(&link, &env);
    assert_told("");
    assert_int_equal(link.negotiation, LINK_STABLE);
    link_channel_opened(&link, &env);
    assert_told("route ");
    assert_int_equal(link.phase, LINK_CONNECTED);
    assert_true(link_deadline_ms(&link) == LINK_NO_DEADLINE);
}

static void answering_side_step_by_step(void **state) {
    (void)state;
    receive(EVENT_SDP_OFFER, "o1");
    assert_told("open accept:offer(o1) ");
    assert_int_equal(link.negotiation, LINK_ACCEPTING_OFFER);
    link_done(&link, &env);
    assert_told("describe:answer ");
    assert_int_equal(link.negotiation, LINK_ANSWERING);
    described(EVENT_SDP_ANSWER, "a1");
    assert_told("send:answer(a1) ");
    assert_int_equal(link.negotiation, LINK_STABLE);
}

static void a_second_offer_is_not_made_while_one_is_under_way(void **state) {
    (void)state;
    link_offer(&link, &env);
    drained();
    link_offer(&link, &env);
    assert_told("");
}

static void a_stable_link_negotiates_again_without_opening_again(void **state) {
    (void)state;
    connected();
    receive(EVENT_SDP_OFFER, "o2");
    assert_told("accept:offer(o2) ");
    link_done(&link, &env);
    described(EVENT_SDP_ANSWER, "a2");
    assert_told("describe:answer send:answer(a2) ");
    link_offer(&link, &env);
    assert_told("describe:offer ");
}

static void answers_that_nobody_asked_for_are_ignored(void **state) {
    (void)state;
    receive(EVENT_SDP_ANSWER, "a0");
    assert_told("");
    link_offer(&link, &env);
    drained();
    receive(EVENT_SDP_ANSWER, "a0"); /* before our offer was even sent */
    assert_told("");
    described(EVENT_SDP_OFFER, "o1");
    receive(EVENT_SDP_ANSWER, "a1");
    drained();
    receive(EVENT_SDP_ANSWER, "a2");
    assert_told("");
    assert_int_equal(link.negotiation, LINK_ACCEPTING_ANSWER);
}

static void answers_of_the_browser_to_nothing_are_ignored(void **state) {
    (void)state;
    link_done(&link, &env);
    described(EVENT_SDP_OFFER, "o");
    described(EVENT_SDP_ANSWER, "a");
    assert_told("");
    offer_sent();
    link_done(&link, &env);
    described(EVENT_SDP_ANSWER, "a");
    assert_told("");
    assert_int_equal(link.negotiation, LINK_OFFERED);
}

/* Glare */

static void glare_polite_rolls_back_and_answers(void **state) {
    (void)state;
    offer_sent();
    receive(EVENT_SDP_OFFER, "theirs");
    assert_told("describe:rollback ");
    assert_int_equal(link.negotiation, LINK_YIELDING);
    link_done(&link, &env);
    assert_told("accept:offer(theirs) ");
    link_done(&link, &env);
    described(EVENT_SDP_ANSWER, "a");
    assert_told("describe:answer send:answer(a) ");
    assert_int_equal(link.negotiation, LINK_STABLE);
}

static void glare_polite_does_not_send_an_offer_that_came_too_late(void **state) {
    (void)state;
    link_offer(&link, &env);
    drained();
    receive(EVENT_SDP_OFFER, "theirs");
    assert_told("");
    described(EVENT_SDP_OFFER, "ours");
    assert_told("describe:rollback ");
    link_done(&link, &env);
    assert_told("accept:offer(theirs) ");
}

static void glare_impolite_ignores_the_offer_and_its_candidates(void **state) {
    (void)state;
    begin(false);
    offer_sent();
    receive(EVENT_SDP_OFFER, "theirs");
    candidate("candidate:of the ignored one");
    assert_told("");
    receive(EVENT_SDP_ANSWER, "answer to ours");
    candidate("c1");
    assert_told("accept:answer(answer to ours) ");
    link_done(&link, &env);
    assert_told("add(c1|0|uf) ");
}

static void the_newest_of_several_waiting_offers_is_taken(void **state) {
    (void)state;
    offer_sent();
    receive(EVENT_SDP_OFFER, "first");
    candidate("of the first");
    receive(EVENT_SDP_OFFER, "second");
    candidate("of the second");
    drained();
    link_done(&link, &env);
    assert_told("accept:offer(second) ");
    link_done(&link, &env);
    assert_told("add(of the second|0|uf) describe:answer ");
}

static void an_offer_waits_while_another_is_answered(void **state) {
    (void)state;
    receive(EVENT_SDP_OFFER, "o1");
    receive(EVENT_SDP_OFFER, "o2");
    candidate("of o2");
    assert_told("open accept:offer(o1) ");
    link_done(&link, &env);
    described(EVENT_SDP_ANSWER, "a1");
    assert_told("describe:answer send:answer(a1) accept:offer(o2) ");
    link_done(&link, &env);
    assert_told("add(of o2|0|uf) describe:answer ");
}

/* Two links whose offers cross, with every message delivered in order. */
static void crossing_offers_end_in_one_connection(void **state) {
    (void)state;
    struct link sides[2];
    memset(sides, 0, sizeof sides);
    for (int i = 0; i < 2; i++) {
        link_init(&sides[i], 1, slice_of(OTHER_ID), i == 0, 0);
        link_offer(&sides[i], &env);
        link_described(&sides[i], &env, EVENT_SDP_OFFER, slice_of("o"));
    }
    drained();
    for (int i = 0; i < 2; i++)
        link_receive_description(&sides[i], &env, EVENT_SDP_OFFER, slice_of("o"));
    assert_told("describe:rollback ");
    link_done(&sides[0], &env); /* rolled back */
    link_done(&sides[0], &env); /* their offer accepted */
    link_described(&sides[0], &env, EVENT_SDP_ANSWER, slice_of("a"));
    assert_told("accept:offer(o) describe:answer send:answer(a) ");
    link_receive_description(&sides[1], &env, EVENT_SDP_ANSWER, slice_of("a"));
    link_done(&sides[1], &env);
    assert_told("accept:answer(a) ");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sides[i].negotiation, LINK_STABLE);
        link_deinit(&sides[i]);
    }
}

/* Candidates */

static void early_candidates_wait_for_the_offer(void **state) {
    (void)state;
    candidate("c1");
    candidate("c2");
    candidate("");
    assert_told("");
    receive(EVENT_SDP_OFFER, "o1");
    assert_told("open accept:offer(o1) ");
    candidate("c3");
    assert_told("");
    link_done(&link, &env);
    assert_told("add(c1|0|uf) add(c2|0|uf) add(|0|uf) add(c3|0|uf) describe:answer ");
    candidate("c4");
    assert_told("add(c4|0|uf) ");
}

static void early_candidates_wait_for_the_answer(void **state) {
    (void)state;
    offer_sent();
    candidate("c1");
    assert_told("");
    receive(EVENT_SDP_ANSWER, "a1");
    assert_told("accept:answer(a1) ");
    link_done(&link, &env);
    assert_told("add(c1|0|uf) ");
}

static void waiting_candidates_are_bounded(void **state) {
    (void)state;
    for (int i = 0; i < 3 * LINK_CANDIDATES_MAX; i++)
        candidate("c");
    assert_int_equal(link.candidate_count, LINK_CANDIDATES_MAX);
}

static void candidates_of_the_offer_being_accepted_are_not_lost_to_a_newer_one(void **state) {
    (void)state;
    receive(EVENT_SDP_OFFER, "o1");
    candidate("of o1");
    receive(EVENT_SDP_OFFER, "o2");
    candidate("of o2");
    drained();
    link_done(&link, &env);
    assert_told("add(of o1|0|uf) describe:answer ");
    described(EVENT_SDP_ANSWER, "a1");
    link_done(&link, &env);
    assert_told("send:answer(a1) accept:offer(o2) add(of o2|0|uf) describe:answer ");
}

static void candidates_of_a_link_s_life_are_bounded(void **state) {
    (void)state;
    connected();
    for (int i = 0; i < LINK_REMOTE_CANDIDATES_MAX; i++) {
        candidate("c");
        assert_told("add(c|0|uf) ");
    }
    candidate("c");
    assert_told("");
    assert_int_equal(link.phase, LINK_CONNECTED);
}

static void too_many_offers_end_the_link(void **state) {
    (void)state;
    for (int i = 0; i < LINK_REMOTE_OFFERS_MAX; i++)
        receive(EVENT_SDP_OFFER, "o");
    assert_int_equal(link.phase, LINK_CONNECTING);
    receive(EVENT_SDP_OFFER, "o");
    assert_int_equal(link.reason, LINK_REASON_MISBEHAVED);
}

static void own_candidates_are_signaled_with_their_end(void **state) {
    (void)state;
    link_local_candidate(&link, &env, slice_of("candidate:1 1 udp 1 192.0.2.1 9 typ host"),
                         slice_of("0"), slice_of("uf"));
    assert_told("send:candidate(candidate:1 1 udp 1 192.0.2.1 9 typ host) ");
    link_local_candidate(&link, &env, slice_of(""), slice_of("0"), slice_of("uf"));
    assert_told("send:candidate() ");
}

static void nothing_is_signaled_without_a_server(void **state) {
    (void)state;
    env.server_up = false;
    link_offer(&link, &env);
    described(EVENT_SDP_OFFER, "o");
    link_local_candidate(&link, &env, slice_of("c"), slice_of("0"), slice_of("uf"));
    assert_told("open describe:offer ");
}

static void a_description_that_no_message_can_carry_ends_the_link(void **state) {
    (void)state;
    char *sdp = malloc(WIRE_SDP_BYTES_MAX + 2);
    memset(sdp, 'x', WIRE_SDP_BYTES_MAX + 1);
    sdp[WIRE_SDP_BYTES_MAX + 1] = '\0';
    link_offer(&link, &env);
    described(EVENT_SDP_OFFER, sdp);
    free(sdp);
    assert_int_equal(link.reason, LINK_REASON_SETUP_FAILED);
}

static void a_refused_candidate_is_not_fatal(void **state) {
    (void)state;
    connected();
    link_candidate_failed(&link, &env);
    assert_int_equal(link.phase, LINK_CONNECTED);
}

/* Ends */

static void the_deadline_names_what_was_missing(void **state) {
    (void)state;
    env.now_ms = LINK_CONNECT_TIMEOUT_MS - 1;
    link_tick(&link, &env);
    assert_int_equal(link.phase, LINK_CONNECTING);
    env.now_ms = link_deadline_ms(&link);
    link_tick(&link, &env);
    assert_int_equal(link.reason, LINK_REASON_NO_ANSWER);
    assert_told(""); /* nothing was opened: nothing to close */

    static const enum link_reason reasons[] = {LINK_REASON_NO_PATH, LINK_REASON_NO_PATH_RELAYED};
    for (int relay = 0; relay < 2; relay++) {
        env.has_relay = relay;
        begin(true);
        receive(EVENT_SDP_OFFER, "o");
        link_done(&link, &env);
        drained();
        env.now_ms = link_deadline_ms(&link);
        link_tick(&link, &env);
        assert_int_equal(link.reason, reasons[relay]);
        assert_told("close ");
    }
}

static void ways_to_fail_each_have_their_reason(void **state) {
    (void)state;
    connected();
    link_peer_state(&link, &env, EVENT_PEER_STATE_DISCONNECTED); /* a hint only */
    assert_int_equal(link.phase, LINK_CONNECTED);
    link_peer_state(&link, &env, EVENT_PEER_STATE_FAILED);
    assert_int_equal(link.reason, LINK_REASON_CONNECTION_LOST);
    assert_told("close ");
    begin(true);
    offer_sent();
    link_peer_state(&link, &env, EVENT_PEER_STATE_FAILED);
    assert_int_equal(link.reason, LINK_REASON_NO_PATH);
    begin(true);
    offer_sent();
    link_failed(&link, &env);
    assert_int_equal(link.reason, LINK_REASON_SETUP_FAILED);
    begin(true);
    connected();
    link_channel_closed(&link, &env);
    assert_int_equal(link.reason, LINK_REASON_CHANNEL_CLOSED);
}

static void close_by_the_owner(void) {
    link_close(&link, &env, LINK_REASON_GONE);
}

static void close_by_failure(void) {
    link_peer_state(&link, &env, EVENT_PEER_STATE_FAILED);
}

static void close_by_channel(void) {
    link_channel_closed(&link, &env);
}

static void it_closes_once_in_every_order_and_the_first_reason_stays(void **state) {
    (void)state;
    static void (*const ways[])(void) = {close_by_the_owner, close_by_failure, close_by_channel};
    static const enum link_reason reasons[] = {LINK_REASON_GONE, LINK_REASON_CONNECTION_LOST,
                                               LINK_REASON_CHANNEL_CLOSED};
    for (int first = 0; first < 3; first++)
        for (int second = 0; second < 3; second++)
            for (int third = 0; third < 3; third++) {
                begin(true);
                connected();
                ways[first]();
                ways[second]();
                ways[third]();
                assert_told("close ");
                assert_int_equal(link.reason, reasons[first]);
            }
}

static void a_closed_link_does_nothing_more(void **state) {
    (void)state;
    connected();
    link_close(&link, &env, LINK_REASON_GONE);
    drained();
    uint32_t steps = link.step_count;
    receive(EVENT_SDP_OFFER, "o");
    receive(EVENT_SDP_ANSWER, "a");
    candidate("c");
    described(EVENT_SDP_OFFER, "o");
    link_done(&link, &env);
    link_failed(&link, &env);
    link_local_candidate(&link, &env, slice_of("c"), slice_of("0"), slice_of("uf"));
    link_candidate_failed(&link, &env);
    link_peer_state(&link, &env, EVENT_PEER_STATE_CONNECTED);
    link_route(&link, &env, slice_of("host"), slice_of("host"));
    link_channel_opened(&link, &env);
    link_offer(&link, &env);
    env.now_ms = UINT64_MAX - 1;
    link_tick(&link, &env);
    assert_told("");
    assert_int_equal(link.step_count, steps);
    assert_int_equal(link.phase, LINK_CLOSED);
}

/* Steps */

static void assert_step(uint32_t index, const char *text) {
    struct buffer words;
    buffer_init(&words, 128);
    assert_true(index < link.step_count);
    assert_int_equal(link_step_text(&link.steps[index], &words), PARLEY_OK);
    assert_true(slice_equal(buffer_slice(&words), slice_of(text)));
    buffer_deinit(&words);
}

static void steps_tell_the_way_with_times_and_counts(void **state) {
    (void)state;
    env.now_ms = 5;
    offer_sent();
    env.now_ms = 9;
    for (int i = 0; i < 2; i++)
        link_local_candidate(&link, &env, slice_of("candidate:1 1 udp 1 h 9 typ host generation 0"),
                             slice_of("0"), slice_of(""));
    candidate("candidate:1 1 udp 1 h 9 typ relay");
    receive(EVENT_SDP_ANSWER, "a");
    link_done(&link, &env);
    link_channel_opened(&link, &env);
    link_route(&link, &env, slice_of("relay"), slice_of("host"));
    assert_step(0, "In the room together");
    assert_step(1, "Offer sent");
    assert_int_equal(link.steps[1].at_ms, 5);
    assert_step(2, "Own candidate: host (2)");
    assert_int_equal(link.steps[2].at_ms, 9);
    assert_step(3, "Their candidate: relay");
    assert_step(4, "Answer received");
    assert_step(5, "Channel open");
    assert_step(6, "Connected through a relay");
    assert_true(link.relayed);
}

static void a_route_is_direct_unless_either_end_is_a_relay(void **state) {
    (void)state;
    static const struct {
        const char *local, *remote;
        bool known, relayed;
    } cases[] = {{"host", "srflx", true, false},
                 {"host", "relay", true, true},
                 {"relay", "prflx", true, true},
                 {"", "", false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(true);
        connected();
        uint32_t steps = link.step_count;
        link_route(&link, &env, slice_of(cases[i].local), slice_of(cases[i].remote));
        assert_int_equal(link.step_count - steps, cases[i].known);
        assert_int_equal(link.relayed, cases[i].relayed);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(offering_side_step_by_step),
        TEST(answering_side_step_by_step),
        TEST(a_second_offer_is_not_made_while_one_is_under_way),
        TEST(a_stable_link_negotiates_again_without_opening_again),
        TEST(answers_that_nobody_asked_for_are_ignored),
        TEST(answers_of_the_browser_to_nothing_are_ignored),
        TEST(glare_polite_rolls_back_and_answers),
        TEST(glare_polite_does_not_send_an_offer_that_came_too_late),
        TEST(glare_impolite_ignores_the_offer_and_its_candidates),
        TEST(the_newest_of_several_waiting_offers_is_taken),
        TEST(an_offer_waits_while_another_is_answered),
        TEST(crossing_offers_end_in_one_connection),
        TEST(early_candidates_wait_for_the_offer),
        TEST(early_candidates_wait_for_the_answer),
        TEST(waiting_candidates_are_bounded),
        TEST(candidates_of_the_offer_being_accepted_are_not_lost_to_a_newer_one),
        TEST(candidates_of_a_link_s_life_are_bounded),
        TEST(too_many_offers_end_the_link),
        TEST(own_candidates_are_signaled_with_their_end),
        TEST(nothing_is_signaled_without_a_server),
        TEST(a_description_that_no_message_can_carry_ends_the_link),
        TEST(a_refused_candidate_is_not_fatal),
        TEST(the_deadline_names_what_was_missing),
        TEST(ways_to_fail_each_have_their_reason),
        TEST(it_closes_once_in_every_order_and_the_first_reason_stays),
        TEST(a_closed_link_does_nothing_more),
        TEST(steps_tell_the_way_with_times_and_counts),
        TEST(a_route_is_direct_unless_either_end_is_a_relay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
