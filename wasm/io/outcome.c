#include "outcome.h"

#include "error.h"

#include <string.h>

void outcomes_push(struct outcomes *outcomes, struct outcome outcome) {
    PARLEY_CHECK(outcomes->len < OUTCOMES_MAX);
    struct outcome *place = &outcomes->items[outcomes->at++];
    size_t behind = outcomes->len++ - (outcomes->at - 1);
    memmove(place + 1, place, behind * sizeof *place);
    *place = outcome;
}

bool outcomes_take(struct outcomes *outcomes, struct outcome *out) {
    outcomes->at = 0;
    if (outcomes->len == 0)
        return false;
    *out = outcomes->items[0];
    outcomes->len--;
    memmove(outcomes->items, outcomes->items + 1, outcomes->len * sizeof *outcomes->items);
    return true;
}
