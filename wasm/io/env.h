/* env.h - what a module of the core is lent for one call: where it puts what it wants done and what
 * it found out, chance, and the time. Nothing of it is kept. */
#ifndef PARLEY_ENV_H
#define PARLEY_ENV_H

#include "action.h"
#include "deadline.h"
#include "outcome.h"
#include "random.h"

#include <stdint.h>

struct env {
    struct actions *actions;
    struct outcomes *outcomes;
    struct random *random;
    uint64_t now_ms;        /* of the event, never going back */
    int64_t wall_ms;        /* since 1970-01-01 UTC, by a clock that may be wrong */
    int32_t utc_offset_min; /* local time minus UTC */
};

#endif
