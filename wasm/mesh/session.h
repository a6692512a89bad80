/* session.h - the conversation with one member's page over the path to them: what we send and what
 * they send (peer_message.h).
 *
 * A session lasts as long as the member is known, over any number of connections. Each connection
 * begins with a hello, which says what has arrived so far.
 *
 * A call sends nothing unless its comment says so. Due messages wait for session_pump.
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
#include "reachability.h"

#include <stdbool.h>
#include <stdint.h>

#define SESSION_BUFFER_LOW_BYTES (64u << 10) /* the channel's bufferedAmountLowThreshold */
#define SESSION_TURN_BYTES (64u << 10)       /* given to one channel before it tells its buffer */
#define SESSION_GARBAGE_MAX 16               /* senseless messages before we hang up */
/* No honest page sends more, since its texts wait to be confirmed. Anything above is a flood, which
 * would keep the reader's page busy. */
#define SESSION_MESSAGE_MS 25
#define SESSION_MESSAGES_AT_ONCE 1000
#define SESSION_RENAME_MS 5000          /* a member may be renamed once in so long */
#define SESSION_RENAMES_AT_ONCE 20      /* or so often at once; more is garbage */
#define SESSION_RENAMES_TOLD_AT_ONCE 10 /* of our own; the last one is told when it is due */
#define SESSION_HELLO_MS 5000           /* a connection has more than one hello once in so long, */
#define SESSION_HELLOS_AT_ONCE 10       /* or so often at once; more are ignored */
#define SESSION_QUIET_MS 5000           /* without a message before we ask */
#define SESSION_ANSWER_MS 10000         /* to answer: gone without a word is seen in 15 s */
/* Confirm at the latest after so much, so that a slow line is not silent while it sends. */
#define SESSION_CONFIRM_TEXTS 32
#define SESSION_CONFIRM_BYTES (8u << 10)
#define SESSION_MISS_MS 3600000 /* so often it is told that some of a member's texts are missing, */
#define SESSION_MISSES_AT_ONCE 3 /* or so often at once: they may say so as often as they like */

/* Firefox keeps data for a channel that nobody opened, and tells the page nothing of it. So a
 * connection may receive only so much more than its channel; the channel's overhead is at most
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
    bool moved;              /* and that of one before it */
    bool by_server;          /* our last hello went through the server */
    bool may_send;           /* the path is open and known to have room */
    bool name_due;           /* our name changed since they were told */
    bool pong_due, reachability_due; /* to be sent when there is room */
    enum candidate_type told_route;  /* our end of the route, as they were told */
    uint32_t next_out;               /* the outbox message they get next */
    uint32_t confirmed;              /* they have all before this one */
    uint32_t asked_out;              /* next_out when they were last asked for a sign */
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
    struct rate hellos; /* said again, by either */
    struct rate misses; /* told */
};

/* A session borrows these for one call. */
struct session_env {
    struct actions *actions;
    struct outcomes *outcomes;
    struct outbox *outbox;
    uint32_t own;                       /* names this page's life to the others */
    const struct name *own_name;        /* what we are called */
    const struct reachability *reached; /* whom we reach */
    uint64_t now_ms;
};

enum session_verdict {
    SESSION_SENSE,    /* read: |message| says what it was */
    SESSION_AGAIN,    /* a hello, though they said it: they moved to this path, or lost ours */
    SESSION_LATE,     /* sent before they knew that the path has changed: ignored */
    SESSION_GAP,      /* the server lost something before it: ignored; say hello again */
    SESSION_NONSENSE, /* ignored, */
    SESSION_FLOOD,    /* or more than any page says: hang up; */
    SESSION_UNPROVED  /* or the first message of a connection without its proof: likewise */
};

/* Begins a session with member number |member|, called |name| and reached by |path|. They get
 * nothing that was said before: message |next_out| of the outbox is the first for them. */
void session_init(struct session *session, uint32_t member, const struct name *name,
                  struct path path, uint32_t next_out);
void session_deinit(struct session *session);

/* A data channel opened: what it receives is counted from now on. Before session_opened. */
void session_connected(struct session *session, uint64_t now_ms);

/* Counts one more hello of this connection. False: there were too many. */
bool session_count_hello(struct session *session, uint64_t now_ms);

/* The path to them opened: sends hello, with our proof of it (proof.h). |answer|: it answers a
 * SESSION_AGAIN. Messages that are due follow after their hello. */
void session_opened(struct session *session, const struct session_env *env,
                    const struct proof *proof, bool answer);

/* The path is no longer up. */
void session_lost(struct session *session);

/* The path is up again, over the same channel. Pumps. */
void session_regained(struct session *session, const struct session_env *env);

/* All but |bytes| have left the channel's buffer. Pumps. */
void session_buffered(struct session *session, const struct session_env *env, uint32_t bytes);

/* Sends what is due, if the path has room. */
void session_pump(struct session *session, const struct session_env *env);

/* Sends a goodbye. |back|: the page is closed or reloaded. */
void session_say_bye(struct session *session, const struct session_env *env, bool back);

/* Counts a message of |bytes|. False: that is more than any honest page sends. */
bool session_hear(struct session *session, uint64_t now_ms, size_t bytes);

/* Asks now and then how many bytes the connection received in all, for session_is_overloaded. */
void session_ask_load(struct session *session, const struct session_env *env);

/* Reads a message into |message|, which the caller frees with peer_message_deinit, whatever the
 * verdict. SENSE: hand it to session_take. */
enum session_verdict session_read(const struct session *session, struct slice bytes, bool binary,
                                  struct peer_message *message);

/* Takes a message that session_read gave; of a hello the caller has checked the proof. Pumps if an
 * answer may be due. */
enum session_verdict session_take(struct session *session, const struct session_env *env,
                                  const struct peer_message *message);

/* Counts a message that made no sense. False: there were too many. */
bool session_count_garbage(struct session *session, const struct session_env *env);

/* True if the connection received |kilobytes| in all and far more than came through the channel. */
bool session_is_overloaded(const struct session *session, uint64_t now_ms, uint32_t kilobytes);

/* They go, and were connected until now: they have everything that was sent to them. */
void session_give_all(const struct session *session, struct outbox *outbox);

/* Shows the texts that the rate limit still holds back: they are about to go. */
void session_show_all(struct session *session, const struct session_env *env);

/* Time has passed. session_check asks whether they are there; false: they do not answer. Call
 * session_tick after it: it shows texts that had to wait, and pumps. */
bool session_check(struct session *session, const struct session_env *env);
void session_tick(struct session *session, const struct session_env *env);

/* When these two are due; NO_DEADLINE for never. */
uint64_t session_deadline_ms(const struct session *session);

#endif
