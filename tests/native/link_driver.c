#include "link_driver.h"

#include "error.h"
#include "made_ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_ID "BBBBBBBBBBBBBBBBBBBBBB"

struct link link;
struct actions actions;
struct budget budget;
uint32_t last_peer;
static uint64_t operation_ms;
struct link_env env;
static struct keyring no_keys;
bool crowded;
static struct random source;

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

/* The actions of the last call, without PEER_ASK_ROUTE. */
const char *drained(void) {
    told[0] = '\0';
    for (const struct action *action; (action = actions_next(&actions));)
        tell_action(action);
    actions_begin(&actions);
    return told;
}

void begin(bool polite) {
    link_deinit(&link);
    struct member_id other = member_id_from(OTHER_ID);
    link_init(&link, &other, polite, env.now_ms);
    budget = (struct budget){0};
}

int setup(void **state) {
    (void)state;
    static const uint8_t seed[8] = {1};
    actions_init(&actions);
    random_init(&source, seed);
    last_peer = 0;
    crowded = false;
    operation_ms = 0;
    env = (struct link_env){.actions = &actions,
                            .random = &source,
                            .keyring = &no_keys,
                            .budget = &budget,
                            .operation_ms = &operation_ms,
                            .last_peer = &last_peer,
                            .now_ms = 1000000,
                            .server_up = true,
                            .no_path = LINK_REASON_NO_PATH,
                            .configuration = {"{}", 2}};
    memset(&link, 0, sizeof link);
    begin(false);
    return 0;
}

int teardown(void **state) {
    (void)state;
    link_deinit(&link);
    actions_deinit(&actions);
    return 0;
}

/* Gives the link a turn, as the owner of links does after each event. */
static void give_turn(void) {
    if (!crowded && link_waits(&link))
        link_take_turn(&link, &env);
}

void offer(void) {
    link_offer(&link, &env);
    give_turn();
}

void retry(bool anew) {
    link_retry(&link, &env, anew);
    give_turn();
}

void happen(enum event_kind kind, uint32_t code, const char *a) {
    struct event event = {.kind = kind, .code = code, .a = slice_of(a)};
    link_handle(&link, &env, &event);
    give_turn();
}

void be(enum event_peer_state state) {
    happen(EVENT_PEER_STATE, state, "");
}

void receive(enum wire_type type, uint32_t theirs, uint32_t ours) {
    struct wire_message message = {
        .type = type, .connection = theirs, .target = ours, .sdp = slice_of("sdp")};
    link_receive(&link, &env, &message);
    give_turn();
}

/* The browser completes its operations, and the other side answers as |theirs|. */
void agree(uint32_t theirs) {
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_OFFER, "o");
    receive(WIRE_ANSWER, theirs, link.negotiation.own);
    happen(EVENT_PEER_DONE, 0, "");
    assert_int_equal(link.negotiation.state, NEGOTIATION_STABLE);
    assert_true(link.negotiation.remote_accepted);
}

void connected(void) {
    offer();
    agree(5);
    happen(EVENT_CHANNEL_OPENED, 0, "");
    drained();
    assert_true(link_deadline_ms(&link) == NO_DEADLINE);
    env.now_ms += LINK_STEADY_MS;
}

void answered_by_us(uint32_t theirs) {
    receive(WIRE_OFFER, theirs, 0);
    happen(EVENT_PEER_DONE, 0, "");
    happen(EVENT_PEER_DESCRIBED, EVENT_SDP_ANSWER, "a");
}

void connected_by_their_offer(void) {
    answered_by_us(5);
    happen(EVENT_CHANNEL_OPENED, 0, "");
    drained();
    env.now_ms += LINK_STEADY_MS;
}

void pass(uint64_t ms) {
    env.now_ms += ms;
    link_tick(&link, &env);
    give_turn();
}

void pass_to_deadline(void) {
    assert_true(link_deadline_ms(&link) != NO_DEADLINE);
    env.now_ms = link_deadline_ms(&link);
    link_tick(&link, &env);
    give_turn();
}
