/* arrival.h - how long the page stays as it was loaded. Somebody who follows a link is connected a
 * moment later. A page that draws the room before draws it twice, and the connection waits for it.
 *
 * An arrival lasts from START to the first hello, or to the welcome where nobody is there, or until
 * the server is lost or refuses, or that moment is over. */
#ifndef PARLEY_ARRIVAL_H
#define PARLEY_ARRIVAL_H

#include "env.h"

#define ARRIVAL_MS_MAX 150 /* until the welcome, and again from there to the first hello */

/* All zero: it is over. */
struct arrival {
    bool lasts;
    uint64_t due_ms;
};

void arrival_begin(struct arrival *arrival, const struct env *env);

/* After |outcome| was dealt with; |others|: how many are in the room then. */
void arrival_follow(struct arrival *arrival, const struct env *env, const struct outcome *outcome,
                    uint32_t others);

void arrival_tick(struct arrival *arrival, const struct env *env);

/* When arrival_tick is due; NO_DEADLINE for never. */
uint64_t arrival_deadline_ms(const struct arrival *arrival);

#endif
