#include "ice_config.h"

#include "candidate.h"
#include "error.h"

void ice_config_init(struct ice_config *config) {
    *config = (struct ice_config){
        .due_ms = NO_DEADLINE, .tell_due_ms = NO_DEADLINE, .worked_ms = NO_DEADLINE};
    buffer_init(&config->left_out, ICE_CONFIG_LEFT_OUT_BYTES_MAX);
    buffer_init(&config->others, 2 * WIRE_MESSAGE_BYTES_MAX);
    buffer_init(&config->relays, 2 * WIRE_MESSAGE_BYTES_MAX);
    buffer_init(&config->json, 4 * WIRE_MESSAGE_BYTES_MAX);
}

void ice_config_deinit(struct ice_config *config) {
    buffer_deinit(&config->others);
    buffer_deinit(&config->relays);
    buffer_deinit(&config->json);
    buffer_deinit(&config->left_out);
}

static void append(struct buffer *out, struct slice piece) {
    PARLEY_CHECK(buffer_append(out, piece) == PARLEY_OK);
}

/* The items of an array as wire_write_ice_servers makes it, without its brackets; or "". */
static struct slice items_of(const struct buffer *array) {
    return array->len > 2 ? (struct slice){array->bytes + 1, array->len - 2} : slice_of("");
}

static void write_json(const struct ice_config *config, struct buffer *out) {
    struct slice others = items_of(&config->others), relays = items_of(&config->relays);
    append(out, slice_of("{\"iceServers\":["));
    append(out, others);
    append(out, slice_of(others.len && relays.len ? "," : ""));
    append(out, relays);
    append(out, slice_of(config->hide_address ? "],\"iceTransportPolicy\":\"relay\"}" : "]}"));
}

static void push(const struct env *env, enum outcome_kind kind) {
    outcomes_push(env->outcomes, kind);
}

/* Tells all connections if the configuration has changed. */
static void configure(struct ice_config *config, const struct env *env) {
    struct buffer json;
    buffer_init(&json, config->json.bytes_max);
    write_json(config, &json);
    if (!slice_equal(buffer_slice(&json), buffer_slice(&config->json))) {
        PARLEY_CHECK(buffer_set(&config->json, buffer_slice(&json)) == PARLEY_OK);
        push(env, OUTCOME_ICE_CONFIGURATION);
    }
    buffer_deinit(&json);
}

/* Connections that may reveal our address are replaced: even people who know it must not learn a
 * new one. */
static void renew_exposed(const struct ice_config *config, const struct env *env) {
    if (config->hide_address && config->server_up)
        push(env, OUTCOME_ADDRESS_HIDDEN);
}

void ice_config_begin(struct ice_config *config, const struct env *env, bool hide_address) {
    ice_config_deinit(config);
    ice_config_init(config);
    config->hide_address = hide_address;
    configure(config, env);
}

/* Writes those of |message| that are relays, or those that are not. Returns how many. */
static size_t keep(const struct wire_message *message, bool relays, struct buffer *out) {
    struct wire_ice_server kept[WIRE_ICE_SERVERS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < message->ice_server_count; i++)
        if (wire_ice_url_is_turn(message->ice_servers[i].url) == relays)
            kept[count++] = message->ice_servers[i];
    buffer_clear(out);
    PARLEY_CHECK(wire_write_ice_servers(kept, count, out) == PARLEY_OK);
    return count;
}

static void tell_soon(struct ice_config *config, const struct env *env) {
    if (config->server_up && config->trouble && config->told != config->trouble &&
        config->tell_due_ms == NO_DEADLINE)
        config->tell_due_ms = env->now_ms + ICE_CONFIG_TELL_MS;
}

void ice_config_keep(struct ice_config *config, const struct env *env,
                     const struct wire_message *message) {
    config->server_up = true;
    if (message->type == WIRE_WELCOME)
        keep(message, false, &config->others);
    bool has_relays = keep(message, true, &config->relays) > 0;
    config->offered = has_relays || message->ice_seconds > 0;
    uint64_t renew_ms = (uint64_t)message->ice_seconds * ICE_CONFIG_RENEW_MS;
    if (renew_ms < ICE_CONFIG_RENEW_MS_MIN)
        renew_ms = ICE_CONFIG_RENEW_MS_MIN;
    config->due_ms = has_relays && message->ice_seconds ? env->now_ms + renew_ms : NO_DEADLINE;
    configure(config, env);
    tell_soon(config, env); /* what happened while the server was away */
    renew_exposed(config, env);
    actions_show(env->actions, ACTION_SHOW_STATUS);
}

void ice_config_rest(struct ice_config *config) {
    config->server_up = false;
    config->due_ms = config->tell_due_ms = NO_DEADLINE;
}

void ice_config_hide_address(struct ice_config *config, const struct env *env, bool hide_address) {
    if (config->hide_address == hide_address)
        return;
    config->hide_address = hide_address;
    actions_push(env->actions, ACTION_HIDE_ADDRESS_STORE, 0, hide_address);
    configure(config, env);
    renew_exposed(config, env);
    actions_show(env->actions, ACTION_SHOW_STATUS);
}

bool ice_config_can_hide_address(const struct ice_config *config) {
    return config->offered || config->hide_address;
}

static void send(const struct env *env, const struct wire_message *message) {
    PARLEY_CHECK(actions_push_message(env->actions, 0, message) == PARLEY_OK);
}

static void tell(struct ice_config *config, const struct env *env) {
    config->tell_due_ms = NO_DEADLINE;
    config->told = config->trouble;
    send(env, &(struct wire_message){.type = WIRE_RELAY_FAILED, .status = config->trouble});
}

void ice_config_tick(struct ice_config *config, const struct env *env) {
    if (env->now_ms >= config->tell_due_ms)
        tell(config, env);
    if (env->now_ms < config->due_ms)
        return;
    config->due_ms = env->now_ms + ICE_CONFIG_AGAIN_MS;
    send(env, &(struct wire_message){.type = WIRE_CREDENTIALS});
}

uint64_t ice_config_deadline_ms(const struct ice_config *config) {
    return deadline_earlier(config->tell_due_ms, config->due_ms);
}

/* Trouble */

static bool is_relay(struct slice url) {
    return slice_skip(&url, "turn:") || slice_skip(&url, "turns:");
}

/* A relay that refuses us is there: that tells more than one that does not answer. */
static bool tells_more(uint32_t status, uint32_t before) {
    return before == 0 || (before == WIRE_STATUS_NO_ANSWER && status != before);
}

static bool works(const struct ice_config *config, uint64_t now_ms) {
    return config->worked_ms != NO_DEADLINE && now_ms < config->worked_ms + ICE_CONFIG_WORKED_MS;
}

static void note_trouble(struct ice_config *config, const struct env *env, uint32_t status) {
    if (works(config, env->now_ms) || !tells_more(status, config->trouble))
        return;
    config->trouble = status;
    tell_soon(config, env);
}

bool ice_config_failed(struct ice_config *config, const struct env *env, uint32_t status,
                       struct slice url) {
    if (!is_relay(url) || status < WIRE_STATUS_MIN || status > WIRE_STATUS_MAX)
        return false;
    note_trouble(config, env, status);
    return true;
}

void ice_config_silent(struct ice_config *config, const struct env *env) {
    note_trouble(config, env, WIRE_STATUS_NO_ANSWER);
}

void ice_config_found(struct ice_config *config, const struct env *env, struct slice candidate) {
    if (candidate_type_of(candidate) != CANDIDATE_RELAY)
        return;
    config->worked_ms = env->now_ms;
    config->trouble = 0;
    config->tell_due_ms = NO_DEADLINE;
}

enum ice_config_relays ice_config_relays(const struct ice_config *config, uint64_t now_ms) {
    if (!config->offered)
        return ICE_CONFIG_RELAYS_NONE;
    if (works(config, now_ms))
        return ICE_CONFIG_RELAYS_WORK;
    return config->trouble == 0 || config->trouble == WIRE_STATUS_NO_ANSWER
               ? ICE_CONFIG_RELAYS_SILENT
               : ICE_CONFIG_RELAYS_REFUSE;
}

static bool is_left_out(const struct ice_config *config, struct slice url) {
    struct slice rest = buffer_slice(&config->left_out), known;
    while (slice_cut(&rest, ' ', &known))
        if (slice_equal(known, url))
            return true;
    return false;
}

void ice_config_left_out(struct ice_config *config, const struct env *env, struct slice url) {
    struct buffer *left_out = &config->left_out;
    if (!wire_ice_url_valid(url) || is_left_out(config, url) ||
        buffer_reserve(left_out, url.len + 1) != PARLEY_OK)
        return;
    append(left_out, slice_of(" "));
    append(left_out, url);
    actions_show(env->actions, ACTION_SHOW_STATUS);
}
