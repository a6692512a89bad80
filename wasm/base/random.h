/* random.h - random numbers that differ from page to page: for jitter and for names of connections,
 * not for secrets. The same seed gives the same numbers (SplitMix64, Steele, Lea and Flood
 * 2014). */
#ifndef PARLEY_RANDOM_H
#define PARLEY_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

void random_init(struct random *random, const uint8_t seed[8]);

uint32_t random_next(struct random *random);

/* Any number but 0. */
uint32_t random_name(struct random *random);

/* |low| to |high|, both included. */
uint64_t random_between(struct random *random, uint64_t low, uint64_t high);

#endif
