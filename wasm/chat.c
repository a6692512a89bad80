#include "chat.h"

#include "arrival.h"
#include "chat_debug.h"
#include "conversation.h"
#include "draft.h"
#include "error.h"
#include "friendly_name.h"
#include "mesh.h"
#include "phrases.h"
#include "roster.h"
#include "text.h"

#include <stdlib.h>

/* How START's random bytes are used. */
#define RANDOM_TOKEN_AT 0
#define RANDOM_NAME_AT TOKEN_RANDOM_BYTES
#define RANDOM_SEED_AT 24 /* to 32 */
#define RANDOM_SECRETS_AT 32

_Static_assert(RANDOM_SECRETS_AT + SECRET_RANDOM_SEED_BYTES == EVENT_RANDOM_BYTES,
               "each byte has one use");

#define NAME_WISH_BYTES_MAX (4 * (PEER_NAME_CHARACTERS_MAX + EVENT_BYTES_MAX))

struct chat {
    struct actions actions;
    struct outcomes outcomes;
    struct random random;
    struct env env; /* what modules are lent during this event */
    bool started;
    bool no_webrtc;
    bool name_generated;
    struct arrival arrival;
    struct draft draft;
    struct signaling signaling;
    struct ice_config ice;
    struct mesh mesh;
    struct mesh_env mesh_env; /* the same for the mesh; see lend */
    struct conversation conversation;
    struct status status;
    struct member_list member_list;
    struct timeline timeline;
};

/* The mesh's env */

/* The reason to give if ICE finds no path. */
static enum link_reason no_path(const struct chat *chat) {
    switch (ice_config_relays(&chat->ice, chat->env.now_ms)) {
    case ICE_CONFIG_RELAYS_NONE:
        break;
    case ICE_CONFIG_RELAYS_WORK:
        return LINK_REASON_NO_PATH_RELAYED;
    case ICE_CONFIG_RELAYS_SILENT:
        return LINK_REASON_RELAY_SILENT;
    case ICE_CONFIG_RELAYS_REFUSE:
        return LINK_REASON_RELAY_REFUSED;
    }
    return LINK_REASON_NO_PATH;
}

/* Brings the mesh's env up to date. */
static const struct mesh_env *lend(struct chat *chat) {
    struct link_env *ways = &chat->mesh_env.link;
    ways->server_up = signaling_is_joined(&chat->signaling);
    ways->hide_address = chat->ice.hide_address;
    ways->no_path = no_path(chat);
    ways->configuration = buffer_slice(&chat->ice.json);
    return &chat->mesh_env;
}

/* Says goodbye to everybody and to the server. */
static void say_goodbye(struct chat *chat, bool back) {
    const struct mesh_env *env = lend(chat);
    mesh_leave(&chat->mesh, env, back);
    signaling_leave(&chat->signaling, &chat->env, back);
}

/* Outcomes */

/* The number of own texts that nobody will get. */
static void mark_unread(struct chat *chat) {
    conversation_mark_unread(&chat->conversation, &chat->env, chat->mesh.outbox.given_end,
                             mesh_needed_from(&chat->mesh));
}

static void say_gap(struct chat *chat, const struct member *one, const struct member *other) {
    status_say_gap(&chat->status, one, other);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

static void enter(struct chat *chat) {
    const struct room *room = &chat->mesh.room;
    signaling_keep_colour(&chat->signaling, &chat->env, room_own_wish(room), room->self_colour);
    conversation_note_entered(&chat->conversation, &chat->env, room, &chat->mesh.keyring);
}

static void hear_name(struct chat *chat, struct member *member, struct slice name) {
    const struct mesh_env *env = lend(chat);
    struct name before = member->name;
    mesh_rename(&chat->mesh, env, member, name);
    conversation_note_renamed(&chat->conversation, &chat->env, &chat->mesh.room, member,
                              name_shown(&before));
}

/* Handles outcomes about people. */
static void conduct_to_log(struct chat *chat, const struct outcome *outcome) {
    struct conversation *conversation = &chat->conversation;
    const struct env *env = &chat->env;
    const struct room *room = &chat->mesh.room;
    struct member *member = room_find_number(room, outcome->member);
    switch (outcome->kind) {
    case OUTCOME_ENTERED:
        enter(chat);
        break;
    case OUTCOME_FORGOTTEN:
        conversation_forget_people(conversation);
        say_gap(chat, NULL, NULL);
        break;
    case OUTCOME_LINK_CHANGED:
        conversation_note_link(conversation, env, member);
        if (outcome->closed)
            mark_unread(chat);
        break;
    case OUTCOME_MEMBER_GONE:
        conversation_note_gone(conversation, env, member, outcome->unread);
        mark_unread(chat);
        break;
    case OUTCOME_GREETED:
        conversation_note_greeted(conversation, env, member);
        break;
    case OUTCOME_STRANGER:
        conversation_note_stranger(conversation, env, &chat->mesh.keyring);
        break;
    case OUTCOME_NAME_HEARD:
        hear_name(chat, member, outcome->text);
        break;
    case OUTCOME_TEXT_SAID:
        conversation_add_text(conversation, env, room, NULL, outcome->number, outcome->text);
        mark_unread(chat);
        break;
    case OUTCOME_TEXT_HEARD:
        conversation_add_text(conversation, env, room, member, 0, outcome->text);
        break;
    case OUTCOME_TEXTS_LOST:
        conversation_note_lost(conversation, env, member, outcome->lost);
        break;
    case OUTCOME_TEXTS_DROPPED:
        conversation_note_dropped(conversation, env, member);
        break;
    case OUTCOME_GARBAGE_HEARD:
        conversation_note_garbage(conversation, env, member);
        break;
    case OUTCOME_GAP_CHANGED:
        say_gap(chat, member, room_find_number(room, outcome->other));
        break;
        OUTCOMES_OF_WAYS(OUTCOME_CASE)
        break;
    }
}

/* Handles outcomes about connections to the server and to people. */
static void conduct(struct chat *chat, const struct outcome *outcome) {
    const struct mesh_env *env = lend(chat);
    switch (outcome->kind) {
    case OUTCOME_JOIN_STATE:
        if (outcome->state == JOIN_STATE_JOINED)
            break;
        ice_config_rest(&chat->ice);
        mesh_lose_server(&chat->mesh, env);
        break;
    case OUTCOME_ICE_SERVERS:
        ice_config_keep(&chat->ice, &chat->env, outcome->message);
        break;
    case OUTCOME_WELCOME:
        roster_welcome(&chat->mesh, env, outcome->message, &chat->signaling.token);
        break;
    case OUTCOME_SERVER_MESSAGE:
        roster_receive(&chat->mesh, env, outcome->message);
        break;
    case OUTCOME_REPLACED:
        mesh_forget(&chat->mesh, env); /* they are the other window's now */
        break;
    case OUTCOME_ICE_CONFIGURATION:
        mesh_configure(&chat->mesh, env);
        break;
    case OUTCOME_ADDRESS_HIDDEN:
        mesh_hide_address(&chat->mesh, env);
        break;
    case OUTCOME_SERVER_DOUBTED:
        signaling_doubt(&chat->signaling, chat->env.now_ms);
        break;
    case OUTCOME_RELAY_SILENT:
        ice_config_silent(&chat->ice, &chat->env);
        break;
        OUTCOMES_OF_PEOPLE(OUTCOME_CASE)
        conduct_to_log(chat, outcome);
        break;
    }
    arrival_follow(&chat->arrival, &chat->env, outcome, chat->mesh.room.member_count);
}

/* Gives every outcome to the modules that it concerns, until none is left. */
static void conduct_all(struct chat *chat) {
    for (struct outcome outcome; outcomes_take(&chat->outcomes, &outcome);)
        conduct(chat, &outcome);
}

/* The page's events */

static void store_name(struct chat *chat, struct slice name) {
    actions_push_text(&chat->actions, ACTION_NAME_STORE, 0,
                      chat->name_generated ? EVENT_START_NAME_GENERATED : EVENT_START_NAME_SHARED,
                      name);
}

/* Into an empty |name|. */
static void choose_name(struct chat *chat, const struct event *event, struct buffer *name) {
    chat->name_generated = event->code & EVENT_START_NAME_GENERATED;
    if (name_clean(event->b, name) == PARLEY_OK)
        return;
    buffer_clear(name);
    const uint8_t *random = (const uint8_t *)event->c.bytes + RANDOM_NAME_AT;
    PARLEY_CHECK(friendly_name(random, name) == PARLEY_OK);
    chat->name_generated = true;
    store_name(chat, buffer_slice(name));
}

static void begin_mesh(struct chat *chat, const struct event *event) {
    const struct mesh_env *env = lend(chat);
    struct buffer name;
    buffer_init(&name, NAME_WISH_BYTES_MAX);
    choose_name(chat, event, &name);
    mesh_begin(&chat->mesh, env, buffer_slice(&name));
    buffer_deinit(&name);
}

/* The device's secret, and a new one at its first START. */
static void begin_keyring(struct chat *chat, const struct event *event, struct slice device) {
    char fresh[KEYRING_DEVICE_CHARACTERS];
    struct keyring *keyring = &chat->mesh.keyring;
    keyring_begin(keyring, (const uint8_t *)event->c.bytes + RANDOM_SECRETS_AT, device);
    keyring_device(keyring, fresh);
    struct slice now = {fresh, sizeof fresh};
    if (!slice_equal(now, device))
        actions_push_text(&chat->actions, ACTION_DEVICE_STORE, 0, 0, now);
}

/* With the tab's token and the device's secret, or new ones. */
static void begin_signaling(struct chat *chat, const struct event *event) {
    struct slice device = slice_drop(event->c, EVENT_RANDOM_BYTES), token = {0};
    slice_cut(&device, '\n', &token);
    ice_config_begin(&chat->ice, &chat->env, event->code & EVENT_START_HIDE_ADDRESS);
    signaling_begin(&chat->signaling, &chat->env, event->code & EVENT_START_POLLING, token,
                    (const uint8_t *)event->c.bytes + RANDOM_TOKEN_AT);
    begin_keyring(chat, event, device);
}

/* To the room in |address|, or a new one. */
static void connect(struct chat *chat, struct slice address) {
    struct keyring *keyring = &chat->mesh.keyring;
    if (chat->no_webrtc)
        return;
    if (keyring_enter(keyring, address, &chat->signaling.token.secret) == PARLEY_OK)
        signaling_connect(&chat->signaling, &chat->env, keyring);
    else
        signaling_refuse_room(&chat->signaling, &chat->env, phrases_no_room(address));
}

static void clear_lines(struct chat *chat) {
    conversation_clear(&chat->conversation, &chat->env);
    timeline_clear(&chat->timeline);
}

static int start(struct chat *chat, const struct event *event) {
    if (event->c.len < EVENT_RANDOM_BYTES)
        return PARLEY_ERR_ARGUMENT;
    chat->started = true;
    chat->no_webrtc = event->code & EVENT_START_NO_WEBRTC;
    chat->draft = (struct draft){PEER_TEXT_CHARACTERS_MAX};
    random_init(&chat->random, (const uint8_t *)event->c.bytes + RANDOM_SEED_AT);
    begin_signaling(chat, event);
    begin_mesh(chat, event);
    clear_lines(chat);
    actions_show(&chat->actions, ACTION_SHOW_DRAFT);
    if (!chat->no_webrtc)
        arrival_begin(&chat->arrival, &chat->env);
    connect(chat, event->a);
    return PARLEY_OK;
}

static int say(struct chat *chat, struct slice text) {
    const struct mesh_env *env = lend(chat);
    struct buffer clean;
    if (chat->mesh.room.id.len == 0)
        return PARLEY_ERR_STATE;
    buffer_init(&clean, 4 * (PEER_TEXT_CHARACTERS_MAX + EVENT_BYTES_MAX));
    int error = text_clean_message(text, PEER_TEXT_CHARACTERS_MAX, &clean);
    if (!error)
        error = mesh_say(&chat->mesh, env, buffer_slice(&clean));
    if (!error)
        draft_clear(&chat->draft, &chat->actions);
    conduct_all(chat);
    buffer_deinit(&clean);
    return error;
}

static void take_name(struct chat *chat, struct slice name) {
    const struct mesh_env *env = lend(chat);
    bool same = slice_equal(name, name_chosen(&chat->mesh.room.self_name));
    chat->name_generated = false;
    store_name(chat, name);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    if (same)
        return;
    mesh_rename(&chat->mesh, env, NULL, name);
    conduct_all(chat);
    conversation_note_renamed(&chat->conversation, &chat->env, &chat->mesh.room, NULL,
                              (struct slice){0});
}

static int rename_self(struct chat *chat, struct slice wish) {
    struct buffer clean;
    buffer_init(&clean, NAME_WISH_BYTES_MAX);
    int error = name_clean(wish, &clean);
    if (!error)
        take_name(chat, buffer_slice(&clean));
    buffer_deinit(&clean);
    return error;
}

static void leave(struct chat *chat) {
    say_goodbye(chat, false);
    clear_lines(chat);
    actions_push(&chat->actions, ACTION_ROOM_NAMED, 0, 0); /* a reload must not lead back */
    connect(chat, slice_of(""));
}

static void unload(struct chat *chat) {
    say_goodbye(chat, true); /* perhaps it is loaded anew */
    keyring_deinit(&chat->mesh.keyring);
    chat->started = false;
}

/* False: the member is gone. */
static bool tick_member(struct chat *chat, uint32_t index) {
    const struct mesh_env *env = lend(chat);
    mesh_tick_member(&chat->mesh, env, index);
    conduct_all(chat);
    bool stays = mesh_tick_presence(&chat->mesh, env, index);
    conduct_all(chat);
    return stays;
}

static void tick(struct chat *chat) {
    signaling_tick(&chat->signaling, &chat->env);
    conduct_all(chat);
    ice_config_tick(&chat->ice, &chat->env);
    arrival_tick(&chat->arrival, &chat->env);
    for (uint32_t i = 0; i < chat->mesh.room.member_count;)
        i += tick_member(chat, i);
    const struct mesh_env *env = lend(chat);
    mesh_tick(&chat->mesh, env);
}

/* Without a network nothing ends a pause, whatever else happened. */
static void wake(struct chat *chat, enum event_wake reason, bool has_network) {
    const struct mesh_env *env = lend(chat);
    bool offline = reason == EVENT_WAKE_OFFLINE || !has_network;
    signaling_wake(&chat->signaling, &chat->env, offline);
    if (!offline)
        mesh_wake(&chat->mesh, env);
}

static int handle_page_event(struct chat *chat, const struct event *event) {
    switch (event->kind) {
    case EVENT_SAY:
        return say(chat, event->a);
    case EVENT_DRAFT:
        draft_set(&chat->draft, &chat->actions, event->a, event->code);
        return PARLEY_OK;
    case EVENT_FOLD:
        timeline_fold(&chat->timeline, &chat->actions, event->code);
        return PARLEY_OK;
    case EVENT_RENAME:
        return rename_self(chat, event->a);
    case EVENT_HIDE_ADDRESS:
        ice_config_hide_address(&chat->ice, &chat->env, event->code != 0);
        return PARLEY_OK;
    case EVENT_LEAVE:
        leave(chat);
        return PARLEY_OK;
    case EVENT_UNLOAD:
        unload(chat);
        return PARLEY_OK;
    case EVENT_WAKE:
        wake(chat, (enum event_wake)event->code, event->peer == 0);
        return PARLEY_OK;
    case EVENT_TICK:
        tick(chat);
        return PARLEY_OK;
    case EVENT_START:
        return start(chat, event);
    case EVENT_COUNT:
        EVENTS_OF_SERVER(EVENT_CASE)
        EVENTS_OF_LINK(EVENT_CASE)
        EVENTS_OF_MEMBER(EVENT_CASE)
        break;
    }
    return PARLEY_ERR_ARGUMENT;
}

/* The events of peers */

/* The ICE configuration hears of some events first. */
static void handle_peer_event(struct chat *chat, const struct event *event) {
    const struct mesh_env *env = lend(chat);
    struct member *member = room_find_peer(&chat->mesh.room, event->peer);
    if (!member)
        return; /* closed meanwhile */
    switch (event->kind) {
        EVENTS_OF_LINK(EVENT_CASE)
        if (event->kind == EVENT_PEER_CANDIDATE)
            ice_config_found(&chat->ice, &chat->env, event->a);
        break;
    case EVENT_PEER_ICE_ERROR:
        if (!ice_config_failed(&chat->ice, &chat->env, event->code, event->a))
            return; /* no relay */
        break;
    case EVENT_PEER_SERVER_REFUSED:
        ice_config_left_out(&chat->ice, &chat->env, event->a);
        break;
    case EVENT_CHANNEL_MESSAGE:
    case EVENT_CHANNEL_BUFFERED:
    case EVENT_PEER_UNASKED:
        break;
    case EVENT_COUNT:
        EVENTS_OF_PAGE(EVENT_CASE)
        EVENTS_OF_SERVER(EVENT_CASE)
        break;
    }
    mesh_handle(&chat->mesh, env, member, event);
}

/* The public interface */

static void set_clocks(struct chat *chat, const struct event *event) {
    if (event->now_ms > chat->env.now_ms && event->now_ms != NO_DEADLINE)
        chat->env.now_ms = event->now_ms;
    chat->env.wall_ms = event->wall_ms;
    chat->env.utc_offset_min = event->utc_offset_min;
    mesh_lend(&chat->mesh, &chat->env, &chat->mesh_env);
}

static int dispatch(struct chat *chat, const struct event *event) {
    switch (event->kind) {
        EVENTS_OF_PAGE(EVENT_CASE)
        return handle_page_event(chat, event);

        EVENTS_OF_SERVER(EVENT_CASE)
        signaling_handle(&chat->signaling, &chat->env, event);
        return PARLEY_OK;

        EVENTS_OF_LINK(EVENT_CASE)
        EVENTS_OF_MEMBER(EVENT_CASE)
        handle_peer_event(chat, event);
        return PARLEY_OK;
    case EVENT_COUNT:
        break;
    }
    return PARLEY_ERR_ARGUMENT;
}

int chat_handle(struct chat *chat, const struct event *event) {
    if (!actions_drained(&chat->actions))
        return PARLEY_ERR_STATE;
    if ((unsigned)event->kind >= EVENT_COUNT)
        return PARLEY_ERR_ARGUMENT;
    if (chat->started == (event->kind == EVENT_START))
        return PARLEY_ERR_STATE;
    actions_begin(&chat->actions);
    mesh_forget_sent(&chat->mesh);
    set_clocks(chat, event);
    int error = dispatch(chat, event);
    conduct_all(chat);
    while (signaling_hear_polled(&chat->signaling, &chat->env))
        conduct_all(chat);
    signaling_forget_heard(&chat->signaling);
    mesh_forget_heard(&chat->mesh);
    const struct mesh_env *env = lend(chat);
    mesh_give_turns(&chat->mesh, env);
    poll_client_flush(&chat->signaling.dialing.poll, &chat->env);
    return error;
}

const struct action *chat_next_action(struct chat *chat) {
    return actions_next(&chat->actions);
}

uint64_t chat_deadline_ms(const struct chat *chat) {
    bool server_up = signaling_is_joined(&chat->signaling);
    uint64_t due_ms = deadline_earlier(mesh_deadline_ms(&chat->mesh, server_up),
                                       signaling_deadline_ms(&chat->signaling));
    due_ms = deadline_earlier(due_ms, ice_config_deadline_ms(&chat->ice));
    return deadline_earlier(due_ms, arrival_deadline_ms(&chat->arrival));
}

/* The views */

void chat_status_view(struct chat *chat, struct status_view *view) {
    struct status_sources of = {.signaling = &chat->signaling,
                                .ice = &chat->ice,
                                .room = &chat->mesh.room,
                                .keyring = &chat->mesh.keyring,
                                .transcript = &chat->conversation.transcript,
                                .draft_left = chat->draft.left,
                                .arriving = chat->arrival.lasts,
                                .no_webrtc = chat->no_webrtc,
                                .name_generated = chat->name_generated};
    status_read(&chat->status, &of, view);
}

int chat_member_view(struct chat *chat, uint32_t index, struct member_view *view) {
    return member_list_read(&chat->mesh.room, index, view);
}

int chat_connection_log_view(struct chat *chat, uint32_t index, uint32_t entry,
                             struct connection_log_view *view) {
    return member_list_read_connection_log(&chat->member_list, &chat->mesh.room, index, entry,
                                           view);
}

int chat_line_view(struct chat *chat, uint32_t sequence, struct line_view *view) {
    return timeline_read(&chat->timeline, &chat->conversation.transcript, sequence, view);
}

const char *chat_error_text(enum event_kind kind, int error) {
    return phrases_error(kind, error);
}

struct chat_debug chat_debug(const struct chat *chat) {
    return (struct chat_debug){.signaling = &chat->signaling,
                               .ice = &chat->ice,
                               .room = &chat->mesh.room,
                               .keyring = &chat->mesh.keyring,
                               .refused = &chat->mesh.refused,
                               .outbox = &chat->mesh.outbox,
                               .budget = &chat->mesh.budget,
                               .check = &chat->mesh.check,
                               .transcript = &chat->conversation.transcript,
                               .gap = buffer_slice(&chat->status.gap),
                               .now_ms = chat->env.now_ms};
}

int chat_create(struct chat **out) {
    struct chat *chat = calloc(1, sizeof *chat);
    *out = chat;
    if (!chat)
        return PARLEY_ERR_NO_MEMORY;
    chat->env = (struct env){
        .actions = &chat->actions, .outcomes = &chat->outcomes, .random = &chat->random};
    signaling_init(&chat->signaling);
    ice_config_init(&chat->ice);
    actions_init(&chat->actions);
    status_init(&chat->status);
    member_list_init(&chat->member_list);
    timeline_init(&chat->timeline);
    int error = mesh_init(&chat->mesh);
    if (!error)
        error = conversation_init(&chat->conversation);
    if (!error)
        return PARLEY_OK;
    chat_destroy(chat);
    *out = NULL;
    return error;
}

void chat_destroy(struct chat *chat) {
    if (!chat)
        return;
    mesh_deinit(&chat->mesh);
    conversation_deinit(&chat->conversation);
    signaling_deinit(&chat->signaling);
    ice_config_deinit(&chat->ice);
    actions_deinit(&chat->actions);
    outcomes_deinit(&chat->outcomes);
    status_deinit(&chat->status);
    member_list_deinit(&chat->member_list);
    timeline_deinit(&chat->timeline);
    free(chat);
}
