/* One negotiation, or two that negotiate with each other, without a browser. */
#include "cmocka_all.h"
#include "error.h"
#include "made_ids.h"
#include "negotiation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_ID "BBBBBBBBBBBBBBBBBBBBBB"
#define OWN 11 /* the numbers of the two connections */
#define THEIRS 22

static struct negotiation negotiation;
static struct connection_log connection_log;
static struct actions actions;
static struct negotiation_env env;
static struct keyring no_keys;

/* The actions of one call in short: "describe:offer send:offer(...)". */
static char told[4096];
static char told_ids[64]; /* "mid|ufrag" of the last candidate that was signaled */

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
    assert_true(member_id_is(&message.member, OTHER_ID));
    assert_int_equal(message.connection, OWN);
    struct slice body = message.type == WIRE_CANDIDATE ? message.candidate : message.sdp;
    tell("send:%s(%.*s) ", wire_type_name(message.type), (int)body.len, body.bytes);
    snprintf(told_ids, sizeof told_ids, "%.*s|%.*s", (int)message.mid.len, message.mid.bytes,
             (int)message.ufrag.len, message.ufrag.bytes);
    wire_message_deinit(&message);
}

static void tell_action(const struct action *action) {
    if (action->kind == ACTION_PEER_RESTART)
        tell("restart ");
    else if (action->kind == ACTION_PEER_DESCRIBE)
        tell("describe:%s ", sdp_names[action->code]);
    else if (action->kind == ACTION_PEER_ACCEPT)
        tell("accept:%s(%.*s) ", sdp_names[action->code], (int)action->a.len, action->a.bytes);
    else if (action->kind == ACTION_PEER_ADD_CANDIDATE)
        tell("add(%.*s|%.*s|%.*s) ", (int)action->a.len, action->a.bytes, (int)action->b.len,
             action->b.bytes, (int)action->c.len, action->c.bytes);
    else if (action->kind == ACTION_PEER_CLOSE)
        tell("close ");
    else if (action->kind == ACTION_SERVER_SEND)
        tell_signal(action->a);
    else
        fail();
}

/* The actions of the last call. */
static const char *drained(void) {
    told[0] = '\0';
    for (const struct action *action; (action = actions_next(&actions));)
        tell_action(action);
    actions_begin(&actions);
    return told;
}
#define assert_told(expected) assert_string_equal(drained(), expected)

static void begin(bool polite) {
    negotiation_deinit(&negotiation);
    negotiation_init(&negotiation, OWN, 0, polite);
    negotiation.peer = 7;
    negotiation.state = NEGOTIATION_STABLE;
}

static int setup(void **state) {
    (void)state;
    actions_init(&actions);
    connection_log_init(&connection_log, 0);
    static struct member_id other;
    other = member_id_from(OTHER_ID);
    env = (struct negotiation_env){.actions = &actions,
                                   .log = &connection_log,
                                   .member_id = &other,
                                   .keyring = &no_keys,
                                   .server_up = true};
    memset(&negotiation, 0, sizeof negotiation);
    begin(true);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    negotiation_deinit(&negotiation);
    actions_deinit(&actions);
    return 0;
}

static void described(enum event_sdp kind, const char *sdp) {
    assert_int_equal(negotiation_described(&negotiation, &env, kind, slice_of(sdp)), PARLEY_OK);
}

static void receive(enum event_sdp kind, const char *sdp) {
    if (kind == EVENT_SDP_OFFER)
        negotiation.theirs = THEIRS; /* set by the link */
    if (kind == EVENT_SDP_OFFER)
        assert_int_equal(negotiation_receive_offer(&negotiation, &env, slice_of(sdp)), PARLEY_OK);
    else
        negotiation_receive_answer(&negotiation, &env, THEIRS, slice_of(sdp));
}

static void candidate(const char *text) {
    negotiation_receive_candidate(
        &negotiation, &env, &(struct ice_candidate){slice_of(text), slice_of("0"), slice_of("uf")});
}

/* Our browser finds a candidate; "": there are no more. */
static void found(const char *text, const char *mid, const char *ufrag) {
    negotiation_local_candidate(
        &negotiation, &env,
        &(struct ice_candidate){slice_of(text), slice_of(mid), slice_of(ufrag)});
}

/* Brings the link to the state after its offer was sent. */
static void offer_sent(void) {
    negotiation_offer(&negotiation, &env, false);
    described(EVENT_SDP_OFFER, "ours");
    drained();
    assert_int_equal(negotiation.state, NEGOTIATION_OFFERED);
}

static void connected(void) {
    offer_sent();
    receive(EVENT_SDP_ANSWER, "theirs");
    negotiation_done(&negotiation, &env);
    drained();
    assert_int_equal(negotiation.theirs, THEIRS);
}

/* Transitions */

static void offering_side_step_by_step(void **state) {
    (void)state;
    negotiation_offer(&negotiation, &env, false);
    assert_told("describe:offer ");
    described(EVENT_SDP_OFFER, "o1");
    assert_told("send:offer(o1) ");
    receive(EVENT_SDP_ANSWER, "a1");
    assert_told("accept:answer(a1) ");
    assert_int_equal(negotiation.state, NEGOTIATION_ACCEPTING_ANSWER);
    negotiation_done(&negotiation, &env);
    assert_told("");
    assert_int_equal(negotiation.state, NEGOTIATION_STABLE);
}

static void answering_side_step_by_step(void **state) {
    (void)state;
    receive(EVENT_SDP_OFFER, "o1");
    assert_told("accept:offer(o1) ");
    assert_int_equal(negotiation.state, NEGOTIATION_ACCEPTING_OFFER);
    negotiation_done(&negotiation, &env);
    assert_told("describe:answer ");
    assert_int_equal(negotiation.state, NEGOTIATION_ANSWERING);
    described(EVENT_SDP_ANSWER, "a1");
    assert_told("send:answer(a1) ");
    assert_int_equal(negotiation.state, NEGOTIATION_STABLE);
}

static void a_second_offer_is_not_made_while_one_is_under_way(void **state) {
    (void)state;
    assert_true(negotiation_offer(&negotiation, &env, false));
    drained();
    assert_false(negotiation_offer(&negotiation, &env, false));
    assert_told("");
}

static void a_stable_one_negotiates_again(void **state) {
    (void)state;
    connected();
    receive(EVENT_SDP_OFFER, "o2");
    assert_told("accept:offer(o2) ");
    negotiation_done(&negotiation, &env);
    described(EVENT_SDP_ANSWER, "a2");
    assert_told("describe:answer send:answer(a2) ");
    assert_true(negotiation_offer(&negotiation, &env, true));
    assert_told("restart describe:offer ");
}

static void an_offer_that_nobody_answered_is_made_again(void **state) {
    (void)state;
    offer_sent();
    assert_true(negotiation_offer(&negotiation, &env, false));
    assert_told("describe:offer ");
    receive(EVENT_SDP_ANSWER, "to the one before");
    assert_told("");
    described(EVENT_SDP_OFFER, "o2");
    receive(EVENT_SDP_ANSWER, "a2");
    assert_told("send:offer(o2) accept:answer(a2) ");
}

static void an_answer_of_another_connection_is_ignored(void **state) {
    (void)state;
    connected();
    assert_true(negotiation_offer(&negotiation, &env, true));
    described(EVENT_SDP_OFFER, "o2");
    drained();
    negotiation_receive_answer(&negotiation, &env, THEIRS + 1, slice_of("a"));
    assert_told("");
    receive(EVENT_SDP_ANSWER, "a2");
    assert_told("accept:answer(a2) ");
}

static void answers_that_nobody_asked_for_are_ignored(void **state) {
    (void)state;
    receive(EVENT_SDP_ANSWER, "a0");
    assert_told("");
    negotiation_offer(&negotiation, &env, false);
    drained();
    receive(EVENT_SDP_ANSWER, "a0"); /* before our offer was even sent */
    assert_told("");
    described(EVENT_SDP_OFFER, "o1");
    receive(EVENT_SDP_ANSWER, "a1");
    drained();
    receive(EVENT_SDP_ANSWER, "a2");
    assert_told("");
    assert_int_equal(negotiation.state, NEGOTIATION_ACCEPTING_ANSWER);
}

static void answers_of_the_browser_to_nothing_are_ignored(void **state) {
    (void)state;
    negotiation_done(&negotiation, &env);
    described(EVENT_SDP_OFFER, "o");
    described(EVENT_SDP_ANSWER, "a");
    assert_told("");
    offer_sent();
    negotiation_done(&negotiation, &env);
    described(EVENT_SDP_ANSWER, "a");
    assert_told("");
    assert_int_equal(negotiation.state, NEGOTIATION_OFFERED);
}

/* Glare */

static void glare_polite_rolls_back_and_answers(void **state) {
    (void)state;
    offer_sent();
    receive(EVENT_SDP_OFFER, "theirs");
    assert_told("describe:rollback ");
    assert_int_equal(negotiation.state, NEGOTIATION_YIELDING);
    negotiation_done(&negotiation, &env);
    assert_told("accept:offer(theirs) ");
    negotiation_done(&negotiation, &env);
    described(EVENT_SDP_ANSWER, "a");
    assert_told("describe:answer send:answer(a) ");
    assert_int_equal(negotiation.state, NEGOTIATION_STABLE);
}

/* After the rollback of a first offer, Chromium may not gather candidates any more. */
static void glare_before_anything_is_agreed_takes_a_new_connection(void **state) {
    (void)state;
    env.may_renew = true;
    negotiation_offer(&negotiation, &env, false);
    found("c1", "0", "uf");
    receive(EVENT_SDP_OFFER, "theirs");
    assert_told("describe:offer ");
    described(EVENT_SDP_OFFER, "ours");
    assert_told("close ");
    assert_int_equal(negotiation.state, NEGOTIATION_WAITING);
    candidate("of theirs");
    negotiation_begin(&negotiation, &env, 8);
    assert_told("accept:offer(theirs) ");
    negotiation_done(&negotiation, &env);
    assert_told("add(of theirs|0|uf) describe:answer ");
    found("", "", "");
    described(EVENT_SDP_ANSWER, "a");
    assert_told("send:answer(a) send:candidate() ");
    assert_string_equal(told_ids, "|"); /* not those of the old one */
}

static void glare_later_rolls_back_on_the_same_connection(void **state) {
    (void)state;
    connected();
    env.may_renew = true;
    negotiation_offer(&negotiation, &env, true);
    described(EVENT_SDP_OFFER, "o2");
    drained();
    receive(EVENT_SDP_OFFER, "theirs");
    assert_told("describe:rollback ");
    assert_int_equal(negotiation.peer, 7);
}

static void glare_polite_does_not_send_an_offer_that_came_too_late(void **state) {
    (void)state;
    negotiation_offer(&negotiation, &env, false);
    drained();
    receive(EVENT_SDP_OFFER, "theirs");
    assert_told("");
    described(EVENT_SDP_OFFER, "ours");
    assert_told("describe:rollback ");
    negotiation_done(&negotiation, &env);
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
    negotiation_done(&negotiation, &env);
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
    negotiation_done(&negotiation, &env);
    assert_told("accept:offer(second) ");
    negotiation_done(&negotiation, &env);
    assert_told("add(of the second|0|uf) describe:answer ");
}

static void an_offer_waits_while_another_is_answered(void **state) {
    (void)state;
    receive(EVENT_SDP_OFFER, "o1");
    receive(EVENT_SDP_OFFER, "o2");
    candidate("of o2");
    assert_told("accept:offer(o1) ");
    negotiation_done(&negotiation, &env);
    described(EVENT_SDP_ANSWER, "a1");
    assert_told("describe:answer send:answer(a1) accept:offer(o2) ");
    negotiation_done(&negotiation, &env);
    assert_told("add(of o2|0|uf) describe:answer ");
}

/* Two links whose offers cross, with every message delivered in order. */
static void crossing_offers_end_in_one_connection(void **state) {
    (void)state;
    struct negotiation sides[2];
    memset(sides, 0, sizeof sides);
    for (int i = 0; i < 2; i++) {
        negotiation_init(&sides[i], OWN, OWN, i == 0);
        sides[i].peer = 1;
        sides[i].state = NEGOTIATION_STABLE;
        negotiation_offer(&sides[i], &env, false);
        negotiation_described(&sides[i], &env, EVENT_SDP_OFFER, slice_of("o"));
    }
    drained();
    for (int i = 0; i < 2; i++)
        negotiation_receive_offer(&sides[i], &env, slice_of("o"));
    assert_told("describe:rollback ");
    negotiation_done(&sides[0], &env); /* rolled back */
    negotiation_done(&sides[0], &env); /* their offer accepted */
    negotiation_described(&sides[0], &env, EVENT_SDP_ANSWER, slice_of("a"));
    assert_told("accept:offer(o) describe:answer send:answer(a) ");
    negotiation_receive_answer(&sides[1], &env, OWN, slice_of("a"));
    negotiation_done(&sides[1], &env);
    assert_told("accept:answer(a) ");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sides[i].state, NEGOTIATION_STABLE);
        negotiation_deinit(&sides[i]);
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
    assert_told("accept:offer(o1) ");
    candidate("c3");
    assert_told("");
    negotiation_done(&negotiation, &env);
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
    negotiation_done(&negotiation, &env);
    assert_told("add(c1|0|uf) ");
}

static void waiting_candidates_are_bounded(void **state) {
    (void)state;
    for (int i = 0; i < 3 * CANDIDATE_QUEUE_MAX; i++)
        candidate("c");
    assert_int_equal(negotiation.remote.count, CANDIDATE_QUEUE_MAX);
}

static void candidates_of_the_offer_being_accepted_are_not_lost_to_a_newer_one(void **state) {
    (void)state;
    receive(EVENT_SDP_OFFER, "o1");
    candidate("of o1");
    receive(EVENT_SDP_OFFER, "o2");
    candidate("of o2");
    drained();
    negotiation_done(&negotiation, &env);
    assert_told("add(of o1|0|uf) describe:answer ");
    described(EVENT_SDP_ANSWER, "a1");
    negotiation_done(&negotiation, &env);
    assert_told("send:answer(a1) accept:offer(o2) add(of o2|0|uf) describe:answer ");
}

#define SDP_BY(fingerprint) "v=0\r\na=fingerprint:" fingerprint "\r\n"

static void assert_their_end(const char *fingerprint, uint32_t connection) {
    struct proof_fingerprint expected = proof_fingerprint_of(slice_of(fingerprint));
    assert_memory_equal(&negotiation.their_end.fingerprint, &expected, sizeof expected);
    assert_int_equal(negotiation.their_end.connection, connection);
}

/* The server can hold signals back, and have them overtake each other within a window. */
static void a_proof_is_about_what_was_accepted(void **state) {
    (void)state;
    negotiation_offer(&negotiation, &env, false);
    described(EVENT_SDP_OFFER, SDP_BY("ours"));
    struct proof_fingerprint ours = proof_fingerprint_of(slice_of("ours"));
    assert_memory_equal(&negotiation.own_fingerprint, &ours, sizeof ours);
    receive(EVENT_SDP_ANSWER, SDP_BY("theirs"));
    negotiation.theirs = 0; /* an ask without a connection came */
    negotiation_done(&negotiation, &env);
    assert_their_end("theirs", THEIRS);
}

static void a_proof_is_about_the_offer_that_waited(void **state) {
    (void)state;
    negotiation_offer(&negotiation, &env, false);
    receive(EVENT_SDP_OFFER, SDP_BY("theirs")); /* it crosses ours, and we are polite */
    negotiation.theirs = 0;
    described(EVENT_SDP_OFFER, SDP_BY("ours"));
    negotiation_done(&negotiation, &env);
    assert_int_equal(negotiation.state, NEGOTIATION_ACCEPTING_OFFER);
    assert_their_end("theirs", THEIRS);
}

static void own_candidates_are_signaled_with_their_end(void **state) {
    (void)state;
    found("candidate:1 1 udp 1 192.0.2.1 9 typ host", "0", "uf");
    assert_told("send:candidate(candidate:1 1 udp 1 192.0.2.1 9 typ host) ");
    found("", "0", "uf");
    assert_told("send:candidate() ");
}

static void candidates_that_are_found_while_a_description_is_made_follow_it(void **state) {
    (void)state;
    negotiation_offer(&negotiation, &env, false);
    found("c1", "0", "uf");
    found("c2", "0", "uf");
    found("", "", "");
    assert_told("describe:offer ");
    described(EVENT_SDP_OFFER, "o1");
    assert_told("send:offer(o1) send:candidate(c1) send:candidate(c2) send:candidate() ");
    assert_string_equal(told_ids, "0|uf");
    begin(true);
    receive(EVENT_SDP_OFFER, "o1");
    negotiation_done(&negotiation, &env);
    found("c3", "0", "uf");
    assert_told("accept:offer(o1) describe:answer ");
    described(EVENT_SDP_ANSWER, "a1");
    assert_told("send:answer(a1) send:candidate(c3) ");
    found("c4", "0", "uf");
    assert_told("send:candidate(c4) ");
}

static void an_offer_that_is_taken_back_takes_its_candidates_with_it(void **state) {
    (void)state;
    negotiation_offer(&negotiation, &env, false);
    found("c1", "0", "uf");
    receive(EVENT_SDP_OFFER, "theirs");
    drained();
    described(EVENT_SDP_OFFER, "ours");
    found("c2", "0", "uf");
    found("", "", "");
    assert_told("describe:rollback ");
    negotiation_done(&negotiation, &env);
    negotiation_done(&negotiation, &env);
    described(EVENT_SDP_ANSWER, "a");
    assert_told("accept:offer(theirs) describe:answer send:answer(a) ");
}

static void held_candidates_are_bounded(void **state) {
    (void)state;
    negotiation_offer(&negotiation, &env, false);
    for (int i = 0; i < 3 * CANDIDATE_QUEUE_MAX; i++)
        found("c", "0", "uf");
    assert_int_equal(negotiation.local.count, CANDIDATE_QUEUE_MAX);
}

static void the_end_comes_once_and_says_what_the_last_candidate_did(void **state) {
    (void)state;
    found("c1", "0", "uf");
    found("c2", "1", "fu");
    drained();
    found("", "", "");
    assert_told("send:candidate() ");
    assert_string_equal(told_ids, "1|fu");
    found("", "", "");
    assert_told("");
    connected();
    negotiation_offer(&negotiation, &env, true); /* a restart finds no candidates */
    described(EVENT_SDP_OFFER, "o2");
    drained();
    found("", "", "");
    assert_told("send:candidate() ");
    assert_string_equal(told_ids, "|");
}

static void nothing_is_signaled_without_a_server(void **state) {
    (void)state;
    env.server_up = false;
    negotiation_offer(&negotiation, &env, false);
    described(EVENT_SDP_OFFER, "o");
    found("c", "0", "uf");
    assert_told("describe:offer ");
}

static void a_description_that_no_message_can_carry_is_an_error(void **state) {
    (void)state;
    char *sdp = malloc(WIRE_SDP_BYTES_MAX + 2);
    memset(sdp, 'x', WIRE_SDP_BYTES_MAX + 1);
    sdp[WIRE_SDP_BYTES_MAX + 1] = '\0';
    negotiation_offer(&negotiation, &env, false);
    assert_int_equal(negotiation_described(&negotiation, &env, EVENT_SDP_OFFER, slice_of(sdp)),
                     PARLEY_ERR_TOO_BIG);
    free(sdp);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(offering_side_step_by_step),
        TEST(answering_side_step_by_step),
        TEST(a_second_offer_is_not_made_while_one_is_under_way),
        TEST(a_stable_one_negotiates_again),
        TEST(an_offer_that_nobody_answered_is_made_again),
        TEST(an_answer_of_another_connection_is_ignored),
        TEST(answers_that_nobody_asked_for_are_ignored),
        TEST(answers_of_the_browser_to_nothing_are_ignored),
        TEST(glare_polite_rolls_back_and_answers),
        TEST(glare_before_anything_is_agreed_takes_a_new_connection),
        TEST(glare_later_rolls_back_on_the_same_connection),
        TEST(glare_polite_does_not_send_an_offer_that_came_too_late),
        TEST(glare_impolite_ignores_the_offer_and_its_candidates),
        TEST(the_newest_of_several_waiting_offers_is_taken),
        TEST(an_offer_waits_while_another_is_answered),
        TEST(crossing_offers_end_in_one_connection),
        TEST(early_candidates_wait_for_the_offer),
        TEST(early_candidates_wait_for_the_answer),
        TEST(waiting_candidates_are_bounded),
        TEST(candidates_of_the_offer_being_accepted_are_not_lost_to_a_newer_one),
        TEST(a_proof_is_about_what_was_accepted),
        TEST(a_proof_is_about_the_offer_that_waited),
        TEST(own_candidates_are_signaled_with_their_end),
        TEST(candidates_that_are_found_while_a_description_is_made_follow_it),
        TEST(an_offer_that_is_taken_back_takes_its_candidates_with_it),
        TEST(held_candidates_are_bounded),
        TEST(the_end_comes_once_and_says_what_the_last_candidate_did),
        TEST(nothing_is_signaled_without_a_server),
        TEST(a_description_that_no_message_can_carry_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
