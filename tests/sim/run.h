/* run.h - runs worlds in processes of their own: a core that traps ends only its own process. */
#ifndef PARLEY_SIM_RUN_H
#define PARLEY_SIM_RUN_H

#include "sim.h"

#define RUN_FAILURE_BYTES 512

/* Runs one world in a child process. False: it failed, and |failure| says how in a sentence. */
bool run_isolated(const struct options *options, char failure[RUN_FAILURE_BYTES]);

struct storm {
    uint64_t first, last; /* seeds, both included */
    uint32_t workers;
    uint32_t seconds; /* after which no new world begins; 0: no limit */
    uint64_t least;   /* how many worlds run even after that time */
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
