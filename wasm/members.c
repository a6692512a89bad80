#include "chat_state.h"

#include "channel.h"
#include "lines.h"
#include "roster.h"

#define REPORTED_FAILURES 2 /* of attempts in a row */

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

/* A relay that gave no candidate, nor a reason, is trouble, too. */
static void note_silent_relay(struct chat *chat, const struct link *link) {
    if (link->reason == LINK_REASON_RELAY_SILENT)
        ice_config_silent(&chat->ice, &chat->env);
}

void chat_follow_link(struct chat *chat, struct member *member, enum link_phase before) {
    enum link_phase now = member->link.phase;
    if (before == LINK_CONNECTED && member->link.rung != LINK_WELL)
        signaling_doubt(&chat->signaling, chat->now_ms); /* that way may have broken, too */
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
    note_silent_relay(chat, &member->link);
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
    chat->audit_due_ms = chat->reach_due_ms = NO_DEADLINE;
    actions_show(&chat->actions, ACTION_SHOW_MEMBERS);
    actions_show(&chat->actions, ACTION_SHOW_STATUS);
}
