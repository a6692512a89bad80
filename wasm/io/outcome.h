/* outcome.h - the results of one module of the core that others act on. Modules never call upward:
 * they push outcomes, and only chat.c takes them and gives each to the modules that it concerns.
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
 *   ---- the people in the room (mesh.h). |member| is a member's number: they may be gone already,
 *        but room_find_number finds them until all outcomes are taken
 *   ENTERED            we have just come into a room, and have our colour
 *   FORGOTTEN          all members are: for them we are somebody else now, or nobody
 *   SERVER_DOUBTED     there is a reason to ask the server for a sign of life
 *   RELAY_SILENT       a connection needed a relay, which gave neither a candidate nor a reason
 *   LINK_CHANGED       something happened to the link to |member|; |closed|: it closed for good
 *   MEMBER_GONE        |member| is; |unread|: not all that was said had reached them
 *   GREETED            |member| said hello: from the first one on they are a person
 *   NAME_HEARD         |member| says that their name is |text|: another than before
 *   STRANGER           the server names somebody who cannot show that they know this room
 *   TEXT_HEARD         |member| said |text|
 *   TEXT_SAID          we said |text|; it is number |number| of the outbox
 *   TEXTS_LOST         some that |member| said will not come: |lost| says why
 *   TEXTS_DROPPED      some that we said will not reach |member|: there were too many to keep
 *   GARBAGE_HEARD      |member| said something that makes no sense, for the first time
 *   GAP_CHANGED        |member| and |other|, 0 where we do not know them, do not reach each other;
 *                      |member| 0: no two are known of whom that is so
 *
 * The order is that of calls: outcomes that are pushed while another is being handled are taken
 * before those that were pushed earlier and still wait. So an outcome, with all that follows from
 * it, is handled before the next.
 */
#ifndef PARLEY_OUTCOME_H
#define PARLEY_OUTCOME_H

#include "join_state.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

/* Two groups: outcomes about the connections to the server and to people, and outcomes about
 * people. */
#define OUTCOMES_OF_WAYS(X)                                                                        \
    X(JOIN_STATE)                                                                                  \
    X(ICE_SERVERS)                                                                                 \
    X(WELCOME)                                                                                     \
    X(SERVER_MESSAGE)                                                                              \
    X(REPLACED)                                                                                    \
    X(ICE_CONFIGURATION)                                                                           \
    X(ADDRESS_HIDDEN)                                                                              \
    X(SERVER_DOUBTED)                                                                              \
    X(RELAY_SILENT)

#define OUTCOMES_OF_PEOPLE(X)                                                                      \
    X(ENTERED)                                                                                     \
    X(FORGOTTEN)                                                                                   \
    X(LINK_CHANGED)                                                                                \
    X(MEMBER_GONE)                                                                                 \
    X(GREETED)                                                                                     \
    X(STRANGER)                                                                                    \
    X(NAME_HEARD)                                                                                  \
    X(TEXT_HEARD)                                                                                  \
    X(TEXT_SAID)                                                                                   \
    X(TEXTS_LOST)                                                                                  \
    X(TEXTS_DROPPED)                                                                               \
    X(GARBAGE_HEARD)                                                                               \
    X(GAP_CHANGED)

#define OUTCOME_ENUM(name) OUTCOME_##name,
enum outcome_kind { OUTCOMES_OF_WAYS(OUTCOME_ENUM) OUTCOMES_OF_PEOPLE(OUTCOME_ENUM) };
#undef OUTCOME_ENUM

/* The labels of a whole list, in a switch: OUTCOMES_OF_PEOPLE(OUTCOME_CASE). */
#define OUTCOME_CASE(name) case OUTCOME_##name:

/* Why texts do not come. */
enum outcome_lost {
    OUTCOME_LOST_TOO_MANY, /* there were too many to keep */
    OUTCOME_LOST_AWAY      /* we were out of reach for too long */
};

/* The kind determines which fields count, see above. The module owns what they point to, which is
 * valid until no outcome is left. */
struct outcome {
    enum outcome_kind kind;
    uint32_t member;
    const struct wire_message *message;
    struct slice text;
    union {
        enum join_state state;
        uint32_t other, number;
        enum outcome_lost lost;
        bool closed, unread;
    };
};

/* The most that can wait at one time: mesh.c shows why. */
#define OUTCOMES_MAX 32768

/* Those that wait. All zero: none. */
struct outcomes {
    struct outcome *items;
    uint32_t head, end, capacity; /* of items, those from |head| to |end| wait */
    uint32_t at;                  /* where the next is put */
};

void outcomes_deinit(struct outcomes *outcomes);

/* Adds an outcome of |kind|. Its other fields are 0; fill them in before adding the next. Traps
 * without memory or above OUTCOMES_MAX: a lost outcome would be worse. */
struct outcome *outcomes_push(struct outcomes *outcomes, enum outcome_kind kind);

/* Takes the next one, to be handled now. False: none is left. */
bool outcomes_take(struct outcomes *outcomes, struct outcome *out);

#endif
