#include "chat.h"

#include "audit.h"
#include "channel.h"
#include "chat_state.h"
#include "error.h"
#include "friendly_name.h"
#include "gap.h"
#include "lines.h"
#include "roster.h"

#include <stdlib.h>
#include <string.h>

#define AUDIT_EVERY_MS 1000 /* at most */

/* The use of START's random bytes. */
#define RANDOM_TOKEN_AT 0
#define RANDOM_NAME_AT TOKEN_RANDOM_BYTES
#define RANDOM_SEED_AT 24 /* to 32 */

#define SCRATCH_BYTES_MAX (4 * PEER_MESSAGE_BYTES_MAX)

/* Members and their links */

/* Why there is none, where ICE finds none. */
static enum link_reason no_path(const struct chat *chat) {
    switch (ice_config_relays(&chat->ice, chat->now_ms)) {
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

struct link_env chat_link_env(struct chat *chat) {
    return (struct link_env){.actions = &chat->actions,
                             .random = &chat->random,
                             .budget = &chat->budget,
                             .operation_ms = &chat->operation_ms,
                             .last_peer = &chat->room.last_peer,
                             .now_ms = chat->now_ms,
                             .server_up = signaling_is_joined(&chat->signaling),
                             .configuration = buffer_slice(&chat->ice.json),
                             .no_path = no_path(chat),
                             .hiding = chat->ice.hiding};
}

/* To everybody, and to the server. */
static void say_goodbye(struct chat *chat, bool back) {
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        channel_say_bye(chat, chat->room.members[i], back);
    chat_forget_members(chat);
    signaling_leave(&chat->signaling, &chat->env, back);
}

/* Who reaches whom */

void chat_audit_soon(struct chat *chat) {
    if (chat->audit_due_ms > chat->now_ms + AUDIT_EVERY_MS)
        chat->audit_due_ms = chat->now_ms + AUDIT_EVERY_MS;
}

/* Outcomes */

static void be_welcomed(struct chat *chat, const struct wire_message *message) {
    chat->room_members_max = message->room_members_max;
    roster_welcome(chat, message);
}

static void configure_links(struct chat *chat) {
    struct link_env env = chat_link_env(chat);
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        link_configure(&chat->room.members[i]->link, &env);
}

static void hide_links(struct chat *chat) {
    struct link_env env = chat_link_env(chat);
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        struct member *member = chat->room.members[i];
        enum link_phase before = member->link.phase;
        link_hide(&member->link, &env);
        chat_follow_link(chat, member, before);
    }
}

static void conduct(struct chat *chat, const struct outcome *outcome) {
    switch (outcome->kind) {
    case OUTCOME_JOIN_STATE:
        if (outcome->state != JOIN_STATE_JOINED)
            ice_config_rest(&chat->ice);
        break;
    case OUTCOME_ICE_SERVERS:
        ice_config_keep(&chat->ice, &chat->env, outcome->message);
        break;
    case OUTCOME_WELCOME:
        be_welcomed(chat, outcome->message);
        break;
    case OUTCOME_SERVER_MESSAGE:
        roster_receive(chat, outcome->message);
        break;
    case OUTCOME_REPLACED:
        chat_forget_members(chat); /* they are the other window's now */
        break;
    case OUTCOME_ICE_CONFIGURATION:
        configure_links(chat);
        break;
    case OUTCOME_ADDRESS_HIDDEN:
        hide_links(chat);
        break;
    }
}

/* Gives every outcome to whom it concerns, until none is left. */
static void settle(struct chat *chat) {
    for (struct outcome outcome; outcomes_take(&chat->outcomes, &outcome);)
        conduct(chat, &outcome);
}

/* The page's events */

static void store_name(struct chat *chat) {
    actions_push_text(&chat->actions, ACTION_NAME_STORE, 0,
                      chat->name_generated ? EVENT_START_NAME_GENERATED : 0,
                      buffer_slice(&chat->name));
}

/* Into an empty |out|. */
static int clean_name(struct slice wish, struct buffer *out) {
    int error = text_clean_name(wish, PEER_NAME_CHARACTERS_MAX, out);
    if (!error)
        out->len = name_without_ours(buffer_slice(out)).len;
    return error;
}

static void choose_name(struct chat *chat, const struct event *event) {
    buffer_clear(&chat->name);
    chat->name_generated = event->code & EVENT_START_NAME_GENERATED;
    if (clean_name(event->b, &chat->name) == PARLEY_OK)
        return;
    const uint8_t *random = (const uint8_t *)event->c.bytes + RANDOM_NAME_AT;
    PARLEY_CHECK(friendly_name(random, &chat->name) == PARLEY_OK);
    chat->name_generated = true;
    store_name(chat);
}

static void reset_connections(struct chat *chat, const struct event *event) {
    random_init(&chat->random, (const uint8_t *)event->c.bytes + RANDOM_SEED_AT);
    chat->session = random_name(&chat->random);
    chat->budget = (struct budget){0};
    chat->operation_ms = 0;
    chat->audit_due_ms = chat->reach_due_ms = NO_DEADLINE;
}

/* With the tab's token, or a new one. */
static void begin_signaling(struct chat *chat, const struct event *event) {
    struct slice kept = {event->c.bytes + EVENT_RANDOM_BYTES, event->c.len - EVENT_RANDOM_BYTES};
    ice_config_begin(&chat->ice, &chat->env, event->code & EVENT_START_HIDING);
    signaling_begin(&chat->signaling, &chat->env, event->code & EVENT_START_POLLING, kept,
                    (const uint8_t *)event->c.bytes + RANDOM_TOKEN_AT);
}

static void connect(struct chat *chat, struct slice room) {
    if (!chat->no_webrtc)
        signaling_connect(&chat->signaling, &chat->env, room);
}

static void clear_lines(struct chat *chat) {
    transcript_clear(&chat->transcript);
    memset(chat->opened, 0, sizeof chat->opened);
    actions_show(&chat->actions, ACTION_SHOW_LINES);
}

static int start(struct chat *chat, const struct event *event) {
    if (event->c.len < EVENT_RANDOM_BYTES)
        return PARLEY_ERR_ARGUMENT;
    chat->started = true;
    chat->no_webrtc = event->code & EVENT_START_NO_WEBRTC;
    chat->draft_left = PEER_TEXT_CHARACTERS_MAX;
    reset_connections(chat, event);
    begin_signaling(chat, event);
    choose_name(chat, event);
    room_set_name(&chat->room, NULL, buffer_slice(&chat->name));
    clear_lines(chat);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    actions_show(&chat->actions, ACTION_SHOW_DRAFT);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    connect(chat, event->a);
    return PARLEY_OK;
}

static void set_draft(struct chat *chat, size_t characters) {
    int32_t left = PEER_TEXT_CHARACTERS_MAX - (int32_t)characters;
    if (left == chat->draft_left)
        return;
    chat->draft_left = left;
    actions_show(&chat->actions, ACTION_SHOW_DRAFT);
}

/* What would be sent of the draft. */
static size_t draft_characters(const struct event *event) {
    struct buffer clean;
    if (event->code) /* its end is not known */
        return text_characters(event->a) + (event->code & INT32_MAX / 2);
    buffer_init(&clean, 4 * EVENT_BYTES_MAX);
    bool left = text_clean_message(event->a, EVENT_BYTES_MAX, &clean) == PARLEY_OK;
    size_t characters = left ? text_characters(buffer_slice(&clean)) : 0;
    buffer_deinit(&clean);
    return characters;
}

static int say(struct chat *chat, struct slice text) {
    if (chat->room.id_len == 0)
        return PARLEY_ERR_STATE;
    struct buffer clean;
    buffer_init(&clean, 4 * (PEER_TEXT_CHARACTERS_MAX + EVENT_BYTES_MAX));
    int error = text_clean_message(text, PEER_TEXT_CHARACTERS_MAX, &clean);
    uint32_t number = chat->outbox.end;
    if (!error)
        error = channel_say(chat, buffer_slice(&clean));
    if (!error) {
        chat_add_text(chat, NULL, number, buffer_slice(&clean));
        lines_mark_unread(chat);
        set_draft(chat, 0);
    }
    buffer_deinit(&clean);
    return error;
}

static int rename_self(struct chat *chat, struct slice wish) {
    struct buffer clean;
    buffer_init(&clean, 4 * (PEER_NAME_CHARACTERS_MAX + EVENT_BYTES_MAX));
    int error = clean_name(wish, &clean);
    bool same = !error && slice_equal(buffer_slice(&clean), buffer_slice(&chat->name));
    if (!error) {
        chat->name_generated = false;
        PARLEY_CHECK(buffer_set(&chat->name, buffer_slice(&clean)) == PARLEY_OK);
        store_name(chat);
        actions_show(&chat->actions, ACTION_SHOW_STATUS);
        actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    }
    if (!error && !same) {
        channel_rename(chat);
        chat_rename(chat, NULL, buffer_slice(&clean));
    }
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
    chat->started = false;
}

/* False: the member is gone. */
static bool tick_member(struct chat *chat, struct member *member) {
    struct link_env env = chat_link_env(chat);
    enum link_phase before = member->link.phase;
    if (chat->now_ms >= link_deadline_ms(&member->link)) {
        link_tick(&member->link, &env);
        chat_follow_link(chat, member, before);
    }
    channel_tick(chat, member);
    return roster_tick(chat, member);
}

static void tick(struct chat *chat) {
    signaling_tick(&chat->signaling, &chat->env);
    settle(chat);
    ice_config_tick(&chat->ice, &chat->env);
    for (uint32_t i = 0; i < chat->room.member_count;)
        i += tick_member(chat, chat->room.members[i]);
    if (chat->now_ms >= chat->reach_due_ms)
        channel_tell_reach(chat);
    if (chat->now_ms >= chat->audit_due_ms)
        gap_look(chat);
}

static void wake(struct chat *chat, enum event_wake reason) {
    struct link_env env = chat_link_env(chat);
    bool offline = reason == EVENT_WAKE_OFFLINE;
    signaling_wake(&chat->signaling, &chat->env, offline);
    if (offline)
        return;
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        heartbeat_doubt(&chat->room.members[i]->heartbeat, chat->now_ms);
        link_nudge(&chat->room.members[i]->link, &env, false);
    }
}

static int handle_page_event(struct chat *chat, const struct event *event) {
    switch (event->kind) {
    case EVENT_SAY:
        return say(chat, event->a);
    case EVENT_DRAFT:
        set_draft(chat, draft_characters(event));
        return PARLEY_OK;
    case EVENT_FOLD:
        lines_fold(chat, event->code);
        return PARLEY_OK;
    case EVENT_RENAME:
        return rename_self(chat, event->a);
    case EVENT_HIDE:
        ice_config_hide(&chat->ice, &chat->env, event->code != 0);
        return PARLEY_OK;
    case EVENT_LEAVE:
        leave(chat);
        return PARLEY_OK;
    case EVENT_UNLOAD:
        unload(chat);
        return PARLEY_OK;
    case EVENT_WAKE:
        wake(chat, (enum event_wake)event->code);
        return PARLEY_OK;
    case EVENT_POLL_TABS:
        signaling_count_tabs(&chat->signaling, &chat->env, event->code);
        return PARLEY_OK;
    case EVENT_POLL_CUT:
        signaling_note_cut(&chat->signaling, &chat->env, event->code);
        return PARLEY_OK;
    case EVENT_POLL_ANSWERED:
        signaling_note_answered(&chat->signaling, event->code);
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

/* The events of the server and of peers */

static void handle_server_event(struct chat *chat, const struct event *event) {
    enum event_transport way = (enum event_transport)event->code;
    if (event->code >= EVENT_TRANSPORT_COUNT)
        return;
    switch (event->kind) {
    case EVENT_SERVER_OPENED:
        signaling_opened(&chat->signaling, &chat->env, way);
        break;
    case EVENT_SERVER_MESSAGE:
        signaling_receive(&chat->signaling, &chat->env, way, event->a);
        break;
    case EVENT_SERVER_CLOSED:
        signaling_closed(&chat->signaling, &chat->env, way, event->a);
        break;
    case EVENT_COUNT:
        EVENTS_OF_PAGE(EVENT_CASE)
        EVENTS_OF_LINK(EVENT_CASE)
        EVENTS_OF_MEMBER(EVENT_CASE)
        break;
    }
}

static void add_step(struct chat *chat, struct member *member, enum step_kind kind) {
    steps_add(&member->link.steps, chat->now_ms, kind);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
}

static void note_ice_error(struct chat *chat, struct member *member, const struct event *event) {
    bool silent = event->code == WIRE_STATUS_NO_ANSWER;
    if (ice_config_failed(&chat->ice, &chat->env, event->code, event->a))
        add_step(chat, member, silent ? STEP_RELAY_SILENT : STEP_RELAY_REFUSED);
}

static void note_left_out(struct chat *chat, struct member *member, struct slice url) {
    ice_config_left_out(&chat->ice, &chat->env, url);
    add_step(chat, member, STEP_SERVER_LEFT_OUT);
}

static void handle_link_event(struct chat *chat, struct member *member, const struct event *event) {
    if (event->kind == EVENT_PEER_ROUTE)
        channel_judge_load(chat, member, event->code); /* may hang up */
    struct link_env env = chat_link_env(chat);
    enum link_phase before = member->link.phase;
    bool was_open = member->link.channel_open;
    if (event->kind == EVENT_PEER_CANDIDATE)
        ice_config_found(&chat->ice, &chat->env, event->a);
    link_handle(&member->link, &env, event);
    if (!was_open && member->link.channel_open)
        channel_opened(chat, member);
    chat_follow_link(chat, member, before);
}

static void handle_peer_event(struct chat *chat, const struct event *event) {
    struct member *member = room_find_peer(&chat->room, event->peer);
    if (!member)
        return; /* closed meanwhile */
    switch (event->kind) {
        EVENTS_OF_LINK(EVENT_CASE)
        handle_link_event(chat, member, event);
        break;
    case EVENT_CHANNEL_MESSAGE:
        channel_receive(chat, member, event->a, event->code != 0);
        break;
    case EVENT_CHANNEL_BUFFERED:
        channel_buffered(chat, member, event->code);
        break;
    case EVENT_PEER_UNASKED:
        chat_hang_up(chat, member);
        break;
    case EVENT_PEER_ICE_ERROR:
        note_ice_error(chat, member, event);
        break;
    case EVENT_PEER_SERVER_REFUSED:
        note_left_out(chat, member, event->a);
        break;
    case EVENT_COUNT:
        EVENTS_OF_PAGE(EVENT_CASE)
        EVENTS_OF_SERVER(EVENT_CASE)
        break;
    }
}

/* The door */

static void set_clocks(struct chat *chat, const struct event *event) {
    if (event->now_ms > chat->now_ms && event->now_ms != NO_DEADLINE)
        chat->now_ms = event->now_ms;
    chat->wall_ms = event->wall_ms;
    chat->utc_offset_min = event->utc_offset_min;
    chat->env.now_ms = chat->now_ms;
    chat->env.wall_ms = chat->wall_ms;
}

static int dispatch(struct chat *chat, const struct event *event) {
    switch (event->kind) {
        EVENTS_OF_PAGE(EVENT_CASE)
        return handle_page_event(chat, event);

        EVENTS_OF_SERVER(EVENT_CASE)
        handle_server_event(chat, event);
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
    channel_forget_sent(chat);
    set_clocks(chat, event);
    int error = dispatch(chat, event);
    settle(chat);
    signaling_forget_heard(&chat->signaling);
    roster_give_turns(chat);
    return error;
}

const struct action *chat_next_action(struct chat *chat) {
    return actions_next(&chat->actions);
}

uint64_t chat_deadline_ms(const struct chat *chat) {
    uint64_t deadline_ms =
        deadline_earlier(signaling_deadline_ms(&chat->signaling),
                         deadline_earlier(chat->audit_due_ms, chat->reach_due_ms));
    deadline_ms = deadline_earlier(
        deadline_ms, deadline_earlier(chat->turns_due_ms, ice_config_deadline_ms(&chat->ice)));
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        const struct member *member = chat->room.members[i];
        deadline_ms = deadline_earlier(deadline_ms, link_deadline_ms(&member->link));
        deadline_ms = deadline_earlier(deadline_ms, channel_deadline_ms(member));
        deadline_ms = deadline_earlier(deadline_ms, roster_deadline_ms(chat, member));
    }
    return deadline_ms;
}

static void init_buffers(struct chat *chat) {
    buffer_init(&chat->gap, SCRATCH_BYTES_MAX);
    buffer_init(&chat->name, PEER_NAME_BYTES_MAX);
    buffer_init(&chat->scratch, SCRATCH_BYTES_MAX);
    buffer_init(&chat->view.text, SCRATCH_BYTES_MAX);
    buffer_init(&chat->view.status, SCRATCH_BYTES_MAX);
    buffer_init(&chat->view.run, SCRATCH_BYTES_MAX);
    buffer_init(&chat->view.hiding, SCRATCH_BYTES_MAX);
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
    chat->turns_due_ms = chat->audit_due_ms = chat->reach_due_ms = NO_DEADLINE;
    actions_init(&chat->actions);
    room_init(&chat->room);
    init_buffers(chat);
    if (transcript_init(&chat->transcript) == PARLEY_OK && outbox_init(&chat->outbox) == PARLEY_OK)
        return PARLEY_OK;
    chat_destroy(chat);
    *out = NULL;
    return PARLEY_ERR_NO_MEMORY;
}

void chat_destroy(struct chat *chat) {
    if (!chat)
        return;
    room_clear(&chat->room);
    transcript_deinit(&chat->transcript);
    outbox_deinit(&chat->outbox);
    actions_deinit(&chat->actions);
    signaling_deinit(&chat->signaling);
    ice_config_deinit(&chat->ice);
    buffer_deinit(&chat->gap);
    buffer_deinit(&chat->name);
    buffer_deinit(&chat->scratch);
    buffer_deinit(&chat->view.text);
    buffer_deinit(&chat->view.status);
    buffer_deinit(&chat->view.run);
    buffer_deinit(&chat->view.hiding);
    free(chat);
}
