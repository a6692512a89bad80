#include "repair.h"

#include <stddef.h>
#include <stdio.h>

void repairs_add(struct repairs *repairs, uint64_t took_ms) {
    uint64_t seconds = took_ms / 1000;
    repairs->took[seconds < REPAIR_SECONDS_MAX ? seconds : REPAIR_SECONDS_MAX]++;
}

void repairs_merge(struct repairs *to, const struct repairs *from) {
    for (uint32_t i = 0; i <= REPAIR_SECONDS_MAX; i++)
        to->took[i] += from->took[i];
}

uint64_t repairs_count(const struct repairs *repairs) {
    uint64_t count = 0;
    for (uint32_t i = 0; i <= REPAIR_SECONDS_MAX; i++)
        count += repairs->took[i];
    return count;
}

uint32_t repairs_within(const struct repairs *repairs, uint32_t per_mille) {
    uint64_t wanted = (repairs_count(repairs) * per_mille + 999) / 1000, seen = 0;
    uint32_t i = 0;
    while (i < REPAIR_SECONDS_MAX && (seen += repairs->took[i]) < wanted)
        i++;
    return i + 1;
}

bool repairs_are_quick(const struct repairs *repairs, char *sentence, uint32_t size) {
    static const struct {
        uint32_t per_mille, seconds_max;
    } bounds[] = {{500, 3}, {900, 10}, {990, 30}};
    if (repairs_count(repairs) < REPAIR_JUDGED_MIN)
        return true;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        uint32_t seconds = repairs_within(repairs, bounds[i].per_mille);
        if (seconds <= bounds[i].seconds_max)
            continue;
        snprintf(sentence, size, "%u of 1000 repairs take up to %u s, not %u s\n",
                 bounds[i].per_mille, seconds, bounds[i].seconds_max);
        return false;
    }
    return true;
}
