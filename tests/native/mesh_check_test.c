#include "cmocka_all.h"
#include "error.h"
#include "made_ids.h"
#include "mesh_check.h"

#include <string.h>

#define SELF "AAAAAAAAAAAAAAAAAAAAAA"
#define BEA "BBBBBBBBBBBBBBBBBBBBBB"
#define CYD "CCCCCCCCCCCCCCCCCCCCCC"
#define DAN "DDDDDDDDDDDDDDDDDDDDDD"
#define EVE "EEEEEEEEEEEEEEEEEEEEEE"
#define STRANGER "SSSSSSSSSSSSSSSSSSSSSS"

static struct keyring no_keys;
static struct room room;
static struct mesh_check check;
static struct member *bea, *cyd;

static struct member *add(const char *text, uint64_t now_ms) {
    struct member_id id = member_id_from(text);
    struct member *member = NULL;
    assert_int_equal(room_add(&room, &id, 0, now_ms, &no_keys, &member), PARLEY_OK);
    return member;
}

static uint64_t reported_ms(const char *one, struct member_id other) {
    struct member_id id = member_id_from(one);
    return mesh_check_reported_ms(&check, &id, &other);
}

static void tell(struct member *member, const char *ids) {
    member->reachability.count = 0;
    for (; *ids; ids += WIRE_MEMBER_ID_BYTES) {
        struct member_id id;
        assert_true(member_id_read((struct slice){ids, WIRE_MEMBER_ID_BYTES}, &id));
        reachability_add(&member->reachability, &id);
    }
    member->reachability_known = true;
}

static struct mesh_check_finding run_check(uint64_t now_ms) {
    return mesh_check_run(&check, &room, now_ms);
}

static int setup(void **state) {
    (void)state;
    room_init(&room);
    struct room_id lobby = room_id_of("lobby");
    struct member_id self = member_id_from(SELF);
    room_enter(&room, &lobby, &self);
    bea = add(BEA, 0);
    cyd = add(CYD, 0);
    bea->link.state = cyd->link.state = LINK_CONNECTED;
    tell(bea, SELF CYD);
    tell(cyd, SELF BEA);
    check = (struct mesh_check){0};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    room_deinit(&room);
    return 0;
}

static void assert_bea_and_cyd(struct mesh_check_finding finding) {
    assert_ptr_equal(finding.one, bea);
    assert_ptr_equal(finding.other, cyd);
}

static void nothing_is_found_where_all_reach_all(void **state) {
    (void)state;
    run_check(0);
    struct mesh_check_finding finding = run_check(MESH_CHECK_SETTLE_MS);
    assert_null(finding.one);
    assert_true(finding.due_ms == NO_DEADLINE);
}

/* A member names another stranger every minute for an hour. */
static void strangers_whom_nobody_else_knows_are_disbelieved_after_a_while(void **state) {
    (void)state;
    uint64_t shown_ms = 0;
    char ids[] = SELF CYD STRANGER;
    for (uint64_t now_ms = 0; now_ms < 3600000; now_ms += 1000) {
        ids[sizeof SELF CYD - 1] = (char)('a' + now_ms / 60000 % 26);
        tell(bea, ids);
        shown_ms += run_check(now_ms).one ? 1000 : 0;
    }
    assert_in_range(shown_ms, MESH_CHECK_REPORT_MS, MESH_CHECK_REPORT_MS + 1000);
}

/* How long the due checks report a gap within an hour, if Bea and Cyd in turn lie for |lie_ms| and
 * tell the truth for |truth_ms|. */
static uint64_t reported_while_both_lie(uint64_t lie_ms, uint64_t truth_ms) {
    uint64_t reported_ms = 0, due_ms = 0, change_ms = 0;
    bool found = false, lying = false;
    for (uint64_t now_ms = 0; now_ms < 3600000; now_ms += 500) {
        reported_ms += found ? 500 : 0;
        if (now_ms >= change_ms) {
            lying = !lying;
            change_ms = now_ms + (lying ? lie_ms : truth_ms);
            tell(bea, lying ? SELF : SELF CYD);
            tell(cyd, lying ? SELF : SELF BEA);
        } else if (now_ms < due_ms)
            continue;
        struct mesh_check_finding finding = run_check(now_ms);
        found = finding.one != NULL;
        due_ms = finding.due_ms;
    }
    return reported_ms;
}

static void two_who_lie_together_are_disbelieved_after_a_while(void **state) {
    (void)state;
    assert_int_equal(reported_while_both_lie(3600000, 0), MESH_CHECK_REPORT_MS);
    assert_null(run_check(3600000).one);
    assert_int_equal(check.gap_count, 0); /* and they take no place from others */
}

static void two_who_lie_again_and_again_are_disbelieved_as_well(void **state) {
    (void)state;
    uint64_t reported_ms = reported_while_both_lie(MESH_CHECK_SETTLE_MS + 60000, 1000);
    assert_int_equal(reported_ms, MESH_CHECK_REPORT_MS);
}

/* A stranger must not be able to stop reports about honest people. */
static void a_refusal_uses_up_nothing_of_the_refused_members(void **state) {
    (void)state;
    struct member *dan;
    dan = add(DAN, 0);
    dan->link.state = LINK_CONNECTED;
    tell(dan, SELF BEA CYD);
    tell(bea, SELF DAN);
    tell(cyd, SELF DAN); /* refuses Bea */
    uint64_t now_ms = 0, reported_ms = 0;
    for (; now_ms < 600000; now_ms += 1000)
        reported_ms += run_check(now_ms).one ? 1000 : 0;
    assert_int_equal(reported_ms, MESH_CHECK_REPORT_MS);
    tell(dan, SELF CYD);
    tell(bea, SELF);
    run_check(now_ms);
    struct mesh_check_finding finding = run_check(now_ms + MESH_CHECK_SETTLE_MS);
    assert_ptr_equal(finding.one, bea);
    assert_ptr_equal(finding.other, dan);
}

static void a_new_gap_has_its_turn_before_one_that_was_reported(void **state) {
    (void)state;
    struct member *dan;
    tell(bea, SELF);
    tell(cyd, SELF);
    dan = add(DAN, 0);
    dan->link.state = LINK_CONNECTED;
    tell(dan, SELF BEA CYD);
    uint64_t now_ms = run_check(0).due_ms;
    now_ms = run_check(now_ms).due_ms;
    assert_int_equal(now_ms, MESH_CHECK_SETTLE_MS + MESH_CHECK_TURN_MS);
    assert_bea_and_cyd(run_check(now_ms));
    tell(dan, SELF BEA);
    now_ms = run_check(now_ms).due_ms;
    struct mesh_check_finding finding = run_check(now_ms);
    assert_ptr_equal(finding.one, cyd);
    assert_ptr_equal(finding.other, dan);
    assert_bea_and_cyd(run_check(finding.due_ms + MESH_CHECK_TURN_MS));
}

/* A full table forgets the pair that was reported for the shortest time. */
static void the_pair_reported_least_is_forgotten_first(void **state) {
    (void)state;
    reported_while_both_lie(3600000, 0);
    room_remove(&room, cyd);
    uint64_t now_ms = 3600000;
    char id[] = "M00AAAAAAAAAAAAAAAAAAA";
    for (int i = 0; i < 2 * MESH_CHECK_PAIRS_MAX; i++) {
        struct member *member;
        id[1] = (char)('A' + i % 16);
        id[2] = (char)('A' + i / 16);
        member = add(id, now_ms);
        member->link.state = LINK_CONNECTED;
        tell(member, SELF);
        now_ms = run_check(now_ms).due_ms;
        assert_non_null(run_check(now_ms).one);
        run_check(now_ms += 1000);
        room_remove(&room, member);
    }
    assert_int_equal(check.account_count, MESH_CHECK_PAIRS_MAX);
    assert_int_equal(reported_ms(BEA, member_id_from(CYD)), MESH_CHECK_REPORT_MS);
}

static void coming_back_gives_no_new_allowance(void **state) {
    (void)state;
    reported_while_both_lie(3600000, 0);
    room_remove(&room, bea);
    bea = add(BEA, 3600000);
    bea->link.state = LINK_CONNECTED;
    tell(bea, SELF);
    run_check(3600000);
    assert_null(run_check(3600000 + MESH_CHECK_SETTLE_MS).one);
}

static void the_last_words_of_one_who_goes_count(void **state) {
    (void)state;
    tell(bea, SELF CYD STRANGER);
    uint64_t now_ms = run_check(0).due_ms;
    run_check(now_ms);
    now_ms += MESH_CHECK_REPORT_MS - 1;
    room_remove(&room, bea);
    run_check(now_ms);
    assert_int_equal(reported_ms(BEA, (struct member_id){0}), MESH_CHECK_REPORT_MS - 1);
}

static void liars_cost_others_nothing(void **state) {
    (void)state;
    struct member *dan, *eve;
    dan = add(DAN, 0);
    eve = add(EVE, 0);
    dan->link.state = eve->link.state = LINK_CONNECTED;
    tell(dan, SELF BEA CYD);
    tell(eve, SELF BEA CYD);
    tell(bea, SELF DAN EVE);
    tell(cyd, SELF DAN EVE);
    run_check(0);
    struct mesh_check_finding finding = run_check(MESH_CHECK_SETTLE_MS);
    assert_bea_and_cyd(finding);
    finding = run_check(finding.due_ms);
    assert_ptr_equal(finding.one, dan);
    assert_ptr_equal(finding.other, eve);
}

static void a_stranger_is_named_no_longer_when_the_word_for_it_ends(void **state) {
    (void)state;
    tell(bea, SELF CYD STRANGER);
    uint64_t settled_ms = run_check(0).due_ms;
    struct mesh_check_finding finding = run_check(settled_ms);
    assert_ptr_equal(finding.one, bea);
    while (finding.due_ms < settled_ms + MESH_CHECK_REPORT_MS)
        finding = run_check(finding.due_ms);
    assert_ptr_equal(finding.one, bea);
    assert_true(finding.due_ms == settled_ms + MESH_CHECK_REPORT_MS);
    finding = run_check(finding.due_ms);
    assert_null(finding.one);
    assert_true(finding.due_ms == NO_DEADLINE);
}

static void a_pair_apart_is_found_once_it_is_settled(void **state) {
    (void)state;
    tell(bea, SELF);
    tell(cyd, SELF);
    assert_int_equal(run_check(200).due_ms, 200 + MESH_CHECK_SETTLE_MS);
    assert_null(run_check(200 + MESH_CHECK_SETTLE_MS - 1).one);
    assert_bea_and_cyd(run_check(200 + MESH_CHECK_SETTLE_MS));
}

static void changes_of_other_members_make_a_gap_no_younger(void **state) {
    (void)state;
    struct member *dan;
    tell(bea, SELF);
    tell(cyd, SELF);
    run_check(0);
    dan = add(DAN, 0);
    tell(bea, SELF DAN);
    dan->link.state = LINK_CONNECTED;
    tell(dan, SELF BEA);
    run_check(MESH_CHECK_SETTLE_MS - 1);
    assert_bea_and_cyd(run_check(MESH_CHECK_SETTLE_MS));
    room_remove(&room, dan);
    assert_bea_and_cyd(run_check(MESH_CHECK_SETTLE_MS));
}

static void a_gap_that_was_closed_is_new_when_it_opens(void **state) {
    (void)state;
    tell(bea, SELF);
    tell(cyd, SELF);
    run_check(0);
    tell(bea, SELF CYD);
    run_check(MESH_CHECK_SETTLE_MS - 1);
    tell(bea, SELF);
    assert_null(run_check(MESH_CHECK_SETTLE_MS).one);
}

static void one_of_two_can_say_that_they_are_connected(void **state) {
    (void)state;
    tell(bea, SELF);
    run_check(0);
    assert_null(run_check(MESH_CHECK_SETTLE_MS).one);
}

static void a_member_out_of_reach_or_silent_is_no_witness(void **state) {
    (void)state;
    tell(bea, SELF);
    tell(cyd, SELF);
    run_check(0);
    cyd->link.state = LINK_RECONNECTING;
    assert_null(run_check(MESH_CHECK_SETTLE_MS).one);
    cyd->link.state = LINK_CONNECTED;
    assert_bea_and_cyd(run_check(MESH_CHECK_SETTLE_MS));
    cyd->reachability_known = false;
    assert_null(run_check(MESH_CHECK_SETTLE_MS).one);
}

static void somebody_unknown_is_found(void **state) {
    (void)state;
    tell(bea, SELF CYD STRANGER);
    assert_int_equal(run_check(0).due_ms, MESH_CHECK_SETTLE_MS);
    struct mesh_check_finding finding = run_check(MESH_CHECK_SETTLE_MS);
    assert_ptr_equal(finding.one, bea);
    assert_null(finding.other);
}

static void no_more_gaps_are_followed_than_there_is_room_for(void **state) {
    (void)state;
    struct member *member;
    char id[] = "M00AAAAAAAAAAAAAAAAAAA";
    for (int i = 0; i < 16; i++) {
        id[1] = (char)('A' + i);
        member = add(id, 0);
        member->link.state = LINK_CONNECTED;
        tell(member, SELF);
    }
    run_check(0);
    assert_int_equal(check.gap_count, MESH_CHECK_GAPS_MAX);
    assert_non_null(run_check(MESH_CHECK_SETTLE_MS).one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_found_where_all_reach_all),
        TEST(strangers_whom_nobody_else_knows_are_disbelieved_after_a_while),
        TEST(two_who_lie_together_are_disbelieved_after_a_while),
        TEST(two_who_lie_again_and_again_are_disbelieved_as_well),
        TEST(a_refusal_uses_up_nothing_of_the_refused_members),
        TEST(a_new_gap_has_its_turn_before_one_that_was_reported),
        TEST(the_pair_reported_least_is_forgotten_first),
        TEST(coming_back_gives_no_new_allowance),
        TEST(the_last_words_of_one_who_goes_count),
        TEST(liars_cost_others_nothing),
        TEST(a_stranger_is_named_no_longer_when_the_word_for_it_ends),
        TEST(a_pair_apart_is_found_once_it_is_settled),
        TEST(changes_of_other_members_make_a_gap_no_younger),
        TEST(a_gap_that_was_closed_is_new_when_it_opens),
        TEST(one_of_two_can_say_that_they_are_connected),
        TEST(a_member_out_of_reach_or_silent_is_no_witness),
        TEST(somebody_unknown_is_found),
        TEST(no_more_gaps_are_followed_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
