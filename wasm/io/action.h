/* action.h - the outputs of the core: what its environment must do, and the queue in which actions
 * wait.
 *
 *   action              a, b, c: texts; code: number
 *   ---- the way to the server
 *   HTTP_POST           a request (RFC 9110), neither cached nor redirected; |peer|: its number,
 *                       never used before; a: the body; b: a header field, or ""; c: the path,
 *                       beside the page; code: 1: it outlives the page (keepalive of Fetch);
 *                       answer HTTP_ANSWERED or HTTP_FAILED
 *   HTTP_ABORT          give the request |peer| up; no answer is expected
 *   TAB_TELL            tell the other pages of this browser |peer| and |code|; with code 0 no more
 *                       is heard of them until the next
 *   SERVER_CONNECT      open a WebSocket, of which there is at most one at a time; answer
 *                       SERVER_OPENED or SERVER_CLOSED
 *   SERVER_SEND         a: one text message by it
 *   SERVER_CLOSE        close it; no SERVER_CLOSED is expected
 *   ---- the connection to one peer
 *   PEER_OPEN           new RTCPeerConnection for |peer|, a number never used before; a:
 *                       RTCConfiguration as JSON (W3C WebRTC, 4.2.1); with its channel "parley":
 *                       negotiated, id 0, ordered, reliable. ICE servers that the browser refuses
 *                       are left out, and PEER_SERVER_REFUSED names each
 *   PEER_CONFIGURE      a: RTCConfiguration as JSON, from the next ICE restart on
 *                       (setConfiguration); servers are left out as above; no other answer
 *   PEER_DESCRIBE       create and set the local description; code: enum event_sdp; an offer may
 *                       follow an offer that nobody answered;
 *                       answer PEER_DESCRIBED (rollback: PEER_DONE) or PEER_FAILED
 *   PEER_RESTART        the next offer restarts ICE (restartIce); no answer
 *   PEER_ACCEPT         set the remote description; code: enum event_sdp, a: SDP;
 *                       answer PEER_DONE or PEER_FAILED
 *   PEER_ADD_CANDIDATE  a: candidate, "" at the end; b: sdpMid; c: usernameFragment, or ""
 *   PEER_ASK_ROUTE      answer PEER_ROUTE, from getStats
 *   PEER_CLOSE          close it and forget the number; no more events for it; code: 1: at once;
 *                       0: once its channel has sent what it has
 *   CHANNEL_SEND        a: one text message for |peer|'s channel
 *   ---- the page
 *   ROOM_NAMED          a: the room's id, or "#" and its secret: put it into the address bar; "":
 *                       none is there now
 *   NAME_STORE          a: the name that this tab keeps; code: bits of enum event_start, to keep
 *                       with it; with NAME_SHARED the device keeps both too, for new tabs
 *   TOKEN_STORE         a: what makes this tab the same member again (token.h); it must not get
 *                       into another tab. Before each join
 *   DEVICE_STORE        a: the secret from which this person's identities in all rooms follow; to
 *                       keep on the device
 *   TRANSPORT_STORE     code: enum event_transport, to begin with as long as the tab lives
 *   HIDE_ADDRESS_STORE  code: 1 where the person hides their address; to keep on the device
 *   LINE_CHANGED        the line number |code| reads differently now, or is gone
 *   SHOW_STATUS         the status view reads differently now
 *   SHOW_DRAFT          what is left for the draft, in the status view, is another number
 *   SHOW_MEMBERS        the member views read differently now
 *   SHOW_LINES          lines came, or all of them went
 */
#ifndef PARLEY_ACTION_H
#define PARLEY_ACTION_H

#include "buffer.h"
#include "event.h"
#include "wire.h"

#include <stdint.h>

/* Grouped by what they are for, as above. */
#define ACTIONS_OF_SERVER(X)                                                                       \
    X(HTTP_POST)                                                                                   \
    X(HTTP_ABORT)                                                                                  \
    X(TAB_TELL)                                                                                    \
    X(SERVER_CONNECT)                                                                              \
    X(SERVER_SEND)                                                                                 \
    X(SERVER_CLOSE)

#define ACTIONS_OF_PEER(X)                                                                         \
    X(PEER_OPEN)                                                                                   \
    X(PEER_CONFIGURE)                                                                              \
    X(PEER_DESCRIBE)                                                                               \
    X(PEER_RESTART)                                                                                \
    X(PEER_ACCEPT)                                                                                 \
    X(PEER_ADD_CANDIDATE)                                                                          \
    X(PEER_ASK_ROUTE)                                                                              \
    X(PEER_CLOSE)                                                                                  \
    X(CHANNEL_SEND)

#define ACTIONS_OF_PAGE(X)                                                                         \
    X(ROOM_NAMED)                                                                                  \
    X(NAME_STORE)                                                                                  \
    X(TOKEN_STORE)                                                                                 \
    X(DEVICE_STORE)                                                                                \
    X(TRANSPORT_STORE)                                                                             \
    X(HIDE_ADDRESS_STORE)                                                                          \
    X(LINE_CHANGED)                                                                                \
    X(SHOW_STATUS)                                                                                 \
    X(SHOW_DRAFT)                                                                                  \
    X(SHOW_MEMBERS)                                                                                \
    X(SHOW_LINES)

#define ACTIONS(X) ACTIONS_OF_SERVER(X) ACTIONS_OF_PEER(X) ACTIONS_OF_PAGE(X)

#define ACTION_ENUM(name) ACTION_##name,
enum action_kind { ACTIONS(ACTION_ENUM) ACTION_COUNT };
#undef ACTION_ENUM

/* The labels of a whole list, in a switch: ACTIONS_OF_PEER(ACTION_CASE). */
#define ACTION_CASE(name) case ACTION_##name:

struct action {
    enum action_kind kind;
    uint32_t peer;
    uint32_t code;
    struct slice a, b, c; /* valid until the next event */
};

/* Bytes kept in the queue until the next event; several actions may share them. */
struct action_bytes {
    size_t at, len;
};

struct queued_action;

/* The queue. The core fills it while it handles one event; the environment empties it before the
 * next. */
struct actions {
    struct queued_action *items;
    uint32_t head, len, capacity;
    struct buffer bytes;
    struct buffer lines; /* messages by polling, each with a "\n", until poll_client.h takes them */
    enum event_transport transport; /* how messages to the server are sent */
    uint32_t shown;                 /* bits of the SHOW_... kinds that wait to be put at the end */
    struct action current;
};

void actions_init(struct actions *actions);
void actions_deinit(struct actions *actions);

/* True if every action was taken. */
bool actions_drained(const struct actions *actions);

/* Starts the next turn. The queue must be drained. */
void actions_begin(struct actions *actions);

/* Copies |bytes| into the queue. Traps without memory: a lost action would be worse. */
struct action_bytes actions_store(struct actions *actions, struct slice bytes);

/* A buffer in which to build a message of unknown length: append to it, then call
 * actions_stored(|at|). */
struct buffer *actions_bytes(struct actions *actions);

/* The bytes appended to actions_bytes since its len was |at|. */
struct action_bytes actions_stored(const struct actions *actions, size_t at);

/* Adds an action with no text, one text or three texts. Texts are copied; stored ones are not. */
void actions_push(struct actions *actions, enum action_kind kind, uint32_t peer, uint32_t code);
void actions_push_text(struct actions *actions, enum action_kind kind, uint32_t peer, uint32_t code,
                       struct slice a);
void actions_push_texts(struct actions *actions, enum action_kind kind, uint32_t peer,
                        uint32_t code, struct slice a, struct slice b, struct slice c);
void actions_push_stored(struct actions *actions, enum action_kind kind, uint32_t peer,
                         uint32_t code, struct action_bytes a);

/* From now on messages are sent by |transport|. */
void actions_send_by(struct actions *actions, enum event_transport transport);

/* Adds |message| as a SERVER_SEND or, when polling, as a line. Errors of wire_write; then nothing
 * is added. */
int actions_push_message(struct actions *actions, uint32_t peer,
                         const struct wire_message *message);

/* Adds an action whose text is not copied: its owner keeps it unchanged until the next event. */
void actions_push_kept(struct actions *actions, enum action_kind kind, uint32_t peer,
                       struct slice a);

/* Marks a view as changed. Its SHOW_... action comes once, after all other actions of this turn. */
void actions_show(struct actions *actions, enum action_kind show);

/* Takes the next action; NULL when there is none. Valid until the next call. */
const struct action *actions_next(struct actions *actions);

#endif
