/* pace.h - limits how often something may happen: once per step on average, and several times at
 * once.
 *
 * Each event books one |step| of a clock that may run ahead of the real one by at most |at_once|
 * steps. A zeroed pace is unused. Sender and receiver can apply the same rule without messages.
 * Times are in the caller's unit, always the same for one pace.
 */
#ifndef PARLEY_PACE_H
#define PARLEY_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    uint64_t booked;
};

/* Books one step; false, and nothing is booked, when it is too early. */
bool pace_take(struct pace *pace, uint64_t now, uint64_t step, uint32_t at_once);

/* The same without a fixed step: books |cost| if the clock is at most |burst| ahead; that cost may
 * take it further ahead. */
bool pace_spend(struct pace *pace, uint64_t now, uint64_t cost, uint64_t burst);
uint64_t pace_spend_due(const struct pace *pace, uint64_t burst);

/* How often pace_take would say true now. */
uint32_t pace_left(const struct pace *pace, uint64_t now, uint64_t step, uint32_t at_once);

/* The earliest moment at which pace_take says true. */
uint64_t pace_due(const struct pace *pace, uint64_t step, uint32_t at_once);

#endif
