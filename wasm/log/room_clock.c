#include "room_clock.h"

/* The clocks that count, from the earliest to the latest. */
struct clocks {
    int64_t items[ROOM_CLOCK_MAX];
    uint32_t count;
};

static void insert(struct clocks *clocks, int64_t clock_ms) {
    if (clock_ms < ROOM_CLOCK_MIN_MS || clock_ms > ROOM_CLOCK_MAX_MS ||
        clocks->count == ROOM_CLOCK_MAX)
        return;
    uint32_t at = clocks->count++;
    for (; at > 0 && clocks->items[at - 1] > clock_ms; at--)
        clocks->items[at] = clocks->items[at - 1];
    clocks->items[at] = clock_ms;
}

int64_t room_clock_offset_ms(int64_t own_ms, const int64_t *others_ms, uint32_t count) {
    struct clocks clocks = {.count = 0};
    insert(&clocks, own_ms);
    for (uint32_t i = 0; i < count; i++)
        insert(&clocks, others_ms[i]);
    return clocks.count > 0 ? clocks.items[clocks.count / 2] - own_ms : 0;
}
