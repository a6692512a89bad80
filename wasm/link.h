/* link.h - the connection to one peer: a state machine over RTCPeerConnection that does no I/O.
 *
 * Perfect negotiation (W3C WebRTC, 10.7) with trickle ICE (RFC 8838), with one operation on the
 * browser's connection under way at a time. Both sides may offer; where two offers cross (glare)
 * the polite side takes its own back. Who is polite follows from the two member ids.
 *
 *   negotiation       what happens                   what is done               next
 *   ----------------  -----------------------------  -------------------------  ----------------
 *   STABLE            link_offer                     describe an offer          OFFERING
 *   STABLE            an offer comes                 accept it                  ACCEPTING_OFFER
 *   OFFERING          described                      send the offer             OFFERED
 *   OFFERING          described, but one had come*   roll back                  YIELDING
 *   OFFERED           an answer comes                accept it                  ACCEPTING_ANSWER
 *   OFFERED           an offer comes, polite         roll back                  YIELDING
 *   OFFERING/OFFERED  an offer comes, impolite       ignore it, its candidates  (same)
 *   YIELDING          done                           accept the offer that came ACCEPTING_OFFER
 *   ACCEPTING_OFFER   done                           add candidates, describe   ANSWERING
 *   ANSWERING         described                      send the answer            STABLE
 *   ACCEPTING_ANSWER  done                           add candidates             STABLE
 *   the last four     an offer comes                 it waits until STABLE      (same)
 *   any               an operation failed            close, SETUP_FAILED
 *   any but OFFERED   an answer comes                ignore it: its offer is gone
 *   * on the polite side, where it waited
 *
 * A remote candidate waits until the description that it belongs to is accepted. In phases:
 *
 *   CONNECTING --- channel opened ---> CONNECTED
 *       |                                  |
 *       +--- deadline, failed, closed -----+---> CLOSED, once, with a reason
 *
 * A link puts actions into env->actions and never calls back; its owner compares the phase before
 * and after.
 */
#ifndef PARLEY_LINK_H
#define PARLEY_LINK_H

#include "action.h"
#include "event.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define LINK_CONNECT_TIMEOUT_MS 30000
#define LINK_CANDIDATES_MAX 64         /* waiting for a description; further ones are dropped */
#define LINK_REMOTE_CANDIDATES_MAX 512 /* in a link's life; further ones are dropped */
#define LINK_REMOTE_OFFERS_MAX 64      /* in a link's life; the next one closes it */
#define LINK_STEPS_MAX 32
#define LINK_NO_DEADLINE UINT64_MAX

enum link_phase { LINK_CONNECTING, LINK_CONNECTED, LINK_CLOSED };

enum link_negotiation {
    LINK_STABLE,
    LINK_OFFERING,
    LINK_OFFERED,
    LINK_YIELDING,
    LINK_ACCEPTING_OFFER,
    LINK_ANSWERING,
    LINK_ACCEPTING_ANSWER
};

enum link_reason {
    LINK_REASON_NONE,
    LINK_REASON_GONE,            /* the person left: the owner's decision */
    LINK_REASON_NO_ANSWER,       /* nothing came from the other side in time */
    LINK_REASON_NO_PATH,         /* ICE found no way and had no relay to try */
    LINK_REASON_NO_PATH_RELAYED, /* ICE found no way, though there was a relay */
    LINK_REASON_SETUP_FAILED,    /* a browser refused a description */
    LINK_REASON_CONNECTION_LOST, /* it was connected, and failed */
    LINK_REASON_CHANNEL_CLOSED,  /* the other side closed */
    LINK_REASON_MISBEHAVED /* too many offers; too much garbage, which is the owner's decision */
};

/* One step of the way, for people who want to see it. Repeated ones are counted. */
enum link_step_kind {
    LINK_STEP_MET,
    LINK_STEP_OFFER_SENT,
    LINK_STEP_OFFER_RECEIVED,
    LINK_STEP_OFFER_IGNORED,
    LINK_STEP_OFFER_WITHDRAWN,
    LINK_STEP_ANSWER_SENT,
    LINK_STEP_ANSWER_RECEIVED,
    LINK_STEP_LOCAL_CANDIDATE,
    LINK_STEP_REMOTE_CANDIDATE,
    LINK_STEP_LOCAL_END,
    LINK_STEP_REMOTE_END,
    LINK_STEP_CANDIDATE_FAILED,
    LINK_STEP_PATH_FOUND,
    LINK_STEP_INTERRUPTED,
    LINK_STEP_CHANNEL_OPEN,
    LINK_STEP_ROUTE_DIRECT,
    LINK_STEP_ROUTE_RELAYED,
    LINK_STEP_GARBAGE, /* the owner's: a message that made no sense */
    LINK_STEP_CLOSED
};

/* RTCIceCandidateType (W3C WebRTC, 4.8.1.3; RFC 8445, 5.1.1). */
enum link_candidate_type { LINK_HOST, LINK_SRFLX, LINK_PRFLX, LINK_RELAY, LINK_UNKNOWN_TYPE };

struct link_step {
    uint8_t kind; /* enum link_step_kind */
    uint8_t type; /* enum link_candidate_type, of candidate steps */
    uint16_t count;
    uint32_t at_ms; /* since link_init, of the first */
};

struct link_candidate;

struct link {
    uint32_t peer;
    char member_id[WIRE_MEMBER_ID_BYTES];
    bool polite;
    enum link_phase phase;
    enum link_negotiation negotiation;
    enum link_reason reason;           /* when CLOSED */
    bool opened;                       /* PEER_OPEN was asked for */
    bool remote_accepted;              /* some remote description is set */
    bool ignoring;                     /* the candidates that come belong to an offer we ignored */
    bool relayed;                      /* the route in use goes through a relay */
    struct slice waiting_offer;        /* owned; bytes NULL: none */
    struct link_candidate *candidates; /* LINK_CANDIDATES_MAX, allocated with the first */
    uint32_t candidate_count;
    uint32_t candidates_of_waiting;            /* the last so many belong to the offer that waits */
    uint32_t remote_candidates, remote_offers; /* so far */
    uint64_t started_ms, deadline_ms;
    struct link_step steps[LINK_STEPS_MAX];
    uint32_t step_count;
};

/* What a link needs of its surroundings during one call. */
struct link_env {
    struct actions *actions;
    uint64_t now_ms;
    bool server_up;           /* false: nothing can be signaled now */
    struct slice ice_servers; /* JSON for PEER_OPEN */
    bool has_relay;           /* a TURN server is among them */
};

/* Starts a link in CONNECTING. |member_id|: WIRE_MEMBER_ID_BYTES long, the other's; |peer|: its
 * number; |polite|: see above. Free it with link_deinit. */
void link_init(struct link *link, uint32_t peer, struct slice member_id, bool polite,
               uint64_t now_ms);

/* Frees what waits. Closes nothing: use link_close before. */
void link_deinit(struct link *link);

/* Makes an offer, if none is under way. */
void link_offer(struct link *link, const struct link_env *env);

/* The other side sent an offer or answer (EVENT_SDP_OFFER, EVENT_SDP_ANSWER), or a candidate. */
void link_receive_description(struct link *link, const struct link_env *env, enum event_sdp kind,
                              struct slice sdp);
void link_receive_candidate(struct link *link, const struct link_env *env, struct slice candidate,
                            struct slice mid, struct slice ufrag);

/* The outside carried out an operation: PEER_DESCRIBED, PEER_DONE, PEER_FAILED. An answer to an
 * operation that is not under way is ignored. */
void link_described(struct link *link, const struct link_env *env, enum event_sdp kind,
                    struct slice sdp);
void link_done(struct link *link, const struct link_env *env);
void link_failed(struct link *link, const struct link_env *env);

/* The browser found a candidate, refused one, changed connectionState, told the route in use,
 * opened or closed the channel. */
void link_local_candidate(struct link *link, const struct link_env *env, struct slice candidate,
                          struct slice mid, struct slice ufrag);
void link_candidate_failed(struct link *link, const struct link_env *env);
void link_peer_state(struct link *link, const struct link_env *env, enum event_peer_state state);
void link_route(struct link *link, const struct link_env *env, struct slice local,
                struct slice remote);
void link_channel_opened(struct link *link, const struct link_env *env);
void link_channel_closed(struct link *link, const struct link_env *env);

/* Notes a step that the owner saw. */
void link_step_seen(struct link *link, const struct link_env *env, enum link_step_kind kind);

/* Time has passed. */
void link_tick(struct link *link, const struct link_env *env);

/* When link_tick is due; LINK_NO_DEADLINE for never. */
uint64_t link_deadline_ms(const struct link *link);

/* Closes for |reason|; nothing where it is closed already. */
void link_close(struct link *link, const struct link_env *env, enum link_reason reason);

/* A sentence for people; empty for NONE and GONE. */
const char *link_reason_text(enum link_reason reason);

/* Appends the step in words, such as "Own candidate: host (2)". Errors of |out|. */
int link_step_text(const struct link_step *step, struct buffer *out);

#endif
