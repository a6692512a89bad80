/* Signaling messages in both directions. An input is the bytes of a message or, after a "#", a
 * script for a message to write. Writing a message that was read, and reading it again, gives the
 * same message. A message that was written can be read. Relaying a message without parsing it gives
 * the same result as parsing it. */
#include "error.h"
#include "script.h"
#include "wire_relay.h"

#include <string.h>

#define OUT_BYTES_MAX (8u * WIRE_MESSAGE_BYTES_MAX)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_same_lists(const struct wire_message *one, const struct wire_message *two) {
    FUZZ_CHECK(one->member_count == two->member_count);
    for (size_t i = 0; i < one->member_count; i++)
        FUZZ_CHECK(member_id_equal(&one->members[i], &two->members[i]));
    FUZZ_CHECK(one->hello_count == two->hello_count);
    for (size_t i = 0; i < one->hello_count; i++)
        FUZZ_CHECK(slice_equal(one->hellos[i], two->hellos[i]));
    FUZZ_CHECK(one->ice_server_count == two->ice_server_count);
    for (size_t i = 0; i < one->ice_server_count; i++) {
        FUZZ_CHECK(slice_equal(one->ice_servers[i].url, two->ice_servers[i].url));
        FUZZ_CHECK(slice_equal(one->ice_servers[i].username, two->ice_servers[i].username));
        FUZZ_CHECK(slice_equal(one->ice_servers[i].credential, two->ice_servers[i].credential));
    }
}

static void check_same(const struct wire_message *one, const struct wire_message *two) {
    FUZZ_CHECK(one->type == two->type && one->version == two->version);
    FUZZ_CHECK(slice_equal(room_id_text(&one->room), room_id_text(&two->room)));
    FUZZ_CHECK(member_id_equal(&one->member, &two->member));
    FUZZ_CHECK(memcmp(&one->token, &two->token, sizeof one->token) == 0);
    FUZZ_CHECK(one->back == two->back && one->goodbye == two->goodbye);
    FUZZ_CHECK(one->number == two->number && one->status == two->status);
    FUZZ_CHECK(one->connection == two->connection && one->target == two->target);
    FUZZ_CHECK(slice_equal(one->sdp, two->sdp) && slice_equal(one->candidate, two->candidate));
    FUZZ_CHECK(slice_equal(one->mid, two->mid) && slice_equal(one->ufrag, two->ufrag));
    FUZZ_CHECK(slice_equal(one->hello, two->hello) && slice_equal(one->sealed, two->sealed));
    FUZZ_CHECK(one->room_members_max == two->room_members_max && one->error == two->error);
    check_same_lists(one, two);
}

/* --- reading a message ------------------------------------------------------------------------ */

/* Messages of other versions, and errors with newer codes, can be read, but not written. */
static bool is_ours(const struct wire_message *message) {
    bool has_version = message->type == WIRE_JOIN || message->type == WIRE_WELCOME;
    bool is_new_error = message->type == WIRE_ERROR && message->error == WIRE_ERROR_COUNT;
    return !(has_version && message->version != WIRE_VERSION) && !is_new_error;
}

static void check_written_again(const struct wire_message *message, enum wire_direction direction) {
    struct buffer out;
    struct wire_message again;
    buffer_init(&out, OUT_BYTES_MAX);
    int error = wire_write(message, direction, &out);
    /* the writer may escape characters that were not escaped in the input */
    FUZZ_CHECK(error == PARLEY_OK || error == PARLEY_ERR_TOO_BIG);
    if (error == PARLEY_OK) {
        FUZZ_CHECK(out.len <=
                   (message->hello_count ? WIRE_WELCOME_BYTES_MAX : WIRE_MESSAGE_BYTES_MAX));
        FUZZ_CHECK(wire_read(buffer_slice(&out), direction, &again) == PARLEY_OK);
        check_same(message, &again);
        wire_message_deinit(&again);
    }
    buffer_deinit(&out);
}

static void read_message(struct slice bytes, enum wire_direction direction) {
    struct wire_message message;
    int error = wire_read(bytes, direction, &message);
    if (error == PARLEY_OK) {
        FUZZ_CHECK(wire_type_name(message.type)[0] != '\0');
        if (is_ours(&message))
            check_written_again(&message, direction);
    }
    wire_message_deinit(&message);
}

static void check_relayed(struct slice bytes) {
    static const struct member_id from = {"BBBBBBBBBBBBBBBBBBBBBB"};
    struct wire_relay relay;
    struct wire_message message;
    struct buffer shortly, at_length;
    if (!wire_relay_read(bytes, &relay))
        return;
    buffer_init(&shortly, OUT_BYTES_MAX);
    buffer_init(&at_length, OUT_BYTES_MAX);
    FUZZ_CHECK(wire_read(bytes, WIRE_TO_SERVER, &message) == PARLEY_OK);
    FUZZ_CHECK(message.type == relay.type && member_id_equal(&message.member, &relay.member));
    message.member = from;
    FUZZ_CHECK(wire_write(&message, WIRE_TO_PAGE, &at_length) == PARLEY_OK);
    FUZZ_CHECK(wire_relay_write(&relay, &from, &shortly) == PARLEY_OK);
    FUZZ_CHECK(slice_equal(buffer_slice(&shortly), buffer_slice(&at_length)));
    wire_message_deinit(&message);
    buffer_deinit(&shortly);
    buffer_deinit(&at_length);
}

/* --- writing a message ------------------------------------------------------------------------ */

static void fill_id(struct script *script, char *bytes, size_t bytes_max) {
    struct slice text = script_text(script);
    memset(bytes, 0, bytes_max);
    memcpy(bytes, text.bytes, text.len < bytes_max ? text.len : bytes_max);
}

/* Not all are valid. */
static struct member_id some_id(struct script *script) {
    struct member_id id = {"AAAAAAAAAAAAAAAAAAAAAA"};
    if (script_once_in(script, 8))
        fill_id(script, id.bytes, sizeof id.bytes);
    return id;
}

static struct token_secret some_token(struct script *script) {
    struct token_secret token = {"AAAAAAAAAAAAAAAAAAAAAA"};
    if (script_once_in(script, 8))
        fill_id(script, token.bytes, sizeof token.bytes);
    return token;
}

static struct slice some_url(struct script *script) {
    static const char *const urls[] = {"stun:h:1", "turns:[::1]?transport=tcp", "turn:h"};
    uint32_t which = script_below(script, 4);
    return which < 3 ? slice_of(urls[which]) : script_text(script);
}

static struct slice some_hello(struct script *script) {
    return script_once_in(script, 4) ? script_text(script) : slice_of("hello");
}

struct lists {
    struct member_id members[WIRE_ROOM_MEMBERS_MAX];
    struct slice hellos[WIRE_ROOM_MEMBERS_MAX];
    struct wire_ice_server ice_servers[WIRE_ICE_SERVERS_MAX];
};

static void fill_lists(struct script *script, struct wire_message *message, struct lists *lists) {
    message->member_count = script_below(script, WIRE_ROOM_MEMBERS_MAX + 2);
    if (script_once_in(script, 16) && message->member_count <= WIRE_ROOM_MEMBERS_MAX)
        message->member_count++;
    struct member_id id = some_id(script);
    for (size_t i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++)
        lists->members[i] = id;
    message->hello_count = script_once_in(script, 2) ? message->member_count : 0;
    struct slice hello = some_hello(script);
    for (size_t i = 0; i < WIRE_ROOM_MEMBERS_MAX; i++)
        lists->hellos[i] = hello;
    message->ice_server_count = script_below(script, WIRE_ICE_SERVERS_MAX + 2);
    struct wire_ice_server server = {some_url(script), script_text(script), script_text(script)};
    for (size_t i = 0; i < WIRE_ICE_SERVERS_MAX; i++)
        lists->ice_servers[i] = server;
}

static void fill(struct script *script, struct wire_message *message, struct lists *lists) {
    message->type = (enum wire_type)script_below(script, WIRE_TYPE_COUNT + 1);
    message->version = script_once_in(script, 8) ? script_number(script) : WIRE_VERSION;
    message->member = some_id(script);
    message->token = some_token(script);
    message->connection = script_number(script);
    message->target = script_number(script);
    message->number = script_number(script);
    message->back = script_once_in(script, 2);
    message->goodbye = script_once_in(script, 2);
    message->error = (enum wire_error)script_below(script, WIRE_ERROR_COUNT + 1);
    message->room =
        script_room_id(script_once_in(script, 2) ? script_text(script) : slice_of("lobby"));
    message->sdp = script_text(script);
    message->candidate = script_text(script);
    message->mid = script_text(script);
    message->ufrag = script_text(script);
    message->hello = some_hello(script);
    message->sealed = script_text(script);
    message->room_members_max = script_number(script);
    if (message->type == WIRE_WELCOME)
        fill_lists(script, message, lists);
}

static void check_error_names(enum wire_error error) {
    if (error == WIRE_ERROR_COUNT)
        return;
    FUZZ_CHECK(strlen(wire_error_code(error)) > 0 && strlen(wire_error_sentence(error)) > 0);
    FUZZ_CHECK(wire_error_close_code(error) == 0 || wire_error_close_code(error) >= 1000);
}

/* A written message can be read. Only UTF-8 in texts is the caller's responsibility. */
static void check_readable(struct slice bytes, enum wire_direction direction, enum wire_type type) {
    struct wire_message message;
    int error = wire_read(bytes, direction, &message);
    FUZZ_CHECK(error == PARLEY_ERR_UTF8 || (error == PARLEY_OK && message.type == type));
    wire_message_deinit(&message);
}

static void write_message(struct script *script, enum wire_direction direction) {
    struct lists lists = {0};
    struct wire_message message = {
        .members = lists.members, .hellos = lists.hellos, .ice_servers = lists.ice_servers};
    struct buffer out;
    fill(script, &message, &lists);
    check_error_names(message.error);
    buffer_init(&out, script_once_in(script, 16) ? 64 : OUT_BYTES_MAX);
    int error = wire_write(&message, direction, &out);
    FUZZ_CHECK(error == PARLEY_OK || out.len == 0);
    if (error == PARLEY_OK)
        check_readable(buffer_slice(&out), direction, message.type);
    check_relayed(buffer_slice(&out));
    buffer_clear(&out);
    wire_write_ice_servers(message.ice_servers, message.ice_server_count, &out);
    FUZZ_CHECK(!wire_ice_url_is_turn(message.ice_servers[0].url) ||
               wire_ice_url_valid(message.ice_servers[0].url));
    buffer_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    struct script script = script_of(bytes, len);
    if (len > 0 && bytes[0] == '#') {
        script_byte(&script);
        write_message(&script, script_once_in(&script, 2) ? WIRE_TO_PAGE : WIRE_TO_SERVER);
    } else {
        struct slice text = script_rest(&script);
        read_message(text, WIRE_TO_SERVER);
        read_message(text, WIRE_TO_PAGE);
        check_relayed(text);
    }
    script_free_texts(&script);
    return 0;
}
