#include "reachability.h"

#include "error.h"
#include "table.h"

#include <stdlib.h>

void reachability_deinit(struct reachability *reachability) {
    free(reachability->ids);
    *reachability = (struct reachability){0};
}

void reachability_add(struct reachability *reachability, const struct member_id *id) {
    struct member_id *ids =
        table_reserve(reachability->ids, reachability->count, &reachability->capacity, sizeof *ids);
    PARLEY_CHECK(ids);
    reachability->ids = ids;
    reachability->ids[reachability->count++] = *id;
}
