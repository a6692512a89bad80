/* The hub's inputs. The first bytes are its limits. The rest is a script of connections that come
 * and go, and of messages, most of them well formed. hub_model.h checks the results of each. */
#include "error.h"
#include "hub_model.h"
#include "script.h"

#include <string.h>

#define INPUTS_MAX 2000 /* in one script */
#define TICKS_MAX 200   /* within which nothing may be left due */

struct run {
    struct script script;
    struct model model;
    uint32_t inputs;
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* --- picks ------------------------------------------------------------------------------------ */

/* A connected handle; MODEL_HANDLES: there is none. */
static hub_handle some_handle(struct run *run) {
    uint32_t pick = script_byte(&run->script);
    for (uint32_t i = 0; i < MODEL_HANDLES; i++) {
        hub_handle handle = (pick + i) % MODEL_HANDLES;
        if (model_is_connected(&run->model, handle))
            return handle;
    }
    return MODEL_HANDLES;
}

/* Not all are valid. */
static struct room_id some_room(struct script *script) {
    static const char *const rooms[] = {"", "lobby", "cellar", "Lobby", "den-1", "abc"};
    uint32_t pick = script_below(script, 16);
    return script_room_id(pick < 15 ? slice_of(rooms[pick % 6]) : script_text(script));
}

static struct member_id some_id(struct run *run) {
    uint32_t pick = script_byte(&run->script);
    struct member_id id = model_some_member(&run->model, pick % 16);
    if (pick >= 0xF0 || id.bytes[0] == '\0')
        memset(id.bytes, 'A', sizeof id.bytes);
    return id;
}

/* --- messages --------------------------------------------------------------------------------- */

static void receive(struct run *run, struct slice bytes) {
    hub_handle handle = some_handle(run);
    if (handle == MODEL_HANDLES)
        return;
    model_receive(&run->model, handle, bytes);
}

static void receive_message(struct run *run, const struct wire_message *message) {
    struct buffer *bytes = script_scratch();
    if (wire_write(message, WIRE_TO_SERVER, bytes) == PARLEY_OK)
        receive(run, script_copy(&run->script, buffer_slice(bytes)));
}

static void join(struct run *run) {
    uint8_t pick = script_byte(&run->script);
    struct wire_message message = {.type = WIRE_JOIN, .version = WIRE_VERSION};
    message.room = some_room(&run->script);
    memset(message.token.bytes, 'a' + pick % 6, sizeof message.token.bytes);
    message.back = pick & 128;
    message.number = script_below(&run->script, 4);
    if (pick % 4 > 0)
        message.hello = (struct slice){"hello", pick % 4};
    if (pick % 64 == 63)
        message.version = script_number(&run->script);
    receive_message(run, &message);
}

static void signal_member(struct run *run) {
#define TYPE(name, ...) WIRE_##name,
    static const enum wire_type types[] = {WIRE_SIGNALS(TYPE) WIRE_RELAY};
#undef TYPE
    uint32_t pick = script_below(&run->script, sizeof types / sizeof *types);
    struct wire_message message = {.type = types[pick], .sealed = slice_of("x")};
    message.member = some_id(run);
    message.connection = 1 + script_below(&run->script, 4);
    message.target = 1 + script_below(&run->script, 4);
    message.sdp = script_once_in(&run->script, 4) ? script_text(&run->script) : slice_of("v=0");
    message.candidate = slice_of("candidate:1");
    receive_message(run, &message);
}

/* A message that is so long that it exceeds the limit when the hub replaces "to" by "from". */
static void signal_longest(struct run *run) {
    struct buffer *bytes = script_scratch();
    struct slice head = slice_of("{\"type\":\"offer\",\"connection\":1,\"sdp\":\"v");
    struct slice middle = slice_of("\",\"to\":\"");
    size_t end = WIRE_MESSAGE_BYTES_MAX - middle.len - WIRE_MEMBER_ID_BYTES - 2;
    end -= script_below(&run->script, 8);
    buffer_append(bytes, head);
    while (bytes->len + 2 <= end)
        buffer_append(bytes, slice_of("\\n"));
    buffer_append(bytes, middle);
    struct member_id id = some_id(run);
    buffer_append(bytes, member_id_text(&id));
    buffer_append(bytes, slice_of("\"}"));
    receive(run, script_copy(&run->script, buffer_slice(bytes)));
}

/* A spare bit of the byte that picks the member decides whether it will be back. */
static void leave(struct run *run) {
    bool back = run->script.left > 0 && *run->script.at & 128;
    receive_message(run, &(struct wire_message){.type = WIRE_LEAVE, .back = back});
}

static void ping(struct run *run) {
    receive_message(run, &(struct wire_message){.type = WIRE_PING});
}

static void ask_for_credentials(struct run *run) {
    receive_message(run, &(struct wire_message){.type = WIRE_CREDENTIALS});
}

static void complain_of_relay(struct run *run) {
    struct wire_message message = {.type = WIRE_RELAY_FAILED, .status = WIRE_STATUS_MIN};
    message.status += script_byte(&run->script);
    receive_message(run, &message);
}

static void receive_bytes(struct run *run) {
    receive(run, script_text(&run->script));
}

/* --- connections ------------------------------------------------------------------------------ */

static void connect(struct run *run) {
    uint8_t random[HUB_RANDOM_BYTES];
    memset(random, script_byte(&run->script), sizeof random);
    model_connect(&run->model, random);
}

static void disconnect(struct run *run) {
    hub_handle handle = some_handle(run);
    if (handle != MODEL_HANDLES)
        model_disconnect(&run->model, handle);
}

static void violation(struct run *run) {
    hub_handle handle = some_handle(run);
    uint32_t error = script_below(&run->script, WIRE_ERROR_COUNT);
    if (handle == MODEL_HANDLES)
        return;
    hub_violation(run->model.hub, run->model.now_ms, handle, (enum wire_error)error);
    model_follow(&run->model);
}

static void violation_too_slow(struct run *run) {
    hub_handle handle = some_handle(run);
    if (handle == MODEL_HANDLES)
        return;
    hub_violation(run->model.hub, run->model.now_ms, handle, WIRE_ERROR_TOO_SLOW);
    model_follow(&run->model);
}

static void shut_down(struct run *run) {
    if (!script_once_in(&run->script, 8))
        return;
    hub_shut_down(run->model.hub, run->model.now_ms);
    model_follow(&run->model);
    FUZZ_CHECK(hub_stats(run->model.hub).members == 0);
}

static void drain(struct run *run) {
    if (!script_once_in(&run->script, 8))
        return;
    run->model.draining = true;
    hub_drain(run->model.hub, run->model.now_ms, script_byte(&run->script) * 100u);
    model_follow(&run->model);
    FUZZ_CHECK(hub_stats(run->model.hub).absent == 0);
}

/* --- time ------------------------------------------------------------------------------------- */

static void tick(struct run *run) {
    hub_tick(run->model.hub, run->model.now_ms);
    model_follow(&run->model);
    for (int i = 0; hub_deadline_ms(run->model.hub) <= run->model.now_ms; i++) {
        FUZZ_CHECK(i < TICKS_MAX);
        hub_tick(run->model.hub, run->model.now_ms);
        model_follow(&run->model);
    }
    model_check_waiting(&run->model);
}

static void pass(struct run *run) {
    run->model.now_ms += script_byte(&run->script) * 100u;
    if (script_once_in(&run->script, 2))
        tick(run);
}

static void pass_to_deadline(struct run *run) {
    uint64_t deadline_ms = hub_deadline_ms(run->model.hub);
    if (deadline_ms != NO_DEADLINE && deadline_ms > run->model.now_ms)
        run->model.now_ms = deadline_ms;
    tick(run);
}

/* --- scripts ---------------------------------------------------------------------------------- */

static void repeat(struct run *run);

static void (*const ops[])(struct run *run) = {
    connect,
    connect,
    connect,
    join,
    join,
    join,
    join,
    leave,
    disconnect,
    ask_for_credentials,
    signal_member,
    signal_longest,
    ping,
    violation,
    violation_too_slow,
    receive_bytes,
    shut_down,
    tick,
    pass,
    pass_to_deadline,
    repeat,
    drain,
    complain_of_relay,
};

static void run_op(struct run *run) {
    if (run->inputs++ < INPUTS_MAX)
        ops[script_below(&run->script, sizeof ops / sizeof *ops)](run);
    script_free_texts(&run->script);
}

/* Repeats the same bytes of the script. INPUTS_MAX also ends nested repeats. */
static void repeat(struct run *run) {
    uint32_t times = script_below(&run->script, 12);
    const uint8_t *at = run->script.at;
    size_t left = run->script.left;
    for (uint32_t i = 0; i <= times && left > 0 && run->inputs < INPUTS_MAX; i++) {
        run->script.at = at;
        run->script.left = left;
        run_op(run);
    }
}

/* --- the limits ------------------------------------------------------------------------------- */

/* Tries any limits: the hub refuses them, or can work with them. */
static void try_limits(struct script *script) {
    struct wire_ice_server servers[HUB_ICE_SERVERS_MAX];
    struct wire_ice_server server = {slice_of("turn:h"), script_text(script), script_text(script)};
    struct hub_config config = {.connections_max = script_byte(script),
                                .rooms_max = script_byte(script),
                                .room_members_max = script_byte(script),
                                .ice_servers = servers,
                                .ice_server_count = script_below(script, 12)};
    if (script_once_in(script, 16))
        server.url = script_text(script);
    for (size_t i = 0; i < HUB_ICE_SERVERS_MAX; i++)
        servers[i] = server;
    struct hub *hub;
    int error = hub_create(&hub, &config);
    FUZZ_CHECK(error == (hub ? PARLEY_OK : PARLEY_ERR_ARGUMENT));
    hub_destroy(hub);
}

static void begin(struct run *run) {
    static const struct wire_ice_server servers[] = {{{"stun:h", 6}, {"", 0}, {"", 0}}};
    static const struct slice url = {"turn:h", 6};
    static const struct turn turn = {
        .urls = &url, .url_count = 1, .secret = {"s", 1}, .seconds = 60, .unix_s = 1700000000};
    struct script *script = &run->script;
    uint8_t flags = script_byte(script);
    run->model.config = (struct hub_config){
        .connections_max = 1 + script_below(script, MODEL_CONNECTIONS_MAX),
        .rooms_max = 1 + script_below(script, MODEL_ROOMS_MAX),
        .room_members_max = 1 + script_below(script, 6),
        .join_timeout_ms = 10000,
        .grace_ms = flags & 1 ? 0 : 30000,
        .relay = true,
        .trace = flags & 2,
        .ice_servers = servers,
        .ice_server_count = flags >> 2 & 1,
        .turn = flags & 8 ? &turn : NULL,
    };
    if (flags >= 0xF0)
        try_limits(script);
    FUZZ_CHECK(hub_create(&run->model.hub, &run->model.config) == PARLEY_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
    static struct run run;
    run = (struct run){.script = script_of(bytes, len), .model.now_ms = 1000};
    begin(&run);
    while (run.script.left > 0 && run.inputs < INPUTS_MAX)
        run_op(&run);
    hub_destroy(run.model.hub);
    script_free_texts(&run.script);
    return 0;
}
