/* chat.h - the chat core and its one public door: events go in, actions come out.
 *
 * The core does no I/O, reads no clock, makes no random bytes and calls nothing outside. The
 * contract: one chat_handle, then chat_next_action until it returns NULL, carrying each action out
 * (or queueing it) in order, then the next chat_handle. When chat_deadline_ms has come, hand in
 * EVENT_TICK. What the view shows is read with the chat_..._view functions at any time; a
 * ACTION_SHOW_... says what has changed.
 *
 *      page, node, simulator            core
 *      ---------------------            ----------------------------------------------------
 *      event (chat_handle)   -------->  chat ---> room (members) ---> link (one peer's connection)
 *      action (chat_next_action) <----       ---> transcript, outbox        wire, peer_message
 *      view (chat_..._view)  <--------
 */
#ifndef PARLEY_CHAT_H
#define PARLEY_CHAT_H

#include "action.h"
#include "deadline.h"
#include "event.h"
#include "join_state.h"
#include "transcript.h"

#include <stdbool.h>
#include <stdint.h>

#define CHAT_LINKS_IN_LINE_MAX 32 /* addresses made clickable in one line */
#define CHAT_NAMES_IN_LINE_MAX 2  /* in a sentence of the page */
#define CHAT_RUN_MIN 4            /* notes in a row are shown as one that counts */
#define CHAT_OPEN_LINES_MAX 16 /* long lines that are shown whole; the one opened first is folded */

#define CHAT_TONES(X)                                                                              \
    X(QUIET)                                                                                       \
    X(BUSY)                                                                                        \
    X(WARNING)

#define CHAT_TONE_ENUM(name) CHAT_TONE_##name,
enum chat_tone { CHAT_TONES(CHAT_TONE_ENUM) };
#undef CHAT_TONE_ENUM

/* All texts are UTF-8, safe to show as text (never as markup), and valid until the next call of the
 * same function or chat_handle. */
struct chat_span {
    uint32_t start, end; /* in bytes of the text */
};

struct chat_status_view {
    enum join_state server;
    enum chat_tone tone;           /* how the text is meant */
    struct slice text;             /* the state in words; empty when nothing needs saying */
    const struct chat_span *names; /* people in it, in order, to be set off from it */
    uint32_t name_count;
    struct slice room;        /* empty until the server said welcome */
    struct slice name;        /* one's own */
    uint32_t name_generated;  /* 1: never chosen by the person */
    uint32_t member_count;    /* people in the room, oneself included */
    uint32_t line_first;      /* sequence number of the oldest line that is kept */
    uint32_t line_end;        /* one past the newest; in between some may be gone */
    int32_t draft_left;       /* characters the draft may still have; negative: too long */
    uint32_t full;            /* 1: joined, and nobody else can */
    uint32_t alone;           /* 1: joined, and nobody else is here: time to share the link */
    uint32_t hiding;          /* 1: one's own address is hidden */
    uint32_t can_hide;        /* 1: the switch for it is of use */
    struct slice hiding_text; /* what it means now */
    uint32_t can_retry;       /* 1: refused, and a later try may be let in */
};

#define CHAT_MEMBER_STATES(X)                                                                      \
    X(SELF)                                                                                        \
    X(CONNECTING)                                                                                  \
    X(CONNECTED)                                                                                   \
    X(RECONNECTING)                                                                                \
    X(LOST) /* for good */

#define CHAT_MEMBER_ENUM(name) CHAT_MEMBER_##name,
enum chat_member_state { CHAT_MEMBER_STATES(CHAT_MEMBER_ENUM) };
#undef CHAT_MEMBER_ENUM

struct chat_member_view {
    uint32_t peer;       /* stable for as long as the person is here; 0 for oneself */
    uint32_t connection; /* the number of PEER_... events and actions; 0: none now */
    enum chat_member_state state;
    uint32_t colour; /* 0 to ROOM_COLOURS - 1 */
    struct slice name;
    struct slice state_text; /* "connecting", "connected directly", "connection lost", ... */
    struct slice reason;     /* why they are out of reach, in a sentence, else empty */
    uint32_t step_count;     /* for chat_step_view */
};

/* One step of a connection's way, for the details panel. */
struct chat_step_view {
    uint32_t at_ms; /* since this member was first heard of */
    struct slice text;
};

struct chat_line_view {
    uint32_t sequence;
    enum line_kind kind;
    uint32_t own;       /* 1: said by oneself */
    uint32_t continues; /* 1: goes on under the previous line's name and time */
    uint32_t new_day;   /* 1: the first line of its day */
    uint32_t foldable;  /* 1: too long to be shown whole unasked; EVENT_FOLD opens and folds it */
    uint32_t folded;    /* 1: only the beginning of |text| is shown, */
    uint32_t shown;     /* so many of its bytes; else all */
    uint32_t weight;    /* of what is shown (weight.h) */
    uint32_t run;       /* of a note: the number of the first of those in a row */
    uint32_t colour;
    struct slice author;   /* of a text; empty for the other kinds */
    struct slice text;     /* what was said, or the sentence to show */
    struct slice mark;     /* what is to be known about it, in a sentence; else empty */
    struct slice run_text; /* of a note: what its run comes to, where that is too long to be shown
                              unasked; else empty */
    struct slice iso;      /* the local time in ISO 8601 with its offset */
    const struct chat_span *links; /* http and https addresses in text, in order */
    uint32_t link_count;
    const struct chat_span *names; /* people in a sentence, in order, to be set off from it */
    uint32_t name_count;
};

struct chat;

/* Makes a core, which does nothing until EVENT_START, and sets |out|. Free it with chat_destroy.
 * PARLEY_ERR_NO_MEMORY. */
int chat_create(struct chat **out);
void chat_destroy(struct chat *chat);

/* Hands one event in. All actions of the event before must have been taken.
 * PARLEY_ERR_STATE: actions are left, START came while started, or another event while not.
 * PARLEY_ERR_ARGUMENT: no such event, or START without its random bytes.
 * SAY, RENAME: PARLEY_ERR_UTF8, PARLEY_ERR_EMPTY, PARLEY_ERR_TOO_LONG, and SAY in no room:
 * PARLEY_ERR_STATE; nothing is said or changed.
 * Whatever a server or peer sent is never an error here: it is dealt with inside.
 * UNLOAD ends what START began; START may then come again. */
int chat_handle(struct chat *chat, const struct event *event);

/* The next action, or NULL when the event is dealt with. Valid until the next call. */
const struct action *chat_next_action(struct chat *chat);

/* When EVENT_TICK is due on the clock of now_ms; NO_DEADLINE for never. */
uint64_t chat_deadline_ms(const struct chat *chat);

void chat_status_view(struct chat *chat, struct chat_status_view *view);

/* The |index|-th person in the room, oneself first, then in the order of arrival.
 * PARLEY_ERR_ARGUMENT: no such person. */
int chat_member_view(struct chat *chat, uint32_t index, struct chat_member_view *view);

/* Step |step| of member |index|. PARLEY_ERR_ARGUMENT: no such step. */
int chat_step_view(struct chat *chat, uint32_t index, uint32_t step, struct chat_step_view *view);

/* The line with |sequence|. PARLEY_ERR_ARGUMENT: not kept (any more). */
int chat_line_view(struct chat *chat, uint32_t sequence, struct chat_line_view *view);

/* Why |kind|, EVENT_SAY or EVENT_RENAME, was refused with |error|, in a sentence for the person;
 * for 0 an empty text. Never freed. */
const char *chat_error_text(enum event_kind kind, int error);

#endif
