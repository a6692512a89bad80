#include "chat.h"

#include "audit.h"
#include "channel.h"
#include "chat_state.h"
#include "dialing.h"
#include "error.h"
#include "friendly_name.h"
#include "gap.h"
#include "lines.h"
#include "relay.h"
#include "roster.h"
#include "signaling.h"

#include <stdlib.h>
#include <string.h>

#define REPORTED_FAILURES 2 /* of attempts in a row */
#define AUDIT_EVERY_MS 1000 /* at most */

/* The use of START's random bytes. */
#define RANDOM_TOKEN_AT 0
#define RANDOM_NAME_AT TOKEN_RANDOM_BYTES
#define RANDOM_SEED_AT 24 /* to 32 */

#define SCRATCH_BYTES_MAX (4 * PEER_MESSAGE_BYTES_MAX)

/* Members and their links */

struct link_env chat_link_env(struct chat *chat) {
    return (struct link_env){.actions = &chat->actions,
                             .random = &chat->random,
                             .budget = &chat->budget,
                             .operation_ms = &chat->operation_ms,
                             .last_peer = &chat->room.last_peer,
                             .now_ms = chat->now_ms,
                             .server_up = chat->server == JOIN_STATE_JOINED,
                             .configuration = buffer_slice(&chat->relay.configuration),
                             .no_path = relay_no_path(chat),
                             .hiding = chat->relay.hiding};
}

/* Says once in an outage that it is one: an ICE restart and a new connection have failed. */
static void report(struct chat *chat, struct member *member) {
    const struct link *link = &member->link;
    bool closed = link->phase == LINK_CLOSED;
    if (member->reported || (link->failures < REPORTED_FAILURES && !closed) ||
        link->phase == LINK_CONNECTED)
        return;
    member->reported = true;
    const char *before = member->announced || closed ? "The connection to " : "No connection to ";
    const char *after = closed              ? " was closed. "
                        : member->announced ? " was lost; Parley keeps trying. "
                                            : " could be made yet; Parley keeps trying. ";
    chat_note_because(chat, LINE_LOST, member, before, after, link_reason_text(link->reason));
}

/* Where the way to somebody breaks, the way to the server may have, unnoticed. */
static void doubt_server(struct chat *chat) {
    if (chat->server == JOIN_STATE_JOINED)
        heartbeat_doubt(&chat->signaling.heartbeat, chat->now_ms);
}

void chat_follow_link(struct chat *chat, struct member *member, enum link_phase before) {
    enum link_phase now = member->link.phase;
    if (before == LINK_CONNECTED && member->link.rung != LINK_WELL)
        doubt_server(chat);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    relay_follow_link(chat, &member->link);
    report(chat, member);
    if (now == before)
        return;
    if (now == LINK_CONNECTED)
        channel_regained(chat, member);
    else if (before == LINK_CONNECTED)
        channel_lost(member);
    if (now == LINK_CLOSED)
        lines_mark_unread(chat);
    roster_follow_link(chat, member);
    channel_reach_changed(chat);
    chat_audit_soon(chat);
}

void chat_hang_up(struct chat *chat, struct member *member) {
    struct link_env env = chat_link_env(chat);
    enum link_phase before = member->link.phase;
    link_close(&member->link, &env, LINK_REASON_MISBEHAVED);
    chat_follow_link(chat, member, before);
}

/* Confirmations come now and then only: a member who was well until their goodbye has all that was
 * sent before it. */
static bool misses_texts(const struct chat *chat, const struct member *member) {
    if (member_connected(member))
        return false;
    uint32_t has = member->leaving && member->was_well ? member->next_out : member->confirmed;
    return has != chat->outbox.end;
}

void chat_depart(struct chat *chat, struct member *member) {
    struct link_env env = chat_link_env(chat);
    bool unread = misses_texts(chat, member);
    channel_show_all(chat, member);
    link_close(&member->link, &env, LINK_REASON_GONE);
    if (member->announced)
        chat_note(chat, LINE_LEFT, member, "", " left");
    if (member->announced && unread)
        chat_note(chat, LINE_LOST, member, "Not all of your messages reached ", ".");
    if (!unread)
        channel_given(chat, member);
    transcript_author_gone(&chat->transcript, member->number);
    audit_charge(&chat->audit, &chat->room, chat->now_ms);
    room_remove(&chat->room, member);
    lines_mark_unread(chat);
    channel_reach_changed(chat);
    chat_audit_soon(chat);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

void chat_forget_members(struct chat *chat) {
    struct link_env env = chat_link_env(chat);
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        link_close(&chat->room.members[i]->link, &env, LINK_REASON_GONE);
        transcript_author_gone(&chat->transcript, chat->room.members[i]->number);
    }
    room_clear(&chat->room);
    buffer_clear(&chat->gap);
    chat->audit = (struct audit){0};
    chat->audit_due_ms = chat->reach_due_ms = CHAT_NO_DEADLINE;
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}

/* To everybody, and to the server. */
static void say_goodbye(struct chat *chat, bool back) {
    for (uint32_t i = 0; i < chat->room.member_count; i++)
        channel_say_bye(chat, chat->room.members[i], back);
    chat_forget_members(chat);
    signaling_leave(chat, back);
}

/* Who reaches whom */

void chat_audit_soon(struct chat *chat) {
    if (chat->audit_due_ms > chat->now_ms + AUDIT_EVERY_MS)
        chat->audit_due_ms = chat->now_ms + AUDIT_EVERY_MS;
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

void chat_store_token(struct chat *chat) {
    char kept[TOKEN_KEPT_BYTES];
    token_write(&chat->token, kept);
    actions_push_text(&chat->actions, ACTION_TOKEN_STORE, 0, 0, (struct slice){kept, sizeof kept});
}

/* The tab's token, or a new one. */
static void choose_token(struct chat *chat, const struct event *event) {
    struct slice kept = {event->c.bytes + EVENT_RANDOM_BYTES, event->c.len - EVENT_RANDOM_BYTES};
    token_init(&chat->token, kept, (const uint8_t *)event->c.bytes + RANDOM_TOKEN_AT);
    chat_store_token(chat);
}

static void reset_connections(struct chat *chat, const struct event *event) {
    bool polling = event->code & EVENT_START_POLLING;
    random_init(&chat->random, (const uint8_t *)event->c.bytes + RANDOM_SEED_AT);
    chat->session = random_name(&chat->random);
    dialing_init(&chat->signaling, polling);
    chat->offline = false;
    chat->budget = (struct budget){0};
    chat->operation_ms = 0;
    chat->audit_due_ms = chat->reach_due_ms = CHAT_NO_DEADLINE;
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
    relay_begin(chat, event->code & EVENT_START_HIDING);
    choose_token(chat, event);
    choose_name(chat, event);
    room_set_name(&chat->room, NULL, buffer_slice(&chat->name));
    clear_lines(chat);
    struct slice wanted = event->a;
    wanted.len = wanted.len > WIRE_ROOM_ID_BYTES_MAX ? WIRE_ROOM_ID_BYTES_MAX + 1 : wanted.len;
    PARLEY_CHECK(buffer_set(&chat->wanted_room, wanted) == PARLEY_OK);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    actions_show(&chat->actions, ACTION_SHOW_DRAFT);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    if (!chat->no_webrtc)
        signaling_connect(chat);
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
    buffer_clear(&chat->wanted_room);
    actions_push(&chat->actions, ACTION_ROOM_NAMED, 0, 0); /* a reload must not lead back */
    if (!chat->no_webrtc)
        signaling_connect(chat);
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
    signaling_tick(chat);
    relay_tick(chat);
    for (uint32_t i = 0; i < chat->room.member_count;)
        i += tick_member(chat, chat->room.members[i]);
    if (chat->now_ms >= chat->reach_due_ms)
        channel_tell_reach(chat);
    if (chat->now_ms >= chat->audit_due_ms)
        gap_look(chat);
}

static void wake(struct chat *chat, enum event_wake reason) {
    chat->offline = reason == EVENT_WAKE_OFFLINE;
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    if (chat->offline)
        return;
    struct link_env env = chat_link_env(chat);
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    signaling_wake(chat);
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
        relay_hide(chat, event->code != 0);
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
        signaling_count_tabs(chat, event->code);
        return PARLEY_OK;
    case EVENT_POLL_CUT:
        signaling_note_cut(chat, event->code);
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
        signaling_opened(chat, way);
        break;
    case EVENT_SERVER_MESSAGE:
        signaling_receive(chat, way, event->a);
        break;
    case EVENT_SERVER_CLOSED:
        signaling_closed(chat, way, event->a);
        break;
    case EVENT_COUNT:
        EVENTS_OF_PAGE(EVENT_CASE)
        EVENTS_OF_LINK(EVENT_CASE)
        EVENTS_OF_MEMBER(EVENT_CASE)
        break;
    }
}

static void handle_link_event(struct chat *chat, struct member *member, const struct event *event) {
    struct link_env env = chat_link_env(chat);
    enum link_phase before = member->link.phase;
    bool was_open = member->link.channel_open;
    if (event->kind == EVENT_PEER_ROUTE)
        channel_judge_load(chat, member, event->code);
    if (event->kind == EVENT_PEER_CANDIDATE)
        relay_found(chat, event->a);
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
        relay_failed(chat, member, event->code, event->a);
        break;
    case EVENT_PEER_SERVER_REFUSED:
        relay_left_out(chat, member, event->a);
        break;
    case EVENT_COUNT:
        EVENTS_OF_PAGE(EVENT_CASE)
        EVENTS_OF_SERVER(EVENT_CASE)
        break;
    }
}

/* The door */

static void set_clocks(struct chat *chat, const struct event *event) {
    if (event->now_ms > chat->now_ms && event->now_ms != CHAT_NO_DEADLINE)
        chat->now_ms = event->now_ms;
    chat->wall_ms = event->wall_ms;
    chat->utc_offset_min = event->utc_offset_min;
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
    roster_give_turns(chat);
    return error;
}

const struct action *chat_next_action(struct chat *chat) {
    return actions_next(&chat->actions);
}

static uint64_t earlier(uint64_t left_ms, uint64_t right_ms) {
    return left_ms < right_ms ? left_ms : right_ms;
}

uint64_t chat_deadline_ms(const struct chat *chat) {
    uint64_t deadline_ms =
        earlier(signaling_deadline_ms(chat), earlier(chat->audit_due_ms, chat->reach_due_ms));
    deadline_ms = earlier(deadline_ms, earlier(chat->turns_due_ms, relay_deadline_ms(chat)));
    for (uint32_t i = 0; i < chat->room.member_count; i++) {
        const struct member *member = chat->room.members[i];
        deadline_ms = earlier(deadline_ms, link_deadline_ms(&member->link));
        deadline_ms = earlier(deadline_ms, channel_deadline_ms(member));
        deadline_ms = earlier(deadline_ms, roster_deadline_ms(chat, member));
    }
    return deadline_ms;
}

static void init_buffers(struct chat *chat) {
    buffer_init(&chat->wanted_room, WIRE_ROOM_ID_BYTES_MAX + 1);
    buffer_init(&chat->gap, SCRATCH_BYTES_MAX);
    buffer_init(&chat->refusal, PEER_MESSAGE_BYTES_MAX);
    buffer_init(&chat->hurdle, PEER_MESSAGE_BYTES_MAX);
    buffer_init(&chat->name, PEER_NAME_BYTES_MAX);
    relay_init(&chat->relay);
    buffer_init(&chat->scratch, SCRATCH_BYTES_MAX);
    buffer_init(&chat->view.text, SCRATCH_BYTES_MAX);
    buffer_init(&chat->view.status, SCRATCH_BYTES_MAX);
    buffer_init(&chat->view.run, SCRATCH_BYTES_MAX);
}

int chat_create(struct chat **out) {
    struct chat *chat = calloc(1, sizeof *chat);
    *out = chat;
    if (!chat)
        return PARLEY_ERR_NO_MEMORY;
    dialing_init(&chat->signaling, false);
    chat->turns_due_ms = chat->audit_due_ms = chat->reach_due_ms = CHAT_NO_DEADLINE;
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
    buffer_deinit(&chat->wanted_room);
    buffer_deinit(&chat->gap);
    buffer_deinit(&chat->refusal);
    buffer_deinit(&chat->hurdle);
    buffer_deinit(&chat->name);
    relay_deinit(&chat->relay);
    buffer_deinit(&chat->scratch);
    buffer_deinit(&chat->view.text);
    buffer_deinit(&chat->view.status);
    buffer_deinit(&chat->view.run);
    free(chat);
}
