/* env.h - what a module of the core is lent for one call: queues for its actions and outcomes,
 * random numbers, and the time. The module keeps none of it. */
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
