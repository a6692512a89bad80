/* shrink.h - the fewest faults with which a world still fails (delta debugging: A. Zeller and
 * R. Hildebrandt, 2002). */
#ifndef PARLEY_SIM_SHRINK_H
#define PARLEY_SIM_SHRINK_H

#include "sim.h"

/* |options| describe a world that fails. Returns the shortest script found with which it still
 * fails, as a text that the caller frees. Sets what else a replay needs in |options|: the number of
 * people in a crowd, and the minutes. */
char *shrink(struct options *options);

#endif
