/* ICE servers whose credentials expire, and a hidden address: the core's requests and actions, with
 * the test's own clock. No server, no browser. */
#include "ice_config.h"

#include "error.h"
#include "lone_page.h"
#include "sdp_text.h"

#include <stdio.h>
#include <string.h>

#define SELF "AAAAAAAAAAAAAAAAAAAAAA"
#define ADA "BBBBBBBBBBBBBBBBBBBBBB" /* we are the polite one */
#define STUN "{\"urls\":\"stun:s.example\"}"
#define TURN(name) "{\"urls\":\"turn:t.example\",\"username\":\"" name "\",\"credential\":\"c\"}"
#define ICE(servers, seconds) "\"iceServers\":[" servers "],\"iceSeconds\":" #seconds
#define WELCOME_OF(member, members, ice)                                                           \
    "{\"type\":\"welcome\",\"version\":2,\"room\":\"lobby\",\"you\":\"" member                     \
    "\",\"members\":[" members "]," ice ",\"roomMembersMax\":9}"
#define WELCOME(members, ice) WELCOME_OF(SELF, members, ice)
#define CREDENTIALS(ice) "{\"type\":\"credentials\"," ice "}"
#define OFFER(connection)                                                                          \
    "{\"type\":\"offer\",\"from\":\"" ADA                                                          \
    "\",\"sdp\":\"" SDP_JSON("x") "\",\"connection\":" #connection "}"
#define CONFIGURATION(servers) "{\"iceServers\":[" servers "]}"
#define HIDDEN(servers) "{\"iceServers\":[" servers "],\"iceTransportPolicy\":\"relay\"}"

static uint32_t peer;   /* of the last PEER_OPEN */
static char told[4096]; /* the effects of the last event, in short */

static void tell(const char *word, struct slice text) {
    size_t len = strlen(told);
    snprintf(told + len, sizeof told - len, "%s(%.*s) ", word, (int)text.len, text.bytes);
}

static void tell_sent(struct slice bytes) {
    struct wire_message message;
    assert_int_equal(wire_read(bytes, WIRE_TO_SERVER, &message), PARLEY_OK);
    tell(wire_type_name(message.type),
         message.type == WIRE_CANDIDATE ? message.candidate : message.sdp);
    wire_message_deinit(&message);
}

static void take(const struct action *action) {
    if (action->kind == ACTION_PEER_OPEN) {
        peer = action->peer;
        tell("open", action->a);
    } else if (action->kind == ACTION_PEER_CONFIGURE) {
        assert_int_equal(action->peer, peer);
        tell("configure", action->a);
    } else if (action->kind == ACTION_PEER_CLOSE) {
        tell("close", (struct slice){0});
    } else if (action->kind == ACTION_HIDE_ADDRESS_STORE) {
        tell("store", slice_of(action->code ? "1" : "0"));
    } else if (action->kind == ACTION_SERVER_SEND) {
        tell_sent(action->a);
    }
}

static void give(struct event event) {
    told[0] = '\0';
    lone_page_give(event, take);
}

static void hear(const char *message) {
    give((struct event){.kind = EVENT_SERVER_MESSAGE, .a = slice_of(message)});
}

static void hide(bool hide_address) {
    give((struct event){.kind = EVENT_HIDE_ADDRESS, .code = hide_address});
}

static void tick(void) {
    give((struct event){.kind = EVENT_TICK});
}

/* Passes time; the server answers pings meanwhile. */
static void pass_to(uint64_t at_ms) {
    while (chat_deadline_ms(chat) < at_ms) {
        now_ms = chat_deadline_ms(chat);
        tick();
        hear("{\"type\":\"pong\"}");
    }
    now_ms = at_ms;
    tick();
}

static void start(uint32_t code) {
    struct event event = lone_page_start();
    event.code = code;
    give(event);
    give((struct event){.kind = EVENT_SERVER_OPENED});
}

static int setup(void **state) {
    peer = 0;
    return lone_page_setup(state);
}

static void assert_says(const char *part) {
    char text[512];
    struct slice said = lone_page_status().hide_address_text;
    snprintf(text, sizeof text, "%.*s", (int)said.len, said.bytes);
    if (!strstr(text, part))
        fail_msg("'%s' not in '%s'", part, text);
}

/* Opens a connection that Ada began. */
static void connect_to_ada(void) {
    hear(OFFER(5));
    give((struct event){.kind = EVENT_PEER_DONE, .peer = peer});
    give((struct event){.kind = EVENT_PEER_DESCRIBED,
                        .peer = peer,
                        .code = EVENT_SDP_ANSWER,
                        .a = slice_of("v=0")});
    give((struct event){.kind = EVENT_CHANNEL_OPENED, .peer = peer});
    give((struct event){.kind = EVENT_CHANNEL_BUFFERED, .peer = peer});
}

static void test_credentials_are_renewed_before_they_end(void **state) {
    (void)state;
    start(0);
    hear(WELCOME("", ICE(TURN("1"), 100)));
    assert_true(chat_deadline_ms(chat) <= 75000);
    pass_to(74999);
    assert_string_equal(told, "");
    pass_to(75000);
    assert_non_null(strstr(told, "credentials() ")); /* and a heartbeat */
    hear(CREDENTIALS(ICE(TURN("2"), 40)));
    assert_string_equal(told, ""); /* nobody is here */
    pass_to(104999);
    assert_string_equal(told, "");
    pass_to(105000);
    assert_string_equal(told, "credentials() ");
    pass_to(105000 + ICE_CONFIG_AGAIN_MS - 1);
    assert_string_equal(told, "");
    pass_to(105000 + ICE_CONFIG_AGAIN_MS); /* no answer */
    assert_string_equal(told, "credentials() ");
}

static void test_lasting_credentials_are_not_renewed(void **state) {
    (void)state;
    start(0);
    hear(WELCOME("", "\"iceServers\":[" TURN("1") "]"));
    for (int hour = 1; hour <= 5; hour++) {
        pass_to((uint64_t)hour * 3600000);
        assert_null(strstr(told, "credentials"));
    }
    assert_int_equal(ice_config_deadline_ms(chat_debug(chat).ice), NO_DEADLINE);
}

/* A person who is alone is promised relays, and gets them just before another person comes. */
static void test_relays_come_with_company(void **state) {
    (void)state;
    start(0);
    hear(WELCOME("", ICE(STUN, 100)));
    assert_int_equal(ice_config_deadline_ms(chat_debug(chat).ice),
                     NO_DEADLINE); /* nothing to renew */
    assert_int_equal(lone_page_status().can_hide_address, 1);
    assert_says("learn your network address.");
    hide(true);
    assert_says("do not learn");
    hide(false);
    hear(CREDENTIALS(ICE(TURN("1"), 100)));
    assert_int_equal(ice_config_deadline_ms(chat_debug(chat).ice), now_ms + 75000);
    hear("{\"type\":\"joined\",\"member\":\"" ADA "\"}");
    assert_non_null(strstr(told, "open(" CONFIGURATION(STUN "," TURN("1")) ") "));
    hear(CREDENTIALS(ICE("", 100))); /* alone again */
    assert_int_equal(ice_config_deadline_ms(chat_debug(chat).ice), NO_DEADLINE);
    assert_int_equal(lone_page_status().can_hide_address, 1);
}

static void test_a_life_of_no_time_keeps_nobody_busy(void **state) {
    (void)state;
    start(0);
    hear(WELCOME("", ICE(TURN("1"), 1)));
    assert_int_equal(ice_config_deadline_ms(chat_debug(chat).ice), ICE_CONFIG_RENEW_MS_MIN);
    hear(CREDENTIALS(ICE(TURN("1"), 4294967295)));
    assert_int_equal(ice_config_deadline_ms(chat_debug(chat).ice), 4294967295 * 750);
}

static void test_without_the_server_nobody_is_asked(void **state) {
    (void)state;
    start(0);
    hear(WELCOME("", ICE(TURN("1"), 100)));
    give((struct event){.kind = EVENT_SERVER_CLOSED});
    assert_int_equal(ice_config_deadline_ms(chat_debug(chat).ice), NO_DEADLINE);
    hear(CREDENTIALS(ICE(TURN("9"), 100))); /* not asked for */
    assert_int_equal(ice_config_deadline_ms(chat_debug(chat).ice), NO_DEADLINE);
    now_ms = chat_deadline_ms(chat);
    tick();
    give((struct event){.kind = EVENT_SERVER_OPENED});
    now_ms += 500;
    hear(WELCOME("", ICE(TURN("2"), 100)));
    assert_int_equal(ice_config_deadline_ms(chat_debug(chat).ice), now_ms + 75000);
}

static void test_connections_learn_of_new_credentials(void **state) {
    (void)state;
    start(0);
    hear(WELCOME("\"" ADA "\"", ICE(STUN "," TURN("1"), 100)));
    hear(OFFER(5));
    assert_non_null(strstr(told, "open(" CONFIGURATION(STUN "," TURN("1")) ") "));
    pass_to(10000);
    hear(CREDENTIALS(ICE(TURN("2"), 100)));
    assert_string_equal(told, "configure(" CONFIGURATION(STUN "," TURN("2")) ") ");
    hear(CREDENTIALS(ICE(TURN("2"), 100)));
    assert_string_equal(told, ""); /* they know it already */
}

/* Connections that follow a welcome use its ICE servers. */
static void test_a_welcome_configures_first(void **state) {
    (void)state;
    start(0);
    hear(WELCOME("\"" ADA "\"", ICE(TURN("1"), 100)));
    hear(OFFER(5));
    now_ms = 40000;
    give((struct event){.kind = EVENT_SERVER_CLOSED});
    now_ms = 45000;
    tick();
    give((struct event){.kind = EVENT_SERVER_OPENED});
    hear(WELCOME("\"" ADA "\"", ICE(TURN("2"), 100)));
    assert_string_equal(told, "configure(" CONFIGURATION(TURN("2")) ") ask() ");
}

static void test_hidden_from_the_start_only_relays_are_signaled(void **state) {
    (void)state;
    start(EVENT_START_HIDE_ADDRESS);
    hear(WELCOME("\"" ADA "\"", ICE(TURN("1"), 100)));
    assert_int_equal(lone_page_status().hide_address, 1);
    hear(OFFER(5));
    assert_non_null(strstr(told, "open(" HIDDEN(TURN("1")) ") "));
    give((struct event){.kind = EVENT_PEER_DONE, .peer = peer});
    give((struct event){
        .kind = EVENT_PEER_DESCRIBED,
        .peer = peer,
        .code = EVENT_SDP_ANSWER,
        .a = slice_of(SDP_OF("x") "c=IN IP4 192.0.2.7\r\n"
                                  "a=candidate:1 1 udp 1 192.0.2.7 4000 typ host\r\n")});
    assert_string_equal(told, "answer(" SDP_OF("x") "c=IN IP4 0.0.0.0\r\n) ");
    struct event found = {.kind = EVENT_PEER_CANDIDATE, .peer = peer};
    found.a = slice_of("candidate:1 1 udp 1 192.0.2.7 4000 typ host");
    give(found);
    assert_string_equal(told, "");
    found.a = slice_of("candidate:1 1 udp 1 198.51.100.1 4000 typ relay raddr 192.0.2.7 rport 1");
    give(found);
    assert_string_equal(told, "candidate(candidate:1 1 udp 1 198.51.100.1 4000 typ relay raddr "
                              "0.0.0.0 rport 9) ");
    found.a = slice_of("");
    give(found);
    assert_string_equal(told, "candidate() ");
    assert_says("do not learn");
}

static void test_hiding_makes_connections_anew_and_is_kept(void **state) {
    (void)state;
    start(0);
    hear(WELCOME("\"" ADA "\"", ICE(TURN("1"), 100)));
    assert_int_equal(lone_page_status().hide_address, 0);
    assert_int_equal(lone_page_status().can_hide_address, 1);
    assert_says("learn your network address");
    connect_to_ada();
    pass_to(40000);
    hide(true);
    assert_string_equal(told, "store(1) configure(" HIDDEN(TURN("1")) ") close() ask() ");
    assert_says("know your network address already");
    hear(OFFER(6));
    assert_non_null(strstr(told, "open(" HIDDEN(TURN("1")) ") "));
    hide(true);
    assert_string_equal(told, "");
    hide(false); /* a relayed connection stays; a restart may find a direct path */
    assert_string_equal(told, "store(0) configure(" CONFIGURATION(TURN("1")) ") ");
    assert_int_equal(lone_page_status().hide_address, 0);
}

static void test_without_the_server_a_connection_is_kept_until_it_can_be_made_anew(void **state) {
    (void)state;
    start(0);
    hear(WELCOME("\"" ADA "\"", ICE(TURN("1"), 100)));
    connect_to_ada();
    now_ms = 40000;
    give((struct event){.kind = EVENT_SERVER_CLOSED});
    hide(true);
    assert_string_equal(told, "store(1) configure(" HIDDEN(TURN("1")) ") ");
    now_ms = chat_deadline_ms(chat) > 45000 ? chat_deadline_ms(chat) : 45000;
    tick();
    give((struct event){.kind = EVENT_SERVER_OPENED});
    hear(WELCOME("\"" ADA "\"", ICE(TURN("1"), 100)));
    assert_non_null(strstr(told, "close() ask() "));
}

static void test_without_a_relay_there_is_no_choice_but_to_take_it_back(void **state) {
    (void)state;
    start(0);
    assert_int_equal(lone_page_status().can_hide_address, 0);
    hear(WELCOME("", ICE(STUN, 0)));
    assert_int_equal(lone_page_status().can_hide_address, 0);
    assert_says("offers no relay");
    hide(true);
    assert_int_equal(lone_page_status().can_hide_address, 1);
    assert_says("nobody can be reached");
}

/* Relays that give no candidate */

static void fails(uint32_t code, const char *url) {
    give((struct event){
        .kind = EVENT_PEER_ICE_ERROR, .peer = peer, .code = code, .a = slice_of(url)});
}

static void finds(const char *candidate) {
    give((struct event){.kind = EVENT_PEER_CANDIDATE, .peer = peer, .a = slice_of(candidate)});
}

static void begin_with_relay(void) {
    start(0);
    hear(WELCOME("\"" ADA "\"", ICE(TURN("1"), 0)));
    hear(OFFER(5));
    give((struct event){.kind = EVENT_PEER_DONE, .peer = peer});
}

/* ICE finds no path. Asserts the reason that the person reads. */
static void assert_reason(const char *expected) {
    struct member_view view;
    give((struct event){.kind = EVENT_PEER_STATE, .peer = peer, .code = EVENT_PEER_STATE_FAILED});
    assert_int_equal(chat_member_view(chat, 1, &view), PARLEY_OK);
    char text[256];
    snprintf(text, sizeof text, "%.*s", (int)view.reason.len, view.reason.bytes);
    assert_non_null(strstr(text, expected));
}

static void assert_told_the_server(bool told_it) {
    now_ms += ICE_CONFIG_TELL_MS;
    tick();
    assert_int_equal(strstr(told, "relay_failed()") != NULL, told_it);
}

static void test_a_relay_that_refuses_is_told_from_one_that_is_silent(void **state) {
    (void)state;
    static const struct {
        uint32_t code;
        const char *reason;
    } rows[] = {{401, "relay, which refused us."},
                {403, "which refused us."},
                {438, "which refused us."},
                {486, "which refused us."},
                {508, "which refused us."},
                {700, "which refused us."},
                {701, "relay, which does not answer."},
                {0, "relay, which does not answer."},
                {299, "which does not answer."},
                {800, "which does not answer."},
                {UINT32_MAX, "which does not answer."}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin_with_relay();
        fails(rows[i].code, "turn:127.0.0.1:3478?transport=udp");
        assert_reason(rows[i].reason);
        assert_told_the_server(true);
        lone_page_teardown(state);
        setup(state);
    }
}

static void start_over(void **state) {
    lone_page_teardown(state);
    setup(state);
    start(0);
}

static void test_a_relay_that_refuses_is_there(void **state) {
    (void)state;
    begin_with_relay();
    fails(701, "turn:t.example:3478?transport=udp");
    fails(401, "turns:t.example:5349");
    fails(701, "turn:t.example:3478?transport=udp");
    assert_reason("which refused us");
    assert_told_the_server(true);
    fails(401, "turns:t.example:5349");
    assert_told_the_server(false); /* once */
}

static void test_one_transport_that_works_is_enough(void **state) {
    (void)state;
    static const char relay[] =
        "candidate:1 1 udp 1 198.51.100.1 4000 typ relay raddr 0.0.0.0 rport 9";
    begin_with_relay();
    fails(701, "turn:t.example:3478?transport=udp");
    finds("candidate:1 1 udp 1 192.0.2.7 4000 typ host");
    finds(relay);
    fails(701, "turn:t.example:3478?transport=udp");
    assert_told_the_server(false);
    assert_reason("not even through this server's relay");
}

static void test_stun_is_no_relay(void **state) {
    (void)state;
    begin_with_relay();
    fails(701, "stun:s.example:3478");
    fails(401, "");
    fails(401, "turn");
    assert_told_the_server(false);
    assert_reason("which does not answer"); /* there was no error, but no candidate either */
    assert_told_the_server(true);
    start_over(state);
    hear(WELCOME("\"" ADA "\"", ICE(STUN, 0)));
    hear(OFFER(5));
    give((struct event){.kind = EVENT_PEER_DONE, .peer = peer});
    assert_reason("this server offers no relay");
    assert_told_the_server(false);
}

static void test_a_server_that_was_away_is_told_when_it_is_back(void **state) {
    (void)state;
    begin_with_relay();
    fails(701, "turn:t.example:3478");
    give((struct event){.kind = EVENT_SERVER_CLOSED});
    fails(401, "turn:t.example:3478");
    assert_told_the_server(false);
    give((struct event){.kind = EVENT_SERVER_OPENED});
    hear(WELCOME("\"" ADA "\"", ICE(TURN("1"), 0)));
    assert_told_the_server(true);
}

static void test_a_server_left_out_is_named_once(void **state) {
    (void)state;
    static const char *const urls[] = {"stuns:h.example:5349", "stun:h.example:5060",
                                       "stuns:h.example:5349", "no address", ""};
    begin_with_relay();
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        give((struct event){
            .kind = EVENT_PEER_SERVER_REFUSED, .peer = peer, .a = slice_of(urls[i])});
    assert_says("goes without: stuns:h.example:5349 stun:h.example:5060.");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, lone_page_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(credentials_are_renewed_before_they_end),
        TEST(lasting_credentials_are_not_renewed),
        TEST(relays_come_with_company),
        TEST(a_life_of_no_time_keeps_nobody_busy),
        TEST(without_the_server_nobody_is_asked),
        TEST(connections_learn_of_new_credentials),
        TEST(a_welcome_configures_first),
        TEST(hidden_from_the_start_only_relays_are_signaled),
        TEST(hiding_makes_connections_anew_and_is_kept),
        TEST(without_the_server_a_connection_is_kept_until_it_can_be_made_anew),
        TEST(without_a_relay_there_is_no_choice_but_to_take_it_back),
        TEST(a_relay_that_refuses_is_told_from_one_that_is_silent),
        TEST(a_relay_that_refuses_is_there),
        TEST(one_transport_that_works_is_enough),
        TEST(stun_is_no_relay),
        TEST(a_server_that_was_away_is_told_when_it_is_back),
        TEST(a_server_left_out_is_named_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
