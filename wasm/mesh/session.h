/* session.h - the conversation with one member's page, over whatever path leads to them: what is
 * said to them, and what they say (peer_message.h).
 *
 * A session lasts as long as the member is known. It goes on over any number of connections: each
 * begins with a hello, which says what came before.
 *
 * Nothing is sent by the way: what a call finds due waits for session_pump, unless it says that it
 * sends.
 */
#ifndef PARLEY_SESSION_H
#define PARLEY_SESSION_H

#include "heartbeat.h"
#include "inbox.h"
#include "name.h"
#include "outbox.h"
#include "outcome.h"
#include "path.h"
#include "peer_message.h"
#include "rate.h"

#include <stdbool.h>
#include <stdint.h>

#define SESSION_BUFFER_LOW_BYTES (64u << 10) /* the channel's bufferedAmountLowThreshold */
#define SESSION_TURN_BYTES (64u << 10)       /* given to one channel before it tells its buffer */
#define SESSION_GARBAGE_MAX 16               /* senseless messages before we hang up */
/* More than this no page says, since texts wait to be confirmed: what is above is a flood, which
 * would keep the reader's page busy, whatever it says. */
#define SESSION_MESSAGE_MS 25
#define SESSION_MESSAGES_AT_ONCE 1000
#define SESSION_RENAME_MS 5000          /* a member may be renamed once in so long */
#define SESSION_RENAMES_AT_ONCE 20      /* or so often at once; more is garbage */
#define SESSION_RENAMES_TOLD_AT_ONCE 10 /* of our own; the last one is told when it is due */
#define SESSION_QUIET_MS 5000           /* without a message before we ask */
#define SESSION_ANSWER_MS 10000         /* to answer: gone without a word is seen in 15 s */
/* So much is confirmed without being asked: a slow line is not silent while it sends. */
#define SESSION_CONFIRM_TEXTS 32
#define SESSION_CONFIRM_BYTES (8u << 10)
#define SESSION_MISS_MS 3600000 /* so often it is told that some of a member's texts are missing, */
#define SESSION_MISSES_AT_ONCE 3 /* or so often at once: they may say so as often as they like */

/* Firefox keeps what comes for a channel that nobody opened, and tells no page of it. So a
 * connection may bring only so much more than its channel does, whose overhead is at most
 * SESSION_LOAD_FACTOR times what was heard. */
#define SESSION_LOAD_MS 5000 /* at most so often it is looked at */
#define SESSION_LOAD_KILOBYTES 16384
#define SESSION_LOAD_KILOBYTES_PER_SECOND 4
#define SESSION_LOAD_FACTOR 8

_Static_assert(INBOX_TEXTS_MAX <= OUTBOX_MESSAGES_MAX && INBOX_BYTES_MAX <= OUTBOX_BYTES_MAX,
               "an author would drop what a reader has not confirmed");
_Static_assert(INBOX_TEXTS_MAX < SESSION_MESSAGES_AT_ONCE, "texts would be a flood");
_Static_assert(SESSION_QUIET_MS + SESSION_ANSWER_MS <= 15000,
               "gone without a word is seen in 15 s");
_Static_assert(SESSION_CONFIRM_TEXTS < INBOX_TEXTS_MAX && SESSION_CONFIRM_BYTES < INBOX_BYTES_MAX,
               "an author would wait for a confirmation that is not due");
_Static_assert(SESSION_RENAMES_TOLD_AT_ONCE < SESSION_RENAMES_AT_ONCE,
               "what we tell at once would be garbage to a page of ours");
_Static_assert(PEER_MESSAGE_BYTES_MAX <= SESSION_TURN_BYTES, "a turn holds no message");

struct session {
    uint32_t member;         /* the number of the one with whom it is, for outcomes, */
    const struct name *name; /* what they are called, */
    struct path path;        /* and how they are reached */
    uint32_t theirs;         /* names their page's life, from its hello; 0 before the first */
    bool greeted;            /* the hello of this connection came */
    bool may_send;           /* the path is open and known to have room */
    bool name_due;           /* our name changed since they were told */
    bool pong_due, reachability_due; /* to be sent when there is room */
    enum candidate_type told_route;  /* our end of the route, as they were told */
    uint32_t next_out;               /* the outbox message they get next */
    uint32_t confirmed;              /* they have all before this one */
    uint32_t next_in;                /* the number of the text that we want next, */
    uint32_t next_shown;             /* and of the one to be shown next: others wait in the inbox */
    struct inbox inbox;
    uint32_t unconfirmed;     /* texts shown since we last said so, */
    size_t unconfirmed_bytes; /* and how long they were */
    uint32_t garbage;         /* messages that made no sense */
    uint64_t heard_bytes;     /* through this channel, */
    uint64_t heard_since_ms;  /* since it opened */
    uint64_t load_asked_ms;   /* the last question for SESSION_LOAD_... */
    struct heartbeat heartbeat;
    struct rate messages_heard, renames_heard, renames_told;
    struct rate misses; /* told */
};

/* The ids of all whom we reach; the ids stay their members'. */
struct session_reached {
    struct slice *ids;
    uint32_t count, capacity;
};

/* What a session is lent for one call. */
struct session_env {
    struct actions *actions;
    struct outcomes *outcomes;
    struct outbox *outbox;
    uint32_t own;                /* names this page's life to the others */
    const struct name *own_name; /* what we are called */
    const struct session_reached *reached;
    uint64_t now_ms;
};

enum session_verdict {
    SESSION_SENSE,    /* read: |message| says what it was */
    SESSION_NONSENSE, /* ignored, */
    SESSION_FLOOD     /* or more than any page says: hang up */
};

/* Begins with the member of number |member|, called |name| and reached by |path|. They get nothing
 * that was said before: |next_out| of the outbox is the first message for them. */
void session_init(struct session *session, uint32_t member, const struct name *name,
                  struct path path, uint32_t next_out);
void session_deinit(struct session *session);

/* The path to them opened: sends hello. What is due follows once theirs came. */
void session_opened(struct session *session, const struct session_env *env);

/* The path is not up any more. */
void session_lost(struct session *session);

/* It is up again, as it was before. Pumps. */
void session_regained(struct session *session, const struct session_env *env);

/* The path has taken all but |bytes|. Pumps. */
void session_buffered(struct session *session, const struct session_env *env, uint32_t bytes);

/* Gives the path what it lacks, if it has room. */
void session_pump(struct session *session, const struct session_env *env);

/* Sends that we go on purpose. |back|: the page is closed or loaded anew. */
void session_say_bye(struct session *session, const struct session_env *env, bool back);

/* |bytes| came, whatever they are. False: that is more than any page says. */
bool session_hear(struct session *session, uint64_t now_ms, size_t bytes);

/* Asks now and then how much came in all, for session_is_overloaded. */
void session_ask_load(struct session *session, const struct session_env *env);

/* Reads what came, and pumps where an answer may be due. |message| stays the caller's, to be freed
 * by peer_message_deinit whatever the verdict is. */
enum session_verdict session_receive(struct session *session, const struct session_env *env,
                                     struct slice bytes, bool binary, struct peer_message *message);

/* One more message made no sense. False: that is enough. */
bool session_count_garbage(struct session *session, const struct session_env *env);

/* True when far more than came through the channel has come for nobody: |kilobytes| in all. */
bool session_is_overloaded(const struct session *session, uint64_t now_ms, uint32_t kilobytes);

/* They go, and were well: they have what was given to them. */
void session_give_all(const struct session *session, struct outbox *outbox);

/* Shows what they said and the rate limit still holds back: they are about to go. */
void session_show_all(struct session *session, const struct session_env *env);

/* Time has passed. session_check asks whether they are there; false: they do not answer. After it,
 * session_tick shows texts that had to wait, and pumps. */
bool session_check(struct session *session, const struct session_env *env);
void session_tick(struct session *session, const struct session_env *env);

/* When these two are due; NO_DEADLINE for never. */
uint64_t session_deadline_ms(const struct session *session);

#endif
