#include "audit.h"
#include "cmocka_all.h"
#include "error.h"

#include <string.h>

#define SELF "AAAAAAAAAAAAAAAAAAAAAA"
#define BEA "BBBBBBBBBBBBBBBBBBBBBB"
#define CYD "CCCCCCCCCCCCCCCCCCCCCC"
#define DAN "DDDDDDDDDDDDDDDDDDDDDD"
#define EVE "EEEEEEEEEEEEEEEEEEEEEE"
#define STRANGER "SSSSSSSSSSSSSSSSSSSSSS"

static struct room room;
static struct audit audit;
static struct member *bea, *cyd;

static void tell(struct member *member, const char *ids) {
    buffer_clear(&member->reach);
    assert_int_equal(buffer_append(&member->reach, slice_of(ids)), PARLEY_OK);
    member->reach_known = true;
}

static struct audit_finding look(uint64_t now_ms) {
    return audit_look(&audit, &room, now_ms);
}

static int setup(void **state) {
    (void)state;
    room_init(&room);
    room_enter(&room, slice_of("lobby"), slice_of(SELF));
    assert_int_equal(room_add(&room, slice_of(BEA), 0, 0, &bea), PARLEY_OK);
    assert_int_equal(room_add(&room, slice_of(CYD), 0, 0, &cyd), PARLEY_OK);
    bea->link.state = cyd->link.state = LINK_CONNECTED;
    tell(bea, SELF CYD);
    tell(cyd, SELF BEA);
    audit = (struct audit){0};
    return 0;
}

static int teardown(void **state) {
    (void)state;
    room_deinit(&room);
    return 0;
}

static void assert_bea_and_cyd(struct audit_finding finding) {
    assert_ptr_equal(finding.one, bea);
    assert_ptr_equal(finding.other, cyd);
}

static void nothing_is_found_where_all_reach_all(void **state) {
    (void)state;
    look(0);
    struct audit_finding finding = look(AUDIT_SETTLE_MS);
    assert_null(finding.one);
    assert_true(finding.due_ms == NO_DEADLINE);
}

/* Somebody who names another stranger every minute, for an hour. */
static void strangers_whom_nobody_else_knows_are_disbelieved_after_a_while(void **state) {
    (void)state;
    uint64_t shown_ms = 0;
    char ids[] = SELF CYD STRANGER;
    for (uint64_t now_ms = 0; now_ms < 3600000; now_ms += 1000) {
        ids[sizeof SELF CYD - 1] = (char)('a' + now_ms / 60000 % 26);
        tell(bea, ids);
        shown_ms += look(now_ms).one ? 1000 : 0;
    }
    assert_in_range(shown_ms, AUDIT_BELIEVED_MS, AUDIT_BELIEVED_MS + 1000);
}

/* For how long anything was found at the looks that were asked for, in an hour in which Bea's word
 * and Cyd's are a lie for |lie_ms|, the truth for |truth_ms|, and so on. */
static uint64_t told_while_both_lie(uint64_t lie_ms, uint64_t truth_ms) {
    uint64_t told_ms = 0, due_ms = 0, change_ms = 0;
    bool found = false, lying = false;
    for (uint64_t now_ms = 0; now_ms < 3600000; now_ms += 500) {
        told_ms += found ? 500 : 0;
        if (now_ms >= change_ms) {
            lying = !lying;
            change_ms = now_ms + (lying ? lie_ms : truth_ms);
            tell(bea, lying ? SELF : SELF CYD);
            tell(cyd, lying ? SELF : SELF BEA);
        } else if (now_ms < due_ms)
            continue;
        struct audit_finding finding = look(now_ms);
        found = finding.one != NULL;
        due_ms = finding.due_ms;
    }
    return told_ms;
}

static void two_who_lie_together_are_disbelieved_after_a_while(void **state) {
    (void)state;
    assert_int_equal(told_while_both_lie(3600000, 0), AUDIT_BELIEVED_MS);
    assert_null(look(3600000).one);
    assert_int_equal(audit.gap_count, 0); /* nor do they take a place from others */
}

static void two_who_lie_again_and_again_are_disbelieved_as_well(void **state) {
    (void)state;
    uint64_t told_ms = told_while_both_lie(AUDIT_SETTLE_MS + 60000, 1000);
    assert_int_equal(told_ms, AUDIT_BELIEVED_MS);
}

/* A stranger is of no use to whoever wants others to be silent about honest people. */
static void one_who_refuses_somebody_uses_up_nothing_of_theirs(void **state) {
    (void)state;
    struct member *dan;
    assert_int_equal(room_add(&room, slice_of(DAN), 0, 0, &dan), PARLEY_OK);
    dan->link.state = LINK_CONNECTED;
    tell(dan, SELF BEA CYD);
    tell(bea, SELF DAN);
    tell(cyd, SELF DAN); /* refuses Bea */
    uint64_t now_ms = 0, told_ms = 0;
    for (; now_ms < 600000; now_ms += 1000)
        told_ms += look(now_ms).one ? 1000 : 0;
    assert_int_equal(told_ms, AUDIT_BELIEVED_MS);
    tell(dan, SELF CYD);
    tell(bea, SELF);
    look(now_ms);
    struct audit_finding finding = look(now_ms + AUDIT_SETTLE_MS);
    assert_ptr_equal(finding.one, bea);
    assert_ptr_equal(finding.other, dan);
}

static void a_new_gap_has_its_turn_before_one_that_was_told(void **state) {
    (void)state;
    struct member *dan;
    tell(bea, SELF);
    tell(cyd, SELF);
    assert_int_equal(room_add(&room, slice_of(DAN), 0, 0, &dan), PARLEY_OK);
    dan->link.state = LINK_CONNECTED;
    tell(dan, SELF BEA CYD);
    uint64_t now_ms = look(0).due_ms;
    now_ms = look(now_ms).due_ms;
    assert_int_equal(now_ms, AUDIT_SETTLE_MS + AUDIT_TURN_MS);
    assert_bea_and_cyd(look(now_ms));
    tell(dan, SELF BEA);
    now_ms = look(now_ms).due_ms;
    struct audit_finding finding = look(now_ms);
    assert_ptr_equal(finding.one, cyd);
    assert_ptr_equal(finding.other, dan);
    assert_bea_and_cyd(look(finding.due_ms + AUDIT_TURN_MS));
}

/* Only whoever was told for as long as all others is forgotten for the next. */
static void who_was_told_least_is_forgotten_first(void **state) {
    (void)state;
    told_while_both_lie(3600000, 0);
    room_remove(&room, cyd);
    uint64_t now_ms = 3600000;
    char id[] = "M00AAAAAAAAAAAAAAAAAAA";
    for (int i = 0; i < 2 * AUDIT_PAIRS_MAX; i++) {
        struct member *member;
        id[1] = (char)('A' + i % 16);
        id[2] = (char)('A' + i / 16);
        assert_int_equal(room_add(&room, slice_of(id), 0, now_ms, &member), PARLEY_OK);
        member->link.state = LINK_CONNECTED;
        tell(member, SELF);
        now_ms = look(now_ms).due_ms;
        assert_non_null(look(now_ms).one);
        look(now_ms += 1000);
        room_remove(&room, member);
    }
    assert_int_equal(audit.account_count, AUDIT_PAIRS_MAX);
    assert_int_equal(audit_told_ms(&audit, slice_of(BEA), slice_of(CYD)), AUDIT_BELIEVED_MS);
}

static void whoever_comes_back_is_believed_no_more_than_before(void **state) {
    (void)state;
    told_while_both_lie(3600000, 0);
    room_remove(&room, bea);
    assert_int_equal(room_add(&room, slice_of(BEA), 0, 3600000, &bea), PARLEY_OK);
    bea->link.state = LINK_CONNECTED;
    tell(bea, SELF);
    look(3600000);
    assert_null(look(3600000 + AUDIT_SETTLE_MS).one);
}

static void the_last_words_of_one_who_goes_count(void **state) {
    (void)state;
    tell(bea, SELF CYD STRANGER);
    uint64_t now_ms = look(0).due_ms;
    look(now_ms);
    now_ms += AUDIT_BELIEVED_MS - 1;
    room_remove(&room, bea);
    look(now_ms);
    assert_int_equal(audit_told_ms(&audit, slice_of(BEA), (struct slice){0}),
                     AUDIT_BELIEVED_MS - 1);
}

static void those_who_lied_cost_others_nothing(void **state) {
    (void)state;
    struct member *dan, *eve;
    assert_int_equal(room_add(&room, slice_of(DAN), 0, 0, &dan), PARLEY_OK);
    assert_int_equal(room_add(&room, slice_of(EVE), 0, 0, &eve), PARLEY_OK);
    dan->link.state = eve->link.state = LINK_CONNECTED;
    tell(dan, SELF BEA CYD);
    tell(eve, SELF BEA CYD);
    tell(bea, SELF DAN EVE);
    tell(cyd, SELF DAN EVE);
    look(0);
    struct audit_finding finding = look(AUDIT_SETTLE_MS);
    assert_bea_and_cyd(finding);
    finding = look(finding.due_ms);
    assert_ptr_equal(finding.one, dan);
    assert_ptr_equal(finding.other, eve);
}

static void a_stranger_is_named_no_longer_when_the_word_for_it_ends(void **state) {
    (void)state;
    tell(bea, SELF CYD STRANGER);
    uint64_t settled_ms = look(0).due_ms;
    struct audit_finding finding = look(settled_ms);
    assert_ptr_equal(finding.one, bea);
    while (finding.due_ms < settled_ms + AUDIT_BELIEVED_MS)
        finding = look(finding.due_ms);
    assert_ptr_equal(finding.one, bea);
    assert_true(finding.due_ms == settled_ms + AUDIT_BELIEVED_MS);
    finding = look(finding.due_ms);
    assert_null(finding.one);
    assert_true(finding.due_ms == NO_DEADLINE);
}

static void a_pair_apart_is_found_once_it_is_settled(void **state) {
    (void)state;
    tell(bea, SELF);
    tell(cyd, SELF);
    assert_int_equal(look(200).due_ms, 200 + AUDIT_SETTLE_MS);
    assert_null(look(200 + AUDIT_SETTLE_MS - 1).one);
    assert_bea_and_cyd(look(200 + AUDIT_SETTLE_MS));
}

static void what_happens_to_others_makes_a_gap_no_younger(void **state) {
    (void)state;
    struct member *dan;
    tell(bea, SELF);
    tell(cyd, SELF);
    look(0);
    assert_int_equal(room_add(&room, slice_of(DAN), 0, 0, &dan), PARLEY_OK);
    tell(bea, SELF DAN);
    dan->link.state = LINK_CONNECTED;
    tell(dan, SELF BEA);
    look(AUDIT_SETTLE_MS - 1);
    assert_bea_and_cyd(look(AUDIT_SETTLE_MS));
    room_remove(&room, dan);
    assert_bea_and_cyd(look(AUDIT_SETTLE_MS));
}

static void a_gap_that_was_closed_is_new_when_it_opens(void **state) {
    (void)state;
    tell(bea, SELF);
    tell(cyd, SELF);
    look(0);
    tell(bea, SELF CYD);
    look(AUDIT_SETTLE_MS - 1);
    tell(bea, SELF);
    assert_null(look(AUDIT_SETTLE_MS).one);
}

static void one_who_says_they_reach_the_other_is_believed(void **state) {
    (void)state;
    tell(bea, SELF);
    look(0);
    assert_null(look(AUDIT_SETTLE_MS).one);
}

static void who_is_out_of_reach_or_silent_is_no_witness(void **state) {
    (void)state;
    tell(bea, SELF);
    tell(cyd, SELF);
    look(0);
    cyd->link.state = LINK_RECONNECTING;
    assert_null(look(AUDIT_SETTLE_MS).one);
    cyd->link.state = LINK_CONNECTED;
    assert_bea_and_cyd(look(AUDIT_SETTLE_MS));
    cyd->reach_known = false;
    assert_null(look(AUDIT_SETTLE_MS).one);
}

static void somebody_unknown_is_found(void **state) {
    (void)state;
    tell(bea, SELF CYD STRANGER);
    assert_int_equal(look(0).due_ms, AUDIT_SETTLE_MS);
    struct audit_finding finding = look(AUDIT_SETTLE_MS);
    assert_ptr_equal(finding.one, bea);
    assert_null(finding.other);
}

static void no_more_gaps_are_followed_than_there_is_room_for(void **state) {
    (void)state;
    struct member *member;
    char id[] = "M00AAAAAAAAAAAAAAAAAAA";
    for (int i = 0; i < 16; i++) {
        id[1] = (char)('A' + i);
        assert_int_equal(room_add(&room, slice_of(id), 0, 0, &member), PARLEY_OK);
        member->link.state = LINK_CONNECTED;
        tell(member, SELF);
    }
    look(0);
    assert_int_equal(audit.gap_count, AUDIT_GAPS_MAX);
    assert_non_null(look(AUDIT_SETTLE_MS).one);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_found_where_all_reach_all),
        TEST(strangers_whom_nobody_else_knows_are_disbelieved_after_a_while),
        TEST(two_who_lie_together_are_disbelieved_after_a_while),
        TEST(two_who_lie_again_and_again_are_disbelieved_as_well),
        TEST(one_who_refuses_somebody_uses_up_nothing_of_theirs),
        TEST(a_new_gap_has_its_turn_before_one_that_was_told),
        TEST(who_was_told_least_is_forgotten_first),
        TEST(whoever_comes_back_is_believed_no_more_than_before),
        TEST(the_last_words_of_one_who_goes_count),
        TEST(those_who_lied_cost_others_nothing),
        TEST(a_stranger_is_named_no_longer_when_the_word_for_it_ends),
        TEST(a_pair_apart_is_found_once_it_is_settled),
        TEST(what_happens_to_others_makes_a_gap_no_younger),
        TEST(a_gap_that_was_closed_is_new_when_it_opens),
        TEST(one_who_says_they_reach_the_other_is_believed),
        TEST(who_is_out_of_reach_or_silent_is_no_witness),
        TEST(somebody_unknown_is_found),
        TEST(no_more_gaps_are_followed_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
