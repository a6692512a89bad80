/* Signaling messages in both directions: written ones can be read again, and limits hold. */
#include "wire.h"

#include "error.h"
#include "made_ids.h"
#include "slices.h"

#define ALICE "alice-alice-alice-alic"
#define BOB "bob_bob_bob_bob_bob_BO"
#define CAROL "0123456789ABCDEFabcdef"
#define TOKEN "token-token-token-TOKE"

static struct buffer out;

static int setup(void **state) {
    (void)state;
    buffer_init(&out, 1 << 16);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buffer_deinit(&out);
    return 0;
}

/* Writes |message|, checks that the result is |text|, and reads it again. */
static struct wire_message round_trip(const struct wire_message *message,
                                      enum wire_direction direction, const char *text) {
    struct wire_message again;
    assert_int_equal(wire_write(message, direction, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), text);
    assert_int_equal(wire_read(buffer_slice(&out), direction, &again), PARLEY_OK);
    assert_int_equal(again.type, message->type);
    memset(out.bytes, '#', out.len); /* the result must not point into it */
    return again;
}

static void test_join(void **state) {
    (void)state;
    struct wire_message message = {.type = WIRE_JOIN,
                                   .version = WIRE_VERSION,
                                   .room = room_id_of("tea-room"),
                                   .token = token_secret_of(TOKEN)};
    struct wire_message again = round_trip(
        &message, WIRE_TO_SERVER,
        "{\"type\":\"join\",\"version\":2,\"room\":\"tea-room\",\"token\":\"" TOKEN "\"}");
    assert_int_equal(again.version, WIRE_VERSION);
    assert_slice(room_id_text(&again.room), "tea-room");
    assert_memory_equal(again.token.bytes, TOKEN, sizeof again.token.bytes);
    assert_false(again.back);
    wire_message_deinit(&again);
}

static void test_join_of_one_who_is_back(void **state) {
    (void)state;
    struct wire_message message = {.type = WIRE_JOIN,
                                   .version = WIRE_VERSION,
                                   .room = room_id_of("tea-room"),
                                   .token = token_secret_of(TOKEN),
                                   .back = true,
                                   .number = UINT32_MAX};
    struct wire_message again =
        round_trip(&message, WIRE_TO_SERVER,
                   "{\"type\":\"join\",\"version\":2,\"room\":\"tea-room\",\"token\":\"" TOKEN
                   "\",\"number\":4294967295,\"back\":true}");
    assert_true(again.back);
    assert_int_equal(again.number, UINT32_MAX);
    wire_message_deinit(&again);
}

static void test_join_of_a_room_to_be_made(void **state) {
    (void)state;
    struct wire_message message = {
        .type = WIRE_JOIN, .version = WIRE_VERSION, .token = token_secret_of(TOKEN)};
    struct wire_message again = round_trip(
        &message, WIRE_TO_SERVER, "{\"type\":\"join\",\"version\":2,\"token\":\"" TOKEN "\"}");
    assert_int_equal(again.room.len, 0);
    wire_message_deinit(&again);
}

/* Otherwise a page of version 1, which has no token, would be told of a bad message. */
static void test_another_version_is_read_no_further(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{\"type\":\"join\",\"version\":1,\"room\":\"tea-room\"}",
        "{\"type\":\"join\",\"version\":4294967295,\"room\":[],\"token\":0,\"back\":7}"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct wire_message message;
        assert_int_equal(wire_read(slice_of(texts[i]), WIRE_TO_SERVER, &message), PARLEY_OK);
        assert_int_equal(message.version, i ? UINT32_MAX : 1);
        assert_int_equal(message.room.len + message.token.bytes[0], 0);
        assert_false(message.back);
        wire_message_deinit(&message);
    }
    struct wire_message welcome;
    assert_int_equal(
        wire_read(slice_of("{\"type\":\"welcome\",\"version\":3}"), WIRE_TO_PAGE, &welcome),
        PARLEY_OK);
    assert_int_equal(welcome.version, 3);
    wire_message_deinit(&welcome);
}

static void check_bare(enum wire_type type, enum wire_direction direction, const char *text) {
    struct wire_message again = round_trip(&(struct wire_message){.type = type}, direction, text);
    wire_message_deinit(&again);
    buffer_clear(&out);
}

static void test_messages_without_fields(void **state) {
    (void)state;
    check_bare(WIRE_LEAVE, WIRE_TO_SERVER, "{\"type\":\"leave\"}");
    check_bare(WIRE_PING, WIRE_TO_SERVER, "{\"type\":\"ping\"}");
    check_bare(WIRE_PONG, WIRE_TO_PAGE, "{\"type\":\"pong\"}");
}

static void check_description(enum wire_type type, enum wire_direction direction,
                              const char *text) {
    struct wire_message message = {.type = type,
                                   .member = member_id_from(BOB),
                                   .sdp = slice_of("v=0\r\n\"\\\xC3\xA4"),
                                   .connection = UINT32_MAX,
                                   .target = 7};
    struct wire_message again = round_trip(&message, direction, text);
    assert_slice(member_id_text(&again.member), BOB);
    assert_int_equal(again.connection, UINT32_MAX);
    assert_int_equal(again.target, 7);
    assert_slice(again.sdp, "v=0\r\n\"\\\xC3\xA4");
    wire_message_deinit(&again);
    buffer_clear(&out);
}

static void test_offer_and_answer(void **state) {
    (void)state;
#define SDP "\",\"sdp\":\"v=0\\r\\n\\\"\\\\\xC3\xA4\",\"connection\":4294967295,\"for\":7}"
    check_description(WIRE_OFFER, WIRE_TO_SERVER, "{\"type\":\"offer\",\"to\":\"" BOB SDP);
    check_description(WIRE_OFFER, WIRE_TO_PAGE, "{\"type\":\"offer\",\"from\":\"" BOB SDP);
    check_description(WIRE_ANSWER, WIRE_TO_SERVER, "{\"type\":\"answer\",\"to\":\"" BOB SDP);
    check_description(WIRE_ANSWER, WIRE_TO_PAGE, "{\"type\":\"answer\",\"from\":\"" BOB SDP);
#undef SDP
}

static void check_candidate(enum wire_direction direction, const char *text) {
    struct wire_message message = {.type = WIRE_CANDIDATE,
                                   .member = member_id_from(BOB),
                                   .candidate = slice_of("candidate:1 typ host"),
                                   .mid = slice_of("0"),
                                   .ufrag = slice_of("abcd"),
                                   .connection = 3,
                                   .target = 4};
    struct wire_message again = round_trip(&message, direction, text);
    assert_slice(member_id_text(&again.member), BOB);
    assert_slice(again.candidate, "candidate:1 typ host");
    assert_slice(again.mid, "0");
    assert_slice(again.ufrag, "abcd");
    assert_int_equal(again.connection, 3);
    assert_int_equal(again.target, 4);
    wire_message_deinit(&again);
    buffer_clear(&out);
}

static void test_candidate(void **state) {
    (void)state;
#define REST                                                                                       \
    "\",\"candidate\":\"candidate:1 typ host\",\"mid\":\"0\",\"ufrag\":\"abcd\","                  \
    "\"connection\":3,\"for\":4}"
    check_candidate(WIRE_TO_SERVER, "{\"type\":\"candidate\",\"to\":\"" BOB REST);
    check_candidate(WIRE_TO_PAGE, "{\"type\":\"candidate\",\"from\":\"" BOB REST);
#undef REST
}

static void test_end_of_candidates(void **state) {
    (void)state;
    struct wire_message message = {
        .type = WIRE_CANDIDATE, .member = member_id_from(BOB), .connection = 1};
    struct wire_message again = round_trip(&message, WIRE_TO_SERVER,
                                           "{\"type\":\"candidate\",\"to\":\"" BOB
                                           "\",\"candidate\":\"\",\"connection\":1}");
    assert_int_equal(again.candidate.len + again.mid.len + again.ufrag.len, 0);
    assert_int_equal(again.target, 0);
    wire_message_deinit(&again);
}

static void check_ask(uint32_t connection, uint32_t target, enum wire_direction direction,
                      const char *text) {
    struct wire_message message = {.type = WIRE_ASK,
                                   .member = member_id_from(BOB),
                                   .connection = connection,
                                   .target = target};
    struct wire_message again = round_trip(&message, direction, text);
    assert_slice(member_id_text(&again.member), BOB);
    assert_int_equal(again.connection, connection);
    assert_int_equal(again.target, target);
    wire_message_deinit(&again);
    buffer_clear(&out);
}

static void test_ask(void **state) {
    (void)state;
    check_ask(0, 0, WIRE_TO_SERVER, "{\"type\":\"ask\",\"to\":\"" BOB "\"}");
    check_ask(5, 0, WIRE_TO_SERVER, "{\"type\":\"ask\",\"to\":\"" BOB "\",\"connection\":5}");
    check_ask(0, 6, WIRE_TO_PAGE, "{\"type\":\"ask\",\"from\":\"" BOB "\",\"for\":6}");
    check_ask(5, 6, WIRE_TO_PAGE,
              "{\"type\":\"ask\",\"from\":\"" BOB "\",\"connection\":5,\"for\":6}");
}

static void test_welcome(void **state) {
    (void)state;
    const struct member_id others[] = {member_id_from(BOB), member_id_from(CAROL)};
    const struct wire_ice_server servers[] = {
        {slice_of("stun:s.example"), {0}, {0}},
        {slice_of("turn:t.example:3478?transport=tcp"), slice_of("u"), slice_of("p\"")}};
    struct wire_message message = {.type = WIRE_WELCOME,
                                   .version = WIRE_VERSION,
                                   .room = room_id_of("tea-room"),
                                   .member = member_id_from(ALICE),
                                   .members = others,
                                   .member_count = 2,
                                   .ice_servers = servers,
                                   .ice_server_count = 2,
                                   .room_members_max = 16};
    struct wire_message again = round_trip(
        &message, WIRE_TO_PAGE,
        "{\"type\":\"welcome\",\"version\":2,\"room\":\"tea-room\",\"you\":\"" ALICE "\","
        "\"members\":[\"" BOB "\",\"" CAROL "\"],\"iceServers\":[{\"urls\":\"stun:s.example\"},"
        "{\"urls\":\"turn:t.example:3478?transport=tcp\",\"username\":\"u\","
        "\"credential\":\"p\\\"\"}],\"roomMembersMax\":16}");
    assert_slice(room_id_text(&again.room), "tea-room");
    assert_slice(member_id_text(&again.member), ALICE);
    assert_int_equal(again.member_count, 2);
    assert_slice(member_id_text(&again.members[0]), BOB);
    assert_slice(member_id_text(&again.members[1]), CAROL);
    assert_int_equal(again.ice_server_count, 2);
    assert_slice(again.ice_servers[0].url, "stun:s.example");
    assert_int_equal(again.ice_servers[0].username.len + again.ice_servers[0].credential.len, 0);
    assert_slice(again.ice_servers[1].username, "u");
    assert_slice(again.ice_servers[1].credential, "p\"");
    assert_int_equal(again.room_members_max, 16);
    wire_message_deinit(&again);
}

static void test_credentials(void **state) {
    (void)state;
    struct wire_message message = {.type = WIRE_CREDENTIALS};
    struct wire_message again = round_trip(&message, WIRE_TO_SERVER, "{\"type\":\"credentials\"}");
    wire_message_deinit(&again);
    buffer_clear(&out);
    const struct wire_ice_server server = {slice_of("turn:t.example"), slice_of("u"),
                                           slice_of("p")};
    message.ice_servers = &server;
    message.ice_server_count = 1;
    message.ice_seconds = 60;
    again = round_trip(&message, WIRE_TO_PAGE,
                       "{\"type\":\"credentials\",\"iceServers\":[{\"urls\":"
                       "\"turn:t.example\",\"username\":\"u\",\"credential\":\"p\"}],"
                       "\"iceSeconds\":60}");
    assert_int_equal(again.ice_server_count, 1);
    assert_slice(again.ice_servers[0].username, "u");
    assert_int_equal(again.ice_seconds, 60);
    wire_message_deinit(&again);
}

static void test_welcome_to_an_empty_room(void **state) {
    (void)state;
    struct wire_message message = {.type = WIRE_WELCOME,
                                   .version = WIRE_VERSION,
                                   .room = room_id_of("tea-room"),
                                   .member = member_id_from(ALICE),
                                   .room_members_max = 2};
    struct wire_message again = round_trip(
        &message, WIRE_TO_PAGE,
        "{\"type\":\"welcome\",\"version\":2,\"room\":\"tea-room\",\"you\":\"" ALICE "\","
        "\"members\":[],\"iceServers\":[],\"roomMembersMax\":2}");
    assert_int_equal(again.member_count, 0);
    assert_int_equal(again.ice_server_count, 0);
    wire_message_deinit(&again);
}

static void check_member(enum wire_type type, bool back, bool goodbye, const char *text) {
    struct wire_message message = {
        .type = type, .member = member_id_from(BOB), .back = back, .goodbye = goodbye};
    struct wire_message again = round_trip(&message, WIRE_TO_PAGE, text);
    assert_slice(member_id_text(&again.member), BOB);
    assert_int_equal(again.back, back);
    assert_int_equal(again.goodbye, goodbye);
    wire_message_deinit(&again);
    buffer_clear(&out);
}

static void test_joined_and_left(void **state) {
    (void)state;
    check_member(WIRE_JOINED, false, false, "{\"type\":\"joined\",\"member\":\"" BOB "\"}");
    check_member(WIRE_JOINED, true, false,
                 "{\"type\":\"joined\",\"member\":\"" BOB "\",\"back\":true}");
    check_member(WIRE_LEFT, false, false, "{\"type\":\"left\",\"member\":\"" BOB "\"}");
    check_member(WIRE_LEFT, false, true,
                 "{\"type\":\"left\",\"member\":\"" BOB "\",\"goodbye\":true}");
}

static void test_every_error_travels(void **state) {
    (void)state;
    for (int i = 0; i < WIRE_ERROR_COUNT; i++) {
        enum wire_error error = (enum wire_error)i;
        struct wire_message message = wire_error_message(error);
        struct wire_message again;
        buffer_clear(&out);
        assert_int_equal(wire_write(&message, WIRE_TO_PAGE, &out), PARLEY_OK);
        assert_int_equal(wire_read(buffer_slice(&out), WIRE_TO_PAGE, &again), PARLEY_OK);
        assert_int_equal(again.error, error);
        assert_slice(again.sentence, wire_error_sentence(error));
        wire_message_deinit(&again);
    }
}

static void test_an_error_of_a_newer_server_keeps_its_sentence(void **state) {
    (void)state;
    struct wire_message message;
    const char *text = "{\"type\":\"error\",\"code\":\"too_tired\",\"message\":\"Good night.\"}";
    assert_int_equal(wire_read(slice_of(text), WIRE_TO_PAGE, &message), PARLEY_OK);
    assert_int_equal(message.error, WIRE_ERROR_COUNT);
    assert_slice(message.sentence, "Good night.");
    wire_message_deinit(&message);
}

/* The errors' table: a code for programs, a sentence for people, a close code of RFC 6455 or IANA's
 * registry. */
static void test_errors_are_complete(void **state) {
    (void)state;
    for (int i = 0; i < WIRE_ERROR_COUNT; i++) {
        const char *code = wire_error_code((enum wire_error)i);
        const char *sentence = wire_error_sentence((enum wire_error)i);
        uint16_t close_code = wire_error_close_code((enum wire_error)i);
        assert_int_equal(strspn(code, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(code));
        assert_in_range(strlen(code), 1, 123 - 2); /* it fits into a close frame's reason */
        assert_in_range(sentence[0], 'A', 'Z');
        assert_int_equal(sentence[strlen(sentence) - 1], '.');
        assert_true(close_code == 0 || close_code == 1001 || close_code == 1003 ||
                    (close_code >= 1007 && close_code <= 1009) || close_code == 1012 ||
                    close_code == 1013);
        for (int other = 0; other < i; other++)
            assert_string_not_equal(code, wire_error_code((enum wire_error)other));
    }
}

static void test_errors_close_as_the_protocol_says(void **state) {
    (void)state;
    static const struct {
        enum wire_error error;
        uint16_t close_code;
    } cases[] = {
        {WIRE_ERROR_BAD_MESSAGE, 0},      {WIRE_ERROR_NO_SUCH_MEMBER, 0},
        {WIRE_ERROR_JOINED_ALREADY, 0},   {WIRE_ERROR_NOT_TEXT, 1003},
        {WIRE_ERROR_NOT_UTF8, 1007},      {WIRE_ERROR_TOO_MANY_BAD, 1008},
        {WIRE_ERROR_BAD_ROOM, 1008},      {WIRE_ERROR_ROOM_FULL, 1008},
        {WIRE_ERROR_ROOM_BUSY, 1013},     {WIRE_ERROR_TOO_BIG, 1009},
        {WIRE_ERROR_SERVER_FULL, 1013},   {WIRE_ERROR_TOO_MANY_ROOMS, 1013},
        {WIRE_ERROR_SHUTTING_DOWN, 1001}, {WIRE_ERROR_REPLACED, 1008},
        {WIRE_ERROR_ADDRESS_FULL, 1013},  {WIRE_ERROR_TOO_MANY_JOINS, 1013},
        {WIRE_ERROR_TOO_FAST, 1013},      {WIRE_ERROR_RESTARTING, 1012},
        {WIRE_ERROR_OLD_JOIN, 1013},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(wire_error_close_code(cases[i].error), cases[i].close_code);
}

static void test_types_have_their_names(void **state) {
    (void)state;
    static const char *const names[WIRE_TYPE_COUNT] = {[WIRE_JOIN] = "join",
                                                       [WIRE_LEAVE] = "leave",
                                                       [WIRE_OFFER] = "offer",
                                                       [WIRE_ANSWER] = "answer",
                                                       [WIRE_CANDIDATE] = "candidate",
                                                       [WIRE_WELCOME] = "welcome",
                                                       [WIRE_JOINED] = "joined",
                                                       [WIRE_LEFT] = "left",
                                                       [WIRE_ERROR] = "error",
                                                       [WIRE_ASK] = "ask",
                                                       [WIRE_SEALED] = "sealed",
                                                       [WIRE_RELAY] = "relay",
                                                       [WIRE_PING] = "ping",
                                                       [WIRE_PONG] = "pong",
                                                       [WIRE_CREDENTIALS] = "credentials",
                                                       [WIRE_RELAY_FAILED] = "relay_failed"};
    for (int i = 0; i < WIRE_TYPE_COUNT; i++)
        assert_string_equal(wire_type_name((enum wire_type)i), names[i]);
}

/* Writing beyond a limit */

static struct wire_message valid_message(enum wire_type type) {
    struct wire_message message = {.type = type,
                                   .version = WIRE_VERSION,
                                   .room = room_id_of("tea-room"),
                                   .member = member_id_from(BOB),
                                   .token = token_secret_of(TOKEN),
                                   .sdp = slice_of("v=0"),
                                   .sealed = slice_of("x"),
                                   .connection = 1,
                                   .target = 1,
                                   .room_members_max = 8,
                                   .error = WIRE_ERROR_ROOM_FULL};
    return message;
}

static void check_not_written(const struct wire_message *message, enum wire_direction direction,
                              int expected) {
    buffer_clear(&out);
    append_times(&out, "kept", 1);
    assert_int_equal(wire_write(message, direction, &out), expected);
    assert_slice(buffer_slice(&out), "kept");
}

static void test_types_travel_in_their_direction_only(void **state) {
    (void)state;
    static const enum wire_type to_server[] = {WIRE_JOIN, WIRE_LEAVE, WIRE_PING, WIRE_RELAY_FAILED};
    static const enum wire_type to_page[] = {WIRE_WELCOME, WIRE_JOINED, WIRE_LEFT, WIRE_PONG,
                                             WIRE_ERROR};
    for (size_t i = 0; i < COUNT(to_server); i++) {
        struct wire_message message = valid_message(to_server[i]);
        check_not_written(&message, WIRE_TO_PAGE, PARLEY_ERR_TYPE);
    }
    for (size_t i = 0; i < COUNT(to_page); i++) {
        struct wire_message message = valid_message(to_page[i]);
        check_not_written(&message, WIRE_TO_SERVER, PARLEY_ERR_TYPE);
    }
    struct wire_message message = valid_message(WIRE_TYPE_COUNT);
    check_not_written(&message, WIRE_TO_PAGE, PARLEY_ERR_TYPE);
}

/* Longer ids do not exist. */
static void test_bad_ids_are_not_written(void **state) {
    (void)state;
    static const struct member_id ids[] = {{""}, {"short"}, {"bob bob bob bob bob BO"}};
    for (size_t i = 0; i < COUNT(ids); i++) {
        struct wire_message message = valid_message(WIRE_OFFER);
        message.member = ids[i];
        check_not_written(&message, WIRE_TO_SERVER, PARLEY_ERR_FIELD);
        message = valid_message(WIRE_WELCOME);
        message.members = &ids[i];
        message.member_count = 1;
        check_not_written(&message, WIRE_TO_PAGE, PARLEY_ERR_FIELD);
    }
    struct wire_message message = valid_message(WIRE_JOIN);
    message.room = (struct room_id){"no", 2};
    check_not_written(&message, WIRE_TO_SERVER, PARLEY_ERR_FIELD);
    message = valid_message(WIRE_WELCOME);
    message.room = (struct room_id){0};
    check_not_written(&message, WIRE_TO_PAGE, PARLEY_ERR_FIELD);
}

static void test_bad_tokens_are_not_written(void **state) {
    (void)state;
    static const struct token_secret tokens[] = {{""}, {"short"}, {"token token token TOKE"}};
    for (size_t i = 0; i < COUNT(tokens); i++) {
        struct wire_message message = valid_message(WIRE_JOIN);
        message.token = tokens[i];
        check_not_written(&message, WIRE_TO_SERVER, PARLEY_ERR_FIELD);
    }
}

static void test_signals_are_not_written_without_their_connections(void **state) {
    (void)state;
    static const enum wire_type types[] = {WIRE_OFFER, WIRE_ANSWER, WIRE_CANDIDATE};
    for (size_t i = 0; i < COUNT(types); i++) {
        struct wire_message message = valid_message(types[i]);
        message.connection = 0;
        check_not_written(&message, WIRE_TO_SERVER, PARLEY_ERR_FIELD);
    }
    struct wire_message answer = valid_message(WIRE_ANSWER);
    answer.target = 0;
    check_not_written(&answer, WIRE_TO_PAGE, PARLEY_ERR_FIELD);
}

static void test_fields_are_written_up_to_their_limit(void **state) {
    (void)state;
    static const struct {
        enum wire_type type;
        size_t offset, bytes_max;
    } cases[] = {
        {WIRE_OFFER, offsetof(struct wire_message, sdp), WIRE_SDP_BYTES_MAX},
        {WIRE_ANSWER, offsetof(struct wire_message, sdp), WIRE_SDP_BYTES_MAX},
        {WIRE_CANDIDATE, offsetof(struct wire_message, candidate), WIRE_CANDIDATE_BYTES_MAX},
        {WIRE_CANDIDATE, offsetof(struct wire_message, mid), WIRE_MID_BYTES_MAX},
        {WIRE_CANDIDATE, offsetof(struct wire_message, ufrag), WIRE_UFRAG_BYTES_MAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct wire_message message = valid_message(cases[i].type);
        struct slice *field = (struct slice *)((char *)&message + cases[i].offset);
        *field = filled("", "x", cases[i].bytes_max + 1, "");
        check_not_written(&message, WIRE_TO_SERVER, PARLEY_ERR_FIELD);
        field->len--;
        assert_int_equal(wire_write(&message, WIRE_TO_SERVER, &out), PARLEY_OK);
    }
    struct wire_message message = valid_message(WIRE_OFFER);
    message.sdp = slice_of("");
    check_not_written(&message, WIRE_TO_SERVER, PARLEY_ERR_FIELD);
}

static void test_lists_are_written_up_to_their_limit(void **state) {
    (void)state;
    struct wire_message message = valid_message(WIRE_WELCOME);
    struct member_id others[WIRE_ROOM_MEMBERS_MAX];
    struct wire_ice_server servers[WIRE_ICE_SERVERS_MAX];
    for (size_t i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++)
        others[i] = member_id_from(CAROL);
    for (size_t i = 0; i < WIRE_ICE_SERVERS_MAX; i++)
        servers[i] = (struct wire_ice_server){.url = slice_of("stun:s.example")};
    message.members = others;
    message.member_count = WIRE_ROOM_MEMBERS_MAX;
    message.ice_servers = servers;
    message.ice_server_count = WIRE_ICE_SERVERS_MAX;
    assert_int_equal(wire_write(&message, WIRE_TO_PAGE, &out), PARLEY_OK);
    struct wire_message again;
    assert_int_equal(wire_read(buffer_slice(&out), WIRE_TO_PAGE, &again), PARLEY_OK);
    assert_int_equal(again.member_count, WIRE_ROOM_MEMBERS_MAX);
    assert_int_equal(again.ice_server_count, WIRE_ICE_SERVERS_MAX);
    wire_message_deinit(&again);
    message.member_count++;
    check_not_written(&message, WIRE_TO_PAGE, PARLEY_ERR_FIELD);
    message.member_count = 0;
    message.ice_server_count++;
    check_not_written(&message, WIRE_TO_PAGE, PARLEY_ERR_FIELD);
}

/* A value that is short in memory can be long on the wire. */
static void test_escapes_count_for_the_message(void **state) {
    (void)state;
    const size_t around =
        strlen("{\"type\":\"offer\",\"to\":\"" BOB "\",\"sdp\":\"\",\"connection\":1,\"for\":1}");
    struct wire_message message = valid_message(WIRE_OFFER);
    size_t count = (WIRE_MESSAGE_BYTES_MAX - around) / strlen("\\n");
    message.sdp = filled("", "\n", count, (WIRE_MESSAGE_BYTES_MAX - around) % 2 ? "x" : "");
    assert_int_equal(wire_write(&message, WIRE_TO_SERVER, &out), PARLEY_OK);
    assert_int_equal(out.len, WIRE_MESSAGE_BYTES_MAX);
    message.sdp = filled("", "\n", count, "xx");
    check_not_written(&message, WIRE_TO_SERVER, PARLEY_ERR_TOO_BIG);
    message.sdp = filled("", "\x01", WIRE_SDP_BYTES_MAX, "");
    check_not_written(&message, WIRE_TO_SERVER, PARLEY_ERR_TOO_BIG);
}

static void test_ice_servers_alone_are_an_array(void **state) {
    (void)state;
    const struct wire_ice_server servers[] = {{slice_of("stun:a"), {0}, {0}},
                                              {slice_of("turn:b"), slice_of("u"), slice_of("c")}};
    assert_int_equal(wire_write_ice_servers(servers, 2, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), "[{\"urls\":\"stun:a\"},"
                                     "{\"urls\":\"turn:b\",\"username\":\"u\","
                                     "\"credential\":\"c\"}]");
    buffer_clear(&out);
    assert_int_equal(wire_write_ice_servers(NULL, 0, &out), PARLEY_OK);
    assert_slice(buffer_slice(&out), "[]");
    const struct wire_ice_server bad = {slice_of("http://a"), {0}, {0}};
    assert_int_equal(wire_write_ice_servers(&bad, 1, &out), PARLEY_ERR_FIELD);
    assert_slice(buffer_slice(&out), "[]");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(join),
        TEST(join_of_one_who_is_back),
        TEST(join_of_a_room_to_be_made),
        TEST(another_version_is_read_no_further),
        TEST(messages_without_fields),
        TEST(offer_and_answer),
        TEST(candidate),
        TEST(end_of_candidates),
        TEST(ask),
        TEST(welcome),
        TEST(credentials),
        TEST(welcome_to_an_empty_room),
        TEST(joined_and_left),
        TEST(every_error_travels),
        TEST(an_error_of_a_newer_server_keeps_its_sentence),
        TEST(errors_are_complete),
        TEST(errors_close_as_the_protocol_says),
        TEST(types_have_their_names),
        TEST(types_travel_in_their_direction_only),
        TEST(bad_ids_are_not_written),
        TEST(bad_tokens_are_not_written),
        TEST(signals_are_not_written_without_their_connections),
        TEST(fields_are_written_up_to_their_limit),
        TEST(lists_are_written_up_to_their_limit),
        TEST(escapes_count_for_the_message),
        TEST(ice_servers_alone_are_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
