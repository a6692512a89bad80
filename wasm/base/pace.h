/* pace.h - how often something may happen: once in a while, and several times at once.
 *
 * Each time books one |step| of a clock that runs ahead of the real one, at most |at_once| steps. A
 * zeroed pace is unused. Sender and receiver can keep to the same rule without a word. Times are in
 * the caller's unit, the same for one pace always.
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

/* The same for what has no fixed step: books |cost|. The clock may run |burst| ahead before; the
 * last cost that is taken may lead beyond. */
bool pace_spend(struct pace *pace, uint64_t now, uint64_t cost, uint64_t burst);
uint64_t pace_spend_due(const struct pace *pace, uint64_t burst);

/* How often pace_take would say true now. */
uint32_t pace_left(const struct pace *pace, uint64_t now, uint64_t step, uint32_t at_once);

/* The earliest moment at which pace_take says true. */
uint64_t pace_due(const struct pace *pace, uint64_t step, uint32_t at_once);

#endif
