/* The hub: messages between members who have no other path, and their budgets. */
#include "hub_driver.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"

#include <stdio.h>

#define SEALED_CHARACTERS 4000

static int setup(void **state) {
    (void)state;
    all_meet = false;
    return start_hub(64, 4, 32, 0);
}

struct person {
    hub_handle handle;
    char id[WIRE_MEMBER_ID_BYTES + 1];
};

static struct person come(const char *room, unsigned token) {
    struct person person;
    person.handle = member_with(room, token, false, 0, person.id);
    return person;
}

/* Returns the length of the message as it is passed on. */
static size_t relay_at(const struct person *from, const char *to, size_t characters,
                       uint64_t now_ms) {
    char text[256];
    snprintf(text, sizeof text, "{\"type\":\"relay\",\"to\":\"%s\",\"sealed\":\"", to);
    struct slice message = filled(text, "x", characters, "\"}");
    hub_receive(hub, now_ms, from->handle, message);
    collect();
    return message.len + strlen("from") - strlen("to");
}

/* How long |to| has to wait, in milliseconds; 0: its message was passed on. */
static uint32_t wait_of(const struct person *from) {
    uint32_t wait_ms = 0;
    assert_int_equal(sent_count, 1);
    if (sent[0].to == from->handle) {
        struct wire_message message = message_at(0, from->handle);
        assert_int_equal(message.type, WIRE_ERROR);
        assert_int_equal(message.error, WIRE_ERROR_RELAY_BUSY);
        assert_true(message.number > 0);
        wait_ms = message.number;
        wire_message_deinit(&message);
    }
    return wait_ms;
}

/* Relays until the budget is used up; returns the bytes, and sets |wait_ms|. */
static uint64_t relay_all(const struct person *from, const char *to, uint64_t now_ms,
                          uint32_t *wait_ms) {
    uint64_t bytes = 0;
    for (;;) {
        size_t len = relay_at(from, to, SEALED_CHARACTERS, now_ms);
        *wait_ms = wait_of(from);
        if (*wait_ms > 0)
            return bytes;
        bytes += len;
        assert_true(bytes <= 2 * HUB_RELAY_ROOM_BURST_BYTES); /* or there is no budget */
    }
}

static void it_reaches_its_target_with_the_true_sender(void **state) {
    (void)state;
    struct person ann = come("lobby", 1), bea = come("lobby", 2), cai = come("cellar", 3);
    relay_at(&ann, bea.id, 5, 0);
    struct wire_message message = message_at(0, bea.handle);
    assert_int_equal(sent_count, 1);
    assert_int_equal(message.type, WIRE_RELAY);
    assert_true(member_id_is(&message.member, ann.id));
    assert_slice(message.sealed, "xxxxx");
    wire_message_deinit(&message);
    relay_at(&ann, cai.id, 5, 0);
    assert_error_at(0, ann.handle, WIRE_ERROR_NO_SUCH_MEMBER);
}

static void one_of_8_kib_is_the_longest(void **state) {
    (void)state;
    struct person ann = come("lobby", 1), bea = come("lobby", 2);
    relay_at(&ann, bea.id, 10923, 0);
    assert_int_equal(wait_of(&ann), 0);
    relay_at(&ann, bea.id, 10924, 0);
    assert_error_at(0, ann.handle, WIRE_ERROR_BAD_MESSAGE);
}

/* What is over it is dropped, the sender learns how long to wait, and stays. */
static void a_member_has_a_budget(void **state) {
    (void)state;
    struct person ann = come("lobby", 1), bea = come("lobby", 2);
    uint32_t wait_ms;
    uint64_t bytes = relay_all(&ann, bea.id, 0, &wait_ms);
    assert_in_range(bytes, HUB_RELAY_BURST_BYTES, HUB_RELAY_BURST_BYTES + 2 * SEALED_CHARACTERS);
    assert_true(hub_is_in_room(hub, ann.handle));
    relay_at(&ann, bea.id, 1, wait_ms - 1);
    assert_int_equal(wait_of(&ann), 1);
    relay_at(&ann, bea.id, 1, wait_ms);
    assert_int_equal(wait_of(&ann), 0);
    relay_at(&bea, ann.id, 1, wait_ms); /* it is not the others' */
    assert_int_equal(wait_of(&bea), 0);
    uint64_t later = relay_all(&ann, bea.id, wait_ms + 8000, &wait_ms);
    assert_in_range(later, 8 * HUB_RELAY_BYTES_PER_SECOND - 2 * SEALED_CHARACTERS,
                    8 * HUB_RELAY_BYTES_PER_SECOND + 2 * SEALED_CHARACTERS);
}

static void a_room_has_a_budget_too(void **state) {
    (void)state;
    struct person people[8];
    uint64_t bytes = 0;
    uint32_t wait_ms = 0;
    for (unsigned i = 0; i < 8; i++)
        people[i] = come("lobby", i);
    for (unsigned i = 0; i < 8; i++)
        bytes += relay_all(&people[i], people[(i + 1) % 8].id, 0, &wait_ms);
    assert_in_range(bytes, HUB_RELAY_ROOM_BURST_BYTES,
                    HUB_RELAY_ROOM_BURST_BYTES + 2 * SEALED_CHARACTERS);
    struct person other = come("cellar", 20), mate = come("cellar", 21);
    relay_at(&other, mate.id, 1, 0);
    assert_int_equal(wait_of(&other), 0);
    relay_at(&people[7], people[0].id, 1, wait_ms);
    assert_int_equal(wait_of(&people[7]), 0);
}

static void a_newcomer_has_a_budget_of_its_own(void **state) {
    (void)state;
    struct person ann = come("lobby", 1), bea = come("lobby", 2);
    uint32_t wait_ms;
    relay_all(&ann, bea.id, 0, &wait_ms);
    say(ann.handle, LEAVE);
    disconnect_at(ann.handle, 0);
    struct person cai = come("lobby", 3);
    assert_int_equal(cai.handle, ann.handle); /* in the same slot */
    relay_at(&cai, bea.id, 1, 0);
    assert_int_equal(wait_of(&cai), 0);
}

static void it_is_counted(void **state) {
    (void)state;
    struct person ann = come("lobby", 1), bea = come("lobby", 2);
    uint32_t wait_ms;
    uint64_t bytes = relay_all(&ann, bea.id, 0, &wait_ms);
    const struct hub_relayed *relayed = hub_relayed(hub);
    assert_true(relayed->bytes == bytes && relayed->refused_bytes > SEALED_CHARACTERS);
    assert_int_equal(relayed->messages, bytes / (relayed->bytes / relayed->messages));
    assert_int_equal(relayed->refused_messages, 1);
    assert_int_equal(hub_received(hub)[WIRE_RELAY], relayed->messages + 1);
}

static struct wire_message welcome_at(int index, hub_handle to) {
    struct wire_message welcome = message_at(index, to);
    assert_int_equal(welcome.type, WIRE_WELCOME);
    return welcome;
}

static void a_server_that_relays_nothing_says_so(void **state) {
    (void)state;
    const struct hub_config off = {.connections_max = 4, .rooms_max = 1, .room_members_max = 2};
    hub_handle first = must_connect();
    join(first, "lobby");
    struct wire_message welcome = welcome_at(0, first);
    assert_true(welcome.relays);
    wire_message_deinit(&welcome);
    hub_destroy(hub);
    assert_int_equal(hub_create(&hub, &off), PARLEY_OK);
    first = must_connect();
    join(first, "lobby");
    welcome = welcome_at(0, first);
    assert_false(welcome.relays);
    wire_message_deinit(&welcome);
    struct person bea = come("lobby", 2);
    relay_at(&bea, "AAAAAAAAAAAAAAAAAAAAAA", 1, 0);
    assert_error_at(0, bea.handle, WIRE_ERROR_NO_SUCH_MEMBER);
    struct person ann = {.handle = first};
    relay_at(&ann, bea.id, 1, 0);
    assert_error_at(0, first, WIRE_ERROR_RELAY_OFF);
    assert_int_equal(sent_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, stop_hub)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_reaches_its_target_with_the_true_sender),
        TEST(one_of_8_kib_is_the_longest),
        TEST(a_member_has_a_budget),
        TEST(a_room_has_a_budget_too),
        TEST(a_newcomer_has_a_budget_of_its_own),
        TEST(it_is_counted),
        TEST(a_server_that_relays_nothing_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
