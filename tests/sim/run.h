/* run.h - worlds in processes of their own: a core that traps takes only its own process along. */
#ifndef PARLEY_SIM_RUN_H
#define PARLEY_SIM_RUN_H

#include "sim.h"

#define RUN_FAILURE_BYTES 512

/* Runs one world in a child. True: nothing was found; else |failure| is a sentence. */
bool run_isolated(const struct options *options, char failure[RUN_FAILURE_BYTES]);

struct storm {
    uint64_t first, last; /* seeds, both included */
    uint32_t workers;
    uint32_t seconds; /* no new world after so long; 0: all of them */
    uint64_t least;   /* worlds, however long it takes */
};

struct storm_result {
    uint64_t seeds, failures, virtual_ms, turns;
    uint64_t failed_seed; /* one of them */
    double seconds;
    struct repairs repairs;
};

/* Runs the worlds of many seeds in some processes, and prints a line for each failure. */
struct storm_result run_storm(const struct options *options, const struct storm *storm);

#endif
