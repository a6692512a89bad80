/* shrink.h - the fewest faults with which a world still fails (delta debugging: A. Zeller and
 * R. Hildebrandt, 2002). */
#ifndef PARLEY_SIM_SHRINK_H
#define PARLEY_SIM_SHRINK_H

#include "sim.h"

/* |options| fail. The script with which they still do, as a text that the caller frees; |options|
 * get what else it takes: the number of people in a crowd, the minutes. */
char *shrink(struct options *options);

#endif
