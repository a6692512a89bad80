#include "audit.h"
#include "cmocka_all.h"
#include "error.h"

#include <string.h>

#define SELF "AAAAAAAAAAAAAAAAAAAAAA"
#define BEA "BBBBBBBBBBBBBBBBBBBBBB"
#define CYD "CCCCCCCCCCCCCCCCCCCCCC"
#define STRANGER "SSSSSSSSSSSSSSSSSSSSSS"

static struct room room;
static struct member *bea, *cyd;

static void tell(struct member *member, const char *ids, uint64_t now_ms) {
    buffer_clear(&member->reach);
    assert_int_equal(buffer_append(&member->reach, slice_of(ids)), PARLEY_OK);
    member->reach_known = true;
    member->reach_ms = now_ms;
}

static int setup(void **state) {
    (void)state;
    room_init(&room);
    room_enter(&room, slice_of("lobby"), slice_of(SELF));
    assert_int_equal(room_add(&room, slice_of(BEA), 0, &bea), PARLEY_OK);
    assert_int_equal(room_add(&room, slice_of(CYD), 0, &cyd), PARLEY_OK);
    bea->link.phase = cyd->link.phase = LINK_CONNECTED;
    tell(bea, SELF CYD, 0);
    tell(cyd, SELF BEA, 0);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    room_clear(&room);
    return 0;
}

static void nothing_is_found_where_all_reach_all(void **state) {
    (void)state;
    struct audit audit = audit_room(&room, AUDIT_SETTLE_MS);
    assert_null(audit.one);
    assert_int_equal(audit.count, 0);
    assert_true(audit.due_ms == LINK_NO_DEADLINE);
}

static void a_pair_apart_is_found_once_it_is_settled(void **state) {
    (void)state;
    tell(bea, SELF, 100);
    tell(cyd, SELF, 200);
    struct audit audit = audit_room(&room, 200 + AUDIT_SETTLE_MS - 1);
    assert_null(audit.one);
    assert_int_equal(audit.due_ms, 200 + AUDIT_SETTLE_MS);
    audit = audit_room(&room, audit.due_ms);
    assert_int_equal(audit.count, 1);
    assert_ptr_equal(audit.one, bea);
    assert_ptr_equal(audit.other, cyd);
}

static void one_who_says_they_reach_the_other_is_believed(void **state) {
    (void)state;
    tell(bea, SELF, 0);
    assert_null(audit_room(&room, AUDIT_SETTLE_MS).one);
}

static void who_is_out_of_reach_or_silent_is_no_witness(void **state) {
    (void)state;
    tell(bea, SELF, 0);
    tell(cyd, SELF, 0);
    cyd->link.phase = LINK_RECONNECTING;
    assert_null(audit_room(&room, AUDIT_SETTLE_MS).one);
    cyd->link.phase = LINK_CONNECTED;
    cyd->reach_known = false;
    assert_null(audit_room(&room, AUDIT_SETTLE_MS).one);
}

static void somebody_unknown_is_found(void **state) {
    (void)state;
    tell(bea, SELF CYD STRANGER, 0);
    assert_int_equal(audit_room(&room, AUDIT_SETTLE_MS - 1).due_ms, AUDIT_SETTLE_MS);
    struct audit audit = audit_room(&room, AUDIT_SETTLE_MS);
    assert_ptr_equal(audit.one, bea);
    assert_null(audit.other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_found_where_all_reach_all),
        TEST(a_pair_apart_is_found_once_it_is_settled),
        TEST(one_who_says_they_reach_the_other_is_believed),
        TEST(who_is_out_of_reach_or_silent_is_no_witness),
        TEST(somebody_unknown_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
