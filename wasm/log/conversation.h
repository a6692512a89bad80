/* conversation.h - adds lines to the transcript: what people said, the user included, and what
 * happened to them. Nothing else adds lines.
 *
 * Lines about a person are short sentences. Nothing is reported about a person before their hello;
 * an outage is reported once.
 */
#ifndef PARLEY_CONVERSATION_H
#define PARLEY_CONVERSATION_H

#include "env.h"
#include "keyring.h"
#include "room.h"
#include "transcript.h"

#define CONVERSATION_REPORTED_FAILURES 2 /* failed attempts in a row that make an outage */

/* Whether lines have mentioned these about a member. */
struct conversation_told {
    uint32_t member; /* the number */
    bool announced;  /* that they came */
    bool lost;       /* that they are out of reach */
};

struct conversation {
    struct transcript transcript;
    struct conversation_told *told; /* of those who are not gone; in no order */
    uint32_t told_count, told_capacity;
    uint32_t marked_end;    /* own texts before it were marked, if nobody got them */
    struct buffer sentence; /* where it is built */
};

/* Makes an empty one. Free it with conversation_deinit. PARLEY_ERR_NO_MEMORY. */
int conversation_init(struct conversation *conversation);
void conversation_deinit(struct conversation *conversation);

/* Forgets all lines; numbers go on. */
void conversation_clear(struct conversation *conversation, const struct env *env);

/* Forgets everybody, without a line. */
void conversation_forget_people(struct conversation *conversation);

/* Adds a text by |member| or, if NULL, one's own: then |number| is the outbox's. */
void conversation_add_text(struct conversation *conversation, const struct env *env,
                           const struct room *room, const struct member *member, uint32_t number,
                           struct slice text);

/* Marks one's own texts that nobody got or will get: those from |given_end| on (somebody has those
 * before it) and before |needed_from| (nobody waits for them). */
void conversation_mark_unread(struct conversation *conversation, const struct env *env,
                              uint32_t given_end, uint32_t needed_from);

/* We entered the room, whose keys are |keyring|'s: says who can join and listen. */
void conversation_note_entered(struct conversation *conversation, const struct env *env,
                               const struct room *room, const struct keyring *keyring);

/* |member| said hello. */
void conversation_note_greeted(struct conversation *conversation, const struct env *env,
                               const struct member *member);

/* |member|'s link changed: reports an outage, once. */
void conversation_note_link(struct conversation *conversation, const struct env *env,
                            const struct member *member);

/* |member|, or oneself if NULL, had the name |before| until now. */
void conversation_note_renamed(struct conversation *conversation, const struct env *env,
                               const struct room *room, const struct member *member,
                               struct slice before);

/* |member| is gone. |unread|: some texts had not reached them. */
void conversation_note_gone(struct conversation *conversation, const struct env *env,
                            const struct member *member, bool unread);

/* Some texts of |member| are lost; some of ours will not reach them; they sent garbage. */
void conversation_note_lost(struct conversation *conversation, const struct env *env,
                            const struct member *member, enum outcome_lost lost);
void conversation_note_dropped(struct conversation *conversation, const struct env *env,
                               const struct member *member);
void conversation_note_garbage(struct conversation *conversation, const struct env *env,
                               const struct member *member);

/* The server names somebody who cannot show that they know the room of |keyring|. */
void conversation_note_stranger(struct conversation *conversation, const struct env *env,
                                const struct keyring *keyring);

#endif
