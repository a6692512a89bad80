/* repair.h - how long it takes until two are connected once nothing hinders it: how it is
 * distributed over many worlds. patrol.c has a bound for each. */
#ifndef PARLEY_SIM_REPAIR_H
#define PARLEY_SIM_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#define REPAIR_SECONDS_MAX 320 /* those that took longer count as so long */
#define REPAIR_JUDGED_MIN 2000 /* fewer say nothing */

/* By whole seconds. A zeroed one is empty. */
struct repairs {
    uint32_t took[REPAIR_SECONDS_MAX + 1];
};

void repairs_add(struct repairs *repairs, uint64_t took_ms);
void repairs_merge(struct repairs *to, const struct repairs *from);

/* How many there were, and within how many seconds |per_mille| of them were over. */
uint64_t repairs_count(const struct repairs *repairs);
uint32_t repairs_within(const struct repairs *repairs, uint32_t per_mille);

/* False: they take longer than they may, and |sentence| says so. */
bool repairs_are_quick(const struct repairs *repairs, char *sentence, uint32_t size);

#endif
