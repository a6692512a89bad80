#include "rate.h"

bool rate_spend(struct rate *rate, uint64_t now, uint64_t cost, uint64_t burst) {
    if (now < rate_spend_due(rate, burst))
        return false;
    rate->booked = (rate->booked > now ? rate->booked : now) + cost;
    return true;
}

uint64_t rate_spend_due(const struct rate *rate, uint64_t burst) {
    return rate->booked > burst ? rate->booked - burst : 0;
}

bool rate_take(struct rate *rate, uint64_t now, uint64_t step, uint32_t at_once) {
    return rate_spend(rate, now, step, step * (at_once - 1));
}

uint32_t rate_left(const struct rate *rate, uint64_t now, uint64_t step, uint32_t at_once) {
    uint64_t ahead = rate->booked > now ? rate->booked - now : 0;
    return ahead < step * at_once ? at_once - (uint32_t)((ahead + step - 1) / step) : 0;
}

uint64_t rate_due(const struct rate *rate, uint64_t step, uint32_t at_once) {
    return rate_spend_due(rate, step * (at_once - 1));
}
