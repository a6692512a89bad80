#include "relay.h"

#include "error.h"
#include "wire.h"

void relay_init(struct relay *relay) {
    *relay = (struct relay){.due_ms = CHAT_NO_DEADLINE};
    buffer_init(&relay->others, 2 * WIRE_MESSAGE_BYTES_MAX);
    buffer_init(&relay->relays, 2 * WIRE_MESSAGE_BYTES_MAX);
    buffer_init(&relay->configuration, 4 * WIRE_MESSAGE_BYTES_MAX);
}

void relay_deinit(struct relay *relay) {
    buffer_deinit(&relay->others);
    buffer_deinit(&relay->relays);
    buffer_deinit(&relay->configuration);
}

static void append(struct buffer *out, struct slice piece) {
    PARLEY_CHECK(buffer_append(out, piece) == PARLEY_OK);
}

/* The items of an array as wire_write_ice_servers makes it, or of none. */
static struct slice items_of(const struct buffer *array) {
    return array->len > 2 ? (struct slice){array->bytes + 1, array->len - 2} : slice_of("");
}

/* As RTCConfiguration (W3C WebRTC, 4.2.1). */
static void write_configuration(const struct relay *relay, struct buffer *out) {
    buffer_clear(out);
    struct slice others = items_of(&relay->others), relays = items_of(&relay->relays);
    append(out, slice_of("{\"iceServers\":["));
    append(out, others);
    append(out, slice_of(others.len && relays.len ? "," : ""));
    append(out, relays);
    append(out, slice_of(relay->hiding ? "],\"iceTransportPolicy\":\"relay\"}" : "]}"));
}

/* Tells all connections where it has changed. */
static void configure(struct chat *chat) {
    struct relay *relay = &chat->relay;
    write_configuration(relay, &chat->scratch);
    if (slice_equal(buffer_slice(&chat->scratch), buffer_slice(&relay->configuration)))
        return;
    PARLEY_CHECK(buffer_set(&relay->configuration, buffer_slice(&chat->scratch)) == PARLEY_OK);
    struct link_env env = chat_link_env(chat);
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        link_configure(&chat->room.members[i]->link, &env);
}

/* Who knows our address from before needs not see what comes, and others nothing at all. */
static void renew_exposed(struct chat *chat) {
    if (!chat->relay.hiding || chat->server != CHAT_SERVER_JOINED)
        return;
    struct link_env env = chat_link_env(chat);
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        struct member *member = chat->room.members[i];
        enum link_phase before = member->link.phase;
        link_hide(&member->link, &env);
        chat_follow_link(chat, member, before);
    }
}

void relay_begin(struct chat *chat, bool hiding) {
    buffer_clear(&chat->relay.others);
    buffer_clear(&chat->relay.relays);
    chat->relay.offered = false;
    chat->relay.hiding = hiding;
    chat->relay.due_ms = CHAT_NO_DEADLINE;
    configure(chat);
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

void relay_keep(struct chat *chat, const struct wire_message *message) {
    struct relay *relay = &chat->relay;
    if (message->type == WIRE_WELCOME)
        keep(message, false, &relay->others);
    bool has_relays = keep(message, true, &relay->relays) > 0;
    relay->offered = has_relays || message->ice_seconds > 0;
    uint64_t renew_ms = (uint64_t)message->ice_seconds * RELAY_RENEW_MS;
    if (renew_ms < RELAY_RENEW_MS_MIN)
        renew_ms = RELAY_RENEW_MS_MIN;
    relay->due_ms = has_relays && message->ice_seconds ? chat->now_ms + renew_ms : CHAT_NO_DEADLINE;
    configure(chat);
    renew_exposed(chat);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

void relay_rest(struct chat *chat) {
    chat->relay.due_ms = CHAT_NO_DEADLINE;
}

void relay_hide(struct chat *chat, bool hiding) {
    if (chat->relay.hiding == hiding)
        return;
    chat->relay.hiding = hiding;
    actions_push(&chat->actions, ACTION_HIDING_STORE, 0, hiding);
    configure(chat);
    renew_exposed(chat);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

void relay_tick(struct chat *chat) {
    if (chat->now_ms < chat->relay.due_ms)
        return;
    chat->relay.due_ms = chat->now_ms + RELAY_AGAIN_MS;
    PARLEY_CHECK(
        actions_push_message(&chat->actions, 0, &(struct wire_message){.type = WIRE_CREDENTIALS}) ==
        PARLEY_OK);
}

uint64_t relay_deadline_ms(const struct chat *chat) {
    return chat->relay.due_ms;
}

/* Words */

bool relay_can_hide(const struct chat *chat) {
    return chat->relay.offered || chat->relay.hiding;
}

static bool is_told(const struct chat *chat) {
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        if (chat->room.members[i]->link.told)
            return true;
    return false;
}

const char *relay_text(const struct chat *chat) {
    bool joined = chat->room.id_len > 0;
    if (!chat->relay.hiding)
        return chat->relay.offered ? "The people you connect to learn your network address."
               : joined ? "The people you connect to learn your network address; this server "
                          "offers no relay that could hide it."
                        : "";
    if (joined && !chat->relay.offered)
        return "This server offers no relay, so nobody can be reached while you hide your address.";
    return is_told(chat)
               ? "All goes through the server's relay. People here whom you were connected to "
                 "before know your network address already."
               : "All goes through the server's relay, and people do not learn your network "
                 "address.";
}
