#include "pace.h"

bool pace_take(struct pace *pace, uint64_t now, uint64_t step, uint32_t at_once) {
    if (now < pace_due(pace, step, at_once))
        return false;
    pace->booked = (pace->booked > now ? pace->booked : now) + step;
    return true;
}

uint64_t pace_due(const struct pace *pace, uint64_t step, uint32_t at_once) {
    uint64_t ahead_max = step * (at_once - 1);
    return pace->booked > ahead_max ? pace->booked - ahead_max : 0;
}
