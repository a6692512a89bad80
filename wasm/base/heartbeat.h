/* heartbeat.h - finds out whether the other side is still there: asks after some silence, gives up
 * after more.
 *
 * Only silence after a question counts, so a device that slept for an hour asks first, and does not
 * take the hour for silence.
 */
#ifndef PARLEY_HEARTBEAT_H
#define PARLEY_HEARTBEAT_H

#include "deadline.h"

#include <stdbool.h>
#include <stdint.h>

enum heartbeat_verdict { HEARTBEAT_FINE, HEARTBEAT_ASK, HEARTBEAT_DEAD };

struct heartbeat {
    uint32_t quiet_ms;  /* silence before a question */
    uint32_t answer_ms; /* time to answer */
    uint64_t heard_ms;  /* when something last arrived */
    uint64_t due_ms;    /* NO_DEADLINE: stopped */
    bool asked;
};

/* Starts, or restarts, as if something had just arrived. */
void heartbeat_start(struct heartbeat *heartbeat, uint64_t now_ms, uint32_t quiet_ms,
                     uint32_t answer_ms);
void heartbeat_stop(struct heartbeat *heartbeat);

/* How long both sides have been silent, up to |now_ms| or to the question. */
uint64_t heartbeat_silent_ms(const struct heartbeat *heartbeat, uint64_t now_ms);

/* Something arrived from the other side. */
void heartbeat_heard(struct heartbeat *heartbeat, uint64_t now_ms);

/* There is reason to doubt that the other side is alive: asks at the next tick, unless it has asked
 * already. */
void heartbeat_doubt(struct heartbeat *heartbeat, uint64_t now_ms);

/* The step that is due at |now_ms|. ASK: ask now; the time to answer begins. DEAD: returned once;
 * the heartbeat is stopped. */
enum heartbeat_verdict heartbeat_tick(struct heartbeat *heartbeat, uint64_t now_ms);

#endif
