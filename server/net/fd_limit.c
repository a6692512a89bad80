#define _POSIX_C_SOURCE 200809L /* getrlimit */
#include "fd_limit.h"

#include "log.h"

#include <sys/resource.h>

#define SOCKETS_PER_CONNECTION 2 /* polling takes one for the waiting poll, one for sending */
#define SOCKETS_HEADROOM 256     /* beyond these: pages being loaded, refusals being read */
#define OTHER_DESCRIPTORS 64     /* the loop's, the log, libraries, files of --web-root */

/* As many connections as there are file descriptors for; if these are few, not everybody can poll.
 * The soft limit is raised only as far as needed, since libwebsockets allocates memory for each
 * descriptor. */
uint32_t fd_limit_fit(struct config *config) {
    struct rlimit limit;
    rlim_t needed = (rlim_t)config->connections_max * SOCKETS_PER_CONNECTION + SOCKETS_HEADROOM +
                    OTHER_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed)
            needed = limit.rlim_max;
        limit.rlim_cur = needed;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
        needed = limit.rlim_cur;
    }
    rlim_t spare = SOCKETS_HEADROOM + OTHER_DESCRIPTORS;
    rlim_t fitting = needed > 2 * spare ? needed - spare : needed / 2;
    if (fitting < config->connections_max) {
        LOG(LOG_LEVEL_WARN, "fewer_connections",
            log_text("why", slice_of("the limit on open files (ulimit -Hn) allows no more")),
            log_number("connections_max", fitting),
            log_number("asked_for", config->connections_max));
        config->connections_max = (uint32_t)fitting;
    }
    return (uint32_t)(needed > OTHER_DESCRIPTORS + fitting ? needed - OTHER_DESCRIPTORS : fitting);
}
