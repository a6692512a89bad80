/* chat.h - the chat core and its one public door: events go in, actions come out.
 *
 * The core does no I/O, reads no clock, makes no random bytes and calls nothing outside. The
 * contract: one chat_handle, then chat_next_action until it returns NULL, carrying each action out
 * (or queueing it) in order, then the next chat_handle. When chat_deadline_ms has come, hand in
 * CHAT_EVENT_TICK. What the view shows is read with the chat_..._view functions at any time; a
 * CHAT_ACTION_SHOW_... says what has changed.
 *
 *      page, node, simulator            core
 *      ---------------------            ----------------------------------------------------
 *      event (chat_handle)   -------->  chat ---> room (members) ---> link (one peer's connection)
 *      action (chat_next_action) <----       ---> transcript, outbox        wire, peer_message
 *      view (chat_..._view)  <--------
 */
#ifndef PARLEY_CHAT_H
#define PARLEY_CHAT_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define CHAT_RANDOM_BYTES 32
#define CHAT_TEXT_CHARACTERS_MAX 4000 /* Unicode code points in one message */
#define CHAT_NAME_CHARACTERS_MAX 32
#define CHAT_LINES_MAX 10000                      /* the transcript's oldest lines go first */
#define CHAT_LINE_BYTES_TOTAL_MAX (24u << 20)     /* text of all lines together */
#define CHAT_INPUT_BYTES_MAX (64u << 10)          /* all texts of one event together */
#define CHAT_CHANNEL_MESSAGE_BYTES_MAX 16384      /* one data channel message */
#define CHAT_CHANNEL_BUFFER_LOW_BYTES (64u << 10) /* bufferedAmountLowThreshold */
#define CHAT_LINKS_IN_LINE_MAX 32
#define CHAT_COLOURS 12
#define CHAT_NO_DEADLINE UINT64_MAX

/* What happened outside. |peer| is the number that CHAT_ACTION_PEER_OPEN gave; an event for a peer
 * that is closed already is ignored. a, b, c, code: as listed; what is not listed is not read. */
#define CHAT_EVENTS(X)                                                                             \
    /* the page */                                                                                 \
    X(START)  /* a: room id from the link or "", b: stored name or "", c:             */           \
              /* CHAT_RANDOM_BYTES random bytes, code: bits of CHAT_START_...          */          \
    X(SAY)    /* a: what the person wrote. Refused texts are an error and change nothing */        \
    X(DRAFT)  /* a: what stands in the message box now, for the count of what is left  */          \
    X(RENAME) /* a: the new name. Refused names are an error and change nothing        */          \
    X(LEAVE)  /* 'Leave room': goodbye to all, then on to a fresh room. c: random bytes */         \
    X(UNLOAD) /* the page goes away: goodbye to all                                    */          \
    X(TICK)   /* the deadline has come; harmless at any other time                     */          \
    /* the connection to the server */                                                             \
    X(SERVER_OPENED)                                                                               \
    X(SERVER_MESSAGE) /* a: one message                                                        */  \
    X(SERVER_CLOSED)  /* code: WebSocket close code                                            */  \
    /* the connection to one peer */                                                               \
    X(PEER_DESCRIBED) /* PEER_DESCRIBE (not rollback) is done. code: CHAT_SDP_..., a: the SDP  */  \
    X(PEER_DONE)      /* PEER_ACCEPT, or PEER_DESCRIBE with rollback, is done                  */  \
    X(PEER_FAILED)    /* PEER_OPEN, PEER_DESCRIBE or PEER_ACCEPT failed. a: the error's text   */  \
    X(PEER_CANDIDATE) /* a: a local candidate, "" at the end of gathering; b: sdpMid, c: ufrag */  \
    X(PEER_CANDIDATE_FAILED) /* a remote candidate was not taken; never fatal. a: the error's text \
                              */                                                                   \
    X(PEER_STATE) /* code: CHAT_PEER_STATE_... of connectionState                          */      \
    X(PEER_ROUTE) /* answer to PEER_ASK_ROUTE. a, b: candidateType of the local and the    */      \
                  /* remote candidate in use, "" where unknown                             */      \
    X(CHANNEL_OPENED)                                                                              \
    X(CHANNEL_MESSAGE) /* a: one message, code: 1 if binary. Longer than the limit: its first   */ \
                       /* CHAT_CHANNEL_MESSAGE_BYTES_MAX + 1 bytes                              */ \
    X(CHANNEL_BUFFERED) /* code: bufferedAmount. Once after each drained turn with CHANNEL_SEND */                                                                                                \
    /* to this peer, and at 'bufferedamountlow'                              */                    \
    X(CHANNEL_CLOSED) /* the channel closed, failed, or refused a send                         */

/* What the outside must do. */
#define CHAT_ACTIONS(X)                                                                            \
    X(SERVER_CONNECT) /* open the connection to the server; answer SERVER_OPENED or _CLOSED    */  \
    X(SERVER_SEND)    /* a: one text message                                                   */  \
    X(SERVER_CLOSE)   /* code: close code; no SERVER_CLOSED is expected                        */  \
    X(PEER_OPEN)      /* new RTCPeerConnection for |peer|, a: iceServers as JSON; and its data  */ \
                      /* channel "parley": negotiated, id 0, ordered, reliable                 */  \
    X(PEER_DESCRIBE)  /* create a description and set it locally. code: CHAT_SDP_... ;          */ \
                      /* answer PEER_DESCRIBED (rollback: PEER_DONE) or PEER_FAILED            */  \
    X(PEER_ACCEPT)    /* set the remote description. code: CHAT_SDP_..., a: SDP;               */  \
                      /* answer PEER_DONE or PEER_FAILED                                       */  \
    X(PEER_ADD_CANDIDATE) /* a: candidate, "" at the end; b: sdpMid, c: usernameFragment */                                                                                                \
    X(PEER_ASK_ROUTE) /* answer PEER_ROUTE from getStats                                        */ \
    X(PEER_CLOSE)     /* close it and forget the number; no more events for it                 */  \
    X(CHANNEL_SEND)   /* a: one text message for |peer|'s channel                              */  \
    X(ROOM_NAMED)     /* a: the room's id: put it into the address bar                         */  \
    X(NAME_STORE)     /* a: the name to keep on the device, code: bits of CHAT_START_...        */ \
    X(SHOW_STATUS)    /* chat_status_view reads differently now                                */  \
    X(SHOW_MEMBERS)   /* chat_member_view reads differently now                                */  \
    X(SHOW_LINES)     /* chat_line_view reads differently now: lines came, or old ones went    */

#define CHAT_EVENT_ENUM(name) CHAT_EVENT_##name,
enum chat_event_kind { CHAT_EVENTS(CHAT_EVENT_ENUM) CHAT_EVENT_COUNT };
#undef CHAT_EVENT_ENUM
#define CHAT_ACTION_ENUM(name) CHAT_ACTION_##name,
enum chat_action_kind { CHAT_ACTIONS(CHAT_ACTION_ENUM) CHAT_ACTION_COUNT };
#undef CHAT_ACTION_ENUM

/* Bits of START's and NAME_STORE's code. */
enum chat_start {
    CHAT_START_NAME_GENERATED = 1, /* the stored name was made up by us, not chosen */
    CHAT_START_NO_WEBRTC = 2       /* this browser has no RTCPeerConnection */
};

/* RTCSdpType (W3C WebRTC, 5.6.1). */
enum chat_sdp { CHAT_SDP_OFFER, CHAT_SDP_ANSWER, CHAT_SDP_ROLLBACK };

/* RTCPeerConnectionState (W3C WebRTC, 4.3.3). */
enum chat_peer_state {
    CHAT_PEER_STATE_NEW,
    CHAT_PEER_STATE_CONNECTING,
    CHAT_PEER_STATE_CONNECTED,
    CHAT_PEER_STATE_DISCONNECTED, /* a hint only */
    CHAT_PEER_STATE_FAILED,
    CHAT_PEER_STATE_CLOSED
};

struct chat_event {
    enum chat_event_kind kind;
    uint32_t peer;
    uint32_t code;
    struct slice a, b, c;   /* the caller's; not kept */
    uint64_t now_ms;        /* a clock that never goes back; any epoch */
    int64_t wall_ms;        /* since 1970-01-01 UTC, for the time of day only */
    int32_t utc_offset_min; /* local time minus UTC */
};

struct chat_action {
    enum chat_action_kind kind;
    uint32_t peer;
    uint32_t code;
    struct slice a, b, c; /* valid until the next chat_handle */
};

enum chat_server_state {
    CHAT_SERVER_IDLE,       /* not asked for: no WebRTC, or the page is unloading */
    CHAT_SERVER_CONNECTING, /* until the welcome */
    CHAT_SERVER_JOINED,
    CHAT_SERVER_LOST,   /* it was there; open conversations go on */
    CHAT_SERVER_REFUSED /* it said why, see the status's text */
};

enum chat_tone { CHAT_TONE_QUIET, CHAT_TONE_BUSY, CHAT_TONE_WARNING };

/* All texts are UTF-8, safe to show as text (never as markup), and valid until the next call of the
 * same function or chat_handle. */
struct chat_status_view {
    enum chat_server_state server;
    enum chat_tone tone;     /* how the text is meant */
    struct slice text;       /* the state in words; empty when nothing needs saying */
    struct slice room;       /* empty until the server said welcome */
    struct slice name;       /* one's own */
    uint32_t name_generated; /* 1: never chosen by the person */
    uint32_t member_count;   /* people in the room, oneself included */
    uint32_t line_first;     /* sequence number of the oldest line that is kept */
    uint32_t line_end;       /* one past the newest: line_end - line_first lines are kept */
    int32_t draft_left;      /* characters the draft may still have; negative: too long */
    uint32_t alone;          /* 1: joined, and nobody else is here: time to share the link */
};

enum chat_member_state {
    CHAT_MEMBER_SELF,
    CHAT_MEMBER_CONNECTING,
    CHAT_MEMBER_CONNECTED,
    CHAT_MEMBER_LOST
};

struct chat_member_view {
    uint32_t peer; /* stable for as long as the person is here; 0 for oneself */
    enum chat_member_state state;
    uint32_t colour; /* 0 to CHAT_COLOURS - 1 */
    struct slice name;
    struct slice state_text; /* "connecting", "connected directly", "connection lost", ... */
    struct slice reason;     /* a sentence when lost, else empty */
    uint32_t step_count;     /* for chat_step_view */
};

/* One step of a connection's way, for the details panel. */
struct chat_step_view {
    uint32_t at_ms; /* since this member was first heard of */
    struct slice text;
};

enum chat_line_kind {
    CHAT_LINE_TEXT,    /* somebody said something */
    CHAT_LINE_ENTERED, /* oneself came into the room */
    CHAT_LINE_HERE,    /* somebody who was there before is connected */
    CHAT_LINE_JOINED,  /* somebody came */
    CHAT_LINE_LEFT,
    CHAT_LINE_RENAMED,
    CHAT_LINE_LOST,   /* a connection or texts were lost */
    CHAT_LINE_WARNING /* a member's browser sends garbage */
};

struct chat_span {
    uint32_t start, end; /* in bytes of the text */
};

struct chat_line_view {
    uint32_t sequence;
    enum chat_line_kind kind;
    uint32_t own;       /* 1: said by oneself */
    uint32_t continues; /* 1: goes on under the previous line's name and time */
    uint32_t colour;
    struct slice author; /* of a text; empty for the other kinds */
    struct slice text;   /* what was said, or the sentence to show */
    struct slice time;   /* local time of day, "14:05" */
    struct slice iso;    /* the same moment in ISO 8601 with its offset, for <time datetime> */
    const struct chat_span *links; /* http and https addresses in text, in order */
    uint32_t link_count;
};

struct chat;

/* Makes a core, which does nothing until CHAT_EVENT_START. Free it with chat_destroy.
 * PARLEY_ERR_NO_MEMORY. */
int chat_create(struct chat **chat);
void chat_destroy(struct chat *chat);

/* Hands one event in. All actions of the event before must have been taken.
 * PARLEY_ERR_STATE: actions are left, START came twice, or something came before START.
 * PARLEY_ERR_ARGUMENT: no such event, or START without its random bytes.
 * SAY, RENAME: PARLEY_ERR_UTF8, PARLEY_ERR_EMPTY, PARLEY_ERR_TOO_LONG; nothing is said or changed.
 * Whatever a server or peer sent is never an error here: it is dealt with inside. */
int chat_handle(struct chat *chat, const struct chat_event *event);

/* The next action, or NULL when the event is dealt with. Valid until the next call. */
const struct chat_action *chat_next_action(struct chat *chat);

/* When CHAT_EVENT_TICK is due on the clock of now_ms; CHAT_NO_DEADLINE for never. */
uint64_t chat_deadline_ms(const struct chat *chat);

void chat_status_view(const struct chat *chat, struct chat_status_view *view);

/* The |index|-th person in the room, oneself first, then in the order of arrival.
 * PARLEY_ERR_ARGUMENT: no such person. */
int chat_member_view(const struct chat *chat, uint32_t index, struct chat_member_view *view);

/* Step |step| of member |index|. PARLEY_ERR_ARGUMENT: no such step. */
int chat_step_view(const struct chat *chat, uint32_t index, uint32_t step,
                   struct chat_step_view *view);

/* The line with |sequence|. PARLEY_ERR_ARGUMENT: not kept (any more). */
int chat_line_view(const struct chat *chat, uint32_t sequence, struct chat_line_view *view);

#endif
