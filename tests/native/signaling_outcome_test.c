/* The outcomes of signaling and of the ICE configuration, without the rest of the core. */
#include "ice_config.h"
#include "signaling.h"

#include "cmocka_all.h"
#include "error.h"

#include <stdio.h>
#include <string.h>

#define TURN(name) "{\"urls\":\"turn:t.example\",\"username\":\"" name "\",\"credential\":\"c\"}"
#define ICE(name) "\"iceServers\":[" TURN(name) "],\"iceSeconds\":100"
#define WELCOME                                                                                    \
    "{\"type\":\"welcome\",\"version\":2,\"room\":\"lobby\",\"you\":\"AAAAAAAAAAAAAAAAAAAAAA\","   \
    "\"members\":[]," ICE("1") ",\"roomMembersMax\":9}"
#define CREDENTIALS(name) "{\"type\":\"credentials\"," ICE(name) "}"
#define LEFT "{\"type\":\"left\",\"member\":\"BBBBBBBBBBBBBBBBBBBBBB\"}"
#define REPLACED "{\"type\":\"error\",\"code\":\"replaced\",\"message\":\"x\"}"
#define IN "JOINED ice(welcome) welcome(lobby) "

static struct actions actions;
static struct outcomes outcomes;
static struct random random_source;
static struct keyring keyring;
static struct signaling signaling;
static struct ice_config ice;
static struct env env;
static char found[256]; /* the outcomes of the last call, in short */

static void note(const char *word, struct slice text) {
    size_t len = strlen(found);
    snprintf(found + len, sizeof found - len, text.len ? "%s(%.*s) " : "%s ", word, (int)text.len,
             text.bytes);
}

#define STATE_NAME(name) #name,
static const char *const states[] = {JOIN_STATES(STATE_NAME)};

static void note_outcome(const struct outcome *outcome) {
    const struct wire_message *message = outcome->message;
    switch (outcome->kind) {
    case OUTCOME_JOIN_STATE:
        note(states[outcome->state], slice_of(""));
        break;
    case OUTCOME_ICE_SERVERS:
        note("ice", slice_of(wire_type_name(message->type)));
        break;
    case OUTCOME_WELCOME:
        note("welcome", room_id_text(&message->room));
        break;
    case OUTCOME_SERVER_MESSAGE:
        note(wire_type_name(message->type), member_id_text(&message->member));
        break;
    case OUTCOME_REPLACED:
        note("replaced", slice_of(""));
        break;
    case OUTCOME_ICE_CONFIGURATION:
        note("configuration", slice_of(""));
        break;
    case OUTCOME_ADDRESS_HIDDEN:
        note("hidden", slice_of(""));
        break;
    case OUTCOME_SERVER_DOUBTED:
    case OUTCOME_RELAY_SILENT:
        OUTCOMES_OF_PEOPLE(OUTCOME_CASE)
        fail();
    }
}

static void assert_found(const char *expected) {
    found[0] = '\0';
    for (struct outcome outcome; outcomes_take(&outcomes, &outcome);)
        note_outcome(&outcome);
    signaling_forget_heard(&signaling);
    assert_string_equal(found, expected);
    while (actions_next(&actions))
        ;
    actions_begin(&actions);
}

static void handle(enum event_kind kind, const char *a) {
    signaling_handle(&signaling, &env, &(struct event){.kind = kind, .a = slice_of(a)});
}

static void hear(const char *message) {
    handle(EVENT_SERVER_MESSAGE, message);
}

static int setup(void **state) {
    (void)state;
    static const uint8_t random[SECRET_RANDOM_SEED_BYTES] = {1};
    outcomes = (struct outcomes){0};
    random_source = (struct random){0};
    env = (struct env){.actions = &actions, .outcomes = &outcomes, .random = &random_source};
    actions_init(&actions);
    signaling_init(&signaling);
    ice_config_init(&ice);
    signaling_begin(&signaling, &env, false, slice_of(""), random);
    keyring_begin(&keyring, random, slice_of(""));
    assert_int_equal(keyring_enter(&keyring, slice_of("lobby"), &signaling.token.secret),
                     PARLEY_OK);
    signaling_connect(&signaling, &env, &keyring);
    assert_found("CONNECTING ");
    handle(EVENT_SERVER_OPENED, "");
    assert_found("");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    keyring_deinit(&keyring);
    actions_deinit(&actions);
    outcomes_deinit(&outcomes);
    signaling_deinit(&signaling);
    ice_config_deinit(&ice);
    return 0;
}

static void test_the_welcome_comes_last(void **state) {
    (void)state;
    hear(LEFT); /* we are not in a room */
    hear(CREDENTIALS("0"));
    assert_found("");
    hear(WELCOME);
    assert_found(IN);
}

static void test_server_messages_go_to_the_modules_concerned(void **state) {
    (void)state;
    hear(WELCOME);
    assert_found(IN);
    hear(LEFT);
    assert_found("left(BBBBBBBBBBBBBBBBBBBBBB) ");
    hear(CREDENTIALS("2"));
    assert_found("ice(credentials) ");
    hear("{\"type\":\"pong\"}");
    hear("{\"type\":\"of a newer server\"}");
    hear(WELCOME);
    assert_found("");
}

static void test_the_server_is_lost_when_the_connection_ends(void **state) {
    (void)state;
    hear(WELCOME);
    assert_found(IN);
    handle(EVENT_SERVER_CLOSED, "");
    assert_found("LOST ");
    hear(LEFT);
    assert_found("");
}

static void test_another_page_takes_the_place(void **state) {
    (void)state;
    hear(WELCOME);
    assert_found(IN);
    hear(REPLACED);
    assert_found("replaced REFUSED ");
    assert_int_equal(signaling_deadline_ms(&signaling), NO_DEADLINE);
}

static void test_a_room_that_was_left_is_not_come_back_to(void **state) {
    (void)state;
    hear(WELCOME);
    assert_true(signaling.entered);
    signaling_leave(&signaling, &env, false);
    assert_false(signaling.entered);
    assert_found(IN "IDLE ");
}

static void keep(const char *text) {
    struct wire_message message;
    assert_int_equal(wire_read(slice_of(text), WIRE_TO_PAGE, &message), PARLEY_OK);
    ice_config_keep(&ice, &env, &message);
    wire_message_deinit(&message);
}

static void test_a_configuration_is_told_where_it_changes(void **state) {
    (void)state;
    ice_config_begin(&ice, &env, false);
    keep(WELCOME);
    assert_found("configuration configuration ");
    keep(CREDENTIALS("1"));
    assert_found("");
    keep(CREDENTIALS("2"));
    assert_found("configuration ");
}

static void test_connections_are_renewed_when_the_server_can_carry_offers(void **state) {
    (void)state;
    keep(WELCOME);
    ice_config_hide_address(&ice, &env, true);
    assert_found("configuration configuration hidden ");
    ice_config_rest(&ice);
    ice_config_hide_address(&ice, &env, false);
    ice_config_hide_address(&ice, &env, true);
    assert_found("configuration configuration ");
    keep(WELCOME);
    assert_found("hidden ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_welcome_comes_last),
        TEST(server_messages_go_to_the_modules_concerned),
        TEST(the_server_is_lost_when_the_connection_ends),
        TEST(another_page_takes_the_place),
        TEST(a_room_that_was_left_is_not_come_back_to),
        TEST(a_configuration_is_told_where_it_changes),
        TEST(connections_are_renewed_when_the_server_can_carry_offers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
