#include "outcome.h"

#include "error.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

void outcomes_deinit(struct outcomes *outcomes) {
    free(outcomes->items);
    *outcomes = (struct outcomes){0};
}

/* Makes a place at |at|. If some outcomes were taken, the few pushed since move down. */
static struct outcome *make_place(struct outcomes *outcomes) {
    struct outcome *items = outcomes->items;
    if (outcomes->head > 0) {
        outcomes->head--;
        memmove(items + outcomes->head, items + outcomes->head + 1,
                (outcomes->at - outcomes->head - 1) * sizeof *items);
        return &items[outcomes->at - 1];
    }
    items = table_reserve(items, outcomes->end, &outcomes->capacity, sizeof *items);
    PARLEY_CHECK(items);
    outcomes->items = items;
    memmove(items + outcomes->at + 1, items + outcomes->at,
            (outcomes->end++ - outcomes->at) * sizeof *items);
    return &items[outcomes->at++];
}

struct outcome *outcomes_push(struct outcomes *outcomes, enum outcome_kind kind) {
    PARLEY_CHECK(outcomes->end - outcomes->head < OUTCOMES_MAX);
    struct outcome *place = make_place(outcomes);
    *place = (struct outcome){.kind = kind};
    return place;
}

bool outcomes_take(struct outcomes *outcomes, struct outcome *out) {
    if (outcomes->head == outcomes->end) {
        outcomes->head = outcomes->at = outcomes->end = 0;
        return false;
    }
    *out = outcomes->items[outcomes->head++];
    outcomes->at = outcomes->head;
    return true;
}
