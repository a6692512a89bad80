/* chat_state.h - what the core remembers; private to chat.c, signaling.c, channel.c and view.c. */
#ifndef PARLEY_CHAT_STATE_H
#define PARLEY_CHAT_STATE_H

#include "audit.h"
#include "chat.h"
#include "heartbeat.h"
#include "idle_cut.h"
#include "outbox.h"
#include "random.h"
#include "room.h"
#include "text.h"
#include "token.h"

#define SIGNALING_QUIET_MS 25000 /* without a message before we ask the server */

#define ISOLATE_START "\xE2\x81\xA8" /* U+2068 and U+2069 stand around a name in a sentence */
#define ISOLATE_END "\xE2\x81\xA9"   /* until view.c takes them out */

/* What the views point into. */
struct chat_view_memory {
    struct buffer text, status, run;
    char iso[TEXT_ISO_BYTES];
    struct chat_span links[CHAT_LINKS_IN_LINE_MAX];
    struct chat_span names[CHAT_NAMES_IN_LINE_MAX], status_names[CHAT_NAMES_IN_LINE_MAX];
};

enum way_state {
    WAY_CLOSED,
    WAY_OPENING, /* SERVER_CONNECT was asked for */
    WAY_PROBED,  /* a WebSocket beside polling was asked for a sign of life */
    WAY_JOINING, /* the join was sent */
    WAY_JOINED   /* we are in by it */
};

/* A connection to the server; see dialing.h. */
struct way {
    enum way_state state;
    uint32_t join;   /* the number of the join that was sent by it */
    uint64_t due_ms; /* when to give it up; CHAT_NO_DEADLINE: never */
};

/* The way to the server, which is looked for again and again for as long as it takes. */
struct signaling {
    struct way ways[EVENT_TRANSPORT_COUNT];
    enum event_transport transport; /* by which we are in, or which the attempt is about */
    bool websocket_works;           /* it led to an answer in this page's life */
    bool polling_works;             /* the same, or it did in this tab before */
    bool polling_stored;            /* the page begins with it after a reload */
    enum wire_error told; /* why the server lets us wait; WIRE_ERROR_COUNT: it did not say */
    uint32_t sudden_ends; /* WebSockets in a row that opened and ended soon, without a word */
    uint32_t failures;    /* attempts in a row */
    uint32_t trials;      /* WebSockets in a row that were tried beside polling in vain */
    struct idle_cut cut;  /* of WebSockets */
    struct {
        uint32_t tabs;       /* pages of this browser that poll */
        struct idle_cut cut; /* as far as the page is told: browsers repeat polls in silence */
        uint32_t wait_ms;    /* what the page was told; 0: as long as the server lets them */
        uint32_t pause_ms;   /* the same */
    } polls;
    uint64_t dialed_ms, joined_ms;
    uint64_t due_ms; /* under way: when to poll beside; LOST: when to dial; in by polling: when to
                        try a WebSocket; else CHAT_NO_DEADLINE */
    uint64_t unsaid_until_ms; /* LOST, and nothing is said of it before; CHAT_NO_DEADLINE: else */
    struct heartbeat heartbeat;
};

/* What the connections are made with; see relay.h. */
struct relay {
    struct buffer others, relays; /* the ICE servers, as JSON arrays: STUN and TURN */
    struct buffer configuration;  /* what follows for connections, as JSON */
    bool offered;                 /* there is a TURN server among them, or will be */
    bool hiding;
    uint64_t due_ms;  /* when to ask for credentials; CHAT_NO_DEADLINE: never */
    uint32_t trouble; /* what it answered in place of a candidate (wire.h, status); 0: nothing */
    uint32_t told;    /* to the server: the last such */
    uint64_t tell_due_ms;   /* when to tell the next; CHAT_NO_DEADLINE: never */
    uint64_t worked_ms;     /* it gave a candidate; CHAT_NO_DEADLINE: never */
    struct buffer left_out; /* URLs that our browser refuses, a space before each */
    struct buffer words;    /* relay_text */
};

struct chat {
    struct actions actions;
    struct room room;
    struct transcript transcript;
    struct outbox outbox;
    bool started;
    bool no_webrtc;
    bool offline; /* the device says that it has no network */
    struct token token;
    uint32_t session; /* names this page's life to the others; see peer_message.h */
    struct random random;
    struct budget budget;  /* of connections */
    uint64_t operation_ms; /* see link.h */
    enum join_state server;
    struct signaling signaling;
    uint64_t turns_due_ms; /* when somebody has waited long enough for a connection's turn */
    uint64_t reach_due_ms; /* when to tell everybody whom we reach */
    uint64_t audit_due_ms;
    struct audit audit;
    struct buffer gap;         /* who does not reach whom, in words; empty: all is well */
    struct buffer wanted_room; /* asked for in the next join; empty: a fresh one */
    struct buffer refusal;     /* REFUSED: why, in words */
    struct buffer hurdle;      /* what keeps us from the server, in words; empty: nothing known */
    struct buffer name;        /* our own */
    bool name_generated;
    struct relay relay;
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

/* chat.c: what the others share */

/* What a link needs during this event. */
struct link_env chat_link_env(struct chat *chat);

/* Has the page keep the token, which has changed. */
void chat_store_token(struct chat *chat);

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

/* Follows what an event did to a member's link, whose phase was |before|. |member| stays. */
void chat_follow_link(struct chat *chat, struct member *member, enum link_phase before);

/* The member's page does what no honest one does: closes the link for good. |member| stays. */
void chat_hang_up(struct chat *chat, struct member *member);

/* The member is gone: closes, says so once, forgets. |member| is freed. */
void chat_depart(struct chat *chat, struct member *member);

/* Closes all links without a word, and forgets everybody. */
void chat_forget_members(struct chat *chat);

/* Somebody may reach somebody else now, or no longer: look soon. */
void chat_audit_soon(struct chat *chat);

#endif
