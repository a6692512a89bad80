/* rate.h - limits how often something may happen: once per step on average, and several times at
 * once.
 *
 * Each event books one |step| of a clock that may run ahead of the real one by at most |at_once|
 * steps. A zeroed rate is unused. Sender and receiver can apply the same rule without messages.
 * Times are in the caller's unit, always the same for one rate.
 */
#ifndef PARLEY_RATE_H
#define PARLEY_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
    uint64_t booked;
};

/* Books one step; false, and nothing is booked, when it is too early. */
bool rate_take(struct rate *rate, uint64_t now, uint64_t step, uint32_t at_once);

/* The same without a fixed step: books |cost| if the clock is at most |burst| ahead; that cost may
 * take it further ahead. */
bool rate_spend(struct rate *rate, uint64_t now, uint64_t cost, uint64_t burst);
uint64_t rate_spend_due(const struct rate *rate, uint64_t burst);

/* How often rate_take would say true now. */
uint32_t rate_left(const struct rate *rate, uint64_t now, uint64_t step, uint32_t at_once);

/* The earliest moment at which rate_take says true. */
uint64_t rate_due(const struct rate *rate, uint64_t step, uint32_t at_once);

#endif
