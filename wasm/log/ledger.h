/* ledger.h - the transcript of a room: everything that people say in it, as entries that their
 * authors sign (wire/entry.h), and that all members hold and repair together.
 *
 *      ledger ---> entry_store (limits, marks) ---> entry_set, entry_authors
 *         |
 *         +---> replication (members) ---> reconcile (ranges)
 *         +---> early_entries, room_clock (time)
 *
 * It decides what becomes an entry of the transcript. An entry is accepted if its author signed it
 * for this room. Everything that entries prove together, such as that an author contradicts
 * themself, is a mark (entry_store.h) and no reason to refuse one: pages get entries in different
 * orders, and must still agree. The order is that of their keys. What is said gets a time later
 * than all that its author holds, so that an answer never stands above its question.
 *
 * Time. An entry gets the room's time (room_clock.h). One that is more than LEDGER_EARLY_MS ahead
 * of it waits until the time comes (early_entries.h), so nobody can pin words to the end of the
 * room.
 *
 * Limits. Members who are present say one entry each LEDGER_SAY_MS, and LEDGER_SAYS_AT_ONCE at
 * once; one's own page sends no faster. Anything above is refused for now, and asked for again when
 * it is due. Entries that were said before, or by somebody who is not present, come as fast as they
 * can while there is room for them. Once they make others go, each connection brings one each
 * LEDGER_CROWD_MS, so that somebody who makes up authors pushes the room's history out slowly at
 * most. The number of authors is not limited: most people of a long history have left, and cannot
 * be told from made-up ones. Each page would know others to be present, and would keep others, so
 * pages could not agree.
 *
 * Calls push outcomes. The caller takes all of them, and then asks for the next messages of each
 * member whose connection has room, until there is none: after each call, at the deadline, and when
 * a connection has room again.
 */
#ifndef PARLEY_LEDGER_H
#define PARLEY_LEDGER_H

#include "early_entries.h"
#include "entry_store.h"
#include "env.h"
#include "rate.h"
#include "replication.h"

#define LEDGER_EARLY_MS (2 * 60 * 1000)
#define LEDGER_LIVE_MS (60 * 1000) /* what is older was said before */

#define LEDGER_SAY_MS 200
#define LEDGER_SAYS_AT_ONCE 50
#define LEDGER_HEARD_AT_ONCE 60 /* what was sent at that rate may arrive closer together */
#define LEDGER_CROWD_MS 50
#define LEDGER_CROWD_AT_ONCE 1000
#define LEDGER_RETRY_MS 1000 /* at the earliest, what was refused for now is asked for again */

#define LEDGER_OUTCOMES(X)                                                                         \
    X(ADDED)                                                                                       \
    X(REMOVED)                                                                                     \
    X(MARKED)                                                                                      \
    X(HELD)

#define LEDGER_OUTCOME_ENUM(name) LEDGER_##name,
enum ledger_outcome_kind { LEDGER_OUTCOMES(LEDGER_OUTCOME_ENUM) };
#undef LEDGER_OUTCOME_ENUM

/* What happened to the entry at |place|, as a script: |place| is right when all earlier outcomes
 * have been applied, and no later ones.
 *   ADDED    there is a new one; those from |place| on move up
 *   REMOVED  it went, since there is no room; those behind it move down
 *   MARKED   its marks changed
 *   HELD     one's own: more members hold it */
struct ledger_outcome {
    enum ledger_outcome_kind kind;
    uint32_t place;
};

/* Outcomes that wait. */
struct ledger_outcomes {
    struct ledger_outcome *items;
    uint32_t head, end, capacity;
};

/* What a member may say, and what they may bring. */
struct ledger_rates {
    struct rate said;
    struct rate crowded;
};

struct ledger {
    struct entry_room room;
    struct sign_public_key own;
    struct entry_run run;    /* of this page, */
    uint32_t sequence;       /* its last number, */
    uint32_t offered;        /* the last one that was sent, */
    struct entry_id said_id; /* and what had it */
    uint64_t said_time;
    struct rate said;
    int64_t offset_ms; /* the room's time minus one's own clock */
    struct entry_store store;
    struct early_entries early;
    struct replication replication;
    struct ledger_rates rates[REPLICATION_MEMBERS_MAX];
    struct ledger_outcomes outcomes;
};

/* Makes an empty one of |room| for the author |own|. |env| gives the run's random bytes. */
void ledger_init(struct ledger *ledger, const struct entry_room *room,
                 const struct sign_public_key *own, const struct env *env);
void ledger_deinit(struct ledger *ledger);

/* Takes the next outcome. False: there is none. */
bool ledger_take_outcome(struct ledger *ledger, struct ledger_outcome *outcome);

/* Members: as in replication.h. |reached|: the members, as bits of their places, whom |member| says
 * to reach. */
uint32_t ledger_join(struct ledger *ledger, const struct sign_public_key *identity);
void ledger_leave(struct ledger *ledger, uint32_t member);
void ledger_up(struct ledger *ledger, const struct env *env, uint32_t member, bool asks_first);
void ledger_down(struct ledger *ledger, uint32_t member);
void ledger_reaches(struct ledger *ledger, uint32_t member, uint64_t reached);

/* The room's time minus one's own clock changed (room_clock.h). */
void ledger_set_offset(struct ledger *ledger, int64_t offset_ms);

/* The room's time, in milliseconds since 1970. */
int64_t ledger_room_ms(const struct ledger *ledger, const struct env *env);

/* Says |body|. |key|, the secret key of |own|, is lent.
 * PARLEY_ERR_TOO_BIG: more than ENTRY_BODY_BYTES_MAX. PARLEY_ERR_NO_MEMORY. */
int ledger_say(struct ledger *ledger, const struct env *env, enum entry_kind kind,
               struct slice body, const struct sign_secret_key *key);

/* A message from |member|: entries, one behind the other, or one of wire/sync.h. Messages of both
 * sides of a conversation begin with different labels than JSON does, so that they can share a
 * channel. What an honest page can send, however late or often, is no error.
 * PARLEY_ERR_TYPE: no such message. PARLEY_ERR_FIELD, PARLEY_ERR_TOO_BIG, PARLEY_ERR_FORGED: as
 * entry_read, entry_verify and reconcile_answer; what came before the error counts.
 * PARLEY_ERR_NO_MEMORY. */
int ledger_hear(struct ledger *ledger, const struct env *env, uint32_t member,
                struct slice message);

/* What the heartbeat of |member| says, and what one's own says, of the whole set. */
void ledger_hear_fingerprint(struct ledger *ledger, const struct env *env, uint32_t member,
                             const struct sync_fingerprint *fingerprint);
struct sync_fingerprint ledger_fingerprint(const struct ledger *ledger);

/* From when on the next live entry of |author|, a member, is accepted; 0: already. */
uint64_t ledger_accepts_ms(const struct ledger *ledger, const struct sign_public_key *author);

/* Writes the next message for |member|: replication_next. */
bool ledger_next(struct ledger *ledger, const struct env *env, uint32_t member, struct buffer *out);

/* Time has passed. */
void ledger_tick(struct ledger *ledger, const struct env *env);
uint64_t ledger_deadline_ms(const struct ledger *ledger, const struct env *env);

/* Reading. The entry is valid until the next call that changes the ledger. */
uint32_t ledger_count(const struct ledger *ledger);
const struct kept_entry *ledger_get(const struct ledger *ledger, uint32_t place);

/* True if older entries are refused: there may have been some that nobody keeps. */
bool ledger_starts_later(const struct ledger *ledger);

/* False: a newer page is needed to show |entry|. */
bool ledger_knows(const struct entry *entry);

/* Appends what |entry|, which ledger_knows, says, cleaned for showing. Errors as text_clean_message
 * and text_clean_name. */
int ledger_read(const struct entry *entry, struct buffer *out);

/* How far one's own entry got. */
struct delivery ledger_delivery(const struct ledger *ledger, uint32_t place);

/* Storage. Appends entries from |place| on to |out|, as many as it takes, at least one if there is
 * one and |out| takes ENTRY_BYTES_MAX; returns the place of the next. The caller seals them.
 * PARLEY_ERR_NO_MEMORY is what a return value of |place| means. */
uint32_t ledger_export(const struct ledger *ledger, uint32_t place, struct buffer *out);

/* What became of exported bytes. */
struct ledger_import {
    uint32_t added;       /* entries that were not there */
    size_t damaged_bytes; /* that belong to no entry of this room */
};

/* Adds the exported entries in |bytes|. Damaged bytes are skipped up to the next entry. Every entry
 * is verified: import as little at once as the page may stand still for. PARLEY_ERR_NO_MEMORY. */
int ledger_load(struct ledger *ledger, const struct env *env, struct slice bytes,
                struct ledger_import *import);

#endif
