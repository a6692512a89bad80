/* heartbeat.h - is the other side still there? Asked after some silence, given up after more.
 *
 * Only silence after a question counts, so that a device that slept for an hour asks first and
 * blames nobody for the hour.
 */
#ifndef PARLEY_HEARTBEAT_H
#define PARLEY_HEARTBEAT_H

#include "deadline.h"

#include <stdbool.h>
#include <stdint.h>

enum heartbeat_verdict { HEARTBEAT_FINE, HEARTBEAT_ASK, HEARTBEAT_DEAD };

struct heartbeat {
    uint32_t quiet_ms;  /* of silence, before one asks */
    uint32_t answer_ms; /* to answer */
    uint64_t heard_ms;  /* when something came last */
    uint64_t due_ms;    /* NO_DEADLINE: stopped */
    bool asked;
};

/* Begins, or begins again, as if something had just been heard. */
void heartbeat_start(struct heartbeat *heartbeat, uint64_t now_ms, uint32_t quiet_ms,
                     uint32_t answer_ms);
void heartbeat_stop(struct heartbeat *heartbeat);

/* For how long both sides said nothing, up to |now_ms| or to the question. */
uint64_t heartbeat_silent_ms(const struct heartbeat *heartbeat, uint64_t now_ms);

/* Something came from the other side. */
void heartbeat_heard(struct heartbeat *heartbeat, uint64_t now_ms);

/* There is a reason to doubt: asks at the next tick, unless it has asked already. */
void heartbeat_doubt(struct heartbeat *heartbeat, uint64_t now_ms);

/* What to do at |now_ms|. ASK: ask now, the time to answer runs. DEAD: said once; it is stopped. */
enum heartbeat_verdict heartbeat_tick(struct heartbeat *heartbeat, uint64_t now_ms);

#endif
