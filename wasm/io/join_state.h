/* join_state.h - the state of our connection to the server; dialing.h has its transitions. */
#ifndef PARLEY_JOIN_STATE_H
#define PARLEY_JOIN_STATE_H

#define JOIN_STATES(X)                                                                             \
    X(IDLE)       /* not asked for: no WebRTC, or the page is unloading */                         \
    X(CONNECTING) /* until the welcome */                                                          \
    X(JOINED)                                                                                      \
    X(LOST)    /* out of reach: tried again; open conversations go on */                           \
    X(REFUSED) /* it said why, see the status's text */

#define JOIN_STATE_ENUM(name) JOIN_STATE_##name,
enum join_state { JOIN_STATES(JOIN_STATE_ENUM) };
#undef JOIN_STATE_ENUM

#endif
