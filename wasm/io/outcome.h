/* outcome.h - what a module of the core found out, for others to act on: modules never call each
 * other upward. They push outcomes; chat.c alone takes them and gives each to whom it concerns.
 *
 *   outcome            what it says, and with what
 *   ---- signaling (signaling.h)
 *   JOIN_STATE         how we stand with the server has changed, to |state|
 *   ICE_SERVERS        |message|, a welcome or credentials, has ICE servers for us
 *   WELCOME            |message|: we are in a room, or in it again. After its ICE_SERVERS
 *   SERVER_MESSAGE     |message|, of the room that we are in: joined, left, or a member's signal
 *   REPLACED           another page has our place in the room: the members are no longer ours
 *   ---- the ICE configuration (ice_config.h)
 *   ICE_CONFIGURATION  it has changed, for the connections to come and each one's next ICE restart
 *   ADDRESS_HIDDEN     our address is hidden, and the server can carry offers: connections that
 *                      may tell it can be made anew
 *
 * The order is that of calls: what is pushed while an outcome is dealt with is taken before what
 * was pushed earlier and still waits. So an outcome and all that follows from it is dealt with
 * before the next.
 */
#ifndef PARLEY_OUTCOME_H
#define PARLEY_OUTCOME_H

#include "join_state.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

#define OUTCOMES_MAX 16 /* at once; a module pushes a few in one call */

enum outcome_kind {
    OUTCOME_JOIN_STATE,
    OUTCOME_ICE_SERVERS,
    OUTCOME_WELCOME,
    OUTCOME_SERVER_MESSAGE,
    OUTCOME_REPLACED,
    OUTCOME_ICE_CONFIGURATION,
    OUTCOME_ADDRESS_HIDDEN
};

/* Which fields count depends on the kind, see above. */
struct outcome {
    enum outcome_kind kind;
    enum join_state state;
    const struct wire_message *message; /* the module's; valid until none is left */
};

/* Those that wait. All zero: none. */
struct outcomes {
    struct outcome items[OUTCOMES_MAX];
    uint32_t len;
    uint32_t at; /* where the next is put */
};

/* Adds |outcome|. Traps where OUTCOMES_MAX wait. */
void outcomes_push(struct outcomes *outcomes, struct outcome outcome);

/* Takes the next one; from now on it is the one that is dealt with. False: none is left. */
bool outcomes_take(struct outcomes *outcomes, struct outcome *out);

#endif
