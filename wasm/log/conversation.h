/* conversation.h - what was said, and what became of the people who say it, as lines of the
 * transcript: the one way into it, for others' texts and for one's own.
 *
 * Lines about a person are short sentences. What happened to somebody before they said hello is
 * told of nobody; an outage is told once.
 */
#ifndef PARLEY_CONVERSATION_H
#define PARLEY_CONVERSATION_H

#include "env.h"
#include "room.h"
#include "transcript.h"

#define CONVERSATION_REPORTED_FAILURES 2 /* of attempts in a row, and it is an outage */

struct conversation {
    struct transcript transcript;
    uint32_t marked_end;    /* all own texts before it were marked, where nobody was given them */
    struct buffer sentence; /* where it is built */
};

/* Makes an empty one. Free it with conversation_deinit. PARLEY_ERR_NO_MEMORY. */
int conversation_init(struct conversation *conversation);
void conversation_deinit(struct conversation *conversation);

/* Forgets all lines; numbers go on. */
void conversation_clear(struct conversation *conversation, const struct env *env);

/* Everybody is forgotten, without a word. */
void conversation_forget_people(struct conversation *conversation);

/* Adds a text by |member|, or by oneself when NULL: then |number| is the outbox's. */
void conversation_add_text(struct conversation *conversation, const struct env *env,
                           const struct room *room, const struct member *member, uint32_t number,
                           struct slice text);

/* Marks one's own texts that nobody was given and nobody will be: those before |needed_from|, for
 * which nobody waits, and not before |given_end|, which somebody has. */
void conversation_mark_unread(struct conversation *conversation, const struct env *env,
                              uint32_t given_end, uint32_t needed_from);

/* We came into the room. */
void conversation_note_entered(struct conversation *conversation, const struct env *env,
                               const struct room *room);

/* |member| said hello. */
void conversation_note_greeted(struct conversation *conversation, const struct env *env,
                               struct member *member);

/* Something happened to |member|'s link: says so once where it is an outage. */
void conversation_note_link(struct conversation *conversation, const struct env *env,
                            struct member *member);

/* |member|, or oneself when NULL, was called |before| until now. */
void conversation_note_renamed(struct conversation *conversation, const struct env *env,
                               const struct room *room, const struct member *member,
                               struct slice before);

/* |member| is gone. |unread|: not all that was said had reached them. */
void conversation_note_gone(struct conversation *conversation, const struct env *env,
                            const struct member *member, bool unread);

/* Texts by |member| will not come; some of ours will not reach them; they sent garbage. */
void conversation_note_lost(struct conversation *conversation, const struct env *env,
                            const struct member *member, enum outcome_lost lost);
void conversation_note_dropped(struct conversation *conversation, const struct env *env,
                               const struct member *member);
void conversation_note_garbage(struct conversation *conversation, const struct env *env,
                               const struct member *member);

#endif
