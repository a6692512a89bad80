/* chat_state.h - what the core remembers; private to the files beside it. */
#ifndef PARLEY_CHAT_STATE_H
#define PARLEY_CHAT_STATE_H

#include "audit.h"
#include "chat.h"
#include "ice_config.h"
#include "outbox.h"
#include "outcome.h"
#include "random.h"
#include "room.h"
#include "signaling.h"
#include "text.h"

#define ISOLATE_START "\xE2\x81\xA8" /* U+2068 and U+2069 stand around a name in a sentence */
#define ISOLATE_END "\xE2\x81\xA9"   /* until view.c takes them out */

/* What the views point into. */
struct chat_view_memory {
    struct buffer text, status, run, hiding;
    char iso[TEXT_ISO_BYTES];
    struct chat_span links[CHAT_LINKS_IN_LINE_MAX];
    struct chat_span names[CHAT_NAMES_IN_LINE_MAX], status_names[CHAT_NAMES_IN_LINE_MAX];
};

struct chat {
    struct actions actions;
    struct outcomes outcomes;
    struct env env; /* what modules are lent during this event */
    struct room room;
    struct transcript transcript;
    struct outbox outbox;
    bool started;
    bool no_webrtc;
    uint32_t session; /* names this page's life to the others; see peer_message.h */
    struct random random;
    struct budget budget;  /* of connections */
    uint64_t operation_ms; /* see link.h */
    struct signaling signaling;
    uint64_t turns_due_ms; /* when somebody has waited long enough for a connection's turn */
    uint64_t reach_due_ms; /* when to tell everybody whom we reach */
    uint64_t audit_due_ms;
    struct audit audit;
    struct buffer gap;  /* who does not reach whom, in words; empty: all is well */
    struct buffer name; /* our own */
    bool name_generated;
    struct ice_config ice;
    uint32_t room_members_max; /* from the welcome */
    int32_t draft_left;
    uint32_t given_end; /* all own texts before it were given to somebody, or marked */
    uint32_t opened[CHAT_OPEN_LINES_MAX]; /* numbers + 1 of lines that are shown whole; 0: none */
    uint64_t now_ms;                      /* of the last event, never going back */
    int64_t wall_ms;
    int32_t utc_offset_min;
    struct buffer scratch; /* where sentences and messages are built */
    struct chat_view_memory view;
};

/* chat.c and note.c: what the others share */

/* What a link needs during this event. */
struct link_env chat_link_env(struct chat *chat);

/* Adds a line of the room's own: |before|, the member's name, |after|. */
void chat_note(struct chat *chat, enum line_kind kind, const struct member *member,
               const char *before, const char *after);

/* The same, and |reason| as a sentence behind it. */
void chat_note_because(struct chat *chat, enum line_kind kind, const struct member *member,
                       const char *before, const char *after, const char *reason);

/* |member|, or oneself when NULL, has another name now: adds a line if they were announced. */
void chat_rename(struct chat *chat, struct member *member, struct slice name);

/* Adds a text line by |member|, or by oneself when NULL: then |number| is the outbox's. */
void chat_add_text(struct chat *chat, const struct member *member, uint32_t number,
                   struct slice text);

/* Appends |name| to a sentence between isolates, which no name holds: so view.c finds it again. */
void chat_append_name(struct buffer *out, struct slice name);

/* Somebody may reach somebody else now, or no longer: look soon. */
void chat_audit_soon(struct chat *chat);

/* members.c: what becomes of a member */

/* Follows what an event did to a member's link, whose phase was |before|. |member| stays. */
void chat_follow_link(struct chat *chat, struct member *member, enum link_phase before);

/* The member's page does what no honest one does: closes the link for good. |member| stays. */
void chat_hang_up(struct chat *chat, struct member *member);

/* The member is gone: closes, says so once, forgets. |member| is freed. */
void chat_depart(struct chat *chat, struct member *member);

/* Closes all links without a word, and forgets everybody. */
void chat_forget_members(struct chat *chat);

#endif
