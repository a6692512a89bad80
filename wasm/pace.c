#include "pace.h"

bool pace_take(struct pace *pace, uint64_t now_ms, uint32_t step_ms, uint32_t at_once) {
    if (now_ms < pace_due_ms(pace, step_ms, at_once))
        return false;
    uint64_t from_ms = pace->booked_ms > now_ms ? pace->booked_ms : now_ms;
    pace->booked_ms = from_ms + step_ms;
    return true;
}

uint64_t pace_due_ms(const struct pace *pace, uint32_t step_ms, uint32_t at_once) {
    uint64_t ahead_max_ms = (uint64_t)step_ms * (at_once - 1);
    return pace->booked_ms > ahead_max_ms ? pace->booked_ms - ahead_max_ms : 0;
}
