/* deadline.h - when something is due, on the clock of the inputs, in milliseconds. */
#ifndef PARLEY_DEADLINE_H
#define PARLEY_DEADLINE_H

#include <stdint.h>

#define NO_DEADLINE UINT64_MAX /* never */

static inline uint64_t deadline_earlier(uint64_t left_ms, uint64_t right_ms) {
    return left_ms < right_ms ? left_ms : right_ms;
}

#endif
