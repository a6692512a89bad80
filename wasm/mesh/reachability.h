/* reachability.h - the ids of those whom somebody is connected to. */
#ifndef PARLEY_REACHABILITY_H
#define PARLEY_REACHABILITY_H

#include "ids.h"

/* All zero: nobody. Set |count| to 0 to begin anew. */
struct reachability {
    struct member_id *ids;
    uint32_t count, capacity;
};

void reachability_deinit(struct reachability *reachability);

/* Traps without memory. */
void reachability_add(struct reachability *reachability, const struct member_id *id);

#endif
