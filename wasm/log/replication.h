/* replication.h - the members of the room as holders of its entries: what each of them holds, wants
 * and is owed, and what to send them next.
 *
 * A new entry goes at once to every member that is connected and does not get it from somebody
 * else: one passes on what a member said, or passed on, to those who do not reach that member. The
 * rest is reconciliation (reconcile.h). A member is asked when the connection to them comes up,
 * when their fingerprint differs twice in a row, when something came that may be news to them, and
 * now and then. On each connection one exchange goes on at a time; if an answer does not come,
 * another begins, which finds what is still missing.
 *
 * What is sent is limited only by the caller, who asks for the next message when a connection has
 * room for it. In addition, a member gets an entry a second time only at a limited rate, and
 * answers to questions too: so a member that asks for everything again and again gets little.
 *
 * A receipt goes to the author of each entry that was stored, on the direct connection. A set with
 * the same fingerprint, or an entry in a list, shows as well what a member holds. Nobody can say
 * that for somebody else.
 */
#ifndef PARLEY_REPLICATION_H
#define PARLEY_REPLICATION_H

#include "entry_set.h"
#include "env.h"
#include "rate.h"
#include "wire.h"

#define REPLICATION_MEMBERS_MAX 64 /* a bit each */
#define REPLICATION_NOBODY REPLICATION_MEMBERS_MAX
#define REPLICATION_MESSAGE_BYTES_MAX 16384 /* safe between all browsers (RFC 8831, 6.6) */
#define REPLICATION_SYNC_BYTES_MAX 8192

#define REPLICATION_ASK_MS 30000   /* without another reason, a member is asked so often */
#define REPLICATION_SECOND_MS 5000 /* the other side of a new connection asks so much later */
#define REPLICATION_NEWS_MS 2000   /* something came that they may lack, or is still coming */
#define REPLICATION_ANSWER_MS 10000

#define REPLICATION_REPLY_MS 100 /* so often a question is answered, */
#define REPLICATION_REPLIES_AT_ONCE 50
#define REPLICATION_REPEAT_BYTES_IN_MS 32 /* and so fast entries are sent a second time */
#define REPLICATION_REPEAT_BURST_MS ((2u << 20) / REPLICATION_REPEAT_BYTES_IN_MS)

_Static_assert(WIRE_ROOM_MEMBERS_MAX <= REPLICATION_MEMBERS_MAX, "a place for each member");
_Static_assert(ENTRY_BYTES_MAX <= REPLICATION_MESSAGE_BYTES_MAX, "an entry fits into a message");

struct replica {
    bool is_present;
    bool is_up;                      /* there is a connection */
    bool asks_first;                 /* on it, we do */
    bool asked;                      /* and have, without an answer yet */
    bool differed;                   /* their last fingerprint did */
    struct sign_public_key identity; /* zeros: not known */
    uint64_t reached;                /* the members that they reach, as far as we know */
    uint32_t wanted_count;           /* entries that they want */
    uint32_t owed_count;             /* and receipts that they are owed */
    struct buffer reply;             /* waits to be sent, if not empty */
    uint64_t ask_due_ms;
    uint64_t awaited_until_ms; /* until then, an exchange is going on */
    uint64_t filled_ms;        /* when something came that was said before */
    struct rate replies, repeats;
};

struct replication {
    struct replica members[REPLICATION_MEMBERS_MAX];
    struct sign_public_key own; /* whose receipts count for us */
};

/* Makes one without members for the author |own|. */
void replication_init(struct replication *replication, const struct sign_public_key *own);
void replication_deinit(struct replication *replication);

/* A member comes: their place, which nobody else has until they leave, or REPLICATION_NOBODY if
 * there are too many. |identity| may be NULL. */
uint32_t replication_join(struct replication *replication, const struct sign_public_key *identity);
void replication_leave(struct replication *replication, struct entry_set *set, uint32_t member);

/* The connection to |member| came up, or is gone. |asks_first|: true on one of its two ends. */
void replication_up(struct replication *replication, const struct env *env, uint32_t member,
                    bool asks_first);
void replication_down(struct replication *replication, struct entry_set *set, uint32_t member);

/* The member that has |identity|, or REPLICATION_NOBODY. */
uint32_t replication_find(const struct replication *replication,
                          const struct sign_public_key *identity);

/* |kept| was added to the set: |source|, or REPLICATION_NOBODY, has sent it. |is_live|: it was
 * said just now; otherwise those who may lack it are asked soon. */
void replication_offer(struct replication *replication, const struct env *env,
                       struct kept_entry *kept, uint32_t source, bool is_live);

/* |kept| is about to be removed. */
void replication_forget(struct replication *replication, const struct kept_entry *kept);

/* |member| holds |kept|. */
void replication_hold(struct replication *replication, struct kept_entry *kept, uint32_t member);

/* |member| is asked at |due_ms|, unless earlier. */
void replication_ask_at(struct replication *replication, uint32_t member, uint64_t due_ms);

/* A message of wire/sync.h from |member|, which may be too much to be answered. Errors as
 * reconcile_answer. */
int replication_hear_sync(struct replication *replication, const struct env *env,
                          const struct entry_set *set, uint32_t member, struct slice message);

/* What the heartbeat of |member| says about their set. */
void replication_hear_fingerprint(struct replication *replication, const struct env *env,
                                  const struct entry_set *set, uint32_t member,
                                  const struct sync_fingerprint *fingerprint);

/* Writes the next message for |member| to |out|, which is empty and takes
 * REPLICATION_MESSAGE_BYTES_MAX. False: there is none now, or no memory for it. */
bool replication_next(struct replication *replication, const struct env *env,
                      const struct entry_set *set, uint32_t member, struct buffer *out);

/* When replication_next may have another message for somebody, after now; NO_DEADLINE: not before
 * something else happens. */
uint64_t replication_deadline_ms(const struct replication *replication, uint64_t now_ms);

/* How far an entry has got: |held| of the |of| people present hold it. People, not pages: somebody
 * with two pages holds it if one of them does. */
struct delivery {
    uint32_t held, of;
};

struct delivery replication_delivery(const struct replication *replication,
                                     const struct kept_entry *kept);

#endif
