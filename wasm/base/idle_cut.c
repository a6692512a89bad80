#include "idle_cut.h"

#include <stdbool.h>

/* By clocks that are read late now and then. */
static bool is_alike(uint32_t one_ms, uint32_t other_ms) {
    uint32_t difference_ms = one_ms < other_ms ? other_ms - one_ms : one_ms - other_ms;
    return difference_ms <= one_ms / 8;
}

void idle_cut_note(struct idle_cut *cut, uint64_t now_ms, uint64_t silent_ms) {
    bool counts = silent_ms >= IDLE_CUT_MIN_MS && silent_ms < IDLE_CUT_NO_LIMIT;
    uint32_t ms = counts ? (uint32_t)silent_ms : 0;
    bool again = ms != 0 && cut->last_ms != 0 && is_alike(ms, cut->last_ms);
    cut->last_ms = again ? 0 : ms;
    if (!again)
        return;
    cut->safe_ms = ms / 3 * 2;
    cut->until_ms = now_ms + IDLE_CUT_TRUST_MS;
}

void idle_cut_held(struct idle_cut *cut, uint64_t silent_ms) {
    if (silent_ms >= cut->last_ms)
        cut->last_ms = 0;
}

uint32_t idle_cut_safe_ms(const struct idle_cut *cut, uint64_t now_ms) {
    bool known = cut->safe_ms != 0 && now_ms < cut->until_ms;
    return known ? cut->safe_ms : IDLE_CUT_NO_LIMIT;
}
