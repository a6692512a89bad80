/* repair.h - the distribution, over many worlds, of the time until two pages are connected once
 * their path is free. patrol.c has a bound for each single time. */
#ifndef PARLEY_SIM_REPAIR_H
#define PARLEY_SIM_REPAIR_H

#include <stdbool.h>
#include <stdint.h>

#define REPAIR_SECONDS_MAX 320 /* longer ones count as this */
#define REPAIR_JUDGED_MIN 2000 /* fewer are not significant */

/* A histogram by whole seconds; zero-initialise. */
struct repairs {
    uint32_t took[REPAIR_SECONDS_MAX + 1];
};

void repairs_add(struct repairs *repairs, uint64_t took_ms);
void repairs_merge(struct repairs *to, const struct repairs *from);

/* The number of repairs; the seconds within which |per_mille| of them were complete. */
uint64_t repairs_count(const struct repairs *repairs);
uint32_t repairs_within(const struct repairs *repairs, uint32_t per_mille);

/* False: they take too long, and |sentence| says so. */
bool repairs_are_quick(const struct repairs *repairs, char *sentence, uint32_t size);

#endif
