/* The roster: who is in the room, in which order and colour, and who is polite to whom. */
#include "room.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"

#include <stdio.h>

static struct keyring no_keys;
static struct room room;

/* The |number|-th of many ids. */
static struct member_id id_number(unsigned number) {
    char digits[WIRE_MEMBER_ID_BYTES + 1];
    snprintf(digits, sizeof digits, "%0*u", WIRE_MEMBER_ID_BYTES, number);
    return member_id_from(digits);
}

static void enter_as(struct room *as, unsigned number) {
    struct member_id id = id_number(number);
    struct room_id tea_room = room_id_of("tea-room");
    room_enter(as, &tea_room, &id);
}

static int add_to(struct room *to, unsigned number, struct member **member) {
    struct member_id id = id_number(number);
    return room_add(to, &id, 0, 1000, &no_keys, member);
}

static struct member *add(unsigned number) {
    struct member *member = NULL;
    assert_int_equal(add_to(&room, number, &member), PARLEY_OK);
    return member;
}

static struct member *find(unsigned number) {
    struct member_id id = id_number(number);
    return room_find_id(&room, &id);
}

static int setup(void **state) {
    (void)state;
    room_init(&room);
    enter_as(&room, 0);
    room_choose_own_colour(&room);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    room_deinit(&room);
    return 0;
}

/* The members */

static void test_entering_sets_the_room(void **state) {
    (void)state;
    assert_slice(room_id_text(&room.id), "tea-room");
    assert_int_equal(room.member_count, 0);
    assert_in_range(room.self_colour, 0, ROOM_COLOURS - 1);
}

static void test_a_new_member_is_nobody_yet(void **state) {
    (void)state;
    const struct member *member = add(1);
    assert_slice(member_name(member), "Somebody");
    assert_int_equal(member->link.state, LINK_CONNECTING);
    assert_true(link_deadline_ms(&member->link) == 1000 + LINK_ATTEMPT_MS);
    assert_true(member->presence.due_ms == NO_DEADLINE);
    assert_true(member->presence.listed);
    assert_false(member_connected(member));
    struct member_id other = member_id_from("AAAAAAAAAAAAAAAAAAAAAA");
    assert_false(member_reaches(member, &other));
    assert_false(member->was_here || member->session.name_due || member->session.may_send);
}

static void test_members_are_found_by_id_and_number(void **state) {
    (void)state;
    struct member *one = add(1);
    struct member *two = add(2);
    assert_ptr_equal(find(1), one);
    assert_ptr_equal(find(2), two);
    assert_null(find(3));
    assert_null(find(0)); /* the page itself is not in the list */
    assert_null(room_find_id(&room, &(struct member_id){0}));
    assert_null(room_find_peer(&room, 0)); /* no connection, for neither of them */
    two->link.connection = LINK_CONNECTION_OPEN;
    two->link.negotiation.peer = 7;
    assert_ptr_equal(room_find_peer(&room, 7), two);
    assert_null(room_find_peer(&room, 8));
}

static void test_nobody_comes_twice(void **state) {
    (void)state;
    struct member *member = NULL;
    add(1);
    assert_int_equal(add_to(&room, 1, &member), PARLEY_ERR_ARGUMENT);
    assert_null(member);
    assert_int_equal(room.member_count, 1);
}

static void go(unsigned number) {
    room_remove(&room, find(number));
}

static void test_a_returning_member_is_known(void **state) {
    (void)state;
    struct member *member = add(1);
    assert_false(member->link.expense.met || member->link.expense.talked);
    member->session.theirs = 9;
    member->link.expense.met = member->link.expense.talked = true;
    member->session.next_in = 21;
    member->session.next_shown = 20;
    member->session.inbox.rate.booked = 14;
    member->link.expense.common.booked = 11;
    member->link.offers.booked = 12;
    member->link.renewals.booked = 13;
    go(1);
    for (unsigned stranger = 2; stranger < 2 + 2 * ROOM_GONE_MAX; stranger++) {
        add(stranger);
        go(stranger);
    }
    member = add(1);
    assert_true(member->link.expense.talked);
    assert_false(member->link.expense.met); /* in this visit */
    assert_int_equal(member->session.theirs, 9);
    assert_int_equal(member->session.next_in, 20); /* it asks again for texts not shown */
    assert_int_equal(member->session.next_shown, 20);
    assert_int_equal(member->session.inbox.rate.booked, 14);
    assert_int_equal(member->link.expense.common.booked, 11);
    assert_int_equal(member->link.offers.booked, 12);
    assert_int_equal(member->link.renewals.booked, 13);
}

static void test_the_oldest_of_many_is_forgotten(void **state) {
    (void)state;
    for (unsigned number = 1; number <= ROOM_GONE_MAX + 1; number++) {
        struct member *member = add(number);
        member->session.theirs = 9;
        member->link.expense.common.booked = 11;
        go(number);
        add(number); /* a second time: it takes no second place */
        go(number);
    }
    assert_int_equal(add(1)->link.expense.common.booked, 0);
    assert_int_equal(add(2)->link.expense.common.booked, 11);
}

static void test_oneself_is_no_newcomer(void **state) {
    (void)state;
    struct member *member = NULL;
    assert_int_equal(add_to(&room, 0, &member), PARLEY_ERR_ARGUMENT);
    assert_null(member);
    assert_int_equal(room.member_count, 0);
}

static void test_a_full_room_stays_as_it_is(void **state) {
    (void)state;
    struct member *member = NULL;
    for (unsigned i = 1; i <= WIRE_ROOM_MEMBERS_MAX; i++)
        add(i);
    uint32_t last_number = room.last_number;
    assert_int_equal(add_to(&room, WIRE_ROOM_MEMBERS_MAX + 1, &member), PARLEY_ERR_FULL);
    assert_null(member);
    assert_int_equal(room.member_count, WIRE_ROOM_MEMBERS_MAX);
    assert_int_equal(room.last_number, last_number);
    room_remove(&room, find(1));
    assert_non_null(add(WIRE_ROOM_MEMBERS_MAX + 1));
}

static void check_order(const unsigned *numbers, uint32_t count) {
    assert_int_equal(room.member_count, count);
    for (uint32_t i = 0; i < count; i++)
        assert_ptr_equal(room.members[i], find(numbers[i]));
}

static void test_members_stand_in_the_order_of_arrival(void **state) {
    (void)state;
    add(30);
    add(10);
    add(20);
    check_order((const unsigned[]){30, 10, 20}, 3);
    room_remove(&room, find(10));
    check_order((const unsigned[]){30, 20}, 2);
    add(10);
    check_order((const unsigned[]){30, 20, 10}, 3);
    room_remove(&room, find(30));
    room_remove(&room, find(10));
    check_order((const unsigned[]){20}, 1);
    room_remove(&room, find(20));
    check_order(NULL, 0);
}

static void test_numbers_are_never_used_twice(void **state) {
    (void)state;
    uint32_t first = add(1)->number;
    assert_int_not_equal(first, 0);
    room_remove(&room, find(1));
    assert_int_equal(add(1)->number, first + 1);
    room_clear(&room);
    assert_int_equal(room.id.len, 0);
    assert_int_equal(room.member_count, 0);
    enter_as(&room, 0);
    assert_int_equal(add(1)->number, first + 2);
}

static void test_entering_another_room_forgets_the_first(void **state) {
    (void)state;
    add(1);
    struct member_id self = id_number(9);
    struct room_id other_room = room_id_of("other-room");
    room_enter(&room, &other_room, &self);
    assert_slice(room_id_text(&room.id), "other-room");
    assert_null(find(1));
    assert_non_null(add(0)); /* our former id is somebody else's now */
}

static void test_names(void **state) {
    (void)state;
    struct member *member = add(1);
    room_set_name(&room, member, slice_of("Ada"));
    assert_slice(member_name(member), "Ada");
    struct slice longest = filled("", "\xF0\x9F\x98\x80", PEER_NAME_CHARACTERS_MAX, "");
    room_set_name(&room, member, longest);
    assert_true(slice_equal(member_name(member), longest));
    room_set_name(&room, member, slice_of("B"));
    assert_slice(member_name(member), "B");
}

/* Names that look alike */

static void name(struct member *member, const char *chosen, const char *shown) {
    room_set_name(&room, member, slice_of(chosen));
    if (shown)
        assert_slice(member ? member_name(member) : name_shown(&room.self_name), shown);
}

static void test_the_later_name_has_a_number(void **state) {
    (void)state;
    struct member *before = add(1), *after = add(2), *last = add(3);
    before->was_here = true;
    name(last, "alice", "alice");
    name(after, "\u0410lice", "\u0410lice"); /* Cyrillic; came before the last */
    assert_slice(member_name(last), "alice (2)");
    name(NULL, "Al1ce", "Al1ce");
    assert_slice(member_name(after), "\u0410lice (2)");
    assert_slice(member_name(last), "alice (3)");
    name(before, "ALICE", "ALICE");
    assert_slice(name_shown(&room.self_name), "Al1ce (2)");
    assert_slice(member_name(after), "\u0410lice (3)");
    assert_slice(member_name(last), "alice (4)");
    assert_slice(name_chosen(&room.self_name), "Al1ce");
}

static void test_a_number_stays_with_its_name(void **state) {
    (void)state;
    struct member *first = add(1), *second = add(2);
    name(first, "Alice", "Alice");
    name(second, "Alice", "Alice (2)");
    room_remove(&room, first);
    name(second, "Alice", "Alice (2)"); /* nobody takes another's place */
    name(second, "Bob", "Bob");
    name(second, "Alice", "Alice");
}

static void test_nobody_chooses_a_name_with_another_s_number(void **state) {
    (void)state;
    struct member *first = add(1), *second = add(2), *third = add(3);
    name(first, "Alice (2)", "Alice (2)");
    name(second, "Alice", "Alice");
    name(third, "Alice", "Alice (3)");
    name(first, "Bob", "Bob");
    name(first, "Alice (3)", "Alice (3)");
    assert_slice(member_name(third), "Alice (4)");
    name(second, "alice (4)", "alice (4)");
    assert_slice(member_name(third), "Alice (5)");
}

static void test_a_full_room_of_one_name(void **state) {
    (void)state;
    struct slice longest = filled("", "\U0001F600", PEER_NAME_CHARACTERS_MAX, "");
    room_set_name(&room, NULL, longest);
    for (unsigned i = 1; i < WIRE_ROOM_MEMBERS_MAX; i++) {
        struct member *member = add(i);
        room_set_name(&room, member, longest);
        assert_int_equal(member->name.number, i + 1);
    }
}

static void test_another_room_begins_without_numbers(void **state) {
    (void)state;
    struct member *member = add(1);
    member->was_here = true;
    name(NULL, "Ada", "Ada");
    name(member, "Ada", "Ada");
    assert_slice(name_shown(&room.self_name), "Ada (2)");
    enter_as(&room, 9);
    assert_slice(name_shown(&room.self_name), "Ada");
}

/* Colours */

static void test_colours_differ_while_there_are_enough(void **state) {
    (void)state;
    bool taken[ROOM_COLOURS] = {false};
    taken[room.self_colour] = true;
    for (unsigned i = 1; i < ROOM_COLOURS; i++) {
        uint32_t colour = add(i)->colour;
        assert_in_range(colour, 0, ROOM_COLOURS - 1);
        assert_false(taken[colour]);
        taken[colour] = true;
    }
}

static void test_there_is_a_colour_for_everybody(void **state) {
    (void)state;
    for (unsigned i = 1; i <= WIRE_ROOM_MEMBERS_MAX; i++)
        assert_in_range(add(i)->colour, 0, ROOM_COLOURS - 1);
}

/* The colours of all in the order of arrival, as seen by the |self|-th. */
static void see_colours(unsigned self, uint32_t colours[ROOM_COLOURS]) {
    struct member *member;
    room_init(&room);
    enter_as(&room, self);
    for (unsigned i = 0; i < ROOM_COLOURS; i++) {
        if (i == self) {
            room_choose_own_colour(&room);
            colours[i] = room.self_colour;
        } else {
            assert_int_equal(add_to(&room, i, &member), PARLEY_OK);
            colours[i] = member->colour;
        }
    }
    room_deinit(&room);
}

static void test_everybody_sees_the_same_colours(void **state) {
    (void)state;
    uint32_t first[ROOM_COLOURS], other[ROOM_COLOURS];
    see_colours(0, first);
    for (unsigned self = 1; self < ROOM_COLOURS; self++) {
        see_colours(self, other);
        assert_memory_equal(first, other, sizeof first);
    }
}

static void test_a_colour_is_free_again_when_its_owner_left(void **state) {
    (void)state;
    uint32_t colour = add(1)->colour;
    room_remove(&room, find(1));
    assert_int_equal(add(1)->colour, colour);
}

/* Politeness */

static bool is_polite(unsigned here_is, unsigned there_is) {
    struct room here;
    struct member *member = NULL;
    room_init(&here);
    enter_as(&here, here_is);
    assert_int_equal(add_to(&here, there_is, &member), PARLEY_OK);
    bool polite = member->link.polite;
    room_deinit(&here);
    return polite;
}

static void test_exactly_one_of_two_is_polite(void **state) {
    (void)state;
    for (unsigned one = 0; one < 20; one++)
        for (unsigned two = one + 1; two < 20; two++)
            assert_int_not_equal(is_polite(one, two), is_polite(two, one));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(entering_sets_the_room),
        TEST(a_new_member_is_nobody_yet),
        TEST(members_are_found_by_id_and_number),
        TEST(nobody_comes_twice),
        TEST(a_returning_member_is_known),
        TEST(the_oldest_of_many_is_forgotten),
        TEST(oneself_is_no_newcomer),
        TEST(a_full_room_stays_as_it_is),
        TEST(members_stand_in_the_order_of_arrival),
        TEST(numbers_are_never_used_twice),
        TEST(entering_another_room_forgets_the_first),
        TEST(names),
        TEST(the_later_name_has_a_number),
        TEST(a_number_stays_with_its_name),
        TEST(nobody_chooses_a_name_with_another_s_number),
        TEST(a_full_room_of_one_name),
        TEST(another_room_begins_without_numbers),
        TEST(colours_differ_while_there_are_enough),
        TEST(there_is_a_colour_for_everybody),
        TEST(everybody_sees_the_same_colours),
        TEST(a_colour_is_free_again_when_its_owner_left),
        TEST(exactly_one_of_two_is_polite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
