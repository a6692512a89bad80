#include "pace.h"

bool pace_spend(struct pace *pace, uint64_t now, uint64_t cost, uint64_t burst) {
    if (now < pace_spend_due(pace, burst))
        return false;
    pace->booked = (pace->booked > now ? pace->booked : now) + cost;
    return true;
}

uint64_t pace_spend_due(const struct pace *pace, uint64_t burst) {
    return pace->booked > burst ? pace->booked - burst : 0;
}

bool pace_take(struct pace *pace, uint64_t now, uint64_t step, uint32_t at_once) {
    return pace_spend(pace, now, step, step * (at_once - 1));
}

uint32_t pace_left(const struct pace *pace, uint64_t now, uint64_t step, uint32_t at_once) {
    uint64_t ahead = pace->booked > now ? pace->booked - now : 0;
    return ahead < step * at_once ? at_once - (uint32_t)((ahead + step - 1) / step) : 0;
}

uint64_t pace_due(const struct pace *pace, uint64_t step, uint32_t at_once) {
    return pace_spend_due(pace, step * (at_once - 1));
}
