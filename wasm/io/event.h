/* event.h - the inputs of the core: what happened outside (chat.h has the contract).
 *
 *   event                  a, b, c: texts; code: number. Other fields are not read.
 *   ---- the page
 *   START                  a: the room in the page's address: its id, or "#" and a secret
 *                          (wire/room_secret.h); "": none, a new sealed room is made; b: stored
 *                          name, or ""; c: EVENT_RANDOM_BYTES random bytes, then the tab's token
 *                          (TOKEN_STORE) if it has one, then "\n" and the device's secret
 *                          (DEVICE_STORE) if there is one; code: bits of enum event_start
 *   SAY                    a: what the person wrote
 *   DRAFT                  a: what stands in the message box now, for the count of what is left;
 *                          code: how many more characters there are, where a does not hold all
 *   FOLD                   the person opens the long line number |code|, or folds it again
 *   RENAME                 a: the new name
 *   HIDE_ADDRESS           the switch 'Hide my address'; code: 1: on
 *   LEAVE                  'Leave room': goodbye to all, then on to a fresh room
 *   UNLOAD                 the page goes away: goodbye to all
 *   TICK                   the deadline has come; harmless at any other time
 *   WAKE                   something changed that may end a pause; code: enum event_wake; |peer|:
 *                          1 where the browser says that the device has no network all the same
 *                          (navigator.onLine), which wins
 *   ---- the WebSocket to the server
 *   SERVER_OPENED
 *   SERVER_MESSAGE         a: one message
 *   SERVER_CLOSED          also when it did not open
 *   ---- requests to the server; |peer| is the number that HTTP_POST gave; one that is not under
 *        way (any more) is ignored
 *   HTTP_ANSWERED          code: the status (RFC 9110, 15), 0 for a redirection; a: Content-Type
 *                          (8.3), or ""; b: Retry-After (10.2.3) in seconds, or ""; c: the body
 *   HTTP_FAILED            no answer comes
 *   TAB_HEARD              another page of this browser told (TAB_TELL) |peer| and |code|
 *   ---- the connection to one peer: |peer| is the number that PEER_OPEN gave; an event for a peer
 *        that is closed already is ignored
 *   PEER_DESCRIBED         an offer or answer was created and set; code: enum event_sdp; a: SDP
 *   PEER_DONE              PEER_ACCEPT, or PEER_DESCRIBE of a rollback, is done
 *   PEER_FAILED            PEER_DESCRIBE or PEER_ACCEPT failed; a: the error's text
 *   PEER_NOT_OPENED        PEER_OPEN failed: the browser gives no connection; a: the error's text
 *   PEER_CANDIDATE         a: a local candidate, "" at the end of gathering; b: sdpMid; c: ufrag;
 *                          at once, even while PEER_DESCRIBE is under way; the end may come twice,
 *                          and without b and c
 *   PEER_CANDIDATE_FAILED  a remote candidate was not taken, which is never fatal; a: error's text
 *   PEER_STATE             code: enum event_peer_state, from connectionState
 *   PEER_ROUTE             answer to PEER_ASK_ROUTE; a, b: candidateType of the local and the
 *                          remote candidate in use, "" where unknown; code: how much came by that
 *                          pair of candidates, in KiB
 *   CHANNEL_OPENED
 *   CHANNEL_MESSAGE        a: one message, at least its first PEER_MESSAGE_BYTES_MAX + 1 bytes;
 *                          code: 1 if binary
 *   CHANNEL_BUFFERED       code: bufferedAmount; once after each turn with CHANNEL_SEND to this
 *                          peer, and at 'bufferedamountlow'
 *   CHANNEL_CLOSED         the channel closed, failed, or refused a send
 *   PEER_UNASKED           the other side opened another channel, or sends audio or video
 *   PEER_ICE_ERROR         an ICE server gave no candidate (icecandidateerror, W3C WebRTC, 4.8.3);
 *                          code: errorCode; a: its URL, perhaps without its transport
 *   PEER_SERVER_REFUSED    PEER_OPEN or PEER_CONFIGURE left an ICE server out; a: its URL
 */
#ifndef PARLEY_EVENT_H
#define PARLEY_EVENT_H

#include "buffer.h"

#include <stdint.h>

#define EVENT_RANDOM_BYTES 64
#define EVENT_BYTES_MAX (64u << 10) /* a, b and c together */

/* Grouped by the module that handles them: events of the page and of the server as above; of a
 * connection's events some belong to the link (link.h), the others to the member. */
#define EVENTS_OF_PAGE(X)                                                                          \
    X(START)                                                                                       \
    X(SAY)                                                                                         \
    X(DRAFT)                                                                                       \
    X(FOLD)                                                                                        \
    X(RENAME)                                                                                      \
    X(HIDE_ADDRESS)                                                                                \
    X(LEAVE)                                                                                       \
    X(UNLOAD)                                                                                      \
    X(TICK)                                                                                        \
    X(WAKE)

#define EVENTS_OF_SERVER(X)                                                                        \
    X(SERVER_OPENED)                                                                               \
    X(SERVER_MESSAGE)                                                                              \
    X(SERVER_CLOSED)                                                                               \
    X(HTTP_ANSWERED)                                                                               \
    X(HTTP_FAILED)                                                                                 \
    X(TAB_HEARD)

#define EVENTS_OF_LINK(X)                                                                          \
    X(PEER_DESCRIBED)                                                                              \
    X(PEER_DONE)                                                                                   \
    X(PEER_FAILED)                                                                                 \
    X(PEER_NOT_OPENED)                                                                             \
    X(PEER_CANDIDATE)                                                                              \
    X(PEER_CANDIDATE_FAILED)                                                                       \
    X(PEER_STATE)                                                                                  \
    X(PEER_ROUTE)                                                                                  \
    X(CHANNEL_OPENED)                                                                              \
    X(CHANNEL_CLOSED)

#define EVENTS_OF_MEMBER(X)                                                                        \
    X(CHANNEL_MESSAGE)                                                                             \
    X(CHANNEL_BUFFERED)                                                                            \
    X(PEER_UNASKED)                                                                                \
    X(PEER_ICE_ERROR)                                                                              \
    X(PEER_SERVER_REFUSED)

#define EVENTS(X) EVENTS_OF_PAGE(X) EVENTS_OF_SERVER(X) EVENTS_OF_LINK(X) EVENTS_OF_MEMBER(X)

#define EVENT_ENUM(name) EVENT_##name,
enum event_kind { EVENTS(EVENT_ENUM) EVENT_COUNT };
#undef EVENT_ENUM

/* The labels of a whole list, in a switch: EVENTS_OF_LINK(EVENT_CASE). */
#define EVENT_CASE(name) case EVENT_##name:

/* Bits of START's code, and of NAME_STORE's. */
#define EVENT_STARTS(X)                                                                            \
    X(NAME_GENERATED, 1) /* the stored name was made up by us, not chosen */                       \
    X(NO_WEBRTC, 2)      /* this browser has no RTCPeerConnection */                               \
    X(POLLING, 4)        /* the code of TRANSPORT_STORE was POLLING in this tab */                 \
    X(HIDE_ADDRESS, 8)   /* the code of HIDE_ADDRESS_STORE was 1 on this device */                 \
    X(NAME_SHARED, 16)   /* new tabs of the device begin with the stored name too */

#define EVENT_START_ENUM(name, bit) EVENT_START_##name = (bit),
enum event_start { EVENT_STARTS(EVENT_START_ENUM) };
#undef EVENT_START_ENUM

/* The cause of a WAKE. Only OFFLINE, or a device without a network, makes trying useless. */
#define EVENT_WAKES(X)                                                                             \
    X(VISIBLE) /* the page came to the foreground (Page Visibility), or was thawed */              \
    X(ONLINE)  /* the device has a network again */                                                \
    X(OFFLINE) /* it has none */                                                                   \
    X(NETWORK) /* it has another one */

#define EVENT_WAKE_ENUM(name) EVENT_WAKE_##name,
enum event_wake { EVENT_WAKES(EVENT_WAKE_ENUM) EVENT_WAKE_COUNT };
#undef EVENT_WAKE_ENUM

/* How the server is reached. */
#define EVENT_TRANSPORTS(X)                                                                        \
    X(WEBSOCKET)                                                                                   \
    X(POLLING) /* HTTP, where no WebSocket passes */

#define EVENT_TRANSPORT_ENUM(name) EVENT_TRANSPORT_##name,
enum event_transport { EVENT_TRANSPORTS(EVENT_TRANSPORT_ENUM) EVENT_TRANSPORT_COUNT };
#undef EVENT_TRANSPORT_ENUM

/* RTCSdpType (W3C WebRTC, 4.6.1). */
#define EVENT_SDPS(X)                                                                              \
    X(OFFER)                                                                                       \
    X(ANSWER)                                                                                      \
    X(ROLLBACK)

#define EVENT_SDP_ENUM(name) EVENT_SDP_##name,
enum event_sdp { EVENT_SDPS(EVENT_SDP_ENUM) EVENT_SDP_COUNT };
#undef EVENT_SDP_ENUM

/* RTCPeerConnectionState (W3C WebRTC, 4.3.3). 'disconnected' is a hint only. */
#define EVENT_PEER_STATES(X)                                                                       \
    X(NEW)                                                                                         \
    X(CONNECTING)                                                                                  \
    X(CONNECTED)                                                                                   \
    X(DISCONNECTED)                                                                                \
    X(FAILED)                                                                                      \
    X(CLOSED)

#define EVENT_PEER_STATE_ENUM(name) EVENT_PEER_STATE_##name,
enum event_peer_state { EVENT_PEER_STATES(EVENT_PEER_STATE_ENUM) EVENT_PEER_STATE_COUNT };
#undef EVENT_PEER_STATE_ENUM

struct event {
    enum event_kind kind;
    uint32_t peer;
    uint32_t code;
    struct slice a, b, c;   /* the caller's; not kept */
    uint64_t now_ms;        /* a clock that never goes back; any epoch */
    int64_t wall_ms;        /* since 1970-01-01 UTC, for the time of day only */
    int32_t utc_offset_min; /* local time minus UTC */
};

#endif
