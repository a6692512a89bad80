#include "backoff.h"

uint64_t backoff_pause_ms(uint32_t failures, uint32_t first_ms, uint32_t max_ms,
                          struct random *random) {
    uint64_t pause_ms = first_ms;
    while (failures-- > 1 && pause_ms < max_ms)
        pause_ms *= 2;
    if (pause_ms > max_ms)
        pause_ms = max_ms;
    return random_between(random, pause_ms / 2, pause_ms);
}
