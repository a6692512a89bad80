/* negotiation.h - offers and answers over one RTCPeerConnection, without I/O.
 *
 * Perfect negotiation (W3C WebRTC, 10.7) with trickle ICE (RFC 8838), one operation on the
 * browser's connection at a time. Both sides may offer. If two offers cross (glare), the polite
 * side withdraws its own. The two member ids determine which side is polite.
 *
 *   state             what happens                   what is done               next
 *   ----------------  -----------------------------  -------------------------  ----------------
 *   WAITING           an offer comes                 it waits                   WAITING
 *   WAITING           negotiation_begin              accept it, or describe     ACCEPTING_OFFER,
 *                                                    an offer                   OFFERING
 *   STABLE, OFFERED   negotiation_offer              describe an offer          OFFERING
 *   STABLE            an offer comes                 accept it                  ACCEPTING_OFFER
 *   OFFERING          described                      send the offer             OFFERED
 *   OFFERING          described, but one had come*   take the offer back        YIELDING
 *   OFFERED           an answer comes                accept it                  ACCEPTING_ANSWER
 *   OFFERED           an offer comes, polite         take the offer back        YIELDING
 *   OFFERING/OFFERED  an offer comes, impolite       ignore it, its candidates  (same)
 *   YIELDING          done                           accept the offer that came ACCEPTING_OFFER
 *   ACCEPTING_OFFER   done                           add candidates, describe   ANSWERING
 *   ANSWERING         described                      send the answer            STABLE
 *   ACCEPTING_ANSWER  done                           add candidates             STABLE
 *   the last four     an offer comes                 it waits until STABLE      (same)
 *   any but OFFERED   an answer comes                ignore it: its offer is gone
 *   * on the polite side, where it waited
 *
 * Chromium (seen in 156) may never gather candidates again if a first offer is rolled back while it
 * gathers. So an offer is taken back by a rollback only if something is agreed already, or if the
 * budget has no connection left. Otherwise the browser's connection is closed, and the negotiation
 * is WAITING for another one.
 *
 * A remote candidate waits until the description that it belongs to is accepted. A local candidate
 * that is found while a description is made waits until that is sent, or is dropped with it.
 *
 * Remote descriptions and candidates arrive filtered by signals.h.
 *
 * Each side names its connection by a number (wire.h, "connection"), so that signals about an
 * earlier connection are not taken for signals about this one.
 */
#ifndef PARLEY_NEGOTIATION_H
#define PARLEY_NEGOTIATION_H

#include "action.h"
#include "candidate_queue.h"
#include "connection_log.h"
#include "event.h"
#include "keyring.h"
#include "proof.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

enum negotiation_state {
    NEGOTIATION_WAITING, /* there is no connection of the browser's yet */
    NEGOTIATION_STABLE,
    NEGOTIATION_OFFERING,
    NEGOTIATION_OFFERED,
    NEGOTIATION_YIELDING,
    NEGOTIATION_ACCEPTING_OFFER,
    NEGOTIATION_ANSWERING,
    NEGOTIATION_ACCEPTING_ANSWER
};

struct negotiation {
    uint32_t peer;        /* the connection's number for PEER_... actions */
    uint32_t own, theirs; /* its name on both sides; theirs 0: not known yet */
    enum negotiation_state state;
    bool polite;
    bool remote_accepted;           /* some remote description is set */
    uint64_t operation_ms;          /* when the operation under way began */
    bool ignoring;                  /* the candidates that come belong to an offer we ignored */
    struct slice waiting_offer;     /* owned; bytes NULL: none */
    struct candidate_queue remote;  /* candidates that wait to be added, */
    uint32_t candidates_of_waiting; /* of which the last so many belong to the offer that waits */
    uint32_t remote_types;          /* bits of enum candidate_type that came, since ever */
    struct candidate_queue local;   /* candidates that wait to be told */
    struct ice_candidate last;      /* the last that was found, without its text: their end */
    bool ended;                     /* that end came since the last description was made */
    uint32_t waiting_theirs;        /* whose connection the offer that waits is about */
    struct proof_fingerprint own_fingerprint; /* in our last description */
    struct proof_end their_end;               /* as their last description that was accepted says */
};

/* A negotiation borrows these for one call. */
struct negotiation_env {
    struct actions *actions;
    struct connection_log *log;
    const struct member_id *member_id; /* the other's */
    struct keyring *keyring;           /* signals are sealed with it */
    uint64_t now_ms;
    bool server_up;    /* false: nothing can be signaled now */
    bool hide_address; /* our addresses must not leave the page: see address_filter.h */
    bool may_renew;    /* the browser may be asked for one more connection */
};

/* Makes one for a connection that is not opened yet; |own|, |theirs|: its names. Free it with
 * negotiation_deinit. */
void negotiation_init(struct negotiation *negotiation, uint32_t own, uint32_t theirs, bool polite);

/* PEER_OPEN has just asked for |peer|: accepts the offer that came meanwhile, or makes one. */
void negotiation_begin(struct negotiation *negotiation, const struct negotiation_env *env,
                       uint32_t peer);

/* Frees what is queued. Closes nothing. */
void negotiation_deinit(struct negotiation *negotiation);

/* Makes an offer, with an ICE restart if |restart|. False: something else is under way. */
bool negotiation_offer(struct negotiation *negotiation, const struct negotiation_env *env,
                       bool restart);

/* The other side sent an offer, or an answer to our offer, of its connection |theirs|, or a
 * candidate. PARLEY_ERR_NO_MEMORY: the offer could not be kept; give the connection up. After an
 * offer the negotiation may be WAITING, if env->may_renew: open another connection then. */
int negotiation_receive_offer(struct negotiation *negotiation, const struct negotiation_env *env,
                              struct slice sdp);
void negotiation_receive_answer(struct negotiation *negotiation, const struct negotiation_env *env,
                                uint32_t theirs, struct slice sdp);
void negotiation_receive_candidate(struct negotiation *negotiation,
                                   const struct negotiation_env *env,
                                   const struct ice_candidate *candidate);

/* The browser has carried out an operation: PEER_DESCRIBED, PEER_DONE. Ignored if no such operation
 * is under way. PARLEY_ERR_TOO_BIG: the description fits into no message. After a description the
 * negotiation may be WAITING, as above. */
int negotiation_described(struct negotiation *negotiation, const struct negotiation_env *env,
                          enum event_sdp kind, struct slice sdp);
void negotiation_done(struct negotiation *negotiation, const struct negotiation_env *env);

/* The browser found a candidate, or the end of them. */
void negotiation_local_candidate(struct negotiation *negotiation, const struct negotiation_env *env,
                                 const struct ice_candidate *found);

#endif
