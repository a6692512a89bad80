#include "outcome.h"

#include "error.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

void outcomes_deinit(struct outcomes *outcomes) {
    free(outcomes->items);
    *outcomes = (struct outcomes){0};
}

struct outcome *outcomes_push(struct outcomes *outcomes, enum outcome_kind kind) {
    outcomes->items =
        table_reserve(outcomes->items, outcomes->len, &outcomes->capacity, sizeof *outcomes->items);
    PARLEY_CHECK(outcomes->items);
    struct outcome *place = &outcomes->items[outcomes->at++];
    size_t behind = outcomes->len++ - (outcomes->at - 1);
    memmove(place + 1, place, behind * sizeof *place);
    *place = (struct outcome){.kind = kind};
    return place;
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
