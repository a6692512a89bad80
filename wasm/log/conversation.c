#include "conversation.h"

#include "error.h"
#include "table.h"

#include <stdlib.h>

#define SENTENCE_BYTES_MAX 1024 /* two names and fewer than 300 characters around them */

int conversation_init(struct conversation *conversation) {
    *conversation = (struct conversation){0};
    buffer_init(&conversation->sentence, SENTENCE_BYTES_MAX);
    return transcript_init(&conversation->transcript);
}

void conversation_deinit(struct conversation *conversation) {
    transcript_deinit(&conversation->transcript);
    free(conversation->told);
    buffer_deinit(&conversation->sentence);
}

void conversation_clear(struct conversation *conversation, const struct env *env) {
    transcript_clear(&conversation->transcript);
    actions_show(env->actions, ACTION_SHOW_LINES);
}

/* People */

void conversation_forget_people(struct conversation *conversation) {
    transcript_others_gone(&conversation->transcript);
    conversation->told_count = 0;
}

/* The lines have told this about |member|; valid until the next call. */
static struct conversation_told *told_of(struct conversation *conversation,
                                         const struct member *member) {
    uint32_t at = 0;
    while (at < conversation->told_count && conversation->told[at].member != member->number)
        at++;
    if (at == conversation->told_count) {
        conversation->told = table_reserve(conversation->told, at, &conversation->told_capacity,
                                           sizeof *conversation->told);
        PARLEY_CHECK(conversation->told);
        conversation->told[conversation->told_count++] =
            (struct conversation_told){.member = member->number};
    }
    return &conversation->told[at];
}

_Static_assert(TRANSCRIPT_BYTES_MAX > 4 * PEER_TEXT_CHARACTERS_MAX + PEER_NAME_BYTES_MAX,
               "there is place for the longest line, whatever else goes");

/* Lines */

static void add_line(struct conversation *conversation, const struct env *env, struct line line) {
    struct transcript *transcript = &conversation->transcript;
    line.wall_ms = env->wall_ms;
    line.utc_offset_min = env->utc_offset_min;
    for (uint32_t gone; transcript_make_place(transcript, line.author.len + line.text.len, &gone);)
        actions_push(env->actions, ACTION_LINE_CHANGED, 0, gone);
    PARLEY_CHECK(transcript_add(transcript, &line) == PARLEY_OK);
    actions_show(env->actions, ACTION_SHOW_LINES);
}

static struct slice shown_name(const struct room *room, const struct member *member) {
    return member ? member_name(member) : name_shown(&room->self_name);
}

static uint32_t colour_of(const struct room *room, const struct member *member) {
    return member ? member->colour : room->self_colour;
}

void conversation_add_text(struct conversation *conversation, const struct env *env,
                           const struct room *room, const struct member *member, uint32_t number,
                           struct slice text) {
    add_line(conversation, env,
             (struct line){.kind = LINE_TEXT,
                           .number = number,
                           .peer = member ? member->number : 0,
                           .colour = colour_of(room, member),
                           .author = shown_name(room, member),
                           .text = text});
}

void conversation_mark_unread(struct conversation *conversation, const struct env *env,
                              uint32_t given_end, uint32_t needed_from) {
    uint32_t end = conversation->marked_end;
    if ((int32_t)(given_end - end) > 0)
        end = given_end;
    for (uint32_t i = conversation->transcript.count; i-- > 0;) {
        struct line *line = conversation->transcript.lines[i];
        if (line->kind != LINE_TEXT || line->peer != 0)
            continue;
        if ((int32_t)(line->number - end) < 0)
            break;
        line->unread = (int32_t)(needed_from - line->number) > 0;
        if (line->unread)
            actions_push(env->actions, ACTION_LINE_CHANGED, 0, line->sequence);
    }
    if ((int32_t)(needed_from - end) > 0)
        conversation->marked_end = needed_from;
}

/* Sentences */

static void add_words(struct conversation *conversation, const char *piece) {
    PARLEY_CHECK(buffer_append(&conversation->sentence, slice_of(piece)) == PARLEY_OK);
}

static void add_sentence(struct conversation *conversation, const struct env *env,
                         enum line_kind kind, const struct member *member, uint32_t colour) {
    add_line(conversation, env,
             (struct line){.kind = kind,
                           .peer = member ? member->number : 0,
                           .colour = colour,
                           .text = buffer_slice(&conversation->sentence)});
}

/* |before|, the member's name, |after|, |more|. */
static void note(struct conversation *conversation, const struct env *env, enum line_kind kind,
                 const struct member *member, const char *before, const char *after,
                 const char *more) {
    buffer_clear(&conversation->sentence);
    add_words(conversation, before);
    name_append(&conversation->sentence, member_name(member));
    add_words(conversation, after);
    add_words(conversation, more);
    add_sentence(conversation, env, kind, member, member->colour);
}

void conversation_note_entered(struct conversation *conversation, const struct env *env,
                               const struct room *room, const struct keyring *keyring) {
    buffer_clear(&conversation->sentence);
    add_words(conversation,
              keyring->is_sealed
                  ? "You are in a sealed room. Only people with its link can join, and nobody else "
                    "can read what is said."
                  : "You are in an open room. Anyone who knows the name can join, and the server "
                    "could listen.");
    add_sentence(conversation, env, LINE_ENTERED, NULL, room->self_colour);
}

static void announce(struct conversation *conversation, const struct env *env,
                     const struct member *member) {
    if (member->was_here)
        note(conversation, env, LINE_HERE, member, "", " is here", "");
    else
        note(conversation, env, LINE_JOINED, member, "", " joined", "");
}

void conversation_note_greeted(struct conversation *conversation, const struct env *env,
                               const struct member *member) {
    struct conversation_told *told = told_of(conversation, member);
    if (!told->announced)
        announce(conversation, env, member);
    else if (told->lost)
        note(conversation, env, LINE_HERE, member, "Connected to ", " again", "");
    told->announced = true;
    told->lost = false;
}

/* An ICE restart and a new connection have failed, or it is for good; but they are still there, and
 * not reached otherwise. */
static bool is_outage(const struct member *member) {
    const struct link *link = &member->link;
    bool failed =
        link->failures >= CONVERSATION_REPORTED_FAILURES && !path_is_up(member_path(member));
    return (failed || link->state == LINK_CLOSED) && link->reason != LINK_REASON_GONE;
}

static void report(struct conversation *conversation, const struct env *env,
                   const struct member *member, bool announced) {
    bool closed = path_is_closed(member_path(member));
    const char *before = announced || closed ? "The connection to " : "No connection to ";
    const char *after = closed      ? " was closed. "
                        : announced ? " was lost; Parley keeps trying. "
                                    : " could be made yet; Parley keeps trying. ";
    note(conversation, env, LINE_LOST, member, before, after,
         link_reason_text(member->link.reason));
}

void conversation_note_link(struct conversation *conversation, const struct env *env,
                            const struct member *member) {
    struct conversation_told *told = told_of(conversation, member);
    if (told->lost || !is_outage(member))
        return;
    told->lost = true;
    report(conversation, env, member, told->announced);
}

void conversation_note_renamed(struct conversation *conversation, const struct env *env,
                               const struct room *room, const struct member *member,
                               struct slice before) {
    bool told = member ? told_of(conversation, member)->announced : room->id.len > 0;
    if (!told)
        return;
    buffer_clear(&conversation->sentence);
    if (member)
        name_append(&conversation->sentence, before);
    add_words(conversation, member ? " is now " : "You are now ");
    name_append(&conversation->sentence, shown_name(room, member));
    add_sentence(conversation, env, LINE_RENAMED, member, colour_of(room, member));
}

void conversation_note_gone(struct conversation *conversation, const struct env *env,
                            const struct member *member, bool unread) {
    struct conversation_told *told = told_of(conversation, member);
    bool announced = told->announced;
    *told = conversation->told[--conversation->told_count];
    if (announced)
        note(conversation, env, LINE_LEFT, member, "", " left", "");
    if (announced && unread)
        note(conversation, env, LINE_LOST, member, "Not all of your messages reached ", ".", "");
    transcript_author_gone(&conversation->transcript, member->number);
}

void conversation_note_lost(struct conversation *conversation, const struct env *env,
                            const struct member *member, enum outcome_lost lost) {
    const char *why = "";
    switch (lost) {
    case OUTCOME_LOST_TOO_MANY:
        why = "there were too many to keep.";
        break;
    case OUTCOME_LOST_AWAY:
        why = "you were out of reach for too long.";
        break;
    }
    note(conversation, env, LINE_LOST, member, "Some messages from ", " are missing here: ", why);
}

void conversation_note_dropped(struct conversation *conversation, const struct env *env,
                               const struct member *member) {
    note(conversation, env, LINE_LOST, member, "Some messages will not reach ",
         ": there were too many to keep.", "");
}

void conversation_note_garbage(struct conversation *conversation, const struct env *env,
                               const struct member *member) {
    note(conversation, env, LINE_WARNING, member, "",
         " sent something that makes no sense; it is ignored.", "");
}

void conversation_note_stranger(struct conversation *conversation, const struct env *env,
                                const struct keyring *keyring) {
    buffer_clear(&conversation->sentence);
    add_words(conversation, keyring->is_sealed
                                ? "Somebody is here without this room's link, or the server made "
                                  "them up. You are not connected to them."
                                : "Somebody here could not prove who they are. You are not "
                                  "connected to them.");
    add_sentence(conversation, env, LINE_WARNING, NULL, 0);
}
