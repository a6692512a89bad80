/* chat_debug.h - read access to the modules of a core, for tests, the simulator and the fuzzers. No
 * module of Parley itself uses it; chat.c fills it in. */
#ifndef PARLEY_CHAT_DEBUG_H
#define PARLEY_CHAT_DEBUG_H

#include "budget.h"
#include "chat.h"
#include "ice_config.h"
#include "keyring.h"
#include "mesh_check.h"
#include "outbox.h"
#include "room.h"
#include "signaling.h"
#include "signals.h"

/* The modules of one core, to be read only. Valid as long as the core. */
struct chat_debug {
    const struct signaling *signaling;
    const struct ice_config *ice;
    const struct room *room;
    const struct keyring *keyring;
    const struct signals_refused *refused;
    const struct outbox *outbox;
    const struct budget *budget;
    const struct mesh_check *check;
    const struct transcript *transcript;
    struct slice gap; /* who does not reach whom, in words; until the next event */
    uint64_t now_ms;  /* of the last event */
};

struct chat_debug chat_debug(const struct chat *chat);

#endif
