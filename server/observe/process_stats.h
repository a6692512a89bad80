/* process_stats.h - what the system reports about this process (Linux, proc(5)). */
#ifndef PARLEY_PROCESS_STATS_H
#define PARLEY_PROCESS_STATS_H

#include <stdint.h>

/* Values that cannot be read are 0. */
struct process_stats {
    uint64_t resident_bytes, virtual_bytes;
    uint64_t open_fds, max_fds; /* the limit is the soft one */
    uint64_t cpu_ns;
};

struct process_stats process_stats_read(void);

#endif
