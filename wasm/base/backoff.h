/* backoff.h - pauses between attempts that grow, and that no two do in step. */
#ifndef PARLEY_BACKOFF_H
#define PARLEY_BACKOFF_H

#include "random.h"

#include <stdint.h>

/* The pause after the |failures|-th failure in a row: between half of and all of |first_ms| times 2
 * to the power of |failures| - 1, but not of more than |max_ms|. */
uint64_t backoff_pause_ms(uint32_t failures, uint32_t first_ms, uint32_t max_ms,
                          struct random *random);

#endif
