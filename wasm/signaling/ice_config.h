/* ice_config.h - what connections are made with (RTCConfiguration, W3C WebRTC, 4.2.1): the server's
 * ICE servers, credentials that end and are renewed, and whether our address is hidden.
 *
 * The welcome brings the ICE servers, and, where their credentials end, when (wire.h, iceSeconds).
 * ICE_CONFIG_RENEW_MS into each second of their life we ask for others, again after
 * ICE_CONFIG_AGAIN_MS without an answer, which has relays alone: STUN servers need no credentials.
 * While the server is away nobody can be asked: its next welcome brings new ones. Somebody alone in
 * the room has none, only the promise of some, which come unasked before the first other one does.
 * Each change is the outcome ICE_CONFIGURATION, so that the next ICE restart of every connection
 * uses it.
 *
 * A relay that gives no candidate is told apart by what it answers: it refuses us (a secret or a
 * clock that is not the server's, a quota), or does not answer. Chromium says the latter after 40
 * seconds, if at all: an attempt that ends without a candidate of a relay's says it, too. One that
 * gave a candidate works for ICE_CONFIG_WORKED_MS, whatever its other transports say. Trouble that
 * lasts ICE_CONFIG_TELL_MS is told to the server, for its operator: each status once in a row.
 *
 * Somebody who hides their address is reached through relays only, from the first connection on.
 * One that was made before they chose so is made anew (the outcome ADDRESS_HIDDEN) as soon as the
 * server can carry an offer; the person at its other end knows the address already. Where the
 * server offers no relay, one who hides is reached by nobody: the choice counts until they take it
 * back.
 */
#ifndef PARLEY_ICE_CONFIG_H
#define PARLEY_ICE_CONFIG_H

#include "env.h"

#include <stdbool.h>
#include <stdint.h>

#define ICE_CONFIG_RENEW_MS 750 /* of each second: three quarters of the whole */
#define ICE_CONFIG_RENEW_MS_MIN 1000
#define ICE_CONFIG_AGAIN_MS 10000
#define ICE_CONFIG_WORKED_MS 30000
#define ICE_CONFIG_TELL_MS 5000
#define ICE_CONFIG_LEFT_OUT_BYTES_MAX 2048 /* of the URLs that are named */

/* What the server's relays do for us. */
enum ice_config_relays {
    ICE_CONFIG_RELAYS_NONE, /* it offers none */
    ICE_CONFIG_RELAYS_WORK, /* one gave a candidate lately */
    ICE_CONFIG_RELAYS_SILENT,
    ICE_CONFIG_RELAYS_REFUSE
};

struct ice_config {
    struct buffer others, relays; /* the ICE servers, as JSON arrays: STUN and TURN */
    struct buffer json;           /* what follows for connections, as RTCConfiguration */
    bool offered;                 /* there is a TURN server among them, or will be */
    bool hide_address;
    bool server_up;         /* it can be asked, and told */
    uint64_t due_ms;        /* when to ask for credentials; NO_DEADLINE: never */
    uint32_t trouble;       /* what a relay answered in place of a candidate (wire.h, status);
                               0: nothing */
    uint32_t told;          /* to the server: the last such */
    uint64_t tell_due_ms;   /* when to tell the next; NO_DEADLINE: never */
    uint64_t worked_ms;     /* a relay gave a candidate; NO_DEADLINE: never */
    struct buffer left_out; /* URLs that our browser refuses, a space before each */
};

/* Makes one without ICE servers. Free it with ice_config_deinit. */
void ice_config_init(struct ice_config *config);
void ice_config_deinit(struct ice_config *config);

/* At START: forgets the servers. */
void ice_config_begin(struct ice_config *config, const struct env *env, bool hide_address);

/* The server sent ICE servers: in a welcome, or relays, in credentials. */
void ice_config_keep(struct ice_config *config, const struct env *env,
                     const struct wire_message *message);

/* The server is away: nobody can be asked, or told, before the next welcome. */
void ice_config_rest(struct ice_config *config);

/* The person chose. */
void ice_config_hide_address(struct ice_config *config, const struct env *env, bool hide_address);

/* True when the choice is of use, or must be taken back. */
bool ice_config_can_hide_address(const struct ice_config *config);

/* The ICE server at |url| gave a connection no candidate but |status|. False: that is no word of a
 * relay's, and counts for nothing. */
bool ice_config_failed(struct ice_config *config, const struct env *env, uint32_t status,
                       struct slice url);

/* A connection failed, to which no relay gave a candidate, nor a reason. */
void ice_config_silent(struct ice_config *config, const struct env *env);

/* Our browser found |candidate|. */
void ice_config_found(struct ice_config *config, const struct env *env, struct slice candidate);

/* Our browser takes no ICE server at |url|. */
void ice_config_left_out(struct ice_config *config, const struct env *env, struct slice url);

enum ice_config_relays ice_config_relays(const struct ice_config *config, uint64_t now_ms);

/* Asks for credentials, and tells the server of trouble, when it is time. */
void ice_config_tick(struct ice_config *config, const struct env *env);

/* When ice_config_tick is due; NO_DEADLINE for never. */
uint64_t ice_config_deadline_ms(const struct ice_config *config);

#endif
