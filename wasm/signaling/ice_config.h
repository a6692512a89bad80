/* ice_config.h - the configuration of connections (RTCConfiguration, W3C WebRTC, 4.2.1): the
 * server's ICE servers, credentials that expire and are renewed, and whether our address is hidden.
 *
 * The welcome brings the ICE servers and the lifetime of their credentials (wire.h, iceSeconds).
 * After ICE_CONFIG_RENEW_MS of each second of that lifetime we ask for new credentials, and again
 * after ICE_CONFIG_AGAIN_MS without an answer. The answer has only relays, since STUN servers need
 * no credentials. While the server is away we cannot ask; its next welcome brings new ones.
 * Somebody alone in the room gets no credentials yet; they come unasked before another member does.
 * Each change is the outcome ICE_CONFIGURATION, so that the next ICE restart of every connection
 * uses it.
 *
 * A relay that gives no candidate either refuses us (its secret or clock differs from the server's,
 * or a quota is used up) or does not answer. Chromium reports the latter after 40 seconds, if at
 * all, so an attempt that ends without a relay candidate counts as no answer too. A relay that gave
 * a candidate counts as working for ICE_CONFIG_WORKED_MS, whatever its other transports report.
 * Trouble that lasts ICE_CONFIG_TELL_MS is reported to the server, for its operator, but the same
 * status not twice in a row.
 *
 * Somebody who hides their address is reached through relays only, from the first connection on. A
 * connection made before that choice is replaced (the outcome ADDRESS_HIDDEN) as soon as the server
 * can carry an offer; the person at its other end knows the address already. If the server offers
 * no relay, nobody can reach a person who hides their address until they change that choice.
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

/* The state of the server's relays. */
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

/* Keeps the ICE servers of a welcome, or the relays of credentials. */
void ice_config_keep(struct ice_config *config, const struct env *env,
                     const struct wire_message *message);

/* The server is away: asks and reports nothing before the next welcome. */
void ice_config_rest(struct ice_config *config);

/* The person turned the switch 'Hide my address'. */
void ice_config_hide_address(struct ice_config *config, const struct env *env, bool hide_address);

/* True if the switch has a use: there is a relay, or the address is hidden. */
bool ice_config_can_hide_address(const struct ice_config *config);

/* The ICE server at |url| gave a connection no candidate, but |status|. False: |url| is no relay,
 * so this is ignored. */
bool ice_config_failed(struct ice_config *config, const struct env *env, uint32_t status,
                       struct slice url);

/* A connection failed for which no relay gave a candidate or a reason. */
void ice_config_silent(struct ice_config *config, const struct env *env);

/* Our browser found |candidate|. */
void ice_config_found(struct ice_config *config, const struct env *env, struct slice candidate);

/* Our browser refused the ICE server at |url|. */
void ice_config_left_out(struct ice_config *config, const struct env *env, struct slice url);

enum ice_config_relays ice_config_relays(const struct ice_config *config, uint64_t now_ms);

/* Asks for credentials and reports trouble to the server, when either is due. */
void ice_config_tick(struct ice_config *config, const struct env *env);

/* When ice_config_tick is due; NO_DEADLINE for never. */
uint64_t ice_config_deadline_ms(const struct ice_config *config);

#endif
