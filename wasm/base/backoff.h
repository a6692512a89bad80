/* backoff.h - growing, randomised pauses between attempts, so that clients do not retry in step. */
#ifndef PARLEY_BACKOFF_H
#define PARLEY_BACKOFF_H

#include "random.h"

#include <stdint.h>

/* The pause after the |failures|-th failure in a row: a random part, at least half, of |first_ms|
 * times 2 to the power of |failures| - 1, or of |max_ms| if that is less. */
uint64_t backoff_pause_ms(uint32_t failures, uint32_t first_ms, uint32_t max_ms,
                          struct random *random);

#endif
